"""Bayan's entrypoint: `streamlit run app.py` starts the server, which draws pages/ for each visitor."""

import streamlit as st

if __name__ == "__main__":  # run by the server for a visitor
    from lib.ui.frame import navigate

    navigate().run()
else:
    from lib.ui.server import ROUTES, failed, lifespan

    app = st.App(__file__, lifespan=lifespan, routes=ROUTES, on_script_error=failed)
