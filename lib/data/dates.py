"""Dates as people write them, in SQL: the order of day, month and year, what separates them, the time of day.

Every expression reads the trimmed text `v`. A form says how all cells of a column are written.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lib.data.kind import Kind, Remark

DAY_FIRST, MONTH_FIRST = "day_first", "month_first"

ISO_DATE = "TRY_CAST(v AS DATE)::VARCHAR = v AND strlen(v) = 10"
_STAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)?"
# Printing it again finds what the cast moves, such as 24:00 to the next day, and years before the first.
_PRINTED = "strftime(TRY_CAST(v AS TIMESTAMP), '%Y-%m-%d %H:%M:%S.%f')"
_FIRST_DAY = "TIMESTAMP '0001-01-01'"
_IN_ERA = f"TRY_CAST(v AS TIMESTAMP) >= {_FIRST_DAY}"
ISO_TIMESTAMP = (
    "(TRY_CAST(v AS TIMESTAMP)::VARCHAR = v AND strlen(v) = 19"
    f" OR regexp_full_match(v, '{_STAMP}') AND {_IN_ERA} AND starts_with({_PRINTED}, replace(v, 'T', ' ')))"
)

_MONTHS = (
    "(?i:jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?|oct(ober)?|nov(ember)?"
    "|dec(ember)?)"
)
_TIME = r"(,? |T)[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?( ?[AaPp][Mm])?"
SCREEN = (
    r"regexp_full_match(v, '([0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}"
    rf"|[0-9]{{1,2}}[- ]{_MONTHS}\.?[- ,]+[0-9]{{2,4}}|{_MONTHS}\.? [0-9]{{1,2}},? [0-9]{{4}})({_TIME})?')"
)
"""Lets every date of the forms below through, and little else."""

_CLOCKS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
_ERAS = "; years from 69 are of the 1900s, those below of the 2000s"


@dataclass(frozen=True)
class Form:
    """`pattern` is the regular expression of the date, `format` that of strptime, `words` those of a person.

    `order` says which number is the day, where other orders look the same; `family` is the same for all of these.
    """

    words: str
    pattern: str
    format: str
    order: str = ""
    family: str = ""

    @property
    def short_year(self) -> bool:
        return "%y" in self.format

    def fits(self, timed: bool) -> str:
        if not timed:
            return f"regexp_full_match(v, '{self.pattern}') AND {self.value(False)} >= {_FIRST_DAY}"
        return (
            f"{self.fits(False)}"
            f" OR regexp_full_match(v, '{self.pattern}{_TIME}') AND {self.value(True)} >= {_FIRST_DAY}"
        )

    def value(self, timed: bool) -> str:
        """The TIMESTAMP of a cell of this form; NULL for a date that does not exist."""
        text = "v"
        if "%b" in self.format:
            text = r"regexp_replace(regexp_replace(v, '([A-Za-z]{3})[A-Za-z]*\.?', '\1'), '[- ,]+', ' ', 'g')"
        if not timed:
            return f"try_strptime({text}, '{self.format}')"
        text = rf"regexp_replace({text}, '(,? |T)([0-9]{{1,2}}:)', ' \2')"
        text = rf"regexp_replace({text}, ' ?([AaPp])[Mm]$', ' \1M')"
        formats = ", ".join(f"'{one}'" for one in (self.format, *(f"{self.format} {clock}" for clock in _CLOCKS)))
        return f"try_strptime({text}, [{formats}])"


def _numeric() -> Iterator[Form]:
    for mark in "/-.":
        short = f"[0-9]{{1,2}}[{mark}][0-9]{{1,2}}[{mark}][0-9]{{2}}"
        long = f"{short}[0-9]{{2}}"
        first = f"[0-9]{{4}}[{mark}][0-9]{{1,2}}[{mark}][0-9]{{1,2}}"
        yield Form(f"year{mark}month{mark}day", first, f"%Y{mark}%m{mark}%d")
        for pattern, year in ((long, "Y"), (short, "y")):
            family = f"{mark}{year}"
            yield Form(f"day{mark}month{mark}year", pattern, f"%d{mark}%m{mark}%{year}", DAY_FIRST, family)
            yield Form(f"month{mark}day{mark}year", pattern, f"%m{mark}%d{mark}%{year}", MONTH_FIRST, family)
        if mark == "-":  # nobody writes the year first with other marks and two digits
            yield Form(f"year{mark}month{mark}day", short, f"%y{mark}%m{mark}%d", "year_first", f"{mark}y")


_NAMED = rf"[0-9]{{1,2}}[- ]{_MONTHS}\.?(,? |-)"
FORMS = (
    *_numeric(),
    Form("day, name of the month, year", f"{_NAMED}[0-9]{{4}}", "%d %b %Y"),
    Form("day, name of the month, year", f"{_NAMED}[0-9]{{2}}", "%d %b %y"),
    Form("name of the month, day, year", rf"{_MONTHS}\.? [0-9]{{1,2}},? [0-9]{{4}}", "%b %d %Y"),
)


@dataclass(frozen=True)
class Days:
    """What the cells of one column look like as dates.

    Counts of cells for each form: those that are dates, those that are dates with or without a time of day, and for
    each family those that fit any of its orders. `example` is one of the cells, `distinct` counts the different ones.
    """

    present: int
    example: str
    distinct: int
    days: Mapping[Form, int]
    times: Mapping[Form, int]
    families: Mapping[str, int]

    @property
    def forms(self) -> tuple[Form, ...]:
        """Those that read every cell."""
        return tuple(form for form, count in self.times.items() if count == self.present)

    @property
    def plausible(self) -> tuple[Form, ...]:
        """Those that read every cell alone or together with others of their family."""
        families = {family for family, count in self.families.items() if count == self.present}
        return tuple(form for form in self.times if form.family in families or form in self.forms)

    @property
    def mixed(self) -> bool:
        """Whether each cell is a date, some with the day first and some with the month first."""
        return not self.forms and self.present in self.families.values()

    @property
    def evident(self) -> str:
        """The order that these cells alone prove; empty if there is another, or none."""
        return self.forms[0].order if len(self.forms) == 1 else ""


def tally(forms: Collection[Form]) -> str:
    """The columns of a query about cells, each a text v that so many of them have (`cell`): what `days` takes."""
    asked = [_count("v IS NOT NULL"), "coalesce(min(v), '')", "count(DISTINCT v)"]
    asked += [_count(form.fits(timed)) for form in forms for timed in (False, True)]
    for family in _families(forms):
        asked.append(_count(" OR ".join(f"({one.fits(True)})" for one in forms if one.family == family)))
    return ", ".join(asked)


def _count(condition: str) -> str:
    # FILTER would evaluate all of the condition for every row.
    return f"sum(CASE WHEN {condition} THEN cell ELSE 0 END)::BIGINT"


def _families(forms: Iterable[Form]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form.family for form in forms if form.family))


def days(forms: Sequence[Form], row: Sequence[Any]) -> Days:
    """The answer to `tally`."""
    counts, families = row[3 : 3 + 2 * len(forms)], row[3 + 2 * len(forms) :]
    return Days(
        present=row[0],
        example=row[1],
        distinct=row[2],
        days=dict(zip(forms, counts[0::2], strict=True)),
        times=dict(zip(forms, counts[1::2], strict=True)),
        families=dict(zip(_families(forms), families, strict=True)),
    )


def evidence(columns: Iterable[Days]) -> str:
    """The order of a file by those that its columns prove; empty if they prove none, or both."""
    found = {one.evident for one in columns} & {DAY_FIRST, MONTH_FIRST}
    return found.pop() if len(found) == 1 else ""


def settle(cells: Days, file_order: str) -> Kind:
    """The kind of a column of dates: DATE, TIMESTAMP, or VARCHAR where they do not say what they mean."""
    forms = cells.forms
    if cells.mixed:
        words = "are dates, some of them day first and some month first: kept as text."
        return Kind("VARCHAR", remarks=(Remark("mixed_dates", cells.present, words),))
    if not forms or (len(forms) > 1 and forms[0].short_year):
        return Kind("VARCHAR")
    orders = {form.order: form for form in forms}
    form = orders.get(file_order) or orders.get(DAY_FIRST) or forms[0]
    timed = cells.days[form] < cells.present
    eras = _ERAS if form.short_year else ""
    said = [Remark("dates", cells.present, f"written {form.words} (such as {cells.example}): read as dates{eras}.")]
    if len(forms) > 1:
        said.append(_default(cells, form, file_order))
    type_ = "TIMESTAMP" if timed else "DATE"
    order = form.order if len(forms) > 1 else ""
    return Kind(type_, f"{form.value(timed)}::{type_}", remarks=tuple(said), order=order)


def _default(cells: Days, form: Form, file_order: str) -> Remark:
    taken = "the day first" if form.order == DAY_FIRST else "the month first"
    why = ", as in another column of the file" if form.order == file_order else ""
    words = f"could have the day or the month first: read with {taken}{why}; day and month can be swapped."
    return Remark("date_order", cells.present, words)
