"""Every number that a text says: written in digits of any script, as a word, as a date or a time, or within a code.

What a separator means is read as in English, "1,234" is more than a thousand, unless the text itself shows decimal
commas ("3,4" or "1.234,5") and no decimal points.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from lib.chat.meanings import Amount, Both, Code, Day, Meaning, Place, Ratio, Said, Vague
from lib.chat.moments import moments
from lib.chat.number_words import SCALES, number_words

_SPACED = r"(?<![\d.,٫٬])[1-9]\d{0,2}(?: \d{3})+(?!\d)(?:[.,٫]\d+)?"
_DIGITS = rf"{_SPACED}|\d+(?:[.,٫٬،'’]\d+)*|(?<![\w.,])[.٫]\d+"
_SIGN = r"(?<![\w.,)\]%°])[-+−–－]"
_CURRENCY = r"(?:(?:US|CA|AU|NZ|HK|[ACRS])?[$€£¥₹₽₩₺]|(?:USD|EUR|GBP|CHF|AED|SAR|EGP|INR|JPY)\b)"
_POWER = r"[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+"
_EXPONENT = rf"(?P<e>[eE][+-]?\d{{1,3}}(?!\w)|\s?[×x*·]\s?10(?:(?:\^|\*\*)[{{(]?[-+−]?\d+[}})]?|{_POWER}))"
_NUMBER = re.compile(
    rf"(?P<sign>{_SIGN})?(?:(?P<money>{_CURRENCY})\s?)?(?P<late>(?<=[$€£¥₹])[-−])?(?P<digits>{_DIGITS}){_EXPONENT}?"
    rf"(?P<power>{_POWER})?"
)
_TAIL = r"(?:-\w+|\.\d\w*)*"
_CODE = re.compile(
    rf"(?<!\w)(?=[\w-]*\d)[A-Za-z_\u00c0-\u024f\u0370-\u052f]\w*{_TAIL}|(?<!\w)\d+[A-Za-z_]+\d\w*{_TAIL}"
)
_FRACTION = re.compile(r"(?<![\w/.,⁄])(?:(?P<whole>\d+) )?(?P<part>\d{1,4}) ?[/⁄] ?(?P<of>\d{1,4})(?![\w/⁄]|[.,]\d)")
_ORDINAL = re.compile(r"(?<![\w.,])(\d{1,3}(?:,\d{3})*|\d+)(?:st|nd|rd|th)\b", re.IGNORECASE)
_LAST_PART = re.compile(r"[^\W\d_]+-(\d+)")
_PICTURED = re.compile(r"(?<![^\W_])[⁰¹²³⁴-⁹₀-₉]+|[⁰¹²³⁴-⁹₀-₉]{2,}|[〇零一二三四五六七八九十百千万萬亿億两兆]{2,}")
"""Numbers that are seen and not compared."""
_VERSION = re.compile(r"\d+(?:\.\d+){2,}")
_PERCENT = re.compile(
    r"\s?[%٪]|[\s-]?(?:percent|per cent|pct|percentage points?)\b|\s?(?:بالمئة|بالمائة|في المئة|في المائة)",
    re.IGNORECASE,
)
_LETTERS = {
    **dict.fromkeys(("k", "K", "tsd", "Tsd", "Tsd."), 10**3),
    **dict.fromkeys(("M", "MM", "mn", "mln", "Mln", "mil", "mio", "Mio", "Mio."), 10**6),
    **dict.fromkeys(("b", "B", "bn", "Bn", "BN", "bln", "mrd", "Mrd", "Mrd."), 10**9),
    **dict.fromkeys(("T", "tn", "trn"), 10**12),
}
_WORDS = {**SCALES, "millionen": 10**6, "milliarden": 10**9, "tausend": 1000, "lakh": 10**5, "crore": 10**7} | {
    "quadrillion": 10**15,
    "quintillion": 10**18,
}
_SHORT = r"(?:Tsd\.?|Mio\.?|Mrd\.?|tsd|mio|mrd|mln|Mln|mil|mn|MM|bn|Bn|BN|bln|trn|tn|[kKMBT])"
_SCALE = re.compile(
    rf"(?P<short>(?:\s?{_SHORT}|b)(?![^\W_]))"
    rf"|[\s-]?(?P<word>(?i:{'|'.join(sorted(_WORDS, key=len, reverse=True))}))s?\b"
)
_RANGE = re.compile(r"\s?(?:[-–—]|to|and|إلى)\s?(?=[$€£¥\d])")
_COMMA_DECIMALS = re.compile(r"(?<![\d.,])\d+,\d{1,2}(?![\d,.]\d|\d)|\d{1,3}(?:\.\d{3})+,\d|(?:\.\d{3}){2}")
_POINT_DECIMALS = re.compile(r"(?<![\d.,])\d+\.(?:\d{1,2}|\d{4,})(?![\d,.]\d|\d)|\d{1,3}(?:,\d{3})+\.\d|(?:,\d{3}){2}")
_MINUS = frozenset("-−–－")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
_LARGEST = 400
"""Digits of a number that is compared; no cell has more."""


def numbers(text: str) -> tuple[Said, ...]:
    """The numbers in their order, none within another. `text` is as `visible` gives it."""
    plain = in_ascii(text)
    free = _Free(plain)
    for some in (moments, _codes, _ordinals, _fractions, _amounts, _worded):
        for one in some(free.text):
            free.take(one)
    return tuple(sorted(free.taken, key=lambda one: one.start))


def in_ascii(text: str) -> str:
    """The text with ASCII digits in the place of all others; every character stays where it is."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(one)) if one.isdecimal() else one for one in text)


class _Free:
    """The text in which what was read already is blank."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.taken: list[Said] = []

    def take(self, one: Said) -> None:
        """Keep it, unless it overlaps one that was taken."""
        if "\0" in self.text[one.start : one.end]:
            return
        self.taken.append(one)
        self.text = f"{self.text[: one.start]}{chr(0) * (one.end - one.start)}{self.text[one.end :]}"


def _codes(text: str) -> Iterator[Said]:
    for one in _CODE.finditer(text):
        if _MONEY_OR_PLAIN.match(one.group()):
            continue
        last = _LAST_PART.fullmatch(one.group())  # "pre-2013", "top-10"
        amount = (Amount(Decimal(last[1])),) if last else ()
        yield Said(*one.span(), (Code(one.group()), *amount, *(_year(amount, last[1]) if last else ())), one.group())
    for one in _PICTURED.finditer(text):
        yield Said(*one.span(), (Vague(), Code(one.group())), one.group())


_MONEY_OR_PLAIN = re.compile(rf"(?:{_CURRENCY}|x|_)?\d[\d.,]*(?:[eE][+-]?\d{{1,3}})?[A-Za-z]*$")


def _ordinals(text: str) -> Iterator[Said]:
    for one in _ORDINAL.finditer(text):
        yield Said(*one.span(), (Place(int(one[1].replace(",", ""))),), one[1])


def _fractions(text: str) -> Iterator[Said]:
    for one in _FRACTION.finditer(text):
        part, of = int(one["part"]), int(one["of"])
        if of:
            whole = int(one["whole"] or 0)
            parts = (Both(part, of),) if one["whole"] is None else ()
            yield Said(*one.span(), (Ratio(whole * of + part, of), *parts), one.group())


def _amounts(text: str) -> Iterator[Said]:
    comma = bool(_COMMA_DECIMALS.search(text)) and not _POINT_DECIMALS.search(text)
    for one in _NUMBER.finditer(text):
        yield from _amount(one, text, comma)


def _amount(found: re.Match[str], text: str, comma: bool) -> Iterator[Said]:
    """The number, with what is written on it; the numbers of a list without blanks one by one."""
    digits = found["digits"]
    value = _value(digits, comma)
    start, end = _trimmed(found), found.end()
    if value is None or found["power"]:
        parts = list(re.finditer(r"\d+", digits))
        if value is None and not _VERSION.fullmatch(digits) and not found["e"]:
            at = found.start("digits")
            for part in parts:
                yield Said(at + part.start(), at + part.end(), (Amount(Decimal(part.group())),), part.group())
        else:
            yield Said(start, end, (Vague(), Code(digits)), digits)
        return
    amount = Amount(value, _exponent(found["e"]), max(0, -_power_of(value)))
    meanings, end = _with_scale(amount, text, end, bool(found["money"]))
    if ((found["sign"] or "") in _MINUS and found["sign"]) or found["late"]:
        meanings = tuple(replace(one, value=-one.value) for one in meanings)
    before = text[start - 1 : start]
    if before == "(" and text[end : end + 1] == ")":
        meanings += tuple(replace(one, value=-one.value) for one in meanings)
    yield Said(start, end, (*meanings, *_year(meanings, digits)), digits)


def _trimmed(found: re.Match[str]) -> int:
    return found.start() + len(found.group()) - len(found.group().lstrip())


def _value(digits: str, comma: bool) -> Decimal | None:
    """The number that the digits and separators are, None where they are none."""
    if len(digits) > _LARGEST:
        return None
    text = digits.replace(" ", "'").replace("’", "'").replace("،", ",")
    if "٫" in text or "٬" in text:
        text = text.replace(",", "٬").replace("٬", ",").replace("٫", ".")
        comma = False
    kinds = [one for one in text if one in ".,"]
    if len(set(kinds)) == 2:
        decimal = kinds[-1]
    elif len(kinds) > 1:
        decimal = ""
    elif kinds == ["."] or (kinds and (comma or re.search(r",\d\d?$", text))):
        decimal = kinds[0] if not _is_grouped(text, kinds[0]) or (kinds[0] == ",") == comma else ""
    else:
        decimal = ""
    whole, _, part = text.rpartition(decimal) if decimal else (text, "", "")
    if decimal and (decimal in whole or not part.isdigit()):
        return None
    if not re.fullmatch(r"\d*|[1-9]\d{0,2}(['.,])\d{3}(\1\d{3})*|[1-9]\d?(,\d\d)+,\d{3}", whole):
        return None
    number = re.sub(r"\D", "", whole) or "0"
    return Decimal(f"{number}.{part}" if part else number)


def _is_grouped(text: str, mark: str) -> bool:
    return bool(re.fullmatch(rf"[1-9]\d{{0,2}}{re.escape(mark)}\d{{3}}", text.replace("'", "")))


def _power_of(value: Decimal) -> int:
    power = value.as_tuple().exponent
    return power if isinstance(power, int) else 0


def _exponent(written: str | None) -> Decimal:
    if not written:
        return Decimal(1)
    plain = written.translate(_SUPERSCRIPTS)
    power = re.search(r"-?\d+(?=[})]?$)", plain if plain.lstrip()[0] in "eE" else plain.partition("10")[2])
    return Decimal(10) ** min(int(power[0]) if power else 0, 400)


def _with_scale(amount: Amount, text: str, end: int, money: bool) -> tuple[tuple[Amount, ...], int]:
    """What the number is with the power of ten and the percent sign behind it, and where that ends."""
    scaled = amount
    while (found := _SCALE.match(text, end)) and found.end() > end:
        word = found["short"].strip() if found["short"] else found["word"]
        scaled = replace(scaled, scale=scaled.scale * (_LETTERS.get(word) or _WORDS[word.casefold()]))
        end = found.end()
    if percent := _PERCENT.match(text, end):
        return (scaled, replace(scaled, scale=scaled.scale / 100)), percent.end()
    meanings = [scaled]
    if scaled == amount and re.match(r"m(?![^\W_])", text[end:]):
        million = replace(amount, scale=amount.scale * 10**6)
        meanings = [million] if money else [amount, million]
        end += 1
    if to := _RANGE.match(text, end):
        meanings += _of_range(amount, text, to.end())
    return tuple(meanings), end


def _of_range(amount: Amount, text: str, at: int) -> Iterator[Amount]:
    """What the first number of "10-20%" and of "1 to 2 million" means by the second."""
    second = _NUMBER.match(text, at)
    if second is None:
        return
    if scale := _SCALE.match(text, second.end()):
        word = scale["short"].strip() if scale["short"] else scale["word"]
        yield replace(amount, scale=amount.scale * (_LETTERS.get(word) or _WORDS[word.casefold()]))
    if _PERCENT.match(text, second.end()):
        yield replace(amount, scale=amount.scale / 100)


def _year(meanings: tuple[Amount, ...], digits: str) -> tuple[Meaning, ...]:
    year = meanings[0].whole
    return (Day(year),) if year and re.fullmatch(r"[12]\d{3}", digits) else ()


def _worded(text: str) -> Iterator[Said]:
    for one in number_words(text):
        first = one.meanings[0]
        percent = _PERCENT.match(text, one.end) if isinstance(first, Amount) else None
        if isinstance(first, Amount) and percent:
            yield replace(one, end=percent.end(), meanings=(first, replace(first, scale=first.scale / 100)))
        else:
            yield one
