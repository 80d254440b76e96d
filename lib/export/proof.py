"""The part of a report that proves it: what has to come out when its SQL runs again on the same files."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from lib.asking.checks.finding import listed, shown
from lib.board import checked, evidence, fingerprint
from lib.board.exhibit import Exhibit, TableMark
from lib.data.table import counted
from lib.data.workspace import Workspace
from lib.engine.result import Column, Result
from lib.errors import DataError, QueryError, QueryRefused

FORMAT = 1
ID = "bayan-proof"
OPENS, CLOSES = f'<script type="application/json" id="{ID}">', "</script>"
"""Nothing else in a report has these characters in this order: whatever comes from data is escaped there."""
LARGEST_MB = 64
MOST_ROWS = 10_000_000
_MB = 1 << 20

Outcome = Literal["same", "counted", "differs", "table", "refused", "failed"]
"""same: the same rows; counted: as many rows, of which only some could be compared; differs: other rows; table: a
table is missing, or has changed and the rows with it; refused: the SQL may not run; failed: it did not run to its end.
"""


@dataclass(frozen=True)
class Claim:
    """One answer. `columns` are names, types and fingerprints; `rows` were kept, `total` is how many there were.

    `fingerprint` is that of the rows that were kept, in whatever order; `total` is None if it was not counted.
    """

    heading: str
    question: str
    sql: str
    columns: tuple[tuple[str, str, str], ...]
    rows: int
    total: int | None
    fingerprint: str
    engine: str
    model: str
    read: float
    tables: tuple[TableMark, ...]
    dialect: str = "duckdb"

    @property
    def truncated(self) -> bool:
        return self.total != self.rows


@dataclass(frozen=True)
class Proof:
    """All answers of a report; `made` is when it was written, in seconds since 1970."""

    title: str
    made: float
    answers: tuple[Claim, ...]

    def to_json(self) -> dict[str, Any]:
        """As a report carries it."""
        return {"format": FORMAT, **asdict(self)}


@dataclass(frozen=True)
class Verdict:
    """What came of an answer when its SQL ran again; `says` is a sentence with names from the file: text, no markup."""

    heading: str
    outcome: Outcome
    says: str

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against the answer."""
        return self.outcome in ("same", "counted")


def proof_of(title: str, exhibits: Sequence[Exhibit], made: float) -> Proof:
    return Proof(title, made, tuple(map(_claim, exhibits)))


def read_proof(data: bytes) -> Proof:
    """The proof in a report's HTML; nothing else of the file is looked at. Raises DataError."""
    if len(data) > LARGEST_MB * _MB:
        raise DataError(f"This report has more than {LARGEST_MB} MB.", "Choose the file that Bayan wrote.")
    _, found, rest = data.partition(OPENS.encode())
    text, ended, _ = rest.partition(CLOSES.encode())
    if not found or not ended:
        raise DataError("This file is no report of Bayan's.", "Choose the HTML file that Bayan wrote.")
    try:
        given = json.loads(text)
        if given["format"] > FORMAT:
            raise DataError("This report was written by a newer version of Bayan.", "Check it with that version.")
        return _from_json(given)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as e:
        raise DataError("The proof in this report is damaged.", "Choose the file as Bayan wrote it.") from e


def verify(proof: Proof, space: Workspace) -> Iterator[Verdict]:
    """Run each answer's SQL on the tables as they are now, and say whether it still gives what the report shows."""
    for claim in proof.answers:
        yield Verdict(claim.heading, *_judged(claim, space))


def rename_as_in(proof: Proof, space: Workspace) -> None:
    """Give tables of files that were just loaded the names that they have in the proof. Raises DataError, QueryError.

    A table is known again by its content, so that one that has changed keeps its own name.
    """
    there = {one.name for one in space.tables}
    named = (one for claim in proof.answers for one in claim.tables)
    wanted = {one.fingerprint: one.name for one in named if one.fingerprint and one.name not in there}
    for one in evidence.marks("", space) if wanted else ():
        if name := wanted.pop(one.fingerprint, ""):
            space.rename_table(one.name, name)


def _claim(one: Exhibit) -> Claim:
    result = one.result
    rows = result.table.num_rows
    return Claim(
        heading=one.heading,
        question=one.question,
        sql=one.sql,
        columns=_columns(result),
        rows=rows,
        total=result.total_rows if result.truncated else rows,
        fingerprint=fingerprint.of_result(result),
        engine=one.engine,
        model=one.model,
        read=one.read,
        tables=tuple(replace(mark, types=(), reader="") for mark in one.tables),
        dialect=one.dialect,
    )


def _columns(result: Result) -> tuple[tuple[str, str, str], ...]:
    """Each column with a fingerprint of its own, so that it can be said which ones differ."""
    alone = [replace(result, columns=(one,), table=result.table.select([at])) for at, one in enumerate(result.columns)]
    prints = map(fingerprint.of_result, alone)
    return tuple((one.name, one.type, print_) for one, print_ in zip(result.columns, prints, strict=True))


def _judged(claim: Claim, space: Workspace) -> tuple[Outcome, str]:
    there = {one.name for one in space.tables}
    if missing := [one for one in claim.tables if one.name not in there]:
        names = listed([f'"{shown(one.name)}" (from {shown(one.file)})' for one in missing])
        return "table", f"{'This table is' if len(missing) == 1 else 'These tables are'} not here: {names}."
    try:
        evidence.require_dialect(claim.dialect, space)
        now = {one.name: one for one in evidence.marks(claim.sql, space)}
        result = space.run(claim.sql, max_rows=max(1, claim.rows + (not claim.truncated)))
    except QueryError as e:
        return ("refused" if isinstance(e, QueryRefused) else "failed"), str(e)
    changed = [one for one in claim.tables if one.name in now and _differ(one, now[one.name])]
    outcome, says = _compared(claim, result)
    if not changed:
        if outcome == "differs" and claim.engine != space.engine:
            says += f" It was made with {shown(claim.engine)}; this is {space.engine}."
        return outcome, says
    what = " ".join(_change(one, now[one.name]) for one in changed)
    return ("table" if outcome == "differs" else outcome), f"{says} {what}"


def _differ(then: TableMark, now: TableMark) -> bool:
    """Two tables of which one has no fingerprint are told apart by their rows alone."""
    return then.rows != now.rows or (
        "" not in (then.fingerprint, now.fingerprint) and then.fingerprint != now.fingerprint
    )


def _change(then: TableMark, now: TableMark) -> str:
    rows = f": {counted(then.rows, 'row')} then, {now.rows:,} now" if then.rows != now.rows else ""
    return f'The table "{shown(then.name)}" has changed since{rows}.'


def _compared(claim: Claim, result: Result) -> tuple[Outcome, str]:
    columns = [(name, type_) for name, type_, _ in claim.columns]
    if columns != [(one.name, one.type) for one in result.columns]:
        return "differs", f"It has other columns: {_named(result.columns)}."
    rows = result.table.num_rows
    total = result.total_rows if result.truncated else rows
    if result.truncated != claim.truncated or (total != claim.total and None not in (total, claim.total)):
        return "differs", f"It has {_counted(total, rows)} instead of {_counted(claim.total, claim.rows)}."
    if fingerprint.of_result(result) == claim.fingerprint:
        if not claim.truncated:
            return "same", f"The same {counted(rows, 'row')}." if rows else "No row, as before."
        return "same", f"The same first {counted(rows, 'row')} of {_counted(total, rows)}."
    if claim.truncated:
        return "counted", (
            f"As many rows: {_counted(total, rows)}. The first {claim.rows:,}, which the report has, are others now: "
            "either the SQL leaves their order open or their values have changed."
        )
    pairs = zip(claim.columns, _columns(result), strict=True)
    others = [f'"{shown(name)}"' for (name, _, then), (_, _, now) in pairs if then != now]
    if not others:
        return "differs", "The same values in every column, but together in other rows."
    return "differs", f"Other values in {listed(others)}."


def _named(columns: Sequence[Column]) -> str:
    return listed([f'"{shown(one.name)}" ({one.type})' for one in columns[:20]])


def _counted(total: int | None, rows: int) -> str:
    return f"more than {counted(rows, 'row')}" if total is None else counted(total, "row")


def _from_json(given: Mapping[str, Any]) -> Proof:
    answers = tuple(map(_claim_from, checked.items(given["answers"])))
    return Proof(checked.text(given["title"]), checked.number(given["made"]), answers)


def _claim_from(given: Mapping[str, Any]) -> Claim:
    texts = ("heading", "question", "sql", "fingerprint", "engine", "model")
    total = given["total"]
    return Claim(
        **{name: checked.text(given[name]) for name in texts},
        columns=tuple(
            (checked.text(name), checked.text(type_), checked.text(print_))
            for name, type_, print_ in checked.items(given["columns"])
        ),
        rows=min(checked.count(given["rows"]), MOST_ROWS),
        total=None if total is None else checked.count(total),
        read=checked.number(given["read"]),
        tables=tuple(map(_mark_from, checked.items(given["tables"]))),
        dialect=checked.text(given.get("dialect", "duckdb")),  # the only one of earlier versions
    )


def _column_from(given: object) -> tuple[str, str, str]:
    name, type_, print_ = map(checked.text, checked.items(given))
    return name, type_, print_


def _mark_from(given: Mapping[str, Any]) -> TableMark:
    return TableMark(
        name=checked.text(given["name"]),
        file=checked.text(given["file"]),
        rows=checked.count(given["rows"]),
        columns=checked.count(given["columns"]),
        fingerprint=checked.text(given["fingerprint"]),
    )
