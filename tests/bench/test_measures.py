"""What Bayan costs over the bare thing, measured in one run and printed as a table.

pytest -m bench tests/bench -s
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.bench import client_overhead, cold_start, engine_overhead

pytestmark = pytest.mark.bench

Row = tuple[str, str, str, str, str]
HEAD: Row = ("what", "Bayan", "bare", "difference", "bound")


def test_measures(chromium: Browser, tmp_path: Path) -> None:
    client, engine = client_overhead.measure(), engine_overhead.measure()
    page = cold_start.measure(chromium, tmp_path)
    _print_table(
        [
            HEAD,
            (
                "submit to first token, ms",
                f"{client['first_token_client_ms']:.1f}",
                f"{client['first_token_bare_ms']:.1f}",
                f"{client['first_token_more_ms']:+.1f} ms",
                "at most +30 ms",
            ),
            (
                "tokens a second, upstream of 500 a second",
                f"{client['paced_client_tokens_per_s']:.0f}",
                f"{client['paced_bare_tokens_per_s']:.0f}",
                f"{client['paced_ratio']:.1%}",
                "at least 97 %",
            ),
            (
                "tokens a second, upstream without pause",
                f"{client['unpaced_client_tokens_per_s']:.0f}",
                f"{client['unpaced_bare_tokens_per_s']:.0f}",
                f"{client['unpaced_ratio']:.1%}",
                "none: no model is so fast",
            ),
            (
                "small query, spare worker warm, ms",
                f"{engine['locked']:.1f}",
                f"{engine['in_process']:.1f}",
                f"{engine['more']:+.1f} ms",
                "at most +60 ms",
            ),
            (
                "fresh server to first paint, s",
                f"{page['bayan']:.2f}",
                f"{page['empty']:.2f}",
                f"{page['ratio']:.2f} times",
                "at most 1.5 times",
            ),
        ]
    )


def _print_table(rows: list[Row]) -> None:
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    print()
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
