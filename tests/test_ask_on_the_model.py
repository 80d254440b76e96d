"""Simple questions about the sample data on the real built-in model, through the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from lib.data.samples import samples
from lib.data.workspace import Source, Workspace
from lib.settings import Settings
from tests.command import bayan

pytestmark = pytest.mark.model

# (sample, question, SQL whose rows are right)
QUESTIONS = [
    (
        "penguins",
        "What is the average body mass of each species?",
        "SELECT species, avg(body_mass_g) FROM penguins GROUP BY species",
    ),
    ("penguins", "How many penguins live on the island Dream?", "SELECT count(*) FROM penguins WHERE island = 'Dream'"),
    (
        "weather",
        "What was the highest temperature in 2014?",
        "SELECT max(temp_max) FROM seattle_weather WHERE year(date) = 2014",
    ),
    ("weather", "How many days had snow?", "SELECT count(*) FROM seattle_weather WHERE weather = 'snow'"),
    (
        "world",
        "What is the total population of the countries of each continent?",
        "SELECT continent, sum(population) FROM countries GROUP BY continent",
    ),
]
NEEDED = 4


def test_most_simple_questions_get_the_right_rows(builtin_model: Settings, tmp_path: Path) -> None:
    wrong = [
        f"{question}\n  {got['sql']}\n  {got['error'] or got['rows'][:3]}"
        for (sample, question, sql), got in zip(QUESTIONS, _evaluated(builtin_model, tmp_path), strict=True)
        if _values(_expected(sample, sql)) != _values(got["rows"])
    ]
    assert len(QUESTIONS) - len(wrong) >= NEEDED, "\n".join(wrong)


def test_a_question_is_answered_on_the_command_line(builtin_model: Settings) -> None:
    sample, question, sql = QUESTIONS[1]
    done = bayan("ask", *_files(sample), question, "--json", BAYAN_HOME=str(builtin_model.home))
    answer = json.loads(done.stdout)
    assert answer["question"] == question
    assert _values(answer["rows"]) == _values(_expected(sample, sql))


def _evaluated(settings: Settings, folder: Path) -> list[dict[str, Any]]:
    """The answers to all questions, in their order, with one start of the model."""
    questions, out = folder / "questions.jsonl", folder / "out.jsonl"
    for sample in {sample for sample, _, _ in QUESTIONS}:
        (folder / "data" / sample).mkdir(parents=True)
        for path in _paths(sample):
            shutil.copy(path, folder / "data" / sample)
    lines = [{"id": str(n), "db": sample, "question": question} for n, (sample, question, _) in enumerate(QUESTIONS)]
    questions.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    bayan(
        *("evaluate", "--questions", str(questions), "--data", str(folder / "data"), "--out", str(out)),
        BAYAN_HOME=str(settings.home),
    )
    answers: list[dict[str, Any]] = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    return sorted(answers, key=lambda one: int(one["id"]))


def _expected(sample: str, sql: str) -> list[list[Any]]:
    with Workspace.temporary(Settings()) as space:
        with space.add([Source(str(file), file) for file in _paths(sample)]) as loading:
            loading.wait()
        return space.run(sql).rows()


def _paths(name: str) -> tuple[Any, ...]:
    return next(sample.files for sample in samples() if sample.name == name)


def _files(name: str) -> list[str]:
    return [str(path) for path in _paths(name)]


def _values(rows: list[list[Any]]) -> list[list[Any]]:
    """Rows without their order, numbers to six digits, as two right queries may give them."""
    return sorted([f"{v:.6g}" if isinstance(v, int | float) else str(v) for v in row] for row in rows)
