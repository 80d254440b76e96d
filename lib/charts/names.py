"""What the name of a column says about its numbers: whether they name things, add up, or are parts of a date."""

from __future__ import annotations

import re

from lib.charts.moments import Part

_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^\W\d_]+|[%#]")
_CALL = re.compile(r"\s*(\w+)\s*\(")

_IDENTIFIERS = frozenset(
    "id ids key code zip zipcode postcode postal phone telephone tel mobile fax uuid guid isbn issn ean upc sku ssn "
    "iban vin barcode pin معرف المعرف رمز الرمز هاتف الهاتف جوال".split()
)
_NUMBERED = frozenset(
    "account card order invoice phone telephone flight room serial house street line case ticket customer employee "
    "student passport license policy contract model part".split()
)
_NUMBER = frozenset("number num no nr #".split())
_COUNTED = frozenset(
    "count counts sum total totals number num n avg average mean median min max عدد مجموع متوسط".split()
)
_COUNTS = frozenset("count counts n number num frequency freq عدد العدد".split())
_PLACES = frozenset("rank ranking position place row index rn # seq sequence الترتيب ترتيب".split())
_NOT_ADDED = frozenset(
    "avg average mean median min max minimum maximum lowest highest rate ratio pct percent percentage % price age "
    "score rating temperature temp height weight length width depth per speed level grade gpa density margin "
    "std stddev variance latitude longitude lat lon lng salary share متوسط نسبة معدل سعر عمر".split()
)
_ADDED = frozenset("count sum total عدد مجموع".split())
_SHARES = frozenset("pct percent percentage % share proportion fraction نسبة حصة".split())
_BEFORE = frozenset("previous prev prior last before earlier السابق الماضي سابق".split())
_LATITUDES, _LONGITUDES = frozenset({"lat", "latitude"}), frozenset({"lon", "lng", "long", "longitude"})
_PARTS: dict[str, Part] = {
    "year": "year", "yr": "year", "yyyy": "year", "سنة": "year", "السنة": "year", "عام": "year", "العام": "year",
    "quarter": "quarter", "qtr": "quarter", "month": "month", "mon": "month", "شهر": "month", "الشهر": "month",
    "week": "week", "weekday": "weekday", "dow": "weekday", "day": "day", "يوم": "day", "اليوم": "day",
    "hour": "hour", "hr": "hour", "ساعة": "hour", "الساعة": "hour", "minute": "minute",
}  # fmt: skip
_CYCLES = frozenset("week month quarter year day hour".split())


def words(name: str) -> tuple[str, ...]:
    """Its words in lower case, as in `CustomerId`, `customer_id` and `customer id`."""
    return tuple(one.lower() for one in _WORD.findall(name))


def is_identifier(name: str) -> bool:
    """Whether numbers of that name tell things apart, so that no sum of them means anything."""
    said = words(name)
    if not said or _CALL.match(name) or said[0] in _COUNTED - _NUMBER:
        return False
    if said[-1] in _NUMBER and len(said) > 1:
        return said[-2] in _NUMBERED
    return said[-1] in _IDENTIFIERS


def is_place(name: str) -> bool:
    """Whether they say at which place of an order a row is."""
    said = words(name)
    return bool(said) and not _CALL.match(name) and (said[-1] in _PLACES or said == ("row", "number"))


def adds_up(name: str) -> bool:
    """Whether a sum of such numbers is one of the same kind: counts and amounts are, averages and prices are not."""
    call = _CALL.match(name)
    if call and words(call[1]):
        return words(call[1])[-1] in _ADDED
    said = set(words(name))
    return bool(said & _ADDED) or not (said & _NOT_ADDED or said & _PLACES)


def is_count(name: str) -> bool:
    """Whether they say how many there are."""
    said = words(name)
    return bool(said) and (said[0] in _COUNTS or said[-1] in _COUNTS)


def is_share(name: str) -> bool:
    """Whether they are parts of a whole."""
    return bool(set(words(name)) & _SHARES)


def is_earlier(name: str) -> bool:
    """Whether they belong to the period before."""
    return bool(set(words(name)) & _BEFORE)


def is_latitude(name: str) -> bool:
    return bool(set(words(name)) & _LATITUDES)


def is_longitude(name: str) -> bool:
    return bool(set(words(name)) & _LONGITUDES)


def part_of_date(name: str) -> Part | None:
    """Which part of a date or a time of day they are: `order_month`, `hour of day`, `YEAR(hired)`, `year_built`."""
    call = _CALL.match(name)
    if call:
        return _PARTS.get(call[1].lower())
    said = words(name)
    if set(said) & (_COUNTED - _NUMBER):
        return None
    if said[-1:] and said[-1] in _NUMBER and len(said) == 2:
        said = said[:1]
    if said[:3] == ("day", "of", "week"):
        return "weekday"
    if len(said) == 3 and said[1] == "of" and said[2] in _CYCLES:
        said = said[:1]
    if said[-1:] and said[-1] in _PARTS:
        return _PARTS[said[-1]]
    return "year" if "year" in said else None
