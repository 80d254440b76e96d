"""A chart of the page as a picture, drawn by the browser that shows it: no network and no second browser."""

from __future__ import annotations

import streamlit as st

# Plotly is inside Streamlit's own code and cannot be called; its camera button can, and does what its options say.
_SCRIPT = """
export default function ({ data, parentElement }) {
  const said = parentElement.querySelector("[role=status]")
  const take = (format) => {
    const chart = document.querySelector(`.st-key-${CSS.escape(data.chart)} .js-plotly-plot`)
    const camera = chart?.querySelector(`.modebar-btn[data-attr="toImage"], .modebar-btn[data-title*="Download"]`)
    said.textContent = camera ? "" : "The chart is not on the page."
    if (!camera) return
    const page = getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor
    const { paper_bgcolor, plot_bgcolor } = chart.layout
    const options = chart._context.toImageButtonOptions
    chart._context.toImageButtonOptions = { format, filename: "chart", scale: format === "png" ? 2 : 1 }
    Object.assign(chart.layout, { paper_bgcolor: page, plot_bgcolor: page })
    camera.click()
    Object.assign(chart.layout, { paper_bgcolor, plot_bgcolor })
    chart._context.toImageButtonOptions = options
  }
  for (const button of parentElement.querySelectorAll("button")) {
    button.onclick = () => take(button.dataset.format)
  }
}
"""
_BUTTONS = """<div>
<button type="button" data-format="png">Chart as PNG</button>
<button type="button" data-format="svg">Chart as SVG</button>
<span role="status"></span>
</div>"""
_STYLE = """
div { display: flex; flex-wrap: wrap; gap: .5rem; }
button {
  flex: 1; min-height: 2.5rem; padding: .25rem .75rem; cursor: pointer; white-space: nowrap;
  font: inherit; font-size: .875rem; color: var(--st-text-color); background: var(--st-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius);
}
button:hover, button:focus-visible { color: var(--st-primary-color); border-color: var(--st-primary-color); }
"""

_picture = st.components.v2.component("bayan_picture", html=_BUTTONS, css=_STYLE, js=_SCRIPT)


def buttons(chart: str) -> None:
    """Buttons that give the chart of this key, which is drawn by `st.plotly_chart`, as a PNG or an SVG file.

    The picture has the size that the chart has on the page, a PNG twice as many dots, and the page's background. The
    chart's mode bar must have its camera, which it has unless its config says otherwise.
    """
    _picture(data={"chart": chart}, key=f"picture-{chart}", height="content")
