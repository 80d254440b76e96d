"""Text from models, files and headers on screen: shown as it is, never as markup that acts.

Streamlit draws Markdown without HTML, but it loads remote images, hides where links lead and runs diagrams.
"""

from __future__ import annotations

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_CODE_SPAN = re.compile(r"(?<!`)(`+)(?!`)(?:.*?[^`])\1(?!`)", re.DOTALL)
_IMAGE_OR_LINK = re.compile(r"(!?)\[([^\[\]\n]*)\]\([ ]*<?([^\s<>()]*)>?(?:[ ]+(?:\"[^\"\n]*\"|'[^'\n]*'))?[ ]*\)")
_OPENS_TARGET = re.compile(r"\](?=[(\[])")
_DEFINITION = re.compile(r"^([ >]*)\[(?=[^\]\n]+\]:)", re.MULTILINE)


def plain(text: str) -> str:
    """A name or a cell as literal Markdown on one line, without characters that hide or reorder others."""
    return _PUNCTUATION.sub(r"\\\1", _UNSEEN.sub(" ", text)).strip()


def plain_lines(text: str) -> str:
    """A person's own text as literal Markdown that keeps its lines."""
    return "  \n".join(plain(line) for line in text.split("\n"))


def prose(markdown: str) -> str:
    """A model's Markdown with images named instead of loaded, links spelled out and diagrams left as code."""
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
    return made if _is_inert(made) else _OPENS_TARGET.sub(r"]\\", markdown.replace("[", r"\["))


def _as_code(block: str, token: Token) -> str:
    first, newline, rest = block.partition("\n")
    return re.sub("mermaid", "text", first, flags=re.IGNORECASE) + newline + rest if token.type == "fence" else block


def _without_targets(text: str) -> str:
    """Everything but code spans rewritten so that no image and no link with another text than its target forms."""
    kept = []
    done = 0
    for span in _CODE_SPAN.finditer(text):
        kept += [_spelled_out(text[done : span.start()]), span.group()]
        done = span.end()
    return "".join([*kept, _spelled_out(text[done:])])


def _spelled_out(text: str) -> str:
    text = _IMAGE_OR_LINK.sub(_spell, text)
    text = _OPENS_TARGET.sub(r"]\\", text)
    return _DEFINITION.sub(r"\1\\[", text)


def _spell(found: re.Match[str]) -> str:
    image, text, target = found.groups()
    if image:
        return f"(image not loaded: {text or 'no description'}, `{target.replace('`', '')}`)"
    if not re.match(r"(https?://|mailto:)", target):
        return found.group()
    return f"<{target}>" if text.strip() in ("", target) else f"{text} (<{target}>)"


def _is_inert(markdown: str) -> bool:
    inline = [child for token in _PARSER.parse(markdown) for child in token.children or ()]
    return not any(t.type == "image" or (t.type == "link_open" and t.markup != "autolink") for t in inline)
