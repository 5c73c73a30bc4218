"""The whole report, as docs/audit.md has it."""

from __future__ import annotations

import pathlib
from collections.abc import Callable, Iterator

from .answers import AnswerTimes
from .calls import CallJudge
from .clock import Calendar, Clock, Zone, parse_time
from .duties import DutyJudge, judge_lines
from .items import Item, Report, Span, figure
from .orders import NOT_TOLD_WHEN, DepartmentJudge, Items, NotTold, OrderBench
from .profile import OrderFiles, Profile, Rule, read_yaml
from .records import RecordJudge
from .replies import ReplyJudge
from .rows import Rows
from .statistics import cases, penalties, statistics
from .supply import SupplyJudge
from .timeline import Timeline

MERGED = "merged into another order"
DUTY_MEASURES = ("duty_done", "report_made", "outage_notice", "flow_conduct")


class Audit:
    def __init__(self, database: pathlib.Path, profile: pathlib.Path, calendar: pathlib.Path, theirs: Report) -> None:
        self.profile = Profile.read(profile)
        self.files = OrderFiles.read(profile.parent / "orders")
        self.zone = Zone(theirs["zone"])
        self.calendar = Calendar(read_yaml(calendar))
        self.clock = Clock(self.profile.clock, self.calendar, self.zone)
        self.rows = Rows(database, parse_time(theirs["from"]), parse_time(theirs["to"]), parse_time(theirs["as_of"]))
        self.timelines = [Timeline(order) for order in self.rows.orders]

    def report(self) -> Report:
        return {
            "profile": self.profile.citation, "calendar": self.calendar.citation,
            "rules": {rule.id: figure(rule, items, span) for rule, items, span in self._judge()},
            "unmeasured": {
                rule.id: {"clause": rule.clause, "because": rule.not_judged}
                for rule in self.profile.rules if rule.measure is None
            },
            "answer_times": AnswerTimes(self.profile, self.zone).report(self.rows.inbound),
            "statistics": statistics(self.rows, self.timelines, self.zone),
            "cases": cases(self.timelines),
            "penalties": penalties(self.profile, self.rows.penalties(self.profile.id)),
        }

    def _judge(self) -> Iterator[tuple[Rule, list[Item], Span | None]]:
        rows = self.rows
        calls = CallJudge(self.profile, self.clock, rows.as_of)
        duties = DutyJudge(rows, self.clock)
        notes = rows.server_notes()
        bench = OrderBench(self.profile, self.clock, self.files, rows.all_orders, rows.as_of)
        orders: dict[str, Callable[[Rule, Timeline], Items]] = {}
        for judge in (DepartmentJudge(bench), ReplyJudge(bench), SupplyJudge(bench), RecordJudge(bench)):
            orders.update(judge.measures)
        for rule in self.profile.rules:
            if rule.measure is None:
                continue
            span: Span | None = None
            if rule.measure in calls.measures:
                items = calls.judge(rule, rows.inbound)
            elif rule.measure == "line_open":
                items, span = judge_lines(rule, rows, notes)
            elif rule.measure in DUTY_MEASURES:
                items = duties.judge(rule)
            else:
                items = self._judge_orders(rule, bench, orders[rule.measure])
            yield rule, items, span

    def _judge_orders(
        self, rule: Rule, bench: OrderBench, measure: Callable[[Rule, Timeline], Items]
    ) -> list[Item]:
        items: list[Item] = []
        for timeline in self.timelines:
            answer = bench.scope.answer(rule, timeline)
            if answer is False:
                continue
            try:
                judged = list(measure(rule, timeline))
            except NotTold:
                judged = [bench.not_judged(timeline, timeline.order.created, NOT_TOLD_WHEN)]
            reason = MERGED if timeline.is_merged else answer if isinstance(answer, str) else None
            if reason is not None:
                judged = [bench.not_judged(timeline, one.at, reason) for one in judged]
            items += judged
        return items
