"""A report that somebody sent: whether its SQL still gives what it shows, on the tables that are here."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.data.table import counted
from lib.errors import AppError
from lib.export.proof import LARGEST_MB, Proof, Verdict, read_proof, verify
from lib.ui.frame import show_error
from lib.ui.inert import plain
from lib.ui.session import Session

_HOLDS, _DOES_NOT = ":green[:material/verified:]", ":red[:material/error:]"


def check(state: Session) -> None:
    """Take a report and judge each of its answers."""
    with st.popover("Check a report", icon=":material/fact_check:"):
        given = st.file_uploader(
            "A report as a web page, from Bayan", type="html", key="report-check", max_upload_size=LARGEST_MB
        )
        st.caption("Its SQL runs again on your tables. Load the files that the report names first.")
        if given is None:
            return
        try:
            proof = read_proof(given.getvalue())
            verdicts = _judged(proof, state)
        except AppError as e:
            show_error(e)
            return
        _show(verdicts)


def _judged(proof: Proof, state: Session) -> list[Verdict]:
    """Each answer with what came of it; every step touches the page, which is where Streamlit lets a click in."""
    place = st.empty()
    verdicts: list[Verdict] = []
    for number, claim in enumerate(proof.answers, 1):
        place.caption(f":shimmer[Running {number} of {len(proof.answers)}: {plain(claim.heading)}]")
        verdicts += verify(Proof(proof.title, proof.made, (claim,)), state.workspace)
    place.empty()
    return verdicts


def _show(verdicts: Sequence[Verdict]) -> None:
    holds = sum(one.holds for one in verdicts)
    st.markdown(f"**{holds} of {counted(len(verdicts), 'answer')} hold.**")
    for one in verdicts:
        st.markdown(f"{_HOLDS if one.holds else _DOES_NOT} {plain(one.heading)}")
        st.caption(plain(one.says))
