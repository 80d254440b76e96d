"""A result as a file keeps every value."""

from __future__ import annotations

import csv
import io

from lib.data.workspace import Source, Workspace
from lib.export.result_csv import to_csv
from lib.settings import Settings


def test_csv_keeps_digits_scripts_lists_and_missing_values() -> None:
    sql = """SELECT 12345678901234567890.123456789::DECIMAL(38, 9) AS d, 0.00001::DECIMAL(10, 5) AS d, a,
        [1, 2] AS list, NULL AS nothing, 'x,"y"' AS quoted, DATE '2024-02-29' AS day FROM t"""
    with Workspace.temporary(Settings()) as space:
        with space.add([Source("t.csv", "a\nبيان\n".encode())]) as loading:
            loading.wait()
        made = to_csv(space.run(sql))
    assert made.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(made.decode("utf-8-sig")))) == [
        ["d", "d", "a", "list", "nothing", "quoted", "day"],
        ["12345678901234567890.123456789", "0.00001", "بيان", "[1, 2]", "", 'x,"y"', "2024-02-29"],
    ]
