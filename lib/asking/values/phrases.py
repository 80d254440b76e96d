"""The parts of a question that may name a value: runs of its words, and what stands in quotation marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lib.asking.values.folding import folded_each

MOST_WORDS = 400
"""Words of a question that are looked at; those after them are not."""
LONGEST_RUN = 8

_QUOTED = re.compile(r"""(?<!\w)(["'`“”‘«])(?P<inside>[^"“”«»`]{1,80}?)(["'`“”’»])(?!\w)""")
_ALONE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_STOP = frozenset(
    """a about above across after all also am among an and any are as at average be been before below between both but
    by can compute count did different distinct do does each either every few fewer find first for from get give given
    greater had has have her highest his how i if in into is it its kind larger largest last least less list lowest
    many maximum me mean minimum more most much my name names no nor not number of on only or order other our out over
    per please return same she show smaller smallest so some sort such sum tell than that the their them then there
    these they this those to top total under until up us use used value values was we were what when where which while
    who whose why will with within without you your
    der die das den dem des ein eine einen und oder in im von mit fur auf aus ist sind wie viele welche welcher welches
    le la les un une des du de et ou dans en par pour sur est sont combien quel quelle quels quelles qui que
    el los las una y o en por para con cuantos cuantas cual cuales
    في من علي الي عن مع كم ما ماذا هو هي هم التي الذي الذين كل او و ثم هل هذا هذه ذلك تلك بين بعد قبل عند
    اعرض عدد متوسط مجموع اسم اسماء اين متي""".split()
)


@dataclass(frozen=True)
class Word:
    """A word of the question from `start` to `end`; `folded` is how it is compared."""

    start: int
    end: int
    folded: str


@dataclass(frozen=True)
class Phrase:
    """The words from number `first` up to number `last`, without it; `compact` is how they are compared."""

    text: str
    compact: str
    first: int
    last: int
    quoted: bool = False
    named: bool = False
    """Whether it stands out as a name does: several words, or in upper case where a sentence does not ask for it."""

    @property
    def is_number(self) -> bool:
        return not any(one.isalpha() for one in self.compact)

    def within(self, other: Phrase) -> bool:
        """Whether it is only a part of the other."""
        return other.first <= self.first and self.last <= other.last and len(self.compact) < len(other.compact)

    def is_in(self, others: Sequence[Phrase]) -> bool:
        """Whether one of the others has all of it."""
        return any(one.first <= self.first and self.last <= one.last for one in others)


def is_stop(word: str) -> bool:
    """Whether the folded word says nothing about a value."""
    return word in _STOP


def words(question: str) -> tuple[Word, ...]:
    """The question's words. In scripts that put no blanks between words, each letter is one."""
    spans: list[tuple[int, int]] = []
    for at, letter in enumerate(question):
        if unicodedata.category(letter)[0] not in "LNM":
            continue
        if spans and spans[-1][1] == at and not _ALONE.match(letter) and not _ALONE.match(question[at - 1]):
            spans[-1] = (spans[-1][0], at + 1)
        else:
            spans.append((at, at + 1))
    spans = spans[:MOST_WORDS]
    compared = folded_each([question[start:end] for start, end in spans])
    return tuple(Word(*span, one.replace(" ", "")) for span, one in zip(spans, compared, strict=True))


def phrases(question: str, among: Sequence[Word]) -> tuple[Phrase, ...]:
    """What may name a value, the longest first. `among` are the question's words."""
    quoted = [(one.start("inside"), one.end("inside")) for one in _QUOTED.finditer(question)]
    found: dict[tuple[int, int], Phrase] = {}
    for length in range(min(LONGEST_RUN, len(among)), 0, -1):
        for first in range(len(among) - length + 1):
            found[first, first + length] = run_of(question, among, first, first + length)
    for start, end in quoted:
        inside = [number for number, one in enumerate(among) if start <= one.start and one.end <= end]
        if inside:
            key = (inside[0], inside[-1] + 1)
            compact = "".join(among[number].folded for number in inside)
            found[key] = Phrase(question[start:end], compact, *key, quoted=True, named=True)
    return tuple(one for one in found.values() if one.compact and _says_something(one, among))


def run_of(question: str, among: Sequence[Word], first: int, last: int) -> Phrase:
    """The words from number `first` up to number `last`, without it, as a phrase."""
    text = question[among[first].start : among[last - 1].end]
    stands_out = last - first > 1 or (text[:1].isupper() and (first > 0 or text.isupper()))
    return Phrase(text, "".join(one.folded for one in among[first:last]), first, last, named=stands_out)


def variants(phrase: Phrase) -> Iterator[str]:
    """Other forms of its last word: singular and plural, and in Arabic without what is written onto it."""
    text = phrase.compact
    if phrase.is_number or len(text) < 4:
        return
    if "\u0621" <= text[0] <= "\u064a":
        yield from _without_clitics(text)
    elif text.isascii():
        yield from _numbers(text)


def _numbers(text: str) -> Iterator[str]:
    if text.endswith("ies"):
        yield text[:-3] + "y"
    elif text.endswith(("ses", "xes", "zes", "ches", "shes")):
        yield text[:-2]
    if text.endswith("s") and not text.endswith("ss"):
        yield text[:-1]
    else:
        yield text + "s"


def _without_clitics(text: str) -> Iterator[str]:
    bare = text[1:] if text[0] in "وفبكل" else text
    bare = "ال" + bare[1:] if text.startswith("لل") else bare
    without = bare[2:] if bare.startswith("ال") else bare
    yield from {one for one in (bare, without, "ال" + without) if len(one) > 2} - {text}


def _says_something(phrase: Phrase, among: Sequence[Word]) -> bool:
    if phrase.quoted:
        return True
    shouted = phrase.text.isupper() and phrase.text.isascii() and (len(phrase.text) > 1 or phrase.first > 0)
    if all(is_stop(one.folded) for one in among[phrase.first : phrase.last]):
        return shouted
    if len(phrase.compact) > 2 or not phrase.compact.isascii() or phrase.last - phrase.first > 1:
        return True
    return shouted or (phrase.is_number and len(phrase.compact) > 1)
