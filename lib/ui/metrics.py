"""Single numbers large, with their change against the period before."""

from __future__ import annotations

import streamlit as st

from lib.charts.metrics import metrics
from lib.charts.spec import Spec
from lib.engine.result import Result
from lib.ui.inert import plain


def show(spec: Spec, result: Result) -> None:
    """Draw the numbers beside each other, those that do not fit below."""
    with st.container(horizontal=True):
        for one in metrics(spec, result.columns, result.rows()):
            change = plain(one.change) if one.change else None
            st.metric(plain(one.label), plain(one.value), change, delta_color="off", width="content")
