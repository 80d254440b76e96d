"""The distinct texts of one table, arranged so that a question's phrases are found among millions of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from lib.asking.values.folding import folded

Hashes = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.uint32]

_AT_ONCE = 100_000
_WORD_ROOM = 6
"""Words of a value that are indexed, the first ones."""
_LENGTHS = 9
_NO_KEY = 0xFFFFFFFF


@dataclass(frozen=True)
class Column:
    """The texts of a column are those from number `first` up to number `last`, without it."""

    name: str
    first: int
    last: int


@dataclass(frozen=True)
class TableValues:
    """A table's distinct texts, numbered through all its columns. Immutable, and safe to read from several threads.

    `hashes` are those of the compact texts in ascending order and `by_hash` the texts' numbers in that order. `words`
    are the hashes of all words in ascending order; those with word n are `postings` from `ends[n - 1]` to `ends[n]`.
    `heads` and `tails` sort the texts by length together with the first or the last two bytes.
    """

    table: str
    columns: tuple[Column, ...]
    texts: pa.Array
    hashes: Hashes
    by_hash: Numbers
    words: Hashes
    ends: Numbers
    postings: Numbers
    heads: Numbers
    by_head: Numbers
    tails: Numbers
    by_tail: Numbers

    @property
    def bytes(self) -> int:
        arrays = (self.hashes, self.by_hash, self.words, self.ends, self.postings)
        return (
            int(self.texts.nbytes)
            + sum(one.nbytes for one in (*arrays, self.heads, self.by_head))
            + 2 * self.heads.nbytes
        )

    def column_of(self, number: int) -> str:
        return next(one.name for one in self.columns if one.first <= number < one.last)

    def text(self, number: int) -> str:
        return str(self.texts[number].as_py())

    def equal(self, wanted: Hashes, most: int) -> list[tuple[int, int]]:
        """Places of hashes of compact texts, with the numbers of the texts that have them, at most so many for each."""
        starts = np.searchsorted(self.hashes, wanted, "left")
        counts = np.searchsorted(self.hashes, wanted, "right") - starts
        return [
            (int(place), number)
            for place in np.flatnonzero(counts)
            for number in self.by_hash[starts[place] : starts[place] + min(counts[place], most)].tolist()
        ]

    def with_word(self, wanted: Hashes) -> list[Numbers]:
        """For each hash of a word, the numbers of the texts that have the word."""
        if not len(self.words):
            return [self.postings[:0] for _ in wanted]
        places = np.minimum(np.searchsorted(self.words, wanted), len(self.words) - 1)
        return [
            self._posted(int(at)) if self.words[at] == one else self.postings[:0]
            for at, one in zip(places, wanted, strict=True)
        ]

    def near(self, keys: NearKeys, most: int) -> list[tuple[int, int]]:
        """Places of texts, with the numbers of those of about its length that begin or end as it does.

        Where more than `most` begin so, or end so, none of these is given.
        """
        found = set(_between(self.heads, self.by_head, keys.heads, most))
        return sorted(found.union(_between(self.tails, self.by_tail, keys.tails, most)))

    def _posted(self, word: int) -> Numbers:
        return self.postings[self.ends[word - 1] if word else 0 : self.ends[word]]


def hashed(texts: Sequence[str]) -> Hashes:
    """This process's own hashes of the texts."""
    return np.fromiter(map(hash, texts), np.int64, len(texts))


@dataclass(frozen=True)
class NearKeys:
    """For each of some texts, a row of the keys that texts near it have by their beginning, and by their end."""

    heads: Numbers
    tails: Numbers


def near_keys(compacts: Sequence[str]) -> NearKeys:
    """The keys of compact texts, for `TableValues.near`."""
    data = [one.encode() for one in compacts]
    rows = ([_keys_near(one, one[:2]) for one in data], [_keys_near(one, one[-2:]) for one in data])
    return NearKeys(*(np.array(one, np.uint32).reshape(-1, _LENGTHS) for one in rows))


def build(table: str, columns: Sequence[tuple[str, pa.Array]]) -> TableValues:
    """Arrange the distinct texts of a table's columns."""
    bounds = np.cumsum([0, *(len(one) for _, one in columns)])
    texts = pa.concat_arrays([one for _, one in columns]) if columns else pa.array([], pa.string())
    pieces = [_folded_piece(texts.slice(start, _AT_ONCE)) for start in range(0, len(texts), _AT_ONCE)]
    pieces = pieces or [_folded_piece(texts)]
    hashes, heads, tails = (
        np.concatenate([getattr(one, name) for one in pieces]) for name in ("hashes", "heads", "tails")
    )
    by_hash, by_head, by_tail = (np.argsort(one, kind="stable").astype(np.uint32) for one in (hashes, heads, tails))
    words, ends, postings = _posted(pieces)
    return TableValues(
        table,
        tuple(Column(name, int(bounds[n]), int(bounds[n + 1])) for n, (name, _) in enumerate(columns)),
        texts,
        hashes[by_hash],
        by_hash,
        words,
        ends,
        postings,
        heads[by_head],
        by_head,
        tails[by_tail],
        by_tail,
    )


@dataclass(frozen=True)
class _Piece:
    hashes: Hashes
    heads: Numbers
    tails: Numbers
    words: Hashes
    word_counts: Numbers


def _folded_piece(texts: pa.Array) -> _Piece:
    spaced = folded(texts)
    compact = pc.replace_substring(spaced, " ", "")
    split = pc.list_slice(pc.split_pattern(spaced, " ", max_splits=_WORD_ROOM), 0, _WORD_ROOM)
    return _Piece(
        hashed(compact.to_pylist()),
        *_keys(compact),
        hashed(split.flatten().to_pylist()),
        pc.list_value_length(split).to_numpy(zero_copy_only=False).astype(np.uint32),
    )


def _keys(compact: pa.StringArray) -> tuple[Numbers, Numbers]:
    """The texts' keys by their first and by their last two bytes: as `_key`, for many at once."""
    _, bounds, letters = compact.buffers()
    offsets = np.frombuffer(bounds, np.int32)[compact.offset : compact.offset + len(compact) + 1].astype(np.int64)
    data = np.append(np.frombuffer(letters or b"", np.uint8), [0, 0]).astype(np.uint32)
    starts, stops = offsets[:-1], offsets[1:]
    lengths = stops - starts
    size = np.minimum(lengths, 255).astype(np.uint32) << 16
    both = lengths > 1
    heads = np.where(lengths > 0, data[starts] << 8, 0) | np.where(both, data[starts + 1], 0)
    last = np.where(both, stops - 2, starts)
    tails = np.where(lengths > 0, data[last] << 8, 0) | np.where(both, data[last + 1], 0)
    return (size | heads).astype(np.uint32), (size | tails).astype(np.uint32)


def _posted(pieces: Sequence[_Piece]) -> tuple[Hashes, Numbers, Numbers]:
    """The distinct words, where each one's texts end, and the texts' numbers word by word."""
    every = np.concatenate([one.words for one in pieces])
    counts = np.concatenate([one.word_counts for one in pieces])
    owners = np.repeat(np.arange(len(counts), dtype=np.uint32), counts)
    order = np.argsort(every, kind="stable")
    words, numbers = np.unique(every, return_counts=True)
    return words, np.cumsum(numbers).astype(np.uint32), owners[order]


def _between(keys: Numbers, order: Numbers, wanted: Numbers, most: int) -> Iterator[tuple[int, int]]:
    starts, stops = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
    counts = (stops - starts).sum(axis=1)
    for place in np.flatnonzero((counts > 0) & (counts <= most)):
        for start, stop in zip(starts[place], stops[place], strict=True):
            for number in order[start:stop].tolist():
                yield int(place), number


def _keys_near(data: bytes, part: bytes) -> list[int]:
    """Keys of the lengths that one or two wrong letters, of up to two bytes each, can make of it."""
    reach = 2 if data.isascii() else 4
    lengths = range(len(data) - _LENGTHS // 2, len(data) + _LENGTHS // 2 + 1)
    return [_key(one, part) if abs(one - len(data)) <= reach and one > 0 else _NO_KEY for one in lengths]


def _key(length: int, part: bytes) -> int:
    return min(length, 255) << 16 | int.from_bytes(part.ljust(2, b"\0"), "big")
