"""Whether anything on a page of AppTest would load, lead away, run or hide: text from elsewhere may only be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.test_inert import targets

_MARKDOWN = frozenset({"body", "label", "help"})
"""The fields of Streamlit's messages that a page draws as Markdown."""
_TAG = re.compile(r"<\s*(script|img|iframe|a\s|svg|base|meta|object|form)", re.IGNORECASE)


def acting(at: AppTest, word: str) -> list[str]:
    """What on the page would act; `word` stands in every hostile text, so that ours can be told from theirs."""
    return [found for node in at._tree for found in _found(getattr(node, "proto", None), word)]


def _found(message: Any, word: str) -> Iterator[str]:
    if not hasattr(message, "ListFields"):
        return
    kind = type(message).__name__
    for field, value in message.ListFields():
        for one in value if field.is_repeated else [value]:
            if hasattr(one, "ListFields"):
                yield from _found(one, word)
            elif isinstance(one, str) and word in one and _acts(message, kind, field.name, one):
                yield f"{kind}.{field.name}: {one[:300]}"


def _acts(message: Any, kind: str, field: str, text: str) -> bool:
    if (kind, field) == ("PlotlyChart", "spec") or kind == "Html" or getattr(message, "allow_html", False):
        return _TAG.search(text) is not None
    return field in _MARKDOWN and targets(text) != []
