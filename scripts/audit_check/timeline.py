"""An order's steps in the words of docs/audit.md: life, fields, stays, closed, qualified, standing reply."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .rows import Order, Step

LIVES = {
    "complaint": "complaint", "report": "complaint", "fault": "fault", "business": "application",
    "consultation": "consultation", "suggestion": "suggestion", "information": "information", "callback": "callback",
}
# What steps say without being asked.
SET_BY_STEP = {
    "protect": ("confidential", "yes"), "refer": ("discipline", "yes"),
    "find_customer_side": ("responsibility", "customer"),
}
OUT = ("dispatch", "notify_crew")
Test = Callable[[Step], bool]


def is_bad_visit(step: Step) -> bool:
    return step.step == "revisit" and step.says("handling", "bad")


def is_not_qualified(step: Step) -> bool:
    """A consultation's review never is: it has no such field."""
    return step.step == "review" and not step.says("assessment", "qualified")


def is_unqualified(step: Step) -> bool:
    return step.step == "review" and step.says("assessment", "unqualified")


def named(*names: str) -> Test:
    return lambda step: step.step in names


def reached(*names: str) -> Test:
    return lambda step: step.step in names and step.says("reached", "reached")


def solved(step: Step) -> bool:
    return step.step == "guide" and step.says("solved", "yes")


@dataclass(slots=True)
class Stay:
    """With a department or crew: from place `begin` up to before place `end` (none: to the order's end)."""

    begin: int
    end: int | None
    department: str | None
    receipt: int | None


class Timeline:
    """Places count from 0 in the order of writing."""

    def __init__(self, order: Order) -> None:
        self.order = order
        self.steps = order.steps
        self.life = LIVES.get(order.category)
        self.is_merged = any(step.step in ("merge", "convert") for step in self.steps)
        self.closed = None if self.is_merged else order.closed_wall
        self._fields: dict[str, str | None] = {}
        self._stays: list[Stay] | None = None

    @property
    def is_open(self) -> bool:
        return self.closed is None

    # Steps

    def places(self, test: Test, begin: int = 0, end: int | None = None) -> Iterator[int]:
        for place in range(begin, len(self.steps) if end is None else end):
            if test(self.steps[place]):
                yield place

    def first(self, test: Test, begin: int = 0, end: int | None = None) -> int | None:
        return next(self.places(test, begin, end), None)

    def last(self, test: Test, begin: int = 0, end: int | None = None) -> int | None:
        for place in range((len(self.steps) if end is None else end) - 1, begin - 1, -1):
            if test(self.steps[place]):
                return place
        return None

    def at(self, place: int | None) -> int | None:
        return None if place is None else self.steps[place].at

    # Fields

    def field(self, key: str) -> str | None:
        """None where it is not given."""
        if key not in self._fields:
            self._fields[key] = self.field_at(key, len(self.steps))
        return self._fields[key]

    def field_at(self, key: str, count: int) -> str | None:
        """As it was after so many steps."""
        if key == "confidential" and self.order.category == "report":
            return "yes"
        for step in reversed(self.steps[:count]):
            if SET_BY_STEP.get(step.step, ("",))[0] == key:
                return SET_BY_STEP[step.step][1]
            if key in step.fields:
                return step.fields[key] or None
        return self.order.form.get(key) or None

    @property
    def severity(self) -> str:
        severity = self.field("severity")
        return severity if severity in ("serious", "major") else "ordinary"

    # Words

    @property
    def came_in(self) -> int:
        accept = self.at(self.first(named("accept")))
        return self.order.created if accept is None else min(self.order.created, accept)

    @property
    def accepted(self) -> int:
        accept = self.at(self.first(named("accept")))
        return self.order.created if accept is None else accept

    @property
    def qualified(self) -> int | None:
        return self.first(lambda step: step.step == "review" and step.says("assessment", "qualified"))

    @property
    def standing_reply(self) -> int | None:
        end = self.qualified
        reply = self.last(named("reply", "discipline_result"), 0, end)
        if reply is None or self.first(is_not_qualified, reply + 1, end) is not None:
            return None
        return reply

    @property
    def stays(self) -> list[Stay]:
        if self._stays is None:
            self._stays = list(self._find_stays())
        return self._stays

    def _find_stays(self) -> Iterator[Stay]:
        def ends(step: Step) -> bool:
            return step.step in ("return", "recall", "refer", *OUT) or is_bad_visit(step)

        for place in self.places(named(*OUT)):
            step = self.steps[place]
            end = self.first(ends, place + 1)
            receipt: int | None = place
            if self.life in ("complaint", "information"):
                receipt = self.first(named("receive"), place + 1, end)
            department = step.fields.get("department" if step.step == "dispatch" else "crew")
            yield Stay(place, end, department or None, receipt)

    def stay_before(self, place: int | None) -> Stay | None:
        """The last that began before that step; without one the last of all."""
        return next((stay for stay in reversed(self.stays) if place is None or stay.begin < place), None)
