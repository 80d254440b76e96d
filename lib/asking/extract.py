"""Finds the SQL in what a model wrote, or its reason for writing none."""

from __future__ import annotations

import re

from lib.errors import CannotAnswer

_FENCE = re.compile(r"```(?:sql|sqlite)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
_BARE = re.compile(
    r"^\s*((?:SELECT|WITH|FROM|PIVOT|DESCRIBE|SUMMARIZE|VALUES)\b.*)", re.DOTALL | re.IGNORECASE | re.MULTILINE
)
LONGEST_REASON = 300


def extract_sql(text: str) -> str:
    """The last fenced block (also one that a length limit left open), else a bare statement, else ''.

    Only what follows the reasoning counts when the reasoning was closed: drafts inside <think> are not the answer.
    """
    answer = text.rsplit("</think>", 1)[-1]
    for place in (answer, text):
        blocks = [block.strip() for block in _FENCE.findall(place)]
        filled = [block for block in blocks if block]
        if filled:
            return _without_semicolon(filled[-1])
    bare = _BARE.search(answer)
    return _without_semicolon(bare.group(1)) if bare else ""


def open_sql(text: str) -> str:
    """The SQL as far as it is written, while the model still writes; '' before its fence opens."""
    answer = text.rsplit("</think>", 1)[-1] if "</think>" in text else text
    blocks = _FENCE.findall(answer)
    return blocks[-1].strip() if blocks else ""


def reasoning(text: str) -> str:
    """What the model thought before its SQL; '' for a model that answers at once."""
    return text.split("```", 1)[0].replace("</think>", "").replace("<answer>", "").replace("<think>", "").strip()


def cannot_answer(text: str) -> CannotAnswer:
    """Why there is no SQL, in the model's own words where it gave any."""
    words = " ".join(reasoning(text.rsplit("</think>", 1)[-1]).split())
    said = re.sub(r"^(I )?cannot answer( this)?( from these tables)?\W*", "", words, flags=re.IGNORECASE)
    if not said:
        return CannotAnswer(
            "The model wrote no SQL for this question.", "Ask it in other words, or write the SQL yourself."
        )
    cut = said if len(said) <= LONGEST_REASON else said[: LONGEST_REASON - 1] + "…"
    return CannotAnswer(
        f"The model says that these tables cannot answer this: {cut}",
        "Ask it in other words, add the table that is missing, or write the SQL yourself.",
    )


def _without_semicolon(sql: str) -> str:
    return sql.strip().rstrip(";").rstrip()
