"""What a SQL model is sent: the tables, the question, and how to answer.

The reasoning form reproduces the prompt that Arctic-Text2SQL-R1 was trained and evaluated with
(snowflakedb/ArcticTraining, projects/arctic_text2sql_r1/bird_eval/infer.py, Apache-2.0).
"""

from __future__ import annotations

from dataclasses import dataclass

from lib.asking.schema import Style, in_backticks, quoted, schema
from lib.asking.told import Told
from lib.llm.chatml import inert
from lib.llm.messages import Message
from lib.llm.profiles import Profile

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
- Use only the tables and columns above, spelled exactly so; quote a name with {quotes} when it needs it.
- Return only what the question asks for, with a short clear name for each computed column.
- Values in filters are spelled as in the examples.
- Answer with one ```sql block and nothing else. Only if no table holds what is asked for, answer CANNOT ANSWER: and \
the reason."""

Request = str | tuple[Message, ...]
"""Raw text for /v1/completions, or the turns for /v1/chat/completions."""


@dataclass(frozen=True)
class Failure:
    """A query that did not run, and what was wrong with it."""

    sql: str
    message: str


def request(told: Told, question: str, profile: Profile, failure: Failure | None = None) -> Request:
    """What is sent to a model with this profile."""
    if profile.form == "reasoning":
        return reasoning_prompt(told, question, profile, failure)
    return direct_messages(told, question, profile, failure)


def reasoning_prompt(told: Told, question: str, profile: Profile, failure: Failure | None = None) -> str:
    """The raw ChatML text; the model goes on inside <think>."""
    tables = schema(told, Style(profile.examples, in_backticks, in_full=True))
    user = _ARCTIC_USER.format(dialect=profile.dialect, schema=tables, question=_asked(question, failure))
    return (
        f"<|im_start|>system\n{ARCTIC_SYSTEM}<|im_end|>\n"
        f"<|im_start|>user\n{inert(user.strip())}<|im_end|>\n"
        f"<|im_start|>assistant\n{_ARCTIC_START}"
    )


def direct_messages(told: Told, question: str, profile: Profile, failure: Failure | None = None) -> tuple[Message, ...]:
    """The tables come first and do not depend on the question, so that an endpoint can keep them read."""
    is_spark = profile.dialect == "Spark"
    tables = schema(told, Style(profile.examples, in_backticks if is_spark else quoted, in_full=False))
    quotes = "backticks" if is_spark else "double quotes"
    system = _DIRECT_SYSTEM.format(dialect=profile.dialect, schema=tables, quotes=quotes)
    return (Message("system", inert(system)), Message("user", inert(_asked(question, failure) + _values(told))))


def shown(request: Request) -> str:
    """The request as a person reads it: raw text to the letter, turns under their roles."""
    if isinstance(request, str):
        return request
    return "\n\n".join(f"[{one.role}]\n{one.content}" for one in request)


def _values(told: Told) -> str:
    """The values that the question seems to name, after it: the tables before it stay the same for every question."""
    if not told.values:
        return ""
    lines = [f"- {quoted(one.table)}.{quoted(one.column)} has {_text(one.value)}" for one in told.values]
    return "\n\nValues in the tables:\n" + "\n".join(dict.fromkeys(lines))


def _asked(question: str, failure: Failure | None) -> str:
    if failure is None:
        return question
    return (
        f"{question}\n\nThis query was tried:\n```sql\n{failure.sql}\n```\n"
        f"It failed: {failure.message}\nWrite the corrected query."
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
