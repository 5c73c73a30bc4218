"""Norm profiles, and what stands beside them, as the YAML files have them."""

from __future__ import annotations

import pathlib
import re
from dataclasses import dataclass, field

import yaml

from .clock import Amount


def read_yaml(path: pathlib.Path) -> dict:
    """Every scalar stays a text: `yes`, `002` and dates mean nothing else here."""
    with open(path, encoding="utf-8") as file:
        return yaml.load(file, Loader=yaml.BaseLoader)


@dataclass
class Extension:
    total: Amount | None
    addition: Amount | None
    customer_told_first: bool


@dataclass
class Rule:
    id: str
    source: str
    clause: str
    items: list[str]
    measure: str | None
    not_judged: str | None
    limit_kind: str | None
    limit_text: str
    shift: str | None
    start: str | None
    orders: list[str]
    customers: list[str]
    areas: list[str]
    severities: list[str]
    channels: list[str]
    kinds: list[str]
    excludes: list[str]
    extension: Extension | None
    penalties: list[str]

    @property
    def citation(self) -> str:
        return f"{self.source} {self.clause}"

    @property
    def within(self) -> Amount | None:
        """The figure of a limit in time; none where it has none (`at_once`), or is none."""
        if self.limit_kind != "within" or self.limit_text in ("at_once", "same_day"):
            return None
        return Amount.parse(self.limit_text)

    @property
    def is_same_day(self) -> bool:
        return self.limit_kind == "within" and self.limit_text == "same_day"

    @property
    def has_figure(self) -> bool:
        return self.within is not None or self.is_same_day

    @property
    def percent(self) -> int | None:
        return Amount.parse(self.limit_text).count if self.limit_kind == "at_least" else None


@dataclass
class Penalty:
    id: str
    citation: str
    trigger: str


@dataclass
class Profile:
    id: str
    citation: str
    clock: dict
    by_end_of_tone: bool
    rules: list[Rule]
    penalties: list[Penalty]

    @staticmethod
    def read(path: pathlib.Path) -> Profile:
        document = read_yaml(path)
        sources = [source["key"] for source in document["sources"]]
        rules = [_rule(one, sources[0]) for one in document.get("rules", [])]
        penalties = [
            Penalty(one["id"], f"{one.get('source', sources[0])} {one['clause']}", one["trigger"])
            for one in document.get("penalties", [])
        ]
        return Profile(
            document["id"], f"{document['id']}@{document['version']}", document.get("clock") or {},
            document.get("rings", "before_next_ring") == "by_end_of_tone", rules, penalties)

    def triggers(self, rule: Rule) -> list[str]:
        return [penalty.trigger for penalty in self.penalties if penalty.id in rule.penalties]

    # The rules by which answers are counted.

    def rings_rule(self, units: tuple[str, ...]) -> Rule | None:
        for rule in self.rules:
            if rule.measure == "agent_answer_rings" and rule.within and rule.within.unit in units:
                return rule
        return None

    @property
    def answer_within_ms(self) -> int:
        for rule in self.rules:
            if rule.measure == "agent_answer_time" and rule.within:
                limit = AnswerLimit.of(rule, self)
                if limit.up_to is not None:
                    return limit.up_to
        return 20_000


@dataclass(frozen=True)
class AnswerLimit:
    """Kept below so many milliseconds, or up to so many; of neither an answer is shown."""

    below: int | None = None
    up_to: int | None = None

    @staticmethod
    def rings(count: int, by_end_of_tone: bool) -> AnswerLimit:
        return AnswerLimit(below=5000 * (count - 1) + 1000 if by_end_of_tone else 5000 * count)

    @staticmethod
    def of(rule: Rule, profile: Profile) -> AnswerLimit:
        within = rule.within
        if within is None:
            return AnswerLimit()
        if within.unit == "ring":
            return AnswerLimit.rings(within.count, profile.by_end_of_tone)
        return AnswerLimit(up_to=within.count * {"second": 1000, "minute": 60_000, "hour": 3_600_000}[within.unit])

    @property
    def is_none(self) -> bool:
        return self.below is None and self.up_to is None

    def keeps(self, ms: int) -> bool:
        return ms < self.below if self.below is not None else self.up_to is None or ms <= self.up_to


def _rule(one: dict, source: str) -> Rule:
    scope = one.get("scope") or {}
    limit = dict(one.get("limit") or {})
    shift = limit.pop("shift", None)
    kind, text = next(iter(limit.items())) if limit else (None, "")
    # `limit: {within: same_day}` and `limit: {same_day: …}` would mean the same; the files have the first.
    extension = one.get("extension")
    return Rule(
        id=one["id"], source=one.get("source", source), clause=one["clause"], items=one.get("items", []),
        measure=one.get("measure"), not_judged=one.get("not_judged"), limit_kind=kind, limit_text=text, shift=shift,
        start=one.get("start"), orders=scope.get("orders", []), customers=scope.get("customers", []),
        areas=scope.get("areas", []), severities=scope.get("severities", []), channels=scope.get("channels", []),
        kinds=scope.get("kinds", []), excludes=one.get("excludes", []),
        extension=None if extension is None else Extension(
            _amount(extension, "total"), _amount(extension, "addition"),
            extension.get("customer_told_first") == "true"),
        penalties=one.get("penalties", []))


def _amount(keys: dict, key: str) -> Amount | None:
    return Amount.parse(keys[key]) if key in keys else None


@dataclass
class RoutingRule:
    when: dict[str, list[str]]
    to: list[str]
    copy: list[str]
    clause: str


@dataclass
class Routing:
    rules: list[RoutingRule]
    confidential: list[str]
    confidential_clause: str


@dataclass
class OrderFiles:
    """What `norms/orders/*.yaml` say that the audit needs."""

    routings: list[Routing] = field(default_factory=list)
    taxonomies: set[str] = field(default_factory=set)
    # By item, `TAXONOMY/ITEM`.
    topics: dict[str, str] = field(default_factory=dict)
    window_days: int = 30
    warn_at: int = 2

    @staticmethod
    def read(folder: pathlib.Path) -> OrderFiles:
        files = OrderFiles()
        for path in sorted(folder.glob("*.yaml")):
            document = read_yaml(path)
            kind = document.get("kind")
            if kind == "routing":
                files.routings.append(_routing(document))
            elif kind == "taxonomy":
                files.taxonomies.add(document["id"])
                for one in document["classes"].values():
                    for item, entry in one["items"].items():
                        files.topics[f"{document['id']}/{item}"] = entry["topic"]
            elif kind == "repeats":
                files.window_days = int(document["window_days"])
                files.warn_at = int(document["warn_at"])
        return files


def _routing(document: dict) -> Routing:
    rules = []
    for one in document["rules"]:
        when = {key: [value] if isinstance(value, str) else value for key, value in (one.get("when") or {}).items()}
        rules.append(RoutingRule(when, one["to"], one.get("copy", []), one["clause"]))
    secret = document["confidential"]
    return Routing(rules, secret["to"], secret["clause"])


def split_names(text: str) -> list[str]:
    """A list of departments, as a field has it."""
    return [name for name in re.split(r"[,\s]+", text) if name]
