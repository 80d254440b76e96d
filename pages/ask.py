"""Ask tables in plain words; check the SQL, the table and the chart."""

import streamlit as st

from lib.asking.suggest import suggest
from lib.ui import answer, tables
from lib.ui.frame import open_page
from lib.ui.live import suggestions
from lib.ui.model import badge, can_answer
from lib.ui.session import session, workspace

settings = open_page("Ask your data", "📊")
state = session()

st.title("Ask your data")
if can_answer(settings):
    badge(settings, settings.llm_sql_model)

tables.question_box(state, settings)
tables.follow_loading(state)

with st.sidebar:
    tables.overview(state, settings)
tables.errors(state)

welcome = st.empty()
if not workspace().tables:
    with welcome.container():
        tables.welcome(state, settings)
elif not state.thread:
    suggestions(welcome, state.questions or suggest(workspace().tables), "ask-suggestion", state.ask)

for index, turn in enumerate(state.thread):
    answer.show(turn, index, state, settings)

if workspace().tables:
    st.button(
        "Write SQL by hand",
        key="by-hand",
        icon=":material/code:",
        type="tertiary",
        on_click=state.write,
        args=(tables.first_query(),),
    )
