"""How alike a question's words are to those of names: in other forms, shortened, misspelt, or of the same meaning."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

from lib.asking.values.folding import folded_each
from lib.data.words import singulars, words

_LEAST_RATIO = 85
_SAME_STEM, _SAME_MEANING, _SHORTENED, _INITIALS, _WITHIN = 0.8, 0.6, 0.55, 0.8, 0.5
_LONGEST_INITIALS = 6
_ENDINGS = (
    "isations izations isation ization ations ation ments ment ances ance ences ence ities ity ions ion ings ing ively"
    " ive ers er ors or ies ied ed es est al ly s e y"
).split()
_FUNCTION = frozenset(
    """a about all also an and any are as at be been being between both but by can could count did different display
    distinct do does each either every few fewer find for from get give had has have having how i if in into is it its
    least less list many me more most much my not of on only or our out over please return s same show tell than that
    the their them then there these they this those to under up us was we were what which whom whose will with within
    without you your في من على عن مع هو هي كم ما هل او و الى التي الذي""".split()
)
_MEANINGS = [
    frozenset(one.split())
    for one in """
    age old young birth born birthday
    airplane plane aircraft
    author writer
    boss manager supervisor
    buy purchase order
    car vehicle automobile
    child kid
    city town
    company firm organisation organization corporation
    country nation nationality
    date day time year
    die death dead
    employee staff worker personnel
    end finish until to close
    fast speed
    film movie
    good item product goods
    height tall
    id identifier code number
    job occupation profession title
    kind type category
    language tongue
    length long duration distance
    live living residence address home
    mail email
    money amount budget fund
    phone telephone mobile cell contact
    picture image photo
    point score result
    price cost
    quantity amount number count
    rank position place
    salary wage pay income earn
    sex gender
    size big large area capacity
    start begin from open
    student pupil
    teacher instructor professor
    user account customer client member
    weight heavy
    when date time year day
    where location place address city country
    who name person
    win winner victory""".strip().splitlines()
]


@lru_cache(maxsize=20_000)
def name_words(*names: str) -> tuple[str, ...]:
    """The different words of a column's or table's names, folded, without numbers."""
    every = [word for name in names for word in words(re.sub(r"(?<=[^\W\d_])(?=\d)", " ", name))]
    return tuple(dict.fromkeys(one for one in folded_many(every) if one and not one.isdigit()))


def question_words(question: str) -> tuple[str, ...]:
    """The words of a question that may name something, each once."""
    return tuple(dict.fromkeys(one for one in folded_many(words(question)) if one and not one.isdigit()))


def folded_many(some: Sequence[str]) -> list[str]:
    """Words as they are compared."""
    if all(map(str.isascii, some)):
        return list(some)
    return [one.replace(" ", "") for one in folded_each(list(some))]


def likeness(asked: Sequence[str], names: Sequence[str]) -> npt.NDArray[np.float64]:
    """A row for each word of the question and a column for each word of names: 0 for unlike to 1 for equal."""
    found = np.zeros((len(asked), len(names)))
    if not asked or not names:
        return found
    places = {word: number for number, word in enumerate(names)}
    telling = [number for number, word in enumerate(asked) if word not in _FUNCTION]
    forms = _by_form(names)
    for number in telling:
        for place, score in _of_word(asked[number], names, places, forms):
            found[number, place] = max(found[number, place], score)
    ratios = process.cdist([asked[one] for one in telling], names, scorer=fuzz.ratio, score_cutoff=_LEAST_RATIO)
    for row, column in zip(*np.nonzero(ratios), strict=True):
        if min(len(asked[telling[row]]), len(names[column])) > 4:
            found[telling[row], column] = max(found[telling[row], column], 0.8 * ratios[row, column] / 100)
    for number, place in _initials(asked, places):
        found[number, place] = max(found[number, place], _INITIALS)
    return found


def stem(word: str) -> str:
    """What is left of an English word without its ending: at least three letters."""
    return next((word[: -len(one)] for one in _ENDINGS if word.endswith(one) and len(word) - len(one) > 2), word)


def _by_form(names: Sequence[str]) -> dict[str, list[int]]:
    """The places of words by their singular, and by their stem with a mark before it."""
    forms: dict[str, list[int]] = {}
    for place, word in enumerate(names):
        for form in {*singulars(word), f"~{stem(word)}"}:
            forms.setdefault(form, []).append(place)
    return forms


def _of_word(
    word: str, names: Sequence[str], places: dict[str, int], forms: dict[str, list[int]]
) -> Iterator[tuple[int, float]]:
    if word in places:
        yield places[word], 1.0
    singular = singulars(word)
    yield from ((place, 0.95) for one in singular for place in forms.get(one, ()))
    yield from ((place, _SAME_STEM) for place in forms.get(f"~{stem(word)}", ()))
    for group in _MEANINGS:
        if group.intersection((*singular, _positive(word))):
            yield from ((place, _SAME_MEANING) for one in group for place in forms.get(one, ()))
    for place, name in enumerate(names):
        if name[0] == word[0] and _is_shortened(*sorted((name, word), key=len)):
            yield place, _SHORTENED
        elif len(word) > 3 and len(name) > len(word) and stem(word) in name:
            yield place, _WITHIN


def _positive(word: str) -> str:
    """`old` of `oldest`, `big` of `biggest`, `young` of `younger`."""
    return re.sub(r"(?<=...)(est|er)$", "", re.sub(r"(.)\1(est|er)$", r"\1\2", word))


def _is_shortened(short: str, long: str) -> bool:
    """`desc` of description, `dept` of department, `qty` of quantity."""
    if not 2 < len(short) <= 5 or len(long) < len(short) + 2:
        return False
    if long.startswith(short):
        return True
    letters = iter(long)
    return all(one in letters for one in short) and not set("aeiou").issuperset(short[1:2] + short[-1:])


def _initials(asked: Sequence[str], places: dict[str, int]) -> Iterator[tuple[int, int]]:
    """Words of the question whose first letters are a word of a name: gross domestic product and `gdp`."""
    for length in range(3, _LONGEST_INITIALS + 1):
        for start in range(len(asked) - length + 1):
            some = asked[start : start + length]
            if (short := "".join(one[0] for one in some)) in places:
                yield from ((number, places[short]) for number in range(start, start + length))
