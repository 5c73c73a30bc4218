"""The raw rows of one period, as they were known at one moment."""

from __future__ import annotations

import json
import pathlib
import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

Fields = dict[str, str]


def milliseconds(begin: int, end: int) -> int:
    """Of two instants in microseconds."""
    return max(end - begin, 0) // 1000


@dataclass(slots=True)
class Passage:
    entered: int
    exit: str | None
    agent: str | None
    wait: int | None
    offers: int | None
    ring_ms: int | None
    is_key_customer: bool
    has_apology: bool


@dataclass(slots=True)
class Talk:
    agent: str
    answered: int
    left: int | None
    left_by: str | None
    left_message: str | None
    is_handed_over: bool


@dataclass(slots=True)
class Mark:
    mark: str
    degree: int | None
    at: int


@dataclass(slots=True)
class CallBack:
    asked: int
    ended: int | None
    reached: bool
    attempts: int


@dataclass(slots=True)
class Announcement:
    agent: str | None
    at: int
    items: list[str]


@dataclass(slots=True)
class Call:
    subject: str
    line: str
    direction: str
    caller: str | None
    caller_source: str
    called: str
    offered: int
    ringing: int | None
    answered: int | None
    ring_ms: int | None
    released: int | None
    released_by: str | None
    outcome: str | None
    passages: list[Passage] = field(default_factory=list)
    refused: int = 0
    talks: list[Talk] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    reports: set[str] = field(default_factory=set)
    orders: list[Order] = field(default_factory=list)
    call_back: CallBack | None = None
    announcements: list[Announcement] = field(default_factory=list)
    # Of each recording of the call itself: the caller's speech and all speech; none where nothing was measured.
    speech: list[tuple[int, int] | None] = field(default_factory=list)

    @property
    def is_running(self) -> bool:
        return self.released is None

    def marked(self, mark: str) -> list[Mark]:
        return [one for one in self.marks if one.mark == mark]


@dataclass(slots=True)
class Step:
    step: str
    by: str
    role: str
    unit: str | None
    at: int
    why: str | None
    fields: Fields

    def says(self, key: str, value: str) -> bool:
        return self.fields.get(key) == value


@dataclass(slots=True)
class Order:
    id: bytes
    number: str
    category: str
    caller: str | None
    created: int
    closed_wall: int | None
    form: Fields
    steps: list[Step] = field(default_factory=list)
    recording_roles: set[str] = field(default_factory=set)

    def field_of(self, key: str) -> str | None:
        """Of the last step that gives it, else of the form."""
        for step in reversed(self.steps):
            if key in step.fields:
                return step.fields[key] or None
        return self.form.get(key) or None


@dataclass(slots=True)
class PenaltyRow:
    penalty: str
    proposed: int
    decided: int | None
    yuan: int | None


@dataclass(slots=True)
class Deed:
    subject: str
    happened: int


@dataclass(slots=True)
class Outage:
    subject: str
    kind: str
    begins: int
    announced: int


@dataclass(slots=True)
class ServerNote:
    at: int
    kind: str
    data: dict[str, str]
    # When the event before it in its chain was written.
    before: int | None


class Rows:
    """Everything that was known at `as_of`, of the period [begin, end)."""

    def __init__(self, path: pathlib.Path, begin: int, end: int, as_of: int) -> None:
        self.begin, self.end, self.as_of = begin, end, as_of
        self.db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
        self.db.execute("PRAGMA query_only = 1")
        self.db.execute("BEGIN")
        self.all_orders = self._read_orders()
        by_id = {order.id: order for order in self.all_orders}
        self.orders = [order for order in self.all_orders if begin <= order.created < end]
        self._calls = self._read_calls()
        self._read_passages()
        self._read_talks()
        self._read_marks()
        self._read_call_backs()
        self._read_announcements()
        self._read_speech()
        for order, call in self._of_calls("work_order, {call}", "order_calls", "role = 'created'"):
            if order in by_id:
                self._calls[call].orders.append(by_id[order])
        for call in self._calls.values():
            call.orders.sort(key=lambda order: (order.created, order.id))
        self.inbound = [call for call in self._calls.values() if call.direction == "inbound"]
        self.placed = [call for call in self._calls.values() if call.direction != "inbound"]

    def _known(self, instant: int | None) -> int | None:
        return instant if instant is not None and instant <= self.as_of else None

    # Orders

    def _read_orders(self) -> list[Order]:
        orders: dict[bytes, Order] = {}
        for id, number, category, caller, created, closed, form in self.db.execute(
            "SELECT id, number, category, caller, created_wall, closed_wall, fields FROM orders"
            " WHERE created_wall <= ? ORDER BY created_wall, id", (self.as_of,)
        ):
            orders[id] = Order(id, number, category, caller, created, self._known(closed), json.loads(form))
        for id, step, by, role, unit, happened, why, fields in self.db.execute(
            "SELECT work_order, step, by_name, role, unit, happened_wall, why, fields FROM order_steps"
            " WHERE entered_wall <= ? ORDER BY work_order, number", (self.as_of,)
        ):
            if id in orders:
                orders[id].steps.append(Step(step, by, role, unit, happened, why, json.loads(fields)))
        for id, role in self.db.execute("SELECT work_order, role FROM order_recordings"):
            if id in orders:
                orders[id].recording_roles.add(role)
        return list(orders.values())

    def penalties(self, profile: str) -> list[PenaltyRow]:
        """Of the period's orders, by this profile."""
        ids = {order.id for order in self.orders}
        rows: list[PenaltyRow] = []
        for id, penalty, whose, proposed, decided, yuan in self.db.execute(
            "SELECT work_order, penalty, profile, proposed_wall, decided_wall, yuan FROM penalties"
            " WHERE proposed_wall <= ?", (self.as_of,)
        ):
            if id in ids and whose.split("@")[0] == profile:
                rows.append(PenaltyRow(penalty, proposed, self._known(decided), yuan))
        return rows

    # Calls

    def _of_calls(self, columns: str, table: str, condition: str = "1", order: str = "") -> Iterator[tuple]:
        """Rows of the period's calls; `{call}` in the columns is the call's id, the last of them."""
        sql = f"SELECT {columns.format(call=f'{table}.call')} FROM {table} WHERE {condition}"
        for row in self.db.execute(sql + (f" ORDER BY {order}" if order else ""), {"as_of": self.as_of}):
            if row[-1] in self._calls:
                yield row

    def _read_calls(self) -> dict[bytes, Call]:
        calls: dict[bytes, Call] = {}
        for row in self.db.execute(
            "SELECT id, line, direction, caller, caller_source, called, offered_wall, ringing_wall, answered_wall,"
            " ring_ms, released_wall, released_by, outcome FROM calls"
            " WHERE offered_wall >= ? AND offered_wall < ? AND offered_wall <= ?"
            " AND id NOT IN (SELECT call FROM recording_imports) ORDER BY offered_wall, id",
            (self.begin, self.end, self.as_of),
        ):
            (id, line, direction, caller, source, called, offered, ringing, answered, ring_ms, released, by,
             outcome) = row
            answered, released = self._known(answered), self._known(released)
            calls[id] = Call(
                str(uuid.UUID(bytes=id)), line, direction, caller, source, called, offered, self._known(ringing),
                answered, ring_ms if answered is not None else None, released,
                by if released is not None else None, outcome if released is not None else None)
        return calls

    def _read_passages(self) -> None:
        apologies = {
            (chain, passage, call)
            for chain, passage, call in self._of_calls("chain, passage, {call}", "apologies", "at_wall <= :as_of")
        }
        columns = (
            "chain, seq, refused, boot, left_boot, priority, entered_wall, entered_mono, answered_wall, answered_mono,"
            " left_wall, left_mono, exit, agent, offers, ring_ms, {call}")
        for row in self._of_calls(columns, "queue_passages", "entered_wall <= :as_of", "chain, seq"):
            (chain, seq, refused, boot, left_boot, priority, entered, entered_mono, answered, answered_mono,
             left, left_mono, exit, agent, offers, ring_ms, call) = row
            if refused:
                self._calls[call].refused += 1
                continue
            if self._known(answered) is None:
                answered = answered_mono = agent = None
            if self._known(left) is None:
                left = left_mono = exit = offers = ring_ms = None
            wait: int | None = None
            if exit == "answered":
                if answered_mono is not None:
                    wait = max(answered_mono - entered_mono, 0) // 1_000_000
                elif answered is not None:
                    wait = milliseconds(entered, answered)
            elif exit is not None:
                if left_boot == boot and left_mono is not None:
                    wait = max(left_mono - entered_mono, 0) // 1_000_000
                elif left is not None:
                    wait = milliseconds(entered, left)
            self._calls[call].passages.append(Passage(
                entered, exit, agent, wait, offers, ring_ms,
                priority is not None and "key_customer" in json.loads(priority), (chain, seq, call) in apologies))

    def _read_talks(self) -> None:
        transfers: dict[tuple[bytes, str], list[int]] = defaultdict(list)
        for agent, at, call in self._of_calls(
            "agent, at_wall, {call}", "transfers", "completed = 1 AND at_wall <= :as_of"
        ):
            transfers[call, agent].append(at)
        for agent, answered, left, by, message, call in self._of_calls(
            "agent, answered_wall, left_wall, left_by, left_message, {call}", "agent_offers",
            "answered_wall <= :as_of AND purpose IN ('queue', 'duty', 'transfer', 'call_back')", "answered_wall, leg",
        ):
            left = self._known(left)
            if left is None:
                by = message = None
            self._calls[call].talks.append(Talk(
                agent, answered, left, by, message, any(at >= answered for at in transfers[call, agent])))

    def _read_marks(self) -> None:
        for mark, degree, at, call in self._of_calls(
            "mark, degree, at_wall, {call}", "call_marks", "at_wall <= :as_of", "chain, seq"
        ):
            self._calls[call].marks.append(Mark(mark, degree, at))
        for mark, call in self._of_calls(
            "mark, {call}", "messages", "kind = 'report' AND mark IS NOT NULL AND left_wall <= :as_of"
        ):
            self._calls[call].reports.add(mark)

    def _read_call_backs(self) -> None:
        for asked, ended, reached, attempts, call in self._of_calls(
            "asked_wall, ended_wall, reached, attempts, {call}", "call_backs", "asked_wall <= :as_of"
        ):
            ended = self._known(ended)
            self._calls[call].call_back = CallBack(asked, ended, ended is not None and reached == 1, attempts)

    def _read_announcements(self) -> None:
        for body, call in self._of_calls(
            "body, {call}", "journal", "type = 'announced' AND wall <= :as_of AND call IS NOT NULL", "chain, seq"
        ):
            if body is not None:
                data = json.loads(body)["data"]
                self._calls[call].announcements.append(
                    Announcement(data.get("agent"), data["at"]["wall"], data["items"]))
        for one in self._calls.values():
            one.announcements.sort(key=lambda announcement: announcement.at)

    def _read_speech(self) -> None:
        figures: dict[bytes, list[tuple[str, int]]] = defaultdict(list)
        for recording, role, talk in self.db.execute(
            "SELECT f.recording, c.role, f.talk_ms FROM recording_channel_figures f"
            " LEFT JOIN recording_channels c ON c.recording = f.recording AND c.channel = f.channel"
        ):
            figures[recording].append((role, talk))
        for recording, call in self._of_calls(
            "id, {call}", "recordings", "purpose = 'call' AND planned_wall <= :as_of", "id"
        ):
            channels = figures.get(recording)
            callers = [talk for role, talk in channels or [] if role == "caller"]
            self._calls[call].speech.append(
                (sum(callers), sum(talk for _, talk in channels or [])) if callers else None)

    # Duties and lines

    def deeds(self) -> dict[str, list[Deed]]:
        """By rule, in the order in which they were done."""
        deeds: dict[str, list[Deed]] = defaultdict(list)
        for rule, subject, happened in self.db.execute(
            "SELECT rule, subject, happened_wall FROM duty_deeds WHERE entered_wall <= :a AND happened_wall <= :a"
            " ORDER BY happened_wall, chain, seq", {"a": self.as_of}
        ):
            deeds[rule].append(Deed(subject, happened))
        return deeds

    def outages(self) -> list[Outage]:
        return [
            Outage(str(uuid.UUID(bytes=id)), kind, begins, announced)
            for id, kind, begins, announced in self.db.execute(
                "SELECT id, kind, begins_wall, announced_wall FROM outages WHERE entered_wall <= :a"
                " AND (withdrawn_wall IS NULL OR withdrawn_wall > :a) AND begins_wall >= :b AND begins_wall < :e"
                " ORDER BY begins_wall, id", {"a": self.as_of, "b": self.begin, "e": self.end})
        ]

    def server_notes(self) -> list[ServerNote]:
        """Of all time, in the order in which they were written."""
        notes: list[ServerNote] = []
        for chain, seq, wall, body in self.db.execute(
            "SELECT chain, seq, wall, body FROM journal WHERE type = 'server_noted' AND wall <= ?"
            " ORDER BY wall, chain, seq", (self.as_of,)
        ):
            fact = json.loads(body)["data"]
            if fact["kind"] not in ("opening", "started", "draining", "stopped", "alarm", "alarm_over"):
                continue
            before = self.db.execute(
                "SELECT wall FROM journal WHERE chain = ? AND seq = ?", (chain, seq - 1)).fetchone()
            notes.append(ServerNote(wall, fact["kind"], fact["data"], before[0] if before else None))
        return notes
