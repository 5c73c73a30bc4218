"""When something is due: working days, calendar days, months, hours (docs/norms.md)."""

from __future__ import annotations

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass

Date = dt.date
ONE_DAY = dt.timedelta(days=1)
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
# An instant is Unix time in microseconds, UTC.
SECOND = 1_000_000
UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600}


@dataclass(frozen=True)
class Amount:
    """So many of a unit: `second`, `minute`, `hour`, `day`, `working_day`, `month`, `year`, `ring`, `percent`."""

    count: int
    unit: str

    @staticmethod
    def parse(text: str) -> Amount:
        match = re.fullmatch(r"(\d+) ([a-z ]+?)s?", text.strip())
        if not match:
            raise ValueError(f"no amount: {text!r}")
        return Amount(int(match[1]), match[2].replace(" ", "_"))

    @property
    def is_elapsed(self) -> bool:
        return self.unit in UNIT_SECONDS


@dataclass(frozen=True)
class Due:
    """The end of a time: of days the first instant that is too late, else the last that is in time."""

    at: int
    is_day_end: bool

    def is_late(self, instant: int) -> bool:
        return instant >= self.at if self.is_day_end else instant > self.at

    @property
    def first_late(self) -> int:
        return self.at if self.is_day_end else self.at + 1


class Calendar:
    """Which days are worked."""

    def __init__(self, document: dict) -> None:
        self.off: set[Date] = set()
        self.work: set[Date] = set()
        self.citation = f"{document['name']}@{document['version']}"
        for year in document["years"].values():
            for days in (year.get("off") or {}).values():
                self.off.update(self._days(days))
            self.work.update(self._days(year.get("work") or []))

    @staticmethod
    def _days(value: str | list[str]) -> list[Date]:
        days: list[Date] = []
        for text in [value] if isinstance(value, str) else value:
            first, _, last = text.partition("..")
            day, end = Date.fromisoformat(first), Date.fromisoformat(last or first)
            while day <= end:
                days.append(day)
                day += ONE_DAY
        return days

    def is_worked(self, day: Date) -> bool:
        if day in self.work:
            return True
        return day not in self.off and day.weekday() < 5

    def worked_from(self, day: Date) -> Date:
        """The day itself, or the next that is worked."""
        while not self.is_worked(day):
            day += ONE_DAY
        return day


class Zone:
    """Local days and hours."""

    def __init__(self, name: str) -> None:
        self.info = zoneinfo.ZoneInfo(name)
        self._moments: dict[int, tuple[Date, int]] = {}
        self._begins: dict[Date, int] = {}

    def moment(self, instant: int) -> tuple[Date, int]:
        """The local date and hour."""
        # No zone has changed its clock within a quarter of an hour since telephones have been dialled.
        quarter = instant // (900 * SECOND)
        known = self._moments.get(quarter)
        if known is None:
            local = dt.datetime.fromtimestamp(quarter * 900, self.info)
            known = self._moments[quarter] = (local.date(), local.hour)
        return known

    def date(self, instant: int) -> Date:
        return self.moment(instant)[0]

    def begin(self, day: Date) -> int:
        """The first instant of a local day, whatever the zone does at midnight."""
        known = self._begins.get(day)
        if known is None:
            known = self._begins[day] = self._find_begin(day)
        return known

    def _find_begin(self, day: Date) -> int:
        guess = int((dt.datetime(day.year, day.month, day.day, tzinfo=dt.timezone.utc) - EPOCH).total_seconds())
        low, high = guess - 30 * 3600, guess + 30 * 3600
        while low < high:
            middle = (low + high) // 2
            if dt.datetime.fromtimestamp(middle, self.info).date() >= day:
                high = middle
            else:
                low = middle + 1
        return low * SECOND

    def end(self, day: Date) -> int:
        return self.begin(day + ONE_DAY)

    def instant(self, day: Date, seconds: int) -> int:
        """A time of a local day, by the clock on the wall."""
        local = dt.datetime(day.year, day.month, day.day, tzinfo=self.info) + dt.timedelta(seconds=seconds)
        return int(local.timestamp()) * SECOND


def month_later(day: Date, months: int) -> Date:
    """The day of the same number, or the month's last."""
    index = day.year * 12 + day.month - 1 + months
    return month_day(index, day.day)


def month_day(index: int, number: int) -> Date:
    """The day of that number of month `index` (year × 12 + month − 1), or the month's last."""
    last = Date((index + 1) // 12, (index + 1) % 12 + 1, 1) - ONE_DAY
    return last.replace(day=min(number, last.day))


class Clock:
    """A profile's way to count."""

    def __init__(self, keys: dict, calendar: Calendar, zone: Zone) -> None:
        self.calendar = calendar
        self.zone = zone
        self.includes_start = keys.get("start_day", "excluded") == "included"
        self.shifts_last = keys.get("last_day", "stays") == "shifts"
        self.hours_run_in_business = keys.get("hours_run", "always") == "business_hours"
        self.waits_for_opening = keys.get("received", "at_once") == "next_opening"
        self.ends_at_close = keys.get("day_ends", "midnight") == "close"
        self.hours = [self._span(text) for text in keys.get("business_hours", [])]

    @staticmethod
    def _span(text: str) -> tuple[int, int]:
        def seconds(clock: str) -> int:
            hour, minute = clock.split(":")
            return int(hour) * 3600 + int(minute) * 60

        opening, closing = text.split("-")
        return seconds(opening), seconds(closing)

    def due(self, start: int, amount: Amount) -> Due:
        if self.waits_for_opening and self.hours:
            start = self._opening(start)
        if amount.is_elapsed:
            seconds = amount.count * UNIT_SECONDS[amount.unit]
            if self.hours_run_in_business and self.hours:
                return Due(self._business_later(start, seconds * SECOND), False)
            return Due(start + seconds * SECOND, False)
        return self.day_end(self.last_day(self.zone.date(start), amount, self.shifts_last))

    def same_day(self, start: int) -> Due:
        if self.waits_for_opening and self.hours:
            start = self._opening(start)
        return self.day_end(self.zone.date(start))

    def day_end(self, day: Date) -> Due:
        if self.ends_at_close and self.hours:
            return Due(self.zone.instant(day, self.hours[-1][1]), True)
        return Due(self.zone.end(day), True)

    def last_day(self, day: Date, amount: Amount, shifts: bool) -> Date:
        """The last day in time of what began on `day`."""
        included = 1 if self.includes_start else 0
        if amount.unit == "working_day":
            left = amount.count
            if left == 0:
                return day
            if included and self.calendar.is_worked(day):
                left -= 1
            while left > 0:
                day = self.calendar.worked_from(day + ONE_DAY)
                left -= 1
            return day
        if amount.unit == "day":
            last = day + dt.timedelta(days=max(amount.count - included, 0))
        else:
            # The day of the same number, whether or not the first day counts.
            last = month_later(day, amount.count * (12 if amount.unit == "year" else 1))
        return self.calendar.worked_from(last) if shifts else last

    def is_ahead(self, told: int, begin: int, amount: Amount) -> bool:
        """Whether a notice came so long before what it is about."""
        if amount.is_elapsed:
            return self.due(told, amount).at <= begin
        if self.waits_for_opening and self.hours:
            told = self._opening(told)
        return self.zone.date(begin) >= self.last_day(self.zone.date(told), amount, False)

    def _spans(self, day: Date) -> list[tuple[int, int]]:
        if not self.calendar.is_worked(day):
            return []
        return [(self.zone.instant(day, a), self.zone.instant(day, b)) for a, b in self.hours]

    def _opening(self, start: int) -> int:
        day = self.zone.date(start)
        while True:
            for opening, closing in self._spans(day):
                if start < closing:
                    return max(start, opening)
            day += ONE_DAY

    def _business_later(self, start: int, left: int) -> int:
        day = self.zone.date(start)
        while True:
            for opening, closing in self._spans(day):
                begin = max(start, opening)
                if begin >= closing:
                    continue
                if left <= closing - begin:
                    return begin + left
                left -= closing - begin
            day += ONE_DAY


def parse_time(text: str) -> int:
    """ISO 8601, UTC, as the program's JSON has it."""
    moment = dt.datetime.fromisoformat(text.replace("Z", "+00:00"))
    delta = moment - EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds


def format_time(instant: int | None) -> str | None:
    if instant is None:
        return None
    return (EPOCH + dt.timedelta(microseconds=instant)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def nearest_rank(values: list[int], percent: int) -> int:
    """`values` are sorted and not empty."""
    return values[(len(values) * percent + 99) // 100 - 1]
