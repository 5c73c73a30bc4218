"""Duties, outages and the open line (docs/audit.md, Duties and Lines)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from .clock import ONE_DAY, Amount, Clock, Date, Due, month_day
from .items import Item, Span, elapsed
from .profile import Rule
from .rows import Deed, Outage, Rows, ServerNote

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def item(subject: str, at: int, verdict: str, reason: str | None = None, **more: object) -> Item:
    return Item("duty", subject, at, verdict, reason, **more)  # type: ignore[arg-type]


class DutyJudge:
    def __init__(self, rows: Rows, clock: Clock) -> None:
        self.rows = rows
        self.clock = clock
        self.deeds = rows.deeds()

    def judge(self, rule: Rule) -> list[Item]:
        if rule.measure == "flow_conduct":
            return [item(rule.id, self.rows.begin, "not_judged", "`hotline flow check` judges the flow in use")]
        if rule.measure == "outage_notice":
            return list(self._outages(rule))
        deeds = self.deeds.get(rule.id, [])
        if not deeds:
            return [item(rule.id, self.rows.begin, "not_judged", "nothing of it was ever written down")]
        by_subject: dict[str, list[Deed]] = defaultdict(list)
        for deed in deeds:
            by_subject[deed.subject].append(deed)
        return [one for subject in sorted(by_subject) for one in self._subject(rule, subject, by_subject[subject])]

    def _item(self, rule: Rule, subject: str, at: int, verdict: str, due: Due | None = None) -> Item:
        parts = [rule.id, subject, self.clock.zone.date(at).isoformat()]
        return item("/".join(part for part in parts if part), at, verdict, due=due)

    def _subject(self, rule: Rule, subject: str, deeds: list[Deed]) -> Iterator[Item]:
        if rule.limit_kind == "every":
            every = Amount.parse(rule.limit_text)
            if every.unit == "day" and every.count > 1:
                yield from self._from_each(rule, subject, [deed.happened for deed in deeds], every)
                return
            windows = self._stretches(deeds[0], every)
        elif rule.limit_kind == "weekly":
            windows = self._weekdays(deeds[0], WEEKDAYS.index(rule.limit_text))
        elif rule.limit_kind == "monthly_by":
            windows = self._month_days(rule, deeds[0], int(rule.limit_text))
        else:
            for deed in deeds:
                if self.rows.begin <= deed.happened < self.rows.end:
                    yield self._item(rule, subject, deed.happened, "shown")
            return
        for begin, end in windows:
            if end > self.rows.end:
                return
            if end > self.rows.begin:
                is_done = any(begin <= deed.happened < end for deed in deeds)
                verdict = "kept" if is_done else "broken" if end <= self.rows.as_of else "pending"
                yield self._item(rule, subject, begin, verdict, Due(end, True))

    # Windows of time, from the one with the first deed on: [begin, end).

    def _stretches(self, first: Deed, every: Amount) -> Iterator[tuple[int, int]]:
        zone = self.clock.zone
        day = zone.date(first.happened)
        if every.unit == "day":
            while True:
                yield zone.begin(day), zone.end(day)
                day += ONE_DAY
        months = every.count * (12 if every.unit == "year" else 1)
        index = (day.year * 12 + day.month - 1) // months * months
        while True:
            yield zone.begin(month_day(index, 1)), zone.begin(month_day(index + months, 1))
            index += months

    def _weekdays(self, first: Deed, weekday: int) -> Iterator[tuple[int, int]]:
        zone = self.clock.zone
        day = zone.date(first.happened)
        while True:
            if day.weekday() == weekday:
                yield zone.begin(day), zone.end(day)
            day += ONE_DAY

    def _month_days(self, rule: Rule, first: Deed, number: int) -> Iterator[tuple[int, int]]:
        zone = self.clock.zone
        day = zone.date(first.happened)
        index = day.year * 12 + day.month - 1
        while True:
            yield zone.begin(month_day(index, 1)), zone.end(self.shifted(month_day(index, number), rule.shift))
            index += 1

    def shifted(self, day: Date, shift: str | None) -> Date:
        calendar = self.clock.calendar
        if shift == "weekends" or shift == "holidays" and day in calendar.off:
            return calendar.worked_from(day)
        return day

    def _from_each(self, rule: Rule, subject: str, deeds: list[int], every: Amount) -> Iterator[Item]:
        zone, rows = self.clock.zone, self.rows
        for place, deed in enumerate(deeds):
            after = deeds[place + 1] if place + 1 < len(deeds) else None
            last = self.clock.last_day(zone.date(deed), every, self.clock.shifts_last)
            begin = deed
            while True:
                due = self.clock.day_end(last)
                if due.at > rows.end:
                    break
                if begin == deed and after is not None and not due.is_late(after):
                    if due.at > rows.begin:
                        yield self._item(rule, subject, begin, "kept", due)
                    break
                if after is not None and not due.is_late(after):
                    break
                is_over = rows.as_of >= due.at
                if due.at > rows.begin:
                    yield self._item(rule, subject, begin, "broken" if is_over else "pending", due)
                if not is_over:
                    break
                begin = due.at - 1
                last = self.clock.last_day(last, every, self.clock.shifts_last)

    def _outages(self, rule: Rule) -> Iterator[Item]:
        for outage in self.rows.outages():
            if rule.kinds and outage.kind not in rule.kinds:
                continue
            yield self._outage(rule, outage)

    def _outage(self, rule: Rule, outage: Outage) -> Item:
        subject, at = f"outage/{outage.subject}", outage.begins
        ms = elapsed(outage.announced, at)
        if rule.customers:
            return item(subject, at, "not_judged", "whether key customers were told is not known", ms=ms)
        verdict = "shown"
        if rule.limit_kind == "ahead":
            is_kept = self.clock.is_ahead(outage.announced, at, Amount.parse(rule.limit_text))
            verdict = "kept" if is_kept else "broken"
        return item(subject, at, verdict, ms=ms)


def judge_lines(rule: Rule, rows: Rows, notes: list[ServerNote]) -> tuple[list[Item], Span | None]:
    """The stretches in which the hotline could not be reached, and the time in which it could of the time known."""
    first = next((note.at for note in notes if note.kind == "started"), None)
    if first is None or first >= rows.end:
        return [item(rule.id, rows.begin, "not_judged", "nothing is known of the server's running")], None
    begin = max(first, rows.begin)
    end = max(min(rows.end, rows.as_of), begin)
    # When what could be reached changed, and whether it could from then on.
    changes: list[tuple[int, bool]] = []
    lines: set[str] = set()
    alarms: set[str] = set()
    is_running = False
    for note in notes:
        match note.kind:
            case "opening":
                # What stands before it is the last that is known of the run before.
                if is_running and note.before is not None:
                    changes.append((note.before, False))
                is_running = False
            case "started":
                if is_running and note.before is not None:
                    changes.append((note.before, False))
                is_running, lines, alarms = True, set(note.data.get("lines", "").split()), set()
            case "draining" | "stopped":
                is_running = False
            case "alarm":
                alarms.add(note.data["kind"])
            case "alarm_over":
                alarms.discard(note.data["kind"])
        down = {line for line in lines if any(kind.startswith(f"{line}.") for kind in alarms)}
        changes.append((note.at, is_running and bool(lines - down)))
    return _stretches(rule, changes, begin, end)


def _stretches(rule: Rule, changes: list[tuple[int, bool]], begin: int, end: int) -> tuple[list[Item], Span]:
    closed: list[tuple[int, int]] = []
    was_open, since = False, begin
    for at, is_open in [*changes, (end, True)]:
        at = min(max(at, begin), end)
        if is_open and not was_open and at > since:
            closed.append((since, at))
        if not is_open and was_open:
            since = at
        was_open = is_open
    items = [item(rule.id, since, "shown", ms=elapsed(since, until)) for since, until in closed]
    known = elapsed(begin, end)
    return items, (known - sum(one.ms or 0 for one in items), known)
