// Which pictures are shown, in which order: by bounds, chosen values of facets, words.

const data = JSON.parse(document.getElementById("contents").textContent);

const INDEX = "index";
const view = {
  low: null, // bounds of Total Variation, both inclusive; null is no bound
  high: null,
  chosen: data.facets.map(() => new Set()), // numbers of values; an empty set lets all through
  words: [],
  sort: INDEX,
  descending: false,
};

data.pictures.forEach((picture, index) => {
  const family = data.facets[0].values[picture.facets[0]];
  const pairs = [...picture.fields, ...picture.params].map(([name, value]) => `${name}=${value}`);
  picture.index = index;
  picture.family = family;
  picture.text = [family, ...pairs].join(" ").toLowerCase();
});

const ORDERS = new Map([
  [INDEX, (picture) => picture.index],
  ["tv", (picture) => picture.tv],
  ["family", (picture) => picture.facets[0]],
  ["class", (picture) => picture.facets[1]],
  ["file size", (picture) => picture.bytes],
]);
const PARAMETERS = parameterOrders();

// Parameters that are numbers in some pictures can be sorted by. Maps, as a stranger may give them any name.
function parameterOrders() {
  const found = new Map();
  for (const picture of data.pictures) {
    for (const [name, value] of picture.params) {
      if (typeof value !== "number") continue;
      if (!found.has(name)) found.set(name, new Map());
      found.get(name).set(picture, value);
    }
  }
  const names = [...found.keys()].sort();
  return new Map(names.map((name) => [name, (picture) => found.get(name).get(picture)]));
}

function isActive() {
  const hasBounds = view.low !== null || view.high !== null;
  return hasBounds || view.words.length > 0 || view.chosen.some((set) => set.size > 0);
}

function showAll() {
  view.low = view.high = null;
  view.words = [];
  view.chosen.forEach((set) => set.clear());
}

// Whether a picture is shown, or would be if one of the filters ("tv", or a facet's number) let all through.
function matches(picture, without = null) {
  if (without !== "tv") {
    if (view.low !== null && picture.tv < view.low) return false;
    if (view.high !== null && picture.tv > view.high) return false;
  }
  for (let i = 0; i < view.chosen.length; i++) {
    if (i !== without && view.chosen[i].size && !view.chosen[i].has(picture.facets[i])) return false;
  }
  return view.words.every((word) => picture.text.includes(word));
}

// All pictures in the order that was chosen, whether shown or not.
function orderedPictures() {
  const [kind, name] = view.sort.split(/:(.*)/s);
  const valueOf = kind === "parameter" ? PARAMETERS.get(name) : ORDERS.get(kind);
  const sign = view.descending ? -1 : 1;
  return data.pictures.toSorted((a, b) => {
    const [x, y] = [valueOf(a), valueOf(b)];
    if (x === y) return a.index - b.index;
    if (x === undefined) return 1; // a picture without the parameter comes last, whatever the direction
    if (y === undefined) return -1;
    return sign * (x - y);
  });
}

// The command that chooses from the whole dataset what the filters choose here; null if there is none.
function filterCommand() {
  const [families, classes] = [0, 1].map((i) =>
    [...view.chosen[i]].sort((a, b) => a - b).map((number) => data.facets[i].literals[number]));
  const words = ["patterngen filter", data.folder];
  if (view.low !== null) words.push(`--tv-min ${view.low}`);
  if (view.high !== null) words.push(`--tv-max ${view.high}`);
  for (const number of classes) words.push(`--class-id ${number}`);
  if (families.length) words.push(`--where ${shellWord(`family in [${families.join(", ")}]`)}`);
  const isComplete = words.length > 2 && !view.chosen[2]?.size && ![data.folder, ...families].includes(null);
  return isComplete ? words.join(" ") : null;
}

function shellWord(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
