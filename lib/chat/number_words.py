"""Numbers written as words, in English and Arabic."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from lib.chat.meanings import Amount, Meaning, Place, Ratio, Said, Times, Vague

_ONES = {
    word: number
    for number, words in enumerate(
        """zero nil nought صفر|one واحد واحدة|two اثنان اثنين اثنتان اثنتين|three ثلاثة ثلاث|four أربعة أربع
        |five خمسة خمس|six ستة ست|seven سبعة سبع|eight ثمانية ثماني ثمان|nine تسعة تسع|ten عشرة عشر|eleven|twelve
        |thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen""".split("|")
    )
    for word in words.split()
}
_TENS = {
    word: number * 10
    for number, words in enumerate(
        """twenty عشرون عشرين|thirty ثلاثون ثلاثين|forty fourty أربعون أربعين|fifty خمسون خمسين|sixty ستون ستين
        |seventy سبعون سبعين|eighty ثمانون ثمانين|ninety تسعون تسعين""".split("|"),
        start=2,
    )
    for word in words.split()
}
_HUNDREDS = {"مئة": 100, "مائة": 100, "مية": 100, "مئتان": 200, "مئتين": 200, "مائتان": 200, "مائتين": 200} | {
    f"{one}{hundred}": number * 100
    for number, one in enumerate("ثلاث أربع خمس ست سبع ثمان تسع".split(), start=3)
    for hundred in ("مئة", "مائة")
}
_TEENS = {"أحد": 1, "إحدى": 1, "اثنا": 2, "اثني": 2, "اثنتا": 2, "اثنتي": 2}
_DUALS = {"ألفان": 1_000, "ألفين": 1_000, "مليونان": 1_000_000, "مليونين": 1_000_000}
SCALES = {
    "hundred": 100,
    "dozen": 12,
    "thousand": 1_000,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
    "ألف": 1_000,
    "آلاف": 1_000,
    "ألفا": 1_000,
    "مليون": 10**6,
    "ملايين": 10**6,
    "مليار": 10**9,
    "مليارات": 10**9,
}
_VAGUE = "dozens hundreds thousands millions billions trillions مئات".split()
_PARTS = {
    "half": 2,
    "halves": 2,
    **{f"{one}{s}": number for number, one in ((3, "third"), (4, "quarter"), (4, "fourth")) for s in ("", "s")},
    **{
        f"{one}{s}": number
        for number, one in enumerate("fifth sixth seventh eighth ninth tenth".split(), 5)
        for s in ("", "s")
    },
}
_ARABIC_PARTS = {"نصف": (1, 2), "ثلث": (1, 3), "ثلثي": (2, 3), "ثلثا": (2, 3), "ثلثين": (2, 3), "ربع": (1, 4)}
_TIMES = {
    **dict.fromkeys("twice double doubles doubled doubling ضعف ضعفي".split(), 2),
    **dict.fromkeys("thrice triple triples tripled tripling treble".split(), 3),
    **dict.fromkeys("quadruple quadruples quadrupled".split(), 4),
}
_PLACES = {
    one: number
    for number, one in enumerate(
        "second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth".split(), 2
    )
}
_NOTHING = frozenset("none".split())
_NO_CLAIM = frozenset(
    """longer doubt matter one more less other need wonder idea problem problems issue issues error errors warning
    warnings finding findings concern concerns further such clear information way reason additional changes change
    check checks discrepancy discrepancies
    sql sense guarantee""".split()
)
_PRONOUN_AFTER = frozenset(
    """of another can could should must may might would will to who whose which that has is was with in at by from for
    or and as where when than if""".split()
)
_PRONOUN_BEFORE = frozenset("this that which each every any no the another other first last next".split())
_COUNTING = frozenset("only exactly just is are was were has have had contains found counts least most".split())
_NOT_A_HALF = frozenset("first second other better latter last".split())
_WORD = re.compile(r"[^\W\d_]+(?:[\u064b-\u065f\u0670]+[^\W\d_]*)*")
_T = TypeVar("_T")


def _plain(word: str) -> str:
    """Without case and vowel signs, and with one letter for the forms of alef."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(one))
    return bare.replace("ى", "ي")


def _folded(some: Mapping[str, _T]) -> dict[str, _T]:
    return {_plain(word): value for word, value in some.items()}


_UNITS, _FULL_TENS, _FULL_HUNDREDS, _TEEN_STARTS = map(_folded, (_ONES, _TENS, _HUNDREDS, _TEENS))
_POWERS, _TWO_POWERS = _folded(SCALES), _folded(_DUALS)
_SHARES = _folded(_ARABIC_PARTS)
_MULTIPLES = _folded(_TIMES)
_UNSAID = frozenset(map(_plain, _VAGUE))
_TEEN = frozenset(map(_plain, ("عشر", "عشرة")))


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int
    joined: bool
    """Whether only a blank or a hyphen lies between it and the word before."""


_NO_WORD = _Word("", 0, 0, False)


def number_words(text: str) -> Iterator[Said]:
    """The numbers, fractions, multiples and ordinals that are written out; "one" and "no" only where they count."""
    words = _words(text)
    at = 0
    while at < len(words):
        found = _share(words, at) or _counted(words, at, text) or _single(words, at, text)
        if found is None:
            at += 1
            continue
        meaning, after = found
        yield Said(words[at].start, words[after - 1].end, (meaning,))
        at = after


def _words(text: str) -> list[_Word]:
    found: list[_Word] = []
    for one in _WORD.finditer(text):
        joined = bool(found) and text[found[-1].end : one.start()] in (" ", "-", "\u2010", "\u2011")
        found.append(_Word(_plain(one.group()), *one.span(), joined))
    return found


def _next(words: Sequence[_Word], at: int) -> str:
    """The word there, '' if it does not follow closely."""
    return words[at].text if at < len(words) and words[at].joined else ""


def _previous(words: Sequence[_Word], at: int) -> str:
    return words[at - 1].text if at and words[at].joined else ""


def _share(words: Sequence[_Word], at: int) -> tuple[Meaning, int] | None:
    """Fractions that do not begin with a number: "half", "half a million", "a third of"."""
    word, after, then = words[at].text, _next(words, at + 1), _next(words, at + 2)
    if word == "half":
        if after in ("a", "an") and then in _POWERS:
            return Amount(Decimal("0.5"), Decimal(_POWERS[then]), 1), at + 3
        return None if _previous(words, at) in _NOT_A_HALF else (Ratio(1, 2), at + 1)
    if word in ("a", "an") and after in _PARTS and (after == "half" or then in ("of", "")):
        return Ratio(1, _PARTS[after]), at + 2
    bare = word if word in _SHARES else word[1:] if word[:1] in ("و", "ب") else ""
    return (Ratio(*_SHARES[bare]), at + 1) if bare in _SHARES else None


def _single(words: Sequence[_Word], at: int, text: str) -> tuple[Meaning, int] | None:
    """What one word says alone."""
    word, after = words[at].text, _next(words, at + 1)
    if word in _MULTIPLES:
        return Times(_MULTIPLES[word]), at + 1
    if word.endswith("fold") and word.removesuffix("fold") in _UNITS:
        return Times(_UNITS[word.removesuffix("fold")]), at + 1
    if word in _UNSAID or word in SCALES:
        return Vague(), at + 1
    if word in _NOTHING:
        return Amount(Decimal(0)), at + 1
    if word == "no":
        return (Amount(Decimal(0)), at + 1) if after and after not in _NO_CLAIM else None
    if word in ("a", "an") and after == "single":
        return Amount(Decimal(1)), at + 2
    if word == "one" and not _counts(words, at, text):
        return None
    if word in _PLACES and not (word == "second" and _previous(words, at) in ("a", "per", "one", "each", "every")):
        return Place(_PLACES[word]), at + 1
    return None


def _counts(words: Sequence[_Word], at: int, text: str) -> bool:
    """Whether "one" is a number here: "one penguin", "there is only one", but not "one of the largest"."""
    before, after = _previous(words, at), _next(words, at + 1)
    if text[words[at].end : words[at].end + 1] == "-":
        return after in _PARTS or after in _POWERS
    if after and after not in _PRONOUN_AFTER:
        return before not in _PRONOUN_BEFORE
    return before in _COUNTING and (after != "of" or before in ("only", "exactly", "just"))


def _counted(words: Sequence[_Word], at: int, text: str) -> tuple[Meaning, int] | None:
    """A number in words, with the fraction that may follow it: "two thirds", "two and a half", "three point five"."""
    word = words[at].text
    if (word == "one" and not _counts(words, at, text)) or (word == _plain("واحد") and _next(words, at + 1) == "من"):
        return None
    amount, after = _cardinal(words, at)
    if amount is None:
        return None
    number = amount.whole
    if number and (of := _PARTS.get(_next(words, after), 0)) and (number == 1 or words[after].text.endswith("s")):
        return Ratio(number, of), after + 1
    if [_next(words, after + more) for more in range(2)] == ["and", "a"] and _next(words, after + 2) in _PARTS:
        of = _PARTS[_next(words, after + 2)]
        return Amount(amount.value + Decimal(1) / of, amount.scale, 1 if of == 2 else 2), after + 3
    if _next(words, after) == "point":
        return _with_decimals(words, amount, after)
    if number and number % 10 == 0 and (last := _next(words, after)) in {"first": 1, **_PLACES}:
        return Place(number + {"first": 1, **_PLACES}[last]), after + 1
    return amount, after


def _with_decimals(words: Sequence[_Word], amount: Amount, at: int) -> tuple[Meaning, int]:
    """The digits after "point", and the power of ten that may follow them."""
    digits, after = "", at + 1
    while (digit := _UNITS.get(_next(words, after), 10)) < 10:
        digits, after = f"{digits}{digit}", after + 1
    if not digits:
        return amount, at
    scale = _POWERS.get(_next(words, after), 0)
    value = Decimal(f"{int(amount.value)}.{digits}")
    return Amount(value, Decimal(scale or 1), len(digits)), after + bool(scale)


def _cardinal(words: Sequence[_Word], at: int) -> tuple[Amount | None, int]:
    """The longest number from there on, and the place after it."""
    total, current, power = 0, -1, 0  # `current` is what no power of a thousand closes yet, -1 for nothing
    place = at
    if words[at].text in ("a", "an"):
        if _next(words, at + 1) not in _POWERS:
            return None, at
        current, place = 1, at + 1
    elif words[at].text in _TEEN_STARTS:
        if _next(words, at + 1) not in _TEEN:
            return None, at
        return Amount(Decimal(10 + _TEEN_STARTS[words[at].text])), at + 2
    while place < len(words) and (place == at or words[place].joined):
        word, linked, step = words[place].text, False, 1
        if place > at and word == "and" and (power or (current > 0 and current % 100 == 0)):
            word, linked, step = _next(words, place + 1), True, 2
        elif word[:1] == "و" and len(word) > 2:
            word, linked = word[1:], True
        if word in _POWERS and _POWERS[word] > 100 and (current > 0 or word in _ALONE):
            scale = _POWERS[word]
            if power and scale >= power and current < 0:
                break
            total, current, power = total + max(current, 1) * scale, -1, scale
        elif word in _TWO_POWERS and current < 0:
            total, power = total + 2 * _TWO_POWERS[word], _TWO_POWERS[word]
        elif (added := _joined(current, word, linked)) is not None:
            current = added
        else:
            break
        place += step
    if place == at:
        return None, at
    if current < 0 and power:
        return Amount(Decimal(total // power), Decimal(power)), place
    return Amount(Decimal(total + max(current, 0))), place


_ALONE = frozenset(_plain(one) for one in ("ألف", "مليون", "مليار", "ألفا"))
"""Arabic says "thousand" for one thousand."""


def _joined(current: int, word: str, linked: bool) -> int | None:
    """A number below a thousand with one word more, None where the word does not belong to it."""
    empty = current < 0
    tail = max(current, 0) % 100
    if word in _TEEN and 2 < current < 10:
        return current + 10
    if word in _UNITS:
        number = _UNITS[word]
        after_tens = tail >= 20 and tail % 10 == 0 and 0 < number < 10 and not linked
        return max(current, 0) + number if empty or (current > 0 and tail == 0) or after_tens else None
    if word in _FULL_TENS:
        return max(current, 0) + _FULL_TENS[word] if empty or tail == 0 or (linked and tail < 10) else None
    if word == "hundred" and 0 < current < 100:
        return current * 100
    if word == "dozen" and 0 < current < 100:
        return current * 12
    if word in _FULL_HUNDREDS:
        return _FULL_HUNDREDS[word] if empty else current * 100 if 2 < current < 10 else None
    return None
