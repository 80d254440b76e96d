"""What several test files need."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from lib.llm import builtin
from lib.settings import Settings


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Two workers share the tests, a file at a time; those that load the machine are one worker's."""
    return _ByFile(config, log)


class _ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.split("::")[0]
        loads_machine = "browser/" in path or path.endswith(("test_ask_on_the_model.py", "test_builtin.py"))
        return "machine" if loads_machine else path


@pytest.fixture(scope="session", autouse=True)
def _packages_are_read_once() -> Iterator[None]:
    """Each AppTest reads what every installed package says of itself, which takes as long as the page that it runs."""
    if "streamlit.testing.v1" not in sys.modules:  # too slow to import for those who do without
        yield
        return
    from streamlit.components.v2 import manifest_scanner

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


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
