"""Which prompt, wire, dialect and decoding a SQL model wants: data, chosen by the model's id or by a setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lib.llm.messages import Sampling

CHATML_END = "<|im_end|>"


@dataclass(frozen=True)
class Profile:
    """How to talk to a SQL model.

    `form` names the prompt: `reasoning` is Arctic's published one, `direct` asks for the query at once.
    `wire` is the endpoint: `text` is /v1/completions, `chat` is /v1/chat/completions. `dialect` is the one that the
    model is told to write; SQLite is translated before it runs. `examples` are values shown of each column.
    """

    form: Literal["reasoning", "direct"]
    wire: Literal["text", "chat"]
    dialect: Literal["SQLite", "DuckDB", "Spark"]
    sampling: Sampling
    examples: int = 2


PROFILES: Mapping[str, Profile] = {
    # Greedy, in the dialect that it was trained on, as the model's evaluation code runs it.
    "arctic": Profile(
        form="reasoning",
        wire="text",
        dialect="SQLite",
        sampling=Sampling(temperature=0.0, top_p=1.0, max_tokens=4096, stop=(CHATML_END, "</answer>")),
    ),
    # Models that answer at once; tests/bench/README.md has the figures behind the dialect and the form.
    "direct": Profile(
        form="direct",
        wire="chat",
        dialect="SQLite",
        sampling=Sampling(temperature=0.0, top_p=1.0, max_tokens=512),
    ),
    # The same for a model that is known to write DuckDB's SQL well; nothing is translated.
    "direct-duckdb": Profile(
        form="direct",
        wire="chat",
        dialect="DuckDB",
        sampling=Sampling(temperature=0.0, top_p=1.0, max_tokens=1024),
    ),
    # The same where ENGINE_URL names Spark.
    "direct-spark": Profile(
        form="direct",
        wire="chat",
        dialect="Spark",
        sampling=Sampling(temperature=0.0, top_p=1.0, max_tokens=1024),
    ),
}


def profile_for(model: str, chosen: str = "") -> Profile:
    """The profile named `chosen`, else the one for a model id in either spelling."""
    return PROFILES[chosen or ("arctic" if "arctic-text2sql" in model.lower() else "direct")]
