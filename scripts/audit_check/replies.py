"""Rules about the answer, the visit and the matter (docs/audit.md, Orders)."""

from __future__ import annotations

from collections.abc import Callable

from .clock import SECOND, Amount, Due
from .items import elapsed
from .orders import NOTHING, Items, OrderBench, Outcome, contact_outcome, is_given
from .profile import Rule
from .timeline import Timeline, is_unqualified, named, reached, solved

DAY = 86_400 * SECOND
WITHHELD = "the caller's number is withheld"
REFERRED = "handed to the discipline inspection"


class ReplyJudge:
    def __init__(self, bench: OrderBench) -> None:
        self.bench = bench
        self.measures: dict[str, Callable[[Rule, Timeline], Items]] = {
            "order_reply": self._order_reply, "hotline_contact": self._hotline_contact,
            "reply_qualified": self._reply_qualified, "written_result": self._written_result,
            "return_visit": self._return_visit, "return_visit_coverage": self._return_visit_coverage,
            "follow_up_visit": self._follow_up_visit, "correction": self._correction,
            "first_time_resolution": self._first_time_resolution, "repeat_warned": self._repeat_warned,
            "discipline_handover": self._discipline_handover, "major_report": self._major_report,
            "emergency_steps": self._emergency_steps, "acceptance_decision": self._acceptance_decision,
            "leader_signature": self._leader_signature,
        }

    # The answer

    def _order_reply(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life not in ("complaint", "consultation", "suggestion"):
            return
        if rule.limit_kind is None and "A50" in rule.items:
            yield from self._explained(timeline)
        elif rule.start == "order_received":
            yield from self._department_reply(rule, timeline)
        else:
            yield from self._answer(rule, timeline)

    def _explained(self, timeline: Timeline) -> Items:
        reply = timeline.standing_reply
        if reply is None or timeline.field("finding") != "unsubstantiated":
            return
        step = timeline.steps[reply]
        yield self.bench.item(timeline, step.at, "kept" if step.says("explained", "yes") else "broken")

    def _department_reply(self, rule: Rule, timeline: Timeline) -> Items:
        reply = timeline.standing_reply
        stay = timeline.stay_before(timeline.qualified if reply is None else reply)
        created = timeline.order.created
        receipt = None if stay is None else timeline.at(stay.receipt)
        if self._is_referred(timeline, reply) or (
            stay is None and timeline.first(named("refer")) is not None
        ):
            begin = created if stay is None else timeline.steps[stay.begin].at
            yield self.bench.not_judged(timeline, begin if receipt is None else receipt, REFERRED)
        elif stay is None or receipt is None or (reply is None and stay.end is not None):
            begin = created if stay is None else timeline.steps[stay.begin].at
            yield from self.bench.while_open(timeline, begin if receipt is None else receipt)
        else:
            yield from self._with_extensions(rule, timeline, receipt, reply)

    @staticmethod
    def _is_referred(timeline: Timeline, reply: int | None) -> bool:
        if reply is not None:
            return timeline.steps[reply].step == "discipline_result"
        last = timeline.last(named("refer", "review", "dispatch", "receive", "reply", "discipline_result"))
        if last is None:
            return False
        step = timeline.steps[last]
        return step.step == "refer" or is_unqualified(step) and timeline.field("discipline") == "yes"

    def _answer(self, rule: Rule, timeline: Timeline) -> Items:
        start = self.bench.start(rule, timeline)
        if start is None:
            yield from self.bench.while_open(timeline, timeline.order.created)
            return
        is_written = "written" in rule.kinds
        if timeline.life == "complaint":
            answer = timeline.first(named("write_result")) if is_written else timeline.qualified
            yield from self._with_extensions(rule, timeline, start, answer)
            return
        if is_written:
            yield self.bench.not_judged(timeline, start, "orders of this kind have no answer in writing")
            return
        end = timeline.first(named("answer"))
        outcome = contact_outcome(timeline, ("relay", "contact"), 0, end)
        if outcome is not NOTHING and outcome.kind != "done":
            yield from self.bench.timed(rule, timeline, start, outcome)
            return
        if outcome.kind == "done":
            end = timeline.first(reached("relay", "contact"))
        yield from self._with_extensions(rule, timeline, start, end)

    def _with_extensions(self, rule: Rule, timeline: Timeline, start: int, answer: int | None) -> Items:
        outcome = NOTHING if answer is None else Outcome("done", timeline.steps[answer].at)
        yield from self.bench.timed(
            rule, timeline, start, outcome, due=self._extended(rule, timeline, start, answer))

    def _extended(self, rule: Rule, timeline: Timeline, start: int, answer: int | None) -> Due | None:
        """What is due after every extension that counts; none where the rule has no figure or no extension."""
        within, extension = rule.within, rule.extension
        if within is None or extension is None:
            return None
        clock = self.bench.clock
        due = clock.due(start, within)
        total = extension.total
        if extension.addition is not None and extension.addition.unit == within.unit:
            total = Amount(within.count + extension.addition.count, within.unit)
        furthest = None if total is None else clock.due(start, total)
        answered = None if answer is None else timeline.steps[answer].at
        for place in timeline.places(named("grant_extension")):
            grant = timeline.steps[place]
            if grant.at < start or (answered is not None and grant.at > answered) or due.is_late(grant.at):
                continue
            if extension.customer_told_first and not self._was_told(timeline, place):
                continue
            until = grant.fields.get("until")
            if not until:
                asked = timeline.last(named("ask_extension"), 0, place)
                until = None if asked is None else timeline.steps[asked].fields.get("until")
            if not until:
                continue
            new = Due(int(until), False)
            if furthest is not None and new.first_late > furthest.first_late:
                new = furthest
            if new.first_late > due.first_late:
                due = new
        return due

    @staticmethod
    def _was_told(timeline: Timeline, end: int) -> bool:
        told = timeline.last(
            lambda step: step.step in ("contact", "ask_extension") and "customer_told" in step.fields, 0, end)
        return told is not None and timeline.steps[told].says("customer_told", "yes")

    def _hotline_contact(self, rule: Rule, timeline: Timeline) -> Items:
        reply = timeline.standing_reply
        if timeline.life != "complaint" or reply is None:
            return
        at = timeline.steps[reply].at
        end = timeline.qualified
        contact = timeline.first(reached("director_contact"), reply + 1, end)
        outcome = NOTHING
        if contact is not None:
            outcome = Outcome("done", timeline.steps[contact].at)
        else:
            last = timeline.last(
                lambda step: step.step == "waive_contact"
                or step.step == "director_contact" and step.says("reached", "no_contact"), reply + 1, end)
            if last is not None:
                step = timeline.steps[last]
                outcome = Outcome("given_up" if step.step == "waive_contact" else "impossible", step.at)
        if outcome is NOTHING and end is not None:
            yield self.bench.item(timeline, at, "broken", note="found good without it")
        else:
            yield from self.bench.timed(rule, timeline, at, outcome, is_owed=True)

    def _reply_qualified(self, rule: Rule, timeline: Timeline) -> Items:
        reply = timeline.first(named("reply", "discipline_result"))
        if timeline.life not in ("complaint", "consultation") or reply is None:
            return
        triggers = self.bench.profile.triggers(rule)
        only_untrue = bool(triggers) and set(triggers) == {"false_reply"}
        is_bad = is_unqualified if timeline.life == "complaint" else named("review")
        bad = timeline.first(
            lambda step: is_bad(step) and (not only_untrue or step.says("fault_of_reply", "untrue")), reply + 1)
        if timeline.life == "complaint":
            good = timeline.qualified
        else:
            good = timeline.first(
                lambda step: step.step == "waive_contact"
                or step.step == "relay" and step.fields.get("reached") in ("reached", "no_contact"), reply + 1)
        verdict = "broken" if bad is not None else "kept" if good is not None else "pending"
        note = None if bad is None else timeline.steps[bad].fields.get("fault_of_reply")
        yield self.bench.item(timeline, timeline.steps[reply].at, verdict, note=note)

    def _written_result(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life != "complaint":
            return
        start = timeline.at(timeline.qualified) if rule.start is None else self.bench.start(rule, timeline)
        if start is None:
            yield from self.bench.while_open(timeline, timeline.order.created)
        else:
            yield from self._owed(rule, timeline, start, timeline.first(named("write_result")))

    def _owed(self, rule: Rule, timeline: Timeline, start: int, done: int | None, done_is: str = "kept") -> Items:
        outcome = NOTHING if done is None else Outcome("done", timeline.steps[done].at)
        done_is = "shown" if rule.limit_kind is not None else done_is
        yield from self.bench.timed(rule, timeline, start, outcome, is_owed=True, done_is=done_is)

    # The visit

    def _supplied(self, timeline: Timeline) -> int | None:
        """The step after which a customer is visited, of faults and applications."""
        if timeline.life == "fault":
            return timeline.first(lambda step: step.step == "restore" or solved(step))
        return timeline.first(named("energise")) if timeline.life == "application" else None

    def _return_visit(self, rule: Rule, timeline: Timeline) -> Items:
        begin = self._supplied(timeline)
        if timeline.life == "complaint":
            is_from_reply = rule.start in ("material_received", "solved")
            begin = timeline.standing_reply if is_from_reply else timeline.qualified
        if begin is not None:
            yield from self._visit(rule, timeline, begin)

    def _visit(self, rule: Rule, timeline: Timeline, begin: int) -> Items:
        visit = timeline.first(
            lambda step: step.step == "waive_visit" or step.step == "revisit" and step.says("reached", "reached"),
            begin + 1)
        outcome = NOTHING
        if visit is not None:
            step = timeline.steps[visit]
            outcome = Outcome("given_up" if step.step == "waive_visit" else "done", step.at)
        yield from self.bench.timed(rule, timeline, timeline.steps[begin].at, outcome, is_owed=True)

    def _return_visit_coverage(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life != "complaint" and self._supplied(timeline) is None:
            return
        was_waived = timeline.first(named("waive_visit")) is not None
        was_visited = timeline.first(reached("revisit")) is not None
        created = timeline.order.created
        if timeline.is_open:
            yield self.bench.item(timeline, created, "pending")
        elif was_visited:
            yield self.bench.item(timeline, created, "kept")
        else:
            yield self.bench.item(timeline, created, "broken", note="given up" if was_waived else None)

    def _follow_up_visit(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life != "complaint":
            return
        if rule.start == "solved":
            reply = timeline.standing_reply
            if timeline.qualified is not None and reply is not None:
                yield from self._visit(rule, timeline, reply)
        elif not timeline.is_open:
            reason = "visits after an order's end are not written into it"
            start = self.bench.start(rule, timeline)
            yield self.bench.not_judged(timeline, timeline.order.created if start is None else start, reason)

    # The matter

    def _correction(self, rule: Rule, timeline: Timeline) -> Items:
        qualified = timeline.at(timeline.qualified)
        if timeline.life != "complaint" or qualified is None or timeline.field("finding") != "substantiated":
            return
        start = qualified if rule.start is None else self.bench.start(rule, timeline)
        if start is None:
            return
        done = timeline.first(
            lambda step: step.step == "order_correction"
            and all(is_given(step, f"corrective_{key}") for key in ("action", "owner", "due")))
        if "A102" in rule.items and timeline.field("apologised") != "yes":
            yield self.bench.item(timeline, start, "broken", note="without apology")
        elif "A140" in rule.items and timeline.field("cause") is None:
            yield self.bench.item(timeline, start, "broken", note="without cause")
        elif "A140" in rule.items and done is not None:
            reason = "whether those responsible were taught and dealt with is not written down"
            yield self.bench.not_judged(timeline, start, reason)
        else:
            yield from self._owed(rule, timeline, start, done)

    def _first_time_resolution(self, rule: Rule, timeline: Timeline) -> Items:
        order = timeline.order
        if order.caller is None:
            yield self.bench.not_judged(timeline, order.created, WITHHELD)
            return
        again = next(
            (other for other in self.bench.by_caller[order.caller]
             if other.category == order.category and other.created > order.created), None)
        end = None if timeline.closed is None else timeline.closed + self.bench.files.window_days * DAY
        if again is not None and (end is None or again.created <= end):
            yield self.bench.item(
                timeline, order.created, "broken", ms=elapsed(order.created, again.created),
                due=None if end is None else Due(end, False))
        elif end is not None and self.bench.as_of > end:
            yield self.bench.item(timeline, order.created, "kept")
        else:
            yield self.bench.item(timeline, order.created, "pending")

    def _repeat_warned(self, rule: Rule, timeline: Timeline) -> Items:
        order = timeline.order
        if order.caller is None:
            yield self.bench.not_judged(timeline, order.created, WITHHELD)
            return
        files = self.bench.files
        key = (order.created, order.id)
        since = order.created - files.window_days * DAY
        recent = [
            other for other in self.bench.by_caller[order.caller]
            if since <= other.created and (other.created, other.id) <= key]
        if len(recent) < files.warn_at:
            return
        warned = timeline.at(timeline.first(named("link", "absorb")))
        if warned is not None:
            yield self.bench.item(timeline, order.created, "kept", ms=elapsed(order.created, warned))
        elif timeline.is_open:
            yield self.bench.item(timeline, order.created, "pending")
        else:
            reason = "not linked, and whether anybody was warned is not written down"
            yield self.bench.not_judged(timeline, order.created, reason)

    def _discipline_handover(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life != "complaint" or timeline.field("discipline") != "yes":
            return
        start = self.bench.start(rule, timeline)
        if start is not None:
            yield from self._owed(rule, timeline, start, timeline.first(named("refer")), "shown")

    def _major_report(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life != "complaint":
            return
        start = self.bench.start(rule, timeline)
        if start is None:
            return
        if timeline.order.form.get("severity") not in rule.severities:
            graded = timeline.at(timeline.first(lambda step: step.fields.get("severity") in rule.severities))
            start = start if graded is None else max(start, graded)
        done = timeline.first(named("brief" if "serious" in rule.severities else "report_major"))
        yield from self._owed(rule, timeline, start, done, "shown")

    def _emergency_steps(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.life != "complaint":
            return
        wanted = {"000-N 一 3": named("brief", "report_major"), "000-N 一 7": named("supervise")}.get(rule.citation)
        if wanted is None:
            reason = "this step of the plan is not written into orders"
            yield self.bench.not_judged(timeline, timeline.accepted, reason)
        else:
            yield from self.bench.shown_by(timeline, timeline.accepted, timeline.first(wanted))

    def _acceptance_decision(self, rule: Rule, timeline: Timeline) -> Items:
        accept = timeline.first(named("accept"))
        outcome = NOTHING if accept is None else Outcome("done", timeline.steps[accept].at)
        yield from self.bench.timed(rule, timeline, timeline.order.created, outcome)

    def _leader_signature(self, rule: Rule, timeline: Timeline) -> Items:
        reason = "a leader's signature is not written into orders"
        yield self.bench.not_judged(timeline, timeline.order.created, reason)
