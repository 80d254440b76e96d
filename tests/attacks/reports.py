"""Proofs in reports of strangers, by name: what `report --check` and the Board page would be led to do.

Each is a change of a good proof, which is about the table `sales`. `{new}` is a path where no file may appear, `{file}`
one that may not be read.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from lib.export.proof import CLOSES, OPENS
from tests.attacks.attack import attacks
from tests.attacks.pickled import PICKLE
from tests.reports import HOSTILE

Proof = dict[str, Any]
Spoil = Callable[[Proof], bytes]


def filed(spoil: Spoil, good: Proof, file: str, new: str) -> bytes:
    """The report with that proof in it."""
    return spoil(good).replace(b"{file}", file.encode()).replace(b"{new}", new.encode())


def page(text: str | bytes) -> bytes:
    data = text.replace("<", "\\u003c").encode() if isinstance(text, str) else text
    return OPENS.encode() + data + CLOSES.encode()


def saying(**changes: object) -> Spoil:
    """Of the proof as a whole."""
    return lambda good: page(json.dumps({**good, **changes}))


def claiming(**changes: object) -> Spoil:
    """Of its one answer."""
    return lambda good: page(json.dumps({**good, "answers": [{**good["answers"][0], **changes}]}))


def of_tables(**changes: object) -> Spoil:
    """Of the table that the answer is about."""
    return lambda good: claiming(tables=[{**good["answers"][0]["tables"][0], **changes}])(good)


REFUSED: dict[str, Spoil] = {
    "nothing": lambda _: b"",
    "no proof": lambda _: b"<html><script>alert(1)</script></html>",
    "a proof without end": lambda good: OPENS.encode() + json.dumps(good).encode(),
    "a pickle": lambda _: page(PICKLE),
    "deep": lambda _: page("[" * 200_000),
    "a list": lambda _: page("[]"),
    "a later format": saying(format=99),
    "a format that is a text": saying(format="1"),
    "a number without end": lambda _: page('{"format": ' + "9" * 5_000 + "}"),
    "answers that are an object": saying(answers={}),
    "a title that is a list": saying(title=["<script>"]),
    "a title of half a character": saying(title="\ud800"),
    "a time that is none": saying(made=float("nan")),
    "SQL that is an object": claiming(sql={"$ne": ""}),
    "fewer rows than none": claiming(rows=-1),
    "rows that are true": claiming(rows=True),
    "columns of one part": claiming(columns=[["a"]]),
    "a table that is nothing": claiming(tables=[None]),
    "a table under a number": of_tables(name=7),
}

CHECKED: dict[str, Spoil] = {
    "SQL that writes": claiming(sql="COPY sales TO '{new}'"),
    "SQL that reads a file": claiming(sql="SELECT content FROM read_text('{file}')"),
    "SQL that reads a path": claiming(sql="FROM '{file}'"),
    "SQL that deletes": claiming(sql="WITH x AS (DELETE FROM sales RETURNING *) FROM x"),
    "SQL that is two": claiming(sql="SELECT 1; DROP TABLE sales"),
    "SQL about the machine": claiming(sql="SELECT * FROM duckdb_settings()"),
    "SQL that speaks to a terminal": claiming(sql='FROM "\x1b]0;owned\x07\x1b[2J"', heading="\x1b[2Jowned"),
    "rows without end": claiming(sql="SELECT repeat('x', 1000000) FROM range(1000000)", rows=10**15),
    "markup in every text": claiming(heading=HOSTILE, question=HOSTILE, model=HOSTILE, engine=HOSTILE),
    "markup as a title": saying(title=HOSTILE),
    "markup as a column": claiming(columns=[[HOSTILE, HOSTILE, ""]]),
    "a table of another workspace": of_tables(name="../../workspace/tables-1", file="/etc/passwd", fingerprint="x"),
    "a table under a name that acts": of_tables(name=HOSTILE, file=HOSTILE),
}

CASES = (
    *attacks("reports", "a check that crashes, hangs, or runs what is not a proof", REFUSED),
    *attacks(
        "reports", "SQL of a stranger that writes or reads what it may not, or markup in what the check says", CHECKED
    ),
)
