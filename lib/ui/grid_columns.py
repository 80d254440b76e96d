"""How the columns of a result look in the grid.

The browser's grid takes one column's values for another's when names repeat, marks numbers of more than 15 digits as
wrong, cuts times after the millisecond, and shows decimals and dates inside a list as other numbers.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from streamlit import column_config
from streamlit.elements.lib.column_types import ColumnConfig

from lib.data.names import distinct

if TYPE_CHECKING:
    import pyarrow as pa

    from lib.data.figures import Figures
    from lib.engine.result import Result

WHOLE_ROWS, WHOLE_BYTES = 100_000, 16 << 20
"""What a browser gets at once. Of a larger result it gets the rows in view, which it cannot search or select."""

_LONG = "Has more digits than a browser can count with: negative numbers are sorted like texts."


def sent_whole(result: Result) -> bool:
    """Whether the browser gets all rows at once and sorts them itself. Else it gets those in view."""
    return result.table.num_rows <= WHOLE_ROWS and bool(result.table.nbytes <= WHOLE_BYTES)


def displayed(result: Result) -> tuple[pa.Table, dict[str, ColumnConfig]]:
    """The table that the grid gets, with names that differ, and how it shows each column under its own name."""
    import pyarrow as pa

    whole = sent_whole(result)

    # A column of this name would be taken for the numbers of the rows, which are hidden.
    names = distinct(["_index_" if one.name == "_index" else one.name for one in result.columns])
    looks = [_column(result, at, whole) for at in range(len(names))]
    table = pa.Table.from_arrays([values for values, _ in looks], names=names)
    return table, {name: how for name, (_, how) in zip(names, looks, strict=True)}


def _column(result: Result, at: int, whole: bool) -> tuple[pa.ChunkedArray | pa.Array, ColumnConfig]:
    import pyarrow as pa

    from lib.data import figures
    from lib.export.cells import cells

    name, values = result.columns[at].name, result.table.column(at)
    kind = values.type
    if (how := figures.of(result.columns[at], values)) is not None:
        return _numbers(name, values, how, whole)
    if pa.types.is_boolean(kind):
        return values, column_config.TextColumn(name)  # its own look has no sign for a missing value
    if (pa.types.is_timestamp(kind) or pa.types.is_time(kind)) and _has_fractions(values):
        return values.cast(pa.string()), column_config.TextColumn(name)
    if pa.types.is_nested(kind) and not _is_list_of_texts(kind):
        return pa.array(cells(result, at), pa.string()), column_config.TextColumn(name)
    return values, column_config.Column(name)


def _numbers(
    name: str, values: pa.ChunkedArray, how: Figures, whole: bool
) -> tuple[pa.ChunkedArray | pa.Array, ColumnConfig]:
    if how.fits:
        kind = f".{how.decimals}f" if how.decimals else "d"
        return values, column_config.NumberColumn(name, format=f"%{',' if how.grouped else ''}{kind}")
    return _padded(values) if whole else values, column_config.TextColumn(name, alignment="right", help=_LONG)


def _padded(values: pa.ChunkedArray) -> pa.Array:
    """The numbers as texts of one length, which sort as the numbers do."""
    import pyarrow as pa

    texts = [one if one is None else _digits(one) for one in values.to_pylist()]
    width = max(len(one) for one in texts if one is not None)
    return pa.array([one if one is None else one.rjust(width) for one in texts], pa.string())


def _digits(value: float | Decimal) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _has_fractions(values: pa.ChunkedArray) -> bool:
    import pyarrow.compute as pc

    return bool(pc.any(pc.not_equal(pc.subsecond(values), 0)).as_py())


def _is_list_of_texts(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_list(kind) and pa.types.is_string(kind.value_type))
