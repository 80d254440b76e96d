"use strict";
(() => {
  const PAPER = 680; // pixels of a page of A4 or Letter between its margins
  const night = matchMedia("(prefers-color-scheme: dark)");
  const byTouch = matchMedia("(pointer: coarse)").matches;
  const templates = JSON.parse(document.getElementById("templates").textContent);
  const config = {
    displaylogo: false,
    responsive: true,
    modeBarButtons: [["toImage", "resetScale2d"]],
  };

  // The policy lets a script style an element by its object, and Plotly does some of it by the attribute.
  const setAttribute = Element.prototype.setAttribute;
  Element.prototype.setAttribute = function (name, value) {
    if (name === "style") this.style.cssText = value;
    else setAttribute.call(this, name, value);
  };

  const charts = [...document.querySelectorAll(".chart")].map((place) => ({
    place,
    figure: JSON.parse(place.nextElementSibling.textContent),
  }));

  function draw({ place, figure }, dark, width) {
    const layout = structuredClone(dark ? figure.dark.layout : figure.layout);
    layout.template ??= dark ? templates.dark : templates.light;
    if (byTouch) layout.dragmode = false; // a finger scrolls the page
    if (width) Object.assign(layout, { width, autosize: false });
    const data = figure.data.map((trace, at) => ({ ...trace, ...(dark ? figure.dark.data[at] : {}) }));
    return Plotly.react(place, structuredClone(data), layout, { ...config, displayModeBar: width ? false : "hover" });
  }

  const onScreen = () => charts.forEach((chart) => draw(chart, night.matches));
  const onPaper = () => charts.forEach((chart) => draw(chart, false, PAPER));

  onScreen();
  night.addEventListener("change", onScreen);
  addEventListener("beforeprint", onPaper);
  addEventListener("afterprint", onScreen);
})();
