"""Files to load, by name: what unpacks, nests, reaches outside or lies. Each is its name and its bytes.

`HUGE` ones are small and would become far more than the workspace may hold.
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

import pyarrow as pa
import pyarrow.parquet as pq

from tests.attacks.attack import attacks
from tests.attacks.pickled import PICKLE

File = tuple[str, bytes]
Make = Callable[[], File]
_CSV = b"a,b\n1,2\n"
_SHEET = "xl/worksheets/sheet1.xml"
_FORMATS = "http://schemas.openxmlformats.org"
_MAIN, _PACKAGE = f"{_FORMATS}/spreadsheetml/2006/main", f"{_FORMATS}/package/2006/relationships"
_OFFICE = f"{_FORMATS}/officeDocument/2006/relationships"
_OPEN = "urn:oasis:names:tc:opendocument:xmlns"
_ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{}">]>'


def zipped(members: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def linked() -> bytes:
    """An archive whose member is a link to a file of this machine."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("link.csv")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def tarred() -> bytes:
    """A TAR archive with a member above it and a link to a file of this machine."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        above = tarfile.TarInfo("../../evil.csv")
        above.size = len(_CSV)
        archive.addfile(above, io.BytesIO(_CSV))
        link = tarfile.TarInfo("link.csv")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return out.getvalue()


def book(sheet: str, more: Mapping[str, str] = MappingProxyType({}), target: str = "worksheets/sheet1.xml") -> bytes:
    """An Excel workbook with that sheet at that place, and with more parts."""
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_FORMATS}/package/2006/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r" Type="{_OFFICE}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets><sheet name="S" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="r1" '
        f'Type="{_OFFICE}/worksheet" Target="{target}"/></Relationships>',
        _SHEET: sheet,
        **more,
    }
    return zipped({name: text.encode() for name, text in parts.items()})


def rows(cells: str) -> str:
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>'


def cell(place: str, value: str) -> str:
    number = "".join(one for one in place if one.isdigit())
    return f'<row r="{number}"><c r="{place}" t="inlineStr"><is><t>{value}</t></is></c></row>'


def open_document(content: str) -> bytes:
    return zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode()})


def ods(cells: str, declared: str = "") -> bytes:
    return open_document(
        f'{declared}<office:document-content xmlns:office="{_OPEN}:office:1.0" xmlns:table="{_OPEN}:table:1.0" '
        f'xmlns:text="{_OPEN}:text:1.0"><office:body><office:spreadsheet><table:table table:name="S">{cells}'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )


def parquet(table: pa.Table, **options: str) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="zstd", **options)
    return out.getvalue()


def _marked() -> bytes:
    marks = {b"ARROW:extension:name": b"arrow.py_extension_type", b"ARROW:extension:metadata": PICKLE}
    schema = pa.schema(
        [pa.field("a", pa.string(), metadata=marks)], metadata={b"pandas": PICKLE, b"ARROW:schema": b"x"}
    )
    return parquet(pa.table([pa.array(["x"])], schema=schema))


def _cut(data: bytes, by: int) -> bytes:
    return data[:-by]


def _lying(data: bytes) -> bytes:
    """The archive whose members say that they unpack to one byte."""
    changed = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = changed.find(mark)
        changed[place + at : place + at + 4] = (1).to_bytes(4, "little")
    return bytes(changed)


_LAUGHS = '<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
_MUCH = 68 << 20
_TWO = cell("A1", "a") + cell("A2", "b")
_ZEROS = b"a,b\n" + b"0,0\n" * (17 << 20)
"""68 MB that pack to a thousandth."""
_LONG = b"a,b\n" + (b"x" * 1_000 + b",1\n") * 8_000


@cache
def _bomb() -> bytes:
    return zipped({"x.csv": _ZEROS})


HUGE: dict[str, Make] = {
    "a bomb in a ZIP": lambda: ("x.zip", _bomb()),
    "a bomb in a GZIP": lambda: ("x.csv.gz", gzip.compress(_ZEROS, 1)),
    "a GZIP of many parts": lambda: ("x.csv.gz", gzip.compress(_ZEROS[: 8 << 20]) * 9),
    "many small bombs in a ZIP": lambda: ("x.zip", zipped({f"{n}.csv": _LONG for n in range(10)})),
    "a bomb that says it is small": lambda: ("x.zip", _lying(_bomb())),
    "a bomb in a workbook": lambda: ("x.xlsx", book(rows(cell("A1", " " * _MUCH)))),
    "a bomb beside a workbook's sheet": lambda: (
        "x.xlsx", book(rows(cell("A1", "a")), {"xl/media/x.xml": " " * _MUCH})),
    "a bomb in Parquet": lambda: (
        "x.parquet", parquet(pa.table({"a": [f"{n:06}" * 20_000 for n in range(600)]}))),
    "a cell at the far corner": lambda: ("x.xlsx", book(rows(cell("A1", "a") + cell("XFD1048576", "b")))),
    "a row that repeats without end": lambda: (
        "x.ods",
        ods('<table:table-row table:number-rows-repeated="999999999"><table:table-cell office:value-type="float" '
            'office:value="1" table:number-columns-repeated="16384"/></table:table-row>'),
    ),
    "100,000 columns": lambda: ("x.csv", b",".join(b"c%d" % n for n in range(100_000)) + b"\n"),
    "100,000 columns of JSON": lambda: ("x.json", json.dumps([{f"c{n}": n for n in range(100_000)}]).encode()),
    "a header of 9 MB": lambda: ("x.csv", b"a" * (9 << 20) + b",b\n1,2\n"),
    "a quote that never ends": lambda: ("x.csv", b'a,b\n1,"' + (b"x" * 1_000 + b"\n") * 10_000),
    "very many members": lambda: ("x.zip", zipped({f"{n}.csv": _CSV for n in range(1_500)}, zipfile.ZIP_STORED)),
}  # fmt: skip

REACHING: dict[str, Make] = {
    "a member above the archive": lambda: ("x.zip", zipped({"../../../evil.csv": _CSV})),
    "a member at the root": lambda: ("x.zip", zipped({"/tmp/evil.csv": _CSV})),
    "a member on another drive": lambda: ("x.zip", zipped({"C:\\evil.csv": _CSV, "..\\..\\evil2.csv": _CSV})),
    "a member with a zero byte": lambda: ("x.zip", zipped({"evil.csv": _CSV}).replace(b"evil.csv", b"evi\0.csv")),
    "a member that is a link": lambda: ("x.zip", linked()),
    "a TAR archive": lambda: ("x.tar", tarred()),
    "a TAR archive that says it is CSV": lambda: ("x.csv", tarred()),
    "a TAR archive in a GZIP": lambda: ("x.tar.gz", gzip.compress(tarred())),
    "a GZIP with a name in it": lambda: ("x.gz", gzip.compress(_CSV)[:3] + b"\x08" + gzip.compress(_CSV)[4:10]
                                         + b"../../evil.csv\0" + gzip.compress(_CSV)[10:]),
    "an archive in an archive": lambda: ("x.zip", zipped({"y.zip": zipped({"z.csv": _CSV})})),
    "a GZIP in a GZIP": lambda: ("x.csv.gz", gzip.compress(gzip.compress(_CSV))),
    "an entity of a file": lambda: ("x.xlsx", book(_ENTITY.format("file:///etc/passwd") + rows(cell("A1", "&e;")))),
    "an entity of the network": lambda: (
        "x.xlsx", book(_ENTITY.format("http://127.0.0.1:9/") + rows(cell("A1", "&e;")))),
    "entities of entities": lambda: ("x.xlsx", book(f"<!DOCTYPE x [{_LAUGHS}]>" + rows(cell("A1", "&j;")))),
    "an entity in another encoding": lambda: ("x.xlsx", zipped({
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.xml": (_ENTITY.format("file:///etc/passwd") + "<workbook>&e;</workbook>").encode("utf-16")})),
    "an entity in OpenDocument": lambda: ("x.ods", ods(
        "<table:table-row><table:table-cell><text:p>&e;</text:p></table:table-cell></table:table-row>",
        _ENTITY.format("file:///etc/passwd"))),
    "a part that lies outside": lambda: ("x.xlsx", book(rows(cell("A1", "a")), target="../../../../etc/passwd")),
    "a part that lies in the network": lambda: ("x.xlsx", book(rows(cell("A1", "a")), target="http://127.0.0.1:9/x.xml")),
    "a formula that fetches": lambda: ("x.xlsx", book(rows(
        cell("A1", "a") + '<row r="2"><c r="A2"><f>WEBSERVICE("http://127.0.0.1:9/")</f><v>1</v></c></row>'))),
    "a link to another book": lambda: ("x.xlsx", book(
        rows(cell("A1", "a")), {"xl/externalLinks/externalLink1.xml": '<externalLink r:id="file:///etc/passwd"/>'})),
    "a Parquet file that is a path": lambda: ("x.parquet", b"PAR1/etc/passwdPAR1"),
    "JSON that points elsewhere": lambda: (
        "x.json", b'[{"$ref": "file:///etc/passwd", "a": {"$include": "/etc/passwd"}}]'),
}  # fmt: skip

LYING: dict[str, Make] = {
    "a pickle as CSV": lambda: ("x.csv", PICKLE),
    "a pickle as Parquet": lambda: ("x.parquet", PICKLE),
    "a pickle in a Parquet file's marks": lambda: ("x.parquet", _marked()),
    "half a Parquet file": lambda: ("x.parquet", _cut(parquet(pa.table({"a": [1]})), 9) + b"PAR1"),
    "a Parquet file whose foot is longer than it": lambda: (
        "x.parquet", b"PAR1" + b"\0" * 8 + (1 << 30).to_bytes(4, "little") + b"PAR1"),
    "a Parquet file that lies of its rows": lambda: (
        "x.parquet", parquet(pa.table({"a": [7] * 100})).replace(b"\xc8\x01", b"\xfe\x7f")),
    "half an archive": lambda: ("x.zip", _cut(zipped({"x.csv": _CSV}), 30)),
    "half a GZIP": lambda: ("x.csv.gz", _cut(gzip.compress(_CSV * 1000), 9)),
    "a GZIP of nothing": lambda: ("x.csv.gz", gzip.compress(b"")),
    "an archive with members of one name": lambda: ("x.zip", zipped({"x.csv": _CSV, "X.CSV": b"a,b\n3,4\n"})),
    "deep JSON": lambda: ("x.json", b"[" * 200_000 + b"]" * 200_000),
    "deep JSON in a record": lambda: ("x.json", b'[{"a": ' + b'{"a":' * 50_000 + b"1" + b"}" * 50_001 + b"]"),
    "JSON with names twice": lambda: ("x.json", b'[{"a": 1, "a": 2, "__proto__": {"a": 3}, "constructor": 4}]'),
    "a number without end": lambda: ("x.json", b'[{"a": ' + b"9" * 100_000 + b"}]"),
    "a number without end in a CSV file": lambda: ("x.csv", b"a,b\n" + b"9" * 100_000 + b",1e999999\n"),
    "zero bytes": lambda: ("x.csv", b"a,b\n\0\0\0,\0\n" * 100),
    "nothing but zero bytes": lambda: ("x.csv", b"\0" * 100_000),
    "half a character": lambda: ("x.csv", b"a,b\n\xed\xa0\x80,1\n"),
    "half a character in JSON": lambda: ("x.json", b'[{"\\ud800": "\\udfff"}]'),
    "a web page": lambda: ("x.csv", b"<!doctype html><script>alert(1)</script>"),
    "another program's file": lambda: ("x.csv", b"\x7fELF" + bytes(range(256)) * 20),
    "a BZIP2 archive that says it is CSV": lambda: ("x.csv", bz2.compress(_CSV)),
    "a script that says it is a workbook": lambda: ("x.xlsx", b"#!/bin/sh\ntouch /tmp/evil\n"),
    "a workbook of macros": lambda: ("x.xlsm", book(rows(_TWO), {"xl/vbaProject.bin": "Shell"})),
    "a separator that is a quote": lambda: ("x.csv", b'sep="\na"b\n1"2\n'),
    "SQL in a header": lambda: ("x.csv", b'"a""); DROP TABLE x; --",b\n1,2\n'),
}  # fmt: skip

CASES = (
    *attacks("files", "the disk or the memory of the server, filled by a small file", HUGE),
    *attacks(
        "files", "a file outside of the workspace that is written or read, or a request from the server", REACHING
    ),
    *attacks("files", "code that runs in the reader, or a reader that ends the app", LYING),
)
