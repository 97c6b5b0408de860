// The histogram of Total Variation, and the brush over it: dragged, or moved by the keys of its two handles.

const edges = data.edges;
const binCount = edges.length - 1;
const [first, last] = [edges[0], edges[binCount]];
const plot = byId("plot");
const brush = byId("brush");
const handles = { low: byId("low"), high: byId("high") };
const bars = { all: svg("path", "all"), matching: svg("path", "matching"), whole: svg("path", "whole") };

// Places run from 0 to 1 along the axis, which is logarithmic because families differ by factors.
const placeOf = (tv) => Math.min(1, Math.max(0, Math.log(tv / first) / Math.log(last / first)));
const tvAt = (place) => Number((first * (last / first) ** place).toPrecision(3));
const binOf = (tv) => Math.min(binCount - 1, Math.floor(placeOf(Math.max(tv, first)) * binCount));
const tallest = Math.max(...countBins(data.pictures));
const tvText = (tv) => (tv >= 0.01 || tv === 0 ? tv.toFixed(4) : tv.toPrecision(2));

function countBins(pictures) {
  const counts = new Array(binCount).fill(0);
  for (const picture of pictures) counts[binOf(picture.tv)]++;
  return counts;
}

function barsPath(counts, highest) {
  const width = 100 / binCount;
  return counts.map((count, i) =>
    count ? `M${i * width + 0.06} 100V${100 - (100 * count) / highest}h${width - 0.12}V100z` : "").join("");
}

function outlinePath(counts) {
  const highest = Math.max(...counts);
  const width = 100 / binCount;
  const steps = counts.map((count, i) => `V${100 - (100 * count) / highest}H${(i + 1) * width}`);
  return `M0 100${steps.join("")}V100`;
}

function drawHistogram() {
  bars.matching.setAttribute("d", barsPath(countBins(shown), tallest));
  const { low, high } = bounds();
  brush.style.left = `${100 * low}%`;
  brush.style.width = `${100 * (high - low)}%`;
  const active = view.low !== null || view.high !== null;
  brush.classList.toggle("active", active);
  brush.hidden = !active;
  byId("rest").hidden = !isActive();
  placeHandle(handles.low, low, view.low, first, view.high ?? last, "no lower bound");
  placeHandle(handles.high, high, view.high, view.low ?? first, last, "no upper bound");
  byId("range").textContent = active ? `${view.low ?? ""} … ${view.high ?? ""}` : "";
}

function placeHandle(handle, place, bound, least, largest, unbound) {
  handle.style.left = `${100 * place}%`;
  handle.setAttribute("aria-valuemin", least);
  handle.setAttribute("aria-valuemax", largest);
  handle.setAttribute("aria-valuenow", bound ?? (handle === handles.low ? first : last));
  handle.setAttribute("aria-valuetext", bound === null ? unbound : String(bound));
}

// Bounds by their places; an end of the axis is no bound.
function setBounds(low, high) {
  view.low = low <= 0 ? null : tvAt(low);
  view.high = high >= 1 ? null : tvAt(high);
  update();
}

function bounds() {
  return {
    low: view.low === null ? 0 : placeOf(view.low),
    high: view.high === null ? 1 : placeOf(view.high),
  };
}

function moveHandle(event) {
  const which = event.currentTarget.id;
  const now = bounds();
  const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -5, PageUp: 5 };
  const step = steps[event.key];
  let place;
  if (step) place = (Math.round(now[which] * binCount) + step) / binCount;
  else if (event.key === "Home") place = which === "low" ? 0 : now.low;
  else if (event.key === "End") place = which === "high" ? 1 : now.high;
  else return;
  event.preventDefault();
  if (which === "low") setBounds(Math.min(place, now.high), now.high);
  else setBounds(now.low, Math.max(place, now.low));
}

// Dragging a handle moves it, dragging the brush moves both, dragging elsewhere spans a new one; a click
// clears.
function startDrag(event) {
  if (event.button !== 0) return;
  const at = (e) => Math.min(1, Math.max(0, (e.clientX - box.left) / box.width));
  const box = plot.getBoundingClientRect();
  const start = at(event);
  const before = bounds();
  const grip = event.target === brush && !brush.hidden ? "brush" : event.target.id;
  let moved = false;
  const drag = (e) => {
    const place = at(e);
    if (!moved && Math.abs(place - start) * box.width < 3) return;
    moved = true;
    if (grip === "low") setBounds(Math.min(place, before.high), before.high);
    else if (grip === "high") setBounds(before.low, Math.max(place, before.low));
    else if (grip === "brush") {
      const shift = Math.min(1 - before.high, Math.max(-before.low, place - start));
      setBounds(before.low + shift, before.high + shift);
    } else setBounds(Math.min(start, place), Math.max(start, place));
  };
  const end = () => {
    plot.removeEventListener("pointermove", drag);
    if (!moved && grip !== "low" && grip !== "high") setBounds(0, 1);
  };
  plot.setPointerCapture(event.pointerId);
  plot.addEventListener("pointermove", drag);
  plot.addEventListener("lostpointercapture", end, { once: true });
}

// Powers of ten along the axis, and 2 and 5 between them where there is room.
function ticks() {
  const found = { 1: [], 2: [], 5: [] };
  for (let exponent = -12; exponent <= 0; exponent++) {
    for (const digit of [1, 2, 5]) {
      const tv = Number(`${digit}e${exponent}`);
      if (tv >= first && tv <= last) found[digit].push(tv);
    }
  }
  const powers = found[1].map((tv) => ({ tv, kind: "power" }));
  if (powers.length > 4) return powers;
  const kind = powers.length > 1 ? "between" : "power";
  return [...powers, ...[...found[2], ...found[5]].map((tv) => ({ tv, kind }))];
}

function buildHistogram() {
  plot.firstElementChild.append(bars.all, bars.matching, bars.whole);
  bars.all.setAttribute("d", barsPath(countBins(data.pictures), tallest));
  bars.whole.setAttribute("d", outlinePath(data.counts));
  byId("count").textContent = data.count.toLocaleString("en");
  for (const { tv, kind } of ticks()) {
    const tick = element("span", String(tv), kind);
    tick.style.left = `${100 * placeOf(tv)}%`;
    byId("ticks").append(tick);
  }
  for (const handle of Object.values(handles)) handle.addEventListener("keydown", moveHandle);
  plot.addEventListener("pointerdown", startDrag);
}
