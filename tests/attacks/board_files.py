"""Files that say they are a saved board, by name, made of a good one."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.attacks.attack import attacks
from tests.attacks.pickled import PICKLE
from tests.reports import HOSTILE


def archive_of(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("_json", ".json").replace("rows_0", "rows/0.parquet"), data)
    return out.getvalue()


def parquet(table: pa.Table, *, lie: bool = False) -> bytes:
    """The table as a snapshot holds it; one that lies says that all of it are dates."""
    out = io.BytesIO()
    said = pa.schema([(name, pa.date32()) for name in table.column_names]) if lie else table.schema
    pq.write_table(table.replace_schema_metadata({b"schema": said.serialize().to_pybytes()}), out, compression="zstd")
    return out.getvalue()


def pickled_type() -> pa.Table:
    """A column whose type an old Arrow would have unpickled."""
    marks = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": PICKLE}
    fields = [pa.field("region", pa.string(), metadata=marks), pa.field("total", pa.int64())]
    return pa.table([pa.array(["a"]), pa.array([1])], schema=pa.schema(fields))


def flagged(good: bytes, bits: int) -> bytes:
    """The archive whose members say so of themselves."""
    data = bytearray(good)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(mark)
        while place >= 0:
            data[place + at] |= bits
            place = data.find(mark, place + 4)
    return bytes(data)


def lying(good: bytes) -> bytes:
    """The archive whose members say that they unpack to one byte."""
    data = bytearray(good)
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.find(mark)
        while place >= 0:
            data[place + at : place + at + 4] = (1).to_bytes(4, "little")
            place = data.find(mark, place + 4)
    return bytes(data)


def plain_parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"region": ["a"], "total": [1]}), out)
    return out.getvalue()


def bomb() -> bytes:
    return parquet(pa.table({"region": pa.array(["x" * (1 << 20)] * 300), "total": pa.array([1] * 300)}))


def parts(good: bytes) -> tuple[dict[str, Any], bytes]:
    with zipfile.ZipFile(io.BytesIO(good)) as archive:
        return json.loads(archive.read("board.json")), archive.read("rows/0.parquet")


def with_body(**changes: object) -> Callable[[bytes], bytes]:
    return lambda good: archive_of(board_json=json.dumps({**parts(good)[0], **changes}).encode(), rows_0=parts(good)[1])


def with_tile(**changes: object) -> Callable[[bytes], bytes]:
    return lambda good: with_body(tiles=[{**parts(good)[0]["tiles"][0], **changes}])(good)


def with_spec(**changes: object) -> Callable[[bytes], bytes]:
    return lambda good: with_tile(spec={**parts(good)[0]["tiles"][0]["spec"], **changes})(good)


def with_rows(make: Callable[[], bytes]) -> Callable[[bytes], bytes]:
    return lambda good: archive_of(board_json=json.dumps(parts(good)[0]).encode(), rows_0=make())


REFUSED: dict[str, Callable[[bytes], bytes]] = {
    "no archive": lambda _: b"PK\x03\x04 and then nothing",
    "a file that was cut": lambda good: good[: len(good) // 2],
    "an archive of something else": lambda _: archive_of(other_json=b"{}"),
    "no JSON": lambda _: archive_of(board_json=b"{"),
    "deep JSON": lambda _: archive_of(board_json=b"[" * 100_000),
    "a list": lambda _: archive_of(board_json=b"[]"),
    "another format": with_body(format="x"),
    "a newer version": with_body(version=2),
    "a text that unpacks to 100 MB": lambda _: archive_of(board_json=b" " * (100 << 20)),
    "no number of seconds": with_body(saved="NaN"),
    "too many answers": lambda good: with_body(tiles=parts(good)[0]["tiles"] * 101)(good),
    "a chart of columns that are not there": with_spec(y=[7]),
    "a chart that is code": with_spec(kind="__import__('os')"),
    "columns that the rows have not": with_tile(columns=[["a", "BIGINT"], ["b", "BIGINT"]]),
    "an assumption that is an object": with_tile(assumptions=[{}]),
    "a table that is nothing": with_tile(tables=[None]),
    "tables that are a text": with_tile(tables="x"),
    "a time beyond all": with_tile(read=10**400),
    "no rows though it says so": lambda good: archive_of(board_json=json.dumps(parts(good)[0]).encode()),
    "rows that are none": with_rows(lambda: b"PAR1PAR1"),
    "rows of another tool": with_rows(plain_parquet),
    "rows that unpack to 300 MB": with_rows(bomb),
    "a member that is locked": lambda good: flagged(good, 1),
    "a member that says it is small": lambda good: lying(good),
    "two boards in one": lambda good: archive_of(board_json=b"[]", **{"board.json": b"{"}),
    "a pickle in the place of JSON": lambda _: archive_of(board_json=PICKLE),
    "a pickle in the place of rows": with_rows(lambda: PICKLE),
    "rows of another width": with_rows(lambda: parquet(pa.table({"region": ["a"]}))),
    "rows with names that repeat": with_rows(lambda: parquet(pa.Table.from_arrays([pa.array([1])] * 2, ["a", "a"]))),
    "rows with a type that lies": with_rows(lambda: parquet(pa.table({"region": ["a"], "total": [1]}), lie=True)),
    "very many rows": with_rows(
        lambda: parquet(pa.table({"region": pa.nulls(2_000_000), "total": pa.nulls(2_000_000)}))
    ),
    "half a character in a question": with_tile(question="\ud800"),
    "a question that is a number": with_tile(question=7),
    "a width that covers the page": with_tile(width=99999),
    "a state of its own": with_tile(refreshed={"outcome": "<script>", "says": "", "at": 0}),
    "a finding of its own weight": with_tile(findings=[{"code": "x", "severity": "<b>", "message": "", "sql": ""}]),
    "a finding with more than it has": with_tile(findings=[{"code": "x", "__class__": "y"}]),
    "numbers that are none": with_tile(seconds=float("nan")),
    "fewer rows than none": with_tile(total_rows=-1),
    "tiles that are an object": with_body(tiles={"0": {}}),
    "a version that is a text": with_body(version="1"),
    "a chart of a column before the first": with_spec(y=[-1]),
    "a chart with more than it has": with_spec(layout={"images": [{"source": "http://evil.example/x.png"}]}),
}
"""What no board is, made of a good file: refused in one sentence that names the file."""

MARKED = dict.fromkeys(("question", "title", "note", "standalone", "model", "engine"), HOSTILE)

OPENED: dict[str, Callable[[bytes], bytes]] = {
    "a pickle as a column's type": with_rows(lambda: parquet(pickled_type())),
    "SQL that writes a file": with_tile(sql="COPY (SELECT 1) TO '{new}'"),
    "SQL that reads a file": with_tile(sql="SELECT content AS region, 1 AS total FROM read_text('{file}')"),
    "SQL that drops a table": with_tile(sql="DROP TABLE sales"),
    "SQL that drops a table in a CTE": with_tile(sql="WITH x AS (DELETE FROM sales RETURNING *) FROM x"),
    "SQL that attaches another's tables": with_tile(sql="ATTACH '{file}' AS other"),
    "a check whose SQL writes": with_tile(
        findings=[{"code": "x", "severity": "doubt", "message": "m", "sql": "COPY (SELECT 1) TO '{new}'"}]
    ),
    "markup in every text": with_tile(**MARKED, assumptions=[HOSTILE]),
    "markup in a finding": with_tile(
        findings=[{"code": "x", "severity": "problem", "message": HOSTILE, "sql": HOSTILE}]
    ),
    "markup in a refresh": with_tile(refreshed={"outcome": "changed", "says": HOSTILE, "at": 1}),
    "an id that is a path": with_tile(id="../../../evil"),
    "an id that is another's": with_tile(id="1"),
    "a question without end": with_tile(question="why " * 100_000),
}
"""What can be opened as a board: shown as text, and its SQL meets the gate when a person refreshes."""

CASES = (
    *attacks("board files", "code that runs, a memory or a disk that fills up, or a page that breaks", REFUSED),
    *attacks("board files", "SQL or markup of a stranger that acts in the workspace of who opens the file", OPENED),
)
