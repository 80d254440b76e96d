"""A workbook before it is opened: how much it would unpack to, how large its sheets are, which cells hold errors.

The library that reads workbooks unpacks whatever it is given, gives a sheet with two far corners the memory for
everything between them, and turns errors such as #DIV/0! into empty cells without a word.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from lib.data.unpack import BROKEN, Bound
from lib.errors import DataError

MOST_CELLS = 20_000_000
"""A sheet is held in memory whole, at about 100 bytes a cell."""
CHUNK = 1 << 20
_OVERLAP = 64
_COLUMN = re.compile(rb'\sr="([A-Z]{1,3})[0-9]{1,7}"')
_ROW = re.compile(rb'\sr="[A-Z]{0,3}([0-9]{1,7})"')
_ERROR = re.compile(rb'\st="e"')
# A formula and no result of it; an empty text can be one.
_UNSAVED = re.compile(
    rb'<c(?![^>]*\st="str")(?:\s[^>]*)?>\s*<f(?:\s[^>]*)?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>'
)
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_DECLARED = re.compile(rb"<!(DOCTYPE|ENTITY)")
# Of the binary formats: a record that holds nothing but an error's number, and a formula whose result is one.
_ERROR_XLS = re.compile(
    rb"\x05\x02\x08\x00.{6}[\x00\x07\x0f\x17\x1d\x24\x2a]\x01|\x06\x00.{8}\x02.[\x00\x07\x0f\x17\x1d\x24\x2a].{3}\xff\xff",
    re.DOTALL,
)
_ERROR_XLSB = re.compile(rb"[\x03\x0b]\x09.\x00\x00\x00.{4}[\x00\x07\x0f\x17\x1d\x24\x2a\x2b]", re.DOTALL)


@dataclass
class Findings:
    """`errors` counts the cells with an error by sheet; the ones of an unknown sheet are under an empty name.

    `formulas` counts those with a formula whose result was not saved, in the same way.
    """

    errors: dict[str, int] = field(default_factory=dict)
    formulas: dict[str, int] = field(default_factory=dict)


def inspect(path: Path, file: str, bound: Bound) -> Findings:
    """Look through the file. Raises DataError for what must not be opened."""
    if not zipfile.is_zipfile(path):
        return _inspected_xls(path.read_bytes(), file)
    try:
        with zipfile.ZipFile(path) as archive:
            bound.check(sum(one.file_size for one in archive.infolist()), file)
            return _inspected(archive, file)
    except BROKEN as e:
        raise DataError(f"{file} is damaged: it cannot be unpacked.", "Upload the whole file again.") from e


def _inspected_xls(data: bytes, file: str) -> Findings:
    if _ENCRYPTED in data:
        raise DataError(f"{file} is protected with a password.", "Save it without one.")
    return Findings({"": _count(_ERROR_XLS, data)})


def _inspected(archive: zipfile.ZipFile, file: str) -> Findings:
    if any(one.flag_bits & 1 for one in archive.infolist()):
        raise DataError(f"{file} is protected with a password.", "Save it without one.")
    found = Findings()
    # Every part is looked through for declared entities before any is given to a parser.
    parts = [one for one in archive.namelist() if one.lower().endswith((".xml", ".rels", ".bin"))]
    counts = {one: _look_through(archive, one, file) for one in parts}
    names = _sheet_names(archive, file)
    for one, (errors, formulas) in counts.items():
        name = names.get(one, "")
        found.errors[name] = found.errors.get(name, 0) + errors
        found.formulas[name] = found.formulas.get(name, 0) + formulas
    if "content.xml" in archive.namelist():
        _check_repeats(archive, file)
    return found


def _look_through(archive: zipfile.ZipFile, name: str, file: str) -> tuple[int, int]:
    """Read one part to its end, which also proves that it is as large as the archive says.

    Its cells with an error and those with a formula without a result are counted.
    """
    sheet = "worksheets/" in name
    errors = formulas = last_row = 0
    letters: set[bytes] = set()
    for part in _parts(archive, name):
        if name.endswith((".xml", ".rels")) and _DECLARED.search(part):
            raise DataError(f"{file} is damaged or a trap: it declares XML entities, which no workbook has.")
        if not sheet:
            continue
        if name.endswith(".bin"):
            errors += _count(_ERROR_XLSB, part)
            continue
        errors += _count(_ERROR, part)
        formulas += _count(_UNSAVED, part)
        letters.update(_COLUMN.findall(part))
        last_row = max([last_row, *map(int, set(_ROW.findall(part)))])
    _check_size(last_row * max(map(_number, letters), default=0), file)
    return errors, formulas


def _parts(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The member in pieces, none of which ends within a tag's attribute, and hardly one within a cell."""
    left = b""
    with archive.open(name) as stream:
        while chunk := stream.read(CHUNK):
            whole = left + chunk
            cut = whole.rfind(b"</c>", -CHUNK // 2) + 4
            if cut < 4:
                cut = whole.rfind(b">") + 1 or len(whole)
            yield whole[:cut]
            left = whole[cut:] if len(whole) - cut < CHUNK else b""
    if left:
        yield left


def _count(pattern: re.Pattern[bytes], text: bytes) -> int:
    return sum(1 for _ in pattern.finditer(text))


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_size(cells: int, file: str) -> None:
    if cells > MOST_CELLS:
        raise DataError(
            f"{file} has a sheet that reaches over {cells:,} cells; at most {MOST_CELLS:,} can be read.",
            "Save the sheet as CSV, or delete what lies far away from the table.",
        )


def _sheet_names(archive: zipfile.ZipFile, file: str) -> Mapping[str, str]:
    """The sheet that each part of an Excel workbook is."""
    names, targets = archive.namelist(), {}
    if "xl/workbook.xml" not in names or "xl/_rels/workbook.xml.rels" not in names:
        return {}
    for tag, attributes in _elements(archive, "xl/_rels/workbook.xml.rels", file):
        if tag == "Relationship":
            target = attributes.get("Target", "")
            targets[attributes.get("Id", "")] = posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
    found = {}
    for tag, attributes in _elements(archive, "xl/workbook.xml", file):
        if tag == "sheet":
            identity = next((value for name, value in attributes.items() if name.endswith(":id") or name == "id"), "")
            found[targets.get(identity, "")] = attributes.get("name", "")
    return found


def _elements(archive: zipfile.ZipFile, name: str, file: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    _parse(archive, name, file, lambda tag, attributes: found.append((tag.split(":")[-1], attributes)))
    return found


def _check_repeats(archive: zipfile.ZipFile, file: str) -> None:
    """OpenDocument writes equal cells and rows once, with the number of times; count what that unfolds to."""
    rows, repeated = 0, 1
    width = filled = 0

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal rows, repeated, width, filled
        if tag == "table:table":
            rows = 0
        if tag == "table:table-row":
            repeated = _repeats(attributes, "table:number-rows-repeated")
            width = filled = 0
        if tag in ("table:table-cell", "table:covered-table-cell"):
            width += _repeats(attributes, "table:number-columns-repeated")
            if any(name.startswith(("office:", "calcext:", "table:formula")) for name in attributes):
                filled = width
                _check_size((rows + repeated) * filled, file)

    def end(tag: str) -> None:
        nonlocal rows
        if tag == "table:table-row":
            rows += repeated

    _parse(archive, "content.xml", file, start, end)


def _repeats(attributes: Mapping[str, str], name: str) -> int:
    value = attributes.get(name, "1")
    return int(value) if value.isdecimal() and len(value) < 10 else 1


def _parse(
    archive: zipfile.ZipFile,
    name: str,
    file: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None = None,
) -> None:
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    try:
        with archive.open(name) as stream:
            while chunk := stream.read(CHUNK):
                parser.Parse(chunk)
            parser.Parse(b"", True)
    except expat.ExpatError as e:
        raise DataError(f"{file} is damaged: it is not valid XML.", "Save the workbook again.") from e
