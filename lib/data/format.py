"""Which format a file has: its content decides, and its ending where the content leaves it open."""

from __future__ import annotations

import codecs
import re
import zipfile
from pathlib import Path, PurePosixPath
from typing import Literal

from lib.data.encoding import marked_or_wide
from lib.errors import DataError

Format = Literal["text", "JSON", "Parquet", "workbook", "gzip", "zip"]

START = 1 << 16
ENDINGS: dict[str, Format] = {
    ".csv": "text", ".tsv": "text", ".txt": "text", ".tab": "text", ".psv": "text", ".dat": "text",
    ".json": "JSON", ".jsonl": "JSON", ".ndjson": "JSON", ".geojson": "JSON",
    ".parquet": "Parquet", ".pq": "Parquet",
    ".xlsx": "workbook", ".xlsm": "workbook", ".xls": "workbook", ".xlsb": "workbook", ".ods": "workbook",
    ".gz": "gzip", ".zip": "zip",
}  # fmt: skip
SPOKEN = {
    "text": "delimited text",
    "JSON": "JSON",
    "Parquet": "Parquet",
    "workbook": "a workbook",
    "gzip": "a GZIP archive",
    "zip": "a ZIP archive",
}
_FOREIGN = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"BZh": "a BZIP2 archive",
    b"\xfd7zXZ": "an XZ archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"PARE": "an encrypted Parquet file",
    b"SQLite format 3": "a SQLite database",
    b"{\\rtf": "an RTF document",
}
_TAR = "a TAR archive"
_OLE = b"\xd0\xcf\x11\xe0"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_OFFICE = {"xl/": "workbook", "word/": "a Word document", "ppt/": "a presentation"}
_OPEN_DOCUMENT = "application/vnd.oasis.opendocument."
_TEXT_CONTROLS = b"\t\n\r\f\x1a\x1b\x00"
_CONTROLS = bytes(byte for byte in range(32) if byte not in _TEXT_CONTROLS)
_WEB_PAGE = re.compile(r"\s*<(!doctype|html|head|body|table)", re.IGNORECASE)
_XML = re.compile(r"\ufeff?\s*<\?xml")
# An object with a name in it, or a list of objects or lists: no table of text starts so.
_JSON = re.compile(
    r'\s*(\{\s*("([^"\\]|\\.)*"\s*:|\})|\[\s*(\{\s*("([^"\\]|\\.)*"\s*:|\})|\[\s*(["\d\[\]-]|null|true)))'
)


def by_ending(file: str) -> Format | None:
    """The format that the name promises."""
    return ENDINGS.get(PurePosixPath(file).suffix.lower())


def by_content(path: Path, shown: str, file: str) -> Format:
    """The format that the file has; `shown` names it in sentences. Raises DataError for what is no table."""
    with path.open("rb") as stream:
        start = stream.read(START)
    if start.startswith(b"PAR1"):
        return "Parquet"
    if start.startswith(b"\x1f\x8b"):
        return "gzip"
    if start.startswith(_OLE):
        return "workbook"
    if start.startswith(_ZIP):
        return _zipped(path, shown)
    _refuse_binary(start, shown)
    text = start.decode(marked_or_wide(start) or "utf-8", "replace")
    if _WEB_PAGE.match(text):
        raise DataError(f"{shown} is a web page, not a table.", "Download the data file itself.")
    if _XML.match(text):
        raise DataError(f"{shown} is XML, not a table.", "Save the table as CSV or Excel.")
    named_json = by_ending(file) == "JSON" and text.lstrip("\ufeff \t\r\n").startswith(("{", "["))
    return "JSON" if named_json or _JSON.match(text) else "text"


def _zipped(path: Path, file: str) -> Format:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            kind = archive.read("mimetype")[:200].decode("ascii", "replace") if "mimetype" in names[:3] else ""
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, ValueError, EOFError) as e:
        raise DataError(f"{file} is damaged: its list of contents cannot be read.", "Upload it again.") from e
    if "[Content_Types].xml" in names:
        found = next((what for folder, what in _OFFICE.items() if any(one.startswith(folder) for one in names)), None)
        if found == "workbook":
            return "workbook"
        if found:
            raise DataError(f"{file} is {found}, not a table.", "Save the table as CSV or Excel.")
    if kind.startswith(_OPEN_DOCUMENT):
        if kind.startswith(_OPEN_DOCUMENT + "spreadsheet"):
            return "workbook"
        raise DataError(f"{file} is an OpenDocument file, but no spreadsheet.", "Save the table as CSV or ODS.")
    return "zip"


def foreign(start: bytes) -> str | None:
    """What a file that begins so is if it is no text: "a PDF document", or "" where nobody knows. None for text."""
    for signature, what in _FOREIGN.items():
        if start.startswith(signature):
            return what
    if start[257:262] == b"ustar":
        return _TAR
    if marked_or_wide(start) or start.startswith(codecs.BOM_UTF8):
        return None
    strange = len(start) - len(start.translate(None, _CONTROLS))
    many_zeros = start.count(0) > len(start) / 5 and start.strip(b" \t\r\n\x00")
    return "" if strange > max(8, len(start) / 50) or many_zeros else None


def _refuse_binary(start: bytes, file: str) -> None:
    what = foreign(start)
    if what == _TAR:
        raise DataError(f"{file} is {what}, not a text file.", "Unpack it and upload the files in it.")
    if what is not None:
        is_what = f"{what}, not a text file" if what else "not a text file"
        raise DataError(f"{file} is {is_what}.", "Save the table as CSV and upload that.")
