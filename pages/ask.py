"""Ask tables in plain words; check the SQL, the table and the chart."""

import streamlit as st

from lib.asking.suggest import suggest
from lib.ui import answer, tables
from lib.ui.frame import open_page
from lib.ui.live import suggestions
from lib.ui.model import badge, can_answer
from lib.ui.session import AskTurn, session, workspace

settings = open_page("Ask your data", "📊")
state = session()

st.title("Ask your data")
ready = can_answer(settings)
if ready:
    badge(settings, settings.llm_sql_model)

asked = st.chat_input(
    "Ask about your tables, or drop files here",
    key="ask-input",
    accept_file="multiple",
    file_type=tables.FILE_TYPES,
    max_upload_size=settings.max_upload_mb,
    submit_mode="stop",
)
if asked and asked.files:
    tables.add_uploads(state, asked.files)
question = asked.text.strip() if asked else ""

with st.sidebar:
    tables.overview(state, settings)
tables.errors(state)

if not workspace().tables:
    st.write("Drop a CSV here and ask about it in plain words. You get the SQL, the table and a chart.")
    tables.uploader(state, settings, "Add CSV files")
    st.markdown("##### Or take sample data")
    tables.sample_choice(state)
elif not state.thread and not question:
    question = suggestions(state.questions or suggest(workspace().tables), "ask-suggestion") or ""

if question:
    state.thread.append(AskTurn(question))
    state.active = -1

for index, turn in enumerate(state.thread):
    if turn.state == "asked":
        answer.work(turn, settings)
    else:
        answer.draw(turn, index, state)

if workspace().tables and st.button("Write SQL by hand", key="by-hand", icon="✍️", type="tertiary"):
    state.thread.append(AskTurn("", draft=f"SELECT *\nFROM {tables.first_table()}\nLIMIT 10", state="done"))
    state.active = -1
    st.rerun()
