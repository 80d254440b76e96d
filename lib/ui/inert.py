"""Text from models, files and headers on screen: shown as it is, never as markup that acts.

Streamlit draws Markdown without HTML, but it loads remote images, hides where links lead, runs diagrams, and has
marks of its own (`$` for formulas, `:name[]` for directives, `[^name]:` for footnotes) that a CommonMark parser does
not know. Those are escaped, and formulas stand aside as code, so that what is code for the parser here is code for the
browser too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.token import Token

from lib.ui.formulas import MARK, put_back, taken_out

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
_BLOCK_PARSER = MarkdownIt("commonmark").enable("table").disable("inline")

_JOINER = "\u2060"  # has no width: keeps two characters apart that would act together
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_DIRECTIVE = r":(?=[^\s\d/|-])"
_ACTS = re.compile(rf"[\\`*\[\]<>~$|]|(?<!\w)_|_(?!\w)|&(?=[#\w])|{_DIRECTIVE}|^[#+=-]|(?<=\d)[.)](?=\s)")
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=\S)(?=@)", re.IGNORECASE)
_ICON_OR_ARROW = re.compile(r"\\:(?=\w)|-(?=\\>)|(?<=<)-")

_CODE_SPAN = re.compile(r"(?<![\\`])(`+)(?!`)(?:(?:[^\n]|\n(?![ \t>]*\n))*?[^`])\1(?!`)")
_IMAGE_OR_LINK = re.compile(r"(!?)\[([^\[\]\n]*)\]\([ ]*<?([^\s<>()]*)>?(?:[ ]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ ]*\)")
_OPENS_TARGET = re.compile(r"\](?=[(\[])")
_STARTS_LINE = r"^([ \t>*+\d.)-]*)"
_DEFINITION = re.compile(rf"{_STARTS_LINE}\[(?=[^\]\n]+\]:)", re.MULTILINE)
_OPENS_BLOCK = re.compile(rf"{_STARTS_LINE}(?=\$\$|::|\[[^\]\n]+\]:)", re.MULTILINE)
_AUTOLINK = re.compile(r"(<https?://[^\s<>`]*>)")
_IN_ADDRESS = re.compile(r"(https?://)([^\s<>`]*)", re.IGNORECASE)
_COLON = re.compile(r":(?=[^\W\d])")
_COLON_BY_NAME = re.compile(r"&(?:#0*58|#x0*3a|colon);", re.IGNORECASE)
_OPENS_ICON = r"(?:(?=([^\s:]+:))|)"
_DOLLAR_OR_DIRECTIVE = re.compile(rf"(\\*)(\$|{_DIRECTIVE}{_OPENS_ICON})")
_FENCE = re.compile(r"(.*?(?:`{3,}|~{3,}))(.*)", re.DOTALL)


def plain(text: str) -> str:
    """A name or a cell as literal Markdown on one line, without characters that hide or reorder others."""
    escaped = _ACTS.sub(r"\\\g<0>", _UNSEEN.sub(" ", text).strip())
    return _ADDRESS.sub(_JOINER, _ICON_OR_ARROW.sub(rf"\g<0>{_JOINER}", escaped))


def plain_lines(text: str) -> str:
    """A person's own text as literal Markdown that keeps its lines."""
    return "  \n".join(plain(line) for line in text.split("\n"))


def prose(markdown: str) -> str:
    """A model's Markdown with formulas; images are named and not loaded, links spelled out, diagrams text."""
    one_kind = markdown.replace(MARK, "").replace("\r\n", "\n").replace("\r", "\n")
    # As Streamlit does before it draws: what is indented code with the blanks at the start is text without them.
    given = dedent(one_kind).strip()
    text, formulas = taken_out(given, _without_code(given))
    parts = [_as_code(block, token) if token else _without_targets(block) for block, token in _blocks(text)]
    made = "\n".join(parts)
    return put_back(made, formulas) if _is_inert(made) else plain_lines(markdown)


def _blocks(markdown: str) -> Iterator[tuple[str, Token | None]]:
    """The text from block of code to block of code, and each of those with its token."""
    lines = markdown.split("\n")
    done = 0
    for token in _BLOCK_PARSER.parse(markdown):
        if token.type in ("fence", "code_block") and token.map and token.map[0] >= done:
            start, end = token.map
            if start > done:
                yield "\n".join(lines[done:start]), None
            yield "\n".join(lines[start:end]), token
            done = end
    if done < len(lines):
        yield "\n".join(lines[done:]), None


def _without_code(markdown: str) -> str:
    """The text, as long as it is, with backticks over all code."""
    blocks = (
        "`" * len(block) if token else _CODE_SPAN.sub(lambda span: "`" * len(span.group()), block)
        for block, token in _blocks(markdown)
    )
    return "\n".join(blocks)


def _as_code(block: str, token: Token) -> str:
    """A block of code; the word behind its fence is kept only where it can be nothing but a language's name.

    What is code only by its blanks can be text to another parser, after a quote in a quote for one.
    """
    if token.type != "fence":
        return _kept_apart(block)
    first, newline, rest = block.partition("\n")
    language = token.info.strip()
    named = re.fullmatch(r"[\w+#.-]+", language) and language.lower() != "mermaid"
    return (
        _FENCE.sub(lambda found: found[1] + (language if named else "text" if language else ""), first) + newline + rest
    )


def _without_targets(text: str) -> str:
    """Text in which no image, and no link with another text than its target, can form.

    What looks like one inside a code span is only kept apart: where a span begins is a thing on which two parsers may
    disagree.
    """
    kept = []
    done = 0
    for span in _CODE_SPAN.finditer(text):
        kept += [_spelled_out(text[done : span.start()]), _kept_apart(span.group())]
        done = span.end()
    return "".join([*kept, _spelled_out(text[done:])])


def _kept_apart(code: str) -> str:
    """Code in which, read as text, nothing can form, nor a block that swallows a fence after it; it looks the same."""
    return _OPENS_BLOCK.sub(rf"\1{_JOINER}", _OPENS_TARGET.sub(f"]{_JOINER}", code))


def _spelled_out(text: str) -> str:
    text = _IMAGE_OR_LINK.sub(_spell, _COLON_BY_NAME.sub(":", text))
    text = _OPENS_TARGET.sub(r"]\\", text)
    text = _DEFINITION.sub(r"\1\\[", text)
    parts = _AUTOLINK.split(_IN_ADDRESS.sub(lambda found: found[1] + _COLON.sub("%3A", found[2]), text))
    parts[::2] = [_DOLLAR_OR_DIRECTIVE.sub(_escape, part) for part in parts[::2]]
    return "".join(parts)


def _escape(found: re.Match[str]) -> str:
    """With a backslash before it, unless it has one that acts: every second one is a backslash to read.

    An icon takes the place of its name wherever that is read, after a backslash too.
    """
    before, mark, icon = found.groups()
    return before + "\\" * (1 - len(before) % 2) + mark + _JOINER * bool(icon)


def _spell(found: re.Match[str]) -> str:
    image, text, target = found.groups()
    if image:
        return f"(image not loaded: {text or 'no description'}, {target})"
    if not re.match(r"https?://", target):
        return found.group()
    return f"<{target}>" if text.strip() in ("", target) else f"{text} (<{target}>)"


def _is_inert(markdown: str) -> bool:
    inline = [child for token in _PARSER.parse(markdown) for child in token.children or ()]
    return not any(t.type == "image" or (t.type == "link_open" and t.markup != "autolink") for t in inline)
