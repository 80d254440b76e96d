"""Hostile input by name, one module for each door of the product. Nothing of it may get through.

`test_attack_corpus.py` counts it; the `test_attacks_*.py` and the tests of the gate and the engine send it.
"""

from tests.attacks.sql_duckdb import ATTACKS, written

__all__ = ["ATTACKS", "written"]
