"""The command line: the pages' own code without a browser.

Results go to standard output, messages and progress to standard error. Exit status: 0 done, 1 the work failed
(one sentence says why), 2 wrong usage.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, TextIO

from lib import settings as settings_room
from lib.asking.answer import Answer, Comparing, Preparing, Repairing, Running
from lib.asking.ask import SqlModel, ask
from lib.asking.bridge import DIALECTS, bridge
from lib.asking.checks.finding import shown
from lib.asking.evaluate.answer_file import EARLIER, AnswerFile
from lib.asking.evaluate.answering import Way
from lib.asking.evaluate.batch import Began, Done, Unread, ask_all
from lib.asking.evaluate.question_file import database_files, grouped, read_questions
from lib.asking.evaluate.tally import Tally
from lib.charts.request import answered
from lib.data import homes
from lib.data.table import Table, counted
from lib.data.workspace import Source, Workspace
from lib.engine.result import Result
from lib.errors import AppError, CannotTranslate, DataError, QueryError
from lib.llm import builtin
from lib.llm.client import Waiting, same_model
from lib.llm.connect import connect
from lib.settings import Settings

MOST_ROWS, MOST_SECONDS = 10_000_000, 86_400
MOST_WORKERS = 64
NO_REQUEST = 'This line is no JSON object with "id" and "sql".'
MOST_ANSWER_ROWS = 10_000
"""Rows of an answer object."""
REPORTS = (".html", ".md", ".sql")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status."""
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace"), (sys.stderr, "backslashreplace")):
        stream.reconfigure(encoding="utf-8", errors=errors)  # type: ignore[union-attr]
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))  # so that temporary files go
    given = _parser().parse_args(arguments)
    try:
        given.command(given, settings_room.load())
    except AppError as e:
        _say(str(e))
        return 1
    except BrokenPipeError:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - nobody reads any more
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _load(given: argparse.Namespace, settings: Settings) -> None:
    with Workspace.temporary(settings) as space:
        errors = _take_in(given.files, space)
        for table in space.tables:
            _put(table.report()) if given.json else _put_report(table)
    for error in errors[:-1]:
        _say(str(error))
    for error in errors[-1:]:
        raise error


def _run(given: argparse.Namespace, settings: Settings) -> None:
    with _workspace(given.files, settings) as space:
        limits = {"timeout": given.timeout, "max_rows": given.max_rows}
        if given.batch:
            for line in sys.stdin:
                if line.strip():
                    _put(_run_line(line, space, limits))
            return
        sql = sys.stdin.read() if given.sql == "-" else given.sql
        result = space.run(sql, **limits)
        _put(_result_json(result)) if given.json else _put_table(result, sys.stdout)


def _run_line(line: str, space: Workspace, limits: dict[str, Any]) -> dict[str, Any]:
    """The answer to one line of a batch; a line that is no request is answered with its error."""
    empty = {"columns": [], "rows": [], "truncated": False, "seconds": 0.0}
    name, sql = _request(line)
    if sql is None:
        return {"id": name, **empty, "error": NO_REQUEST}
    try:
        return {"id": name, **_result_json(space.run(sql, **limits)), "error": None}
    except QueryError as e:
        return {"id": name, **empty, "error": str(e)}


def _bridge(given: argparse.Namespace, settings: Settings) -> None:
    with _workspace(given.files, settings) as space:
        for line in sys.stdin:
            if line.strip():
                _put(_bridge_line(line, space.tables, given.to))


def _bridge_line(line: str, tables: Sequence[Table], to: str) -> dict[str, Any]:
    """The answer to one line; a line that is no request, or that cannot be translated, is answered with its error."""
    name, sql = _request(line)
    if sql is None:
        return {"id": name, "sql": "", "notes": [], "error": NO_REQUEST}
    try:
        bridged = bridge(sql, tables, to)
    except CannotTranslate as e:
        return {"id": name, "sql": "", "notes": [], "error": str(e)}
    return {"id": name, "sql": bridged.sql, "notes": [asdict(one) for one in bridged.notes], "error": None}


def _request(line: str) -> tuple[Any, str | None]:
    """The id and the SQL of one line; None for SQL when the line is no request."""
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        return None, None
    sql = asked.get("sql")
    return asked.get("id"), sql if isinstance(sql, str) else None


def _ask(given: argparse.Namespace, settings: Settings) -> None:
    try:
        with _workspace(given.files, settings) as space:
            models = connect(settings)
            model = SqlModel.at(models.client, models.sql, settings.sql_profile)
            answer = _follow(given, space, model, settings)
    except AppError as e:
        answer = Answer(given.question, error=e)
    if given.json:
        _put(answer.to_json())
    elif answer.sql:
        print(answer.sql, end="\n\n")
    if answer.error is not None:
        raise answer.error
    if answer.result is not None and not given.json:
        _put_table(answer.result, sys.stdout)


def _follow(given: argparse.Namespace, space: Workspace, model: SqlModel, settings: Settings) -> Answer:
    answer = Answer(given.question)
    answers = settings.careful_answers if given.careful else 1
    asking = ask(given.question, space, model, settings.max_repairs, names_only=settings.names_only, answers=answers)
    with closing(asking) as steps:
        for step in steps:
            match step:
                case Preparing(what=what):
                    _say(f"{what}.")
                case Comparing(come=come, wanted=wanted, agree=agree):
                    _say(f"{come} of {wanted} answers have come; {agree} agree.")
                case Running():
                    _say("Running the query.")
                case Repairing(error=error):
                    _say(f"The query failed and goes back to the model: {error}")
                case Waiting(why=why):
                    _say(why)
                case Answer():
                    answer = step
    return answer


def _evaluate(given: argparse.Namespace, settings: Settings) -> None:
    questions = read_questions(given.questions, given.limit)
    files = database_files(given.data, (one.db for one in questions))
    if given.out.exists() and given.out.samefile(given.questions):
        raise DataError("OUT is the file of the questions.", "Name another one.")
    settings = replace(settings, query_max_rows=min(settings.query_max_rows, MOST_ANSWER_ROWS))
    with AnswerFile(given.out, resume=given.resume) as out:
        waiting = [one for one in grouped(questions) if one.id not in out.ids]
        tally = Tally(len(questions), len(questions) - len(waiting))
        try:
            if waiting:
                way = Way.of(connect(settings), settings, careful=given.careful, checked=True)
                with closing(ask_all(waiting, files, way, settings, given.workers)) as events:
                    for event in events:
                        match event:
                            case Began(asked=asked):
                                _progress(f"{tally.progress()}: {asked.id}")
                            case Unread(db=db, error=error):
                                _progress(f"{db}: {error}", end="\n")
                            case Done(asked=asked, answer=answer):
                                out.put(asked.id, answer)
                                tally.add(answer)
        finally:
            _progress(tally.summary(), end="\n")


def _chart(given: argparse.Namespace, settings: Settings) -> None:
    for line in sys.stdin:
        if line.strip():
            chosen = answered(line)
            _put(chosen.to_json()) if given.json else print(chosen.line())


def _report(given: argparse.Namespace, settings: Settings) -> None:
    if given.check:
        if not given.files or given.out:
            given.wrong("--check needs the files of the report, and no --out")
        _check(given.check, given.files, settings)
        return
    if given.out is None or given.files:
        given.wrong("one of --out and --check is needed; FILE goes with --check")
    form = given.out.suffix.lower()
    if form not in REPORTS:
        given.wrong(f"OUT has to end in one of {', '.join(REPORTS)}")
    from lib.board import board  # with Plotly, which is slow to import: the other commands need none of it
    from lib.export.report import to_html
    from lib.export.report_markdown import to_markdown
    from lib.export.report_sql import to_sql

    if given.workspace and not (given.workspace / "history.sqlite").is_file():
        raise DataError(f"{given.workspace} is no workspace of Bayan.", "Name its folder below BAYAN_HOME.")
    exhibits = board.exhibits(given.workspace or settings.home / homes.LOCAL)
    if not exhibits:
        raise DataError("Nothing is pinned to the board of this workspace.", "Pin an answer on the Ask page.")
    write = {".html": to_html, ".md": to_markdown, ".sql": to_sql}[form]
    try:
        given.out.write_bytes(write(given.title, exhibits, time.time()))
    except OSError as e:
        raise DataError(f"{given.out} cannot be written: {(e.strerror or 'the disk does not answer').lower()}.") from e


def _check(report: Path, files: Sequence[str], settings: Settings) -> None:
    """Say for each answer of a report what comes of it on these files."""
    from lib.data.names import one_line
    from lib.export.proof import read_proof, rename_as_in, verify

    try:
        proof = read_proof(report.read_bytes())
    except OSError as e:
        raise DataError(f"{report} cannot be read: {(e.strerror or 'the disk does not answer').lower()}.") from e
    wrong = 0
    with _workspace(files, settings) as space:
        rename_as_in(proof, space)
        for number, one in enumerate(verify(proof, space), 1):
            print(one_line(f"{number}. {shown(one.heading)}: {one.outcome}. {one.says}"), flush=True)
            wrong += not one.holds
    if wrong:
        raise DataError(f"{wrong} of {counted(len(proof.answers), 'answer')} cannot be confirmed.")


def _progress(text: str, end: str = "\r") -> None:
    """A line; on a terminal it takes the place of the one before, unless that had a line end."""
    terminal = sys.stderr.isatty()
    print(f"\x1b[2K{text}" if terminal else text, end=end if terminal else "\n", file=sys.stderr, flush=True)


def _models(given: argparse.Namespace, settings: Settings) -> None:
    models = connect(settings)
    for model in models.client.models():
        roles = [role for role, name in (("chat", models.chat), ("sql", models.sql)) if same_model(name, model.id)]
        print(f"{model.id}\t{model.context_length or 'unknown'}\t{','.join(roles) or '-'}")


def _model(given: argparse.Namespace, settings: Settings) -> None:
    {"fetch": _fetch, "path": _path, "serve": _serve, "remove": _remove}[given.action](settings)


def _fetch(settings: Settings) -> None:
    fetch = builtin.start_fetch(settings)
    try:
        while not fetch.wait(1.0):
            now = fetch.progress
            _say(f"{now.step}: {now.bytes_done / 1e6:,.0f} of {now.bytes_total / 1e6:,.0f} MB")
    except KeyboardInterrupt:
        fetch.cancel()
        raise
    if fetch.error is not None:
        raise fetch.error
    _path(settings)


def _path(settings: Settings) -> None:
    if not builtin.is_ready(settings):
        _say(builtin.obstacle(settings) or "The file is not there yet; `python -m lib model fetch` brings it.")
    print(builtin.model_path(settings))


def _serve(settings: Settings) -> None:
    endpoint = builtin.serve(settings)
    _say("Serving until interrupted. The key below is made anew at each start.")
    _put({"base_url": endpoint.base_url, "api_key": endpoint.api_key, "model": builtin.MODEL_ID})
    threading.Event().wait()


def _remove(settings: Settings) -> None:
    _say("Removed." if builtin.remove(settings) else "There was nothing to remove.")


@contextmanager
def _workspace(files: Sequence[str], settings: Settings) -> Iterator[Workspace]:
    """A workspace with the files as tables. Raises DataError when one of them cannot be read."""
    with Workspace.temporary(settings) as space:
        for error in _take_in(files, space):
            raise error
        yield space


def _take_in(files: Sequence[str], space: Workspace) -> tuple[DataError, ...]:
    """Load the files; return why some did not become tables."""
    missing = [DataError(f"There is no file {file}.", "Check the path.") for file in files if not Path(file).is_file()]
    there = [Source(Path(file).name, Path(file)) for file in files if Path(file).is_file()]
    with space.add(there) as loading:
        while not loading.wait(1.0):
            file, share = loading.progress
            _say(f"Reading {file}: {share:.0%}" if share is not None else f"Reading {file}")
        return (*missing, *loading.errors)


def _result_json(result: Result) -> dict[str, Any]:
    return {
        "columns": [{"name": column.name, "type": column.type} for column in result.columns],
        "rows": result.rows(),
        "truncated": result.truncated,
        "seconds": round(result.seconds, 3),
    }


def _put_table(result: Result, out: TextIO) -> None:
    rows = [["" if value is None else str(value) for value in row] for row in result.rows()]
    heads = [column.name for column in result.columns]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, ["-" * width for width in widths], *rows):
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip(), file=out)
    if result.truncated:
        total = f"{result.total_rows:,}" if result.total_rows is not None else "more"
        _say(f"First {len(rows):,} of {total} rows.")


def _put_report(table: Table) -> None:
    print(f"{table.name}: {table.rows:,} of {table.rows_in_file:,} rows from {table.file}")
    for column in table.columns:
        print(f"  {column.name}  {column.type}")
    for note in table.notes:
        print(f"  note: {note.message}")
    for one in table.rejected:
        print(f"  line {one.line} was left out: {one.reason}")


def _put(record: dict[str, Any]) -> None:
    print(json.dumps(record, ensure_ascii=False), flush=True)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lib", description="Bayan without a browser.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    load = commands.add_parser("load", help="load files as the upload does and report what was read")
    load.set_defaults(command=_load)
    load.add_argument("files", nargs="+", metavar="FILE")
    load.add_argument("--json", action="store_true", help="one JSON report a table")

    run = commands.add_parser("run", help="run SQL on files in the locked engine")
    run.set_defaults(command=_run)
    run.add_argument("files", nargs="+", metavar="FILE")
    which = run.add_mutually_exclusive_group(required=True)
    which.add_argument("--sql", help="the query; - reads it from standard input")
    which.add_argument("--batch", action="store_true", help='run {"id","sql"} lines from standard input')
    run.add_argument("--timeout", type=_seconds, metavar="S", help="seconds that a query may run")
    run.add_argument("--max-rows", type=_rows, metavar="N", help="rows that a result may have")
    run.add_argument("--json", action="store_true", help="the result as one JSON object")

    bridging = commands.add_parser("bridge", help="rewrite SQLite's SQL for the engine with the files' names and types")
    bridging.set_defaults(command=_bridge)
    bridging.add_argument("files", nargs="+", metavar="FILE")
    bridging.add_argument("--to", default=DIALECTS[0], choices=DIALECTS, metavar="DIALECT", help="the engine's dialect")

    asking = commands.add_parser("ask", help="ask the configured model about files")
    asking.set_defaults(command=_ask)
    asking.add_argument("files", nargs="+", metavar="FILE")
    asking.add_argument("question", metavar="QUESTION")
    asking.add_argument("--json", action="store_true", help="the answer as one JSON object")
    asking.add_argument("--careful", action="store_true", help="compare several answers and take what most agree on")

    evaluate = commands.add_parser("evaluate", help="ask the configured model every question of a file")
    evaluate.set_defaults(command=_evaluate)
    evaluate.add_argument(
        "--questions",
        required=True,
        type=Path,
        metavar="Q.jsonl",
        help='a JSON object a line: {"id", "db", "question"}',
    )
    evaluate.add_argument(
        "--data", required=True, type=Path, metavar="DIR", help="the files of database db are DIR/db/*"
    )
    evaluate.add_argument(
        "--out",
        required=True,
        type=Path,
        metavar="OUT.jsonl",
        help=f"an answer object a line, as each is finished; without --resume it begins anew, and a file that was "
        f"there is kept as OUT.jsonl{EARLIER}",
    )
    evaluate.add_argument("--limit", type=_count, metavar="N", help="the first N questions of the file only")
    evaluate.add_argument(
        "--workers", type=_workers, default=1, metavar="N", help="questions under way at once (default: 1)"
    )
    evaluate.add_argument(
        "--resume", action="store_true", help="go on: questions that OUT answers, also with an error, are left out"
    )
    evaluate.add_argument("--careful", action="store_true", help="compare several answers to each question")

    charting = commands.add_parser("chart", help="choose a chart for each result on standard input")
    charting.set_defaults(command=_chart)
    charting.add_argument("--json", action="store_true", help="one JSON object a line")

    report = commands.add_parser("report", help="write the report of a workspace's board, or check one on its files")
    report.set_defaults(command=_report, wrong=report.error)
    report.add_argument("--workspace", type=Path, metavar="DIR", help="the workspace's folder (default: your own)")
    report.add_argument("--out", type=Path, metavar="OUT", help=f"the file to write: {', '.join(REPORTS)}")
    report.add_argument("--title", default="Report", metavar="TEXT", help="its title (default: Report)")
    report.add_argument("--check", type=Path, metavar="REPORT.html", help="run its SQL again and compare the results")
    report.add_argument("files", nargs="*", metavar="FILE", help="the files that the report to check is about")

    commands.add_parser("models", help="list what the endpoint serves").set_defaults(command=_models)

    model = commands.add_parser("model", help="the built-in model")
    model.set_defaults(command=_model)
    model.add_argument("action", choices=["fetch", "path", "serve", "remove"])
    return parser


def _rows(text: str) -> int:
    return _count(text, MOST_ROWS)


def _workers(text: str) -> int:
    return _count(text, MOST_WORKERS)


def _count(text: str, most: int = 1_000_000_000) -> int:
    if not (text.isdecimal() and 1 <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1 to {most:,}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"must be a number above 0 and at most {MOST_SECONDS:,}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
