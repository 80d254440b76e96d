"""Is a file text, in which encoding, and how many records does it hold: one pass over its bytes."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lib.errors import DataError

CHUNK = 4 << 20
SIGNATURES = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"%PDF": "a PDF document",
    b"\x1f\x8b": "a GZIP archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"PAR1": "a Parquet file",
    b"SQLite format 3": "a SQLite database",
    b"{\\rtf": "an RTF document",
}
MARKED = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
WEB_PAGE = re.compile(r"\s*<(!doctype|html|head|body|\?xml)", re.IGNORECASE)
JSON = re.compile(r'\s*(\[\s*)?\{\s*("|\})')
TEXT_CONTROLS = b"\t\n\r\f\x1a\x1b\x00"
CONTROLS = bytes(byte for byte in range(32) if byte not in TEXT_CONTROLS)
EXCEPT_LINES_AND_QUOTES = bytes(byte for byte in range(256) if byte not in b'"\n')


@dataclass(frozen=True)
class Text:
    """How to read a file. `errors` is Python's word for what to do with damaged bytes.

    `lines` counts the line ends outside quotation marks, the missing one at the end included. `regular` says that
    every line ends in the same way and that there is no empty line and no NUL, so that the count can be trusted.
    """

    encoding: str
    errors: str
    lines: int
    regular: bool
    nul: bool
    size: int


def examine(path: Path, file: str, tell: Callable[[float], None], chunk_size: int = CHUNK) -> Text:
    """Read the whole file once, `chunk_size` bytes at a time. Raises DataError for what is empty or not text."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        start = stream.read(1 << 16)
    if not start.strip(b" \t\r\n\x00" + codecs.BOM_UTF8):
        raise DataError(f"{file} is empty.", "Choose a file with a header line and rows.")
    _refuse_other_formats(start, file)
    encoding = _marked_or_wide(start)
    survey = _Survey(encoding or "utf-8")
    with path.open("rb") as stream:
        while chunk := stream.read(chunk_size):
            survey.take(chunk)
            tell(stream.tell() / size)
    survey.finish()
    if survey.damaged and encoding not in (None, "utf-8-sig"):
        raise DataError(f"{file} is damaged: it is not valid {encoding.upper()}.", "Export the file again.")
    if survey.damaged:
        return _damaged_or_single_byte(path, file, size)
    regular = encoding in (None, "utf-8-sig") and survey.regular
    return Text(encoding or "utf-8", "strict", survey.lines, regular, survey.nuls > 0, size)


def _refuse_other_formats(start: bytes, file: str) -> None:
    for signature, what in SIGNATURES.items():
        if start.startswith(signature):
            raise DataError(f"{file} is {what}, not a text file.", "Save the table as CSV and upload that.")
    if _marked_or_wide(start):
        return
    strange = len(start) - len(start.translate(None, CONTROLS))
    if strange > max(8, len(start) / 50) or start.count(0) > len(start) / 5:
        raise DataError(f"{file} is not a text file.", "Save the table as CSV and upload that.")
    text = start[:4096].decode("latin-1")
    if WEB_PAGE.match(text):
        raise DataError(f"{file} is a web page, not a table.", "Download the data file itself.")
    if JSON.match(text):
        raise DataError(f"{file} is JSON, not a table with rows and columns.", "Save the table as CSV.")


def _marked_or_wide(start: bytes) -> str | None:
    """The encoding by the file's first bytes, or by the zeros that Latin letters have in UTF-16."""
    for mark, encoding in MARKED.items():
        if start.startswith(mark):
            return encoding
    half = len(start) // 2
    if half and start[1::2].count(0) > half * 0.4 > half * 0.1 > start[0::2].count(0):
        return "utf-16-le"
    if half and start[0::2].count(0) > half * 0.4 > half * 0.1 > start[1::2].count(0):
        return "utf-16-be"
    return None


class _Survey:
    def __init__(self, encoding: str) -> None:
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._quoted = False
        self._last = b"\n"  # so that a first line without any character counts as an empty one
        self._feeds = self._returns = self._pairs = 0
        self._empty = False
        self.lines = self.nuls = 0
        self.damaged = False

    def take(self, chunk: bytes) -> None:
        if not self.damaged:
            try:
                self.nuls += self._decoder.decode(chunk).count("\0")
            except UnicodeDecodeError:
                self.damaged = True
        joined = self._last + chunk
        self._feeds += chunk.count(b"\n")
        self._returns += chunk.count(b"\r")
        self._pairs += joined.count(b"\r\n")
        self._empty |= b"\n\n" in joined or b"\n\r" in joined
        self._count_lines(chunk)
        self._last = joined[-1:]

    def _count_lines(self, chunk: bytes) -> None:
        marks = chunk.translate(None, EXCEPT_LINES_AND_QUOTES).replace(b'""', b"")
        for number, part in enumerate(marks.split(b'"')):
            if (number % 2 == 1) == self._quoted:
                self.lines += len(part)
        self._quoted ^= marks.count(b'"') % 2 == 1

    def finish(self) -> None:
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            self.damaged = True
        self.lines += self._last != b"\n"

    @property
    def regular(self) -> bool:
        one_kind = self._returns == 0 or self._returns == self._pairs == self._feeds
        return one_kind and not self._empty and not self.nuls and not self._quoted


def _damaged_or_single_byte(path: Path, file: str, size: int) -> Text:
    """Not UTF-8: a few damaged characters in UTF-8, or Windows-1252."""
    wrong = letters = nuls = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    western = codecs.getincrementaldecoder("cp1252")()
    fits = True
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            decoded = decoder.decode(chunk)
            nuls += chunk.count(0)
            wrong += decoded.count("\ufffd")
            letters += len(decoded) - len(decoded.encode("ascii", "ignore"))
            if fits:
                try:
                    western.decode(chunk)
                except UnicodeDecodeError:
                    fits = False
    if wrong * 5 < letters:
        return Text("utf-8", "surrogateescape", 0, False, nuls > 0, size)
    if not fits:
        raise DataError(
            f"The encoding of {file} is not known: it is neither UTF-8 nor UTF-16 nor Windows-1252.",
            "Save the file as UTF-8 and upload it again.",
        )
    return Text("cp1252", "strict", 0, False, nuls > 0, size)
