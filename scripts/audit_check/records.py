"""Rules about what is written down in orders (docs/audit.md, Orders)."""

from __future__ import annotations

from collections.abc import Callable

from .orders import Items, OrderBench
from .profile import Rule, split_names
from .timeline import OUT, Timeline, named, solved

# Which fields an item of the catalogue asks for.
ASKED = [
    (("A23", "A29", "B6"), ("channel",)),
    (("A34",), ("content", "place", "contact")),
    (("A35",), ("content", "named customer", "named contact")),
    (("A37",), ("content", "place", "responsibility")),
    (("A40", "A41"), ("content", "customer", "contact")),
    (("A42",), ("content", "customer")),
]
OF_LIFE = {
    "complaint": (
        "content", "channel", "identity", "topic", "named customer", "named contact", "external body"),
    "fault": ("content", "channel", "place"),
    "application": ("content", "channel", "supply", "customer", "contact", "place"),
    "consultation": ("content", "channel"), "suggestion": ("content", "channel"),
    "information": ("content", "channel"),
}
CONTACTS = (
    "contact", "director_contact", "relay", "answer", "revisit", "guide", "answer_plan", "waive_contact",
    "waive_visit", "leave", "withdraw")


def has_result(timeline: Timeline) -> bool:
    match timeline.life:
        case "complaint" | "suggestion":
            return timeline.field("result") is not None
        case "consultation":
            return timeline.field("answer") is not None
        case "fault":
            return timeline.first(lambda step: step.step in ("restore", "leave") or solved(step)) is not None
        case "application":
            return timeline.first(named("energise", "withdraw")) is not None
    return True


class RecordJudge:
    def __init__(self, bench: OrderBench) -> None:
        self.bench = bench
        self.measures: dict[str, Callable[[Rule, Timeline], Items]] = {
            "order_record_complete": self._order_record_complete, "order_classified": self._order_classified,
            "order_archived": self._order_archived, "confidentiality_kept": self._confidentiality_kept,
        }

    def _order_record_complete(self, rule: Rule, timeline: Timeline) -> Items:
        if "A38" in rule.items:
            yield from self._result_written(timeline)
        elif "A36" in rule.items:
            yield from self._recorded(timeline)
        elif "A37" in rule.items and "customer_owned" in rule.kinds:
            yield from self._price_told(timeline)
        else:
            yield from self._fields_given(rule, timeline)

    def _result_written(self, timeline: Timeline) -> Items:
        if timeline.life in ("information", "callback"):
            return
        missing = [] if has_result(timeline) else ["result"]
        if timeline.first(named(*CONTACTS)) is None:
            missing.append("contact")
        at = timeline.order.created
        if timeline.is_open:
            yield self.bench.item(timeline, at, "pending")
        elif missing:
            yield self.bench.item(timeline, at, "broken", note="without " + ", ".join(missing))
        else:
            yield self.bench.item(timeline, at, "kept")

    def _recorded(self, timeline: Timeline) -> Items:
        accept = timeline.first(named("accept"))
        is_kept = bool(timeline.order.recording_roles & {"call", "message"}) or (
            accept is not None and bool(timeline.steps[accept].fields.get("recording")))
        if is_kept:
            yield self.bench.item(timeline, timeline.accepted, "kept")
        else:
            yield self.bench.item(timeline, timeline.accepted, "shown", note="no recording of the intake")

    def _price_told(self, timeline: Timeline) -> Items:
        place = timeline.first(named("offer_paid", "find_customer_side"))
        if place is not None:
            step = timeline.steps[place]
            yield self.bench.item(timeline, step.at, "kept" if step.says("price_told", "yes") else "broken")

    def _fields_given(self, rule: Rule, timeline: Timeline) -> Items:
        at = timeline.accepted
        if timeline.first(named("accept")) is None:
            yield from self.bench.shown_by(timeline, at, None, "not accepted")
            return
        asked: list[str] = []
        for items, fields in ASKED:
            if set(items) & set(rule.items):
                asked += [field for field in fields if field not in asked]
        if not asked:
            asked = list(OF_LIFE.get(timeline.life or "", ("channel",)))
        missing = [field for field in asked if not self._is_given(field, timeline)]
        if not missing:
            yield self.bench.item(timeline, at, "kept")
        elif missing == ["responsibility"] and timeline.is_open:
            yield self.bench.item(timeline, at, "pending")
        else:
            yield self.bench.item(timeline, at, "broken", note="without " + ", ".join(missing))

    @staticmethod
    def _is_given(asked: str, timeline: Timeline) -> bool:
        def given(*keys: str) -> bool:
            return any(timeline.field(key) is not None for key in keys)

        identity = timeline.field("identity")
        match asked:
            case "content":
                return given("content", "question")
            case "customer":
                return identity == "anonymous" or given("customer")
            case "contact":
                return identity == "anonymous" or given("contact", "call_back") or timeline.order.caller is not None
            case "named customer":
                return identity != "named" or given("customer")
            case "named contact":
                return identity != "named" or given("contact")
            case "external body":
                return timeline.field("channel") != "external_body" or given("external_body")
            case "responsibility":
                return timeline.first(
                    lambda step: step.step == "triage" and bool(step.fields.get("responsibility"))) is not None
        return given(asked)

    def _order_classified(self, rule: Rule, timeline: Timeline) -> Items:
        at = timeline.accepted
        bench, profile = self.bench, self.bench.profile.id
        item = timeline.field("item")
        if "A30" in rule.items:
            is_given = timeline.field("external_body") is not None
            yield bench.item(timeline, at, "kept" if is_given else "broken")
        elif {"A44", "A110"} & set(rule.items):
            if timeline.field("finding") is not None:
                yield bench.item(timeline, at, "kept")
            else:
                yield from bench.shown_by(timeline, at, None, None)
        elif "A46" in rule.items:
            if timeline.field("channel") == "external_body":
                yield bench.item(timeline, at, "kept")
            else:
                yield bench.not_judged(timeline, at, "the document's list of major events is not at hand")
        elif profile not in bench.files.taxonomies:
            yield bench.not_judged(timeline, at, "the document's list is no taxonomy here")
        elif item is not None:
            if item.startswith(f"{profile}/"):
                yield bench.item(timeline, at, "kept")
            else:
                yield bench.item(timeline, at, "broken", note=f"of another list: {item}")
        elif timeline.closed is not None or timeline.stays:
            yield bench.item(timeline, at, "broken", note="without item")
        else:
            yield bench.item(timeline, at, "pending")

    def _order_archived(self, rule: Rule, timeline: Timeline) -> Items:
        at = timeline.order.created
        if timeline.is_open:
            yield self.bench.item(timeline, at, "pending")
            return
        there = {"intake": timeline.first(named("accept")) is not None}
        if timeline.life == "complaint":
            there["review"] = timeline.qualified is not None
        there["answer"] = has_result(timeline)
        if "A39" in rule.items:
            there["evidence"] = timeline.field("evidence") is not None or timeline.field("document") is not None
            if timeline.field("finding") == "substantiated":
                there["analysis"] = timeline.field("cause") is not None
                there["corrective action"] = timeline.field("corrective_action") is not None
        there["archive"] = timeline.first(named("archive")) is not None
        missing = [part for part, is_there in there.items() if not is_there]
        if missing:
            yield self.bench.item(timeline, at, "broken", note="without " + ", ".join(missing))
        else:
            yield self.bench.item(timeline, at, "kept")

    def _confidentiality_kept(self, rule: Rule, timeline: Timeline) -> Items:
        if timeline.field("confidential") != "yes":
            return
        at = timeline.order.created
        reported = timeline.field("reported_department")
        if reported is None:
            yield self.bench.not_judged(timeline, at, "the department reported is not named")
            return
        for place, step in enumerate(timeline.steps):
            known = place + 1
            reported = timeline.field_at("reported_department", known)
            if timeline.field_at("confidential", known) != "yes" or reported is None:
                continue
            copies = timeline.field_at("copies", known) if step.step in OUT else step.fields.get("copies")
            told = [step.unit, step.fields.get("department"), step.fields.get("crew"), *split_names(copies or "")]
            if reported in told:
                yield self.bench.item(timeline, at, "broken", note=f"by the step {step.step}")
                return
        yield self.bench.item(timeline, at, "kept")
