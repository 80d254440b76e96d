"""What a reader sees of a model's Markdown: the words alone, in which nothing can hide or break up a number.

Bold, code, links and formulas are only their text; references such as `&#49;` are their characters. Characters without
a width and marks upon digits are gone; other shapes of a digit (full-width, circled, bold) are the digit itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_INDENT = "    "
_HARMLESS = re.compile(r"[\n\x20-\x7e]*")
_POWERS = ("<super>", "<sub>")


def visible(markdown: str) -> str:
    """The text line by line, with an empty line between two blocks.

    Items of a list begin with `- ` or with the number that a browser shows, rows of a table with `| `; a row of dashes
    follows the header.
    """
    return "\n".join(_lines(_PARSER.parse(markdown))).strip("\n")


def _lines(tokens: Sequence[Token]) -> Iterator[str]:
    lists: list[int] = []
    marker, row, in_table = "", [""], False
    for token in tokens:
        match token.type:
            case "ordered_list_open" | "bullet_list_open":
                if not lists:
                    yield ""
                lists.append(int(token.attrs.get("start", 1)) if token.type == "ordered_list_open" else -1)
            case "ordered_list_close" | "bullet_list_close":
                lists.pop()
            case "list_item_open":
                marker = "- " if lists[-1] < 0 else f"{lists[-1]}. "
                lists[-1] += lists[-1] >= 0
            case "list_item_close" if marker:
                yield _INDENT * (len(lists) - 1) + marker.rstrip()
                marker = ""
            case "table_open" | "table_close":
                in_table = token.type == "table_open"
                yield ""
            case "tr_open":
                row = []
            case "tr_close":
                yield f"| {' | '.join(row)} |"
            case "thead_close":
                yield f"|{'---|' * len(row)}"
            case "inline" if in_table:
                row.append(" ".join(seen(_text(token)).replace("|", "∣").split()))
            case "inline" | "fence" | "code_block":
                text = _text(token) if token.type == "inline" else token.content
                yield from _block(seen(text).split("\n"), marker, len(lists))
                marker = ""


def _block(lines: Sequence[str], marker: str, depth: int) -> Iterator[str]:
    said = [line for one in lines if (line := " ".join(one.split()))] or [""]
    if not marker:
        yield ""
    yield _INDENT * (depth - bool(marker)) + marker + said[0]
    yield from (_INDENT * depth + one for one in said[1:])


def _text(inline: Token) -> str:
    return "".join(map(_part, inline.children or ()))


def _part(token: Token) -> str:
    match token.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "image":
            return f"(image not loaded: {token.content}, {token.attrs['src']})"
        case "link_open":
            return "" if token.markup == "autolink" else f"({token.attrs['href']}) "
    return token.content


def seen(text: str) -> str:
    """The text with one character for what looks like one. Digits of other scripts stay as they are."""
    if _HARMLESS.fullmatch(text):
        return text
    kept: list[str] = []
    for one in text:
        kind = unicodedata.category(one)
        last = kept[-1][-1] if kept else ""
        if kind == "Cf" or (kind in ("Mn", "Me") and last.isdigit()):
            continue
        kept.append(_shape(one, last) if kind != "Cc" or one == "\n" else " ")
    return unicodedata.normalize("NFC", "".join(kept))


def _shape(one: str, before: str) -> str:
    drawn = unicodedata.decomposition(one)
    if drawn.startswith(_POWERS):  # 10² is not 102
        return one
    if not drawn and unicodedata.category(one) in ("No", "Nl") and unicodedata.numeric(one).is_integer():
        return str(int(unicodedata.numeric(one)))  # ➓ is a picture of 10
    shape = unicodedata.normalize("NFKC", one)
    return f" {shape}" if drawn.startswith("<fraction>") and before.isdigit() else shape
