"""Statistics, cases and penalties (docs/audit.md, Statistics)."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict

from .clock import Date, Zone, format_time
from .items import Report
from .profile import Profile
from .rows import PenaltyRow, Rows
from .timeline import Timeline, named

REFUSED = ("over_capacity", "draining", "unrecordable", "blocked")
COUNTED = ("offered", "answered", "abandoned", "refused", "placed", "orders", "complaints", "faults", "closed")


def is_complaint(timeline: Timeline) -> bool:
    return timeline.order.category in ("complaint", "report")


def statistics(rows: Rows, timelines: list[Timeline], zone: Zone) -> Report:
    days: dict[Date, Counter[str]] = defaultdict(Counter)
    for call in rows.inbound:
        day = days[zone.date(call.offered)]
        day["offered"] += 1
        if call.answered is not None:
            day["answered"] += 1
        elif not call.is_running:
            day["refused" if call.outcome in REFUSED else "abandoned"] += 1
    for call in rows.placed:
        days[zone.date(call.offered)]["placed"] += 1
    for timeline in timelines:
        day = days[zone.date(timeline.order.created)]
        day["orders"] += 1
        day["complaints"] += is_complaint(timeline)
        day["faults"] += timeline.order.category == "fault"
        if timeline.order.closed_wall is not None:
            days[zone.date(timeline.order.closed_wall)]["closed"] += 1
    complaints = [timeline for timeline in timelines if is_complaint(timeline)]
    return {
        "days": _stretches(days, lambda day: day),
        "weeks": _stretches(days, lambda day: day - dt.timedelta(days=day.weekday())),
        "months": _stretches(days, lambda day: day.replace(day=1)),
        "categories": _categories(timelines),
        "items": _counts([timeline.field("item") or "-" for timeline in complaints]),
        "severities": _counts([timeline.field("severity") or "ordinary" for timeline in complaints]),
        "attitudes": _counts([timeline.field("attitude") or "-" for timeline in complaints]),
        "channels": _counts([timeline.field("channel") or "-" for timeline in complaints]),
        "departments": _counts([timeline.field("department") or timeline.field("crew") for timeline in timelines]),
        "satisfaction": _counts([timeline.field("satisfaction") for timeline in timelines]),
    }


def _counts(values: list[str | None]) -> Report:
    return dict(Counter(value for value in values if value is not None))


def _stretches(days: dict[Date, Counter[str]], begin_of: object) -> Report:
    stretches: dict[Date, Counter[str]] = defaultdict(Counter)
    for day, counts in days.items():
        stretches[begin_of(day)].update(counts)  # type: ignore[operator]
    return {
        begin.isoformat(): {key: counts[key] for key in COUNTED} for begin, counts in stretches.items()
    }


def _categories(timelines: list[Timeline]) -> Report:
    categories: dict[str, Counter[str]] = defaultdict(Counter)
    for timeline in timelines:
        counts = categories[timeline.order.category]
        finding = timeline.field("finding")
        counts["created"] += 1
        counts["closed"] += timeline.order.closed_wall is not None
        counts["extended"] += timeline.first(named("grant_extension")) is not None
        counts["returned"] += timeline.first(named("return")) is not None
        counts["merged"] += timeline.is_merged
        counts["substantiated"] += finding == "substantiated"
        counts["unsubstantiated"] += finding == "unsubstantiated"
    return {category: dict(counts) for category, counts in categories.items()}


def cases(timelines: list[Timeline]) -> list[Report]:
    told: list[Report] = []
    for timeline in timelines:
        finding = timeline.field("finding")
        if not is_complaint(timeline) or (finding != "substantiated" and timeline.severity == "ordinary"):
            continue
        is_secret = timeline.order.category == "report" or timeline.field("confidential") == "yes"
        told.append({
            "number": timeline.order.number, "category": timeline.order.category,
            "created_at": format_time(timeline.order.created), "severity": timeline.severity,
            "item": timeline.field("item"), "department": None if is_secret else timeline.field("department"),
            "finding": finding, "breach": timeline.field("breach"),
        })
    return told


def penalties(profile: Profile, rows: list[PenaltyRow]) -> Report:
    sums: Report = {}
    for penalty in profile.penalties:
        mine = [row for row in rows if row.penalty == penalty.id]
        confirmed = [row.yuan for row in mine if row.decided is not None and row.yuan is not None]
        proposed = sum(1 for row in mine if row.decided is None)
        if mine:
            sums[penalty.id] = {
                "clause": penalty.citation, "proposed": proposed, "confirmed": len(confirmed),
                "dropped": len(mine) - proposed - len(confirmed), "yuan": sum(confirmed),
            }
    return sums
