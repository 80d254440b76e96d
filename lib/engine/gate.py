"""Decides whether a text of SQL may run: one SELECT over the loaded tables, and nothing that reaches outside.

The engine's own parser turns the text into a tree (`json_serialize_sql`; nothing is bound or run), and the tree
is walked. What is not known to be harmless is refused, so that a kind of node which a later version of the
engine adds stays outside until somebody has looked at it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from typing import Any

import duckdb

from lib.errors import QueryFailed, QueryRefused

MAX_CHARACTERS = 100_000

_ROWS = "SELECT_NODE SET_OPERATION_NODE RECURSIVE_CTE_NODE CTE_NODE"
_SOURCES = "BASE_TABLE EMPTY EXPRESSION_LIST JOIN PIVOT SHOW_REF SUBQUERY TABLE_FUNCTION"
_MODIFIERS = "DISTINCT_MODIFIER LIMIT_MODIFIER LIMIT_PERCENT_MODIFIER ORDER_MODIFIER"
_ORDERS = "ASCENDING DESCENDING ORDER_DEFAULT"
_EXPRESSIONS = """
    ARRAY_CONSTRUCTOR ARRAY_EXTRACT ARRAY_SLICE CASE_EXPR COLLATE COLUMN_REF
    COMPARE_BETWEEN COMPARE_DISTINCT_FROM COMPARE_EQUAL COMPARE_GREATERTHAN COMPARE_GREATERTHANOREQUALTO
    COMPARE_IN COMPARE_LESSTHAN COMPARE_LESSTHANOREQUALTO COMPARE_NOTEQUAL COMPARE_NOT_BETWEEN
    COMPARE_NOT_DISTINCT_FROM COMPARE_NOT_IN CONJUNCTION_AND CONJUNCTION_OR FUNCTION GROUPING_FUNCTION
    LAMBDA LAMBDA_REF OPERATOR_CAST OPERATOR_COALESCE OPERATOR_IS_NOT_NULL OPERATOR_IS_NULL OPERATOR_NOT
    OPERATOR_NULLIF OPERATOR_TRY OPERATOR_UNPACK PLACEHOLDER POSITIONAL_REFERENCE STAR STRUCT_EXTRACT SUBQUERY
    TYPE VALUE_CONSTANT VALUE_DEFAULT VALUE_NULL
    WINDOW_AGGREGATE WINDOW_CUME_DIST WINDOW_FILL WINDOW_FIRST_VALUE WINDOW_LAG WINDOW_LAST_VALUE WINDOW_LEAD
    WINDOW_NTH_VALUE WINDOW_NTILE WINDOW_PERCENT_RANK WINDOW_RANK WINDOW_RANK_DENSE WINDOW_ROW_NUMBER
"""
KNOWN_NODES = frozenset(" ".join((_ROWS, _SOURCES, _MODIFIERS, _ORDERS, _EXPRESSIONS)).split())

TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree", "repeat_row"})

# Functions that run other SQL, wait, write, tell about this machine, or read raw bytes as the engine's own state.
# What only costs time or memory (repeat, lpad, levenshtein) stays: the worker's limits hold it.
_REFUSED_FUNCTIONS = re.compile(
    r"""__internal.* | pg_(?!typeof$).* | has_\w+_privilege | inet_\w+ | duckdb_.* | pragma_.*
    | json_(execute_serialized_sql|serialize_sql|serialize_plan|deserialize_sql)
    | query | query_table | sleep_ms | write_log | parse_duckdb_log_message | getenv | getvariable
    | current_(setting|database|catalog|schemas?|role|user|query|query_id|connection_id|transaction_id)
    | session_user | user | txid_current | in_search_path | nextval | currval | setval | get_block_size
    | (col|obj|shobj)_description | to_aggregate_state | combine | combine_aggr | finalize | stats | vector_type
    | variant_bytes_to_variant | create_sort_key | read_\w+ | glob | which_secret""",
    re.VERBOSE,
)

_ONLY_SELECT = "Write one SELECT over the loaded tables."


def check(sql: str, tables: Iterable[str], parser: duckdb.DuckDBPyConnection | None = None) -> dict[str, Any]:
    """Let a text pass that is one SELECT over `tables`; `parser` only parses, and is this module's own by default.

    Returns the statement's tree. Raises QueryRefused for what may not run and QueryFailed for what is not SQL or names
    an unknown table.
    """
    _check_text(sql)
    statement = _parse(sql, parser or _own_parser())
    judge(statement, sql, tables)
    return statement


def judge(statement: dict[str, Any], sql: str, tables: Iterable[str]) -> None:
    """Let the tree of one parsed statement pass, or raise as `check` does; `sql` is its text."""
    try:
        _Walk(sql, tables).visit(statement, frozenset())
    except RecursionError:
        raise _too_deep(sql) from None


@cache
def _own_parser() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1, "async_threads": 0})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET max_expression_depth = 250")
    connection.execute("SET lock_configuration = true")
    return connection


def _check_text(sql: str) -> None:
    if len(sql) > MAX_CHARACTERS:
        raise QueryRefused(
            f"The SQL is too long: {len(sql):,} characters; at most {MAX_CHARACTERS:,} can run.", sql=sql
        )
    if "\0" in sql or any("\ud800" <= letter <= "\udfff" for letter in sql):
        raise QueryRefused("The SQL holds a character that is not text.", "Remove it and run again.", sql=sql)


def _parse(sql: str, parser: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    [(text,)] = parser.execute("SELECT json_serialize_sql(?)", [sql]).fetchall()
    try:
        tree: dict[str, Any] = json.loads(text)
    except RecursionError:
        raise _too_deep(sql) from None
    if "expression depth" in tree.get("error_message", ""):
        raise _too_deep(sql)
    if tree.get("error_type") == "parser":
        raise QueryFailed(_sentence(tree["error_message"]) + _place(sql, tree.get("position")), sql=sql)
    if tree.get("error") is not False:
        raise _wrong_kind(sql, _kinds(sql, parser))
    if len(tree["statements"]) != 1:
        raise _wrong_number(sql, len(tree["statements"]))
    statement: dict[str, Any] = tree["statements"][0]
    return statement


def _wrong_kind(sql: str, kinds: list[str]) -> QueryRefused:
    if len(kinds) > 1:
        return _wrong_number(sql, len(kinds))
    if kinds == ["MULTI"]:
        return QueryRefused(
            "A PIVOT has to name its values here.", "Write PIVOT ... ON column IN ('a', 'b') ....", sql=sql
        )
    is_what = f"this one is {_article(kinds[0])}" if kinds else "this one is of another kind"
    return QueryRefused(f"Only one SELECT statement can run here; {is_what}.", _ONLY_SELECT, sql=sql)


def _kinds(sql: str, parser: duckdb.DuckDBPyConnection) -> list[str]:
    try:
        return [one.type.name.replace("_", " ") for one in parser.extract_statements(sql)]
    except (duckdb.Error, ValueError):  # ValueError: a kind for which the client has no name
        return []


def _article(kind: str) -> str:
    return f"{'an' if kind[0] in 'AEIOU' else 'a'} {kind}"


def _wrong_number(sql: str, number: int) -> QueryRefused:
    if number == 0:
        return QueryRefused("There is no SQL to run.", _ONLY_SELECT, sql=sql)
    return QueryRefused(
        f"Only one SELECT statement can run here; this text has {number}.", "Run them one by one.", sql=sql
    )


def _too_deep(sql: str) -> QueryRefused:
    return QueryRefused("The SQL is nested too deeply.", "Write it with fewer levels.", sql=sql)


def _sentence(message: str) -> str:
    return message[:1].upper() + message[1:].rstrip(".!")


def _place(sql: str, position: str | None) -> str:
    """` (line 1, column 8)` for a position that the parser counts in bytes; empty when there is none."""
    if position is None or not position.isdigit():
        return "."
    before = sql.encode()[: int(position)].decode(errors="ignore")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    return f" (line {line}, column {column})."


def _folded(name: str) -> str:
    """The engine compares names without the case of ASCII letters, and of no others."""
    return re.sub("[A-Z]+", lambda found: found[0].lower(), name)


class _Walk:
    """One walk over one statement's tree; `ctes` are the names of WITH that can be seen at a node."""

    def __init__(self, sql: str, tables: Iterable[str]) -> None:
        self._sql = sql
        self._tables = {_folded(name): name for name in tables}

    def visit(self, node: Any, ctes: frozenset[str]) -> None:
        if isinstance(node, list):
            for one in node:
                self.visit(one, ctes)
        elif isinstance(node, dict):
            self._visit_node(node, ctes)

    def _visit_node(self, node: dict[str, Any], ctes: frozenset[str]) -> None:
        kind = node.get("type")
        if isinstance(kind, str):
            self._check_kind(kind)
        if kind == "BASE_TABLE":
            self._check_table(node, ctes)
        elif kind == "SHOW_REF" and not node["query"]:
            self._check_show(node)
        elif kind == "TABLE_FUNCTION":
            self._check_table_function(node["function"]["function_name"])
        elif kind == "RECURSIVE_CTE_NODE":
            ctes |= {_folded(node["cte_name"])}
        if "function_name" in node:
            self._check_function(node["function_name"])
        if "cte_map" in node:
            ctes = self._visit_ctes(node["cte_map"]["map"], ctes)
        for key, value in node.items():
            if key != "cte_map":
                self.visit(value, ctes)

    def _visit_ctes(self, entries: list[dict[str, Any]], ctes: frozenset[str]) -> frozenset[str]:
        for entry in entries:
            self.visit(entry["value"], ctes)
            ctes |= {_folded(entry["key"])}
        return ctes

    def _check_kind(self, kind: str) -> None:
        if kind in KNOWN_NODES:
            return
        if kind == "VALUE_PARAMETER":
            raise self._refused("The SQL has a placeholder (? or $name).", "Write the value in its place.")
        written = re.fullmatch(r"(\w+)_QUERY_NODE", kind)
        if written:
            raise self._refused(f"{written[1]} inside a query cannot run here: tables are only read.")
        raise self._refused(f"This SQL uses something that cannot run here ({kind}).")

    def _check_table(self, node: dict[str, Any], ctes: frozenset[str]) -> None:
        *schemas, name = node["qualified_name"]["path"]
        if name != node["table_name"] or [_folded(one) for one in schemas] not in ([], ["main"]):
            raise self._not_loaded(".".join((*schemas, name)))
        if _folded(name) in self._tables or (not schemas and _folded(name) in ctes):
            return
        if re.fullmatch(r"[\w $-]+", name) and not name.startswith(("duckdb_", "pg_", "sqlite_", "pragma_")):
            raise QueryFailed(f'There is no table "{name}".', self._loaded(name), sql=self._sql)
        raise self._not_loaded(name)

    def _check_show(self, node: dict[str, Any]) -> None:
        path = node["qualified_name"]["path"]
        if node["show_type"] == "SHOW_SPECIAL" and path == ['"tables"']:
            return
        if node["show_type"] not in {"SHOW", "DESCRIBE", "SUMMARY"}:
            raise self._refused("Of the SHOW statements only SHOW TABLES can run here.")
        self._check_table(node, frozenset())

    def _check_table_function(self, name: str) -> None:
        if _folded(name) not in TABLE_FUNCTIONS:
            raise self._refused(f"The table function {name} cannot be used here.")

    def _check_function(self, name: str) -> None:
        if _REFUSED_FUNCTIONS.fullmatch(_folded(name)):
            raise self._refused(f"The function {name} cannot be used here.")

    def _not_loaded(self, name: str) -> QueryRefused:
        return self._refused(f'Only loaded tables can be read, and "{name}" is not one.', self._loaded(name))

    def _loaded(self, name: str) -> str:
        """Names the tables, the likeliest first, and few enough to read."""
        near = get_close_matches(_folded(name), self._tables, n=3)
        names = [self._tables[one] for one in (near or sorted(self._tables)[:20])]
        if not names:
            return "Load a file first."
        return ("Did you mean: " if near else "The tables are: ") + ", ".join(names) + "."

    def _refused(self, detail: str, hint: str = _ONLY_SELECT) -> QueryRefused:
        return QueryRefused(detail, hint, sql=self._sql)
