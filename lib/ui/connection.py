"""What a visitor chose about models in this session, and what their answers took: in memory, for as long as the tab."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import streamlit as st

from lib.errors import AppError
from lib.llm.choice import Choice
from lib.llm.usage import Usage
from lib.settings import Settings
from lib.ui.visitor import for_others

if TYPE_CHECKING:
    from lib.llm.probe import Probe

_KEY = "bayan-connection"


@dataclass
class Connection:
    """One tab's choice of models. The keys in it leave this process only towards the origins they were typed for."""

    choice: Choice = field(default_factory=Choice)
    usage: Usage = field(default_factory=Usage)
    testing: bool = False
    """Whether a test of the connection was asked for and has not begun."""
    tested: Probe | None = None
    """What the last test of the endpoint in use found."""
    trouble: AppError | None = None
    """Why what was typed last could not be taken."""

    def changed(self) -> None:
        """What was found out holds for the endpoint before."""
        self.testing, self.tested, self.trouble = False, None, None


def connection() -> Connection:
    """This tab's, made at its first use."""
    if _KEY not in st.session_state:
        st.session_state[_KEY] = Connection()
    return cast(Connection, st.session_state[_KEY])


def applied(configured: Settings) -> Settings:
    """The settings with the visitor's choice, as far as they may choose. Raises nothing."""
    return connection().choice.applied(configured, shared=for_others(configured))
