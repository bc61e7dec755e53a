// What pages do beyond links and forms: every page works without this file.
"use strict";

function all(selector, within = document) {
  return Array.from(within.querySelectorAll(selector));
}

function cellOf(key) {
  return document.querySelector(`.c[data-key="${CSS.escape(key)}"]`);
}

// Dropping drafts: their names, and a word before too much is sent.
for (const form of all("form.drop")) {
  const input = form.querySelector("[data-drafts]");
  const zone = form.querySelector("[data-zone]");
  const list = form.querySelector("[data-chosen]");
  const complaint = form.querySelector("[data-complaint]");
  const most = Number(form.dataset.most) * 1024 * 1024;
  const tooLarge = () => all("input[type=file]", form).flatMap((i) => Array.from(i.files)).reduce((sum, f) => sum + f.size, 0) > most;
  input.addEventListener("change", () => {
    list.replaceChildren(...Array.from(input.files, (file) => {
      const item = document.createElement("li");
      item.textContent = file.name;
      return item;
    }));
    complaint.textContent = tooLarge() ? form.dataset.tooLarge : "";
  });
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => { event.preventDefault(); zone.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) {
    zone.addEventListener(name, () => zone.classList.remove("over"));
  }
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files.length) {
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change"));
    }
  });
  form.addEventListener("submit", (event) => { if (tooLarge()) event.preventDefault(); });
}

// Waiting: ask how far it is, and show the verdict as soon as it is there.
for (const waiting of all("[data-waiting]")) {
  const bar = waiting.querySelector("progress");
  const ask = async () => {
    const answer = await fetch(waiting.dataset.waiting).then((r) => r.json()).catch(() => null);
    if (answer && (answer.forgotten || answer.done >= answer.of)) { location.reload(); return; }
    if (answer) bar.value = answer.done;
    setTimeout(ask, 400);
  };
  setTimeout(ask, 200);
}

// Framing: a finding frames its cells in the form, a cell frames itself and its place in the source.
function unframe() {
  for (const cell of all(".framed, .part-of, .issue.now")) cell.classList.remove("framed", "part-of", "now");
}

function frame(target, keys) {
  unframe();
  for (const key of keys) cellOf(key)?.classList.add("part-of");
  if (!target) return;
  target.classList.add("framed");
  target.scrollIntoView({ block: "center", inline: "center" });
  frameInSource(target.dataset.key);
  inspect(target);
}

// The same cell in the source: its pane scrolls, the page does not.
const source = document.querySelector(".source");

function frameInSource(key) {
  const place = source?.querySelector(`.place[data-key="${CSS.escape(key)}"]`);
  if (!place) return;
  place.classList.add("framed");
  const inner = place.getBoundingClientRect();
  const pane = source.getBoundingClientRect();
  source.scrollTop += inner.top - pane.top - pane.height / 2;
  const scroller = place.closest(".scroll");
  if (scroller) scroller.scrollLeft += inner.left - scroller.getBoundingClientRect().left - scroller.clientWidth / 2;
}

for (const place of all(".source .place")) {
  place.addEventListener("click", () => frame(cellOf(place.dataset.key), []));
}

// The inspector says which cell is framed, for its labels may be out of view.
const inspector = document.querySelector("[data-inspector]");

function inspect(cell) {
  if (!inspector) return;
  inspector.hidden = !cell;
  if (!cell) return;
  inspector.querySelector("[data-name]").textContent = cell.title;
  inspector.querySelector("[data-value]").textContent = cell.textContent.trim();
  inspector.querySelector("[data-note]").textContent = cell.dataset.note || "";
  const issue = issues.find((one) => one.dataset.keys.split(" ").includes(cell.dataset.key));
  const back = inspector.querySelector("[data-back]");
  back.hidden = !issue;
  if (issue) back.href = `#${issue.id}`;
}

inspector?.querySelector("[data-close]").addEventListener("click", () => { unframe(); inspect(null); });

for (const cell of all(".c")) {
  cell.addEventListener("click", () => {
    const issue = issues.find((one) => one.dataset.keys.split(" ").includes(cell.dataset.key));
    unframe();
    cell.classList.add("framed");
    issue?.classList.add("now");
    frameInSource(cell.dataset.key);
    inspect(cell);
  });
}

const issues = all(".issue");

function choose(issue) {
  const target = document.getElementById(issue.dataset.anchor || "");
  frame(target, issue.dataset.keys.split(" ").filter(Boolean));
  issue.classList.add("now");
}

for (const issue of issues) {
  issue.addEventListener("click", (event) => {
    if (issue.dataset.open && !event.target.closest("a")) { location.href = issue.dataset.open; return; }
    const link = event.target.closest("a, button, input, textarea, select, summary, label, details");
    if (link && !link.matches(".go, .addend, [data-go]")) return;
    event.preventDefault();
    const keys = (link?.dataset.go || "").split(" ").filter(Boolean);
    choose(issue);
    if (keys.length) frame(cellOf(keys[0]), issue.dataset.keys.split(" "));
    issue.classList.add("now");
  });
}

// Deciding: the name is remembered in this browser alone.
for (const field of all("[data-remember]")) {
  const name = `nianbao-${field.dataset.remember}`;
  field.value = localStorage.getItem(name) || "";
  field.form.addEventListener("submit", () => localStorage.setItem(name, field.value));
}

function openDecision(issue, which) {
  const choice = issue?.querySelector(`[data-${which}]`);
  if (!choice) return;
  choice.closest("details").open = true;
  choice.checked = true;
  choice.form.querySelector("textarea").focus();
}

// Keys: j and k go from finding to finding; a, d and c open the form to accept, dismiss or correct.
let at = -1;
document.addEventListener("keydown", (event) => {
  if (event.target.matches("input, textarea, select") || event.ctrlKey || event.metaKey || event.altKey) return;
  const step = { j: 1, k: -1 }[event.key];
  if (step && issues.length) {
    at = Math.max(0, Math.min(issues.length - 1, at + step));
    choose(issues[at]);
    issues[at].focus({ preventScroll: true });
    issues[at].scrollIntoView({ block: "nearest" });
  }
  if (event.key === "Enter" && issues[at]?.dataset.open && !event.target.closest("a")) location.href = issues[at].dataset.open;
  const which = { a: "accept", d: "dismiss", c: "correct" }[event.key];
  if (which && issues[at]) {
    event.preventDefault();
    openDecision(issues[at], which);
  }
  if (event.key === "Escape") { unframe(); inspect(null); }
});

for (const button of all("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
