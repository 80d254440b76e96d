"""Decides whether a text of Spark SQL may run, and writes the text that runs: one query over the known tables.

Spark has no lock of its own: a plain SELECT there reads the server's files, starts programs and calls Java. So the
text is parsed, every node and every function has to be on a list, and what is sent is written anew from the tree that
was looked at. It never is the text that came: two parsers may read that differently. Tables become views that the
session made, so that no name of the text ever reaches the server's catalog, and a text with a quote or a backslash in
it goes as hexadecimal digits, which every server reads in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import ClassVar, cast

from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.errors import ErrorLevel, ParseError, SqlglotError, UnsupportedError
from sqlglot.expressions import Expr
from sqlglot.parsers.spark import SparkParser

from lib.engine.spark_functions import FUNCTIONS, TABLE_FUNCTIONS
from lib.errors import QueryError, QueryFailed, QueryRefused

MAX_CHARACTERS = 100_000

KNOWN_NODES = frozenset(
    """
    Select From Join Where Group Having Order Ordered Limit Offset With CTE Subquery Union Intersect Except
    Table TableAlias TableSample Lateral Pivot Values Tuple Rollup Cube GroupingSets Window WindowSpec Filter
    WithinGroup Distinct IgnoreNulls RespectNulls Star Column Identifier Alias Aliases Var Dot Bracket Lambda
    PropertyEQ Literal RawString HexString Boolean Null Interval IntervalSpan Paren Case If Cast TryCast DataType
    DataTypeParam ColumnDef Extract Trim Neg Not And Or Add Sub Mul Div IntDiv Mod DPipe Concat BitwiseAnd BitwiseOr
    BitwiseXor BitwiseNot EQ NEQ GT GTE LT LTE NullSafeEQ NullSafeNEQ Is In Between Like ILike RegexpLike Escape Any
    All Exists Anonymous Transform Array CurrentDate CurrentTimestamp Localtimestamp
    """.split()
)
_TABLE_PARTS = frozenset({"this", "alias", "joins", "laterals", "pivots", "sample"})
_SYNTAX = ("CAST", "TRY_CAST", "EXTRACT", "TRIM")
_HIDDEN = "_metadata"
"""The column in which Spark tells the files of a table."""
_WORD = re.compile(r"[A-Za-z_]\w*")
_PLAIN_TEXT = re.compile(r"[^'\\\x00-\x1f\x7f]*")
_ONLY_SELECT = "Write one SELECT over the loaded tables."


class _Reader(Spark):
    """Spark's grammar without sqlglot's knowledge of functions: what it knows it would write in another way."""

    class Tokenizer(Spark.Tokenizer):
        STRING_ESCAPES: ClassVar = ["\\", "'", '"']  # a quote written twice is a quote, as since Spark 4

    class Parser(SparkParser):
        # Of an ARRAY that it does not know sqlglot would take the brackets behind it for the list itself.
        FUNCTIONS: ClassVar = {"ARRAY": SparkParser.FUNCTIONS["ARRAY"]}
        FUNCTION_PARSERS: ClassVar = {name: SparkParser.FUNCTION_PARSERS[name] for name in _SYNTAX}


@dataclass(frozen=True)
class Judged:
    """A query that may run: the text for the engine, and the tables that it reads."""

    sql: str
    tables: frozenset[str]


def check(sql: str, views: Mapping[str, str]) -> Judged:
    """Let a text pass that is one query over the tables, which are the keys of `views`; their views take their place.

    Raises QueryRefused for what may not run and QueryFailed for what is not SQL or names an unknown table.
    """
    _check_text(sql)
    try:
        query = _parse(sql)
        walk = _Walk(sql, views)
        walk.visit(query, frozenset())
        for node, name, view in walk.found:
            _put_view(node, name, view)
        for text in list(query.find_all(exp.Literal, exp.RawString)):
            _spell_out(text)
        written = query.sql(_Reader, comments=False, normalize_functions=False, unsupported_level=ErrorLevel.RAISE)
        _check_written(written, sql, views)
    except UnsupportedError as e:
        raise QueryRefused("This SQL uses something that cannot be written for Spark.", _ONLY_SELECT, sql=sql) from e
    except RecursionError:
        raise QueryRefused("The SQL is nested too deeply.", "Write it with fewer levels.", sql=sql) from None
    return Judged(written, frozenset(name for _, name, _ in walk.found))


def _check_text(sql: str) -> None:
    if len(sql) > MAX_CHARACTERS:
        raise QueryRefused(
            f"The SQL is too long: {len(sql):,} characters; at most {MAX_CHARACTERS:,} can run.", sql=sql
        )
    if "\0" in sql or any("\ud800" <= letter <= "\udfff" for letter in sql):
        raise QueryRefused("The SQL holds a character that is not text.", "Remove it and run again.", sql=sql)


def _parse(sql: str) -> exp.Query:
    try:
        trees = [one for one in _Reader().parse(sql) if one is not None and not isinstance(one, exp.Semicolon)]
    except ParseError as e:
        raise QueryFailed(f"This is no query in Spark's SQL{_place(e)}.", _ONLY_SELECT, sql=sql) from e
    except SqlglotError as e:
        raise QueryFailed("This is no query in Spark's SQL.", _ONLY_SELECT, sql=sql) from e
    if not trees:
        raise QueryRefused("There is no SQL to run.", _ONLY_SELECT, sql=sql)
    if len(trees) > 1:
        raise QueryRefused(
            f"Only one SELECT statement can run here; this text has {len(trees)}.", "Run them one by one.", sql=sql
        )
    if not isinstance(trees[0], exp.Query):
        raise QueryRefused(
            "Only one SELECT statement can run here; this one is of another kind.", _ONLY_SELECT, sql=sql
        )
    return trees[0]


def _check_written(written: str, sql: str, views: Mapping[str, str]) -> None:
    """Whatever the writer made of the tree has to pass by itself, too."""
    try:
        _Walk(written, {view: view for view in views.values()}).visit(_parse(written), frozenset())
    except QueryError as e:
        raise QueryRefused("This SQL uses something that cannot be written for Spark.", _ONLY_SELECT, sql=sql) from e


def _place(e: ParseError) -> str:
    found = e.errors[0] if e.errors else {}
    line, column = found.get("line"), found.get("col")
    return f" (line {line}, column {column})" if line and column else ""


class _Walk:
    """One walk over one query's tree; `ctes` are the names of WITH that can be seen at a node.

    `found` are the tables, each with its name and its view.
    """

    def __init__(self, sql: str, views: Mapping[str, str]) -> None:
        self._sql = sql
        self._tables = {name.lower(): (name, view) for name, view in views.items()}
        self.found: list[tuple[exp.Table, str, str]] = []

    def visit(self, node: Expr, ctes: frozenset[str]) -> None:
        kind = type(node).__name__
        if kind not in KNOWN_NODES:
            raise self._refused(f"This SQL uses something that cannot run here ({node.key}).")
        match node:
            case exp.Table():
                self._check_table(node, ctes)
            case exp.Anonymous():
                self._check_function(node)
            case exp.Dot() if not isinstance(node.expression, exp.Identifier):
                raise self._refused("A function cannot be named with a schema here.")
            case exp.Var() | exp.Extract() if not _WORD.fullmatch(
                node.name
            ):  # a text that the writer would send without its quotes
                raise self._refused("A part of a date has to be one word here.")
            case exp.Identifier() if node.name.lower() == _HIDDEN:
                raise self._refused(f"The column {_HIDDEN} cannot be read here.")
            case exp.Array() if set(node.args) != {"expressions"}:  # made of brackets, which Spark reads otherwise
                raise self._refused("A list has to be written as array(1, 2) here.")
            case exp.DataType() if node.this == exp.DType.USERDEFINED:
                raise self._refused("A type of the server's own cannot be used here.")
        with_ = node.args.get("with_")
        if with_ is not None:
            ctes = self._visit_with(with_, ctes)
        for one in node.iter_expressions():
            if one is not with_:
                self.visit(one, ctes)

    def _visit_with(self, with_: exp.With, ctes: frozenset[str]) -> frozenset[str]:
        for cte in with_.expressions:
            name = cte.alias.lower()
            self.visit(cte, ctes | {name} if with_.args.get("recursive") else ctes)
            ctes |= {name}
        return ctes

    def _check_table(self, node: exp.Table, ctes: frozenset[str]) -> None:
        if others := [key for key, value in node.args.items() if value and key not in _TABLE_PARTS]:
            if {"db", "catalog"}.isdisjoint(others):
                raise self._refused(f"A table cannot be read in this way here ({', '.join(others)}).")
            raise self._not_loaded(".".join(part.name for part in node.parts))
        if isinstance(node.this, exp.Anonymous):
            if node.this.name.lower() not in TABLE_FUNCTIONS:
                raise self._refused(f"The table function {node.this.name} cannot be used here.")
            return
        if not isinstance(node.this, exp.Identifier):
            raise self._refused("A table has to be named by its name here.")
        name = node.name.lower()
        if name in ctes:
            return
        if name in self._tables:
            self.found.append((node, *self._tables[name]))
        elif re.fullmatch(r"[\w $-]+", name):
            raise QueryFailed(f'There is no table "{node.name}".', self._loaded(name), sql=self._sql)
        else:
            raise self._not_loaded(node.name)

    def _check_function(self, node: exp.Anonymous) -> None:
        name = node.this if isinstance(node.this, str) else node.name
        in_from = isinstance(node.parent, exp.Table | exp.Lateral)
        if name.lower() not in (TABLE_FUNCTIONS if in_from else FUNCTIONS):
            raise self._refused(f"The function {name} cannot be used here.")

    def _not_loaded(self, name: str) -> QueryRefused:
        return self._refused(f'Only loaded tables can be read, and "{name}" is not one.', self._loaded(name.lower()))

    def _loaded(self, name: str) -> str:
        """Names the tables, the likeliest first, and few enough to read."""
        near = get_close_matches(name, self._tables, n=3)
        names = [self._tables[one][0] for one in (near or sorted(self._tables)[:20])]
        if not names:
            return "Load a file first."
        return ("Did you mean: " if near else "The tables are: ") + ", ".join(names) + "."

    def _refused(self, detail: str, hint: str = _ONLY_SELECT) -> QueryRefused:
        return QueryRefused(detail, hint, sql=self._sql)


def _put_view(node: exp.Table, name: str, view: str) -> None:
    """The view under the name that the table has in the query."""
    if not node.alias:
        alias = node.args.get("alias") or exp.TableAlias()
        alias.set("this", exp.to_identifier(node.name, quoted=True))
        node.set("alias", alias)
    node.set("this", exp.to_identifier(view))


def _spell_out(node: Expr) -> None:
    """A text that servers could read differently, as bytes."""
    if isinstance(node, exp.Literal) and (not node.is_string or _PLAIN_TEXT.fullmatch(node.this)):
        return
    digits = cast(str, node.this).encode().hex()
    node.replace(exp.Cast(this=exp.HexString(this=digits), to=exp.DataType.build("string", dialect="spark")))
