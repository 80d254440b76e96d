"""Every setting: its name, its default and one sentence about it.

A value comes from the environment, then from `.streamlit/secrets.toml` beside app.py, then from the default
here. An empty value counts as not set. The README's table is tested against `Settings`.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from platformdirs import user_data_path

from lib.errors import SettingError

PROJECT = Path(__file__).resolve().parent.parent
_TABLE = re.compile(r"[^\W\d]\w{0,62}")
_SOURCE = re.compile(r"(\w+:/)?/[^`\x00-\x1f]+|[\w-]+(\.[\w-]+){0,3}")
SECRETS_FILE = PROJECT / ".streamlit" / "secrets.toml"


def _setting(
    default: Any,
    about: str,
    *,
    least: float = 0,
    most: float = 1_000_000,
    choices: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:
    return field(
        default=default, repr=not secret, metadata={"about": about, "least": least, "most": most, "choices": choices}
    )


@dataclass(frozen=True)
class Settings:
    """All settings, read once a run. Sizes are in MB of 1,048,576 bytes, times in seconds."""

    llm_base_url: str = _setting("https://llm.bayanatkom.com", "Where the remote models answer, with or without `/v1`.")
    llm_api_key: str = _setting("", "The endpoint's key; a secret, never shown.", secret=True)
    llm_chat_model: str = _setting("qwen/qwen-2.5-7b-instruct", "The model of the Chat page.")
    llm_sql_model: str = _setting("snowflake/arctic-text2sql-r1-7b", "The model that writes SQL.")
    llm_timeout_seconds: int = _setting(600, "How long one answer of a model may take.", least=1)
    llm_requests_per_second: float = _setting(10, "Requests a second, all users together, to one endpoint.", least=0.1)
    llm_burst: int = _setting(50, "Requests that may go out at once after a pause.", least=1)
    llm_at_once: int = _setting(20, "Requests that may be under way at the same time.", least=1)
    llm_builtin: str = _setting(
        "ask",
        "`ask` shows a download button for the built-in model, `auto` fetches it without asking.",
        choices=("ask", "auto"),
    )
    local_model_path: str = _setting("", "A GGUF file to run instead of the built-in model's.")
    sql_profile: str = _setting(
        "",
        "How the SQL model is asked: `arctic`, `direct`, `direct-duckdb` or `direct-spark`; empty chooses by its id.",
        choices=("arctic", "direct", "direct-duckdb", "direct-spark"),
    )
    max_repairs: int = _setting(2, "How often failing SQL goes back to the model.", least=0)
    careful_answers: int = _setting(
        8, "How many answers are compared in the careful mode of a question.", least=2, most=32
    )
    names_only: bool = _setting(
        False, "`1` tells models names and types only, never a cell's value, whatever a visitor chooses."
    )
    query_timeout_seconds: int = _setting(30, "How long one query may run.", least=1, most=86_400)
    query_memory_mb: int = _setting(512, "Memory of one query.", least=64)
    query_max_rows: int = _setting(
        10_000, "Rows of a result that are shown; the rest is counted.", least=1, most=10_000_000
    )
    query_result_mb: int = _setting(64, "The largest result of one query that is shown.", least=1)
    spare_workers: int = _setting(
        2, "Processes that wait, warm, for the next queries; each takes some MB.", least=0, most=64
    )
    queries_at_once: int = _setting(4, "Queries that may run at the same time, all users together.", least=1)
    result_cache_mb: int = _setting(
        64, "Memory for results that are not computed again while their tables stay the same; `0` keeps none.", least=0
    )
    engine_url: str = _setting(
        "",
        "Spark Connect (`sc://host:port`, with `/;token=...` where it wants one) to run questions on; empty means"
        " DuckDB here. A secret, never shown.",
        secret=True,
    )
    engine_tables: str = _setting(
        "",
        "Tables that Spark reads itself, for everyone: `orders=s3://bucket/orders/*.parquet, sales=catalog.db.sales`.",
        secret=True,
    )
    engine_upload_mb: int = _setting(200, "The largest table that is sent to Spark from here.", least=1, most=10_000)
    max_upload_mb: int = _setting(
        1024, "The largest file; above 1024, raise `server.maxUploadSize` in .streamlit/config.toml too.", least=1
    )
    max_workspace_mb: int = _setting(
        10_240, "The most that one person's tables and files may take on disk.", least=1, most=100_000_000
    )
    max_workspace_rows: int | None = _setting(
        None,
        "The most rows that one person's tables may have together, `0` for any number; empty means 20,000,000 where"
        " Bayan serves others, else any number.",
        most=100_000_000_000,
    )
    questions_a_minute: int | None = _setting(
        None,
        "Questions a minute in one workspace, `0` for any number; empty means 30 where Bayan serves others, else any"
        " number.",
    )
    queries_each: int | None = _setting(
        None,
        "Queries of one workspace that may run or wait at the same time, `0` for any number; empty means 8 where Bayan"
        " serves others, else any number.",
    )
    memory_ceiling_mb: int = _setting(
        0,
        "Memory of the server's own process beyond which it begins nothing new; `0` means three quarters of the machine"
        " or container, less what queries may take.",
        most=100_000_000,
    )
    stop_seconds: int = _setting(
        20, "How long answers under way may take to finish when the server is stopped.", most=3_600
    )
    allow_local_paths: bool | None = _setting(
        None, "Whether the Data page opens files of this machine by their path; empty means yes, unless shared."
    )
    bayan_shared: bool = _setting(False, "`1` serves Bayan to others: each visitor has a workspace of their own.")
    workspace_ttl_hours: float = _setting(
        72, "When shared, a workspace that nobody opened for so long is deleted.", least=0.01
    )
    lock_endpoint: bool | None = _setting(
        None, "Whether visitors have to use this endpoint; empty means yes where Bayan serves others, else no."
    )
    lock_models: bool | None = _setting(
        None, "Whether visitors have to use these models at this endpoint; empty means the same."
    )
    allowed_hosts: str = _setting(
        "",
        "Where Bayan serves others: hosts in private networks that visitors may choose as an endpoint, as `host` or"
        " `host:port` with commas between them.",
    )
    admins: str = _setting(
        "", "Who sees the load of the server where there is a login: mail addresses with commas between them."
    )
    bayan_log: str = _setting(
        "",
        "`json` writes what happens as JSON lines to standard error, without content; `off` writes nothing; empty means"
        " `json` where Bayan is shared.",
        choices=("json", "off"),
    )
    bayan_home: str = _setting("", "Where Bayan keeps its files; empty means this system's usual place.")

    remote: bool = False
    """Whether a key or an address was given; otherwise the built-in model answers."""
    chosen: bool = False
    """Whether the endpoint or its key is a visitor's choice; the way out of its errors is the Settings page then."""
    public_only: bool = False
    """Whether the endpoint may not be in a private network."""

    @property
    def local_paths(self) -> bool:
        """Whether a visitor may open files of this machine by their path."""
        return not self.bayan_shared if self.allow_local_paths is None else self.allow_local_paths

    def for_others(self) -> Settings:
        """The same with the quotas that hold where Bayan serves others."""
        rows, questions, queries = self.max_workspace_rows, self.questions_a_minute, self.queries_each
        return replace(
            self,
            max_workspace_rows=20_000_000 if rows is None else rows,
            questions_a_minute=30 if questions is None else questions,
            queries_each=8 if queries is None else queries,
        )

    @property
    def engine_sources(self) -> dict[str, str]:
        """The names in ENGINE_TABLES, and where the engine finds each. Raises SettingError."""
        found: dict[str, str] = {}
        for part in filter(None, (one.strip() for one in self.engine_tables.split(","))):
            name, _, source = (one.strip() for one in part.partition("="))
            if not _TABLE.fullmatch(name) or not _SOURCE.fullmatch(source):
                raise SettingError(
                    "ENGINE_TABLES cannot be read.", "Write name=address of Parquet files or name=catalog.schema.table."
                )
            if name.lower() in {one.lower() for one in found}:
                raise SettingError(f"ENGINE_TABLES names {name} twice.")
            found[name] = source
        return found

    @property
    def home(self) -> Path:
        """The folder for files that outlive a run, such as the built-in model's."""
        try:
            return Path(self.bayan_home).expanduser() if self.bayan_home else user_data_path("bayan", appauthor=False)
        except RuntimeError as e:
            raise SettingError("BAYAN_HOME names a user whom this system does not know.") from e


SETTINGS: tuple[Field[Any], ...] = tuple(one for one in fields(Settings) if one.metadata)


def load(environ: Mapping[str, str] | None = None, secrets: Path = SECRETS_FILE) -> Settings:
    """Read the settings. Raises SettingError, naming the setting but never a secret's value."""
    environ = os.environ if environ is None else environ
    filed = _read_secrets(secrets)
    given: dict[str, Any] = {}
    for one in SETTINGS:
        name = one.name.upper()
        if raw := environ.get(name, "").strip() or str(filed.get(name, "")).strip():
            given[one.name] = _parse(one, raw)
    settings = Settings(**given, remote=bool(given.keys() & {"llm_base_url", "llm_api_key"}))
    _check_engine(settings)
    return settings


def _check_engine(settings: Settings) -> None:
    if settings.engine_sources and not settings.engine_url:
        raise SettingError("ENGINE_TABLES needs an engine that reads them.", "Set ENGINE_URL.")
    if settings.engine_url and not settings.engine_url.startswith("sc://"):
        raise SettingError("ENGINE_URL is no address of Spark Connect.", "Write it as sc://host:port.")
    if settings.engine_url and find_spec("pyspark") is None:
        raise SettingError("ENGINE_URL needs libraries that are not here.", "pip install -r requirements-spark.txt")


def _read_secrets(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as e:
        raise SettingError(
            "The file .streamlit/secrets.toml cannot be read.", "Compare it with secrets.toml.example."
        ) from e


def _parse(one: Field[Any], raw: str) -> Any:
    name, least, choices = one.name.upper(), one.metadata["least"], one.metadata["choices"]
    if choices and raw.lower() not in choices:
        raise SettingError(f"{name} must be one of: {', '.join(choices)}.")
    if choices:
        return raw.lower()
    if one.type == "str":
        return raw
    if str(one.type).startswith("bool"):
        return _flag(name, raw)
    kind = {"int": int, "float": float}[str(one.type).removesuffix(" | None")]
    try:
        value = kind(raw)
    except ValueError:
        raise SettingError(f"{name} must be a number.") from None
    if not least <= value <= one.metadata["most"]:
        raise SettingError(f"{name} must be a number from {least:g} to {one.metadata['most']:,}.")
    return value


def _flag(name: str, raw: str) -> bool:
    if raw.lower() not in _FLAGS:
        raise SettingError(f"{name} must be 1 or 0.")
    return _FLAGS[raw.lower()]


_FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
