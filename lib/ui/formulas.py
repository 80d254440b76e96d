r"""Formulas in a model's Markdown, in the one form that Streamlit draws and in which nothing else can form.

Models write `$$…$$`, `\[…\]`, `\(…\)` and `$…$`, anywhere. Streamlit knows `$…$` within a line, and `$$` on lines of
their own: there it swallows everything up to the next such line, as a fence of code does. So each formula is taken
out, code that says its number stands in for it while the rest is made inert, and then it is put back: what the parser
here takes for code is what the browser takes for a formula.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MARK = "\ufdd0"
"""Stands beside a formula's number; Unicode has it for a program's own use, so that no text can need it."""

# Reads from left to right in any text, and keeps it apart: touched by a digit or a dollar, Streamlit draws nothing.
_IN_LINE = "\u2066${}$\u2069"
# Without another opening bracket: each is looked at once, however many there are.
_BODY = r"(?:\\[^\n`(\[]|[^\\`$\n]|\n(?![ \t>]*(?:\n|\Z)))"
_FORMULA = re.compile(
    rf"""(?<!\\)(?:
        (?<!\$)\$\$(?P<dollars>{_BODY}{{1,2000}}?)\$\$(?!\$)
      | \\\[(?P<brackets>{_BODY}{{1,2000}}?)\\\]
      | \\\((?P<parens>{_BODY}{{1,2000}}?)\\\)
      | (?<![A-Za-z0-9$])\$(?P<line>(?![\s$])(?:\\[^\n`]|[^\\`$\n]){{1,500}}?)(?<![\s\\])\$(?!(?!th\b)[A-Za-z0-9$])
    )""",
    re.VERBOSE,
)

# What loads, links or styles; what moves beside or over other text; what hides; and what gives another name to one of
# these.
_REFUSED = re.compile(
    r"""\\(?: (?: href|url|includegraphics|html[A-Za-z]*|class|style|data|cssId|bbox
      | rule|[mh]?kern|[mh]skip|hspace|mspace|raisebox|raise|lower|vcenter|[lrc]lap|math[lrc]lap|smash
      | color|textcolor|colorbox|fcolorbox|h?phantom
      | [gex]?def|let|futurelet|(?:new|renew|provide)command|global|long|csname|expandafter|noexpand|char
    )(?![A-Za-z]) | @ | \\\s*\[\s*- ) | ~~~""",
    re.VERBOSE,
)
_COMMAND = re.compile(r"\\[A-Za-z]")
_RELATION = re.compile(r"[=^_]")
_TWO_WORDS = re.compile(r"[^\W\d_]{2,}[,.;:]?\s+[^\W\d_]{2,}")
_WORD = re.compile(r"[^\W\d_]{3,}|(?<![^\W_])[^\W\d_]{2,}")
_NAME = re.compile(r"[^\W\d_]{3,}(?!\()")
_OTHER_SCRIPT = re.compile(r"[^\W\d_\u0000-\u03ff\u1d00-\u2fff]")

_ACTS_IN_MARKDOWN = re.compile(r"\](?=[(\[:])|<(?=[A-Za-z/!?])|:(?=[^\s\d/])|!(?=\[)")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")
_LONELY_BACKSLASH = re.compile(r"(?<!\\)((?:\\\\)*)\\$")
_QUOTE = re.compile(r"^[ >]+", re.MULTILINE)
_TICKS = re.compile("`+")

_PLACE = re.compile(rf"{MARK}`+{MARK}(\d+){MARK}`+{MARK}")
_BLOCK_PLACE = re.compile(rf"(?<!`)`{{3,}}(\n[ >]*){MARK}(\d+){MARK}(\n[ >]*)`{{3,}}")


def taken_out(markdown: str, visible: str) -> tuple[str, list[str]]:
    """The text with code in the place of each formula, and the formulas as they are drawn.

    `visible` is the text, as long as it is, with backticks over all code. A formula that `_REFUSED` has something
    against stays in the text as it is.
    """
    fence = "`" * (max([2, *map(len, _TICKS.findall(markdown))]) + 1)
    kept: list[str] = []
    drawn: list[str] = []
    done = 0
    for found in _FORMULA.finditer(visible):
        body = found[found.lastgroup or 0]
        if _REFUSED.search(body) or (found["line"] and not _is_formula(body)) or not body.strip():
            continue
        before = markdown[markdown.rfind("\n", 0, found.start()) + 1 : found.start()]
        after = markdown[found.end() :].split("\n", 1)[0]
        on_its_own = not before.strip(" >") and not after.strip() and not (found["line"] or found["parens"])
        kept.append(markdown[done : found.start()])
        if on_its_own:
            kept.append(f"{fence}\n{before}{MARK}{len(drawn)}{MARK}\n{before}{fence}")
        else:
            kept.append(f"{MARK}{fence}{MARK}{len(drawn)}{MARK}{fence}{MARK}")
        tex = _tex(body, in_quote=">" in before, in_row=before.lstrip().startswith("|"))
        large = on_its_own or found["dollars"] or found["brackets"]
        # At the start of a line this is also what keeps the formula from being read as a list or a heading.
        drawn.append(rf"\displaystyle {tex}" if large else tex)
        done = found.end()
    return "".join([*kept, markdown[done:]]), drawn


def put_back(markdown: str, drawn: Sequence[str]) -> str:
    """The text with the formulas again, in Streamlit's form."""
    text = _BLOCK_PLACE.sub(lambda found: f"$${found[1]}{drawn[int(found[2])]}{found[3]}$$", markdown)
    return _PLACE.sub(lambda found: _IN_LINE.format(drawn[int(found[1])]), text)


def _is_formula(body: str) -> bool:
    """Whether what stands between two single dollars is a formula and no money.

    The dollars already hug what is between them, on one line, and no letter or digit touches them from outside. A
    command makes it a formula. Without one, two words in a row are prose, and so are letters beyond Latin and Greek.
    After a digit at its start any word is prose: "5 or 7". Else a name of three letters needs `=`, `^` or `_` beside
    it, or is called: `max(a, b)`.
    """
    if _COMMAND.search(body):
        return True
    if _TWO_WORDS.search(body) or _OTHER_SCRIPT.search(body):
        return False
    if body[0].isdigit():
        return not _WORD.search(body)
    return bool(_RELATION.search(body)) or not _NAME.search(body)


def _tex(body: str, *, in_quote: bool, in_row: bool) -> str:
    """The formula on one line, without comments, and apart what would act if it were read as Markdown."""
    text = _COMMENT.sub("", _QUOTE.sub("", body) if in_quote else body)
    text = _LONELY_BACKSLASH.sub(r"\1", " ".join(text.split()))
    text = _ACTS_IN_MARKDOWN.sub(r"\g<0> ", text).replace(r"\$", r"\text{\textdollar}")
    return re.sub(r"\\?\|", r"\\vert ", text).strip() if in_row else text
