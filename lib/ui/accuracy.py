"""The accuracy card: measure with Stop, the figures, each question with what was expected and what was given."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import streamlit as st

from lib.asking.evaluate import kept as keeping
from lib.asking.evaluate import measuring
from lib.asking.evaluate.bundled import bundled
from lib.asking.evaluate.kept import Kept
from lib.asking.evaluate.measuring import Measuring
from lib.asking.evaluate.question import Mark, Measurement, Question, Verdict, Which
from lib.asking.evaluate.tally import duration
from lib.errors import AppError
from lib.settings import SETTINGS, Settings
from lib.ui import model
from lib.ui.frame import show_error
from lib.ui.inert import plain
from lib.ui.session import Session

_BADGES: dict[Mark, str] = {
    "right": ":green-badge[right]",
    "wrong": ":red-badge[wrong]",
    "failed": ":orange-badge[failed]",
    "unchecked": ":gray-badge[not checked]",
}
_DEFAULTS = {one.name.upper(): str(one.default) for one in SETTINGS}


def kept_in(state: Session) -> Kept:
    """The person's own questions and their measurements; none, with the reason, when they cannot be read."""
    try:
        kept = keeping.read(state.workspace.folder)
    except AppError as e:
        show_error(e)
        return Kept()
    if kept.notice:
        st.warning(plain(kept.notice), icon=":material/warning:")
    return kept


def rules() -> None:
    """What counts as right."""
    st.caption(
        "Questions whose answers are known are asked of the SQL model in use. An answer is right when it has"
        " the expected rows: in any order, with the columns in any order and under any names. What you chose under"
        " **How to ask** on the Ask page holds here too."
    )


def on_samples(state: Session, kept: Kept, settings: Settings, ready: bool) -> None:
    """Measure with the bundled questions."""
    card("bundled", bundled(), state, kept, settings, ready)


def card(
    which: Which, questions: Sequence[Question], state: Session, kept: Kept, settings: Settings, ready: bool
) -> None:
    """The button or the progress, then the measurements."""
    running = measuring.current(state.workspace)
    mine = running if running and running.measured.which == which else None
    busy = running is not None and not running.done
    if mine and busy:
        _progress(mine)
    else:
        label = f"Measure with {len(questions)} question{'' if len(questions) == 1 else 's'}"
        help_ = "Another measurement is under way." if busy else None
        st.button(
            label,
            key=f"measure-{which}",
            icon=":material/speed:",
            disabled=busy or not ready,
            help=help_,
            on_click=_start,
            args=(which, questions, state, settings),
        )
        if mine and mine.error:
            show_error(mine.error)
    unfinished = running.measured.id if running and busy else ""
    measurements = [one for one in kept.measurements if one.which == which and one.id != unfinished]
    if measurements:
        _measurements(which, measurements)
    elif not busy:
        st.caption("Nothing was measured yet.")


def _start(which: Which, questions: Sequence[Question], state: Session, settings: Settings) -> None:
    """Ask as the person chose to on the Ask page."""
    settings = replace(settings, names_only=settings.names_only or state.names_only)
    try:
        measuring.start(which, questions, model.models(settings), state.workspace, settings, careful=state.careful)
    except AppError as e:
        state.trouble = e


@st.fragment(run_every=0.5)
def _progress(running: Measuring) -> None:
    """How far it is; the page is drawn anew at the end."""
    if running.done:
        st.rerun()
    now = running.measured
    done, left = len(now.verdicts), running.seconds_left
    text = f"{plain(running.doing)} · {now.count('right')} right so far"
    st.progress(done / max(1, now.total), text + (f" · about {duration(left)} left" if left is not None else ""))
    st.button("Stop", key="stop-measuring", icon=":material/stop_circle:", type="tertiary", on_click=running.stop)


def _measurements(which: Which, measurements: Sequence[Measurement]) -> None:
    """The last ones in one table, and all that is known of the one that is chosen."""
    chosen = measurements[0]
    if len(measurements) > 1:
        st.dataframe([_row(one) for one in measurements], hide_index=True, key=f"measurements-{which}")
        names = {one.id: f"{_when(one)}, {one.model}" for one in measurements}
        picked = st.selectbox("Details of", list(names), format_func=lambda id_: names[id_], key=f"measured-{which}")
        chosen = next((one for one in measurements if one.id == picked), chosen)
    _figures(chosen)
    for number, verdict in enumerate(chosen.verdicts):
        _verdict(verdict, f"verdict-{chosen.id}-{number}")


def _figures(one: Measurement) -> None:
    right, median, failures = st.columns(3)
    right.metric("Right", _share(one), f"{one.count('right')} of {one.checked}", delta_color="off", delta_arrow="off")
    median.metric("Median time", "none" if one.seconds is None else f"{one.seconds:.1f} s")
    failures.metric("Failed", str(one.count("failed")))
    cut = "" if len(one.verdicts) == one.total else f" · stopped after {len(one.verdicts)} of {one.total} questions"
    st.caption(plain(f"{_when(one)} · {one.model} at {one.place} · {_changed(one)}{cut}"))
    if unchecked := one.count("unchecked"):
        st.caption(f"{unchecked} not checked, because the expected SQL does not run any more.")


def _verdict(one: Verdict, key: str) -> None:
    with st.expander(f"{_BADGES[one.mark]} {plain(one.question)} · {one.seconds:.1f} s", key=key):
        if one.reason:
            st.caption(plain(one.reason))
        st.caption("Expected")
        st.code(one.expected, language="sql", wrap_lines=True)
        if one.sql:
            st.caption("Given")
            st.code(one.sql, language="sql", wrap_lines=True)


def _row(one: Measurement) -> dict[str, Any]:
    return {
        "measured": _when(one),
        "model": one.model,
        "right": _share(one),
        "asked": f"{len(one.verdicts)} of {one.total}",
        "failed": one.count("failed"),
        "median": "" if one.seconds is None else f"{one.seconds:.1f} s",
        "at": one.place,
        "settings": _changed(one),
    }


def _share(one: Measurement) -> str:
    return "none" if one.share is None else f"{one.share:.0%}"


def _when(one: Measurement) -> str:
    return f"{dt.datetime.fromtimestamp(one.started, dt.UTC):%Y-%m-%d %H:%M} UTC"


def _changed(one: Measurement) -> str:
    """The settings that were not the defaults."""
    changed = [f"{name}={value}" for name, value in one.settings if _DEFAULTS.get(name) != value]
    return ", ".join(changed) or "default settings"
