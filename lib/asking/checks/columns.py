"""Columns that are added up, averaged or put in order although their cells are not amounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.dates import is_year
from lib.asking.checks.finding import Finding, shown
from lib.asking.checks.probe import Probe, Step
from lib.asking.checks.reading import DIALECT, Base, Select, plain_column
from lib.asking.checks.words import stems, words
from lib.data.table import counted
from lib.engine.types import is_number, is_whole

_NAMES_THINGS = frozenset(
    "id ids key uid uuid guid pk sku isbn code zip zipcode postcode postal phone fax ssn iban rowid geonameid".split()
)
_AMOUNTS = frozenset("amount price cost salary revenue fee pay budget sales income spend payment".split())
_UNITS = frozenset("currency unit units uom".split())
_LEAST_CELLS = 2


def added_identifier(case: Case) -> Iterator[Step]:
    """SUM or AVG over a column that names things, or over years."""
    for select in case.reading.selects:
        for one in select.own(exp.Sum, exp.Avg):
            column = plain_column(one.this)
            base = select.base(column) if column else None
            if not base:
                continue
            verb = "SUM" if isinstance(one, exp.Sum) else "AVG"
            if _names_things(case, base):
                yield _added(verb, base, "names things and is no amount; count it, or choose the column that was meant")
            elif is_year(base.column) and not (verb == "AVG" and stems(base.column.name) & case.question.averaged):
                yield _added(verb, base, "holds years; count rows, or group by it")


def _names_things(case: Case, base: Base) -> bool:
    if not is_whole(base.column.type):
        return False
    last = words(base.column.name)[-1:]
    joined = any(one.confirmed and (base.table.name, base.column.name) in one.ends for one in case.joins)
    return joined or bool(_NAMES_THINGS.intersection(last)) or base.column.name.endswith(("Id", "ID", "_no", "_nr"))


def _added(verb: str, base: Base, reason: str) -> Finding:
    return Finding("added_identifier", "problem", f"{verb} is taken of {shown(base.column.name)}, which {reason}.")


def mixed_types(case: Case) -> Iterator[Step]:
    """A text column used as a number, of which some cells are none, or are in several units."""
    for select in case.reading.selects:
        for base in {base for node in _used_as_number(select) if (base := select.only(node))}:
            if base.column.type == "VARCHAR":
                yield Probe(base.asks(*_text_figures(base)), _mixed(base, as_number=True))
        for base in {base for node in _ordered(select) if (base := select.base(node))}:
            if base.column.type == "VARCHAR" and _starts_with_number(base):
                yield Probe(base.asks(*_text_figures(base)), _mixed(base, as_number=False))


def _used_as_number(select: Select) -> Iterator[exp.Expr]:
    for cast in select.own(exp.Cast, exp.TryCast):
        columns = list(cast.find_all(exp.Column))
        pieces = cast.this.find(exp.Substring, exp.TimeToStr, exp.Extract, exp.SplitPart, exp.Case, exp.AggFunc)
        if cast.to.this in exp.DataType.NUMERIC_TYPES and len(columns) == 1 and not pieces:
            yield columns[0]


def _ordered(select: Select) -> Iterator[exp.Column]:
    """Columns by whose size rows are put in order or compared."""
    for node in select.own(exp.Ordered, exp.Max, exp.Min):
        value = select.resolved(node.this) if isinstance(node, exp.Ordered) else node.this
        if isinstance(value, exp.Column):
            yield value
    for compared in select.own(exp.GT, exp.GTE, exp.LT, exp.LTE):
        if isinstance(compared.this, exp.Column) and isinstance(compared.expression, exp.Literal):
            yield compared.this


def _starts_with_number(base: Base) -> bool:
    examples = base.column.examples
    dates = all(re.match(r"\d{1,4}[-/.:]\d{1,2}", one) for one in examples)
    return bool(examples) and all(re.match(r"\s*[-+$€£]?\s*\d", one) for one in examples) and not dates


def _text_figures(base: Base) -> tuple[str, ...]:
    cell = f"nullif(trim({base.sql}), '')"
    plain = f"TRY_CAST(replace({cell}, ',', '') AS DOUBLE)"
    residue = f"trim(lower(regexp_replace({cell}, '[0-9.,+\\-\\s]+', '', 'g')))"
    with_digits = f"regexp_matches({cell}, '[0-9]')"
    odd = f"FILTER (WHERE {cell} IS NOT NULL AND {plain} IS NULL)"
    return (
        f"count({cell})",
        f"count(*) {odd}",
        f"any_value({base.sql}) {odd}",
        f"list(DISTINCT {residue}) FILTER (WHERE {with_digits})[1:5]",
        f"count(DISTINCT length({cell}))",
    )


def _mixed(base: Base, *, as_number: bool) -> Callable[..., Finding | None]:
    name = shown(base.column.name)

    def judge(cells: int, odd: int, example: str, units: list[str] | None, lengths: int) -> Finding | None:
        units = sorted(units or [])
        if 1 < len(units) < 5 and odd:
            said = " and ".join(f'"{shown(one)}"' if one else "none" for one in units[:2])
            return Finding(
                "mixed_types", "problem", f"Cells of {name} have different units ({said}); bring them to one first."
            )
        if as_number and 0 < odd < cells:
            return Finding(
                "mixed_types",
                "doubt",
                f'{odd:,} of {counted(cells, "cell")} of {name}, such as "{shown(example)}", are no numbers; leave them'
                " out or mend them first.",
            )
        if not as_number and cells >= _LEAST_CELLS and not odd and lengths > 1:
            return Finding(
                "mixed_types",
                "doubt",
                f'{name} is text, so "9" comes after "10"; cast it to a number to put it in order.',
            )
        return None

    return judge


def mixed_units(case: Case) -> Iterator[Step]:
    """Amounts in several currencies or units that are added up together."""
    for select in case.reading.selects:
        for one in select.aggregates:
            column = plain_column(one.this) if isinstance(one, exp.Sum | exp.Avg) else None
            base = select.base(column) if column else None
            if not column or not base or not (stems(base.column.name) & _AMOUNTS):
                continue
            for unit in base.table.columns:
                if is_number(unit.type) or _mentions(select, unit.name):
                    continue  # numbers of units are an amount of their own
                if _UNITS & set(words(unit.name)):
                    beside = exp.column(exp.to_identifier(unit.name, quoted=True), column.args.get("table"))
                    asks = select.asks(f"count(DISTINCT {beside.sql(DIALECT)})")
                    if asks:
                        yield Probe(asks, _several(base, unit.name))


def _mentions(select: Select, name: str) -> bool:
    return any(one.name.casefold() == name.casefold() for one in select.node.find_all(exp.Column))


def _several(base: Base, unit: str) -> Callable[[int], Finding | None]:
    def judge(number: int) -> Finding | None:
        if number < 2:
            return None
        return Finding(
            "mixed_types",
            "problem",
            f"{shown(base.column.name)} is in {number} kinds of {shown(unit)} here; group by it, or take one.",
        )

    return judge
