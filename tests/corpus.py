"""Files as people have them, each with the tables that it becomes or the sentence that is said instead."""

from __future__ import annotations

import base64
import gzip
import io
import json
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import duckdb

B, D, V, DATE, TS = "BIGINT", "DOUBLE", "VARCHAR", "DATE", "TIMESTAMP"
UNPACKED_MB = 60
"""The most that a file of the corpus may unpack to."""


@dataclass(frozen=True)
class Expected:
    """One table: its columns with their types, its rows as JSON has them, (line, reason) of what was rejected."""

    columns: dict[str, str]
    rows: list[list[Any]]
    rejected: list[tuple[int, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    name: str = ""
    encoding: str = "utf-8"
    member: str = ""


@dataclass(frozen=True)
class Case:
    """One file. Its name is unique but for characters that a person would not see."""

    file: str
    data: bytes = field(repr=False)
    tables: Sequence[Expected] = ()
    errors: Sequence[str] = ()
    given_name: str = ""


def zipped(members: Mapping[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def encrypted_zip(name: str, data: bytes) -> bytes:
    """An archive whose member claims to be encrypted, in both places that say so."""
    made = bytearray(zipped({name: data}))
    made[6] |= 1
    made[made.index(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def zip_bomb(name: str, megabytes: int, before: dict[str, str] | None = None) -> bytes:
    """A small archive with one member of so many MB of spaces: one compressed block, many times."""
    block = zlib.compressobj(9, zlib.DEFLATED, -15)
    unit = block.compress(b" " * (8 << 20)) + block.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, zlib.DEFLATED, -15).flush()
    body = unit * (megabytes // 8) + end
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for one, text in (before or {}).items():
            archive.writestr(one, text)
        info = zipfile.ZipInfo(name)
        archive.writestr(info, body)
    data = made.getvalue()
    size, stored = megabytes << 20, len(body)
    local = data.index(b"PK\x03\x04", data.index(name.encode()) - 30)
    central = data.rindex(b"PK\x01\x02")
    patched = bytearray(data)
    patched[local + 8 : local + 10] = patched[central + 10 : central + 12] = struct.pack("<H", 8)
    patched[local + 18 : local + 26] = patched[central + 20 : central + 28] = struct.pack("<II", stored, size)
    return bytes(patched)


def parquet(query: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        path = Path(folder) / "made.parquet"
        con.execute(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
        return path.read_bytes()


_SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def _relations(targets: Sequence[tuple[str, str, str]]) -> str:
    entries = "".join(
        f'<Relationship Id="{name}" Type="{_RELATIONS}/{kind}" Target="{target}"/>' for name, kind, target in targets
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'


def xlsx_parts(
    sheets: dict[str, str], hidden: Sequence[str] = (), charts: Sequence[str] = (), more: str = ""
) -> dict[str, str]:
    """The files in a workbook whose sheets have these rows, as XML; `more` stands after the rows of each."""
    names = [*sheets, *charts]
    entries = "".join(
        f'<sheet name="{escape(one)}" sheetId="{n}" r:id="r{n}"' + (' state="hidden"/>' if one in hidden else "/>")
        for n, one in enumerate(names, 1)
    )
    kinds = ["worksheet"] * len(sheets) + ["chartsheet"] * len(charts)
    targets = [(f"r{n}", kind, f"{kind}s/sheet{n}.xml") for n, kind in enumerate(kinds, 1)]
    formats = "".join(f'<xf numFmtId="{number}"/>' for number in (0, 14, 22, 46))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": _relations([("r1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{_SHEET}" xmlns:r="{_RELATIONS}"><sheets>{entries}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations([*targets, ("st", "styles", "styles.xml")]),
        "xl/styles.xml": f'<styleSheet xmlns="{_SHEET}"><cellXfs count="4">{formats}</cellXfs></styleSheet>',
    }
    for n, rows in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{_SHEET}"><sheetData>{rows}</sheetData>{more}</worksheet>'
        )
    for n in range(len(sheets) + 1, len(names) + 1):
        parts[f"xl/chartsheets/sheet{n}.xml"] = f'<chartsheet xmlns="{_SHEET}"/>'
    return parts


def rows_xml(*rows: Sequence[Any], top: int = 1, left: int = 0) -> str:
    """Rows of a sheet. A text cell may be given as XML; (number, style) is a number with a format."""
    made = []
    for number, row in enumerate(rows, top):
        cells = []
        for position, cell in enumerate(row, left):
            at = f'r="{chr(65 + position)}{number}"'
            if cell is None:
                continue
            if isinstance(cell, bool):
                cells.append(f'<c {at} t="b"><v>{int(cell)}</v></c>')
            elif isinstance(cell, tuple):
                cells.append(f'<c {at} s="{cell[1]}"><v>{cell[0]}</v></c>')
            elif isinstance(cell, str) and cell.startswith("#"):
                cells.append(f'<c {at} t="e"><v>{cell}</v></c>')
            elif isinstance(cell, str):
                cells.append(f'<c {at} t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>')
            else:
                cells.append(f"<c {at}><v>{cell!r}</v></c>")
        made.append(f'<row r="{number}">{"".join(cells)}</row>')
    return "".join(made)


def xlsx(sheets: dict[str, str], **rest: Any) -> bytes:
    return zipped(xlsx_parts(sheets, **rest))


def ods(tables: str) -> bytes:
    space = "urn:oasis:names:tc:opendocument:xmlns"
    names = "".join(f' xmlns:{one}="{space}:{one}:1.0"' for one in ("office", "table", "text"))
    return zipped(
        {
            "mimetype": _ODS,
            "META-INF/manifest.xml": f'<manifest:manifest xmlns:manifest="{space}:manifest:1.0">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS}"/></manifest:manifest>',
            "content.xml": f"<office:document-content{names}><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def _ods_cell(kind: str, value: str, text: str, repeat: int = 1) -> str:
    attribute = {"float": "value", "date": "date-value", "boolean": "boolean-value"}.get(kind)
    given = f' office:{attribute}="{value}"' if attribute else ""
    return (
        f'<table:table-cell office:value-type="{kind}"{given} table:number-columns-repeated="{repeat}">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


# Sheet "Data" with name, day, n: ("Ä", 2024-01-02, 5) and ("007", 2024-01-03, #DIV/0!), as Excel 97 keeps it.
_XLS = zlib.decompress(base64.b85decode(
    """c-rk)O=uHA6#izjX?{qXAJalBlu)s1ZK2{pFYT(RJz1(3MFhJwIY><^p_h2jYRyp)JSkoZ_28xI#eYH3g9o9a2SE@LJ$e!pJhWNgd)cjNt<ZoL
s`D-L=FOY=X5P-v+n?97@zT_twlbEWA3ju^5E^Q1ic-ic#6b0q!>X4DDLEQz3ZWn^WP=}%8eau?4SBuGFmT&^MiTf)=@?F9a4eTets?e_54K_-
`ba8VCrcAr#jAwK6C&4%yd^Cki`*raOCtNIZAl%)tTouR)7`~Kj1H-50{44QIPb->4b6DTyZGE?Rc-6X?)*vn)EcX3HzSw^E$Bcdm&tQEiW>+6
1wv0Y+mlY0kfg<)#y2MgeDzNC)0DQau3drb-xu2hzp)2t5trJp7$z_QXIKtN5fOw<t}(IK9=GSPf%XI>kvV5)Gd>_~7ihoaD7~OkZ|{yUM|Oz>
u|<)fQBFvNWExS?<8n@7<jUO5FK-Tv3|Ys;G9l5w`i$7fF2TWhW)QhaYJ3Z_OBh>4UXWhbi{2(ONzPK<In?Yb`zNK%MXBwiakdNITAOP0&7>DU
AH3gQ{A6t*eP*D1COPxYnnDLXv(m)pYZBe6TV1=#cwl+Ca^uMdk*&YPmY@-HeRtdkVHERxnh0@`)e_H+S|}OrTrpcM!&buP`FKL(vv&#Hea@^F
VKdKIhGz(mXZWlUmYGT5A@Tf1kV?!CsD6X`;)WCpe<BPG4Gj$q4Gj&A{~b!+HLLICru(75Z~g)Izs@|RivCUV&*Biq=o+Vw%6-UDo=2gs{nG-!
^7>LM<aqxJ8HZ`~JVr4hevH<=f9cCj)!xsFiLpO-gz6o?Qjed1dHf$A_|xG""".replace("\n", "")
))  # fmt: skip


def _languages() -> list[Case]:
    texts = {
        "cp1252": ("german", "Straße;Größe\nMüller;1\nKäthe Weiß;2\n", V),
        "cp1250": ("polish", "Imię;Miasto\nŁukasz;Łódź\nMałgorzata;Częstochowa\n", V),
        "cp1251": ("russian", "Имя;Город\nИванов;Москва\nПётр;Казань\n", V),
        "cp1256": ("arabic", "المدينة;الاسم\nالرياض;محمد\nجدة;فاطمة\n", V),
        "gb18030": ("chinese", "城市;姓名\n北京;王伟\n上海;李娜\n", V),
        "big5hkscs": ("taiwan", "城市;姓名\n臺北;陳靜\n高雄;劉洋\n", V),
        "cp932": ("japanese", "都市;氏名\n東京;さくら\n大阪;ひろし\n", V),
        "cp949": ("korean", "도시;이름\n서울;김철수\n부산;이영희\n", V),
        "iso-8859-2": ("latin2", "Imię;Miasto\nŚliwa;Śląskie\nMałgorzata;Książka\n", V),
    }
    cases = []
    for codec, (language, text, _) in texts.items():
        header, *rows = [line.split(";") for line in text.splitlines()]
        types = {name: B if rows[0][n].isdigit() else V for n, name in enumerate(header)}
        values = [[int(cell) if cell.isdigit() else cell for cell in row] for row in rows]
        found = Expected(types, values, notes=["encoding"], encoding=codec)
        cases.append(Case(f"{language}.csv", text.encode(codec), [found]))
    return cases


def _wide() -> list[Case]:
    text = "city,n\nÅrhus,1\nدبي,2\n北京,3\n"
    found = Expected({"city": V, "n": B}, [["Århus", 1], ["دبي", 2], ["北京", 3]])
    forms = [
        ("utf-8", "utf-8", "utf-8", []), ("utf-8-sig", "utf-8-sig", "utf-8", []),
        ("utf-16-le-mark", "utf-16", "utf-16", []), ("utf-32", "utf-32", "utf-32", []),
        ("utf-16-le", "utf-16-le", "utf-16-le", ["encoding"]), ("utf-16-be", "utf-16-be", "utf-16-be", ["encoding"]),
    ]  # fmt: skip
    cases = [
        Case(f"{name}.csv", text.encode(codec), [Expected(found.columns, found.rows, notes=notes, encoding=shown)])
        for name, codec, shown, notes in forms
    ]
    marked_be = Expected(found.columns, found.rows, encoding="utf-16")
    return [*cases, Case("utf-16-be-mark.csv", b"\xfe\xff" + text.encode("utf-16-be"), [marked_be])]


AB = {"a": B, "b": V}
PEOPLE = Expected({"name": V, "age": B}, [["Anna", 3], ["Bo", 4]])
_PEOPLE = rows_xml(["name", "age"], ["Anna", 3], ["Bo", 4])
# Two formulas without a result, one with a number, one with an empty text.
_FORMULAS = rows_xml(["a", "b", "c"]) + (
    '<row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>A2*2</f><v/></c><c r="C2" t="str"><f>""</f><v></v></c></row>'
    '<row r="3"><c r="A3"><v>2</v></c><c r="B3"><f>A3*2</f><v>5</v></c><c r="C3" s="0"><f t="shared" si="0"/></c></row>'
)
FORMULAS = xlsx({"S": _FORMULAS})
_XML_TRAP = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def _sheet(rows: list[list[Any]], columns: dict[str, str], *notes: str, member: str = "S", **rest: Any) -> Expected:
    return Expected(columns, rows, notes=["sheet", *notes], encoding="", member=member, **rest)


TEXTS = [
    Case(
        "french one word.csv",
        "id,name\n1,plain\n2,Hélène\n".encode("cp1252"),
        [Expected({"id": B, "name": V}, [[1, "plain"], [2, "Hélène"]], notes=["encoding"], encoding="cp1252")],
    ),
    Case(
        "damaged before.csv",
        "name,n\ncafÃ©,1\n".encode(),
        [Expected({"name": V, "n": B}, [["cafÃ©", 1]], notes=["damaged_before"])],
    ),
    Case("diameter.csv", "size,n\nØ\xa012,1\n".encode(), [Expected({"size": V, "n": B}, [["Ø\xa012", 1]])]),
    Case(
        "a broken letter.csv",
        "a,b\n1,éàüöéàüö\n".encode() + b"2,\xff\n",
        [Expected(AB, [[1, "éàüöéàüö"]], [(3, "a character is damaged")])],
    ),
    Case("stray zero.csv", b"a,b\n1,x\0y\n", [Expected(AB, [[1, "xy"]], notes=["nul"])]),
    Case("tabs.tsv", b"a\tb\n1\tx\n", [Expected(AB, [[1, "x"]])]),
    Case("bars.txt", b"a|b\n1|x\n", [Expected(AB, [[1, "x"]])]),
    Case("no ending", b"a,b\n1,x\n", [Expected(AB, [[1, "x"]])]),
    Case("separator.csv", b"sep=;\na;b\n1;x\n", [Expected(AB, [[1, "x"]], notes=["separator"])]),
    Case(
        "title.csv",
        b"Report of May\n\nname,age\nAnna,3\nBo,4\n",
        [Expected(PEOPLE.columns, PEOPLE.rows, notes=["preamble"])],
    ),
    Case(
        "ragged.csv",
        b"a,b,c\n1,2\n3,4,5\n6,7,8,9\n",
        [
            Expected(
                {"a": B, "b": B, "c": B},
                [[3, 4, 5]],
                [(2, "2 cells where 3 are expected"), (4, "4 cells where 3 are expected")],
            )
        ],
    ),
    Case(
        "formulas.csv",
        b'a,b\n1,"=HYPERLINK(""http://x.example"")"\n2,@SUM(A1)\n',
        [Expected(AB, [[1, '=HYPERLINK("http://x.example")'], [2, "@SUM(A1)"]])],
    ),
    Case(
        "sql header.csv",
        b'"a""; DROP TABLE t; --",b\n1,x\n',
        [Expected({'a"; DROP TABLE t; --': B, "b": V}, [[1, "x"]])],
    ),
    Case("zeros.csv", b"zip,n\n01234,1\n99999,2\n", [Expected({"zip": V, "n": B}, [["01234", 1], ["99999", 2]])]),
    Case("iso dates.csv", b"d,n\n2024-01-31,1\n", [Expected({"d": DATE, "n": B}, [["2024-01-31", 1]])]),
    Case('it\'s "quoted".csv', b"a,b\n1,x\n", [Expected(AB, [[1, "x"]], name="it_s_quoted")]),
    Case("two lines.csv", b"a,b\n1,x\n", [Expected(AB, [[1, "x"]], name="two_lines")], given_name="two\nlines.csv"),
    Case("fdp.exe.csv", b"a,b\n1,x\n", [Expected(AB, [[1, "x"]])], given_name="\u202efdp.exe.csv"),
    Case("json inside.csv", b'[{"a": 1, "b": "x"}]', [Expected(AB, [[1, "x"]], notes=["format"])]),
    Case("text inside.xlsx", b"a,b\n1,x\n", [Expected(AB, [[1, "x"]], notes=["format"])]),
    Case("text inside.parquet", b"a,b\n1,x\n", [Expected(AB, [[1, "x"]], notes=["format"])]),
]

JSONS = [
    Case("records.json", b'[{"a": 1, "b": "x"}, {"a": 2, "b": null}]', [Expected(AB, [[1, "x"], [2, None]])]),
    Case(
        "pretty.json",
        json.dumps([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}], indent=2).encode(),
        [Expected(AB, [[1, "x"], [2, "y"]])],
    ),
    Case("missing keys.json", b'[{"a": 1}, {"b": "x"}]', [Expected(AB, [[1, None], [None, "x"]])]),
    Case(
        "late keys.json",
        b'[{"a": 1}, {"a": 2}, {"a": 3, "b": "q \\"x\\"\\nz"}]',
        [Expected(AB, [[1, None], [2, None], [3, 'q "x"\nz']])],
    ),
    Case("empty text.json", b'[{"a": 1, "b": ""}, {"a": 2, "b": null}]', [Expected(AB, [[1, ""], [2, None]])]),
    Case("columns.json", b'{"a": [1, 2], "b": ["x", null]}', [Expected(AB, [[1, "x"], [2, None]])]),
    Case("pandas.json", b'{"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}}', [Expected(AB, [[1, "x"], [2, "y"]])]),
    Case(
        "split.json",
        b'{"columns": ["a", "b"], "index": [0], "data": [[1, "x"]]}',
        [Expected(AB, [[1, "x"]], notes=["wrapped"])],
    ),
    Case("wrapped.json", b'{"total": 1, "data": [{"a": 1, "b": "x"}]}', [Expected(AB, [[1, "x"]], notes=["wrapped"])]),
    Case("lists.json", b'[["a", "b"], [1, "x"], [2]]', [Expected(AB, [[1, "x"], [2, None]], notes=["short_rows"])]),
    Case("bare lists.json", b'[[1, "x"]]', [Expected({"column_1": B, "column_2": V}, [[1, "x"]], notes=["header"])]),
    Case("values.json", b"[1, 2, null]", [Expected({"value": B}, [[1], [2], [None]])]),
    Case("one record.json", b'{"a": 1, "b": "x"}', [Expected(AB, [[1, "x"]])]),
    Case(
        "nested.json",
        b'[{"a": 1, "b": {"c": [1.50, "\xc3\xa9"]}}]',
        [Expected(AB, [[1, '{"c": [1.50, "é"]}']], notes=["nested"])],
    ),
    Case(
        "big number.json", b'[{"a": 1, "b": 12345678901234567890123}]', [Expected(AB, [[1, "12345678901234567890123"]])]
    ),
    Case("zeros.json", b'[{"a": 1, "b": "007"}]', [Expected(AB, [[1, "007"]])]),
    Case(
        "mixed.json",
        b'[{"a": 1, "b": 1}, {"a": 2, "b": "x"}, {"a": 3, "b": true}]',
        [Expected(AB, [[1, "1"], [2, "x"], [3, "true"]])],
    ),
    Case(
        "not a number.json",
        b'[{"a": 1, "b": NaN}, {"a": 2, "b": 1.5}]',
        [Expected({"a": B, "b": D}, [[1, None], [2, 1.5]], notes=["missing"])],
    ),
    Case(
        "twice.json",
        b'[{"a": 1, "b": "x"},\n {"a": 2, "a": 3}]',
        [Expected(AB, [[1, "x"]], [(2, 'the name "a" appears twice')])],
    ),
    Case(
        "odd one.json",
        b'[{"a": 1, "b": "x"}, 5]',
        [Expected(AB, [[1, "x"]], [(1, "a single value where the others are objects")])],
    ),
    Case(
        "half a letter.json",
        b'[{"a": 1, "b": "x"}, {"a": 2, "b": "\\ud800"}]',
        [Expected(AB, [[1, "x"]], [(1, "a character is damaged")])],
    ),
    Case("wide.json", '[{"a": 1, "b": "é"}]'.encode("utf-16"), [Expected(AB, [[1, "é"]], encoding="utf-16")]),
    Case(
        "arabic.json",
        '[{"a": 1, "b": "الرياض"}, {"a": 2, "b": "فاطمة"}]'.encode("cp1256"),
        [Expected(AB, [[1, "الرياض"], [2, "فاطمة"]], notes=["encoding"], encoding="cp1256")],
    ),
    Case(
        "lines.jsonl", b'{"a": 1, "b": "x"}\n\n{"a": 2}\n', [Expected(AB, [[1, "x"], [2, None]], notes=["empty_lines"])]
    ),
    Case("lines.json", b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n', [Expected(AB, [[1, "x"], [2, "y"]])]),
    Case(
        "bad line.ndjson",
        b'{"a": 1, "b": "x"}\n{"a": 2, oops}\n{"a": 3, "b": "z"}\n',
        [
            Expected(
                AB,
                [[1, "x"], [3, "z"]],
                [(2, "no valid JSON at character 10: expecting property name enclosed in double quotes")],
            )
        ],
    ),
    Case(
        "bad first line.jsonl",
        b'{"a": 1, oops}\n{"a": 3, "b": "z"}\n',
        [
            Expected(
                AB,
                [[3, "z"]],
                [(1, "no valid JSON at character 10: expecting property name enclosed in double quotes")],
            )
        ],
    ),
    Case(
        "deep line.jsonl",
        b'{"a": 1, "b": "x"}\n' + b"[" * 100_000 + b'\n{"a": 2, "b": "y"}\n',
        [Expected(AB, [[1, "x"], [2, "y"]], [(2, "no valid JSON at character 1: it is nested too deeply")])],
    ),
    Case(
        "deep.json",
        b"[" * 100_000,
        errors=["deep.json is not valid JSON: line 1, character 2: it is nested too deeply."],
    ),
    Case(
        "cut.json", b'[{"a": 1},\n{"a": ', errors=["cut.json is not valid JSON: line 2, character 7: expecting value."]
    ),
    Case("empty list.json", b"[]", errors=["empty list.json holds no records."]),
    Case(
        "two lists.json",
        b'{"x": [{"a": 1}], "y": [{"b": 1}]}',
        errors=['two lists.json holds several lists of records: "x" and "y".'],
    ),
    Case(
        "unequal.json",
        b'{"a": [1, 2], "b": [1]}',
        errors=["The lists in unequal.json have different lengths, so they are no columns of one table."],
    ),
]

WORKBOOKS = [
    Case("people.xlsx", xlsx({"S": _PEOPLE}), [_sheet(PEOPLE.rows, PEOPLE.columns, name="people")]),
    Case(
        "kinds.xlsx",
        xlsx(
            {
                "S": rows_xml(
                    ["n", "x", "ok", "day", "at", "long", "code"],
                    [5.0, 1.5, True, (45293, 1), (45293.5, 2), (1.25, 3), "007"],
                    [7.0, "#N/A", False, (45294, 1), (45294.25, 2), (0.5, 3), "1,5x"],
                )
            }
        ),
        [
            _sheet(
                [
                    [5, 1.5, "true", "2024-01-02", "2024-01-02 12:00:00", "30:00:00", "007"],
                    [7, None, "false", "2024-01-03", "2024-01-03 06:00:00", "12:00:00", "1,5x"],
                ],
                {"n": B, "x": D, "ok": V, "day": DATE, "at": TS, "long": V, "code": V},
                "errors",
            )
        ],
    ),
    Case(
        "formulas.xlsx",
        FORMULAS,
        [_sheet([[1, None, None], [2, 5, None]], {"a": B, "b": B, "c": V}, "formulas")],
    ),
    Case(
        "two sheets.xlsx",
        xlsx({"First": _PEOPLE, "Zweite Größe": _PEOPLE}),
        [
            _sheet(PEOPLE.rows, PEOPLE.columns, member="First", name="two_sheets_first"),
            _sheet(PEOPLE.rows, PEOPLE.columns, member="Zweite Größe", name="two_sheets_zweite_größe"),
        ],
    ),
    Case(
        "hidden and empty.xlsx",
        xlsx({"S": _PEOPLE, "Nothing": "", "H": _PEOPLE}, hidden=["H"], charts=["Chart"]),
        [
            Expected(PEOPLE.columns, PEOPLE.rows, notes=["empty_sheets", "sheet"], encoding="", member="S"),
            _sheet(PEOPLE.rows, PEOPLE.columns, member="H"),
        ],
    ),
    Case(
        "title and gaps.xlsx",
        xlsx(
            {
                "S": rows_xml(["Report of May"], top=3, left=2)
                + rows_xml(["name", "age"], ["Anna", 3], top=5, left=2)
                + rows_xml(["Bo", 4], top=9, left=2)
            }
        ),
        [_sheet(PEOPLE.rows, PEOPLE.columns, "preamble", "empty_lines")],
    ),
    Case(
        "merged.xlsx",
        xlsx(
            {"S": rows_xml(["name", "age"], ["Anna", 3], [None, 4], ["Bo", 5])},
            more='<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>',
        ),
        [_sheet([["Anna", 3], ["Anna", 4], ["Bo", 5]], PEOPLE.columns, "merged")],
    ),
    Case(
        "old.xls",
        _XLS,
        [
            _sheet(
                [["Ä", "2024-01-02", 5], ["007", "2024-01-03", None]],
                {"name": V, "day": DATE, "n": B},
                "errors",
                member="Data",
            )
        ],
    ),
    Case(
        "open.ods",
        ods(
            '<table:table table:name="S"><table:table-row>'
            + _ods_cell("string", "", "name")
            + _ods_cell("string", "", "day")
            + "</table:table-row><table:table-row>"
            + _ods_cell("string", "", "Bo")
            + _ods_cell("date", "2024-01-02", "2.1.")
            + "</table:table-row></table:table>"
        ),
        [_sheet([["Bo", "2024-01-02"]], {"name": V, "day": DATE})],
    ),
    Case(
        "workbook inside.csv",
        xlsx({"S": _PEOPLE}),
        [Expected(PEOPLE.columns, PEOPLE.rows, notes=["format", "sheet"], encoding="", member="S")],
    ),
    Case("empty.xlsx", xlsx({"S": ""}), errors=["empty.xlsx has no sheet with a table in it."]),
    Case(
        "corners.xlsx",
        xlsx({"S": rows_xml(["a", "b"]) + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'}),
        errors=["corners.xlsx has a sheet that reaches over 17,179,869,184 cells; at most 20,000,000 can be read."],
    ),
    Case(
        "corners.ods",
        ods(
            '<table:table table:name="S"><table:table-row table:number-rows-repeated="1000000">'
            + _ods_cell("float", "1", "1", repeat=1000)
            + "</table:table-row></table:table>"
        ),
        errors=["corners.ods has a sheet that reaches over 1,000,000,000 cells; at most 20,000,000 can be read."],
    ),
    Case(
        "laughs.xlsx",
        zipped(
            xlsx_parts({"S": _PEOPLE})
            | {"xl/sharedStrings.xml": _XML_TRAP + f'<sst xmlns="{_SHEET}"><si><t>&b;</t></si></sst>'}
        ),
        errors=["laughs.xlsx is damaged or a trap: it declares XML entities, which no workbook has."],
    ),
    Case(
        "outside.xlsx",
        zipped(
            xlsx_parts({"S": _PEOPLE})
            | {"xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><workbook>&a;</workbook>'}
        ),
        errors=["outside.xlsx is damaged or a trap: it declares XML entities, which no workbook has."],
    ),
    Case(
        "bomb.xlsx",
        zip_bomb("xl/worksheets/sheet2.xml", 2048, xlsx_parts({"S": _PEOPLE})),
        errors=[f"bomb.xlsx unpacks to more than {UNPACKED_MB} MB."],
    ),
    Case("cut.xlsx", xlsx({"S": _PEOPLE})[:600], errors=["cut.xlsx is damaged: its list of contents cannot be read."]),
    Case(
        "locked.xlsx",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + "EncryptedPackage".encode("utf-16-le"),
        errors=["locked.xlsx is protected with a password."],
    ),
    Case(
        "letter.docx",
        zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"}),
        errors=["letter.docx is a Word document, not a table."],
    ),
]

_PARQUET = parquet(
    "SELECT 1::INTEGER AS a, 'x' AS \"b; DROP\", DATE '2024-01-02' AS d, [1, 2] AS l, 1.10::DECIMAL(9,2) AS p"
)
_CSV = b"a,b\n1,x\n"
_ONE = Expected(AB, [[1, "x"]])


def _member(member: str, *notes: str, **rest: Any) -> Expected:
    return Expected(AB, [[1, "x"]], notes=["member", *notes], member=member, **rest)


ARCHIVES = [
    Case(
        "typed.parquet",
        _PARQUET,
        [
            Expected(
                {"a": "INTEGER", "b; DROP": V, "d": DATE, "l": "INTEGER[]", "p": "DECIMAL(9,2)"},
                [[1, "x", "2024-01-02", [1, 2], 1.1]],
                encoding="",
            )
        ],
    ),
    Case(
        "zoned.parquet",
        parquet("SELECT TIMESTAMPTZ '2024-01-02 03:04:05+00' AS at, 5::INTEGER AS n"),
        [Expected({"at": "TIMESTAMP WITH TIME ZONE", "n": "INTEGER"}, [["2024-01-02 03:04:05+00:00", 5]], encoding="")],
    ),
    Case(
        "no rows.parquet",
        parquet("SELECT 1 AS a WHERE false"),
        [Expected({"a": "INTEGER"}, [], notes=["no_rows"], encoding="")],
    ),
    Case("cut.parquet", _PARQUET[:-30], errors=["cut.parquet is damaged: its end is missing."]),
    Case(
        "hole.parquet",
        b"PAR1" + bytes(90) + b"PAR1",
        errors=["hole.parquet is damaged: it is not a valid Parquet file."],
    ),
    Case("packed.csv.gz", gzip.compress(_CSV), [Expected(AB, [[1, "x"]], name="packed")]),
    Case("packed.json.gz", gzip.compress(b'[{"a": 1, "b": "x"}]'), [_ONE]),
    Case(
        "packed.parquet.gz", gzip.compress(parquet("SELECT 1 AS a")), [Expected({"a": "INTEGER"}, [[1]], encoding="")]
    ),
    Case("packed.xlsx.gz", gzip.compress(xlsx({"S": _PEOPLE})), [_sheet(PEOPLE.rows, PEOPLE.columns)]),
    Case(
        "cut.csv.gz",
        gzip.compress(bytes(range(256)) * 99)[:200],
        errors=["cut.csv.gz is damaged: it cannot be unpacked."],
    ),
    Case(
        "bomb.csv.gz",
        gzip.compress(b" " * (8 << 20)) * 256,
        errors=[f"bomb.csv.gz unpacks to more than {UNPACKED_MB} MB."],
    ),
    Case("nested.csv.gz", gzip.compress(gzip.compress(_CSV)), errors=["nested.csv.gz holds an archive in an archive."]),
    Case("one.zip", zipped({"only.csv": _CSV}), [_member("only.csv", name="only_table")]),
    Case(
        "many.zip",
        zipped(
            {
                "2024/sales.csv": _CSV,
                "__MACOSX/x.csv": "x",
                ".DS_Store": "x",
                "2025/": "",
                "2025/sales.json": b'[{"a": 1, "b": "x"}]',
                "logo.png": b"\x89PNG",
                "bad.csv": b"\x89PNG\r\n",
                "in.zip": zipped({"a.csv": _CSV}),
                "book.xlsx": xlsx({"S": _PEOPLE}),
            }
        ),
        [
            _member("2024/sales.csv", "unread", name="many_2024_sales"),
            _member("2025/sales.json", name="many_2025_sales"),
            Expected(
                PEOPLE.columns,
                PEOPLE.rows,
                notes=["member", "sheet"],
                encoding="",
                member="book.xlsx/S",
                name="many_book",
            ),
        ],
        errors=[
            "bad.csv in many.zip is a PNG picture, not a text file.",
            "in.zip in many.zip holds an archive in an archive.",
        ],
    ),
    Case(
        "escape.zip",
        zipped({"../../../etc/cron.csv": _CSV, "/abs.csv": _CSV}),
        [_member("etc/cron.csv"), _member("abs.csv")],
    ),
    Case("bomb.zip", zip_bomb("big.csv", 2048), errors=[f"big.csv in bomb.zip unpacks to more than {UNPACKED_MB} MB."]),
    Case(
        "crowd.zip",
        zipped({f"{n}.csv": b"a" for n in range(1001)}),
        errors=["crowd.zip holds 1,001 files; at most 1,000 can be read."],
    ),
    Case("secret.zip", encrypted_zip("a.csv", _CSV), errors=["a.csv in secret.zip is protected with a password."]),
    Case("pictures.zip", zipped({"a.png": b"x"}), errors=["pictures.zip holds no file that can be a table: a.png."]),
    Case("cut.zip", zipped({"a.csv": _CSV})[:-9], errors=["cut.zip is damaged: its list of contents cannot be read."]),
]

REFUSED = [
    Case("nothing.csv", b"", errors=["nothing.csv is empty."]),
    Case("blank.csv", b" \r\n\n", errors=["blank.csv is empty."]),
    Case(
        "picture.csv",
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
        errors=["picture.csv is a PNG picture, not a text file."],
    ),
    Case(
        "report.xls",
        b"<html><table><tr><td>1</td></tr></table></html>",
        errors=["report.xls is a web page, not a table."],
    ),
    Case("feed.csv", b'<?xml version="1.0"?><rows/>', errors=["feed.csv is XML, not a table."]),
    Case("noise.csv", bytes(range(256)) * 20, errors=["noise.csv is not a text file."]),
]

CASES = [*_languages(), *_wide(), *TEXTS, *JSONS, *WORKBOOKS, *ARCHIVES, *REFUSED]
