"""Bayan's product: everything but the pages. `python -m lib` is its command line."""
