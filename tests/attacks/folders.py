"""Workspaces of strangers, by name: a folder that was copied here, and rows and files in it that Bayan never wrote.

`TURNS` are changes of a row of the history, `BODIES` of the JSON in it, `SPOILS` of the folder as a whole.
"""

from __future__ import annotations

import io
import json
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.attacks.attack import attacks
from tests.attacks.pickled import PICKLE
from tests.reports import HOSTILE

ASK: Mapping[str, Any] = {
    "runner": "", "draft": "SELECT 1 AS one", "wrote": "", "by_hand": False, "runs": 0, "error": None, "chart": None,
    "answer": {
        "model_sql": "", "sql": "SELECT 1 AS one", "attempts": 1, "seconds": 0.1, "error": None, "prompt_tokens": 1,
        "completion_tokens": 1, "result": None,
    },
}  # fmt: skip
CHAT: Mapping[str, Any] = {"runner": "", "answer": "Hello", "finished": None, "left_out": 0, "error": None}


def ask(**changes: object) -> dict[str, Any]:
    return {"kind": "ask", "conversation": "main", "body": {**ASK, **changes}}


def answered(**changes: object) -> dict[str, Any]:
    return ask(answer={**ASK["answer"], **changes})


def chat(**changes: object) -> dict[str, Any]:
    return {"kind": "chat", "conversation": "talk", "body": {**CHAT, **changes}}


_DEEP = "[" * 3_000 + "]" * 3_000
_RESULT = {"columns": [["one", "INTEGER"]], "truncated": False, "total_rows": 1, "seconds": 0.1}
_CHART = {"by_hand": False, "note": "", "reduced": None}

TURNS: dict[str, dict[str, Any]] = {
    "no body": {"kind": "ask", "conversation": "main", "body": {}},
    "no body in a conversation": {"kind": "chat", "conversation": "talk", "body": {}},
    "a body of another kind": {**chat(), "body": ASK},
    "an answer that is a list": ask(answer=[1]),
    "an answer that is a text": ask(answer="SELECT 1"),
    "a draft that is a number": ask(draft=7),
    "a draft that is nothing": ask(draft=None),
    "runs that are a text": ask(runs="NaN"),
    "by hand that is an object": ask(by_hand={}),
    "an error of one part": ask(error=["query_failed"]),
    "an error of no kind": ask(error=["__import__('os')", "x", "y"]),
    "an error that is an object": ask(error={"a": 1}),
    "markup as an error": ask(error=["query_failed", HOSTILE, HOSTILE]),
    "a chart of no kind": ask(chart={**_CHART, "spec": {"kind": "exec", "y": [], "alternatives": []}}),
    "a chart of a column far away": ask(
        answer={**ASK["answer"], "result": _RESULT},
        chart={**_CHART, "spec": {"kind": "bar", "x": 99, "y": [98], "alternatives": []}},
    ),
    "a chart that is a list": ask(chart=[]),
    "columns that are numbers": answered(result={**_RESULT, "columns": [1, 2]}),
    "columns that are not in the rows": answered(result={**_RESULT, "columns": [["a", "INTEGER"], ["b", "VARCHAR"]]}),
    "more rows than there are": answered(result={**_RESULT, "total_rows": "many", "truncated": True}),
    "findings that are texts": answered(findings=["x"]),
    "findings with more than they have": answered(findings=[{"code": "x", "eval": "y"}]),
    "a finding of no weight": answered(findings=[{"code": "x", "severity": "<b>", "message": "m", "sql": ""}]),
    "markup as a finding": answered(findings=[{"code": "x", "severity": "doubt", "message": HOSTILE, "sql": HOSTILE}]),
    "notes that are texts": answered(notes=["x"]),
    "agreement of texts": answered(agreement={"agree": "all", "of": "none"}),
    "what was sent as numbers": answered(sent=[{"text": 1, "prompt_tokens": "x", "completion_tokens": None}]),
    "seconds that are a text": answered(seconds="long"),
    "attempts without end": answered(attempts=10**400),
    "SQL that is an object": answered(sql={}),
    "SQL that writes": answered(sql="COPY (SELECT 1) TO '{new}'") | {"question": "SQL that writes"},
    "a state of its own": {**ask(), "state": "<script>"},
    "a state that goes on for ever": {**ask(), "state": "running"},
    "a way of its own": chat(way="<script>"),
    "a way that is a number": chat(wanted=7),
    "a parent that is itself": {**chat(parent="a parent that is itself"), "id": "a parent that is itself"},
    "a turn that follows itself": {**ask(follows="loop"), "id": "loop"},
    "a finished with more than it has": chat(finished={"reason": "stop", "os": "x"}),
    "a finished of texts": chat(finished={"reason": 1, "prompt_tokens": "x"}),
    "files that are texts": chat(attachments=["/etc/passwd"]),
    "a file that is a path": chat(attachments=[{"name": "/etc/passwd", "kind": "text", "text": "", "notes": []}]),
    "a file of no kind": chat(attachments=[{"name": "x", "kind": "exec", "text": "x", "notes": []}]),
    "a file with notes of numbers": chat(attachments=[{"name": "x", "kind": "text", "text": "x", "notes": [1]}]),
    "markup as an answer": chat(answer=HOSTILE),
    "an answer of bytes": chat(answer=["x"]),
    "a question of bytes": {**ask(), "question": b"\xff\xfe"},
    "markup as a question": {**ask(), "question": HOSTILE},
    "an id that is a path": {**answered(result=_RESULT), "id": "../../../../etc/passwd"},
    "a time that is a text": {**chat(), "created": "yesterday", "changed": "tomorrow"},
    "a time beyond all": {**chat(), "created": 1e300, "changed": 1e300},
    "a time that is none": {**chat(), "created": -1e300},
    "names twice": {**ask(), "body": '{"draft": "a", "draft": 7}'},
    "deep JSON": {**ask(), "body": f'{{"answer": {_DEEP}}}'},
    "half a character": {**ask(), "body": json.dumps({**ASK, "draft": "\ud800"})},
    "a pickle": {**ask(), "body": PICKLE},
    "numbers that are none": {**ask(), "body": json.dumps({**ASK, "runs": float("nan")})},
}


def put_turns(folder: Path, turns: Mapping[str, dict[str, Any]]) -> None:
    """Write the rows into the folder's history, each under its name unless it has an id of its own."""
    with sqlite3.connect(folder / "history.sqlite") as base:
        base.execute("INSERT OR IGNORE INTO conversations VALUES ('talk', 'talk', 0, '{}', 1.0, 1.0, 0)")
        for name, turn in turns.items():
            body = turn["body"] if isinstance(turn["body"], str | bytes) else json.dumps(turn["body"])
            row = {"id": name, "question": name, "state": "done", "created": 1.0, "changed": 1.0, **turn, "body": body}
            columns = ("id", "kind", "conversation", "question", "state", "body", "created", "changed")
            base.execute(
                f"INSERT INTO turns ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
                [row[one] for one in columns],
            )
    base.close()


Spoil = Callable[[Path, Path], object]
"""Changes a folder; the second path is a database outside of it with a table `loot`, and a CSV file is beside that."""


def _in_history(*statements: str) -> Spoil:
    def spoil(folder: Path, outside: Path) -> None:
        base = sqlite3.connect(folder / "history.sqlite")
        for one in statements:
            base.executescript(one)
        base.close()

    return spoil


def _in_manifest(change: Callable[[dict[str, Any], Path], object]) -> Spoil:
    def spoil(folder: Path, outside: Path) -> None:
        (file,) = folder.glob("tables-*.json")
        given = json.loads(file.read_text())
        change(given, outside)
        file.write_text(json.dumps(given))

    return spoil


def _text(name: str, text: str | bytes) -> Spoil:
    data = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    return lambda folder, outside: (folder / name).write_bytes(data)


def _deleted(given: dict[str, Any], path: str) -> None:
    given["deleted"] = [{"file": path, "table": {**given["tables"][0], "name": "loot"}, "joins": []}]


def _plain_parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"one": [1]}), out)
    return out.getvalue()


def _results(folder: Path, outside: Path) -> None:
    for one in (folder / "results").iterdir():
        one.write_bytes(_plain_parquet())


def _link(folder: Path, outside: Path) -> None:
    (kept,) = (folder / "files").iterdir()
    kept.unlink()
    kept.symlink_to(outside.with_suffix(".csv"))
    size = kept.stat().st_size
    _in_manifest(lambda given, _: given["tables"][0]["origin"].update(size=size))(folder, outside)


def _lies_outside(given: dict[str, Any], outside: Path) -> None:
    loot = outside.with_suffix(".csv")
    given["tables"][0]["origin"].update(path=f"files/../../../{loot.name}", size=loot.stat().st_size)


SPOILS: dict[str, Spoil] = {
    "a history that is a pickle": _text("history.sqlite", PICKLE),
    "a history without its tables": _in_history("DROP TABLE turns; DROP TABLE conversations"),
    "a history with other columns": _in_history("DROP TABLE turns; CREATE TABLE turns (id TEXT, evil TEXT)"),
    "a history whose table is a view": _in_history(
        "ALTER TABLE turns RENAME TO kept; CREATE VIEW turns AS SELECT * FROM kept"
    ),
    "a history with a trigger": _in_history(
        "CREATE TRIGGER evil AFTER INSERT ON turns BEGIN SELECT load_extension('/tmp/evil.so'); END"
    ),
    "a history of a later version": _in_history("PRAGMA user_version = 99"),
    "a history of a version before all": _in_history("PRAGMA user_version = -1"),
    "conversations of bytes and times of texts": _in_history(
        "INSERT INTO conversations VALUES ('b', x'fffe', 'yes', x'80', 'then', 'now', 0)"
    ),
    "a conversation whose times are beyond all": _in_history(
        "INSERT INTO conversations VALUES ('c', 'c', 0, '[]', 1e300, 1e300, 0)"
    ),
    "a conversation whose body is deep": _in_history(
        f"INSERT INTO conversations VALUES ('d', 'd', 0, '{_DEEP}', 1.0, 1.0, 0)"
    ),
    "results that are not ours": _results,
    "results that are pickles": lambda folder, outside: [
        one.write_bytes(PICKLE) for one in (folder / "results").iterdir()
    ],
    "a deleted table that lies outside": _in_manifest(lambda given, outside: _deleted(given, f"../../{outside.name}")),
    "a deleted table outside, by its whole path": _in_manifest(lambda given, outside: _deleted(given, str(outside))),
    "a file that lies outside": _in_manifest(_lies_outside),
    "a file that leads outside": _link,
    "a manifest of texts": _in_manifest(lambda given, _: given.update(tables="sales", joins="x")),
    "a manifest whose size is a text": _in_manifest(lambda given, _: given.update(size="large")),
    "a manifest whose table is called by a list": _in_manifest(lambda given, _: given["tables"][0].update(name=["x"])),
    "a manifest whose examples are numbers": _in_manifest(
        lambda given, _: given["tables"][0]["columns"][0].update(examples=[1])
    ),
    "a manifest that is deep": lambda folder, outside: next(folder.glob("tables-*.json")).write_text("[" * 200_000),
    "a manifest that is a pickle": lambda folder, outside: next(folder.glob("tables-*.json")).write_bytes(PICKLE),
    "a board that is a pickle": _text("board/board.json", PICKLE),
    "a board that is deep": _text("board/board.json", "[" * 200_000),
    "a board whose rows lie outside": _text(
        "board/board.json", json.dumps({"version": 1, "tiles": [{"rows": "../../secret"}], "removed": []})
    ),
    "prompts that are a list": _text("prompts.json", "[1, 2]"),
    "prompts of half a character": _text("prompts.json", '{"\\ud800": "\\ud800", "<b>": "x"}'),
    "prompts that are deep": _text("prompts.json", "[" * 200_000),
    "measurements of another shape": _text("measurements.json", '{"version": 1, "questions": 7, "measurements": "x"}'),
    "measurements without end": _text(
        "measurements.json",
        json.dumps({"version": 1, "questions": [], "measurements": [{"id": "x", "started": 1e300}]}),
    ),
    "measurements that are a pickle": _text("measurements.json", PICKLE),
}

CASES = (
    *attacks("history", "a page that never opens again, or text of a stranger that acts on it", TURNS),
    *attacks(
        "workspaces", "a file outside that is read, changed or deleted; code that runs; a page that never opens", SPOILS
    ),
)
