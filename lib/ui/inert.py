"""Text from models, files and headers on screen: shown as it is, never as markup that acts.

Streamlit draws Markdown without HTML, but it loads remote images, hides where links lead, runs diagrams, and has
marks of its own (`$` for formulas, `:name[]` for directives) that a CommonMark parser does not know. Those are
escaped first, so that what is code for the parser here is code for the browser too.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

_JOINER = "\u2060"  # has no width: keeps two characters apart that would act together
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_DIRECTIVE = r":(?=[^\s\d/])"
_ACTS = re.compile(rf"[\\`*\[\]<>~$|]|(?<!\w)_|_(?!\w)|&(?=[#\w])|{_DIRECTIVE}|^[#+=-]|(?<=\d)[.)](?=\s)")
_ADDRESS = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=\S)(?=@)", re.IGNORECASE)
_ICON_OR_ARROW = re.compile(r"\\:(?=\w)|-(?=\\>)|(?<=<)-")

_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(?:.*?[^`])\1(?!`)", re.DOTALL)
_IMAGE_OR_LINK = re.compile(r"(!?)\[([^\[\]\n]*)\]\([ ]*<?([^\s<>()]*)>?(?:[ ]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ ]*\)")
_OPENS_TARGET = re.compile(r"\](?=[(\[])")
_DEFINITION = re.compile(r"^([ >]*)\[(?=[^\]\n]+\]:)", re.MULTILINE)
_AUTOLINK = re.compile(r"(<https?://[^\s<>`]*>)")
_FORMULA_OR_DIRECTIVE = re.compile(rf"\$|{_DIRECTIVE}")
_FENCE = re.compile(r"(.*?(?:`{3,}|~{3,}))(.*)", re.DOTALL)


def plain(text: str) -> str:
    """A name or a cell as literal Markdown on one line, without characters that hide or reorder others."""
    escaped = _ACTS.sub(r"\\\g<0>", _UNSEEN.sub(" ", text).strip())
    return _ADDRESS.sub(_JOINER, _ICON_OR_ARROW.sub(rf"\g<0>{_JOINER}", escaped))


def plain_lines(text: str) -> str:
    """A person's own text as literal Markdown that keeps its lines."""
    return "  \n".join(plain(line) for line in text.split("\n"))


def prose(markdown: str) -> str:
    """A model's Markdown with images named instead of loaded, links spelled out, formulas and diagrams as text."""
    lines = markdown.split("\n")
    parts: list[str] = []
    done = 0
    for token in _PARSER.parse(markdown):
        if token.type in ("fence", "code_block") and token.map and token.map[0] >= done:
            start, end = token.map
            parts.append(_without_targets("\n".join(lines[done:start])) if start > done else "")
            parts.append(_as_code("\n".join(lines[start:end]), token))
            done = end
    parts.append(_without_targets("\n".join(lines[done:])))
    made = "\n".join(part for i, part in enumerate(parts) if part or i == len(parts) - 1)
    return made if _is_inert(made) else plain_lines(markdown)


def _as_code(block: str, token: Token) -> str:
    """A code block; the word behind its fence is kept only where it can be nothing but a language's name."""
    if token.type != "fence":
        return block
    first, newline, rest = block.partition("\n")
    language = token.info.strip()
    named = re.fullmatch(r"[\w+#.-]+", language) and language.lower() != "mermaid"
    return (
        _FENCE.sub(lambda found: found[1] + (language if named else "text" if language else ""), first) + newline + rest
    )


def _without_targets(text: str) -> str:
    """Text in which no image, and no link with another text than its target, can form.

    What looks like one inside a code span is kept apart without a trace on screen: where a span begins is the one
    thing on which two parsers may disagree.
    """
    kept = []
    done = 0
    for span in _CODE_SPAN.finditer(text):
        kept += [_spelled_out(text[done : span.start()]), _OPENS_TARGET.sub(f"]{_JOINER}", span.group())]
        done = span.end()
    return "".join([*kept, _spelled_out(text[done:])])


def _spelled_out(text: str) -> str:
    text = _IMAGE_OR_LINK.sub(_spell, text)
    text = _OPENS_TARGET.sub(r"]\\", text)
    text = _DEFINITION.sub(r"\1\\[", text)
    parts = _AUTOLINK.split(text)
    parts[::2] = [_FORMULA_OR_DIRECTIVE.sub(r"\\\g<0>", part) for part in parts[::2]]
    return "".join(parts)


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
