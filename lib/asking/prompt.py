"""What a SQL model is sent: the tables as DDL, the question, and how to answer.

The reasoning form reproduces the prompt that Arctic-Text2SQL-R1 was trained and evaluated with
(snowflakedb/ArcticTraining, projects/arctic_text2sql_r1/bird_eval/infer.py, Apache-2.0).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lib.data.table import Column, Join, Table
from lib.engine.types import is_day_or_time, is_number, is_whole
from lib.llm.messages import Message

ARCTIC_SYSTEM = (
    "You are a data science expert. Below, you are provided with a database schema and a natural language "
    "question. Your task is to understand the schema and generate a valid SQL query to answer the question."
)

_ARCTIC_USER = """Database Engine:
{dialect}

Database Schema:
{schema}
This schema describes the database's structure, including tables, columns, primary keys, foreign keys, and any \
relevant relationships or constraints.

Question:
{question}

Instructions:
- Make sure you only output the information that is asked in the question. If the question asks for a specific \
column, make sure to only include that column in the SELECT clause, nothing more.
- The generated query should return all of the information asked in the question without any missing or extra \
information.
- Before generating the final SQL query, please think through the steps of how to write the query.

Output Format:
Please provide a detailed chain-of-thought reasoning process and include your thought process within `<think>` \
tags. Your final answer should be enclosed within `<answer>` tags.

Ensure that your SQL query follows the correct syntax and is formatted as follows:

```sql
-- Your SQL query here
```

Example format:
<think> Step-by-step reasoning, including self-reflection and corrections if necessary. [Limited by 4K tokens] </think>
<answer> Summary of the thought process leading to the final SQL query. [Limited by 1K tokens]

```sql
Correct SQL query here
```
</answer>"""

_ARCTIC_START = "Let me solve this step by step. \n<think>"

_DIRECT_SYSTEM = """You write one {dialect} query that answers a question about these tables.

{schema}

Rules:
- Use only the tables and columns above, spelled exactly so; quote a name with double quotes when it needs it.
- Return only what the question asks for, with a short clear name for each computed column.
- Values in filters are spelled as in the examples.
- Answer with one ```sql block and nothing else."""


@dataclass(frozen=True)
class Failure:
    """A query that the engine did not run, and the engine's message."""

    sql: str
    message: str


def reasoning_prompt(
    tables: Sequence[Table], joins: Sequence[Join], question: str, dialect: str, failure: Failure | None = None
) -> str:
    """The raw ChatML text for /v1/completions; the model goes on inside <think>."""
    user = _ARCTIC_USER.format(dialect=dialect, schema=schema(tables, joins), question=_asked(question, failure))
    return (
        f"<|im_start|>system\n{ARCTIC_SYSTEM}<|im_end|>\n"
        f"<|im_start|>user\n{_inert(user.strip())}<|im_end|>\n"
        f"<|im_start|>assistant\n{_ARCTIC_START}"
    )


def direct_messages(
    tables: Sequence[Table], joins: Sequence[Join], question: str, dialect: str, failure: Failure | None = None
) -> tuple[Message, ...]:
    """The chat for /v1/chat/completions: tables first, so that an endpoint can keep them cached."""
    system = _DIRECT_SYSTEM.format(dialect=dialect, schema=schema(tables, joins))
    return (Message("system", _inert(system)), Message("user", _inert(_asked(question, failure))))


def schema(tables: Sequence[Table], joins: Sequence[Join] = ()) -> str:
    """One CREATE TABLE block a table: headers and example values as comments, confirmed joins as foreign keys."""
    return "\n\n".join(_create_table(table, joins) for table in tables)


def _create_table(table: Table, joins: Sequence[Join]) -> str:
    keys = [_foreign_key(one) for one in joins if one.confirmed and one.left_table == table.name]
    last = len(table.columns) - 1
    lines = [_column_line(column, "," if keys or i < last else "") for i, column in enumerate(table.columns)]
    lines += [key + ("," if i < len(keys) - 1 else "") for i, key in enumerate(keys)]
    return f"CREATE TABLE {quoted(table.name)} (\n" + "\n".join(lines) + "\n);"


def _column_line(column: Column, comma: str) -> str:
    about = "" if _folded(column.label) == _folded(column.name) else f"{_one_line(column.label)}, "
    examples = f"example: {list(column.examples[:2])}" if column.examples else ""
    comment = f" -- {about}{examples}".rstrip(" ,") if about or examples else ""
    return f"    {quoted(column.name)} {_type_word(column.type)}{comma}{_one_line(comment)}"


def _foreign_key(join: Join) -> str:
    name = quoted(f"fk_{join.left_table}_{join.left_column}".lower().replace(" ", "_"))
    target = f"{quoted(join.right_table)} ({quoted(join.right_column)})"
    return f"    CONSTRAINT {name} FOREIGN KEY ({quoted(join.left_column)}) REFERENCES {target}"


def quoted(name: str) -> str:
    """A name as DuckDB and SQLite both read it."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) and name.lower() not in _RESERVED
    return name if plain else '"' + name.replace('"', '""') + '"'


def _type_word(duckdb_type: str) -> str:
    """The lower-case word that Spider's and BIRD's schemas use, which the models saw in training."""
    if is_number(duckdb_type):
        return "integer" if is_whole(duckdb_type) else "real"
    if is_day_or_time(duckdb_type):
        return "date" if duckdb_type == "DATE" else "datetime"
    return "boolean" if duckdb_type == "BOOLEAN" else "text"


def _asked(question: str, failure: Failure | None) -> str:
    if failure is None:
        return question
    return (
        f"{question}\n\nThis query was tried:\n```sql\n{failure.sql}\n```\n"
        f"It failed: {failure.message}\nWrite the corrected query."
    )


def _folded(text: str) -> str:
    return re.sub(r"[\s_]+", " ", text).strip().lower()


def _one_line(text: str) -> str:
    return re.sub(r"[\r\n]+", " ", text)


def _inert(text: str) -> str:
    """ChatML's own marks inside a question, a header or a cell must not end the turn."""
    return text.replace("<|", "< |")


_RESERVED = frozenset(
    """all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
    default deferrable desc describe distinct do else end except false fetch for foreign from grant group having
    in index initially intersect into lambda lateral leading limit not null offset on only or order pivot primary
    qualify references returning select show some summarize symmetric table then to trailing true union unique
    unpivot user using values variadic when where window with year month day date time timestamp""".split()
)
