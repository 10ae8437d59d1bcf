// The dashboard: patterns in its charts, the line of the day when colours were introduced, tables opened for the printer.
// Without this file every figure is still on the page, in the tables.
"use strict";

// 8 × 8 px, repeated. Drawn in the bar's own colour on nothing, so that both themes show through.
const PATTERNS = {
  stripes: (pen) => { pen.moveTo(-2, 10); pen.lineTo(10, -2); pen.moveTo(-2, 2); pen.lineTo(2, -2); pen.moveTo(6, 10); pen.lineTo(10, 6); },
  dots: (pen) => { pen.rect(1, 1, 2, 2); pen.rect(5, 5, 2, 2); },
  grid: (pen) => { pen.moveTo(0, 4); pen.lineTo(8, 4); pen.moveTo(4, 0); pen.lineTo(4, 8); },
};

function filling(name, ink, context) {
  if (name === "solid") return ink;
  if (name === "outline") return ink + "40"; // a quarter of the ink within its outline
  const tile = document.createElement("canvas");
  tile.width = tile.height = 8;
  const pen = tile.getContext("2d");
  pen.fillStyle = ink + "30";
  pen.fillRect(0, 0, 8, 8);
  pen.strokeStyle = pen.fillStyle = ink;
  pen.lineWidth = 2;
  pen.beginPath();
  PATTERNS[name](pen);
  if (name === "dots") pen.fill();
  else pen.stroke();
  return context.createPattern(tile, "repeat");
}

function drawMark(chart, mark) {
  const { ctx, chartArea } = chart;
  const x = chartArea.left + (mark.place * chartArea.width) / chart.data.labels.length;
  ctx.save();
  ctx.strokeStyle = ctx.fillStyle = Chart.defaults.color;
  ctx.lineWidth = 2;
  ctx.setLineDash([6, 4]);
  ctx.beginPath();
  ctx.moveTo(x, chartArea.top - 14);
  ctx.lineTo(x, chartArea.bottom);
  ctx.stroke();
  ctx.font = "600 12px Inter, sans-serif";
  const width = ctx.measureText(mark.words).width;
  const onLeft = x + 6 + width > chartArea.right;
  ctx.textAlign = onLeft ? "right" : "left";
  ctx.fillText(mark.words, onLeft ? x - 6 : x + 6, chartArea.top - 5);
  ctx.restore();
}

if (window.Chart) {
  Chart.register({
    id: "callguard",
    beforeLayout(chart) {
      chart.data.datasets.forEach((set) => {
        if (set.pattern && typeof set.backgroundColor === "string") {
          set.backgroundColor = filling(set.pattern, set.ink, chart.ctx);
        }
      });
    },
    afterDatasetsDraw(chart, _args, options) {
      if (options.mark) drawMark(chart, options.mark);
    },
  });
}

function colourCharts() {
  if (!window.Chart) return;
  Chart.defaults.color = document.documentElement.classList.contains("dark") ? "#d4d4d8" : "#3f3f46";
  document.querySelectorAll("canvas.chart").forEach((canvas) => Chart.getChart(canvas)?.update());
}

// A closed <details> is not printed: the tables behind the charts are.
function openForPrinting() {
  document.querySelectorAll(".dash details:not([open])").forEach((closed) => {
    closed.open = true;
    closed.dataset.closed = "yes";
  });
}

function closeAfterPrinting() {
  document.querySelectorAll(".dash details[data-closed]").forEach((opened) => {
    opened.open = false;
    delete opened.dataset.closed;
  });
}

// What was left empty stays out of the address, which people send to one another.
function shortenAddress(event) {
  event.target.querySelectorAll("select, input").forEach((field) => {
    field.disabled = field.value === "" || (field.name === "excused" && field.value === "all");
  });
}

document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll(".dash-filters").forEach((form) => form.addEventListener("submit", shortenAddress));
  colourCharts(); // before unfold draws them, which it does on load
  new MutationObserver(colourCharts).observe(document.documentElement, { attributeFilter: ["class"] });
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll(".dash-filters :disabled").forEach((field) => (field.disabled = false)); // on the way back
});
window.addEventListener("beforeprint", openForPrinting);
window.addEventListener("afterprint", closeAfterPrinting);
