// One picture with all that is known of it, and the command that draws it again.

const dialog = byId("detail");
let opened = null;

function openDetail(picture) {
  opened = picture;
  byId("detail-name").textContent = picture.key;
  byId("large").src = sourceOf(picture);
  byId("large").alt = `Picture ${picture.key} of ${picture.family}`;
  byId("scale").textContent = picture.copy;
  fillPairs(byId("params"), picture.params.length ? picture.params : [["", "none"]]);
  fillPairs(byId("fields"), picture.fields);
  setCommand(dialog.querySelector(".command"), picture.command);
  byId("no-command").hidden = picture.command !== null;
  const at = shown.indexOf(picture);
  byId("place").textContent = `${at + 1} of ${shown.length}`;
  byId("previous").disabled = at <= 0;
  byId("next").disabled = at >= shown.length - 1;
  if (!dialog.open) {
    dialog.showModal();
    dialog.scrollTop = 0;
  }
}

function turnPage(step) {
  const target = shown[shown.indexOf(opened) + step];
  if (target) openDetail(target);
}

function fillPairs(list, pairs) {
  list.replaceChildren(...pairs.map(([name, value]) => {
    const row = element("div");
    const term = element("dt");
    const detail = element("dd");
    term.append(element("bdi", name));
    detail.append(element("bdi", String(value)));
    row.append(term, detail);
    return row;
  }));
}

// A box with a command and a button that copies it; without a command there is no box.
function setCommand(box, command) {
  box.hidden = command === null;
  box.querySelector("code").textContent = command ?? "";
  box.querySelector("button").textContent = "Copy";
}

function closeDetail() {
  dialog.close();
  focusPicture(opened); // which may be another than the one it was opened from
}

async function copyCommand(box) {
  const code = box.querySelector("code");
  const button = box.querySelector("button");
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = "Copied";
  } catch { // where a page may not write to the clipboard, the selected command is one key away from it
    getSelection().selectAllChildren(code);
    button.textContent = document.execCommand("copy") ? "Copied" : "Press Ctrl+C";
  }
}

byId("previous").addEventListener("click", () => turnPage(-1));
byId("next").addEventListener("click", () => turnPage(1));
byId("close").addEventListener("click", closeDetail);
dialog.addEventListener("click", (event) => {
  if (event.target === dialog) closeDetail(); // beside its contents: on the backdrop or the rim
});
dialog.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  if (step) turnPage(step);
});
dialog.addEventListener("cancel", (event) => {
  event.preventDefault();
  closeDetail();
});
for (const box of document.querySelectorAll(".command")) {
  box.querySelector("button").addEventListener("click", () => copyCommand(box));
}
