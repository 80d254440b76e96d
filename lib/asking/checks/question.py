"""What can be read off a question for sure: its numbers, names and the words that ask for an aggregate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lib.asking.checks.words import stem, stems, words

_NUMBER = re.compile(
    r"(?<![\w.,/:#'\"-])[-$€£]?(\d{1,3}(?:,\d{3})+|\d+)(\.\d+)?(?![\w/:]|[.,-]\d)(?:\s*([^\W\d_]+|%))?"
)
_DAY = re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b")
_SPELLED = {
    word: number
    for number, word in enumerate("two three four five six seven eight nine ten eleven twelve".split(), start=2)
} | {"twenty": 20, "fifty": 50, "hundred": 100}
_TIMES = {"thousand": 1e3, "k": 1e3, "million": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12}
_QUOTED = re.compile(r"(?<!\w)(?:\"([^\"]+)\"|'([^']+(?:'\w[^']*)*)'|“([^”]+)”|‘([^’]+)’|«([^»]+)»)(?!\w)")
_NAME = re.compile(r"[A-Z][\w&'’.-]*(?:\s+(?:of\s+|de\s+|la\s+|and\s+|&\s+)?[A-Z][\w&'’.-]*)*")
_COUNTED = re.compile(r"\b(?=(?:how many|number of|count(?: of)?(?: the| all)?)\s+(.+))", re.IGNORECASE)
_PER = re.compile(r"\b(?:per|each|every)\s+(\w+)", re.IGNORECASE)
_AVERAGE = re.compile(r"\b(?:average|mean|avg|median)\s+((?:\w+\W+){0,3}\w+)", re.IGNORECASE)
_ENDS = frozenset(
    "of in on at per by for from to with without have has had do does did are is was were that which who whose where"
    " when and or there left each every".split()
)


@dataclass(frozen=True)
class Number:
    """A number of a question. `text` is how it is written there, `unit` the word after it, folded."""

    value: float
    text: str
    unit: str = ""

    @property
    def is_year(self) -> bool:
        return bool(re.fullmatch(r"(19|20)\d\d", self.text))


class Question:
    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> tuple[str, ...]:
        return words(self.text)

    @cached_property
    def stems(self) -> frozenset[str]:
        return stems(self.text)

    @cached_property
    def numbers(self) -> tuple[Number, ...]:
        """Every number that stands alone, written or spelled, those in quotation marks left out."""
        return tuple(self._numbers())

    @cached_property
    def quoted(self) -> tuple[str, ...]:
        """What stands in quotation marks."""
        return tuple(next(filter(None, one.groups())) for one in _QUOTED.finditer(self.text))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Runs of capitalised words that are not there because a sentence begins."""
        text = _QUOTED.sub(" ", self.text)
        found = []
        for one in _NAME.finditer(text):
            name, starts = (
                one[0].rstrip(".'’-"),
                not text[: one.start()].strip() or text[: one.start()].rstrip()[-1] in ".?!:",
            )
            if starts and not re.match(r"[A-Z0-9]{2,}\b", name):
                name = name.partition(" ")[2]
            name = re.sub(r"^(of|de|la|and|&)\s+|['’]s?$", "", name)
            if len(name) > 1:
                found.append(name)
        return tuple(found)

    @cached_property
    def per(self) -> frozenset[str]:
        """Stems of what values are wanted for: "per flight", "for each carrier"."""
        return frozenset(stem(one.casefold()) for one in _PER.findall(self.text))

    @cached_property
    def averaged(self) -> frozenset[str]:
        """Stems of the few words after "average"."""
        return frozenset().union(*(stems(one) for one in _AVERAGE.findall(self.text)))

    def counts(self, table: str) -> bool:
        """Whether it asks how many rows of the table there are."""
        name = [stem(one) for one in words(table)[-1:]]
        return any(stem(one) in name for phrase in _COUNTED.findall(self.text) for one in _noun(phrase))

    def has(self, pattern: re.Pattern[str]) -> bool:
        return bool(pattern.search(self.text))

    def _numbers(self) -> Iterator[Number]:
        text = _QUOTED.sub(" ", self.text)
        for one in _DAY.finditer(text):
            yield from (Number(float(part), part) for part in one.groups())
        for one in _NUMBER.finditer(text):
            unit = (one[3] or "").casefold()
            value = float(one[1].replace(",", "") + (one[2] or "")) * _TIMES.get(unit, 1)
            yield Number(value, (one[1] + (one[2] or "")).strip(), unit)
        found = words(text)
        for place, word in enumerate(found):
            if word in _SPELLED:
                yield Number(float(_SPELLED[word]), word, found[place + 1] if place + 1 < len(found) else "")


def _noun(phrase: str) -> list[str]:
    """The words up to the first that cannot belong to what is counted."""
    found = []
    for word in words(phrase)[:5]:
        if word in _ENDS:
            break
        found.append(word)
    return found
