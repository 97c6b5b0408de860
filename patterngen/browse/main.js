// Joins the parts: every change of the view draws all of them anew.

function update() {
  drawGrid();
  drawHistogram();
  drawFacets();
  const command = filterCommand();
  byId("as-command").hidden = command === null;
  setCommand(document.querySelector("#as-command .command"), command);
  byId("without-words").hidden = view.words.length === 0;
  byId("clear").disabled = !isActive();
}

function clearAll() {
  showAll();
  byId("search").value = "";
  update();
}

function buildHeader() {
  document.title = `${data.name} – patterngen browse`;
  byId("name").textContent = data.name;
  fillPairs(byId("facts"), data.facts);
  byId("definition").textContent = data.tv_definition;
  byId("job").hidden = data.job === null;
  byId("job").querySelector("pre").textContent = data.job ?? "";
}

function buildOrders() {
  const group = (label, names, prefix) => {
    const made = element("optgroup");
    made.label = label;
    made.append(...names.map((name) => new Option(name, prefix + name)));
    return made;
  };
  byId("sort").append(group("Manifest", [...ORDERS.keys()], ""));
  if (PARAMETERS.size) byId("sort").append(group("Parameters", [...PARAMETERS.keys()], "parameter:"));
}

function setDirection(descending) {
  view.descending = descending;
  byId("direction").textContent = descending ? "↓" : "↑";
  byId("direction").setAttribute("aria-pressed", descending);
  byId("direction").setAttribute("aria-label", "Descending");
}

function listen() {
  byId("search").addEventListener("input", () => {
    view.words = byId("search").value.toLowerCase().split(/\s+/).filter(Boolean);
    update();
  });
  byId("search").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // or the picture that gets the focus would be opened by the same key
    focusPicture(current);
  });
  byId("sort").addEventListener("change", () => {
    view.sort = byId("sort").value;
    update();
  });
  byId("direction").addEventListener("click", () => {
    setDirection(!view.descending);
    update();
  });
  byId("zoom").addEventListener("input", () => grid.style.setProperty("--zoom", byId("zoom").value));
  byId("fold").addEventListener("click", () => {
    byId("fold").setAttribute("aria-expanded", byId("filters").classList.toggle("open"));
  });
  byId("clear").addEventListener("click", clearAll);
  byId("nothing").querySelector("button").addEventListener("click", () => {
    clearAll();
    focusPicture(current);
  });
  byId("skip").addEventListener("click", () => focusPicture(current));
  document.addEventListener("keydown", (event) => {
    const isTyping = event.target.closest("input:not([type=checkbox], [type=range]), select");
    if (event.key !== "/" || isTyping || dialog.open) return;
    event.preventDefault();
    byId("search").focus();
    byId("search").select();
  });
}

buildHeader();
buildOrders();
setDirection(false);
buildHistogram();
listen();
update();
