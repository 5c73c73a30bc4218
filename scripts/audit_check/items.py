"""What is judged, one by one, and the figures of a rule that they come to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from .clock import Due, format_time, nearest_rank
from .profile import Rule
from .rows import milliseconds

Report = dict[str, Any]
# Parts of a share: the numerator, the denominator.
Span = tuple[int, int]


@dataclass(slots=True)
class Item:
    kind: str
    subject: str
    at: int
    verdict: str
    reason: str | None = None
    ms: int | None = None
    due: Due | None = None
    note: str | None = None
    # What the item has of the rule's share, where that is no count of items: the caller's speech.
    span: Span | None = None

    def as_breach(self) -> Report:
        return {
            "kind": self.kind, "subject": self.subject, "at": format_time(self.at), "measured_ms": self.ms,
            "due_at": format_time(self.due.at) if self.due else None, "note": self.note,
        }


def elapsed(at: int, done: int) -> int:
    return milliseconds(at, done)


def share(numerator: int, denominator: int, formula: str) -> Report:
    return {"formula": formula, "numerator": numerator, "denominator": denominator}


def spread(values: list[int]) -> Report:
    """Nearest ranks; the mean is rounded half up."""
    ranked = sorted(values)
    count = len(ranked)
    figures: Report = {"count": count, "mean_ms": None, "max_ms": None}
    figures.update({f"p{percent}_ms": None for percent in (50, 90, 95, 99)})
    if count:
        figures["mean_ms"] = (2 * sum(ranked) + count) // (2 * count)
        figures["max_ms"] = ranked[-1]
        for percent in (50, 90, 95, 99):
            figures[f"p{percent}_ms"] = nearest_rank(ranked, percent)
    return figures


def figure(rule: Rule, items: list[Item], span: Span | None = None) -> Report:
    """A rule's figures. `span`: its share, where the items do not have the parts of it."""
    verdicts = Counter(item.verdict for item in items)
    kept, broken = verdicts["kept"], verdicts["broken"]
    spans = [item.span for item in items if item.span is not None]
    if spans:
        span = (sum(part for part, _ in spans), sum(whole for _, whole in spans))
    return {
        "measure": rule.measure, "clause": rule.citation, "all": len(items), "judged": kept + broken, "kept": kept,
        "broken": broken, "pending": verdicts["pending"], "shown": verdicts["shown"],
        "not_judged": dict(Counter(item.reason for item in items if item.verdict == "not_judged")),
        "kept_of_judged": share(kept, kept + broken, "kept_of_judged/1"),
        "kept_of_all": share(kept, len(items), "kept_of_all/1"),
        "span": None if span is None else share(*span, "span/1"),
        "measured": spread([item.ms for item in items if item.ms is not None]),
        "breaches": [item.as_breach() for item in items if item.verdict == "broken"], "breaches_left_off": 0,
        "conclusion": _conclusion(rule, items, verdicts, span),
    }


def _conclusion(rule: Rule, items: list[Item], verdicts: Counter[str], span: Span | None) -> str:
    if not items:
        return "nothing" if span is None else "shown"
    percent = rule.percent
    part, whole = span if span else (verdicts["kept"], verdicts["kept"] + verdicts["broken"])
    if percent is not None and whole > 0:
        return "kept" if part * 100 >= percent * whole else "broken"
    for verdict in ("broken", "kept", "shown"):
        if verdicts[verdict]:
            return verdict
    return "not_judged"
