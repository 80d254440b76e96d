"""Charts of every kind on data that is hard to draw: looked at in the browser's gallery, and drawn in the tests."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from plotly.offline import get_plotlyjs

from lib.charts.draw import draw
from lib.charts.labels import escaped
from lib.charts.spec import Spec
from lib.charts.theme import look
from lib.engine.result import Column


@dataclass(frozen=True)
class Case:
    """A spec with a result for it; `columns` are (name, type)."""

    spec: Spec
    columns: tuple[tuple[str, str], ...]
    rows: list[list[Any]]

    @property
    def described(self) -> list[Column]:
        return [Column(name, type_) for name, type_ in self.columns]


_COUNTRIES = "Norway Italy Brazil Japan Kenya France India Canada Mexico Egypt".split()
_LONG = [
    "Ministry of Health and Social Affairs",
    "Department for Environment, Food & Rural Affairs",
    "Office of the Comptroller of the Currency",
    "Short one",
    "Federal Motor Transport Authority of the North",
]
_CITIES = [
    f"{first}{last}"
    for first in ("North", "South", "East", "West", "New ", "Old ", "Port ", "Fort ")
    for last in ("field", "ham", "ville", "burgh", "ford")
]
_ARABIC = ["القاهرة", "الإسكندرية", "الجيزة", "مدينة السادس من أكتوبر", "الأقصر", "أسوان"]
_chance = random.Random(5)


def _months(first: int, count: int) -> list[str]:
    return [f"{first + at // 12}-{at % 12 + 1:02}-01" for at in range(count)]


def _walk(count: int, start: float, step: float) -> Iterator[float]:
    for _ in range(count):
        start += _chance.uniform(-step, step * 1.1)
        yield round(start, 2)


def _days(count: int) -> list[str]:
    return [(dt.date(2021, 3, 1) + dt.timedelta(days=at)).isoformat() for at in range(count)]


def _hours(count: int) -> list[str]:
    return [(dt.datetime(2024, 3, 1) + dt.timedelta(hours=at)).isoformat(sep=" ") for at in range(count)]


def _table(*columns: list[Any]) -> list[list[Any]]:
    return [list(row) for row in zip(*columns, strict=True)]


_BY_MONTH_AND_COUNTRY = [
    [month, country, value]
    for at, country in enumerate(_COUNTRIES)
    for month, value in zip(_months(2021, 36), _walk(36, 1000.0 * (at + 2), 300), strict=True)
]
_PENGUINS = [
    [round(180 + 12 * kind + _chance.gauss(0, 6), 1), round(3400 + 700 * kind + _chance.gauss(0, 300)), name]
    for kind, name in enumerate(("Adelie", "Chinstrap", "Gentoo"))
    for _ in range(110)
]
_SALES = [[_chance.choice(_COUNTRIES[:6]), round(_chance.lognormvariate(4, 0.7), 2)] for _ in range(900)]

# fmt: off
GALLERY: dict[str, Case] = {
    "bars-few": Case(
        Spec("bar", x=0, y=(1,), title="Penguins by island"),
        (("island", "VARCHAR"), ("count_star()", "BIGINT")),
        [["Biscoe", 168], ["Dream", 124], ["Torgersen", 52]],
    ),
    "bars-long-labels": Case(
        Spec("bar", x=0, y=(1,), horizontal=True, sort="value_down"),
        (("office", "VARCHAR"), ("budget_usd", "DOUBLE")),
        _table(_LONG, [1_250_000.0, 980_500.5, 12_400.25, 310_000.0, 5_000_000.75]),
    ),
    "bars-negative": Case(
        Spec("bar", x=0, y=(1,)),
        (("country", "VARCHAR"), ("change_pct", "DOUBLE")),
        _table(_COUNTRIES, [4.2, -1.5, 3.3, 0.0, -6.8, 2.25, 7.9, -0.4, 1.1, -3.0]),
    ),
    "bars-forty-with-other": Case(
        Spec("bar", x=0, y=(1,), sort="value_down"),
        (("city", "VARCHAR"), ("inhabitants", "BIGINT")),
        _table(_CITIES, [2_400_000 // (at + 1) for at in range(40)]),
    ),
    "bars-arabic": Case(
        Spec("bar", x=0, y=(1,), sort="value_down", title="عدد السكان حسب المدينة"),
        (("المدينة", "VARCHAR"), ("عدد السكان", "BIGINT")),
        _table(_ARABIC, [10_200_000, 5_400_000, 4_500_000, 600_000, 510_000, 290_000]),
    ),
    "bars-grouped": Case(
        Spec("bar", x=0, y=(2,), color=1),
        (("quarter", "VARCHAR"), ("channel", "VARCHAR"), ("revenue_eur", "DOUBLE")),
        [[f"Q{q} 2024", c, 11_000.5 * q + 4_000 * at] for q in range(1, 5) for at, c in enumerate(("Shop", "Online"))],
    ),
    "bars-grouped-lying": Case(
        Spec("bar", x=0, y=(1, 2), horizontal=True),
        (("office", "VARCHAR"), ("planned", "BIGINT"), ("spent", "BIGINT")),
        _table(_LONG, [120, 98, 60, 31, 50], [110, 130, 61, 12, 55]),
    ),
    "bars-stacked-years": Case(
        Spec("bar", x=0, y=(2,), color=1, stacked=True),
        (("year", "BIGINT"), ("region", "VARCHAR"), ("sales", "BIGINT")),
        [[y, r, 1000 * (y - 2010) + 300 * at] for y in range(2011, 2024) for at, r in enumerate("NESW")],
    ),
    "bars-by-month": Case(
        Spec("bar", x=0, y=(1,)),
        (("month", "DATE"), ("orders", "BIGINT")),
        _table(_months(2022, 24), [round(one) for one in _walk(24, 5200, 700)]),
    ),
    "bars-of-hours": Case(
        Spec("bar", x=0, y=(1,)),
        (("hour", "BIGINT"), ("trips", "BIGINT")),
        [[hour, 40 + (hour * 37) % 61] for hour in range(24)],
    ),
    "bars-log": Case(
        Spec("bar", x=0, y=(1,), log=True),
        (("planet", "VARCHAR"), ("mass", "DOUBLE")),
        [["Mercury", 0.33], ["Earth", 5.97], ["Jupiter", 1898.0], ["Saturn", 568.0]],
    ),
    "bars-of-months-in-words": Case(
        Spec("bar", x=0, y=(1,), sort="x"),
        (("month_name", "VARCHAR"), ("n", "BIGINT")),
        [[m, 10 + len(m)] for m in ("April August December February January July June March May November October"
                                    " September").split()],
    ),
    "line-months": Case(
        Spec("line", x=0, y=(1,), title="Sales recovered after the slump of 2021 and have grown since"),
        (("month", "DATE"), ("total_sales_usd", "DECIMAL(18,2)")),
        _table(_months(2021, 36), list(_walk(36, 250_000, 30_000))),
    ),
    "line-years": Case(
        Spec("line", x=0, y=(1,)),
        (("year", "BIGINT"), ("emissions", "DOUBLE")),
        _table(list(range(1990, 2024)), list(_walk(34, 52, 3))),
    ),
    "line-hours": Case(
        Spec("line", x=0, y=(1,)),
        (("time", "TIMESTAMP WITH TIME ZONE"), ("temperature", "DOUBLE")),
        _table([f"{one}+00:00" for one in _hours(60)], list(_walk(60, 12, 1.5))),
    ),
    "line-days-with-gaps": Case(
        Spec("line", x=0, y=(1,)),
        (("day", "DATE"), ("visits", "BIGINT")),
        _table(_days(400), [None if at % 90 in range(5) else round(v) for at, v in enumerate(_walk(400, 3e6, 2e5))]),
    ),
    "line-many-series": Case(
        Spec("line", x=0, y=(2,), color=1, aggregate="sum"),
        (("month", "DATE"), ("country", "VARCHAR"), ("orders", "BIGINT")),
        _BY_MONTH_AND_COUNTRY,
    ),
    "line-two-columns": Case(
        Spec("line", x=0, y=(1, 2)),
        (("month", "VARCHAR"), ("income", "DOUBLE"), ("expenses", "DOUBLE")),
        _table([one[:7] for one in _months(2023, 12)], list(_walk(12, 9000, 900)), list(_walk(12, 7000, 900))),
    ),
    "line-quarters": Case(
        Spec("line", x=0, y=(1,)),
        (("quarter", "VARCHAR"), ("market_share", "DOUBLE")),
        [[f"{2021 + q // 4}-Q{q % 4 + 1}", 0.2 + 0.015 * q] for q in range(10)],
    ),
    "line-log": Case(
        Spec("line", x=0, y=(1,), log=True),
        (("day", "DATE"), ("cases", "BIGINT")),
        _table(_days(90), [round(3 * 1.12**at) for at in range(90)]),
    ),
    "area-stacked": Case(
        Spec("area", x=0, y=(2,), color=1, stacked=True),
        (("month", "DATE"), ("source", "VARCHAR"), ("gwh", "DOUBLE")),
        [[m, s, v] for at, s in enumerate(("Hydro", "Wind", "Solar", "Gas"))
         for m, v in zip(_months(2020, 48), _walk(48, 3000 - 500 * at, 200), strict=True)],
    ),
    "area-one": Case(
        Spec("area", x=0, y=(1,)),
        (("day", "DATE"), ("stock", "BIGINT")),
        _table(_days(120), [round(one) for one in _walk(120, 800, 60)]),
    ),
    "scatter-groups": Case(
        Spec("scatter", x=0, y=(1,), color=2),
        (("flipper_length_mm", "DOUBLE"), ("body_mass_g", "BIGINT"), ("species", "VARCHAR")),
        _PENGUINS,
    ),
    "scatter-size-shade": Case(
        Spec("scatter", x=0, y=(1,), size=2, color=3),
        (("gdp_usd", "DOUBLE"), ("life expectancy", "DOUBLE"), ("population", "BIGINT"), ("age", "DOUBLE")),
        [[_chance.uniform(800, 70_000), _chance.uniform(52, 85), _chance.randrange(10**6, 10**9), 20 + at / 3]
         for at in range(70)],
    ),
    "scatter-many": Case(
        Spec("scatter", x=0, y=(1,)),
        (("carat", "DOUBLE"), ("price_usd", "DOUBLE")),
        [[c := round(_chance.lognormvariate(-0.4, 0.5), 2), round(4000 * c**1.7 * _chance.lognormvariate(0, 0.25), 2)]
         for _ in range(5000)],
    ),
    "pie": Case(
        Spec("pie", x=0, y=(1,)),
        (("energy source", "VARCHAR"), ("share_pct", "DOUBLE")),
        [["Hydro", 41.0], ["Wind", 24.5], ["Gas", 18.0], ["Solar", 11.5], ["Other renewables", 5.0]],
    ),
    "pie-with-other": Case(
        Spec("pie", x=0, y=(), aggregate="count"),
        (("country", "VARCHAR"),),
        [[c] for at, c in enumerate(_COUNTRIES) for _ in range(60 // (at + 1))],
    ),
    "histogram": Case(
        Spec("histogram", x=1),
        (("country", "VARCHAR"), ("order_value_usd", "DOUBLE")),
        _SALES,
    ),
    "histogram-layers": Case(
        Spec("histogram", x=0, color=2),
        (("flipper_length_mm", "DOUBLE"), ("body_mass_g", "BIGINT"), ("species", "VARCHAR")),
        _PENGUINS,
    ),
    "box-groups": Case(
        Spec("box", x=0, y=(1,)),
        (("country", "VARCHAR"), ("order_value_usd", "DOUBLE")),
        _SALES,
    ),
    "box-one": Case(Spec("box", y=(1,)), (("country", "VARCHAR"), ("order_value_usd", "DOUBLE")), _SALES),
    "heatmap-weekdays": Case(
        Spec("heatmap", x=1, y=(0,), color=2),
        (("weekday", "VARCHAR"), ("hour", "BIGINT"), ("trips", "BIGINT")),
        [[d, h, round(50 + 40 * ((h * 7 + at * 3) % 11))]
         for at, d in enumerate("Friday Monday Saturday Sunday Thursday Tuesday Wednesday".split())
         for h in range(24)],
    ),
    "heatmap-turned": Case(
        Spec("heatmap", x=0, y=(1,), color=2),
        (("city", "VARCHAR"), ("country", "VARCHAR"), ("trips", "BIGINT")),
        [[c, n, at * len(n) % 17] for at, c in enumerate(_CITIES[:14]) for n in _COUNTRIES[:5]],
    ),
    "heatmap-signs": Case(
        Spec("heatmap", x=0, y=(1,), color=2),
        (("product line", "VARCHAR"), ("country", "VARCHAR"), ("profit_eur", "DOUBLE")),
        [[p, c, (at * 7 + len(c) * 11) % 23 * 900.5 - 9000]
         for at, p in enumerate(("Boats", "Garden tools", "Office furniture", "Lamps"))
         for c in _COUNTRIES],
    ),
    "hostile": Case(
        Spec("bar", x=0, y=(2,), color=1, title="<script>alert(1)</script> %{x} & <b>bold</b>"),
        (("<img src=x onerror=alert(1)>", "VARCHAR"), ("a<br>b", "VARCHAR"), ("%{customdata[0]}</b>", "BIGINT")),
        [["<b>NO</b>", "%{y}", 1], ["</span><a href='https://evil.example'>x</a>", "&lt;", 2], ["", None, 3]],
    ),
}
# fmt: on


def page(dark: bool) -> str:
    """All charts on one page without a request to anywhere, each in a box of its own as wide as the page."""
    boxes, calls = [], []
    for name, case in GALLERY.items():
        drawn = draw(case.spec, case.described, case.rows, dark=dark)
        assert drawn.figure is not None, name
        boxes.append(
            f'<section id="{name}"><h2>{name}</h2><div class="chart"></div><p>{escaped(drawn.note)}</p></section>'
        )
        figure = drawn.figure.to_json().replace("<", "\\u003c")
        calls.append(
            f"Plotly.newPlot(document.querySelector('#{name} .chart'), Object.assign({figure},"
            " {config: {responsive: true, displaylogo: false, displayModeBar: false}}));"
        )
    of = look(dark)
    return (
        f'<!doctype html><meta charset="utf-8"><title>Gallery</title><style>'
        f"body{{margin:0;padding:16px;background:{of.page};color:{of.text};font:14px sans-serif}}"
        "main{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,600px),1fr));gap:28px}"
        "section{min-width:0}"
        "h2{font-size:11px;font-weight:normal;opacity:.6;margin:0 0 6px}p{font-size:12px;margin:4px 0}"
        f"</style><main>{''.join(boxes)}</main><script>{get_plotlyjs()}</script><script>{''.join(calls)}</script>"
    )
