(function () {
  "use strict";
  var charts = JSON.parse(document.getElementById("charts").textContent);
  var printed = 680; // the width of a printed page, in its pixels

  // The colours stand in the style sheet, for light, dark and paper; a chart names them: "--c0".
  function resolved(value, style) {
    if (typeof value === "string") {
      return value.slice(0, 2) === "--" ? style.getPropertyValue(value).trim() : value;
    }
    return value.map(function (one) { return resolved(one, style); });
  }

  function draw(chart, width) {
    var style = getComputedStyle(document.documentElement);
    var place = document.getElementById(chart.id);
    var narrow = (width || place.clientWidth) < 520;
    var data = chart.data.map(function (trace) {
      var copy = Object.assign({}, trace);
      copy.marker = Object.assign({}, trace.marker, {color: resolved(trace.marker.color, style)});
      copy.marker.line = {width: trace.marker.line.width, color: resolved(trace.marker.line.color, style)};
      return copy;
    });
    var ink = resolved("--ink", style), quiet = resolved("--quiet", style), line = resolved("--line", style);
    var layout = JSON.parse(JSON.stringify(chart.layout));
    layout.font = {family: getComputedStyle(document.body).fontFamily, size: narrow ? 11 : 12, color: quiet};
    layout.paper_bgcolor = layout.plot_bgcolor = "rgba(0,0,0,0)";
    layout.hoverlabel = {
      bgcolor: resolved("--card", style), bordercolor: line, align: "left", font: {color: ink, size: 13}
    };
    ["xaxis", "yaxis"].forEach(function (name) {
      Object.assign(layout[name], {gridcolor: line, linecolor: line, zerolinecolor: quiet, zerolinewidth: 1});
    });
    if (layout.yaxis.tickmode === "array") {
      layout.yaxis.tickfont = {color: ink};
      if (narrow) {
        layout.yaxis.ticktext = chart.short;
        layout.xaxis.nticks = 4;
      }
    }
    if (layout.showlegend && narrow) {
      layout.height += 170;
      layout.legend.y = -0.3; // below labels that stand upright
    }
    place.style.height = layout.height + "px";
    if (width) {
      layout.width = width;
    }
    return Plotly.react(place, data, layout, {displayModeBar: false, responsive: true, showTips: false});
  }

  function drawAll(width) {
    return Promise.all(charts.map(function (chart) { return draw(chart, width); }));
  }

  var narrow = matchMedia("(max-width: 640px)"), dark = matchMedia("(prefers-color-scheme: dark)");
  [narrow, dark].forEach(function (query) {
    query.addEventListener("change", function () { drawAll(); });
  });
  window.addEventListener("beforeprint", function () { drawAll(printed); });
  window.addEventListener("afterprint", function () { drawAll(); });
  drawAll().then(function () { document.documentElement.setAttribute("data-drawn", charts.length); });
})();
