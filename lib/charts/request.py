"""A chart for each line of JSON: what the command `chart` reads and writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lib.charts.choose import choose
from lib.charts.spec import Spec
from lib.engine.result import Column

NO_REQUEST = 'This line is no JSON object with "id", "question", "columns" and "rows".'
NO_ROWS = "Each row has to be a list with as many values as there are columns."


@dataclass(frozen=True)
class Chosen:
    """The answer to one line: a chart, or the sentence that says why there is none."""

    id: Any
    columns: tuple[Column, ...] = ()
    spec: Spec | None = None
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        if self.spec is None:
            return {"id": self.id, "error": self.error}
        return {
            "id": self.id,
            "kind": self.spec.kind,
            "x": self._named(self.spec.x),
            "y": [self.columns[one].name for one in self.spec.y],
            "color": self._named(self.spec.color),
            "reason": self.spec.reason,
            "alternatives": list(self.spec.alternatives),
        }

    def line(self) -> str:
        """As a person reads it; what may come from data is written so that it stays on its line."""
        if self.spec is None:
            return f"{_quoted(self.id)}  {self.error}"
        given = self.to_json()
        named = {"x": given["x"], "y": ", ".join(given["y"]), "color": given["color"]}
        parts = [f"{place}={_quoted(name)}" for place, name in named.items() if name]
        return "  ".join([_quoted(self.id), self.spec.kind, *parts])

    def _named(self, position: int | None) -> str | None:
        return None if position is None else self.columns[position].name


def answered(line: str) -> Chosen:
    """The chart for one line."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        return Chosen(None, error=NO_REQUEST)
    id_, question, rows = asked.get("id"), asked.get("question"), asked.get("rows")
    columns = _columns(asked.get("columns"))
    if not isinstance(question, str) or columns is None or not isinstance(rows, list):
        return Chosen(id_, error=NO_REQUEST)
    if not _fit(rows, columns):
        return Chosen(id_, error=NO_ROWS)
    return Chosen(id_, columns, choose(question, columns, rows))


def _columns(given: Any) -> tuple[Column, ...] | None:
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        return None
    pairs = [(one.get("name"), one.get("type")) for one in given]
    if not all(isinstance(name, str) and isinstance(type_, str) for name, type_ in pairs):
        return None
    return tuple(Column(name, type_) for name, type_ in pairs)


def _fit(rows: Sequence[Any], columns: Sequence[Column]) -> bool:
    return all(isinstance(row, list) and len(row) == len(columns) for row in rows)


def _quoted(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
