"""Words of the question that ask for an operation which the query does not have."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sqlglot import exp

from lib.asking.checks.case import Case
from lib.asking.checks.dates import is_dated
from lib.asking.checks.finding import Finding
from lib.asking.checks.probe import Probe, Step
from lib.asking.checks.reading import DIALECT, Reading
from lib.asking.checks.words import stem, stems, words
from lib.data.table import counted
from lib.engine.types import is_number

_MOST = (
    r"highest|largest|biggest|greatest|longest|tallest|heaviest|maximum|most(?!ly| of| recent| recently)|max|hottest"
    r"|warmest|busiest|fastest|richest|أكبر|أعلى|أكثر|أطول"
)
_LEAST = r"lowest|smallest|shortest|lightest|minimum|fewest|least|min|coldest|slowest|poorest|أصغر|أقل|أدنى|أقصر"
_LATE, _EARLY = r"latest|newest|most recent|most recently|youngest", r"earliest|oldest"
_OTHER_ENDS = r"oldest|youngest|newest|latest|earliest|best|worst|nearest|farthest|most recent"


def _word(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\bat )\b(?:{pattern})\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Wish:
    """Words that ask for something, the ways in which SQL does it, and names of columns that have it already."""

    pattern: re.Pattern[str]
    kinds: tuple[type[exp.Expr], ...]
    columns: frozenset[str]


_ENDS_OF_ORDER = (
    exp.Max,
    exp.Min,
    exp.ArgMax,
    exp.ArgMin,
    exp.Order,
    exp.Window,
    exp.All,
    exp.Greatest,
    exp.Least,
    exp.Limit,
)
WISHES = (
    _Wish(
        _word("average|mean(?!s|ing)|متوسط|معدل"),
        (exp.Avg, exp.Median, exp.Div, exp.Quantile, exp.PercentileCont),
        frozenset("average avg mean".split()),
    ),
    _Wish(_word("median"), (exp.Median, exp.Quantile, exp.PercentileCont, exp.Window), frozenset({"median"})),
    _Wish(
        _word("total|sum|altogether|مجموع|إجمالي"),
        (exp.Sum, exp.Count, exp.Add),
        frozenset("total sum all".split()),
    ),
    _Wish(
        _word(f"{_MOST}|{_LEAST}|{_OTHER_ENDS}"),
        _ENDS_OF_ORDER,
        frozenset("max min highest lowest largest maximum minimum best worst top".split()),
    ),
)
_HOW_MANY = re.compile(r"^\W*(?:how many|count (?:the|all|how)|كم عدد|كم)\b", re.IGNORECASE)
_DENIAL = re.compile(
    r"\b(?:not|without|never|excluding|except(?! for)|nor|neither|non|(?:did|does|do|is|are|was|were|has|have)n't)\b"
    r"(?! (?:more|less|fewer|older|younger|later|earlier|only|necessarily|just|yet))",
    re.IGNORECASE,
)
_DENYING = (exp.Not, exp.NEQ, exp.Except, exp.Is, exp.Anti if hasattr(exp, "Anti") else exp.Except)
_DIFFERENT = re.compile(r"\b(?:distinct|different|unique|various)\b", re.IGNORECASE)
_EACH = re.compile(r"\b(?:for each|for every|of each|in each|by each|per|each)\s+(\w+)", re.IGNORECASE)


def unmentioned_aggregate(case: Case) -> Iterator[Step]:
    """The question asks for an average, a total or an extreme, and nothing in the SQL gives one."""
    if not case.reading.selects or case.reading.tree is None:
        return
    names = _used_stems(case.reading)
    calls = {one.name.casefold() for one in case.reading.tree.find_all(exp.Anonymous)}
    for wish in WISHES:
        found = wish.pattern.search(case.question.text)
        if (
            found
            and not any(case.reading.tree.find_all(*wish.kinds))
            and not (wish.columns | {found[0].casefold()}) & names
            and not calls
        ):
            yield _unasked(found[0])


def unmentioned_count(case: Case) -> Iterator[Step]:
    """The question asks how many, and no column of the answer is a number."""
    found = _HOW_MANY.search(case.question.text)
    if found and case.reading.selects and not any(is_number(one.type) for one in case.result.columns):
        yield _unasked(found[0].strip())


def wrong_end(case: Case) -> Iterator[Step]:
    """The question asks for the most and the query takes the least, or the other way round."""
    most, least = (_word(one).search(case.question.text) for one in (_MOST, _LEAST))
    said = most or least
    tree = case.reading.tree
    if tree is None or not case.reading.selects:
        return
    if said and not (most and least) and stem(said[0].casefold()) not in _used_stems(case.reading):
        if _takes_other_end(tree, bool(most)):
            yield _other_end(said[0])
    elif not said:
        yield from _wrong_time(case)


def _takes_other_end(tree: exp.Expr, most: bool) -> bool:
    orders = {bool(one.args.get("desc")) for one in tree.find_all(exp.Ordered)}
    right, wrong = ((exp.Max, exp.ArgMax), (exp.Min, exp.ArgMin))[:: 1 if most else -1]
    if any(tree.find_all(*right)):
        return False
    limited = any(one.args.get("limit") for one in tree.find_all(exp.Select))
    return (limited and orders == {not most}) or (not orders and any(tree.find_all(*wrong)))


def _wrong_time(case: Case) -> Iterator[Step]:
    """ "Latest" and the first by date, "oldest" and the lowest age."""
    late, early = (_word(one).search(case.question.text) for one in (_LATE, _EARLY))
    for select in case.reading.selects:
        order = select.node.args.get("order")
        if bool(late) == bool(early) or not order or not select.node.args.get("limit"):
            continue
        key = order.expressions[0]
        base = select.base(key.this) if isinstance(key.this, exp.Column) else None
        is_age = base is not None and "age" in words(base.column.name)
        said = late or early
        if said and base and (is_age or is_dated(base.column)) and bool(key.args.get("desc")) != (bool(late) != is_age):
            yield _other_end(said[0])


def _other_end(said: str) -> Finding:
    return Finding(
        "wrong_end",
        "doubt",
        f'The question asks for the "{said}" and the query takes the other end; turn the order round.',
    )


def unmentioned_denial(case: Case) -> Iterator[Step]:
    """The question says "not" or "without", and nothing in the SQL excludes anything."""
    tree = case.reading.tree
    found = _DENIAL.search(case.question.text)
    if not found or tree is None or not case.reading.selects:
        return
    excluded = any(tree.find_all(*_DENYING, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Case, exp.If)) or any(
        one.args.get("kind") == "ANTI" or one.args.get("side") for one in tree.find_all(exp.Join)
    )
    zero = any(one.name in ("0", "No", "no", "N", "false") for one in tree.find_all(exp.Literal))
    if (
        not excluded
        and not zero
        and not any(tree.find_all(exp.Boolean))
        and " not " not in f" {case.reading.sql.casefold()} "
    ):
        yield Finding(
            "unmentioned_denial",
            "doubt",
            f'The question says "{found[0]}", and nothing in the query leaves anything out; check what it takes.',
        )


def unmentioned_distinct(case: Case) -> Iterator[Step]:
    """The question asks for different ones, and the answer repeats some or counts them more than once."""
    found = _DIFFERENT.search(case.question.text)
    root = case.reading.root
    if not found or root is None or any(root.node.find_all(exp.Distinct, exp.Group)):
        return
    counts = [one for one in root.aggregates if isinstance(one, exp.Count) and isinstance(one.this, exp.Column)]
    if not root.aggregates:
        rows = [tuple(map(str, row)) for row in case.first_rows]
        if len(set(rows)) < len(rows) and not root.node.args.get("limit"):
            yield Finding(
                "unmentioned_distinct",
                "doubt",
                f'The question says "{found[0]}", and the answer has rows that repeat; use SELECT DISTINCT.',
            )
    elif len(counts) == 1:
        column = counts[0].this.sql(DIALECT)
        if asks := root.asks(f"count({column})", f"count(DISTINCT {column})"):
            yield Probe(asks, _repeats(case.reading, counts[0], found[0]))


def _repeats(reading: Reading, count: exp.Count, said: str) -> Callable[..., Finding | None]:
    def judge(rows: int, different: int) -> Finding | None:
        if rows == different:
            return None
        new = exp.Count(this=exp.Distinct(expressions=[count.this.copy()]))
        return Finding(
            "unmentioned_distinct",
            "doubt",
            f'The question says "{said}", and the query counts {counted(rows, "value")} of which {different:,} are'
            f" different; use COUNT(DISTINCT {count.this.sql(DIALECT)}).",
            reading.with_replaced(count, new),
        )

    return judge


def unmentioned_group(case: Case) -> Iterator[Step]:
    """The question asks for a value for each of something that is a column, and the answer is one value."""
    root = case.reading.root
    if root is None or root.node.args.get("group") or not root.aggregates or any(root.own(exp.Window)):
        return
    names = frozenset().union(
        *(stems(name) for table in case.reading.used for name in [table.name, *(c.name for c in table.columns)])
    )
    asked = [one for one in _EACH.findall(case.question.text) if stem(one.casefold()) in names]
    if asked and case.result.table.num_rows == 1 and len(root.sources) == len(root.tables):
        yield Finding(
            "unmentioned_group",
            "doubt",
            f"The question asks for each {asked[0]}, and the answer is one value for all; group by it.",
        )


def unordered_limit(case: Case) -> Iterator[Step]:
    """LIMIT without ORDER BY where the question asks for the top."""
    said = _word(f"{_MOST}|{_LEAST}|{_OTHER_ENDS}|top|first|last").search(case.question.text)
    loose = [one.node for one in case.reading.selects if one.node.args.get("limit") and not one.node.args.get("order")]
    if said and any(not any(one.find_all(exp.Order, exp.Max, exp.Min, exp.Window)) for one in loose):
        yield Finding(
            "unordered_limit",
            "problem",
            f'The question says "{said[0]}", but the query takes any rows: LIMIT without ORDER BY; put them in order.',
        )


_COMPARED = re.compile(
    r"\b(?:(?P<over>more than|greater than|larger than|higher than|bigger than|over|above|exceed(?:s|ing)?)"
    r"|(?P<under>less than|fewer than|smaller than|lower than|under|below)"
    r"|(?P<least>at least|no less than|no fewer than)|(?P<most>at most|no more than))"
    r"\s+[$€£]?(\d[\d,]*(?:\.\d+)?)\b(?! million| thousand| billion)",
    re.IGNORECASE,
)
_SAYS: dict[str, type[exp.Expr]] = {"over": exp.GT, "under": exp.LT, "least": exp.GTE, "most": exp.LTE}
_TURNED: dict[type[exp.Expr], type[exp.Expr]] = {exp.GT: exp.LT, exp.LT: exp.GT, exp.GTE: exp.LTE, exp.LTE: exp.GTE}


def wrong_comparison(case: Case) -> Iterator[Step]:
    """The question says "more than 5" and the query compares with 5 in another way."""
    tree = case.reading.tree
    if tree is None or not case.reading.selects:
        return
    for said in _COMPARED.finditer(case.question.text):
        wanted = next(kind for name, kind in _SAYS.items() if said[name])
        number = float(said[5].replace(",", ""))
        found = [one for one in map(_comparison, tree.find_all(*_TURNED)) if one and one[1] == number]
        if found and all(kind is not wanted for kind, _ in found):
            yield Finding(
                "wrong_comparison",
                "doubt",
                f'The question says "{said[0]}", and the query compares with {said[5]} in another way; check the sign.',
            )


def _comparison(node: exp.Expr) -> tuple[type[exp.Expr], float] | None:
    """How something is compared with a number, as if it stood on the left; None if it is not, or if that is denied."""
    flipped = isinstance(node.this, exp.Literal)
    value = node.this if flipped else node.args["expression"]
    if not isinstance(value, exp.Literal) or value.is_string or node.find_ancestor(exp.Not, exp.Case, exp.If):
        return None
    return (_TURNED[type(node)] if flipped else type(node)), float(value.name)


def _unasked(word: str) -> Finding:
    return Finding(
        "unmentioned_aggregate",
        "doubt",
        f'The question says "{word}", and nothing in the query does that; check what it gives.',
    )


def _used_stems(reading: Reading) -> frozenset[str]:
    names = [one.name for one in reading.nodes(exp.Identifier)]
    return frozenset(stem(word) for name in names for word in words(name))
