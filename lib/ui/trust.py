"""The trust line of an answer: what its checks found, how far several answers agree, what the model was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib.asking.answer import Agreement, Answer
from lib.chat.turns import AskTurn
from lib.data.table import counted
from lib.ui.inert import plain
from lib.ui.place import Place

if TYPE_CHECKING:
    from lib.asking.checks import Finding

_ICONS = {"problem": ":red[:material/error:]", "doubt": ":orange[:material/warning:]", "note": ":material/info:"}
LONGEST_SHOWN = 200_000
"""Characters of a request that are drawn."""


def line(turn: AskTurn, place: Place, spot: DeltaGenerator) -> None:
    """One line that says whether the answer can be trusted, on that spot, with the details on demand."""
    answer = turn.answer
    if answer is None or answer.result is None or turn.draft != answer.sql:
        return
    with spot.container():
        for note in answer.notes:
            if note.code.startswith("mended"):
                st.caption(f":material/build: {plain(note.message)}")
        if answer.agreement is not None:
            _agreement(answer.agreement, place)
        if answer.findings is None:
            st.caption(":shimmer[Checking the answer]")
        elif not answer.findings:
            st.caption(":green[:material/verified:] The checks found nothing to question.")
        else:
            _findings(answer.findings, turn, place)


def _agreement(agreement: Agreement, place: Place) -> None:
    st.caption(f":material/how_to_vote: {agreement.agree} of {agreement.of} answers gave this result.")
    if not agreement.other:
        return
    if agreement.question:
        st.info(plain(agreement.question), icon=":material/help:")
    st.button(
        f"Show the other result, given by {agreement.other_agree}",
        key=f"other-{place.key}",
        on_click=place.run,
        args=(agreement.other,),
    )


def _findings(findings: tuple[Finding, ...], turn: AskTurn, place: Place) -> None:
    serious = [one for one in findings if one.severity != "note"]
    title = (
        f"{_ICONS[serious[0].severity]} Check before you trust this: {counted(len(serious), 'thing')}"
        if serious
        else f"{_ICONS['note']} Good to know: {counted(len(findings), 'thing')}"
    )
    with st.expander(title, expanded=bool(serious), type="compact"):
        for number, one in enumerate(findings):
            st.markdown(f"{_ICONS[one.severity]} {plain(one.message)}")
            if one.sql:
                st.button(
                    "Apply",
                    key=f"apply-{place.key}-{turn.runs}-{number}",
                    help="Changes the SQL so and runs it.",
                    on_click=place.run,
                    args=(one.sql,),
                )


def what_the_model_saw(answer: Answer) -> None:
    """The requests to the letter, their tokens, and what was left out of them and why."""
    if not answer.sent and not answer.left_out:
        return
    with st.expander("What the model saw", type="compact"):
        if answer.names_only:
            st.caption(":material/lock: Names and types only: no cell's value was sent.")
        for left in answer.left_out:
            what = (
                f"{counted(len(left.columns), 'column')} of {left.table}" if left.columns else f"the table {left.table}"
            )
            named = f" ({', '.join(left.columns[:8])}{' …' if len(left.columns) > 8 else ''})" if left.columns else ""
            st.caption(plain(f"Left out: {what}{named}. {left.why}"))
        for number, text in enumerate(dict.fromkeys(one.text for one in answer.sent if one.text), 1):
            same = [one for one in answer.sent if one.text == text]
            tokens = f"{same[0].prompt_tokens:,} tokens read, {sum(one.completion_tokens for one in same):,} written"
            times = "" if len(same) == 1 else f", sent {len(same)} times"
            st.caption(f"Request {number}: {tokens}{times}")
            st.code(text[:LONGEST_SHOWN], language=None, wrap_lines=True, height=320)
