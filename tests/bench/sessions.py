"""Many sessions at once on one server: what a question takes among them, against one session alone, and memory.

    python -m tests.bench.sessions SESSIONS SECONDS

Each session has a workspace of its own with the penguins, and asks every 20 s. The upstream is scripted and answers at
once, so that what is measured is Bayan. All of it is on loopback, and ends by itself.
"""

from __future__ import annotations

import asyncio
import random
import shutil
import sys
import tempfile
import time

import psutil

from lib.data import homes
from lib.data.workspace import Source
from lib.llm.scripted import ScriptedUpstream, answer
from lib.settings import PROJECT, Settings
from tests.bench.visitor import Visitor
from tests.browser.conftest import running_server

EVERY_SECONDS = 20.0
ALONE_TIMES = 15
SQL = "```sql\nSELECT species, count(*) AS n FROM penguins GROUP BY species ORDER BY n DESC\n```"
QUESTION = "How many penguins of each species are there?"
_MB = 1 << 20


def measure(sessions: int = 100, seconds: float = 300.0) -> dict[str, float]:
    """95th percentiles in seconds, `alone` and `together`, their `ratio`, `errors`, and `mb_each` over one session."""
    with tempfile.TemporaryDirectory() as home, ScriptedUpstream(otherwise=answer(SQL)) as upstream:
        ids = _workspaces(Settings(bayan_home=home, bayan_shared=True), sessions)
        environment = {"BAYAN_HOME": home, "BAYAN_SHARED": "1", "LLM_BASE_URL": upstream.base_url}
        with running_server(**environment, LLM_API_KEY=upstream.key) as server:
            return asyncio.run(_measured(server.url, server.process.pid, ids, seconds))


def _workspaces(settings: Settings, count: int) -> list[str]:
    """The ids of so many visitors, each of whom has the penguins already."""
    ids = [homes.new_id() for _ in range(count)]
    first = homes.visitor(settings, ids[0])
    first.add([Source("penguins.csv", PROJECT / "sample_data" / "penguins" / "penguins.csv")]).wait()
    folders = [first.folder]
    homes.release(first)
    for one in ids[1:]:
        space = homes.visitor(settings, one)
        folders.append(space.folder)
        homes.release(space)
    for folder in folders[1:]:
        shutil.rmtree(folder)
        shutil.copytree(folders[0], folder)
    return ids


async def _measured(url: str, pid: int, ids: list[str], seconds: float) -> dict[str, float]:
    server = psutil.Process(pid)
    visitors = [Visitor(url, "ask", f"w={one}") for one in ids]
    async with visitors[0] as first:
        await first.draw()
        alone = [(await first.ask(QUESTION)).seconds for _ in range(ALONE_TIMES)]
    one_session = server.memory_info().rss
    opened = [await one.__aenter__() for one in visitors]
    for one in opened:
        await one.draw()
    end = time.monotonic() + seconds
    heard = await asyncio.gather(*(_ask_until(one, end) for one in opened))
    memory = (server.memory_info().rss - one_session) / _MB / max(1, len(ids) - 1)
    for one in opened:
        await one.__aexit__(None, None, None)
    together = [took for each in heard for took, _ in each]
    p95 = {"alone": _p95(alone), "together": _p95(together)}
    errors = sum(wrong for each in heard for _, wrong in each)
    return {
        **p95,
        "ratio": p95["together"] / p95["alone"],
        "questions": len(together),
        "errors": errors,
        "mb_each": memory,
    }


async def _ask_until(visitor: Visitor, end: float) -> list[tuple[float, int]]:
    """Ask on the beat of this visitor; gives the seconds of each answer, and how many errors it showed."""
    heard: list[tuple[float, int]] = []
    due = time.monotonic() + random.uniform(0, EVERY_SECONDS)
    while due < end:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        drawn = await visitor.ask(QUESTION)
        heard.append((drawn.seconds, len(drawn.errors)))
        due += EVERY_SECONDS
    return heard


def _p95(times: list[float]) -> float:
    return sorted(times)[round(0.95 * (len(times) - 1))]


if __name__ == "__main__":
    for name, figure in measure(int(sys.argv[1]), float(sys.argv[2])).items():
        print(f"{name:10} {figure:8.2f}")
