// The pictures side by side. One of them takes part in the order of Tab; arrow keys go from it to the others.

const grid = byId("grid");
const keptFacet = data.facets.findIndex((facet) => facet.name === "kept");
const tiles = new Map(data.pictures.map((picture) => [picture, buildTile(picture)]));
let ordered = []; // all pictures, in their order on the page
let shown = []; // those of them that are not hidden
let current = null; // the picture that Tab reaches

function sourceOf(picture) {
  return `data:image/webp;base64,${picture.image}`;
}

function buildTile(picture) {
  const image = element("img");
  image.alt = "";
  image.decoding = "async";
  image.src = sourceOf(picture);
  const button = element("button", "", "tile");
  button.type = "button";
  button.tabIndex = -1;
  button.dataset.key = picture.key;
  button.append(image, element("span", tvText(picture.tv), "tv"), element("span", picture.family, "family"));
  const isLeftOut = keptFacet >= 0 && data.facets[keptFacet].values[picture.facets[keptFacet]] !== "kept";
  button.classList.toggle("left-out", isLeftOut);
  const label = `${picture.key}, ${picture.family}, Total Variation ${tvText(picture.tv)}`;
  button.setAttribute("aria-label", isLeftOut ? `${label}, left out` : label);
  button.addEventListener("click", () => openDetail(picture));
  button.addEventListener("focus", () => makeCurrent(picture));
  const item = element("li");
  item.append(button);
  return { item, button };
}

function makeCurrent(picture) {
  if (current) tiles.get(current).button.tabIndex = -1;
  current = picture;
  if (current) tiles.get(current).button.tabIndex = 0;
}

function focusPicture(picture) {
  if (picture) tiles.get(picture).button.focus();
}

function drawGrid() {
  const now = orderedPictures();
  // Only what changes is touched, so that a thousand pictures follow the brush.
  if (now.some((picture, i) => picture !== ordered[i])) {
    grid.replaceChildren(...now.map((picture) => tiles.get(picture).item));
  }
  ordered = now;
  shown = ordered.filter((picture) => matches(picture));
  const isShown = new Set(shown);
  for (const picture of ordered) tiles.get(picture).item.hidden = !isShown.has(picture);
  makeCurrent(shown.includes(current) ? current : shown[0] ?? null);
  byId("nothing").hidden = shown.length > 0;
  byId("result").textContent = `${shown.length} of ${data.pictures.length} pictures`;
}

function moveInGrid(event) {
  const columns = getComputedStyle(grid).gridTemplateColumns.split(" ").length;
  const at = shown.indexOf(current);
  const target = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - columns,
    ArrowDown: at + columns,
    Home: 0,
    End: shown.length - 1,
  }[event.key];
  if (target === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  focusPicture(shown[target]);
}

grid.addEventListener("keydown", moveInGrid);
