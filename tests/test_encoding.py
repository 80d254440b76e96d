"""Which encoding a text is in: what is found, what is said of it, and what a person can choose instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.data.encoding import ENCODINGS, Text, examine
from lib.errors import DataError


def _examined(tmp_path: Path, data: bytes, encoding: str = "") -> Text:
    path = tmp_path / "upload"
    path.write_bytes(data)
    return examine(path, "t.csv", lambda _: None, encoding=encoding)


SHORT = [
    ("German", "cp1252", "name;ort\nMüller;Köln\nWeiß;Düsseldorf\n"),
    ("French", "cp1252", "id;nom\n1;Hélène\n2;François\n3;Noël\n"),
    ("Spanish", "cp1252", "id;ciudad\n1;Málaga\n2;Peña\n3;León\n"),
    ("Polish", "cp1250", "id;miasto\n1;Łódź\n2;Gdańsk\n3;Częstochowa\n"),
    ("Czech", "cp1250", "id;jméno\n1;Jiří\n2;Růžena\n3;Plzeň\n"),
    ("Hungarian", "cp1250", "id;név\n1;Szőlő\n2;Tűz\n3;György\n"),
    ("Russian", "cp1251", "id;город\n1;Москва\n2;Казань\n3;Омск\n"),
    ("Arabic", "cp1256", "id;مدينة\n1;الرياض\n2;جدة\n3;دبي\n"),
    ("Persian", "cp1256", "id;شهر\n1;تهران\n2;پژمان\n3;شيراز\n"),
    ("simplified Chinese", "gb18030", "id;城市\n1;北京\n2;上海\n3;广州\n"),
    ("traditional Chinese", "big5", "id;城市\n1;臺北\n2;高雄\n3;新竹\n"),
    ("Japanese", "cp932", "id;都市\n1;東京\n2;大阪\n3;さくら\n"),
    ("Korean", "cp949", "id;도시\n1;서울\n2;부산\n3;인천\n"),
    ("Polish of other systems", "iso-8859-2", "id;miasto\n1;Śląskie\n2;Książka\n3;Źródło\n"),
    ("one umlaut in English", "cp1252", "id;name\n" + "7;plain words\n" * 3000 + "8;Zürich\n"),
    ("one Cyrillic word in English", "cp1251", "id;name\n" + "7;plain words\n" * 3000 + "8;Москва\n"),
]


@pytest.mark.parametrize(("codec", "text"), [one[1:] for one in SHORT], ids=[one[0] for one in SHORT])
def test_letters_are_what_they_were_and_the_choice_is_said(tmp_path: Path, codec: str, text: str) -> None:
    data = text.encode(codec)
    found = _examined(tmp_path, data)
    assert data.decode(found.encoding) == text
    assert [one.code for one in found.notes] == ["encoding"]
    assert dict(ENCODINGS)[found.encoding] in found.notes[0].message


def test_a_doubtful_choice_is_called_probable(tmp_path: Path) -> None:
    (note,) = _examined(tmp_path, b"n\n\xe8\n").notes
    assert "probably" in note.message
    assert "choose another encoding" in note.message


def test_the_commonest_of_encodings_that_agree_is_named(tmp_path: Path) -> None:
    assert _examined(tmp_path, "n\nété\n".encode("cp1250")).encoding == "cp1252"


def test_a_person_chooses(tmp_path: Path) -> None:
    found = _examined(tmp_path, "n;Łódź\n".encode("iso-8859-2"), encoding="cp1251")
    assert (found.encoding, found.errors) == ("cp1251", "strict")
    assert [one.message for one in found.notes] == ["The file is read as Windows-1251 (Cyrillic), as chosen."]


def test_bytes_outside_the_chosen_encoding_are_damaged_characters(tmp_path: Path) -> None:
    found = _examined(tmp_path, b"a,b\n1,\x81\n", encoding="cp1252")
    assert (found.errors, found.regular) == ("surrogateescape", False)


@pytest.mark.parametrize(
    ("encoding", "sentence"),
    [
        ("utf-16", "t.csv is not valid UTF-16"),
        ("rot13", "rot13 is not an encoding that can be chosen"),
        ("../x", "is not an encoding that can be chosen"),
    ],
)
def test_a_choice_that_cannot_be(tmp_path: Path, encoding: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence):
        _examined(tmp_path, b"\xff\xfea,b\n1", encoding=encoding)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_a_mark_that_is_missing(tmp_path: Path, encoding: str) -> None:
    with pytest.raises(DataError) as caught:
        _examined(tmp_path, "a,b\n1,2\n".encode(f"{encoding}-le"), encoding)
    assert caught.value.detail == f"t.csv is not valid {encoding.upper()}."


@pytest.mark.parametrize("codec", [one[0] for one in ENCODINGS])
def test_every_choice_can_be_read(tmp_path: Path, codec: str) -> None:
    data = "a,b\n1,2\n".encode(codec)
    assert data.decode(_examined(tmp_path, data, codec).codec) == "a,b\n1,2\n"


@pytest.mark.parametrize(
    ("text", "damaged"),
    [
        ("cafÃ©", True),
        ("â€œxâ€\x9d", True),
        ("Ø§Ù„Ø±", True),
        ("café", False),
        ("São Paulo ÃO", False),
        ("Ø\xa012", False),
    ],
)
def test_text_that_came_damaged_is_named(tmp_path: Path, text: str, damaged: bool) -> None:
    found = _examined(tmp_path, f"a,b\n1,{text}\n".encode())
    assert ("damaged_before" in [one.code for one in found.notes]) is damaged
