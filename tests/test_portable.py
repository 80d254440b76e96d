"""Conversations as a file: ours comes back without loss, others as far as can be, and no file does harm."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from lib.chat.attach import Attachment
from lib.chat.portable import MOST_MB, from_json, to_json
from lib.chat.portable_markdown import to_markdown
from lib.chat.portable_values import MOST_CONVERSATIONS, MOST_TURNS, Portable, PortableTurn
from lib.errors import DataError

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
TIMES = st.floats(0, 2e11, allow_nan=False)


@st.composite
def conversations(draw: st.DrawFn) -> Portable:
    """With branches of any shape; the turns have their places as ids."""
    turns: list[PortableTurn] = []
    for at in range(draw(st.integers(0, 6))):
        parent = draw(st.sampled_from(["", *(one.id for one in turns)]))
        turns.append(PortableTurn(f"t{at}", parent, draw(TEXT), draw(TEXT), draw(TIMES), draw(TEXT), draw(TEXT)))
    leaf = draw(st.sampled_from([one.id for one in turns])) if turns else ""
    texts = draw(st.tuples(TEXT, TEXT, TEXT))
    return Portable("c", texts[0], draw(TIMES), draw(TIMES), draw(st.booleans()), *texts[1:], leaf, tuple(turns))


def with_places(one: Portable) -> Portable:
    """With ids that say only in which order the turns stand."""
    ids = {"": "", **{turn.id: f"t{at}" for at, turn in enumerate(one.turns)}}
    turns = tuple(replace(turn, id=ids[turn.id], parent=ids[turn.parent]) for turn in one.turns)
    return replace(one, id="c", leaf=ids[one.leaf], turns=turns)


@given(st.lists(conversations(), max_size=4))
def test_our_own_file_comes_back_without_loss(given: list[Portable]) -> None:
    back = from_json(to_json(given))
    assert [with_places(one) for one in back.conversations] == given
    assert back.notices == ()
    ids = [one.id for one in back.conversations] + [turn.id for one in back.conversations for turn in one.turns]
    assert len(set(ids)) == len(ids)
    assert not set(ids) & {"c", *(f"t{at}" for at in range(9))}


def message(role: str, content: Any, **more: Any) -> dict[str, Any]:
    return {"author": {"role": role}, "content": content, "create_time": 7.0, **more}


def node(parent: str | None, said: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    return {"message": said, "parent": parent, "children": [], **more}


def parts(*given: Any) -> dict[str, Any]:
    return {"content_type": "text", "parts": list(given)}


def export(mapping: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"title": "T", "create_time": 5.0, "update_time": 6.0, "mapping": mapping, **more}]


BRANCHED = export(
    {
        "root": node(None, None),
        "s": node("root", message("system", parts(""), metadata={"is_visually_hidden_from_conversation": True})),
        "u": node("s", message("user", parts("How many?"))),
        "a": node("u", message("assistant", parts("Seven."), metadata={"model_slug": "m-1"})),
        "again": node("u", message("assistant", parts("Eight."), metadata={"model_slug": "m-2"})),
        "v": node("a", message("user", parts("Why?"))),
        "w": node("a", message("user", parts("Why not?"))),
        "tool": node("w", message("assistant", {"content_type": "code", "text": "search()"}, recipient="browser")),
        "found": node("tool", message("tool", parts("a page"))),
        "b": node("found", message("assistant", parts("Because", " of it."))),
        "c": node("b", message("assistant", parts("And so on."))),
    },
    current_node="c",
)

Told = list[tuple[str, int, str, str]]

# The turns as (id's place is the list's), the place of the parent counted from 1, the question, the answer.
FOREIGN: dict[str, tuple[Any, Told, int, tuple[str, ...]]] = {
    "branches, tools and hidden messages": (
        BRANCHED,
        [
            ("m-1", 0, "How many?", "Seven."),
            ("m-2", 0, "How many?", "Eight."),
            ("", 1, "Why?", ""),
            ("", 1, "Why not?", "Because\n\n of it.\n\nAnd so on."),
        ],
        4,
        ("2 messages of the system or of a tool left out.",),
    ),
    "a plain list": (
        [{"messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "a"},
                       {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]}],
        [("", 0, "a", "b"), ("", 1, "c", "")],
        2,
        (),
    ),
    "one object": (
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "image_url"}]},
                      {"role": "assistant", "content": [{"type": "text", "text": {"value": "b"}}]}]},
        [("", 0, "a\n\n[An attachment was left out here]", "b")],
        1,
        ("1 attachment left out: a note stands in the text.",),
    ),
    "an answer at the start": (
        [{"messages": [{"role": "assistant", "content": "Hello!"}, {"role": "user", "content": "a"}]}],
        [("", 0, "", "Hello!"), ("", 1, "a", "")],
        2,
        (),
    ),
    "children without parents": (
        export({"r": {"message": None, "children": ["u"]},
                "u": {"message": message("user", parts("a")), "children": ["a"]},
                "a": {"message": message("assistant", parts("b"))}}),
        [("", 0, "a", "b")],
        1,
        (),
    ),
    "a parent that is not there": (
        export({"u": node("gone", message("user", parts("a")))}),
        [("", 0, "a", "")],
        1,
        ("1 turn placed at the start: the one before it is missing.",),
    ),
    "a circle": (
        export({"a": node("b", message("user", parts("a"))), "b": node("a", message("user", parts("b")))}),
        [("", 0, "b", ""), ("", 1, "a", "")],
        2,
        ("1 turn placed at the start: the one before it is missing.",),
    ),
    "half a character": (
        export({"u": node(None, message("user", parts("a\ud800b")))}),
        [("", 0, "a\ufffdb", "")],
        1,
        ("1 text had damaged characters: \ufffd stands in their place.",),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("body", "told", "leaf", "notices"), FOREIGN.values(), ids=FOREIGN.keys())
def test_other_programs_exports_are_read(body: Any, told: Told, leaf: int, notices: tuple[str, ...]) -> None:
    found = from_json(json.dumps(body).encode())
    (one,) = found.conversations
    places = {"": 0, **{turn.id: at for at, turn in enumerate(one.turns, 1)}}
    assert sorted((t.model, places[t.parent], t.question, t.answer) for t in one.turns) == sorted(told)
    assert all(places[turn.parent] < places[turn.id] for turn in one.turns)
    last = one.turns[places[one.leaf] - 1]
    assert (last.model, places[last.parent], last.question, last.answer) == told[leaf - 1]
    assert found.notices == notices


def test_what_is_said_of_a_conversation_comes_along() -> None:
    (one,) = from_json(json.dumps([{**BRANCHED[0], "is_starred": True}]).encode()).conversations
    assert (one.title, one.created, one.changed, one.pinned, one.model) == ("T", 5.0, 6.0, True, "m-1")
    listed = {"messages": [{"role": "system", "content": "Be short."}, {"role": "user", "content": "How are you?"}]}
    (other,) = from_json(json.dumps(listed).encode()).conversations
    assert (other.title, other.system, other.created) == ("How are you?", "Be short.", 0.0)


def own(*turns: Any, **more: Any) -> dict[str, Any]:
    one = {"id": "c", "title": "T", "leaf": "t", "turns": list(turns), **more}
    return {"format": "bayan-conversations", "version": 1, "conversations": [one]}


def turn(id_: Any, parent: Any = "", **more: Any) -> dict[str, Any]:
    return {"id": id_, "parent": parent, "question": "q", "answer": "a", **more}


MENDED: dict[str, tuple[Any, int, tuple[str, ...]]] = {
    "no turns": (own(), 0, ()),
    "no id": (
        own({"question": "q"}, {"question": "r"}),
        2,
        ("1 turn told apart from another one with the same id.",),
    ),
    "two of one id": (own(turn("t"), turn("t", "t")), 2, ("1 turn told apart from another one with the same id.",)),
    "follows itself": (
        own(turn("t", "t")),
        1,
        ("1 turn placed at the start: the one before it is missing.",),
    ),
    "a circle": (
        own(turn("t", "v"), turn("u", "t"), turn("v", "u")),
        3,
        ("1 turn placed at the start: the one before it is missing.",),
    ),
    "a parent that comes later": (own(turn("u", "t"), turn("t")), 2, ()),
    "wrong types": (
        own(turn(7), turn("a", question=["q"]), "turn", None, turn("t")),
        1,
        ("4 turns left out: not readable.",),
    ),
    "times that are none": (own(turn("t", created=float("nan")), turn("u", created=-1), created=10**400), 2, ()),
    "a long number": (own(turn("t", created=1e308)), 1, ()),
}


@pytest.mark.parametrize(("body", "turns", "notices"), MENDED.values(), ids=MENDED.keys())
def test_what_is_damaged_is_mended_and_said(body: Any, turns: int, notices: tuple[str, ...]) -> None:
    found = from_json(json.dumps(body).encode())
    (one,) = found.conversations
    assert len(one.turns) == turns
    assert one.leaf in {"", *(each.id for each in one.turns)}
    assert found.notices == notices
    assert from_json(to_json(found.conversations)).notices == ()
    assert to_markdown(one)


def test_a_damaged_conversation_does_not_take_the_others_along() -> None:
    body = own(turn("t"))
    body["conversations"] += [
        7,
        {"turns": "none"},
        {"title": [], "turns": []},
        own(*[turn("t")] * 2001)["conversations"][0],
    ]
    found = from_json(json.dumps(body).encode())
    assert len(found.conversations) == 1
    assert found.notices == (
        "3 conversations left out: not readable.",
        f"1 conversation left out: more than {MOST_TURNS:,} turns.",
    )


def chain(length: int) -> dict[str, Any]:
    return {str(at): node(str(at - 1) if at else None, message("assistant", parts("word"))) for at in range(length)}


REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is no export"),
    "no JSON": (b"\xff\xfe\x00 {", "is no export"),
    "half of it": (to_json([])[:-9], "is no export"),
    "another thing": (b'{"a": 1}', "is no export"),
    "a number": (b"7", "is no export"),
    "a list of numbers": (b"[1, 2]", "is no export"),
    "a number too long to read": (b'{"messages": ' + b"9" * 5000 + b"}", "is no export"),
    "nested deeply": (b"[" * 200_000, "is no export"),
    "nested deeply and well": (b'{"messages": ' + b"[" * 90_000 + b"]" * 90_000 + b"}", "is no export"),
    "no version": (b'{"format": "bayan-conversations"}', "is no export"),
    "a newer version": (b'{"format": "bayan-conversations", "version": 2}', "newer version"),
    "no list": (b'{"format": "bayan-conversations", "version": 1, "conversations": {}}', "is no export"),
    "a ZIP archive": (b"PK\x03\x04", "Unpack it"),
    "many values": (b'{"messages": [' + b"[]," * 3_000_000 + b"[]]}", "too many parts"),
    "many conversations": (json.dumps([{"messages": []}] * (MOST_CONVERSATIONS + 1)).encode(), "10,001 conversations"),
    "nothing that can be read": (json.dumps([{"mapping": 7}, {"messages": 7}]).encode(), "No conversation"),
    "no messages": (json.dumps([{"messages": []}]).encode(), "No conversation"),
    "a long chain whose branches repeat it": (
        json.dumps(export(chain(9000))).encode(),
        "texts in this file are too long",
    ),
}


@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_none_is_refused_in_one_sentence(data: bytes, why: str) -> None:
    with pytest.raises(DataError, match=why) as caught:
        from_json(data)
    assert caught.value.detail.count(". ") == 0


def test_a_file_that_is_too_large_is_not_even_read() -> None:
    with pytest.raises(DataError, match="64 MB"):
        from_json(b" " * ((MOST_MB << 20) + 1))


WILD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1e999,
    float("nan"),
    10**30,
    "",
    "\ud800",
    "u",
    "root",
    [],
    {},
    [[]],
    {"role": "user"},
    ["a"] * 3,
)


def mutated(value: Any, chance: random.Random) -> Any:
    """The value with some of its parts replaced, repeated or taken away."""
    if chance.random() < 0.06:
        return chance.choice(WILD)
    if isinstance(value, dict):
        kept = {name: mutated(one, chance) for name, one in value.items() if chance.random() > 0.04}
        return {
            chance.choice(["mapping", "turns", "id", *kept]) if chance.random() < 0.05 else n: v
            for n, v in kept.items()
        }
    if isinstance(value, list):
        return [mutated(one, chance) for one in value for _ in range(1 + (chance.random() < 0.1))]
    return value


@pytest.mark.parametrize(
    "body",
    [BRANCHED, FOREIGN["one object"][0], own(turn("t"), turn("u", "t"), turn("v", "t"))],
    ids=["GPT", "list", "own"],
)
def test_a_mutated_export_is_read_or_refused(body: Any) -> None:
    for seed in range(700):
        data = json.dumps(mutated(body, random.Random(seed))).encode()
        try:
            found = from_json(data)
        except DataError:
            continue
        back = from_json(to_json(found.conversations))
        assert list(map(with_places, back.conversations)) == list(map(with_places, found.conversations))
        assert back.notices == ()
        for one in found.conversations:
            assert to_markdown(one).encode()
            ids = [each.id for each in one.turns]
            assert len(set(ids)) == len(ids)
            assert all(each.parent in {"", *ids[:at]} for at, each in enumerate(one.turns))
            assert one.leaf in {"", *ids}


FENCE = "`" * 3
SHOWN = Portable(
    "c", "Sales <b>2024</b>", 1_700_000_000.0, 0.0, False, "Be *short*.", "m-1", "v",
    (
        PortableTurn("t", "", "How\n    many # `x`?\n\n- a", f"**Seven**:\n\n{FENCE}py\nprint('<b>')\n{FENCE}", 1.7e9),
        PortableTurn("u", "t", "other", "Eight."),
        PortableTurn("v", "t", "and now", f"Nine.\n{FENCE}\nopen", 0.0, "m-2", "SELECT '```'"),
        PortableTurn("w", "u", "on", "Ten."),
        PortableTurn("x", "", "anew", "Eleven.", attachments=(Attachment("a_b.txt", "text", f"{FENCE}\n<img>"),)),
    ),
)  # fmt: skip


def test_markdown_has_the_current_branch_and_names_the_others() -> None:
    assert (
        to_markdown(SHOWN)
        == f"""# Sales \\<b\\>2024\\</b\\>

2 turns, 2 other branches, begun 2023-11-14 22:13 UTC, model m-1.

System prompt:

> Be \\*short\\*.

## 1. 2023-11-14 22:13 UTC

> How\\
> \u00a0\u00a0\u00a0\u00a0many \\# \\`x\\`?
>
> \\- a

**Seven**:

{FENCE}py
print('<b>')
{FENCE}

## 2. Question, m-2

> and now

Nine.
{FENCE}
open
{FENCE}

````sql
SELECT '```'
````

# Other branches

## Branch 1: after turn 1

### Question

> other

Eight.

### Question

> on

Ten.

## Branch 2: another beginning

### Question

> anew

Attached: a\\_b.txt

````
{FENCE}
<img>
````

Eleven.
"""
    )


def rendered(markdown: str) -> str:
    return str(MarkdownIt("commonmark").enable("table").render(markdown))


@pytest.mark.parametrize(
    "text",
    ["![x](http://evil.example/q)", "![a][r]\n\n[r]: http://evil.example", "<img src=http://evil.example>", "<!-- open",
     "<script>\n\nx", f"{FENCE}\nopen", "~~~~\nopen", "<div>\n![x](http://evil.example)", f"a\n{FENCE}a\nb"],
)  # fmt: skip
def test_nothing_in_a_conversation_loads_or_swallows_the_rest(text: str) -> None:
    first = PortableTurn("t", "", text, text, model=text)
    one = Portable("c", text, 0.0, 0.0, False, text, text, "u", (first, PortableTurn("u", "t", "the last", "END")))
    html = rendered(to_markdown(one))
    assert not [tag for tag in ("<img", "<script", "<!--", "<div") if tag in html]
    assert "<p>END</p>" in html
    assert "<p>the last</p>" in html


@given(conversations())
def test_every_text_of_a_conversation_is_in_its_markdown(one: Portable) -> None:
    made = to_markdown(one)
    assert all(turn.answer in made for turn in one.turns if turn.answer.isalnum())
    assert all(turn.question in made for turn in one.turns if turn.question.isalnum())
    assert made.count("\n> ") + made.count("\n>\n") >= len(one.turns)
