"""What several test files need."""

from __future__ import annotations

import os

import pytest

from lib.llm import builtin
from lib.settings import Settings


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Two workers share the tests, a file at a time; those that load the machine are one worker's."""
    for item in items:
        loads_machine = "browser" in item.path.parts or item.get_closest_marker("model")
        item.add_marker(pytest.mark.xdist_group("machine" if loads_machine else item.path.name))


@pytest.fixture(scope="session")
def builtin_model() -> Settings:
    """Settings with which the real built-in model is ready. Fetched (1.1 GB) only in CI, where no test may skip."""
    settings = Settings(bayan_home=os.environ.get("BAYAN_HOME", ""))
    if os.environ.get("CI") == "true" and not builtin.is_ready(settings):
        fetch = builtin.start_fetch(settings)
        fetch.wait()
        assert fetch.error is None, fetch.error
    if not builtin.is_ready(settings):
        pytest.skip("the built-in model's file is not here; fetch it with `python -m lib model fetch`")
    return settings
