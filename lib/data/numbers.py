"""Numbers as people write them, in SQL: separators, currency and percent signs, accounting signs, other digits.

Every expression reads the trimmed text `v`. Two conventions are known: in "point" a point (or the Arabic ٫) starts
the decimals and commas (or ٬) group the digits, in "comma" it is the other way round; spaces and apostrophes group in
both. Groups have three digits, or two as in India (12,34,567). Leading zeros and more than 15 digits before the
decimals fit neither, because a number would lose them; plus signs do among others, before decimals.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lib.data.kind import Kind, Remark

POINT, COMMA = "point", "comma"

# A mantissa with at most 15 digits before its point; an exponent counts only beside a point or with a sign,
# because 12E4 is as often a code as a number.
_DOUBLE = (
    r"-?((0|[1-9][0-9]{0,14})(\.[0-9]*)?([eE][+-][0-9]{1,3})?"
    r"|(0|[1-9][0-9]{0,14})\.[0-9]*[eE][0-9]{1,3}"
    r"|\.[0-9]+([eE][+-]?[0-9]{1,3})?)"
)
PLAIN_WHOLE = "TRY_CAST(v AS BIGINT)::VARCHAR = v AND strlen(v) <= 15 + starts_with(v, '-')::INT"
# A DOUBLE has no room for what lies nearer to zero.
_ROOM = "isfinite({0}) AND (abs({0}) > 1e-300 OR NOT regexp_matches({1}, '^[^eE]*[1-9]'))"
# The first test is there for speed: what passes it has room.
PLAIN = (
    r"(strlen(v) <= 18 AND regexp_full_match(v, '-?(0|[1-9][0-9]{0,14})(\.[0-9]*)?')"
    f" OR regexp_full_match(v, '{_DOUBLE}') AND {_ROOM.format('TRY_CAST(v AS DOUBLE)', 'v')})"
)
# All numbers of 15 digits come back from a DOUBLE, most of 16 and 17 do: those are printed to see.
_DIGITS_OF = "trim(translate(split_part(lower({0}), 'e', 1), '-.', ''), '0')"
_LOSES = (
    f"strlen({{0}}) > 15 AND TRY_CAST({{0}} AS DOUBLE)::VARCHAR <> {{0}} AND strlen({_DIGITS_OF}) > 15"
    f" AND {_DIGITS_OF} <> {_DIGITS_OF.format('TRY_CAST({0} AS DOUBLE)::VARCHAR')}"
)
LONG = _LOSES.format("v")
EITHER = r"regexp_full_match(v, '-?(0|[1-9][0-9]{0,14}|[1-9][0-9]{0,2}(\.[0-9]{3}){1,4})')"
"""A plain number whose point, if it has one, could also be a thousands separator."""

ROUNDED = "with more digits than a number holds: rounded."

_CODES = (
    "USD|EUR|GBP|JPY|CNY|RMB|INR|CHF|SEK|NOK|DKK|ISK|PLN|CZK|HUF|RON|BGN|RSD|RUB|UAH|TRY|AUD|CAD|NZD|SGD|HKD|TWD|KRW"
    "|THB|IDR|MYR|PHP|VND|PKR|BDT|LKR|NPR|BRL|MXN|ARS|CLP|COP|PEN|ZAR|NGN|KES|GHS|EGP|MAD|TND|DZD|AED|SAR|QAR|KWD|BHD"
    "|OMR|JOD|LBP|IQD|ILS|IRR|BTC|ETH"
)
_WORDS = r"Kč|zł|Ft|kr\.?|Rs\.?|Fr\.?|SFr\.?|лв\.?|руб\.?|грн\.?|ریال|ريال|تومان|درهم|دينار|جنيه|元|円|원"
CURRENCY = rf"(US|CA|AU|NZ|HK|NT|MX|[ACRS])?\p{{Sc}}|{_CODES}|{_WORDS}"
_THREE_DECIMALS = ("KWD", "BHD", "OMR", "JOD", "IQD", "TND", "دينار", "BTC", "ETH")

_DIGITS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９"
_SPACES, _MINUSES, _APOSTROPHES = "\u00a0\u202f\u2009\u2007", "−–－﹣", "’"
_FROM = _DIGITS + _SPACES + _MINUSES + _APOSTROPHES + "٪％．，"
_TO = "0123456789" * 3 + " " * len(_SPACES) + "-" * len(_MINUSES) + "''" + "%%.,"
SCREEN = (
    rf"regexp_full_match(v, '[^\p{{L}}]*({CURRENCY})?[^\p{{L}}]*([eE][^\p{{L}}]*)?') AND regexp_matches(v, '\p{{Nd}}')"
)
"""Lets every number through, and little else."""

_ASCII = f"translate(v, '{_FROM}', '{_TO}')"
_MARKED = f"regexp_replace({_ASCII}, '{CURRENCY}', '¤')"
_N = r"[0-9.,٫٬]([0-9.,٫٬'' ]*[0-9.,٫٬])?"
_SHAPE = (
    rf"[-+]? ?{_N}( ?[¤%])?|-?¤ ?-?{_N}|\+ ?¤ ?{_N}|(¤ ?)?{_N} ?-|{_N} ?- ?¤|{_N} ?¤ ?-"
    rf"|\((¤ ?)?{_N}\)|\({_N}( ?[¤%])?\)|¤ ?\({_N}\)"
    r"|-?[0-9]*[.,][0-9]*[eE][+-]?[0-9]{1,3}|-?[0-9]+[eE][+-][0-9]{1,3}"
)


def _core(decimal: str, group: str) -> str:
    grouped = "|".join(f"[1-9][0-9]{{0,2}}({one}[0-9]{{3}}){{1,4}}" for one in (group, " ", "''"))
    indian = f"[1-9][0-9]?({group}[0-9]{{2}}){{1,5}}{group}[0-9]{{3}}"
    return (
        f"(0|[1-9][0-9]{{0,14}}|{grouped}|{indian})({decimal}[0-9]*)?|{decimal}[0-9]+"
        f"|([0-9]|[1-9][0-9]{{1,14}})?{decimal}?[0-9]*[eE][+-]?[0-9]{{1,3}}"
    )


_NEGATIVE = "^[^0-9.,٫٬]*[-(]|-[^0-9]*$"
_CORES = {POINT: _core("[.٫]", "[,٬]"), COMMA: _core("[,٫]", "[.٬]")}
# What the separators of the mantissa become: the first of these a point, the others nothing.
_SEPARATORS = {POINT: ("٫,٬'' ", "."), COMMA: (",٫.٬'' ", "..")}


def _bare(marked: str) -> str:
    return f"regexp_replace({marked}, '^[-+(¤ ]+|[-)¤% ]+$', '', 'g')"


def _in(convention: str) -> str:
    """The number of `core` in plain digits; NULL where the cell does not follow the convention."""
    before, after = _SEPARATORS[convention]
    text = f"CASE WHEN negative THEN '-' ELSE '' END || translate(core, '{before}', '{after}')"
    fits = f"shaped AND regexp_full_match(core, '{_CORES[convention]}')"
    return f"CASE WHEN {fits} AND {_ROOM.format(f'TRY_CAST({text} AS DOUBLE)', text)} THEN {text} END"


def _parsed(source: str) -> str:
    """The rows of `source` with `marked`, `core` and the number in both conventions."""
    marked = f"SELECT *, {_MARKED} AS marked FROM {source}"
    core = (
        f"SELECT *, {_bare('marked')} AS core, regexp_full_match(marked, '{_SHAPE}') AS shaped,"
        f" regexp_matches(marked, '{_NEGATIVE}') AS negative FROM ({marked})"
    )
    return f"(SELECT *, {_in(POINT)} AS point, {_in(COMMA)} AS comma FROM ({core}))"


def _count(condition: str) -> str:
    # FILTER would evaluate all of the condition for every row.
    return f"sum(CASE WHEN {condition} THEN cell ELSE 0 END)::BIGINT"


_APART = "point::DOUBLE <> comma::DOUBLE AND contains(core, '{}')"
_PARTS = "regexp_matches({0}, '[.eE]') OR {0} = '-0'"
_POINT_GROUPS, _COMMA_GROUPS = "regexp_matches(core, '[,٬'' ]')", "regexp_matches(core, '[.٬'' ]')"
_OCTET = "(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_ASKED = {
    "present": _count("v IS NOT NULL"),
    "point": _count("point IS NOT NULL"),
    "comma": _count("comma IS NOT NULL"),
    "either": _count("point IS NOT NULL OR comma IS NOT NULL"),
    "apart_commas": _count(_APART.format(",")),
    "apart_points": _count(_APART.format(".")),
    "point_parts": _count(_PARTS.format("point")),
    "comma_parts": _count(_PARTS.format("comma")),
    "point_long": _count(_LOSES.format("point")),
    "comma_long": _count(_LOSES.format("comma")),
    "point_groups": _count(_POINT_GROUPS),
    "comma_groups": _count(_COMMA_GROUPS),
    "comma_decimals": _count("contains(core, ',')"),
    "currency": _count("contains(marked, '¤')"),
    "currencies": f"count(DISTINCT nullif(regexp_extract({_ASCII}, '{CURRENCY}'), ''))",
    "sign": f"coalesce(min(nullif(regexp_extract({_ASCII}, '{CURRENCY}'), '')), '')",
    "percent": _count("contains(marked, '%')"),
    "brackets": _count("contains(marked, '(')"),
    "trailing": _count("regexp_matches(marked, '[0-9.,٫٬¤] ?-[ ¤]*$')"),
    "plus": _count("starts_with(marked, '+')"),
    "point_plus": _count("starts_with(marked, '+') AND contains(point, '.')"),
    "comma_plus": _count("starts_with(marked, '+') AND contains(comma, '.')"),
    "dashes": _count(f"regexp_matches(v, '[{_MINUSES}]')"),
    "digits": _count(f"regexp_matches(v, '[{_DIGITS}٫٬٪％．，]')"),
    "foreign": _count(f"regexp_matches(v, '[{_FROM}]')"),
    "addresses": _count(f"regexp_full_match(v, '{_OCTET}([.]{_OCTET}){{3}}')"),
    "triples": _count("regexp_full_match(v, '[0-9]{3}( [0-9]{3}){2}')"),
    "plain": _count("point = v"),
    "point_example": f"coalesce(min(shown) FILTER (point IS NOT NULL AND {_POINT_GROUPS}), '')",
    "comma_example": f"coalesce(min(shown) FILTER (comma IS NOT NULL AND {_COMMA_GROUPS}), '')",
    "decimal_example": "coalesce(min(shown) FILTER (comma IS NOT NULL AND contains(core, ',')), '')",
}


@dataclass(frozen=True)
class Numerals:
    """What the cells of one column look like as numbers: counts of cells, most of them named after what they hold.

    `point` and `comma` count those that follow the convention, `apart_commas` and `apart_points` those that both
    conventions read, but differently, by the separator that they have; `_parts` have decimals, `_long` more digits
    than a number holds, `_groups` separated thousands, `_plus` a plus sign and decimals. `sign` is the currency,
    `currencies` how many there are.
    """

    present: int
    point: int
    comma: int
    either: int
    apart_commas: int
    apart_points: int
    point_parts: int
    comma_parts: int
    point_long: int
    comma_long: int
    point_groups: int
    comma_groups: int
    comma_decimals: int
    currency: int
    currencies: int
    sign: str
    percent: int
    brackets: int
    trailing: int
    plus: int
    point_plus: int
    comma_plus: int
    dashes: int
    digits: int
    foreign: int
    addresses: int
    triples: int
    plain: int
    point_example: str
    comma_example: str
    decimal_example: str

    @property
    def evident(self) -> str:
        """The convention that these cells alone prove; empty if both read them all, or neither does."""
        if self.plus == self.present:
            return ""
        if self.point == self.present != self.comma:
            return POINT
        return COMMA if self.comma == self.present != self.point else ""

    @property
    def ambiguous(self) -> bool:
        return self.point == self.comma == self.present and self.apart_commas + self.apart_points > 0


# Cells that differ only in digits from 1 to 9 look the same; how large an exponent or the parts of an address are
# matters, though, and which digits a long number has.
SHAPE = (
    "CASE WHEN contains(v, 'e') OR contains(v, 'E') OR strlen(v) - strlen(replace(v, '.', '')) = 3"
    " OR length(v) > 15 THEN v"
    " ELSE translate(v, '12345678١٢٣٤٥٦٧٨۱۲۳۴۵۶۷۸１２３４５６７８', '99999999٩٩٩٩٩٩٩٩۹۹۹۹۹۹۹۹９９９９９９９９') END"
)


def tally(cells: str) -> tuple[str, str]:
    """The columns and the source of a query about `cells`: for each n, the fields of `Numerals` in order.

    `cells` has a column n, a text v, one of the cells that look like it (`shown`) and how many do (`cell`).
    """
    return ", ".join(_ASKED.values()), _parsed(cells)


def evidence(columns: Iterable[str]) -> str:
    """The convention of a file by those that its columns prove; empty if they prove none, or both."""
    found = {one for one in columns if one}
    return found.pop() if len(found) == 1 else ""


def settle(cells: Numerals, file_follows: str) -> Kind:
    """The kind of a column of numbers: BIGINT or DOUBLE, or VARCHAR where a number would lose or invent something."""
    if _means_something_else(cells):
        return Kind("VARCHAR")
    if cells.present not in (cells.point, cells.comma) or (cells.apart_commas and cells.apart_points):
        return Kind("VARCHAR", remarks=_contradiction(cells))
    convention = cells.evident or POINT
    remarks: tuple[Remark, ...] = ()
    if cells.ambiguous:
        convention, remarks = _chosen(cells, file_follows)
    if cells.plus != (cells.point_plus if convention == POINT else cells.comma_plus):
        return Kind("VARCHAR")
    parts = cells.point_parts if convention == POINT else cells.comma_parts
    type_ = "DOUBLE" if parts else "BIGINT"
    value = "" if convention == POINT and cells.plain == cells.present else _value(cells, convention, type_)
    return Kind(type_, value, remarks=(*remarks, *_repairs(cells, convention)))


def _means_something_else(cells: Numerals) -> bool:
    """Several currencies, shares among other numbers, lists in brackets, ranges, addresses, identifiers."""
    everywhere = cells.present in (cells.brackets, cells.trailing)
    return (
        cells.currencies > 1
        or cells.percent not in (0, cells.present)
        or (everywhere and not cells.currency)
        or cells.present in (cells.addresses, cells.triples, cells.plus)
    )


def _contradiction(cells: Numerals) -> tuple[Remark, ...]:
    if cells.either < cells.present:
        return ()
    return (Remark("mixed_numbers", cells.present, "use points and commas in ways that contradict: kept as text."),)


def _chosen(cells: Numerals, file_follows: str) -> tuple[str, tuple[Remark, ...]]:
    """A column in which 1,234 could be 1234 or 1.234: the sensible convention, and a remark if nothing proves it."""
    if cells.currency and cells.sign not in _THREE_DECIMALS:
        return (POINT if cells.apart_commas else COMMA), ()
    if file_follows:
        return file_follows, ()
    count = cells.apart_commas + cells.apart_points
    taken = "thousands; they could be decimals" if cells.apart_commas else "decimals; they could be thousands"
    example = _such_as(cells.point_example if cells.apart_commas else cells.comma_example)
    words = f"have three digits after a separator{example}: read as {taken}."
    return POINT, (Remark("number_style", count, words),)


def _repairs(cells: Numerals, convention: str) -> tuple[Remark, ...]:
    comma = convention == COMMA
    grouped, groups = cells.point_example, cells.point_groups
    if comma:
        grouped, groups = cells.comma_example, cells.comma_groups
    found = (
        Remark("thousands", groups, f"with thousands separators{_such_as(grouped)}: read as numbers."),
        Remark(
            "decimal_comma",
            cells.comma_decimals if comma else 0,
            f"with a decimal comma{_such_as(cells.decimal_example)}: read as numbers.",
        ),
        Remark("currency", cells.currency, f'with the currency "{cells.sign}": read as numbers without it.'),
        Remark("percent", cells.percent, "with a percent sign: read as numbers of percent, 5% as 5."),
        Remark("parentheses", cells.brackets, "in accounting parentheses: read as negative numbers."),
        Remark("trailing_minus", cells.trailing, "with the minus sign at the end: read as negative numbers."),
        Remark("plus", cells.plus, "with a plus sign: read as numbers."),
        Remark("minus", cells.dashes, "with another character as minus sign: read as negative numbers."),
        Remark("digits", cells.digits, "with digits or signs of another script: read as numbers."),
        Remark("rounded", cells.comma_long if comma else cells.point_long, ROUNDED),
    )
    return tuple(one for one in found if one.cells)


def _such_as(cell: str) -> str:
    return f" (such as {cell[:40]})"


def _value(cells: Numerals, convention: str, type_: str) -> str:
    """The number of a cell that is known to follow the convention."""
    before, after = _SEPARATORS[convention]
    if cells.brackets or cells.trailing or cells.plus:
        core = f"translate({_bare(_MARKED)}, '{before}', '{after}')"
        sign = f"CASE WHEN regexp_matches({_MARKED}, '{_NEGATIVE}') THEN '-' ELSE '' END"
        return f"TRY_CAST({sign} || {core} AS {type_})"
    text = _ASCII if cells.foreign else "v"
    if cells.currency:
        text = f"regexp_replace({text}, '{CURRENCY}', '')"
    return f"TRY_CAST(translate({text}, '{before}%', '{after}') AS {type_})"
