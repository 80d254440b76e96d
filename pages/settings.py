"""Which models answer and how well, what they may be told, what holds a query, and how the pages look."""

import streamlit as st

from lib.ui.frame import open_page

settings = open_page("Settings", "⚙️")  # paints the heading before the rest is imported

from lib.ui import accuracy, connection_test, own_questions, settings_page  # noqa: E402
from lib.ui.session import notices, session  # noqa: E402

state = session()
with st.container():
    notices(state)

ready = settings_page.models(settings)
place = settings_page.connection(settings, ready)
settings_page.limits(settings)
settings_page.server(settings)
settings_page.privacy(state, settings)
settings_page.walls()
settings_page.look()

kept = accuracy.kept_in(state)
st.header("How often is it right?")
accuracy.rules()
st.subheader("On the sample data")
accuracy.on_samples(state, kept, settings, ready)
st.subheader("On your own data")
own_questions.show(state, kept)
own_questions.measure(state, kept, settings, ready)

connection_test.run(settings, place)
