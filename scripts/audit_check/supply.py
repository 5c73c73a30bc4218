"""Rules about faults and applications (docs/audit.md, Orders)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

from .clock import ONE_DAY
from .orders import ENDED_WITHOUT, NOTHING, Items, OrderBench, Outcome
from .profile import Rule
from .timeline import Timeline, is_bad_visit, named, solved

NOT_KEPT = {
    "disconnection_notice": "disconnections are not kept as orders",
    "reconnection": "payments are not kept as orders",
    "meter_test": "whether it asks for a meter's test is not written down",
}
OWN_STEPS = "the customer's own steps"


class SupplyJudge:
    def __init__(self, bench: OrderBench) -> None:
        self.bench = bench
        self.measures: dict[str, Callable[[Rule, Timeline], Items]] = {
            "crew_notified": self._crew_notified, "fault_arrival": self._fault_arrival,
            "fault_restored": self._fault_restored, "plan_answer": self._application, "energised": self._application,
            "meter_connected": self._application, "application_total": self._application_total,
        }
        self.measures.update({measure: self._not_kept for measure in NOT_KEPT})

    # Faults

    @staticmethod
    def _says_customer(timeline: Timeline, end: int | None = None) -> bool:
        triage = timeline.last(named("triage"), 0, end)
        return triage is not None and timeline.steps[triage].says("responsibility", "customer")

    def _crew_notified(self, rule: Rule, timeline: Timeline) -> Items:
        start = self.bench.start(rule, timeline) if timeline.life == "fault" else None
        if start is None:
            return
        place = timeline.first(lambda step: step.step in ("notify_crew", "leave") or solved(step))
        outcome = NOTHING
        if place is not None:
            step = timeline.steps[place]
            outcome = Outcome("done" if step.step == "notify_crew" else "handed_on", step.at)
        elif self._says_customer(timeline) and timeline.first(named("offer_paid")) is None:
            return
        yield from self.bench.timed(rule, timeline, start, outcome)

    @staticmethod
    def _call_outs(timeline: Timeline) -> Iterator[tuple[int, int]]:
        """From place to place: the first from the order's making, one more from each bad visit."""
        begins = [0, *(place + 1 for place in timeline.places(is_bad_visit))]
        return zip(begins, [*begins[1:], len(timeline.steps)])

    def _fault_arrival(self, rule: Rule, timeline: Timeline) -> Items:
        start = self.bench.start(rule, timeline) if timeline.life == "fault" else None
        if start is None:
            return
        bench = self.bench
        for begin, end in self._call_outs(timeline):
            at = start if begin == 0 else timeline.steps[begin - 1].at
            arrive = timeline.first(named("arrive"), begin, end)
            limit = end if arrive is None else arrive
            has_stay = any(begin <= stay.begin < limit for stay in timeline.stays)
            ended = timeline.at(timeline.first(lambda step: step.step == "leave" or solved(step), begin, end))
            triage = timeline.first(named("triage"))
            if arrive is not None:
                yield from bench.timed(rule, timeline, at, Outcome("done", timeline.steps[arrive].at))
            elif ended is not None:
                if has_stay:
                    yield from bench.timed(rule, timeline, at, Outcome("handed_on", ended))
            elif begin == 0 and not has_stay and self._says_customer(timeline):
                continue
            elif begin == 0 and not has_stay and triage is None and timeline.is_open:
                yield bench.item(timeline, at, "pending")
            else:
                yield from bench.timed(rule, timeline, at, NOTHING)

    def _fault_restored(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life != "fault":
            return
        for begin, end in self._call_outs(timeline):
            arrive = timeline.first(named("arrive"), begin, end)
            if arrive is None:
                continue
            at = timeline.steps[arrive].at
            last = timeline.last(named("triage", "find_customer_side"), 0, end)
            is_found = last is not None and timeline.steps[last].step == "find_customer_side"
            if is_found or self._says_customer(timeline, end):
                yield self.bench.not_judged(timeline, at, "the fault was the customer's own")
                continue
            restore = timeline.at(timeline.first(named("restore"), arrive, end))
            leave = timeline.at(timeline.first(named("leave"), arrive, end))
            outcome = NOTHING
            if restore is not None:
                outcome = Outcome("done", restore)
            elif leave is not None:
                outcome = Outcome("handed_on", leave)
            yield from self.bench.timed(rule, timeline, at, outcome)

    # Applications

    def _begin(self, rule: Rule, timeline: Timeline) -> int | None:
        if rule.measure == "energised" and rule.start == "inspected" and rule.customers != ["key"]:
            return timeline.at(timeline.first(named("complete_formalities")))
        return self.bench.start(rule, timeline)

    def _application(self, rule: Rule, timeline: Timeline) -> Items:
        start = self._begin(rule, timeline) if timeline.life == "application" else None
        if start is None:
            return
        goal = "answer_plan" if rule.measure == "plan_answer" else "energise"
        yield from self.bench.timed(rule, timeline, start, self._outcome(timeline, goal))

    @staticmethod
    def _outcome(timeline: Timeline, goal: str) -> Outcome:
        place = timeline.first(named(goal, "withdraw"))
        if place is None:
            return NOTHING
        step = timeline.steps[place]
        return Outcome("done" if step.step == goal else "handed_on", step.at)

    def _application_total(self, rule: Rule, timeline: Timeline) -> Items:
        within = rule.within
        if OWN_STEPS not in rule.excludes or within is None or within.unit not in ("day", "working_day"):
            yield from self._application(rule, timeline)
            return
        start = self.bench.start(rule, timeline) if timeline.life == "application" else None
        if start is None:
            return
        outcome = self._outcome(timeline, "energise")
        spans = self._own_spans(timeline, start)
        is_beyond = len(self._days(spans, within.unit == "working_day")) > within.count
        if outcome.kind == "done":
            ms = sum(end - begin for begin, end in spans) // 1000
            yield self.bench.item(timeline, start, "broken" if is_beyond else "kept", ms=ms)
        elif outcome.kind == "handed_on":
            if is_beyond:
                yield self.bench.item(timeline, start, "broken")
        elif not timeline.is_open:
            yield self.bench.item(timeline, start, "broken", note=ENDED_WITHOUT)
        else:
            yield self.bench.item(timeline, start, "broken" if is_beyond else "pending")

    def _own_spans(self, timeline: Timeline, start: int) -> list[tuple[int, int]]:
        """When the utility had the next step, and not the customer."""
        spans: list[tuple[int, int]] = []
        since: int | None = start
        for step in timeline.steps:
            if since is None:
                if step.step in ("ask_inspection", "complete_formalities"):
                    since = step.at
            elif step.step in ("answer_plan", "inspect", "energise", "withdraw"):
                spans.append((since, max(step.at, since)))
                since = None
            if step.step in ("energise", "withdraw"):
                return spans
        if since is not None:
            spans.append((since, max(self.bench.as_of, since)))
        return spans

    def _days(self, spans: list[tuple[int, int]], only_worked: bool) -> set[dt.date]:
        clock = self.bench.clock
        days: set[dt.date] = set()
        for begin, end in spans:
            day = clock.zone.date(begin) + (dt.timedelta() if clock.includes_start else ONE_DAY)
            while day <= clock.zone.date(end):
                if not only_worked or clock.calendar.is_worked(day):
                    days.add(day)
                day += ONE_DAY
        return days

    def _not_kept(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life == "application":
            yield self.bench.not_judged(timeline, timeline.order.created, NOT_KEPT[rule.measure or ""])
