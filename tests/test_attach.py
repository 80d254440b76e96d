"""What a person attaches: whole or refused, tables in what room there is, and nothing in it can pose as the person."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.chat.attach import ENDINGS, Attachment, as_prompt, read_text
from lib.chat.described import describe_table, fitted, knowing
from lib.data.asked import finished
from lib.data.loading import Source
from lib.data.workspace import Workspace
from lib.errors import DataError
from lib.llm.tokens import estimate
from lib.settings import Settings


def zipped() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a")
    return out.getvalue()


READ: dict[str, tuple[bytes, str]] = {
    "UTF-8": ("Žilina, 東京, جدة 👍🏽\n".encode(), "Žilina, 東京, جدة 👍🏽\n"),
    "UTF-8 with a mark": (b"\xef\xbb\xbfa", "a"),
    "UTF-16": ("a,b\r\nc,é\r\n".encode("utf-16"), "a,b\nc,é\n"),
    "Windows-1252": (
        "Das Wetter: schön, für uns alle größer".encode("cp1252"),
        "Das Wetter: schön, für uns alle größer",
    ),
    "lines of every kind": (b"a\r\nb\rc\n", "a\nb\nc\n"),
    "controls": (b"a\x00b\x1b[31m\x07\tc", "a\ufffdb\ufffd[31m\ufffd\tc"),
    "what nobody sees": ("a\u202eb\u200b\U000e0041c\ufeff".encode(), "a\ufffdb\ufffd\ufffdc\ufffd"),
    "a joiner of Persian": ("می\u200cخواهم".encode(), "می\u200cخواهم"),
    "blanks at both ends": (b"  a \n", "  a \n"),
}


@pytest.mark.parametrize(("data", "text"), READ.values(), ids=READ.keys())
def test_text_goes_in_whole(data: bytes, text: str) -> None:
    made = read_text("notes.txt", data, 1000)
    assert (made.kind, made.name, made.text, made.table) == ("text", "notes.txt", text, "")
    assert made.tokens == estimate(as_prompt([made]))


def test_a_guessed_encoding_is_said() -> None:
    assert "not UTF-8" in read_text("a.txt", "schön für größer".encode("cp1252"), 1000).notes[0]


REFUSED: dict[str, tuple[bytes, str]] = {
    "PDF": (b"%PDF-1.7\n" + b"text " * 100, "is a PDF document"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is a PNG picture"),
    "ZIP": (zipped(), "is a ZIP archive"),
    "GZIP": (b"\x1f\x8b\x08\x00", "is a GZIP archive"),
    "Parquet": (b"PAR1\x00", "is a Parquet file"),
    "old Office": (b"\xd0\xcf\x11\xe0\xa1\xb1", "is an Office document"),
    "program": (b"\x7fELF" + bytes(range(256)) * 4, "is not a text file"),
    "empty": (b" \n", "is empty"),
    "empty with a mark": (b"\xff\xfe", "is empty"),
    "nothing": (b"", "is empty"),
}


@pytest.mark.parametrize(("data", "why"), REFUSED.values(), ids=REFUSED.keys())
@pytest.mark.parametrize("name", ["notes.txt", "../a\u202e`\n.md"])
def test_what_is_no_text_is_refused_by_its_content(name: str, data: bytes, why: str) -> None:
    with pytest.raises(DataError, match=why) as caught:
        read_text(name, data, 1000)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize(
    "data", [b"word " * 2000, b"a" + b" " * 90_000, b"a" * 1_000_000], ids=["words", "blanks", "a"]
)
@pytest.mark.parametrize("room", [1000, 0, -5])
def test_what_is_too_long_is_refused_with_cost_and_room(data: bytes, room: int) -> None:
    with pytest.raises(
        DataError, match=rf"takes (about|more than) [\d,]+ tokens, and .* room for {max(room, 0):,}\."
    ) as e:
        read_text("notes.txt", data, room)
    assert "Attach a part of it" in e.value.hint


def test_a_text_that_just_fits_is_taken() -> None:
    tokens = read_text("notes.txt", b"word " * 200, 9999).tokens
    assert read_text("notes.txt", b"word " * 200, tokens).tokens == tokens
    with pytest.raises(DataError):
        read_text("notes.txt", b"word " * 200, tokens - 1)


def test_endings_are_without_dots_and_none_is_twice() -> None:
    assert len(set(ENDINGS)) == len(ENDINGS)
    assert all(re.fullmatch("[a-z0-9]+", one) for one in ENDINGS)


@given(st.text(alphabet='`~\nab# <|>:imstartuser"', max_size=60), st.text(alphabet='`"\na<|', max_size=12))
def test_nothing_in_a_file_ends_its_fence(text: str, name: str) -> None:
    first, *inside, last = as_prompt([Attachment(name, "text", text)]).split("\n")
    opening, *inside = inside
    assert "`" not in first
    assert first.count('"') == 2
    assert set(opening) == {"`"}
    assert opening == last
    assert not any(opening in line for line in inside)
    assert "<|" not in "\n".join(inside)
    assert "\n".join(inside).replace("< |", "<|") == text.replace("< |", "<|")


@pytest.fixture(name="workspace", scope="module")
def _workspace() -> Iterator[Workspace]:
    with Workspace.temporary(Settings()) as workspace:
        rows = "\n".join(f"{n},{'north' if n % 3 else 'south'},{'long ' * 40},{n / 4}" for n in range(1, 41))
        sales = f"order_id,region,remark,price\n{rows}\n".encode()
        wide = ",".join(f"column_of_a_wide_table_{n}" for n in range(101)) + "\n" + ",".join(["7"] * 101) + "\n"
        empty = b"a,b\n"
        files = [Source("sales.csv", sales), Source("wide.csv", wide.encode()), Source("empty.csv", empty)]
        with workspace.add(files) as loading:
            assert loading.wait(60)
            assert loading.errors == ()
        yield workspace


def test_a_table_goes_in_with_statistics_and_rows(workspace: Workspace) -> None:
    made = describe_table(workspace, "sales", names_only=False, room=4000)
    assert (made.kind, made.name, made.table, made.notes) == ("table", "sales", "sales", ())
    assert "40 rows, 4 columns, from the file sales.csv" in made.text
    assert "- order_id: BIGINT; 0 missing; 40 distinct; from 1 to 40\n" in made.text
    assert (
        "- region: VARCHAR; 0 missing; 2 distinct; from north to south; most frequent: north (27), south (13)"
        in made.text
    )
    assert "\n1,north,long " in made.text
    assert "…" in made.text
    assert made.tokens == estimate(as_prompt([made])) <= 4000


def test_what_does_not_fit_goes_in_the_stated_order_and_is_said(workspace: Workspace) -> None:
    known = finished(knowing(workspace, workspace.tables[0]))
    rooms = range(60, 1200, 10)
    made = []
    for room in rooms:
        try:
            made.append(fitted(known, room))
        except DataError:
            assert not made
    assert all(one.tokens <= room for one, room in zip(reversed(made), reversed(rooms), strict=False))
    assert all(note in one.text for one in made for note in one.notes)
    said = [tuple(re.sub(r"but \d+ example rows?|last \d+ of", "some", note) for note in one.notes) for one in made]
    stages = list(dict.fromkeys(said))
    columns = "Left out for lack of room: the some 4 columns."
    statistics = "Left out for lack of room: the statistics of the columns."
    frequent = "Left out for lack of room: the most frequent values."
    rows, some = "Left out for lack of room: the example rows.", "Left out for lack of room: all some."
    expected = [
        (rows, frequent, statistics, columns),
        (rows, frequent, statistics),
        (rows, frequent),
        (rows,),
        (some,),
        (),
    ]
    assert stages == [one for one in expected if one in stages]
    assert {columns, some} <= {note for one in stages for note in one}
    assert stages[-1] == ()


def test_names_only_tells_names_and_types_without_asking(workspace: Workspace) -> None:
    made = describe_table(workspace, "sales", names_only=True, room=4000)
    assert made.text.splitlines() == [
        "4 columns", "", "Columns with their types:", "- order_id: BIGINT", "- region: VARCHAR", "- remark: VARCHAR",
        "- price: DOUBLE", "Only names and types are told: the privacy switch is on.",
    ]  # fmt: skip
    short = describe_table(workspace, "wide", names_only=True, room=400)
    assert re.fullmatch(r"Left out for lack of room: the last \d+ of 101 columns\.", short.notes[-1])


def test_wide_and_empty_tables_are_described(workspace: Workspace) -> None:
    wide = describe_table(workspace, "wide", names_only=False, room=20_000)
    assert wide.text.count("1 distinct; from 7 to 7") == 101
    assert "0 rows, 2 columns" in describe_table(workspace, "empty", names_only=False, room=2000).text


@pytest.mark.parametrize(("table", "room", "why"), [("none", 999, "There is no table none"), ("sales", 20, "at least")])
def test_a_table_that_cannot_be_described_is_refused(workspace: Workspace, table: str, room: int, why: str) -> None:
    for names_only in (True, False):
        with pytest.raises(DataError, match=why):
            describe_table(workspace, table, names_only=names_only, room=room)
