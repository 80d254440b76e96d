"""From a text to the engine's text: whose dialect it is, then the rewrites, then whether anything changed at all."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlglot import exp
from sqlglot.expressions import Expr

from lib.asking.bridge import engine
from lib.asking.bridge.kinds import known_as
from lib.asking.bridge.native import Verdict, refusal, verdict
from lib.asking.bridge.parse import as_written, parsed, rendered
from lib.asking.bridge.scope import children, stored_tables
from lib.asking.bridge.spark import spark_sql
from lib.asking.bridge.spark.columns import with_zones
from lib.asking.bridge.translate import Translation
from lib.data.table import Note, Table
from lib.engine.gate import MAX_CHARACTERS
from lib.errors import CannotTranslate

REPAIRS = frozenset(
    """
    bare_column bare_column_of_extreme count_distinct date_function double_quotes function regexp
    value_as_text
    """.split()
)
"""Codes of what the engine cannot run as it was written."""

_LONGEST_NAME = 60
_MOST_WRITTEN_OUT = 1_000
_HEXADECIMAL = r"\b0[xX]"


def bridged(sql: str, tables: Sequence[Table], to: str) -> tuple[str, tuple[Note, ...]]:
    """The SQL in the dialect `to` and its notes; raises CannotTranslate."""
    if len(sql) > MAX_CHARACTERS:
        raise CannotTranslate(
            f"The SQL is too long: {len(sql):,} characters; at most {MAX_CHARACTERS:,} can run.", sql=sql
        )
    if "\0" in sql or any("\ud800" <= letter <= "\udfff" for letter in sql):
        raise CannotTranslate("The SQL holds a character that is not text.", "Remove it.", sql=sql)
    try:
        return _for_spark(sql, tables) if to == "spark" else _bridged(sql, tables)
    except CannotTranslate as e:
        e.sql = sql
        raise
    except RecursionError:
        raise CannotTranslate("The SQL is nested too deeply.", "Write it with fewer levels.", sql=sql) from None


def _bridged(sql: str, tables: Sequence[Table]) -> tuple[str, tuple[Note, ...]]:
    try:
        tree = parsed(sql)
    except CannotTranslate:
        if engine.can_read(sql):
            return sql, ()
        raise
    if not isinstance(tree, exp.Query) and engine.can_read(sql):
        return sql, ()
    said = Verdict.SQLITE if _selects_written_out(tree, {}) > _MOST_WRITTEN_OUT else verdict(sql, tables)
    own = said is not Verdict.SQLITE and engine.can_read(sql)
    try:
        return _translated(sql, tree, tables, said if own else Verdict.SQLITE)
    except CannotTranslate:
        if own and said is not Verdict.UNKNOWN_NAME:
            return sql, ()
        raise


def _for_spark(sql: str, tables: Sequence[Table]) -> tuple[str, tuple[Note, ...]]:
    """Only what SQLite itself takes is translated: every other meaning would be a guess."""
    tree = parsed(sql)
    if _selects_written_out(tree, {}) > _MOST_WRITTEN_OUT:
        raise CannotTranslate("The SQL names its own queries too often.", "Write it with fewer steps.")
    if reason := refusal(sql, tables):
        raise CannotTranslate(f"SQLite would not take this: {reason}.", "Write one SELECT in SQLite's dialect.")
    originals = [as_written(one) for one in _projections(tree)]
    translation = Translation(sql, with_zones(stored_tables(tables)))
    tree = translation.statement(tree)
    _name_columns(tree, originals, all_of_them=True)
    return spark_sql(tree, [one.name for one in tables], pretty="\n" in sql.strip()), translation.notes.all()


def _translated(sql: str, tree: Expr, tables: Sequence[Table], said: Verdict) -> tuple[str, tuple[Note, ...]]:
    originals = [as_written(one) for one in _projections(tree)]
    translation = Translation(sql, stored_tables(tables))
    tree = translation.statement(tree)
    notes = translation.notes
    if _is_own(said, translation):
        return sql, ()
    if not notes.codes:
        if engine.can_read(sql) and not re.search(_HEXADECIMAL, sql):
            return sql, ()
        notes.add("syntax")
    _name_columns(tree, originals)
    return rendered(tree, pretty="\n" in sql.strip()), notes.all()


def _is_own(said: Verdict, translation: Translation) -> bool:
    """Whether the engine's own SQL was written: SQLite would not take it, and the engine needs nothing repaired."""
    match said:
        case Verdict.SQLITE:
            return False
        case Verdict.OTHER_GRAMMAR:
            return {"double_quotes", "value_as_text"}.isdisjoint(translation.notes.codes)
        case Verdict.UNKNOWN_NAME if translation.unresolved:
            return False
    return REPAIRS.isdisjoint(translation.notes.codes)


def _selects_written_out(node: Expr, named: Mapping[str, int]) -> int:
    """How many SELECTs SQLite has to prepare when it has written each WITH query out wherever it is named."""
    with_ = node.args.get("with_")
    for cte in with_.expressions if with_ is not None else ():
        named = {**named, cte.alias.lower(): _selects_written_out(cte.this, named)}
    here = named.get(node.name.lower(), 0) if isinstance(node, exp.Table) else int(isinstance(node, exp.Select))
    return here + sum(_selects_written_out(one, named) for one in children(node) if one is not with_)


def _projections(tree: Expr) -> list[Expr]:
    while not isinstance(tree, exp.Select) and isinstance(tree.this, Expr):
        tree = tree.this
    return list(tree.expressions) if isinstance(tree, exp.Select) else []


def _name_columns(tree: Expr, originals: list[str], *, all_of_them: bool = False) -> None:
    """A column whose expression was rewritten keeps the name that SQLite would give it: its own text."""
    now = _projections(tree)
    if len(now) != len(originals):
        return
    for one, written in zip(now, originals, strict=True):
        if isinstance(one, (exp.Alias, exp.Column, exp.Star)) or len(written) > _LONGEST_NAME:
            continue
        if all_of_them:
            written = written.replace("${", "{")  # which no name may have on Spark
        if all_of_them or as_written(one) != written:
            name = exp.to_identifier(written, quoted=True)
            one.replace(known_as(exp.Alias(this=one.copy(), alias=name), one))
