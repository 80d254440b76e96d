"""What is configured, and how often the model is right: on bundled questions and on a person's own."""

import streamlit as st

from lib.ui.frame import open_page

settings = open_page("Settings", "⚙️")  # paints the heading before the rest is imported

from lib.ui import accuracy, own_questions, settings_page  # noqa: E402
from lib.ui.model import can_answer  # noqa: E402
from lib.ui.session import notices, session  # noqa: E402

state = session()
notices(state)

settings_page.configured(settings)
ready = can_answer(settings)

kept = accuracy.kept_in(state)
st.header("How often is it right?")
accuracy.rules()
st.subheader("On the sample data")
accuracy.on_samples(state, kept, settings, ready)
st.subheader("On your own data")
own_questions.show(state, kept)
own_questions.measure(state, kept, settings, ready)
