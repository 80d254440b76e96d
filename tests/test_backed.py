"""Numbers in a model's words: those that the result holds, and no other, go unmarked."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import settings as options
from hypothesis import strategies as st

from lib.chat.backed import figures
from lib.chat.visible import visible
from lib.data.workspace import Workspace
from lib.engine.result import Column, Result
from lib.settings import Settings
from lib.ui.words import legend, marked


def result(total: int | None = None, **columns: Any) -> Result:
    table = pa.table(columns)
    held = table.num_rows
    return Result(
        tuple(Column(name, "ANY") for name in table.column_names),
        table,
        total is not None and total != held,
        held if total is None else total,
        0.0,
    )


PENGUINS = result(
    species=["Adelie", "Gentoo", "Chinstrap"],
    penguins=[152, 124, 68],
    share=[0.4419, 0.3605, 1 / 3],
    mean_mass=[3700.66, 5076.02, 3733.09],
)
SALES = result(
    shop=["Route 66", "Q4 shop", "Boeing 737-800", "A320-214"],
    revenue=pa.array([1_234_567, 1_400_000, 9_007_199_254_740_993, -7], pa.int64()),
    growth=[12.5, -3.2, 2.0, 0.07],
    price=pa.array([Decimal("19.99"), Decimal("1234.50"), None, Decimal("0.10")], pa.decimal128(10, 2)),
    opened=[dt.date(2013, 7, 1), dt.date(2014, 12, 31), dt.date(2015, 2, 3), None],
    seen=[dt.datetime(2024, 1, 5, 14, 30), None, None, dt.datetime(2024, 6, 1, 9, 5, 7)],
    text_month=["2020-03", None, "1,500", "12 %"],
)
ONE = result(flights=[6192])
NONE = result(flights=pa.array([], pa.int64()))
ZERO = result(flights=[0])
LIST = result(tags=[[11, 12], [13]], of=[{"low": 21, "high": 22}, {"low": 23, "high": 24}])
CUT = result(24_000, n=[5, 6, 7])

HELD = [
    (PENGUINS, "Adelie has 152 penguins, Gentoo 124 and Chinstrap 68."),
    (PENGUINS, "There are three species; all 3 are listed in the 3 rows and 4 columns."),
    (PENGUINS, "44.19% are Adelie, 44.2 %, 44 percent and 36.05 per cent."),
    (PENGUINS, "A third, one third, 1/3 or 33.3% are Chinstrap; ⅓ in short."),
    (PENGUINS, "3,700.66 g, 3,701 g, 3.7k, 3.70 thousand, 5.08e3 and 3 733,09 grams."),
    (PENGUINS, "1. Adelie\n2. Gentoo\n3. Chinstrap, the third; the 2nd is Gentoo, and Adelie is first."),
    (PENGUINS, "one hundred and fifty-two, one hundred fifty two; sixty-eight"),
    (PENGUINS, "Adelie (152), **124**, `68`, $152$, ~~152~~, __68__"),
    (PENGUINS, "١٥٢ و١٢٤ و۶۸، مئة واثنان وخمسون، ثمانية وستون، ٤٤٫٢٪"),
    (PENGUINS, "| species | n |\n|---|---|\n| Adelie | 152 |\n| Gentoo | 124 |"),
    (PENGUINS, "one of the largest, the one that leads, each one, no one, this one; no longer, no doubt."),
    (PENGUINS, "Between 68 and 152, 68-152, 68–152, 124/152."),
    (SALES, "1,234,567; 1 234 567; 1.234.567; 1'234'567; 12,34,567"),
    (SALES, "$1.2M, USD 1.23 million, 1,2 Mio., 1.4 million, 1.4M€, 1235k, 1.234567e6, 1.23×10^6"),
    (SALES, "9,007,199,254,740,993 and -7, −7, minus a growth of -3.2 % and 12.5%"),
    (SALES, "19.99, $19.99, 20.0, 1,234.50, 1234.5 and 0.10"),
    (SALES, "Route 66, the Q4 shop, the Boeing 737-800 and the A320-214."),
    (SALES, "1 July 2013, July 1, 2013, 2013-07-01, July 1st, Jul 2013, 2013-07, Q3 2013, 2013, in 01.07.2013"),
    (SALES, "5 January 2024 at 14:30, 2:30 pm, 09:05:07; ١ يوليو ٢٠١٣; 2024-01-05T14:30:00"),
    (SALES, "March 2020; 1500 and 1,500; 12 %"),
    (SALES, "Revenue doubled, it is twice as high"),
    (ONE, "There are 6,192 flights in one row; the result has 1 row."),
    (NONE, "There are no flights; zero, none, 0 rows."),
    (ZERO, "No flights, none: 0."),
    (LIST, "11, 12, 13, 21, 22, 23 and 24"),
    (CUT, "Of all 24,000 rows the first are 5, 6 and 7."),
]  # fmt: skip

LIES = [
    (PENGUINS, "Adelie has 153.", "153"),
    (PENGUINS, "Gentoo 12 4", "12|4"),
    (PENGUINS, "-152 penguins", "-152"),
    (PENGUINS, "1,240", "1,240"),
    (PENGUINS, "12.4", "12.4"),
    (PENGUINS, "152k", "152k"),
    (PENGUINS, "152 million", "152 million"),
    (PENGUINS, "four species", "four"),
    (PENGUINS, "one penguin", "one"),
    (PENGUINS, "There is only one.", "one"),
    (PENGUINS, "exactly one of them", "one"),
    (PENGUINS, "5 columns", "5"),
    (PENGUINS, "4 species", "4"),
    (PENGUINS, "the 4th", "4th"),
    (PENGUINS, "44.1%", "44.1%"),
    (PENGUINS, "45 percent", "45 percent"),
    (PENGUINS, "half of them, two thirds, a quarter of them, 1/2", "half|two thirds|a quarter|1/2"),
    (PENGUINS, "twice as many", "twice"),
    (PENGUINS, "3,700.7 is right, 3,700.6 is not", "3,700.6"),
    (PENGUINS, "about 4 thousand", "4 thousand"),
    (PENGUINS, "roughly 150", "150"),
    (PENGUINS, "no penguins", "no"),
    (PENGUINS, "none of them, zero", "none|zero"),
    (PENGUINS, "hundreds of penguins, a dozen", "hundreds|a dozen"),
    (PENGUINS, "a hundred and fifty-three", "a hundred and fifty-three"),
    (PENGUINS, "مئة وثلاثة وخمسون، ١٥٣", "مئة وثلاثة وخمسون|١٥٣"),
    (PENGUINS, "Adelie (153), **125**, `69`, $154$, ~~155~~", "153|125|69|$154|155"),
    (PENGUINS, "1**5**3", "153"),
    (PENGUINS, "1\u200b5\u200c3 and 1\u00ad53 and 1\u20535", "153|153|1|5"),
    (PENGUINS, "&#49;53 and 15&#x33;", "153|153"),
    (PENGUINS, "１５３ and 𝟏𝟓𝟑 and ①⑤③", "153|153|153"),
    (PENGUINS, "1\u03365\u03363\u0336 and 1\ufe0f\u20e35\ufe0f\u20e3", "153|15"),
    (PENGUINS, "```\n153\n```", "153"),
    (PENGUINS, "| n |\n|---|\n| 153 |", "153"),
    (PENGUINS, "[153](http://x.example/154)", "154|153"),
    (PENGUINS, "<b>153</b>", "153"),
    (PENGUINS, "10²", "10²"),
    (PENGUINS, "153kg, 12kg", "153|12"),
    (PENGUINS, "1,2,3", "1|2"),
    (PENGUINS, "5. Adelie\n6. Gentoo", "5|6"),
    (PENGUINS, "The count is\n\n153. ", "153"),
    (PENGUINS, "1. 153\n2. 154", "153|154"),
    (PENGUINS, "in 2007", "2007"),
    (PENGUINS, "at 14:30 on 5 May", "14:30|5 May"),
    (PENGUINS, "Adelie152, N152, v1.52", "Adelie152|N152|v1.52"),
    (PENGUINS, "1O2", "1O2"),
    (PENGUINS, "152:124:69", "69"),
    (SALES, "about 1 million", "1 million"),
    (SALES, "1.3M, 1.24M, 2 million", "1.3M|1.24M|2 million"),
    (SALES, "9,007,199,254,740,992", "9,007,199,254,740,992"),
    (SALES, "7", "7"),
    (SALES, "(1,234,568)", "1,234,568"),
    (SALES, "a growth of 3.2 %", "3.2 %"),
    (SALES, "66 shops, 737 planes, 800", "66|737|800"),
    (SALES, "Q2 2013, A321-214, B6", "Q2 2013|A321-214|B6"),
    (SALES, "2 July 2013, 2013-07-02, August 2013, 2016", "2 July 2013|2013-07-02|August 2013|2016"),
    (SALES, "14:31 and 2:30 am", "14:31|2:30 am"),
    (SALES, "20.01 or $21", "20.01|$21"),
    (SALES, "1.5 MILLION, 1400 thousand and 1.2 bn", "1.5 MILLION|1.2 bn"),
    (SALES, "12.5 is 1/9 of it, 9/7", "1/9|9/7"),
    (SALES, "tripled", "tripled"),
    (ONE, "6,193 flights", "6,193"),
    (ONE, "one flight, a single flight, 1 flight", "one|a single|1"),
    (ONE, "6.1k", "6.1k"),
    (NONE, "There is 1 flight.", "1"),
    (ZERO, "one flight", "one"),
    (LIST, "14 and 25", "14|25"),
    (CUT, "3 rows in all", "3"),
]  # fmt: skip


@pytest.mark.parametrize(("of", "words"), HELD, ids=[words[:40] for _, words in HELD])
def test_what_the_result_holds_is_held(of: Result, words: str) -> None:
    found = figures(words, of, "")
    assert [one.text for one in found if one.standing != "held"] == []
    assert found or words.startswith(("one of", "1. "))


@pytest.mark.parametrize(("of", "words", "lies"), LIES, ids=[words[:40] for _, words, _ in LIES])
def test_what_it_does_not_hold_is_marked(of: Result, words: str, lies: str) -> None:
    found = figures(words, of, "")
    assert "|".join(one.text for one in found if one.standing != "held") == lies
    text = visible(words)
    assert all(text[one.start : one.end] == one.text for one in found)


def test_the_question_says_what_it_says() -> None:
    found = figures("The top 5 of 2013: 152, 5 and ten.", PENGUINS, "Give me the top five of 2013")
    assert [(one.text, one.standing) for one in found] == [
        ("5", "asked"),
        ("2013", "asked"),
        ("152", "held"),
        ("5", "asked"),
        ("ten", "unbacked"),
    ]


WAYS = (
    "{:,}", "{}", "**{:,}**", "`{}`", "{:,}.0", "({:,})", "{:,} kg", "{}kg", "${:,}", "€ {}", "the value is {:,}.",
    "{:,}\u00a0units", "[{:,}](http://x.example)", "~~{}~~", "| a |\n|---|\n| {:,} |", "- {}", "{:,};",
)  # fmt: skip
FOREIGN = [str.maketrans("0123456789", "".join(chr(zero + n) for n in range(10))) for zero in (0x660, 0x6F0, 0xFF10)]


@given(st.integers(10, 10**17), st.sampled_from(WAYS), st.sampled_from([None, *FOREIGN]), st.data())
@options(max_examples=60, deadline=None)
def test_any_number_in_any_writing_is_held_and_with_another_digit_it_is_not(
    number: int, way: str, script: dict[int, int] | None, data: st.DataObject
) -> None:
    of = result(n=pa.array([number], pa.int64()))
    words = way.format(number)
    digits = [at for at, one in enumerate(words) if one.isdigit() and at < len(words.removesuffix(".0"))]
    at = data.draw(st.sampled_from(digits))
    other = data.draw(st.sampled_from([one for one in "123456789" if one != words[at]]))
    wrong = words[:at] + other + words[at + 1 :]
    if script:
        words, wrong = words.translate(script), wrong.translate(script)
    assert [one.standing for one in figures(words, of, "")] == ["held"]
    assert [one.standing for one in figures(wrong, of, "")] == ["unbacked"]


@given(st.floats(-1e12, 1e12).filter(lambda one: abs(one) > 1e-3), st.integers(0, 6))
@options(max_examples=60, deadline=None)
def test_a_rounding_is_held_and_its_neighbours_are_not(number: float, places: int) -> None:
    of = result(n=[number])
    rounded = round(Decimal(repr(number)), places)
    step = Decimal(1).scaleb(-places)
    if abs(rounded - Decimal(repr(number))) > abs(Decimal(repr(number))) / 20:
        return  # too coarse to be a rounding
    assert [one.standing for one in figures(f"It is {rounded:,}.", of, "")] == ["held"]
    for wrong in (rounded + step, rounded - step):
        exact_half = abs(Decimal(repr(number)) - wrong) * 2 == step
        if not exact_half and wrong:
            assert [one.standing for one in figures(f"It is {wrong:,}.", of, "")] == ["unbacked"]


HIDING = st.sampled_from(
    ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u202e", "\u0336", "\ufe0f", "\u20e3", "\U000e0031"]
)
BREAKING = st.sampled_from(["**", "*", "_", "`", "~~", "", "**", "&#x200b;"])


@given(st.lists(st.tuples(st.sampled_from("123456789"), HIDING | BREAKING), min_size=2, max_size=6))
@options(max_examples=60, deadline=None)
def test_no_number_escapes_by_what_stands_between_its_digits(parts: list[tuple[str, str]]) -> None:
    of = result(n=["nothing"])
    words = "It is " + "".join(digit + between for digit, between in parts) + " in all"
    shown = marked(words, of, "")
    outside = re.sub(r":orange-background\[[^\]]*\]", "", shown)
    assert not re.search(r"\d", outside), shown


@given(st.text(alphabet="0129.,:;/-– %$€kMe()[]*_`~#|<>&\\!\n\u200b٣½²ao", max_size=60))
@options(max_examples=80, deadline=None)
def test_every_digit_on_screen_is_in_a_figure_or_before_an_item(words: str) -> None:
    text, found = visible(words), figures(words, result(n=["nothing"]), "")
    assert all(before.end <= after.start for before, after in pairwise(found))
    covered = {at for one in found for at in range(one.start, one.end)}
    loose = [at for at, one in enumerate(text) if one.isdecimal() and at not in covered]
    for at in loose:
        line = text[text.rfind("\n", 0, at) + 1 :]
        assert re.match(r" *\d{1,3}[.)]", line) or re.match(r"1?\d(st|nd|rd|th)", text[at:]), (text, at)


def test_marks_are_drawn_wherever_a_number_stands() -> None:
    words = (
        "There are **153** and `99` at:17, _Gentoo_ has 124 :red[77] of 5.\n\n"
        "1. Adelie 152\n2. Other 8\n\n| a | b |\n|---|---|\n| x | 19 |\n\n```sql\nSELECT 88\n```\n"
        "$$55$$ ![44](http://e.example/43.png)"
    )
    shown = marked(words, PENGUINS, "the 5 first")
    assert (
        re.findall(r":orange-background\[(.*?)\]", shown)
        == "153 99 17 77 8 19 88 55 44 43".replace("55", "\\$55").split()
    )
    assert re.findall(r":gray-background\[(.*?)\]", shown) == ["5"]
    assert all(one in shown for one in ("124 ", "1. Adelie 152", "| x |"))
    assert not any(one in shown.replace("\\:", "") for one in (":red[", "](http", "`"))
    assert legend(figures(words, PENGUINS, "the 5 first")) == (
        "10 marked numbers are not in the result. 1 number in grey is only in the question."
    )
    assert legend(figures("152", PENGUINS, "")) == ""


@pytest.mark.parametrize("words", ["1," * 5_000, "1 " * 5_000, "1**" * 5_000, "two hundred and " * 1_000, "-1" * 5_000])
def test_endless_words_are_read_to_their_end(words: str) -> None:
    found = figures(words, PENGUINS, "")
    assert found
    assert found[-1].end > len(visible(words)) - 20


def test_cells_of_the_engine_are_compared_as_they_are_shown() -> None:
    sql = """
        SELECT 170141183460469231731687303715884105727::HUGEINT, 12345678901234567890::UBIGINT, 0.1::FLOAT,
        1e300::DOUBLE, 'nan'::DOUBLE, 'inf'::DOUBLE, TIMESTAMPTZ '2022-02-03 04:05:06+00', TIME '14:30:15',
        [1.5, 2.5], NULL, true, {'a': 77, 'b': 'Route 88'}, MAP {'k': 55}, 'B6'::ENUM('B6', 'AA'),
        12345678901234567.89::DECIMAL(20, 2), 99999999999999999999999999999999999999::DECIMAL(38, 0),
        INTERVAL '3 days', '\\xAA'::BLOB, 'يناير'
    """
    words = (
        "170,141,183,460,469,231,731,687,303,715,884,105,727; 12345678901234567890; 0.1; 1e300; 3 February 2022;"
        " 04:05:06; 14:30; 1.5 and 2.5; 77; Route 88; 55; B6; 12,345,678,901,234,567.89;"
        " 99999999999999999999999999999999999999"
    )
    lies = (
        "170,141,183,460,469,231,731,687,303,715,884,105,728; 12345678901234567891; 0.11; 2e300; 4 February 2022;"
        " 14:31; 3.5; 78; Route 89; 56; B7; 12,345,678,901,234,567.88; 99999999999999999999999999999999999998"
    )
    with Workspace.temporary(Settings()) as space:
        of = space.run(sql)
    assert [one.text for one in figures(words, of, "") if one.standing != "held"] == []
    assert [one.text for one in figures(lies, of, "") if one.standing == "held"] == []


def test_every_row_of_many_is_compared() -> None:
    numbers = pa.array(range(300_000), pa.int64())
    of = result(
        n=numbers,
        half=pc.divide(pc.cast(numbers, pa.float64()), 2.0),
        id=pc.binary_join_element_wise("id", pc.cast(numbers, pa.string()), ""),
    )
    found = figures("299,999 and 149,999.5 and 300,000 and id277777; 300,001 and 149,999.6 and id300000", of, "")
    assert [one.text for one in found if one.standing != "held"] == ["300,001", "149,999.6", "id300000"]
