"""The tables: what came in and from where, what each column holds, and how the tables join."""

import streamlit as st

from lib.ui.frame import open_page

settings = open_page("Your data", "🗂️")  # paints the heading before the rest is imported

from lib.ui import data, data_asks, data_joins, data_table, tables  # noqa: E402
from lib.ui.data_state import last_error  # noqa: E402
from lib.ui.session import notices, session  # noqa: E402

state = session()
notices(state)
tables.open_given(state)
tables.follow_loading(state)
tables.errors(state)
last_error()
data_asks.undo(state)
data.watch_other_tabs(state)

if not state.workspace.tables:
    data.welcome(state, settings)
else:
    data_asks.twins(state)
    table = data.choose(state)
    detail, joins = st.container(), st.container()
    data.combine(state)
    data.more(state, settings)
    data.forget(state)
    # What may take a while comes last, so that the rest of the page is there meanwhile.
    with detail:
        data_table.show(table, state)
    with joins:
        data_joins.show(state)
