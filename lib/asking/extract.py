"""Finds the SQL in what a model wrote."""

from __future__ import annotations

import re

_FENCE = re.compile(r"```(?:sql)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL | re.IGNORECASE)
_BARE = re.compile(
    r"^\s*((?:SELECT|WITH|FROM|PIVOT|DESCRIBE|SUMMARIZE|VALUES)\b.*)", re.DOTALL | re.IGNORECASE | re.MULTILINE
)


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


def _without_semicolon(sql: str) -> str:
    return sql.strip().rstrip(";").rstrip()
