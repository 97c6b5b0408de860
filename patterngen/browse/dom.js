// Elements found and made. Texts are only ever set as texts: nothing in a manifest becomes markup.

function byId(id) {
  return document.getElementById(id);
}

function element(tag, text = "", className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  made.className = className;
  return made;
}

function svg(tag, className) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  made.setAttribute("class", className);
  return made;
}
