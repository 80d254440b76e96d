"""How busy the server is, on screen: numbers, and nothing of what anybody asks or has."""

from __future__ import annotations

import streamlit as st

from lib.data.load import load
from lib.serving import memory
from lib.settings import Settings
from lib.ui import visits

MB = 1 << 20


@st.fragment(run_every=2.0)
def now(settings: Settings) -> None:
    """Drawn anew every two seconds as long as the page is open."""
    busy = load()
    shown = (
        ("Sessions", f"{visits.count():,}"),
        ("Workspaces open", f"{busy.workspaces:,}"),
        ("Questions being answered", f"{busy.questions:,}"),
        ("Files being read", f"{busy.loads:,}"),
        ("Queries running", f"{busy.queries_running:,}"),
        ("Queries waiting", f"{busy.queries_waiting:,}"),
        ("Model requests under way", f"{busy.requests_running:,}"),
        ("Model requests waiting", f"{busy.requests_waiting:,}"),
        ("Memory of the server", f"{busy.memory / MB:,.0f} MB"),
        ("Memory ceiling", f"{memory.ceiling(settings) / MB:,.0f} MB"),
        ("Child processes", f"{busy.children:,}"),
        ("Up for", _duration(busy.uptime)),
    )
    for start in range(0, len(shown), 4):
        for column, (name, value) in zip(st.columns(4), shown[start : start + 4], strict=True):
            column.metric(name, value)
    st.caption("Of this process. Who asks what is not shown to anybody.")


def _duration(seconds: float) -> str:
    hours, minutes = divmod(int(seconds) // 60, 60)
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if days else f"{hours} h {minutes} min" if hours else f"{minutes} min"
