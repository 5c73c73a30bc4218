"""Answer times (docs/audit.md)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from .calls import NOT_OFFERED_TO_US
from .clock import Zone
from .items import Report, share, spread
from .profile import AnswerLimit, Profile
from .rows import Call, Passage

SHORT_ABANDON_MS = 5000
RING_MS = 5000


class AnswerTimes:
    def __init__(self, profile: Profile, zone: Zone) -> None:
        rule = profile.rings_rule(("ring", "second", "minute"))
        self.limit = AnswerLimit.of(rule, profile) if rule else None
        self.within = profile.answer_within_ms
        self.zone = zone

    def report(self, calls: list[Call]) -> Report:
        hours: dict[int, list[Call]] = {hour: [] for hour in range(24)}
        days: dict[str, list[Call]] = defaultdict(list)
        lines: dict[str, list[Call]] = defaultdict(list)
        agents: dict[str, list[Passage]] = defaultdict(list)
        for call in calls:
            day, hour = self.zone.moment(call.offered)
            hours[hour].append(call)
            lines[call.line].append(call)
            if call.passages or call.refused:
                days[day.isoformat()].append(call)
            for passage in call.passages:
                if passage.exit == "answered" and passage.agent is not None:
                    agents[passage.agent].append(passage)
        return {
            "answer_within_ms": self.within, "short_abandon_ms": SHORT_ABANDON_MS, "total": self._passages(calls),
            "hours": {hour: {"passages": self._passages(some)} for hour, some in hours.items()},
            "days": {day: {"passages": self._passages(some)} for day, some in days.items()},
            "agents": {agent: {"answers": self._answers(some)} for agent, some in agents.items()},
            "lines": {line: self._line(some) for line, some in lines.items()},
        }

    def _line(self, calls: list[Call]) -> Report:
        offered = [call for call in calls if call.outcome not in NOT_OFFERED_TO_US]
        answered = [call for call in offered if call.answered is not None]
        ringing = [call.ring_ms for call in answered if call.ring_ms is not None]
        return {
            "offered": len(offered), "answered": len(answered), "ringing": self._ringing(ringing),
            "passages": self._passages(calls),
        }

    def _passages(self, calls: Iterable[Call]) -> Report:
        calls = list(calls)
        passages = [passage for call in calls for passage in call.passages]
        abandoned = [passage for passage in passages if passage.exit == "abandoned"]
        short = sum(1 for one in abandoned if one.wait is not None and one.wait < SHORT_ABANDON_MS)
        answered = [passage for passage in passages if passage.exit == "answered"]
        still_open = sum(1 for passage in passages if passage.exit is None)
        answers = self._answers(answered)
        earnest = len(passages) - short
        return {
            "entered": len(passages), "abandoned": len(abandoned), "short_abandoned": short,
            "left_otherwise": len(passages) - len(abandoned) - len(answered) - still_open, "open": still_open,
            "refused": sum(call.refused for call in calls), "answers": answers,
            "in_time_of_offered": share(answers["in_time"]["numerator"], earnest, "service_level_of_offered/1"),
            "abandonment": share(len(abandoned), len(passages), "abandonment/1"),
            "abandonment_in_earnest": share(len(abandoned) - short, earnest, "abandonment_in_earnest/1"),
        }

    def _answers(self, answered: list[Passage]) -> Report:
        waits = [passage.wait for passage in answered if passage.wait is not None]
        in_time = sum(1 for wait in waits if wait <= self.within)
        ringing = [one.ring_ms for one in answered if one.offers and one.ring_ms is not None]
        return {
            "answered": len(answered), "ringing": self._ringing(ringing), "wait": spread(waits),
            "in_time": share(in_time, len(answered), "service_level_of_answered/1"),
        }

    def _ringing(self, values: list[int]) -> Report:
        rings = Counter(value // RING_MS + 1 for value in values)
        within = None
        if self.limit is not None:
            within = share(sum(1 for one in values if self.limit.keeps(one)), len(values), "rings_within/1")
        by_ring = {ring: {"answers": count} for ring, count in rings.items()}
        return {"spread": spread(values), "rings": by_ring, "within_limit": within}
