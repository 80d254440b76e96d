"""A result as a JSON file: a list with one object a row, and one row a line."""

from __future__ import annotations

import json

from lib.data.names import distinct
from lib.engine.result import Result
from lib.export.cells import blocks


def to_json(result: Result) -> bytes:
    """The rows that the result holds, in UTF-8, with values as `Result.rows` gives them.

    A column name that was there already becomes `name_2`, because an object cannot have it twice.
    """
    names = distinct([one.name for one in result.columns])
    lines = (
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)
        for block in blocks(result)
        for row in block.rows()
    )
    text = ",\n".join(lines)
    return (f"[\n{text}\n]\n" if text else "[]\n").encode()
