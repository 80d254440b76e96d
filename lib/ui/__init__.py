"""What the pages share on screen; the only part of lib that imports Streamlit."""
