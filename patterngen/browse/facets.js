// Lists of families, classes and the like, each value with a box to tick and the number of its pictures.

const facetLists = data.facets.map(buildFacet);

function buildFacet(facet, number) {
  const rows = facet.values.map((value, i) => {
    const box = element("input");
    box.type = "checkbox";
    box.addEventListener("change", () => {
      if (box.checked) view.chosen[number].add(i);
      else view.chosen[number].delete(i);
      update();
    });
    const count = element("span", "", "number");
    const label = element("label");
    const name = element("bdi", value);
    if (facet.hints[i]) name.append(element("small", facet.hints[i]));
    label.append(box, name, count);
    label.title = value;
    const item = element("li");
    item.append(label);
    return { box, count, item };
  });
  const list = element("ul");
  list.append(...rows.map((row) => row.item));
  const fieldset = element("fieldset");
  fieldset.dataset.facet = facet.name;
  fieldset.append(element("legend", facet.title), list);
  byId("facets").append(fieldset);
  return rows;
}

// A value's number tells how many pictures ticking it would show: those that all other filters let through.
function drawFacets() {
  facetLists.forEach((rows, number) => {
    const counts = new Array(rows.length).fill(0);
    for (const picture of data.pictures) if (matches(picture, number)) counts[picture.facets[number]]++;
    rows.forEach(({ box, count, item }, i) => {
      box.checked = view.chosen[number].has(i);
      if (count.textContent !== String(counts[i])) count.textContent = counts[i];
      item.classList.toggle("none", counts[i] === 0);
    });
  });
}
