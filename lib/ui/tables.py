"""Getting tables in and showing what is there."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.typing import UploadedFile

from lib.asking.schema import in_backticks, quoted
from lib.data.samples import Sample, samples
from lib.data.table import SharedTable, Table
from lib.data.workspace import Loading, Source
from lib.settings import PROJECT, Settings
from lib.ui.data_state import change
from lib.ui.frame import show_error
from lib.ui.inert import plain
from lib.ui.session import Session

FILE_TYPES = "csv tsv tab txt json jsonl ndjson parquet xlsx xls xlsb ods gz zip".split()
MOST_NOTES = 8
_opened: set[Path] = set()
"""The workspaces for which this server has opened the files that it was started with."""


def uploader(state: Session, settings: Settings, label: str) -> None:
    """Take in files as soon as they are dropped."""
    files = st.file_uploader(
        label,
        FILE_TYPES,
        accept_multiple_files=True,
        key=f"upload-{state.token}-{state.uploads}",
        max_upload_size=settings.max_upload_mb,
    )
    if files:
        add_uploads(state, files)
        st.rerun()


def question_box(state: Session, settings: Settings) -> None:
    """Take a question, files, or both."""
    asked = st.chat_input(
        "Ask about your tables, or drop files here",
        key="ask-input",
        accept_file="multiple",
        file_type=FILE_TYPES,
        max_upload_size=settings.max_upload_mb,
        submit_mode="stop",
    )
    is_first = not state.thread
    if asked and asked.text.strip():
        state.ask(asked.text)
    if asked and asked.files:
        add_uploads(state, asked.files)
    if is_first and state.thread:
        st.rerun()  # what stands above is of a page with a question


def clear_thread(state: Session) -> None:
    """A fresh start, after a question: what was answered is gone then."""
    with st.popover("Clear", icon=":material/delete:", type="tertiary"):
        st.write("This deletes the questions and answers of this page for good. Your tables stay.")
        st.button("Delete questions and answers", key="clear-thread", on_click=state.clear_thread)


def add_uploads(state: Session, files: Sequence[UploadedFile]) -> None:
    """Load uploaded files into the visitor's workspace."""
    _load(state, [Source(file.name, file) for file in files])
    _let_go(files)


def _let_go(files: Sequence[UploadedFile]) -> None:
    """Streamlit would hold an uploaded file in memory for the whole session, also when its uploader is long gone."""
    context = get_script_run_ctx()
    if context is None or not isinstance(context.uploaded_file_mgr, MemoryUploadedFileManager):
        return
    for file in files:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)


def sample_choice(state: Session) -> None:
    """One click for each sample data set. Small, because Streamlit scrolls a page with a question box to its end."""
    with st.container(horizontal=True):
        for sample in samples():
            if st.button(plain(sample.title), key=f"sample-{sample.name}", help=plain(sample.about)):
                _take(state, sample)


def _take(state: Session, sample: Sample) -> None:
    _load(state, [Source(Path(file).name, file) for file in sample.files])
    state.questions = sample.questions
    st.rerun()


def open_given(state: Session) -> None:
    """Open the files that the server was started with (`streamlit run app.py -- FILE...`), once for each workspace."""
    started_with = sys.argv[1:] if Path(sys.argv[0]).resolve() == PROJECT / "app.py" else []
    if not started_with or state.workspace.folder in _opened:
        return
    _opened.add(state.workspace.folder)
    there = {one.origin.path for one in state.workspace.tables if one.origin}
    open_paths(state, [path for path in map(Path, started_with) if str(path.absolute()) not in there])


def open_paths(state: Session, paths: Sequence[Path]) -> None:
    """Load files of this machine, which stay where they are."""
    if paths:
        _load(state, [Source(path.name, path.absolute()) for path in paths])


def _load(state: Session, sources: Sequence[Source]) -> None:
    state.uploads += 1
    state.upload_errors.clear()
    state.questions = ()
    state.workspace.add(sources)


def follow_loading(state: Session) -> None:
    """Show how far files are that are being read, whichever tab they were dropped on; draw anew when they are in."""
    space = state.workspace
    under_way = [one for one in space.loadings if not one.ended]
    if under_way:
        bar = st.progress(0.0, "Reading files")
        st.button("Cancel", key=f"cancel-load-{state.uploads}", on_click=_cancel, args=(under_way,))
        for loading in under_way:
            while not loading.wait(0.1):
                file, share = loading.progress
                bar.progress(share or 0.0, f"Reading {plain(file)}")
    ended = space.take_ended()
    state.upload_errors.extend(error for loading in ended for error in loading.errors)
    if under_way:
        st.rerun()


def _cancel(loadings: Sequence[Loading]) -> None:
    for one in loadings:
        one.cancel()


def overview(state: Session, settings: Settings) -> None:
    """The sidebar: every table with its columns, and the door for more files."""
    tables = state.workspace.tables
    if not tables:
        return
    st.markdown("#### Tables")
    for table in tables:
        lost = table.rows_in_file - table.rows
        with st.expander(f"{plain(table.name)} · {table.rows:,} rows" + (f" · {lost:,} rejected" if lost else "")):
            _describe(table, lost)
            if not isinstance(table, SharedTable) and st.button(
                "Remove", key=f"drop-{table.name}", icon=":material/delete:"
            ):
                state.questions = ()
                change("Removing the table", partial(state.workspace.drop, table.name))
    uploader(state, settings, "Add files")


def _describe(table: Table, lost: int) -> None:
    st.caption(f"From {plain(table.file)}")
    st.dataframe(
        [{"column": column.name, "type": column.type, "header": column.label} for column in table.columns],
        hide_index=True,
        height=min(35 * len(table.columns) + 38, 320),
    )
    for note in table.notes[:MOST_NOTES]:
        st.caption(f":material/info: {plain(note.message)}")
    if lost:
        st.caption(f":material/warning: {lost:,} of {table.rows_in_file:,} rows could not be read.")
    if lost or len(table.notes) > MOST_NOTES:
        st.caption("The page **Data** has the whole report.")


def errors(state: Session) -> None:
    """What was wrong with the files that were dropped last."""
    for error in state.upload_errors:
        show_error(error)


def welcome(state: Session, settings: Settings) -> None:
    """What a visitor without a table can do."""
    st.write("Drop a CSV here and ask about it in plain words. You get the SQL, the table and a chart.")
    uploader(state, settings, "Add CSV files")
    st.markdown("**Or take sample data**")
    sample_choice(state)


def first_query(state: Session) -> str:
    """A query to start from."""
    quoting = in_backticks if state.workspace.dialect == "spark" else quoted
    return f"SELECT *\nFROM {quoting(state.workspace.tables[0].name)}\nLIMIT 10"
