"""Which prompt, wire, dialect and decoding a SQL model wants: data, chosen by the model's id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lib.llm.messages import Sampling

CHATML_END = "<|im_end|>"


@dataclass(frozen=True)
class Profile:
    """How to talk to a SQL model.

    `form` names the prompt: `reasoning` is Arctic's published one, `direct` asks for the query at once.
    `wire` is the endpoint: `text` is /v1/completions, `chat` is /v1/chat/completions.
    """

    form: Literal["reasoning", "direct"]
    wire: Literal["text", "chat"]
    dialect: Literal["SQLite", "DuckDB"]
    sampling: Sampling


ARCTIC = Profile(
    form="reasoning",
    wire="text",
    dialect="SQLite",
    sampling=Sampling(temperature=0.0, top_p=1.0, max_tokens=4096, stop=(CHATML_END, "</answer>")),
)
"""Arctic-Text2SQL-R1: greedy, in the dialect that it was trained on, as its evaluation code runs it."""

DIRECT = Profile(
    form="direct",
    wire="chat",
    dialect="DuckDB",
    sampling=Sampling(temperature=0.0, top_p=1.0, max_tokens=1024),
)


def profile_for(model: str) -> Profile:
    """The profile of a model id in either spelling."""
    return ARCTIC if "arctic-text2sql" in model.lower() else DIRECT
