"""What Bayan costs over the bare thing, measured in one run and printed as a table.

pytest -n 0 -m bench tests/bench -s
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.bench import (
    chart_painted,
    checks_speed,
    client_overhead,
    cold_start,
    column_statistics,
    drop_to_preview,
    engine_overhead,
    load_speed,
    long_conversation,
)

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


def test_charts(chromium: Browser, tmp_path: Path) -> None:
    found = chart_painted.measure(chromium, tmp_path)
    rows: list[Row] = [
        (
            f"{name} of a million rows to its chart, s",
            f"{one['page']:.2f}",
            f"{one['query']:.2f}",
            f"{one['more']:+.2f} s",
            "at most +1.0 s",
        )
        for name, one in found.items()
    ]
    _print_table([HEAD, *rows])


def test_loading(chromium: Browser, tmp_path: Path) -> None:
    load, drop, columns = load_speed.measure(), drop_to_preview.measure(chromium, tmp_path), column_statistics.measure()
    _print_table(
        [
            HEAD,
            (
                f"CSV of {load['megabytes']:,.0f} MB to a table, s",
                f"{load['ours_s']:.1f}",
                f"{load['bare_s']:.1f}",
                f"{load['speed']:.2f} times the speed",
                "at least 0.7 times",
            ),
            (
                "its peak memory, MB",
                f"{load['ours_mb']:.0f}",
                f"{load['bare_mb']:.0f}",
                f"{load['memory']:.2f} times",
                "at most 1.5 times",
            ),
            (
                "the same without a report, s",
                f"{load['ours_s']:.1f}",
                f"{load['typed_s']:.1f}",
                f"{load['report']:+.0%}",
                "at most +25 %",
            ),
            (
                f"{drop['megabytes']:.0f} MB dropped, to the drawn preview, s",
                f"{drop['page']:.1f}",
                f"{drop['bare']:.1f}",
                f"{drop['more']:+.1f} s",
                "at most +2 s",
            ),
            (
                "statistics of 10 million rows by 10, s",
                f"{columns['profile']:.2f}",
                f"{columns['bare']:.2f}",
                f"{columns['profile'] / columns['bare']:.2f} times",
                "at most 3 s",
            ),
        ]
    )


def test_checks() -> None:
    _print_table(
        [
            HEAD,
            *(
                (
                    f"checks on a million rows, {name}, ms",
                    f"{took['checks']:.0f}",
                    f"{took['bare']:.0f}",
                    f"{took['checks'] / took['bare']:.1f} times",
                    "at most 300 ms",
                )
                for name, took in checks_speed.measure().items()
            ),
        ]
    )


def test_long_conversations(chromium: Browser, tmp_path: Path) -> None:
    found = long_conversation.measure(chromium, tmp_path)
    bounds = {
        "open": (f"conversation of {long_conversation.TURNS} turns opened, s", "at most 1.5 s"),
        "key": ("a key in its box, s", "at most 0.05 s"),
        "history": (f"slowest search in {long_conversation.CONVERSATIONS:,} conversations, s", "at most 0.2 s"),
        "search": ("the same on the page, s", "none: it waits for the typing to end"),
    }
    _print_table([HEAD, *((what, f"{found[name]:.3f}", "", "", bound) for name, (what, bound) in bounds.items())])


def _print_table(rows: list[Row]) -> None:
    widths = [max(len(row[i]) for row in rows) for i in range(len(HEAD))]
    print()
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
