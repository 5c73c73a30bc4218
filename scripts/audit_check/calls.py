"""Rules with a measure of calls (docs/audit.md, Calls)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from .clock import Clock, Due
from .items import Item, elapsed
from .profile import AnswerLimit, Profile, Rule
from .rows import Call, Order, Passage, Talk, milliseconds

UNTOLD = "a call does not show whether the rule is about it"
NOT_OFFERED_TO_US = ("blocked", "rejected")
PASSAGE_MEASURES = ("agent_answer_rings", "agent_answer_time", "apology_when_late")
ANSWERED_OUTCOMES = ("completed", "released_after_wait", "inactive", "not_established", "network_lost")
Judgement = Iterator[Item]


class CallJudge:
    def __init__(self, profile: Profile, clock: Clock, as_of: int) -> None:
        self.profile = profile
        self.clock = clock
        self.as_of = as_of
        self.measures: dict[str, Callable[[Rule, Call], Judgement]] = {
            "line_answer_rings": self._line_answer_rings, "agent_answer_rings": self._agent_answer_rings,
            "agent_answer_time": self._agent_answer_time, "apology_when_late": self._apology_when_late,
            "connection_rate": self._connection_rate, "greeting_complete": self._greeting_complete,
            "caller_ends_first": self._caller_ends_first, "nuisance_reported": self._nuisance_reported,
            "angry_handled": self._angry_handled, "call_record_complete": self._call_record_complete,
            "caller_talk_share": self._caller_talk_share, "callback_made": self._callback_made,
        }

    def judge(self, rule: Rule, calls: list[Call]) -> list[Item]:
        if rule.channels and "hotline" not in rule.channels:
            return []
        measure = self.measures[rule.measure or ""]
        is_untold = bool(rule.areas or rule.severities or rule.kinds) or (
            bool(rule.customers) and not self._is_by_passage(rule))
        items: list[Item] = []
        for call in calls:
            if rule.orders and not any(in_orders(rule, order) for order in call.orders):
                continue
            for item in measure(rule, call):
                if is_untold:
                    item.verdict, item.reason, item.ms, item.span = "not_judged", UNTOLD, None, None
                items.append(item)
        return items

    @staticmethod
    def _is_by_passage(rule: Rule) -> bool:
        return rule.customers == ["key"] and rule.measure in PASSAGE_MEASURES

    def _passages(self, rule: Rule, call: Call) -> Iterator[Passage]:
        for passage in call.passages:
            if passage.is_key_customer or not self._is_by_passage(rule):
                yield passage

    @staticmethod
    def _item(call: Call, at: int, verdict: str, reason: str | None = None, **more: object) -> Item:
        return Item("call", call.subject, at, verdict, reason, **more)  # type: ignore[arg-type]

    # Answers

    def _answered(self, call: Call, at: int, limit: AnswerLimit, value: int) -> Item:
        verdict = "shown" if limit.is_none else "kept" if limit.keeps(value) else "broken"
        return self._item(call, at, verdict, ms=value)

    def _unanswered(self, call: Call, at: int, limit: AnswerLimit, value: int) -> Item:
        if not limit.keeps(value):
            return self._item(call, at, "broken", ms=value)
        reason = "not answered" if limit.is_none else "not answered, within the limit"
        return self._item(call, at, "not_judged", reason)

    def _line_answer_rings(self, rule: Rule, call: Call) -> Judgement:
        if call.outcome in NOT_OFFERED_TO_US:
            return
        at = call.offered if call.ringing is None else call.ringing
        limit = AnswerLimit.of(rule, self.profile)
        if call.answered is not None:
            if call.ring_ms is None:
                yield self._item(call, at, "not_judged", "the ringing is not known")
            else:
                yield self._answered(call, at, limit, call.ring_ms)
        elif call.ringing is None:
            yield self._pending_or(call, at, "the line did not ring")
        else:
            end = self.as_of if call.released is None else call.released
            item = self._unanswered(call, at, limit, milliseconds(call.ringing, end))
            if call.is_running and item.verdict != "broken":
                item.verdict, item.reason = "pending", None
            yield item

    def _pending_or(self, call: Call, at: int, reason: str) -> Item:
        if call.is_running:
            return self._item(call, at, "pending")
        return self._item(call, at, "not_judged", reason)

    def _agent_answer_rings(self, rule: Rule, call: Call) -> Judgement:
        limit = AnswerLimit.of(rule, self.profile)
        for passage in self._passages(rule, call):
            at = passage.entered
            if passage.exit is None:
                yield self._pending_or(call, at, "the end of the wait is not known")
            elif not passage.offers:
                yield self._item(call, at, "not_judged", "no agent was offered")
            elif passage.ring_ms is None:
                yield self._item(call, at, "not_judged", "the ringing is not known")
            elif passage.exit == "answered":
                yield self._answered(call, at, limit, passage.ring_ms)
            else:
                yield self._unanswered(call, at, limit, passage.ring_ms)

    def _agent_answer_time(self, rule: Rule, call: Call) -> Judgement:
        limit = AnswerLimit.of(rule, self.profile)
        for passage in self._passages(rule, call):
            at = passage.entered
            if passage.exit is None:
                value = milliseconds(at, self.as_of)
                if not call.is_running:
                    yield self._item(call, at, "not_judged", "the end of the wait is not known")
                elif limit.keeps(value):
                    yield self._item(call, at, "pending")
                else:
                    yield self._item(call, at, "broken", ms=value)
            elif passage.wait is None:
                yield self._item(call, at, "not_judged", "the wait is not known")
            elif passage.exit == "answered":
                yield self._answered(call, at, limit, passage.wait)
            else:
                yield self._unanswered(call, at, limit, passage.wait)

    def _apology_when_late(self, rule: Rule, call: Call) -> Judgement:
        first = self.profile.rings_rule(("ring",))
        limit = AnswerLimit.of(first, self.profile) if first else AnswerLimit.rings(4, self.profile.by_end_of_tone)
        for passage in self._passages(rule, call):
            if passage.exit != "answered" or not passage.offers or passage.ring_ms is None:
                continue
            if not limit.keeps(passage.ring_ms):
                verdict = "kept" if passage.has_apology else "broken"
                yield self._item(call, passage.entered, verdict, ms=passage.ring_ms)

    def _connection_rate(self, rule: Rule, call: Call) -> Judgement:
        if call.outcome in NOT_OFFERED_TO_US:
            return
        if call.answered is not None and call.outcome != "not_established":
            yield self._item(call, call.offered, "kept")
        elif call.is_running:
            yield self._item(call, call.offered, "pending")
        else:
            yield self._item(call, call.offered, "broken", note=call.outcome)

    # Conduct

    def _greeting_complete(self, rule: Rule, call: Call) -> Judgement:
        for talk in call.talks:
            if not rule.orders and was_greeted(call, talk):
                yield self._item(call, talk.answered, "kept")
            else:
                yield self._item(call, talk.answered, "not_judged", "the words are heard, not measured")

    def _caller_ends_first(self, rule: Rule, call: Call) -> Judgement:
        if call.marked("nuisance"):
            return
        for talk in call.talks:
            match ending(call, talk):
                case "goes_on":
                    yield self._item(call, talk.answered, "pending")
                case "caller":
                    yield self._item(call, talk.answered, "kept")
                case "agent":
                    yield self._item(call, talk.answered, "broken")
                case "exchange":
                    yield self._item(call, talk.answered, "not_judged", "the exchange ended it")
                case "unknown":
                    yield self._item(call, talk.answered, "not_judged", "who ended it is not known")

    def _nuisance_reported(self, rule: Rule, call: Call) -> Judgement:
        marks = call.marked("nuisance")
        if not marks:
            return
        at = marks[0].at
        ends = [(ending(call, talk), talk) for talk in call.talks]
        for end in ("agent", "goes_on", "unknown"):
            talk = next((talk for one, talk in ends if one == end), None)
            if talk is None:
                continue
            if end == "goes_on":
                yield self._item(call, at, "pending")
            elif end == "unknown":
                yield self._item(call, at, "not_judged", "who ended it is not known")
            else:
                is_warned = talk.left is not None and at <= talk.left
                is_reported = "nuisance" in call.reports
                note = {
                    (True, True): None, (True, False): "not reported", (False, True): "not warned before",
                    (False, False): "neither warned before nor reported",
                }[is_warned, is_reported]
                yield self._item(call, at, "broken" if note else "kept", note=note)
            return

    def _angry_handled(self, rule: Rule, call: Call) -> Judgement:
        marks = call.marked("angry")
        if not marks:
            return
        at = marks[0].at
        if any(mark.degree is not None for mark in marks) or any(order.field_of("attitude") for order in call.orders):
            yield self._item(call, at, "kept")
        elif any(talk.is_handed_over and (talk.left is None or talk.left >= at) for talk in call.talks):
            yield self._item(call, at, "kept")
        elif call.is_running:
            yield self._item(call, at, "pending")
        else:
            yield self._item(call, at, "broken", note="no degree noted, not handed over")

    # Records

    def _call_record_complete(self, rule: Rule, call: Call) -> Judgement:
        missing = []
        if call.caller is None and not call.caller_source:
            missing.append("caller")
        if not call.called:
            missing.append("called")
        if call.answered is None and call.outcome in ANSWERED_OUTCOMES:
            missing.append("answer")
        if call.outcome is None:
            missing.append("outcome")
        if call.outcome == "interrupted":
            yield self._item(call, call.offered, "not_judged", "the program ended in mid-call")
        elif call.is_running:
            yield self._item(call, call.offered, "pending")
        elif missing:
            yield self._item(call, call.offered, "broken", note="without " + ", ".join(missing))
        else:
            yield self._item(call, call.offered, "kept")

    def _caller_talk_share(self, rule: Rule, call: Call) -> Judgement:
        if not call.talks:
            return
        at = call.talks[0].answered
        measured = [one for one in call.speech if one is not None]
        caller, everybody = sum(one for one, _ in measured), sum(one for _, one in measured)
        if call.is_running:
            yield self._item(call, at, "pending")
        elif not call.speech:
            yield self._item(call, at, "not_judged", "no recording")
        elif len(measured) < len(call.speech):
            yield self._item(call, at, "not_judged", "the speech was not measured")
        elif everybody == 0:
            yield self._item(call, at, "not_judged", "nobody spoke")
        else:
            yield self._item(call, at, "shown", ms=caller, span=(caller, everybody))

    def _callback_made(self, rule: Rule, call: Call) -> Judgement:
        if call.call_back is not None:
            back = call.call_back
            in_vain = None
            if back.ended is not None and not back.reached:
                in_vain = "not reached" if back.attempts else "closed without a call"
            yield self._promise(rule, call, back.asked, back.ended if back.reached else None, in_vain)
        for order in call.orders:
            if rule.orders and not in_orders(rule, order):
                continue
            place = next((i for i, step in enumerate(order.steps) if step.step in ("promise", "send_on")), None)
            if place is None:
                continue
            done = next(
                (step.at for step in order.steps[place + 1:]
                 if step.step == "answer" or step.step == "relay" and step.says("reached", "reached")), None)
            yield self._promise(rule, call, order.steps[place].at, done, None)

    def _promise(self, rule: Rule, call: Call, at: int, done: int | None, in_vain: str | None) -> Item:
        if rule.start == "call_ended" and call.released is not None:
            at = max(at, call.released)
        due = due_of(rule, self.clock, at)
        if done is not None:
            verdict = "shown" if due is None else "broken" if due.is_late(done) else "kept"
            return self._item(call, at, verdict, ms=elapsed(at, done), due=due)
        if due is not None:
            return self._item(call, at, "broken" if due.is_late(self.as_of) else "pending", due=due, note=in_vain)
        if in_vain:
            return self._item(call, at, "shown", note=in_vain)
        return self._item(call, at, "pending")


def due_of(rule: Rule, clock: Clock, at: int) -> Due | None:
    """None where the rule's limit has no figure."""
    if rule.is_same_day:
        return clock.same_day(at)
    within = rule.within
    return None if within is None else clock.due(at, within)


def in_orders(rule: Rule, order: Order) -> bool:
    kind = "application" if order.category == "business" else order.category
    return kind in rule.orders


def was_greeted(call: Call, talk: Talk) -> bool:
    """Whether the machine said greeting, unit and work number, in this order."""
    said = next((one for one in call.announcements if one.agent == talk.agent and one.at >= talk.answered), None)
    if said is None:
        return False
    wanted = [("greeting", "greeting.hello"), ("unit", "unit.name"), ("work_number", "agent.number_is")]
    for item in said.items:
        if wanted and item in wanted[0]:
            wanted.pop(0)
    return not wanted


def ending(call: Call, talk: Talk) -> str:
    """Who ended a talk: `agent`, `caller`, `exchange`, `nobody`, `unknown`; `goes_on`."""
    if talk.is_handed_over:
        return "nobody"
    match talk.left_by:
        case None:
            return "goes_on" if call.is_running else "unknown"
        case "agent":
            return "agent" if talk.left_message in ("BYE received", "BYE sent") else "unknown"
        case "flow":
            return "exchange"
        case "supervisor":
            return "nobody"
        case "caller":
            if call.released_by is None:
                return "goes_on" if call.is_running else "unknown"
            return {"caller": "caller", "flow": "exchange", "supervisor": "nobody"}.get(call.released_by, "unknown")
        case _:
            return "unknown"
