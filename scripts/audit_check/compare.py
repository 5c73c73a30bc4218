"""Every figure of mine against the program's."""

from __future__ import annotations

from collections import Counter
from typing import Any

# By which a list's entries are told apart.
KEYS = ("rule", "hour", "date", "agent", "line", "ring", "begin", "penalty")
# What is no figure, or follows from others.
LEFT_OUT = {"share", "words", "limit", "ring_limit"}
LEFT_OUT_ABOVE = {"name", "issuer", "from", "to", "as_of", "event", "zone", "rings", "publications"}


def keyed(value: Any) -> Any:
    """A list of objects that have a key becomes an object by that key."""
    if value == []:
        return {}
    if isinstance(value, list) and all(isinstance(one, dict) for one in value):
        for key in KEYS:
            names = [one.get(key) for one in value]
            if None not in names and len(set(names)) == len(names):
                return {one[key]: {name: part for name, part in one.items() if name != key} for one in value}
    return value


class Comparison:
    def __init__(self) -> None:
        self.compared = 0
        # Path, theirs, mine.
        self.differences: list[tuple[str, Any, Any]] = []

    def compare(self, path: str, theirs: Any, mine: Any) -> None:
        if path.endswith("/breaches"):
            self._breaches(path, theirs, mine)
        elif isinstance(mine, dict):
            self._objects(path, keyed(theirs), mine)
        elif isinstance(mine, list) and isinstance(theirs, list):
            self._figure(f"{path}/count", len(theirs), len(mine))
            for place, (one, other) in enumerate(zip(theirs, mine)):
                self.compare(f"{path}/{place}", one, other)
        else:
            self._figure(path, theirs, mine)

    def _figure(self, path: str, theirs: Any, mine: Any) -> None:
        self.compared += 1
        if theirs != mine or type(theirs) is not type(mine):
            self.differences.append((path, theirs, mine))

    def _objects(self, path: str, theirs: Any, mine: dict[Any, Any]) -> None:
        if not isinstance(theirs, dict):
            self._figure(path, theirs, mine)
            return
        left_out = LEFT_OUT if path else LEFT_OUT | LEFT_OUT_ABOVE
        for key in [*mine, *(key for key in theirs if key not in mine and key not in left_out)]:
            if key not in theirs or key not in mine:
                self._figure(f"{path}/{key}", theirs.get(key, "absent"), mine.get(key, "absent"))
            else:
                self.compare(f"{path}/{key}", theirs[key], mine[key])

    def _breaches(self, path: str, theirs: list[dict], mine: list[dict]) -> None:
        """Which they are, whatever their order."""
        keys = list(mine[0]) if mine else ["kind", "subject"]

        def counted(breaches: list[dict]) -> Counter[tuple]:
            return Counter(tuple(breach.get(key, "absent") for key in keys) for breach in breaches)

        self.compared += len(mine) * len(keys) + 1
        ours, others = counted(mine), counted(theirs)
        only_theirs = sorted((others - ours).elements(), key=repr)
        only_mine = sorted((ours - others).elements(), key=repr)
        by_subject = {breach[:2]: breach for breach in only_mine}
        for breach in only_theirs:
            self.differences.append((f"{path}/{breach[1]}", breach, by_subject.pop(breach[:2], "absent")))
        for breach in by_subject.values():
            self.differences.append((f"{path}/{breach[1]}", "absent", breach))
