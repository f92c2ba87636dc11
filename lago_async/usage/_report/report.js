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
    var months = layout.xaxis.categoryarray || [], every = Math.ceil(months.length / 5);
    if (narrow && every > 1) { // fewer labels, so that none stands upright; the last month always has one
      layout.xaxis.tickmode = "array";
      layout.xaxis.tickvals = months.filter(function (_, place) { return (months.length - 1 - place) % every === 0; });
      layout.xaxis.ticktext = layout.xaxis.tickvals;
      layout.xaxis.tickangle = 0;
    }
    if (layout.showlegend && narrow) {
      layout.height += 30 * data.length;
      layout.legend.y = -0.24; // below labels of three lines
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

  // Tables: rows that are sorted by their heads, found by their text, and chosen by links from customers.
  function value(row, column) {
    var cell = row.children[column], given = cell.getAttribute("data-v");
    return given === null ? cell.textContent.trim().toLowerCase() : given;
  }

  function ordered(a, b) {
    var numeric = /^-?\d+(\.\d+)?$/;
    return numeric.test(a) && numeric.test(b) ? a - b : a < b ? -1 : a > b ? 1 : 0;
  }

  function sortable(table) {
    var body = table.tBodies[0], heads = Array.from(table.tHead.rows[0].cells);
    heads.forEach(function (head, column) {
      if (head.hasAttribute("data-fixed")) { return; }
      var button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () {
        var now = head.getAttribute("aria-sort");
        var down = now ? now === "ascending" : head.classList.contains("n");
        heads.forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        var rest = body.querySelector("tr.rest");
        Array.from(body.rows).filter(function (row) { return row !== rest; })
          .map(function (row, place) { return [value(row, column), place, row]; })
          .sort(function (a, b) { return (down ? -1 : 1) * ordered(a[0], b[0]) || a[1] - b[1]; })
          .forEach(function (entry) { body.insertBefore(entry[2], rest); });
      });
    });
  }

  function searchable(box) {
    var table = box.querySelector("table"), rows = Array.from(table.tBodies[0].rows), group = "";
    var tools = document.createElement("div"), input = document.createElement("input");
    var all = document.createElement("button"), count = document.createElement("span");
    tools.className = "tools";
    input.type = "search";
    input.placeholder = "Search";
    input.setAttribute("aria-label", "Search " + table.caption.textContent);
    all.type = "button";
    all.textContent = "Show all";
    count.setAttribute("role", "status");
    tools.append(input, all, count);
    box.insertBefore(tools, box.firstChild);
    var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });

    function filter() {
      var words = input.value.toLowerCase().split(/\s+/).filter(Boolean), shown = 0, whole = 0;
      rows.forEach(function (row, place) {
        var rest = row.classList.contains("rest");
        var found = (!group || row.getAttribute("data-group") === group) &&
          words.every(function (word) { return texts[place].includes(word); });
        row.hidden = rest ? Boolean(group || words.length) : !found;
        whole += rest ? 0 : 1;
        shown += rest || !found ? 0 : 1;
      });
      all.hidden = shown === whole;
      count.textContent = shown === whole ? whole.toLocaleString("en") + " rows"
        : shown.toLocaleString("en") + " of " + whole.toLocaleString("en") + " rows";
    }

    input.addEventListener("input", function () { group = ""; filter(); });
    all.addEventListener("click", function () { group = input.value = ""; filter(); });
    filter();
    return function (wanted) { group = wanted; input.value = ""; filter(); };
  }

  document.querySelectorAll(".table table").forEach(sortable);
  var choosers = {};
  document.querySelectorAll(".find").forEach(function (box) { choosers[box.id] = searchable(box); });
  document.querySelectorAll(".find a[href]").forEach(function (link) {
    link.addEventListener("click", function () {
      var group = link.getAttribute("href").slice(1);
      choosers[group.split("-")[0] + "-bills"](group);
    });
  });

  var narrow = matchMedia("(max-width: 640px)"), dark = matchMedia("(prefers-color-scheme: dark)");
  [narrow, dark].forEach(function (query) {
    query.addEventListener("change", function () { drawAll(); });
  });
  window.addEventListener("beforeprint", function () { drawAll(printed); });
  window.addEventListener("afterprint", function () { drawAll(); });
  drawAll().then(function () { document.documentElement.setAttribute("data-drawn", charts.length); });
})();
