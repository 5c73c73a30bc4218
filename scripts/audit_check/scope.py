"""Which orders a rule is about (docs/audit.md, Orders)."""

from __future__ import annotations

from collections.abc import Callable

from .profile import Profile, Rule
from .timeline import Timeline, named

OUTSIDE = ("regulator", "government", "other")
REGULATOR = ("12398", "监管", "監管", "电监", "電監", "能源局")
GOVERNMENT = ("12345", "政府")

# Whether something holds; a text says why nobody knows.
Answer = bool | str


def any_of(answers: list[Answer]) -> Answer:
    """Of several values one must hold; if none does, one that is unknown may."""
    if any(answer is True for answer in answers):
        return True
    return next((answer for answer in answers if isinstance(answer, str)), False)


class Scope:
    def __init__(self, profile: Profile) -> None:
        self.profile = profile

    def answer(self, rule: Rule, timeline: Timeline) -> Answer:
        answer = self._conditions(rule, timeline)
        if answer is False or not rule.has_figure or rule.severities or rule.kinds:
            return answer
        for other in self.profile.rules:
            if self._is_special_case(other, rule) and self._conditions(other, timeline) is True:
                return False
        return answer

    @staticmethod
    def _is_special_case(other: Rule, rule: Rule) -> bool:
        return (
            other is not rule and other.measure == rule.measure and other.has_figure
            and bool(other.severities or other.kinds)
            and (set(other.channels), set(other.customers), set(other.areas))
            == (set(rule.channels), set(rule.customers), set(rule.areas))
            and (not rule.orders or bool(other.orders) and set(other.orders) <= set(rule.orders)))

    def _conditions(self, rule: Rule, timeline: Timeline) -> Answer:
        # `written` is about the answer, not about the order.
        kinds = [kind for kind in rule.kinds if kind != "written"]
        parts: list[tuple[list[str], Callable[[Rule, Timeline, str], Answer]]] = [
            (rule.orders, self._order), (rule.channels, self._channel), (rule.severities, self._severity),
            (kinds, self._kind), (rule.customers, self._customer), (rule.areas, self._area),
        ]
        unknown: str | None = None
        for values, test in parts:
            if not values:
                continue
            answer = any_of([test(rule, timeline, value) for value in values])
            if answer is False:
                return False
            if isinstance(answer, str) and unknown is None:
                unknown = answer
        return True if unknown is None else unknown

    @staticmethod
    def _order(rule: Rule, timeline: Timeline, value: str) -> Answer:
        if value == "petition":
            return timeline.field("channel") in ("letter", "visit") and timeline.life in (
                "complaint", "consultation", "suggestion")
        return timeline.order.category == ("business" if value == "application" else value)

    @staticmethod
    def _channel(rule: Rule, timeline: Timeline, value: str) -> Answer:
        channel = timeline.field("channel")
        if channel in (None, "telephone", "voice_mailbox"):
            return value == "hotline"
        if channel in ("letter", "visit", "web"):
            return value == channel
        if channel == "box":
            return value == "mailbox"
        if channel != "external_body":
            return "the channel is not known"
        if value not in OUTSIDE:
            return False
        if set(OUTSIDE) <= set(rule.channels):
            return True
        body = timeline.field("external_body")
        if body is None:
            return "which body outside passed it on is not known"
        if any(word in body for word in REGULATOR):
            return value == "regulator"
        if any(word in body for word in GOVERNMENT):
            return value == "government"
        return value == "other"

    @staticmethod
    def _severity(rule: Rule, timeline: Timeline, value: str) -> Answer:
        if "special" in rule.kinds and timeline.first(named("grant_extension")) is not None:
            return True
        return timeline.severity == value

    @staticmethod
    def _kind(rule: Rule, timeline: Timeline, value: str) -> Answer:
        match value:
            case "named":
                return timeline.field("identity") == "named"
            case "customer_owned":
                return timeline.field("responsibility") == "customer"
            case "utility" | "unknown":
                triage = timeline.last(named("triage"))
                return triage is None or timeline.steps[triage].says("responsibility", value)
            case "special":
                return timeline.severity == "major" or timeline.first(named("grant_extension")) is not None
            case "over_level":
                return timeline.field("channel") == "external_body"
            case "ordinary":
                return timeline.severity == "ordinary"
            case "important" | "complex":
                return timeline.severity != "ordinary"
        return "the order does not say whether the rule is about it"

    def _customer(self, rule: Rule, timeline: Timeline, value: str) -> Answer:
        if value == "key":
            key = timeline.field("key_customer")
            if key is None and timeline.life != "application":
                return "whether it is a key customer is not written down"
            return key == "yes"
        supply = timeline.field("supply")
        if supply is None:
            return "the kind of supply is not known"
        others = {customer for one in self.profile.rules if one.measure == rule.measure for customer in one.customers}
        match value:
            case "non_residential":
                return supply != "residential"
            case "low_voltage":
                return supply == value or supply == "residential" and "residential" not in others
            case "high_voltage":
                return supply not in ("low_voltage", "residential")
            case "high_voltage_single" | "high_voltage_dual" if supply == "ten_kilovolt":
                if others & {"ten_kilovolt", "high_voltage"}:
                    return False
                return "one or two supplies at 10 kV is not written down"
        return supply == value

    @staticmethod
    def _area(rule: Rule, timeline: Timeline, value: str) -> Answer:
        area = timeline.field("area")
        return "the area is not known" if area is None else area == value
