"""Rules with a measure of orders: what all judges share, and the way to the department (docs/audit.md, Orders)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .calls import due_of
from .clock import Clock, Due
from .items import Item, elapsed
from .profile import OrderFiles, Profile, Routing, Rule, split_names
from .rows import Order, Step
from .scope import Scope
from .timeline import OUT, Stay, Timeline, is_bad_visit, is_unqualified, named, solved

ENDED_WITHOUT = "the order ended without it"
GIVEN_UP = "given up: the customer could not be reached"
NO_WAY = "the customer left no way to be reached"
NOT_TOLD_WHEN = "orders do not say when the rule's time begins"
STARTS_NOT_TOLD = ("ringing", "asked_for_person", "call_ended", "paid", "outage", "period")
Items = Iterator[Item]


@dataclass(slots=True)
class Outcome:
    """What came of something owed: `done`, `given_up`, `impossible`, `handed_on`, `nothing`."""

    kind: str
    at: int = 0


NOTHING = Outcome("nothing")


class NotTold(Exception):
    """The rule's time begins with an event that orders do not have."""


class OrderBench:
    """What the judges of orders know and share."""

    def __init__(self, profile: Profile, clock: Clock, files: OrderFiles, orders: list[Order], as_of: int) -> None:
        self.profile = profile
        self.clock = clock
        self.files = files
        self.as_of = as_of
        self.scope = Scope(profile)
        self.by_caller: dict[str, list[Order]] = defaultdict(list)
        for order in orders:
            if order.caller is not None:
                self.by_caller[order.caller].append(order)

    def item(self, timeline: Timeline, at: int, verdict: str, reason: str | None = None, **more: object) -> Item:
        return Item("order", timeline.order.number, at, verdict, reason, **more)  # type: ignore[arg-type]

    def not_judged(self, timeline: Timeline, at: int, reason: str) -> Item:
        return self.item(timeline, at, "not_judged", reason)

    def start(self, rule: Rule, timeline: Timeline) -> int | None:
        """When the rule's time begins; none where it has not."""
        steps = timeline
        match rule.start:
            case "order_created":
                return steps.order.created
            case "fault_reported" | "applied":
                return steps.came_in
            case "order_audited":
                return steps.at(steps.first(lambda one: one.step == "audit" and one.says("verdict", "passed")))
            case "reply_archived":
                return steps.at(steps.qualified)
            case "material_received" | "solved":
                return steps.at(steps.standing_reply)
            case "crew_arrived":
                return steps.at(steps.first(named("arrive")))
            case "inspected":
                return steps.at(steps.first(lambda one: one.step == "inspect" and one.says("inspection", "passed")))
            case "formalities_complete":
                return steps.at(steps.first(named("complete_formalities")))
            case start if start in STARTS_NOT_TOLD:
                raise NotTold
        return steps.accepted

    def timed(
        self, rule: Rule, timeline: Timeline, at: int, outcome: Outcome, *, due: Due | None = None,
        is_owed: bool = False, done_is: str = "shown",
    ) -> Items:
        """A limit in time. `done_is`: the verdict of what was done without a figure; `due`: another than the rule's."""
        due = due or due_of(rule, self.clock, at)
        match outcome.kind:
            case "done":
                verdict = done_is if due is None else "broken" if due.is_late(outcome.at) else "kept"
                yield self.item(timeline, at, verdict, ms=elapsed(at, outcome.at), due=due)
            case "given_up":
                if due is not None and due.is_late(outcome.at):
                    yield self.item(timeline, at, "broken", due=due)
                else:
                    yield self.not_judged(timeline, at, GIVEN_UP)
            case "impossible":
                yield self.not_judged(timeline, at, NO_WAY)
            case "handed_on":
                if due is not None and due.is_late(outcome.at):
                    yield self.item(timeline, at, "broken", due=due)
            case _ if timeline.is_open:
                is_late = due is not None and due.is_late(self.as_of)
                yield self.item(timeline, at, "broken" if is_late else "pending", due=due)
            case _ if due is not None or is_owed:
                yield self.item(timeline, at, "broken", due=due, note=ENDED_WITHOUT)

    def while_open(self, timeline: Timeline, at: int) -> Items:
        if timeline.is_open:
            yield self.item(timeline, at, "pending")

    def shown_by(self, timeline: Timeline, at: int, place: int | None, note: str | None = ENDED_WITHOUT) -> Items:
        """Kept by the step at that place; without one broken once the order is closed."""
        if place is not None:
            yield self.item(timeline, at, "kept", ms=elapsed(at, timeline.steps[place].at))
        elif timeline.is_open:
            yield self.item(timeline, at, "pending")
        else:
            yield self.item(timeline, at, "broken", note=note)


def contact_outcome(timeline: Timeline, names: tuple[str, ...], begin: int, end: int | None) -> Outcome:
    """The first that reached the customer, that could not, or was given up."""
    for step in timeline.steps[begin:end]:
        if step.step == "waive_contact":
            return Outcome("given_up", step.at)
        if step.step in names and step.says("reached", "reached"):
            return Outcome("done", step.at)
        if step.step in names and step.step != "revisit" and step.says("reached", "no_contact"):
            return Outcome("impossible")
    return NOTHING


class DepartmentJudge:
    """From the order's making to the department, and its first word with the customer."""

    def __init__(self, bench: OrderBench) -> None:
        self.bench = bench
        self.measures: dict[str, Callable[[Rule, Timeline], Items]] = {
            "order_dispatch": self._order_dispatch, "order_routed": self._order_routed,
            "order_return": self._order_return, "first_contact": self._first_contact, "redispatch": self._redispatch,
        }

    def _order_dispatch(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life is None or timeline.life == "callback":
            return
        bench = self.bench
        created = timeline.order.created
        # Since when it has to go out, and whether for the first time.
        waits_since: int | None = None
        is_first = timeline.life != "consultation"
        is_waiting = is_first
        audited: int | None = None
        if is_first and rule.start != "order_audited":
            waits_since = bench.start(rule, timeline)
        for step in timeline.steps:
            if step.step == "audit" and step.says("verdict", "passed"):
                audited = step.at
            asks_again = step.step in ("return", "recall", "send_on") or (
                is_bad_visit(step) and timeline.life != "application")
            if asks_again and not is_waiting:
                is_waiting, is_first, waits_since = True, False, step.at
            if not is_waiting:
                continue
            hands_on = step.step in ("refer", "withdraw", "leave") or solved(step) or (
                step.step == "archive" and timeline.life == "information")
            if step.step not in OUT and not hands_on:
                continue
            since = audited if is_first and rule.start == "order_audited" else waits_since
            if since is None:
                if not hands_on:
                    yield bench.not_judged(timeline, created, "dispatched, and no audit is written down")
            else:
                yield from bench.timed(rule, timeline, since, Outcome("handed_on" if hands_on else "done", step.at))
            is_waiting = False
        if is_waiting:
            since = audited if is_first and rule.start == "order_audited" else waits_since
            if since is None:
                yield from bench.while_open(timeline, created)
            else:
                yield from bench.timed(rule, timeline, since, NOTHING)

    # Routes

    def _order_routed(self, rule: Rule, timeline: Timeline) -> Items:
        if not timeline.stays:
            return
        routing = next(
            (one for one in self.bench.files.routings if any(r.clause == rule.citation for r in one.rules)), None)
        if routing is None:
            at = timeline.steps[timeline.stays[0].begin].at
            yield self.bench.not_judged(timeline, at, "no routing rule of this clause is given")
            return
        for stay in timeline.stays:
            yield from self._route(rule, timeline, stay, routing)

    def _route(self, rule: Rule, timeline: Timeline, stay: Stay, routing: Routing) -> Items:
        at = timeline.steps[stay.begin].at

        def known(key: str) -> str | None:
            return timeline.field_at(key, stay.begin + 1)

        topic = known("topic")
        item = known("item")
        is_told = topic is not None or item is not None
        if not is_told:
            topic = {"fault": "fault", "application": "connection"}.get(timeline.life or "")
        elif topic is None:
            topic = self.bench.files.topics.get(item or "")
        route = self._find_route(routing, timeline.order.category, topic, known)
        if route is None or route[2] != rule.citation:
            return
        if topic is None and not is_told:
            yield self.bench.not_judged(timeline, at, "the topic is not known")
            return
        departments, copies, _ = route
        sent = split_names(known("copies") or "")
        missing = [copy for copy in copies if copy not in sent]
        if stay.department not in departments:
            note = f"to {stay.department or 'nobody'} instead of {' or '.join(departments)}"
            yield self.bench.item(timeline, at, "broken", note=note)
        elif missing:
            yield self.bench.item(timeline, at, "broken", note=f"no copy to {', '.join(missing)}")
        else:
            yield self.bench.item(timeline, at, "kept")

    @staticmethod
    def _find_route(
        routing: Routing, category: str, topic: str | None, known: Callable[[str], str | None]
    ) -> tuple[list[str], list[str], str] | None:
        """Departments, copies and clause of the first rule that fits; past the department that it is about."""

        def holds(key: str, values: list[str]) -> bool:
            value = category if key == "category" else topic if key == "topic" else known(key)
            return (value or "unset") in values

        for one in routing.rules:
            if not all(holds(key, values) for key, values in one.when.items()):
                continue
            secret = known("reported_department") if known("confidential") == "yes" else None
            departments = [name for name in one.to if name != secret]
            copies = [name for name in one.copy if name != secret]
            if not departments:
                return [name for name in routing.confidential if name != secret], copies, routing.confidential_clause
            return departments, copies, one.clause
        return None

    # The department

    def _order_return(self, rule: Rule, timeline: Timeline) -> Items:
        for stay in timeline.stays:
            if stay.end is None or timeline.steps[stay.end].step != "return":
                continue
            step = timeline.steps[stay.end]
            at = timeline.steps[stay.begin if stay.receipt is None else stay.receipt].at
            if not step.why:
                due = due_of(rule, self.bench.clock, at)
                yield self.bench.item(timeline, at, "broken", ms=elapsed(at, step.at), due=due, note="no reason")
            else:
                yield from self.bench.timed(rule, timeline, at, Outcome("done", step.at))

    def _first_contact(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life != "complaint":
            return
        if rule.start != "order_received":
            start = self.bench.start(rule, timeline)
            if start is None:
                yield from self.bench.while_open(timeline, timeline.order.created)
            else:
                outcome = contact_outcome(timeline, ("contact", "director_contact", "revisit"), 0, None)
                yield from self.bench.timed(rule, timeline, start, outcome)
            return
        for stay in timeline.stays:
            if stay.receipt is None:
                if stay.end is None:
                    yield from self.bench.while_open(timeline, timeline.steps[stay.begin].at)
                continue
            at = timeline.steps[stay.receipt].at
            outcome = contact_outcome(timeline, ("contact",), stay.receipt + 1, stay.end)
            if outcome is NOTHING and stay.end is not None:
                outcome = Outcome("handed_on", timeline.steps[stay.end].at)
            yield from self.bench.timed(rule, timeline, at, outcome)

    def _redispatch(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life not in ("complaint", "fault"):
            return
        for place in timeline.places(is_bad_visit):
            answer = timeline.first(named("refer", *OUT), place + 1)
            if answer is not None and timeline.steps[answer].step == "refer":
                continue
            yield from self.bench.shown_by(timeline, timeline.steps[place].at, answer)
        if "A105" not in rule.items:
            return
        for place in timeline.places(is_unqualified):
            answer = timeline.first(named("review", "reply", "discipline_result"), place + 1)
            if answer is not None and timeline.steps[answer].step == "review":
                answer = None
            yield from self.bench.shown_by(timeline, timeline.steps[place].at, answer)


def is_given(step: Step, key: str) -> bool:
    return bool(step.fields.get(key))

