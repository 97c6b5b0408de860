// Programs below one another: pictures at several times, what was measured, and the source on a click.

const data = JSON.parse(byId("contents").textContent);
const MEASURES = [...new Set(data.programs.flatMap((program) => Object.keys(program.measures)))];
const DIGITS = { "tv": 4, "contrast": 3, "bytes per pixel": 2, "ms per picture": 1 };
const items = new Map(data.programs.map((program) => [program, buildItem(program)]));

function buildItem(program) {
  const item = element("li", "", program.kept ? "program" : "program left-out");
  item.dataset.name = program.name;
  const head = element("div", "", "head");
  const name = element("h2");
  name.append(element("bdi", program.name));
  const button = element("button", "Source");
  button.type = "button";
  button.disabled = !program.source;
  button.addEventListener("click", () => openSource(program));
  head.append(name, element("span", program.kind, "kind"), button);
  item.append(head);
  if (program.reason) item.append(element("p", program.reason, "reason"));
  for (const note of program.notes) item.append(element("p", note, "note"));
  if (program.images.length) item.append(buildTimes(program));
  const measures = element("dl", "", "measures");
  for (const [term, value] of Object.entries(program.measures)) {
    const pair = element("div");
    pair.append(element("dt", term), element("dd", value.toFixed(DIGITS[term])));
    measures.append(pair);
  }
  item.append(measures);
  return item;
}

function buildTimes(program) {
  const row = element("div", "", "times");
  program.images.forEach((data64, i) => {
    const image = element("img");
    image.decoding = "async";
    image.alt = `${program.name} at ${program.times[i]} s`;
    image.src = `data:image/webp;base64,${data64}`;
    const figure = element("figure");
    figure.append(image, element("figcaption", `${program.times[i].toFixed(2)} s`));
    row.append(figure);
  });
  return row;
}

function openSource(program) {
  byId("detail-name").textContent = program.name;
  byId("source").textContent = program.source;
  byId("detail").showModal();
  byId("detail").scrollTop = 0;
}

function matches(program) {
  const which = byId("which").value;
  if (which === "kept" && !program.kept) return false;
  if (which === "left" && program.kept) return false;
  if (which === "noted" && !program.notes.length) return false;
  const text = [program.name, program.kind, program.reason, ...program.notes].join("\n").toLowerCase();
  return byId("search").value.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function ordered() {
  const measure = byId("sort").value;
  if (!measure) return data.programs;
  // What was not measured stands last.
  const value = (program) => program.measures[measure] ?? Infinity;
  return [...data.programs].sort((a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0));
}

function update() {
  const shown = ordered().filter(matches);
  byId("programs").replaceChildren(...shown.map((program) => items.get(program)));
  byId("result").textContent = `${shown.length} of ${data.programs.length} programs`;
}

document.title = `${data.title} – patterngen shaders check`;
byId("name").textContent = data.title;
byId("summary").textContent = data.summary;
byId("about").hidden = !data.notes.length;
byId("about").querySelector("ul").append(...data.notes.map((note) => element("li", note)));
byId("sort").append(new Option("name", ""), ...MEASURES.map((name) => new Option(name, name)));
byId("search").addEventListener("input", update);
for (const id of ["which", "sort"]) byId(id).addEventListener("change", update);
byId("close").addEventListener("click", () => byId("detail").close());
byId("detail").addEventListener("click", (event) => {
  if (event.target === byId("detail")) byId("detail").close(); // beside its contents: on the backdrop
});
update();
