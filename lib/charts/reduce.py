"""Results with more rows than a browser draws: the same answer, put together in the engine to what the chart shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import TokenType, tokenize
from sqlglot.errors import TokenError

from lib.charts.bars import MOST_MARKS, most_categories
from lib.charts.folding import OTHER
from lib.charts.heatmap import MOST_COLUMNS, MOST_ROWS
from lib.charts.lines import MOST_POINTS as MOST_IN_LINES
from lib.charts.names import adds_up
from lib.charts.pie import MOST_PARTS
from lib.charts.scatter import MOST_POINTS
from lib.charts.spec import Aggregate, Kind, Spec
from lib.charts.spread import MOST_BOXES, MOST_LAYERS
from lib.charts.theme import MOST_SERIES
from lib.engine.result import Column
from lib.engine.types import is_day_or_time, is_number, quoted, text

MOST_STEPS = 1_500
"""Points of a line along time or numbers, for each series."""
_BARS_OVER_TIME, _CELLS_OVER_TIME = 366, 36
_FINE_BINS = 10_000
_SEED = 7
_HELD: dict[Kind, int] = {
    "bar": MOST_MARKS, "pie": MOST_MARKS, "heatmap": MOST_MARKS, "line": MOST_IN_LINES, "area": MOST_IN_LINES,
    "scatter": MOST_POINTS, "histogram": 2 * MOST_POINTS, "box": 2 * MOST_POINTS,
}  # fmt: skip
"""Rows up to which the page draws what it holds."""

_SQL: dict[Aggregate, str] = {
    "sum": "sum({})", "mean": "avg({})", "median": "median({})", "min": "min({})", "max": "max({})",
    "count": "count({})",
}  # fmt: skip
_MINUTE, _HOUR, _DAY, _YEAR = 60, 3_600, 86_400, 31_556_952
_STEPS = (
    (1, "1 second"), (5, "5 seconds"), (15, "15 seconds"), (_MINUTE, "1 minute"), (5 * _MINUTE, "5 minutes"),
    (15 * _MINUTE, "15 minutes"), (_HOUR, "1 hour"), (3 * _HOUR, "3 hours"), (6 * _HOUR, "6 hours"), (_DAY, "1 day"),
    (7 * _DAY, "7 days"), (_YEAR // 12, "1 month"), (_YEAR // 4, "3 months"), (_YEAR, "1 year"),
    (10 * _YEAR, "10 years"),
)  # fmt: skip
_LONGEST_STEP = "100 years"


@dataclass(frozen=True)
class Reduction:
    """SQL that gives what the chart shows, the spec that draws its result, and a sentence that says how."""

    sql: str
    spec: Spec
    note: str


def reduction(spec: Spec, columns: Sequence[Column], sql: str, total: int | None, held: int) -> Reduction | None:
    """How the result of `sql` is put together for its chart, None where its rows can be drawn as they are.

    The page holds `held` of the `total` rows, None if they were not counted. The SQL runs in the engine like any other
    and gives at most some 50,000 rows; its result is drawn with the reduction's spec.
    """
    most = _HELD.get(spec.kind)
    if most is None or not spec.fits(len(columns)) or (total == held and held <= most):
        return None
    answer = _Answer(columns, sql, "All rows" if total is None else f"All {total:,} rows")
    match spec.kind:
        case "bar" | "pie":
            return _by_category(spec, answer)
        case "line" | "area":
            return _over_steps(spec, answer)
        case "heatmap":
            return _in_cells(spec, answer)
        case "scatter":
            return _sample(spec, answer, total)
        case "histogram":
            return _bins(spec, answer)
        case _:
            return _percentiles(spec, answer)


def _without_end(sql: str) -> str:
    """The statement without the semicolons at its end, which may be followed by comments."""
    try:
        tokens = tokenize(sql, "duckdb")
    except TokenError:  # the engine says what is wrong
        return sql
    while tokens and tokens[-1].token_type == TokenType.SEMICOLON:
        sql = sql[: tokens.pop().start]
    return sql


@dataclass(frozen=True)
class _Part:
    """One column of a reduced result: its SQL, and what the statement needs before and behind for it.

    A part in steps says in `span` on what they depend, by name and SQL, and in `step` into which one a row falls.
    """

    item: str
    span: tuple[str, str] | None = None
    step: str = ""
    before: str = ""
    join: str = ""
    condition: str = ""
    note: str = ""


class _Answer:
    """The answer's rows as a relation whose columns are c0, c1, …, because names may repeat and be anything."""

    def __init__(self, columns: Sequence[Column], sql: str, all_rows: str) -> None:
        self.columns = columns
        self.all_rows = all_rows
        names = ", ".join(f"c{at}" for at in range(len(columns)))
        self._relation = f"(\n{_without_end(sql)}\n) AS answer({names})"

    def name(self, at: int) -> str:
        return quoted(self.columns[at].name)

    def value(self, at: int) -> str:
        """The column as a number of which sums can be made: an infinity is none."""
        if self.columns[at].type in ("DOUBLE", "FLOAT"):
            return f"CASE WHEN isfinite(c{at}) THEN c{at} END"
        return f"c{at}" if is_number(self.columns[at].type) else "CAST(NULL AS DOUBLE)"

    def select(self, parts: Sequence[_Part], order: str, *, most: int = 0) -> str:
        """One statement of these parts, grouped by those that are no aggregates."""
        rows, steps = "rows_in_order", ", ".join(one.step for one in parts if one.step)
        before = [f"{rows} AS (SELECT *, row_number() OVER () AS place FROM {self._relation})"]
        if steps:
            # A step is a column of its own: DuckDB 2 makes a cross product of a join on what it has to work out.
            before += [f"{one.span[0]} AS ({one.span[1]})" for one in parts if one.span]
            spans = " JOIN ".join([rows, *(f"{one.span[0]} ON true" for one in parts if one.span)])
            before.append(f"rows_in_steps AS (SELECT {rows}.*, {steps} FROM {spans})")
            rows = "rows_in_steps"
        before += [one.before for one in parts if one.before]
        joins = "".join(f"\nJOIN {one.join}" for one in parts if one.join)
        conditions = " AND ".join(one.condition for one in parts if one.condition)
        return (
            "WITH " + ",\n".join(before) + "\nSELECT " + ", ".join(one.item for one in parts)
            + f"\nFROM {rows}{joins}" + (f"\nWHERE {conditions}" if conditions else "")
            + f"\nGROUP BY ALL\nORDER BY {order}" + (f"\nLIMIT {most}" if most else "")
        )  # fmt: skip

    def rows(self, items: Sequence[str], condition: str) -> str:
        """The rows themselves."""
        return f"SELECT {', '.join(items)}\nFROM {self._relation}\nWHERE {condition}"

    def folded(self, role: str, at: int, most: int, size: str, *, with_other: bool) -> _Part:
        """The column's `most` groups of the largest `size`, the others as one group if it is a column of texts.

        `role` tells several columns of one statement apart, which may be the same one.
        """
        fold, is_text = f"fold_{role}", self.columns[at].type == "VARCHAR" or self.columns[at].type.startswith("ENUM")
        before = (
            f"{fold} AS (SELECT c{at} AS value, count(*) OVER () AS total,"
            f" row_number() OVER (ORDER BY {size} DESC NULLS LAST, min(place)) AS rank"
            f" FROM rows_in_order GROUP BY c{at})"
        )
        join = f"{fold} ON c{at} IS NOT DISTINCT FROM {fold}.value"
        if not with_other or not is_text:
            note = f"Of its groups at most {most:,} are shown, the largest."
            return _Part(
                f"c{at} AS {self.name(at)}", before=before, join=join, condition=f"{fold}.rank <= {most}", note=note
            )
        label = f"{text(OTHER + ' (')} || format('{{:,}}', {fold}.total - {most - 1}) || ')'"
        shown = f"{fold}.total <= {most} OR {fold}.rank < {most}"
        note = f"Of its groups at most {most:,} are shown, the largest; all others together."
        item = f"CASE WHEN {shown} THEN CAST(c{at} AS VARCHAR) ELSE {label} END AS {self.name(at)}"
        return _Part(item, before=before, join=join, note=note)

    def stepped(self, role: str, at: int, most: int) -> _Part:
        """The column's times or numbers in at most so many steps.

        The first value of a step stands for it, which is exact where there are few.
        """
        is_time = is_day_or_time(self.columns[at].type)
        width, step = self._calendar(role, at, most) if is_time else self._equal(role, at, most)
        there = f"isfinite(c{at})" if is_time else f"{self.value(at)} IS NOT NULL"
        return _Part(
            f"steps_{role}.first AS {self.name(at)}",
            span=(f"span_{role}", width),
            step=f"{step} AS step_{role}",
            before=(
                f"steps_{role} AS (SELECT step_{role} AS step, min(c{at}) AS first FROM rows_in_steps"
                f" WHERE {there} GROUP BY 1)"
            ),
            join=f"steps_{role} ON step_{role} IS NOT DISTINCT FROM steps_{role}.step",
            condition=there,
        )

    def _calendar(self, role: str, at: int, most: int) -> tuple[str, str]:
        """SQL of one row that says how long a step is, and of the step of a value."""
        when = f"CAST(c{at} AS TIMESTAMP)"
        cases = " ".join(f"WHEN seconds <= {most * seconds} THEN INTERVAL '{name}'" for seconds, name in _STEPS)
        width = (
            f"SELECT CASE {cases} ELSE INTERVAL '{_LONGEST_STEP}' END AS width FROM"
            f" (SELECT epoch(max({when})) - epoch(min({when})) AS seconds FROM rows_in_order WHERE isfinite(c{at}))"
        )
        return width, f"time_bucket(span_{role}.width, {when})"

    def _equal(self, role: str, at: int, most: int) -> tuple[str, str]:
        value = f"CAST({self.value(at)} AS DOUBLE)"
        span = f"SELECT min({value}) AS low, max({value}) AS high FROM rows_in_order"
        return span, f"floor(({value} - span_{role}.low) * {most} / nullif(span_{role}.high - span_{role}.low, 0))"


def _aggregated(spec: Spec, answer: _Answer, shared: Aggregate) -> tuple[list[_Part], str]:
    """The numbers of the chart, and the size by which its groups are ranked."""
    how = _SQL[shared if spec.aggregate == "none" else spec.aggregate]
    if not spec.y:
        return [_Part('count(*) AS "count(*)"')], "count(*)"
    values = [how.format(answer.value(at)) for at in spec.y]
    parts = [_Part(f"{value} AS {answer.name(at)}") for value, at in zip(values, spec.y, strict=True)]
    return parts, " + ".join(f"abs({one})" for one in values)


def _reduced(spec: Spec, numbers: int) -> Spec:
    """The spec for a result with the columns x, colour, numbers. What was counted there is added up here."""
    first = 1 if spec.color is None else 2
    return replace(
        spec, x=0, color=None if spec.color is None else 1, y=tuple(range(first, first + numbers)),
        aggregate="none" if spec.aggregate == "count" else spec.aggregate,
    )  # fmt: skip


def _with_other(spec: Spec, answer: _Answer) -> bool:
    return spec.aggregate not in ("none", "sum") or all(adds_up(answer.columns[at].name) for at in spec.y)


def _by_category(spec: Spec, answer: _Answer) -> Reduction:
    x = spec.x or 0
    spec = replace(spec, color=None) if spec.kind == "pie" else spec
    values, size = _aggregated(spec, answer, "sum")
    adds = _with_other(spec, answer)
    series = MOST_SERIES if spec.color is not None else len(spec.y)
    if is_day_or_time(answer.columns[x].type) and spec.kind == "bar":
        along, order = answer.stepped("x", x, _BARS_OVER_TIME // max(1, series // 2)), "1"
    else:
        most = MOST_PARTS if spec.kind == "pie" else most_categories(spec, series)
        along, order = answer.folded("x", x, most, size, with_other=adds), "min(place)"
    parts = [along, *_series(spec, answer, adds), *values]
    note = f"{answer.all_rows} are in it. {along.note}".strip()
    return Reduction(answer.select(parts, order), _reduced(spec, len(values)), note)


def _series(spec: Spec, answer: _Answer, adds: bool) -> list[_Part]:
    if spec.color is None:
        return []
    size = f"sum(abs({answer.value(spec.y[0])}))" if spec.y else "count(*)"
    return [answer.folded("series", spec.color, MOST_SERIES + adds, size, with_other=adds)]


def _over_steps(spec: Spec, answer: _Answer) -> Reduction:
    x = spec.x or 0
    values, _ = _aggregated(spec, answer, "sum" if spec.kind == "area" else "mean")
    if is_day_or_time(answer.columns[x].type) or is_number(answer.columns[x].type):
        along, order = answer.stepped("x", x, MOST_STEPS), "1"
    else:
        along, order = _Part(f"c{x} AS {answer.name(x)}", condition=f"c{x} IS NOT NULL"), "min(place)"
    parts = [along, *_series(spec, answer, _with_other(spec, answer)), *values]
    made = {"none": "averages", "mean": "averages", "sum": "sums", "count": "numbers of rows"}.get(spec.aggregate, "")
    what = "sums" if spec.kind == "area" and spec.aggregate == "none" else made or f"the {spec.aggregate}"
    note = f"{answer.all_rows} are in it: {what} of at most {MOST_STEPS:,} steps."
    most = MOST_IN_LINES if order != "1" else 0
    return Reduction(answer.select(parts, order, most=most), _reduced(spec, len(values)), note)


def _in_cells(spec: Spec, answer: _Answer) -> Reduction:
    across, down = spec.x or 0, spec.y[0]
    counts = spec.aggregate == "count" or spec.color is None
    number = () if counts or spec.color is None else (spec.color,)
    inner = replace(spec, y=number, aggregate="count" if counts else spec.aggregate)
    values, size = _aggregated(inner, answer, "mean")
    adds = _with_other(inner, answer)
    sides = [
        answer.stepped(role, at, _CELLS_OVER_TIME) if is_day_or_time(answer.columns[at].type)
        else answer.folded(role, at, most, size, with_other=adds)
        for role, at, most in (("x", across, MOST_COLUMNS), ("y", down, MOST_ROWS))
    ]  # fmt: skip
    made = replace(spec, x=0, y=(1,), color=2, aggregate="none" if counts else spec.aggregate)
    note = " ".join(dict.fromkeys([f"{answer.all_rows} are in it.", *(one.note for one in sides if one.note)]))
    return Reduction(answer.select([*sides, *values], "min(place)"), made, note)


def _sample(spec: Spec, answer: _Answer, total: int | None) -> Reduction:
    named = spec.columns
    there = " AND ".join(f"c{at} IS NOT NULL" for at in (spec.x or 0, spec.y[0]))
    rows = answer.rows([f"c{at}" for at in named], there)
    items = ", ".join(f"c{at} AS {answer.name(at)}" for at in named)
    sql = f"SELECT {items}\nFROM ({rows})\nUSING SAMPLE reservoir({MOST_POINTS} ROWS) REPEATABLE ({_SEED})"
    at = {one: place for place, one in enumerate(named)}
    made = replace(
        spec, x=at[spec.x or 0], y=(at[spec.y[0]],), previous=None,
        color=None if spec.color is None else at[spec.color], size=None if spec.size is None else at[spec.size],
    )  # fmt: skip
    many = f"{total:,}" if total is not None else "all"
    return Reduction(sql, made, f"A random {MOST_POINTS:,} of {many} points.")


def _bins(spec: Spec, answer: _Answer) -> Reduction:
    """So many bins that those of the drawing, which has round edges, can be made of them."""
    x = spec.x or 0
    weight = f"sum({answer.value(spec.y[0])})" if spec.y else "count(*)"
    parts = [answer.stepped("x", x, _FINE_BINS), _Part(f'{weight} AS "count(*)"')]
    if spec.color is not None:
        parts.append(answer.folded("series", spec.color, MOST_LAYERS, "count(*)", with_other=False))
    made = replace(spec, x=0, y=(1,), color=None if spec.color is None else 2)
    return Reduction(answer.select(parts, "1"), made, f"{answer.all_rows} are counted.")


def _percentiles(spec: Spec, answer: _Answer) -> Reduction:
    """The least value, every percentile, and the largest value of each group: their quartiles are those of all rows."""
    y = spec.y[0]
    points = ", ".join(f"{at / 100:g}" for at in range(101))
    value = answer.value(y)
    number = _Part(f"quantile_cont(CAST({value} AS DOUBLE), [{points}]) AS {answer.name(y)}")
    parts = [] if spec.x is None else [answer.folded("x", spec.x, MOST_BOXES, "count(*)", with_other=False)]
    made = replace(spec, x=None if spec.x is None else 0, y=(len(parts),))
    grouped = answer.select([*parts, number], "min(place)")
    sql = f"SELECT {'#1, ' if parts else ''}unnest(#{len(parts) + 1}) AS {answer.name(y)}\nFROM (\n{grouped}\n)"
    return Reduction(sql, made, f"{answer.all_rows} are in it, as percentiles. " + (parts[0].note if parts else ""))
