"""The house's look: colours that everybody can tell apart, on light and on dark, and Plotly's template of them.

The colours of series have a contrast of at least 3 to 1 with the page and stay apart in the eyes of people who see
no red, no green or no blue: the nearest two of a palette differ by 10 hundredths in the OKLab space.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go


@dataclass(frozen=True)
class Look:
    """Colours of one theme. `page` is the colour of what lies behind, which a chart leaves as it is."""

    page: str
    text: str
    quiet: str
    grid: str
    series: tuple[str, ...]
    other: str
    scale: tuple[str, ...]
    diverging: tuple[str, ...]


LIGHT = Look(
    page="#ffffff",
    text="#31333f",
    quiet="#5d616e",
    grid="rgba(49,51,63,0.13)",
    series=("#0072b2", "#b33c00", "#999933", "#882255", "#2f9be0", "#332288", "#222222"),
    other="#8a8f98",
    scale=("#e8f1f8", "#a9cfe8", "#5ba3d0", "#2171a8", "#08305c"),
    diverging=("#8c2d04", "#e0916a", "#f3f1ef", "#6aa9d3", "#084a83"),
)
DARK = Look(
    page="#0e1117",
    text="#fafafa",
    quiet="#b4b8c2",
    grid="rgba(250,250,250,0.16)",
    series=("#56b4e9", "#e69f00", "#a6e3c5", "#8a63d2", "#d55e00", "#009e73", "#f0e442"),
    other="#8a909c",
    scale=("#17263a", "#1d4a73", "#2a78b0", "#56b4e9", "#d3ecfb"),
    diverging=("#f0a070", "#a8512a", "#23262e", "#2f73a8", "#8accf5"),
)
MOST_SERIES = len(LIGHT.series)
FONT = '"Source Sans", "Source Sans Pro", "Noto Sans", "Noto Sans Arabic", "Helvetica Neue", Arial, sans-serif'


def look(dark: bool) -> Look:
    return DARK if dark else LIGHT


def template(of: Look) -> go.layout.Template:
    """Plotly's defaults in this look."""
    axis: dict[str, Any] = {
        "gridcolor": of.grid,
        "linecolor": of.quiet,
        "tickcolor": of.grid,
        "tickfont": {"color": of.quiet, "size": 12},
        "zerolinecolor": of.quiet,
        "zerolinewidth": 1,
        "zeroline": False,
        "automargin": True,
        "ticks": "",
        "title": {"font": {"size": 12, "color": of.quiet}, "standoff": 8},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": of.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(of.series),
            "xaxis": axis | {"showgrid": False, "showline": True, "ticks": "outside", "ticklen": 4},
            "yaxis": axis | {"showgrid": True, "ticklabelstandoff": 5},
            "hoverlabel": {
                "bgcolor": of.page,
                "bordercolor": of.quiet,
                "font": {"family": FONT, "size": 13, "color": of.text},
                "align": "left",
                "namelength": -1,
            },
            "legend": {"font": {"size": 12}, "itemsizing": "constant", "bgcolor": "rgba(0,0,0,0)"},
            "modebar": {
                "bgcolor": "rgba(0,0,0,0)",
                "color": of.quiet,
                "activecolor": of.text,
                "remove": ["zoomIn2d", "zoomOut2d", "autoScale2d", "lasso2d", "select2d"],
            },
        }
    )
