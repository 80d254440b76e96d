"""Ask tables in plain words; check the SQL, the table and the chart."""

import streamlit as st

from lib.ui.frame import open_page

settings = open_page("Ask your data", "📊")  # paints the heading before the rest is imported

from lib.asking.suggest import suggest  # noqa: E402
from lib.ui import answer, data_asks, options, tables  # noqa: E402
from lib.ui.data_state import last_error  # noqa: E402
from lib.ui.live import suggestions  # noqa: E402
from lib.ui.model import badge, can_answer  # noqa: E402
from lib.ui.session import notices, session  # noqa: E402

state = session()
notices(state)

with st.container(horizontal=True, vertical_alignment="center"):
    if can_answer(settings):
        badge(settings, settings.llm_sql_model)
    if state.thread:
        tables.clear_thread(state)

tables.question_box(state, settings)
tables.open_given(state)
tables.follow_loading(state)

with st.sidebar:
    tables.overview(state, settings)
tables.errors(state)
last_error()
data_asks.undo(state)
data_asks.twins(state)

welcome = st.empty()
if not state.workspace.tables:
    with welcome.container():
        tables.welcome(state, settings)
elif not state.thread:
    suggestions(welcome, state.questions or suggest(state.workspace.tables), "ask-suggestion", state.ask)

answer.show_thread(state, settings)

options.following(state)
if state.workspace.tables:
    options.choices(state, settings)
    st.button(
        "Write SQL by hand",
        key="by-hand",
        icon=":material/code:",
        type="tertiary",
        on_click=state.write,
        args=(tables.first_query(state),),
    )
