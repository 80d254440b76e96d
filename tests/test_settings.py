"""Settings: where a value comes from, what is refused, and that the README tells the truth about them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lib.errors import SettingError
from lib.settings import PROJECT, SETTINGS, load

NOWHERE = Path("nowhere/secrets.toml")


def test_defaults_need_nothing() -> None:
    settings = load({}, NOWHERE)
    assert settings.llm_base_url == "https://llm.bayanatkom.com"
    assert not settings.remote


@pytest.mark.parametrize("name", ["LLM_API_KEY", "LLM_BASE_URL"])
def test_a_key_or_an_address_chooses_the_endpoint(name: str) -> None:
    assert load({name: "https://llm.bayanatkom.com"}, NOWHERE).remote


def test_environment_goes_before_secrets_and_blank_counts_as_unset(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('LLM_API_KEY = "filed"\nLLM_BURST = 7\nLLM_AT_ONCE = 3\n', encoding="utf-8")
    settings = load({"LLM_API_KEY": " ", "LLM_BURST": "9"}, secrets)
    assert (settings.llm_api_key, settings.llm_burst, settings.llm_at_once) == ("filed", 9, 3)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LLM_BURST", "many"),
        ("LLM_BURST", "0"),
        ("LLM_BUILTIN", "perhaps"),
        ("LLM_REQUESTS_PER_SECOND", "nan"),
        ("QUERY_MAX_ROWS", "9" * 20),
        ("BAYAN_SHARED", "maybe"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        load({name: value}, NOWHERE)


@pytest.mark.parametrize(
    ("environ", "local_paths"),
    [
        ({}, True),
        ({"BAYAN_SHARED": "1"}, False),
        ({"BAYAN_SHARED": "true", "ALLOW_LOCAL_PATHS": "1"}, True),
        ({"ALLOW_LOCAL_PATHS": "no"}, False),
    ],
)
def test_paths_are_open_to_the_person_at_the_machine_only(environ: dict[str, str], local_paths: bool) -> None:
    assert load(environ, NOWHERE).local_paths is local_paths


def test_broken_secrets_file_is_a_sentence_without_its_content(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text('LLM_API_KEY = "s3cret', encoding="utf-8")
    with pytest.raises(SettingError) as caught:
        load({}, secrets)
    assert "s3cret" not in str(caught.value)


def test_key_is_in_no_representation() -> None:
    assert "s3cret" not in repr(load({"LLM_API_KEY": "s3cret"}, NOWHERE))


def test_readme_lists_every_setting_with_its_default() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.*?) \| (.*?) \|$", (PROJECT / "README.md").read_text("utf-8"), re.MULTILINE
    )
    assert rows == [(one.name.upper(), _cell(one.default), one.metadata["about"]) for one in SETTINGS]


def _cell(default: object) -> str:
    if default in ("", None):
        return ""
    return f"`{int(default)}`" if isinstance(default, bool) else f"`{default}`"


def test_secrets_example_names_only_settings() -> None:
    text = (PROJECT / ".streamlit" / "secrets.toml.example").read_text("utf-8")
    names = re.findall(r"^(?:# )?([A-Z_]+) = ", text, re.MULTILINE)
    assert names
    assert set(names) <= {one.name.upper() for one in SETTINGS}
