"""A tile as JSON, without its rows. What is read may come from anybody's file, so every value is looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, get_origin, get_type_hints

import pyarrow as pa

from lib.asking.checks.finding import SEVERITIES, Finding
from lib.board import checked
from lib.board.exhibit import Exhibit, TableMark
from lib.board.tile import OUTCOMES, WIDTHS, Refreshed, Tile
from lib.charts.reduced import Reduced
from lib.charts.spec import Spec
from lib.engine.result import Column, Result

_TEXTS = ("question", "sql", "title", "note", "standalone", "model", "engine")
_DIALECT = "duckdb"
"""The only one of earlier versions."""
_YEAR_9999 = 253_370_764_800.0


def body(tile: Tile) -> dict[str, Any]:
    """All of the tile but the rows of its result."""
    one = tile.exhibit
    return {
        "id": tile.id,
        "width": tile.width,
        "tall": tile.tall,
        "refreshed": asdict(tile.refreshed) if tile.refreshed else None,
        **{name: getattr(one, name) for name in _TEXTS},
        "assumptions": list(one.assumptions),
        "findings": None if one.findings is None else [asdict(each) for each in one.findings],
        "tables": [asdict(each) for each in one.tables],
        "read": one.read,
        "dialect": one.dialect,
        "spec": one.spec.to_json(),
        **_result_body(one.result),
        "reduced": one.reduced
        and {"spec": one.reduced.spec.to_json(), "note": one.reduced.note, **_result_body(one.reduced.result)},
    }


def _result_body(result: Result) -> dict[str, Any]:
    return {
        "columns": [(each.name, each.type) for each in result.columns],
        "truncated": result.truncated,
        "total_rows": result.total_rows,
        "seconds": result.seconds,
    }


def tile(given: Mapping[str, Any]) -> Tile:
    """The inverse, without rows. Raises ValueError, TypeError or KeyError for what `body` does not write."""
    result, spec = _result(given), _spec(given)
    if given["width"] not in WIDTHS:
        raise ValueError
    findings = given["findings"]
    texts = {name: checked.text(given[name]) for name in _TEXTS}
    exhibit = Exhibit(
        question=texts["question"],
        sql=texts["sql"],
        result=result,
        spec=spec,
        title=texts["title"],
        note=texts["note"],
        standalone=texts["standalone"],
        model=texts["model"],
        engine=texts["engine"],
        assumptions=tuple(map(checked.text, checked.items(given["assumptions"]))),
        findings=None if findings is None else tuple(map(_finding, checked.items(findings))),
        tables=tuple(map(_mark, checked.items(given["tables"]))),
        read=moment(given["read"]),
        reduced=_reduced(given["reduced"]) if given.get("reduced") else None,
        dialect=checked.text(given.get("dialect", _DIALECT)),
    )
    done = given["refreshed"]
    return Tile(
        checked.text(given["id"]),
        exhibit,
        given["width"],
        checked.truth(given["tall"]),
        has_rows=False,
        refreshed=None if done is None else _done(done),
    )


def _result(given: Mapping[str, Any]) -> Result:
    """With its columns, and without rows."""
    columns = tuple(Column(checked.text(name), checked.text(kind)) for name, kind in checked.items(given["columns"]))
    return Result(
        columns,
        pa.table([pa.nulls(0)] * len(columns), names=[one.name for one in columns]),
        checked.truth(given["truncated"]),
        None if given["total_rows"] is None else checked.count(given["total_rows"]),
        checked.number(given["seconds"]),
    )


def _spec(given: Mapping[str, Any]) -> Spec:
    spec = Spec.from_json(given["spec"])
    if not spec.fits(len(given["columns"])):
        raise ValueError
    return spec


def _reduced(given: Mapping[str, Any]) -> Reduced:
    return Reduced(_spec(given), _result(given), checked.text(given["note"]))


def moment(value: object) -> float:
    """Seconds since 1970 that a calendar can show. Raises TypeError or ValueError."""
    seconds = checked.number(value)
    if seconds >= _YEAR_9999:
        raise ValueError
    return seconds


def _finding(given: Mapping[str, Any]) -> Finding:
    one = Finding(**checked.record(given))
    for value in (one.code, one.message, one.sql):
        checked.text(value)
    if one.severity not in SEVERITIES:
        raise ValueError
    return one


def _mark(given: Mapping[str, Any]) -> TableMark:
    one = TableMark(**{name: _frozen(value) for name, value in checked.record(given).items()})
    kinds = get_type_hints(TableMark)
    if any(type(getattr(one, each.name)) is not (get_origin(kinds[each.name]) or kinds[each.name])
           for each in fields(one)):  # fmt: skip
        raise TypeError
    return one


def _frozen(value: Any) -> Any:
    """A list as the tuple that it was; only texts may be in it."""
    if isinstance(value, list):
        return tuple(_frozen(one) if isinstance(one, list) else checked.text(one) for one in value)
    return value


def _done(given: Mapping[str, Any]) -> Refreshed:
    if given["outcome"] not in OUTCOMES:
        raise ValueError
    return Refreshed(given["outcome"], checked.text(given["says"]), moment(given["at"]))
