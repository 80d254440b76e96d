"""Finds the values that a question names, and says how sure that is."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from lib.asking.values.folding import folded_each
from lib.asking.values.index import Hashes, TableValues, hashed, near_keys
from lib.asking.values.phrases import Phrase, Word, is_stop, phrases, run_of, variants, words

How = Literal["exact", "folded", "part", "fuzzy"]

MOST = 20
_OF_A_COLUMN = 4
_FREQUENT = 2_000
"""Texts of a table that share a word; that word alone then finds none of them."""
_CANDIDATES = 200
_NEAR = 3_000
_SURE = 0.9
_LEAST_MISSPELT, _MISSPELT_WORDS = 5, 4
"""Letters and words of a phrase that is looked for with other letters."""
_COVERED = 0.85
_INSIDE = 5
"""Texts of a column that contain a phrase; where there are more, it names none of them."""


@dataclass(frozen=True)
class Match:
    """A value of a table that a phrase of the question names.

    `score`, 0 to 1, says how sure it is. `how`: "exact", letter by letter; "folded", but for case, accents, blanks and
    punctuation; "part", one within the other; "fuzzy", nearly the same letters.
    """

    table: str
    column: str
    value: str
    phrase: str
    score: float
    how: How


@dataclass(frozen=True)
class _Found:
    table: TableValues
    number: int
    phrase: Phrase
    score: float
    how: How


def matches(question: str, tables: Sequence[TableValues], names: Collection[str], most: int) -> tuple[Match, ...]:
    """The best matches first. `names` are folded words of the tables' and columns' names, which rarely are values."""
    among = words(question)
    whole = phrases(question, among)
    found = list(_equal(tables, whole))
    sure = [one.phrase for one in found if one.score >= _SURE]
    found += _sharing_words(tables, among, question)
    found += _similar(tables, [one for one in whole if _may_be_misspelt(one, among, names) and not one.is_in(sure)])
    return _best(found, names, most)


def _equal(tables: Sequence[TableValues], whole: Sequence[Phrase]) -> Iterator[_Found]:
    forms = [(phrase, phrase.compact, False) for phrase in whole]
    forms += [(phrase, form, True) for phrase in whole if not phrase.quoted for form in variants(phrase)]
    hashes = hashed([one for _, one, _ in forms])
    for table in tables:
        for place, number in table.equal(hashes, _CANDIDATES):
            phrase, _, changed = forms[place]
            if table.text(number) == phrase.text:
                yield _Found(table, number, phrase, 1.0, "exact")
            elif not phrase.is_number and (phrase.quoted or len(phrase.compact) > 2 or not phrase.compact.isascii()):
                yield _Found(table, number, phrase, 0.855 if changed else 0.95, "part" if changed else "folded")


def _sharing_words(tables: Sequence[TableValues], among: Sequence[Word], question: str) -> Iterator[_Found]:
    """Values that the question has nearly all of, and longer ones that have a run of its words."""
    telling = [one for one in dict.fromkeys(each.folded for each in among) if len(one) > 2 and not is_stop(one)]
    hashes = hashed([one for one in telling if not one.isdigit()])
    chosen = [(table, number) for table in tables for number in _with_most_words(table, hashes)]
    spaced = " ".join(one.folded for one in among)
    inside: dict[tuple[str, str, int, int], list[_Found]] = {}
    for (table, number), text in zip(chosen, folded_each([table.text(one) for table, one in chosen]), strict=True):
        run = _longest_run(text.split(), among)
        if run is None:
            continue
        phrase = run_of(question, among, *run)
        share = _covered(text, spaced)
        if share > _COVERED:
            yield _Found(table, number, phrase, 0.9 * share, "part")
        elif phrase.named or len(phrase.compact) > 3:
            part = 0.45 + 0.35 * len(phrase.compact) / len(text)
            key = (table.table, table.column_of(number), *run)
            inside.setdefault(key, []).append(_Found(table, number, phrase, part, "part"))
    for some in inside.values():
        if len(some) <= _INSIDE:
            yield from some


def _with_most_words(table: TableValues, hashes: Hashes) -> list[int]:
    posted = [one for one in table.with_word(hashes) if 0 < len(one) <= _FREQUENT]
    if not posted:
        return []
    numbers, shared = np.unique(np.concatenate(posted), return_counts=True)
    chosen: list[int] = numbers[np.argsort(-shared, kind="stable")[:_CANDIDATES]].tolist()
    return chosen


def _similar(tables: Sequence[TableValues], whole: Sequence[Phrase]) -> Iterator[_Found]:
    keys = near_keys([one.compact for one in whole])
    near = [(whole[place], table, number) for table in tables for place, number in table.near(keys, _NEAR)]
    texts = folded_each([table.text(number) for _, table, number in near])
    for (phrase, table, number), text in zip(near, texts, strict=True):
        compact = text.replace(" ", "")
        most = _mistakes(phrase.compact)
        if 0 < OSA.distance(phrase.compact, compact, score_cutoff=most) <= most:
            yield _Found(table, number, phrase, 0.9 * fuzz.ratio(phrase.compact, compact) / 100, "fuzzy")


def _may_be_misspelt(phrase: Phrase, among: Sequence[Word], names: Collection[str]) -> bool:
    first, last = among[phrase.first].folded, among[phrase.last - 1].folded
    if len(phrase.compact) < _LEAST_MISSPELT or phrase.compact in names or any(map(str.isdigit, phrase.compact)):
        return False
    return phrase.quoted or (phrase.last - phrase.first <= _MISSPELT_WORDS and not (is_stop(first) or is_stop(last)))


def _mistakes(text: str) -> int:
    """Letters that may be wrong."""
    return 1 if len(text) < 8 else 2 if len(text) < 14 else 3


def _longest_run(text: Sequence[str], among: Sequence[Word]) -> tuple[int, int] | None:
    """The longest run of the question's words that the text has, too, and that says something."""
    best: tuple[int, int] | None = None
    for first in range(len(among)):
        for at in range(len(text)):
            length = 0
            while (
                first + length < len(among)
                and at + length < len(text)
                and among[first + length].folded == text[at + length]
            ):
                length += 1
            longer = best is None or length > best[1] - best[0]
            if length and longer and not all(is_stop(one) for one in text[at : at + length]):
                best = (first, first + length)
    return best


def _covered(text: str, question: str) -> float:
    """The longest part of the text that the question has, as a share of it; 0 when it is too short to matter."""
    for length in range(len(text), int(_COVERED * len(text)), -1):
        if any(text[start : start + length] in question for start in range(len(text) - length + 1)):
            return length / len(text)
    return 0.0


def _best(found: Sequence[_Found], names: Collection[str], most: int) -> tuple[Match, ...]:
    """Each value once, what a longer phrase explains better after it, a few of each column."""
    sure = [one.phrase for one in found if one.how in ("exact", "folded")]
    scored = [(_weighed(one, sure, names), one) for one in found]
    scored.sort(key=lambda both: (-both[0], -len(both[1].phrase.compact), both[1].table.table, both[1].number))
    kept: dict[tuple[str, str, str], Match] = {}
    of_column: dict[tuple[str, str], int] = {}
    for score, one in scored:
        column, value = one.table.column_of(one.number), one.table.text(one.number)
        key = (one.table.table, column, value)
        if score <= 0 or key in kept or of_column.get(key[:2], 0) == _OF_A_COLUMN or len(kept) == most:
            continue
        of_column[key[:2]] = of_column.get(key[:2], 0) + 1
        kept[key] = Match(*key, one.phrase.text, round(score, 3), one.how)
    return tuple(kept.values())


def _weighed(one: _Found, sure: Sequence[Phrase], names: Collection[str]) -> float:
    score = one.score
    if any(one.phrase.within(other) for other in sure):
        if one.how in ("part", "fuzzy"):
            return 0.0
        score *= 0.8
    if one.phrase.quoted:
        return score
    if one.phrase.compact in names:
        return score * 0.6 if one.how in ("exact", "folded") else 0.0
    return score if one.phrase.named else score * 0.9
