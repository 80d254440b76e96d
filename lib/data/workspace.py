"""A person's tables, files, questions and answers: one private folder.

    tables-N.duckdb    the tables; tables-N.json, the manifest beside it, says what they are and makes them count
    deleted-N.duckdb   a table that was deleted and can come back
    files/             the files as they came
    history.sqlite     questions and answers; results/ holds the tables of the answers
    board/             the answers that were pinned
    measurements.json  how often the model was right, and the person's own questions
    lock, writing      who has the folder open, and who writes tables there
    used               its time says when the workspace was used last

DuckDB lets either one writer or many readers open a file. So nothing ever writes the file that is being queried: a
child process copies it, changes the copy, and only when the copy is on the disk is the manifest written that puts it
in the place of the original. Killed at any moment, a workspace opens as it was before the change or after it. Queries
under way finish on the file on which they began, which is deleted after the last of them.
"""

from __future__ import annotations

import secrets
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from lib.data import manifest as manifests
from lib.data import names as naming
from lib.data import query_log
from lib.data.child import Change, Child, Order, alone, bytes_in, size_of
from lib.data.conversion import TYPES
from lib.data.export import export
from lib.data.full_disk import WAY_OUT, is_full
from lib.data.loading import SCRATCH, Doors, Loading
from lib.data.manifest import Manifest
from lib.data.originals import Originals, Source
from lib.data.recovery import Recovery, recover, unused
from lib.data.shared import shared_tables, shared_trouble
from lib.data.state import State
from lib.data.table import Column, Join, Table
from lib.errors import DataError, NoRoom, QueryNotNow
from lib.lock import exclusive
from lib.serving import log
from lib.serving.accounts import account
from lib.serving.admission import refused, require
from lib.settings import Settings

if TYPE_CHECKING:
    from lib.data.history import History
    from lib.engine.result import Result
    from lib.engine.seam import RunningQuery

__all__ = ["TYPES", "Loading", "Source", "Workspace"]

MB = 1 << 20
MOST_DELETED = 10
OWN_DIALECT = "duckdb"
"""That of Bayan's own SQL, whatever engine runs what people and models write."""
PATIENCE = 5.0
"""Seconds that a change waits for another one to end."""
USED, USED_EVERY = "used", 60.0
"""The file whose time says when the workspace was used last, and how many seconds that may be behind."""


class Workspace:
    """One person's tables and history. Safe to use from several threads.

    What goes wrong is a DataError with one sentence. After `close` or `delete`, every use is one.
    """

    def __init__(self, found: Recovery, settings: Settings, held: ExitStack) -> None:
        self.folder = found.folder
        self._settings = settings
        self._notices = tuple(found.notices)
        self._originals = Originals(found.folder)
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._loadings: list[Loading] = []
        self._history: History | None = None
        self._state = 0
        self._used = -USED_EVERY
        self._account = account(found.folder)
        self._states = [State(found.folder, found.number, settings, found.manifest)]
        self._finalizer = weakref.finalize(self, _end, self._states, held)

    @classmethod
    def temporary(cls, settings: Settings) -> Workspace:
        """An empty workspace; `close`, or the end of the program, deletes it."""
        held = ExitStack()
        folder = Path(tempfile.mkdtemp(prefix="bayan-"))
        held.callback(shutil.rmtree, folder, ignore_errors=True)
        return cls(Recovery(folder), settings, held)

    @classmethod
    def open(cls, folder: Path, settings: Settings) -> Workspace:
        """The workspace in `folder`, which is made if need be, with everything that was finished.

        Raises DataError when somebody has it open already, or when the folder cannot be used.
        """
        folder = folder.absolute()
        with ExitStack() as held:
            try:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                folder.chmod(0o700)
                if not held.enter_context(exclusive(folder / "lock")):
                    raise DataError("Bayan is running already and has these tables open.", "Use that one, or stop it.")
                clear_deleted(folder.parent, folder.name)
                with alone(folder):
                    space = cls(recover(folder), settings, held.pop_all())
            except OSError as e:
                raise _not_written(f"The folder {folder} cannot be used", e) from e
        try:
            if notice := space.history.notice:
                space._notices += (notice,)
        except DataError:
            space.close()
            raise
        space._touch()
        return space

    @property
    def tables(self) -> tuple[Table, ...]:
        """The workspace's own tables in the order in which they came, then the shared ones of the engine.

        An own table hides a shared one of the same name.
        """
        own = self.own_tables
        names = {one.name.lower() for one in own}
        return (*own, *(one for one in shared_tables(self._settings) if one.name.lower() not in names))

    @property
    def own_tables(self) -> tuple[Table, ...]:
        """The tables that lie in the workspace."""
        return self._manifest().tables

    @property
    def dialect(self) -> str:
        """The SQL that people and models write here: "duckdb" or "spark"."""
        return "spark" if self._settings.engine_url else OWN_DIALECT

    @property
    def engine(self) -> str:
        """The engine that runs it, with its version."""
        with self._lock:
            return self._newest().engines.asked.name

    @property
    def joins(self) -> tuple[Join, ...]:
        """What a person said about joins: the `confirmed` ones hold, the others were dropped."""
        return self._manifest().joins

    @property
    def deleted(self) -> tuple[str, ...]:
        """The names of the tables that can be restored; the one that was dropped last is at the end."""
        return tuple(one.table.name for one in self._manifest().deleted)

    @property
    def state(self) -> int:
        """A number that grows with every change of the tables, the joins, or what can be restored."""
        return self._state

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences about what had to be set aside when the workspace was opened, and about tables that are away."""
        trouble = shared_trouble(self._settings)
        return (*self._notices, trouble) if trouble else self._notices

    @property
    def bytes_used(self) -> int:
        """What the whole workspace takes on the disk."""
        return bytes_in(self.folder)

    @property
    def tag(self) -> str:
        """What the workspace is called in the log of this process."""
        return self._account.tag

    @property
    def queries(self) -> tuple[int, int]:
        """How many of its queries run, and how many wait for a place."""
        there = [one for state in list(self._states) for one in list(state.queries) if not one.gone]
        waiting = sum(one.waits for one in there)
        return len(there) - waiting, waiting

    @property
    def closed(self) -> bool:
        """Whether it was closed or deleted."""
        return not self._states

    @property
    def history(self) -> History:
        """The questions and answers."""
        from lib.data.history import History

        with self._lock:
            self._newest()
            if self._history is None:
                self._history = History.open(self.folder / "history.sqlite", self._most // 4)
            return self._history

    @property
    def loadings(self) -> tuple[Loading, ...]:
        """The loads that are under way, and those that ended with errors which nobody has taken."""
        with self._lock:
            return tuple(one for one in self._loadings if not one.ended or one.errors)

    def take_ended(self) -> tuple[Loading, ...]:
        """The loads that ended since somebody asked last: who takes them shows their errors, and nobody else."""
        with self._lock:
            ended = tuple(one for one in self._loadings if one.ended)
            self._loadings = [one for one in self._loadings if one not in ended]
            return ended

    def add(self, files: Sequence[Source]) -> Loading:
        """Start to load files; their tables are all there when the `Loading` has ended.

        What comes as bytes or as a stream is kept with the tables, a path is read where it lies. A table from a file
        with the name of an earlier one has that one's table as its `twin`.
        """
        waiting = dict(enumerate(files))
        # Each is let go when it was received: keeping what is on disk in memory as well would double it.
        return self._load([one.label for one in files], lambda number: self._receive(waiting.pop(number)))

    def read_again(self, table: str, encoding: str = "") -> Loading:
        """Start to read a table's file once more, in another encoding; the result takes the table's place."""
        old = self._manifest().table(table)
        path = self._originals.find(old.file, old.origin)
        order = Order(old.file, path, encoding, old.origin.member if old.origin else "", old)
        return self._load([old.file], lambda number: order)

    def rename_table(self, old: str, new: str) -> None:
        with self._changing() as change:
            table = change.manifest.table(old)
            name = _new_name(new, naming.LONGEST_TABLE, [one.name for one in self.tables if one != table])
            renamed = self._changed(change, "rename_table", [table], name=name)
            self._commit(change, lambda now: now.put([old], renamed))

    def rename_column(self, table: str, old: str, new: str) -> None:
        """Give a column another name; its label stays the file's header."""
        with self._changing() as change:
            given = change.manifest.table(table)
            column = _column(given, old)
            name = _new_name(new, naming.LONGEST_COLUMN, [one.name for one in given.columns if one != column])
            renamed = self._changed(change, "rename_column", [given], column=old, name=name)
            self._commit(change, lambda now: now.put([table], renamed, {old: name}))

    def change_type(self, table: str, column: str, type_: str) -> None:
        """Make a column one of TYPES, as `lib.data.conversion` says; what does not convert becomes NULL."""
        if type_ not in TYPES:
            raise DataError(f"A column cannot become {type_}.", f"Choose one of {', '.join(TYPES)}.")
        with self._changing() as change:
            given = change.manifest.table(table)
            _column(given, column)
            made = self._changed(change, "change_type", [given], column=column, type_=type_)
            self._commit(change, lambda now: now.put([table], made))

    def swap_days(self, table: str, column: str) -> None:
        """Exchange day and month of every date of a column that could be read either way."""
        with self._changing() as change:
            given = change.manifest.table(table)
            if not _column(given, column).order:
                raise DataError(f'The dates of "{column}" can be read in one way only.')
            made = self._changed(change, "swap_days", [given], column=column)
            self._commit(change, lambda now: now.put([table], made))

    def combine(self, names: Sequence[str], into: str) -> None:
        """Make one table of several with the same columns, and a column that says which file a row is from."""
        with self._changing() as change:
            parts = [change.manifest.table(one) for one in dict.fromkeys(names)]
            if len(parts) < 2:
                raise DataError("Choose at least two tables.")
            name = _new_name(into, naming.LONGEST_TABLE, [one.name for one in self.tables if one not in parts])
            whole = self._changed(change, "combine", parts, into=name)
            self._commit(change, lambda now: now.put(names, whole))

    def replace_twin(self, name: str) -> None:
        """Put the table in the place of its twin, which can be restored."""
        with self._changing() as change:
            new, old = _twins(change.manifest, name)
            made = _under_old_name(
                self._changed(change, "replace_twin", [new, old], into=str(self.folder / change.deleted))
            )
            self._commit(change, lambda now: _buried(now, old.name, change).put([old.name, name], made))

    def append_to_twin(self, name: str) -> None:
        """Add the table's rows to its twin."""
        with self._changing() as change:
            new, old = _twins(change.manifest, name)
            made = self._changed(change, "append_to_twin", [new, old])
            self._commit(change, lambda now: now.put([old.name, name], made))

    def keep_twin(self, name: str) -> None:
        """Let the table be one of its own."""
        self._note(lambda now: now.put([name], replace(now.table(name), twin="")))

    def drop(self, name: str) -> None:
        """Delete a table. The last ones that were deleted can be restored."""
        with self._changing() as change:
            table = change.manifest.table(name)
            self._done(change, "drop", [table], into=str(self.folder / change.deleted))
            self._commit(change, lambda now: _buried(now, name, change).remove(name))

    def restore(self, name: str) -> str:
        """Bring back the table of that name that was deleted last; returns its name, a new one if it was taken."""
        with self._changing() as change:
            found = next((one for one in reversed(change.manifest.deleted) if one.table.name == name), None)
            if found is None:
                raise DataError(f"There is no deleted table {name}.")
            new = naming.free_name(name, {one.name.casefold() for one in self.tables})
            table = replace(found.table, twin="")
            self._require_rows([replace(table, name=new)])
            back = self._changed(change, "restore", [table], path=str(self.folder / found.file), name=new)
            self._commit(change, lambda now: now.restore(found, back))
            return new

    def confirm_join(self, join: Join) -> None:
        """Say that two tables join there."""
        self._note(lambda now: now.say(replace(join, confirmed=True)))

    def drop_join(self, join: Join) -> None:
        """Say that two tables do not join there."""
        self._note(lambda now: now.say(replace(join, confirmed=False)))

    def export(self, name: str, kind: Literal["csv", "parquet"], into: Path) -> None:
        """Write a whole table into a file. It is there only when all of it is."""
        with self._lock:
            state = self._newest()
            state.manifest.table(name)
            state.exports += 1
        try:
            with self._scratch() as scratch:
                export(state.database, name, kind, into, scratch)
        except OSError as e:
            raise _not_written(f"{name} could not be exported", e) from e
        finally:
            with self._lock:
                state.exports -= 1
                self._sweep()

    def start(
        self, sql: str, *, timeout: float | None = None, max_rows: int | None = None, own: bool = False
    ) -> RunningQuery:
        """Start a query on the tables as they are now; what is loaded or deleted meanwhile does not disturb it.

        What people and models write is in the workspace's `dialect`. `own` is for Bayan's own SQL, which is DuckDB's
        whatever the engine; QueryRefused then says that a shared table cannot be asked this. Raises QueryNotNow.
        """
        require("query", self._settings)
        with self._lock:
            self._sweep()
            newest = self._newest()
            self._require_place()
            engine = newest.engines.own if own else newest.engines.asked
            query = engine.start(sql, timeout=timeout, max_rows=max_rows)
            newest.queries.append(query)
        query_log.follow(query, self.tag)
        return query

    def run(self, sql: str, *, timeout: float | None = None, max_rows: int | None = None, own: bool = False) -> Result:
        """Run a query to its end. Raises QueryError."""
        with self.start(sql, timeout=timeout, max_rows=max_rows, own=own) as query:
            return query.result()

    @contextmanager
    def question(self) -> Iterator[None]:
        """The block answers one question of a person. Raises NotNow when none may be asked at this moment."""
        require("question", self._settings)
        self._account.ask(self._settings.questions_a_minute or 0)
        yield

    def may_ask(self, seconds: float) -> bool:
        """Whether one more question may be asked; waits at most `seconds` for that."""
        wait = self._account.wait_to_ask(self._settings.questions_a_minute or 0)
        time.sleep(min(wait, seconds))
        return wait <= seconds

    def close(self) -> None:
        """Stop what runs. Everything that was finished stays, unless the workspace is a temporary one."""
        with self._stopped():
            self._finalizer()

    def delete(self) -> None:
        """Stop what runs and delete everything. Raises DataError if something of it is left."""
        with self._stopped():
            if self.closed:
                return
            # Out of the way at once: a folder that is half deleted must not be opened.
            gone = self.folder.with_name(f"{self.folder.name}.deleted-{secrets.token_hex(4)}")
            try:
                self.folder.rename(gone)
                shutil.rmtree(gone)
            except OSError as e:
                raise DataError(f"Not everything could be deleted: {_reason(e)}.", "Try again.") from e
            finally:
                self._finalizer()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _manifest(self) -> Manifest:
        with self._lock:
            self._touch()
            return self._newest().manifest

    def _newest(self) -> State:
        if not self._states:
            raise DataError("These tables were deleted.", "Load the files again.")
        return self._states[-1]

    def _load(self, names: Sequence[str], receive: Callable[[int], Order]) -> Loading:
        doors = Doors(
            self._writing, self._begin, receive, self._unpacked_mb, self._room, self._adopt, self._tidy, self._told
        )
        with self._lock:
            self._newest()
            loading = Loading(names, doors)
            self._loadings = [one for one in self._loadings if not one.ended or one.errors] + [loading]
        return loading

    def _receive(self, source: Source) -> Order:
        """Take a file in. Raises DataError if it is too large or cannot be read."""
        size, name = source.size(), source.label
        if size > self._settings.max_upload_mb * MB:
            raise DataError(
                f"{name} has {size / MB:,.1f} MB; a file may have at most {self._settings.max_upload_mb:,} MB.",
                "Load a part of it, or raise MAX_UPLOAD_MB.",
            )
        taken = self._make_room(size)
        if taken + size > self._most:
            raise refused(
                "bytes",
                NoRoom(
                    f"{name} has {size / MB:,.1f} MB, and {taken / MB:,.1f} of {self._most / MB:,.0f} MB are taken.",
                    "Delete tables that you do not need, or raise MAX_WORKSPACE_MB.",
                ),
            )
        return Order(name, self._originals.take(source))

    @property
    def _most(self) -> int:
        return self._settings.max_workspace_mb * MB

    def _unpacked_mb(self) -> int:
        """What is left for one file to unpack to; 10 times an upload is more than honest files need."""
        return max(1, min((self._most - self.bytes_used) // MB, 10 * self._settings.max_upload_mb))

    def _room(self, change: Change) -> int:
        """Bytes that a change may take: it will replace the tables as they are, and deleted ones can be given up."""
        replaced = size_of(change.current) if change.base else 0
        deleted = sum(size_of(self.folder / one.file) for one in self._manifest().deleted)
        scratch = sum(map(bytes_in, self.folder.glob(f"{SCRATCH}*")))
        return self._most - (self.bytes_used - replaced - deleted - scratch - change.size)

    def _make_room(self, wanted: int) -> int:
        """Give up deleted tables, the oldest first, until so many bytes fit; returns how many are taken then."""
        while (taken := self.bytes_used) + wanted > self._most and self._manifest().deleted:
            file = self.folder / self._manifest().deleted[0].file
            self._note(lambda now: replace(now, deleted=now.deleted[1:]))
            file.unlink(missing_ok=True)
        return taken

    def _begin(self) -> Change:
        require("load", self._settings)
        with self._lock:
            newest = self._newest()
            return Change(newest.number + 1, self.folder, newest.database, newest.manifest)

    def _adopt(self, change: Change, tables: Sequence[Table]) -> tuple[Table, ...]:
        """Take in what a load brought; how it is kept."""
        freed = change.base.stat().st_size if change.base else 0
        taken = self._make_room(-freed) - freed
        if taken > self._most:
            files = ", ".join(dict.fromkeys(one.file for one in tables))
            raise refused(
                "bytes",
                NoRoom(
                    f"With {files} the tables would take {taken / MB:,.1f} MB; at most {self._most / MB:,.0f} MB fit.",
                    "Delete tables that you do not need, or raise MAX_WORKSPACE_MB.",
                ),
            )
        self._require_rows(tables)
        if not change.holds([one.name for one in tables]):
            raise DataError("The tables could not be kept.", "Load the files again.")
        added: list[Table] = []
        self._commit(change, lambda now: self._with_loaded(now, tables, added))
        return tuple(added)

    def _require_rows(self, new: Sequence[Table]) -> None:
        """Raise NoRoom where the tables would have more rows than they may together."""
        most, names = self._settings.max_workspace_rows, {one.name for one in new}
        kept = sum(one.rows for one in self._manifest().tables if one.name not in names)
        rows = kept + sum(one.rows for one in new)
        if most and rows > most:
            raise refused(
                "rows",
                NoRoom(
                    f"With {', '.join(sorted(names))} the tables would have {rows:,} rows; they may have {most:,}.",
                    "Delete tables that you do not need, or load a part of the file.",
                ),
            )

    def _require_place(self) -> None:
        """Raise QueryNotNow when as many queries run or wait as may."""
        most, now = self._settings.queries_each, sum(self.queries)
        if most and now >= most:
            raise refused(
                "queries",
                QueryNotNow(
                    f"{now:,} queries on these tables are under way, and more may not be.",
                    "Wait until one has ended, or stop one.",
                ),
            )

    def _told(self, loading: Loading, seconds: float) -> None:
        """Write down how a load ended."""
        failed = loading.errors[0] if loading.errors else None
        rows = sum(one.rows for one in loading.tables)
        log.event(
            "load",
            workspace=self.tag,
            seconds=seconds,
            rows=rows,
            workspace_bytes=self.bytes_used,
            outcome=log.class_of(failed),
        )

    def _with_loaded(self, now: Manifest, tables: Sequence[Table], added: list[Table]) -> Manifest:
        for one in tables:
            table = replace(one, origin=self._originals.origin(one.origin))
            old = next((each for each in now.tables if each.name == one.name), None)
            table = replace(table, twin=old.twin if old else _earlier(now, table))
            now = now.put([one.name], _under_old_name(table)) if old else now.add(table)
            added.append(table)
        return now

    @contextmanager
    def _changing(self) -> Iterator[Change]:
        """Make a change; what was not committed at the end of the block never was."""
        if not self._writing.acquire(timeout=PATIENCE):
            raise DataError("Files are being read into these tables.", "Try again when they are in.")
        try:
            change = self._begin()
            try:
                yield change
            except OSError as e:
                raise _not_written("The tables could not be changed", e) from e
            finally:
                if self.closed or self._states[-1].number != change.number:
                    change.discard()
        finally:
            self._writing.release()

    def _changed(self, change: Change, step: str, tables: Sequence[Table], **rest: str) -> Table:
        """Let a child do the step; the table that it gives."""
        return Table.from_json(self._done(change, step, tables, **rest)["table"])

    def _done(self, change: Change, step: str, tables: Sequence[Table], **rest: str) -> dict[str, Any]:
        with self._scratch() as scratch:
            asked = {"do": step, "tables": [asdict(one) for one in tables], **rest}
            child = Child.making(
                change, scratch, known=change.known, disk_mb=max(MB, self._room(change)) // MB, steps=[asked]
            )
            told = list(child.messages())
            if not child.succeeded() or not told:
                raise DataError("The tables could not be changed.", "Try again.")
        if "error" in told[-1]:
            raise DataError(*told[-1]["error"])
        return told[-1]

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=self.folder) as scratch:
            yield Path(scratch)

    def _commit(self, change: Change, make: Callable[[Manifest], Manifest]) -> None:
        """Let the changed copy be the tables: from the moment in which its manifest is on the disk."""
        with self._lock:
            newest = self._newest()
            manifest = replace(make(newest.manifest), **manifests.marks(change.database))
            state = State(self.folder, change.number, self._settings, manifest)
            _ = state.engines  # from now on a worker waits for the first question
            manifests.write(state.manifest_file, manifest)
            self._states.append(state)
            self._state += 1
            with suppress(OSError):  # what is left is found when the workspace is opened again
                newest.manifest_file.unlink(missing_ok=True)
                self._sweep()
        self._tidy()

    def _note(self, make: Callable[[Manifest], Manifest]) -> None:
        """Change what is said of the tables and not the tables."""
        with self._lock:
            newest = self._newest()
            manifest = make(newest.manifest)
            try:
                manifests.write(newest.manifest_file, manifest)
            except OSError as e:
                raise _not_written("That could not be kept", e) from e
            newest.manifest = manifest
            self._state += 1

    def _sweep(self) -> None:
        """Forget older states that nobody reads any more."""
        for state in [one for one in self._states[:-1] if not one.is_read]:
            self._states.remove(state)
            state.delete()

    def _tidy(self) -> None:
        """Delete files that no table needs any more. Only for who is writing: it would take away what just came in."""
        with self._lock, suppress(OSError):
            for path in unused(self.folder, self._newest().manifest) if self._states else ():
                path.unlink(missing_ok=True)

    @contextmanager
    def _stopped(self) -> Iterator[None]:
        """Nothing runs, and nothing can begin, in the block."""
        for loading in self._loadings:
            loading.cancel()
        for loading in self._loadings:
            loading.wait()
        with self._writing, self._lock:
            if self._history:
                self._history.close()
            yield

    def _touch(self) -> None:
        """Leave a mark that the workspace is used."""
        if time.monotonic() - self._used > USED_EVERY:
            self._used = time.monotonic()
            with suppress(OSError):
                (self.folder / USED).touch(mode=0o600)


def clear_deleted(beside: Path, name: str) -> None:
    """Remove what is left of workspaces of that name (a pattern) whose deletion was interrupted."""
    for gone in beside.glob(f"{name}.deleted-*"):
        shutil.rmtree(gone, ignore_errors=True)


def _end(states: list[State], held: ExitStack) -> None:
    """Stop all queries; keep the newest state alone."""
    with held, suppress(OSError):
        for older in states[:-1]:
            older.delete()
        for newest in states[-1:]:
            newest.end()
        states.clear()


def _buried(now: Manifest, name: str, change: Change) -> Manifest:
    """With the table as one that can be restored, unless it was too damaged for that."""
    there = (change.folder / change.deleted).is_file()
    return now.bury(name, change.deleted, MOST_DELETED) if there else now


def _under_old_name(table: Table) -> Table:
    """A table that took another's place has its name, too: why it got one of its own does not hold any more."""
    return replace(table, notes=tuple(one for one in table.notes if one.code != "table_name"))


def _earlier(now: Manifest, table: Table) -> str:
    """The table that was read from the same part of a file of the same name."""
    found = [one for one in now.tables if one.file == table.file and one.origin and table.origin]
    same = [one for one in found if one.origin and table.origin and one.origin.member == table.origin.member]
    return next((one.name for one in same if not one.twin), "")


def _twins(manifest: Manifest, name: str) -> tuple[Table, Table]:
    new = manifest.table(name)
    if not new.twin:
        raise DataError(f"{name} is a table of its own already.")
    return new, manifest.table(new.twin)


def _column(table: Table, name: str) -> Column:
    for one in table.columns:
        if one.name == name:
            return one
    raise DataError(f'The table {table.name} has no column "{name}".')


def _new_name(given: str, longest: int, taken: Sequence[str]) -> str:
    name = naming.one_line(given)
    if not name:
        raise DataError("A name needs at least one character.")
    if len(name) > longest:
        raise DataError(f"A name may have at most {longest} characters.")
    if name.casefold() in {one.casefold() for one in taken}:
        raise DataError(f'The name "{name}" is taken.', "Choose another one.")
    return name


def _not_written(what: str, e: OSError) -> DataError:
    return DataError(f"{what}: {_reason(e)}.", WAY_OUT if is_full(e) else "")


def _reason(e: OSError) -> str:
    return (e.strerror or "the disk does not answer").lower()
