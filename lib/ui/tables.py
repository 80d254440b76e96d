"""Getting tables in and showing what is there."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.typing import UploadedFile

from lib.asking.prompt import quoted
from lib.data.samples import Sample, samples
from lib.data.table import Table
from lib.data.workspace import Source
from lib.settings import Settings
from lib.ui.frame import show_error
from lib.ui.inert import plain
from lib.ui.session import Session, workspace

FILE_TYPES = ["csv", "tsv", "txt"]


def uploader(state: Session, settings: Settings, label: str) -> None:
    """Take in files as soon as they are dropped."""
    files = st.file_uploader(
        label,
        FILE_TYPES,
        accept_multiple_files=True,
        key=f"upload-{state.uploads}",
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
    if asked and asked.text.strip():
        state.ask(asked.text)
    if asked and asked.files:
        add_uploads(state, asked.files)


def add_uploads(state: Session, files: Sequence[UploadedFile]) -> None:
    """Load uploaded files into the visitor's workspace."""
    _load(state, [Source(file.name, file) for file in files])


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


def _load(state: Session, sources: Sequence[Source]) -> None:
    state.uploads += 1
    state.upload_errors.clear()
    state.questions = ()
    state.loading = workspace().add(sources)


def follow_loading(state: Session) -> None:
    """Show how far the files are, and draw the page anew when they are in."""
    loading = state.loading
    if loading is None:
        return
    bar = st.progress(0.0, "Reading files")
    st.button("Cancel", key=f"cancel-load-{state.uploads}", on_click=loading.cancel)
    while not loading.wait(0.1):
        file, share = loading.progress
        bar.progress(share or 0.0, f"Reading {plain(file)}")
    state.upload_errors.extend(loading.errors)
    state.loading = None
    st.rerun()


def overview(state: Session, settings: Settings) -> None:
    """The sidebar: every table with its columns, and the door for more files."""
    tables = workspace().tables
    if not tables:
        return
    st.markdown("#### Tables")
    for table in tables:
        with st.expander(f"{plain(table.name)} · {table.rows:,} rows"):
            _describe(table)
            st.button(
                "Remove",
                key=f"drop-{table.name}",
                icon=":material/delete:",
                on_click=_remove,
                args=(state, table.name),
            )
    uploader(state, settings, "Add files")


def _remove(state: Session, name: str) -> None:
    workspace().drop(name)
    state.questions = ()


def _describe(table: Table) -> None:
    st.caption(f"From {plain(table.file)}")
    st.dataframe(
        [{"column": column.name, "type": column.type, "header": column.label} for column in table.columns],
        hide_index=True,
        height=min(35 * len(table.columns) + 38, 320),
    )
    for note in table.notes:
        st.caption(f":material/info: {plain(note.message)}")
    if table.rejected:
        st.caption(f":material/warning: {len(table.rejected)} of {table.rows_in_file:,} rows could not be read:")
        st.dataframe([{"line": r.line, "reason": r.reason, "text": r.text} for r in table.rejected], hide_index=True)


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


def first_query() -> str:
    """A query to start from."""
    return f"SELECT *\nFROM {quoted(workspace().tables[0].name)}\nLIMIT 10"
