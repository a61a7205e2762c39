// What the page does beyond being read: search, filters, the box with one picture, and following a run.
// A classic script, because browsers load no modules from the file system.
"use strict";

const $ = (selector, from = document) => from.querySelector(selector);
const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
const root = document.documentElement;
root.classList.add("scripted");

/** Make an element; text is always text. */
function made(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

// ---------------------------------------------------------------------------------------------------------------------
// Light and dark

const THEMES = ["auto", "light", "dark"];

function kept(value) {
  try {
    if (value) localStorage.setItem("journey-theme", value);
    return localStorage.getItem("journey-theme");
  } catch {
    return value; // a browser that keeps nothing for files
  }
}

function setTheme(theme) {
  root.dataset.theme = THEMES.includes(theme) ? theme : "auto";
  const button = $("[data-theme-button]");
  if (!button) return;
  button.textContent = { auto: "Auto", light: "Light", dark: "Dark" }[root.dataset.theme];
  button.setAttribute("aria-label", `Colours: ${root.dataset.theme}`);
}

setTheme(kept());

// ---------------------------------------------------------------------------------------------------------------------
// What is looked for, and which picture is open: kept in the address, so that it outlives a reload

const look = { find: "", state: "", action: "", open: "", tile: "" };

function readAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const name of Object.keys(look)) look[name] = given.get(name) ?? "";
}

function writeAddress() {
  const given = new URLSearchParams(Object.entries(look).filter(([, value]) => value));
  history.replaceState(null, "", `#${given}`);
}

const cards = () => $$("main .card");
const cardAt = (place) => place === "" ? null : $(`main .card[data-place="${Number(place)}"]`);
const nodeOf = (card) => card.closest(".node");

function matches(card) {
  const { key, task, prompt, state, action } = card.dataset;
  if (look.state && state !== look.state) return false;
  if (look.action && action !== look.action) return false;
  const text = `${prompt}\n${key}\n${task}`.toLowerCase();
  return look.find.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

/** Show what matches, and dimly what it was made from. */
function sift() {
  const all = cards();
  const looking = Boolean(look.find.trim() || look.state || look.action);
  const found = new Set(all.filter(matches).map((card) => card.dataset.place));
  const shown = new Set(found);
  for (const card of all.toReversed()) {
    if (shown.has(card.dataset.place) && card.dataset.parent) shown.add(card.dataset.parent);
  }
  for (const card of all) {
    const { place } = card.dataset;
    const node = nodeOf(card);
    node.hidden = !shown.has(place);
    node.classList.toggle("aside", !found.has(place));
    if (!card.dataset.parent) node.closest(".family").hidden = node.hidden;
  }
  for (const bar of $$(".slots [data-place]")) bar.classList.toggle("aside", !found.has(bar.dataset.place));
  $(".count").textContent = looking ? `${found.size} of ${all.length}` : "";
  const nothing = $(".nothing");
  if (nothing) nothing.hidden = found.size > 0 || all.length === 0;
  for (const button of $$("[data-only]")) {
    button.setAttribute("aria-pressed", String(button.dataset.only === look.state));
  }
  const select = $("[name=action]");
  if (select) select.value = look.action;
}

function lookFor(change) {
  Object.assign(look, change);
  writeAddress();
  sift();
}

// ---------------------------------------------------------------------------------------------------------------------
// The box: one picture large

let comparing = false;
let opener = null;

function filesOf(card) {
  return $$(".files [data-n]", card).map((file) => ({
    n: file.dataset.n,
    path: file.getAttribute("href"),
    video: file.dataset.video === "yes",
    width: file.dataset.width,
    height: file.dataset.height,
    said: file.textContent,
  }));
}

function picture(file, alt) {
  if (!file.path) return made("span", { textContent: file.said });
  if (file.video) return made("video", { src: file.path, controls: true, preload: "none", loop: true });
  const image = made("img", { src: file.path, alt, decoding: "async" });
  if (file.width) Object.assign(image, { width: file.width, height: file.height });
  return image;
}

/** Give what is compared with what: the tile or picture of the parent, and that of the card. */
function pair(card) {
  const parent = cardAt(card.dataset.parent);
  if (!parent) return null;
  const still = (from, n) => {
    const files = filesOf(from).filter((file) => file.path && !file.video);
    return files.find((file) => file.n === n) ?? files[0];
  };
  const before = still(parent, card.dataset.tile || "1");
  const after = still(card, look.tile || "1");
  return before && after ? { before, after, parent } : null;
}

function comparison(card, { before, after, parent }) {
  const tile = parent.dataset.grid ? `, tile ${before.n}` : "";
  const slider = made("input", { type: "range", min: "0", max: "100", value: "50" });
  slider.setAttribute("aria-label", `Before and after: ${parent.dataset.action} and ${card.dataset.action}`);
  const view = made("div", { className: "pair" },
    picture(before, "Before"),
    Object.assign(picture(after, "After"), { className: "after" }),
    made("span", { className: "tag", textContent: `${parent.dataset.action}${tile}` }),
    made("span", { className: "tag", textContent: card.dataset.action }),
    made("div", { className: "seam" }),
    slider);
  slider.addEventListener("input", () => view.style.setProperty("--cut", `${slider.value}%`));
  return view;
}

function stageOf(card) {
  const files = filesOf(card);
  const both = comparing ? pair(card) : null;
  if (both) return comparison(card, both);
  const one = files.length === 1 ? files[0] : files.find((file) => file.n === look.tile);
  const alt = `${card.dataset.action}: ${card.dataset.prompt}`;
  if (one?.path) return Object.assign(picture(one, alt), { className: "whole" });
  if (files.some((file) => file.path)) {
    return made("div", { className: "four" }, ...files.map((file) => {
      if (file.video) return made("div", {}, picture(file));
      const button = made("button", { type: "button" }, picture(file, `Tile ${file.n}`));
      button.addEventListener("click", () => turnTo(card, file.n));
      return button;
    }));
  }
  const blank = $(".blank", card)?.cloneNode(true).childNodes ?? [];
  const kind = { failed: " failed", "in doubt": " doubt" }[card.dataset.state] ?? "";
  return made("div", { className: `blankness${kind}` }, ...blank);
}

function kin(title, relatives) {
  if (!relatives.length) return [];
  return [made("h3", { textContent: title }), made("ul", {}, ...relatives.map((card) => {
    const image = $(".shot img", card)?.cloneNode() ?? made("span", { className: "none" });
    image.alt = "";
    const tile = card.dataset.tile ? `, tile ${card.dataset.tile}` : "";
    const button = made("button", { type: "button" }, image, `${card.dataset.action}${tile}`);
    button.addEventListener("click", () => turnTo(card));
    return made("li", {}, button);
  }))];
}

const parentOf = (card) => cardAt(card.dataset.parent);
const childrenOf = (card) => card.dataset.children.split(" ").filter(Boolean).map(cardAt);
const inSight = () => cards().filter((card) => !nodeOf(card).hidden && !nodeOf(card).classList.contains("aside"));

/** Go to another card, or to a tile of the same. */
function turnTo(card, tile = "") {
  if (!card) return;
  Object.assign(look, { open: card.dataset.place, tile });
  writeAddress();
  fillBox();
}

function fillBox() {
  const box = $(".box");
  const card = cardAt(look.open);
  if (!card) return box.close();
  const held = document.activeElement?.dataset?.do;
  const row = inSight();
  const at = row.indexOf(card);
  $(".view").replaceChildren(stageOf(card));
  $("#box-title").textContent = card.dataset.key;
  const facts = $(".facts dl", card).cloneNode(true);
  for (const button of $$(".copy", facts)) button.hidden = false;
  $(".about").replaceChildren(facts);
  $(".kin").replaceChildren(
    ...kin("Made from", [parentOf(card)].filter(Boolean)), ...kin("Made from it", childrenOf(card)));
  const tile = look.tile ? `, tile ${look.tile}` : "";
  const place = at < 0 ? "" : `${at + 1} of ${row.length}: `;
  $(".where").textContent = `${place}${card.dataset.action}${tile}, ${card.dataset.state}`;
  $("[data-do=back]").disabled = at <= 0;
  $("[data-do=on]").disabled = at + 1 >= row.length;
  const compare = $("[data-do=compare]");
  compare.hidden = !pair(card);
  compare.setAttribute("aria-pressed", String(comparing));
  const file = filesOf(card).find((each) => each.path && (!look.tile || each.n === look.tile));
  const original = $(".original");
  original.hidden = !file;
  if (file) original.href = file.path;
  if (!box.open) box.showModal();
  if (held && $(`[data-do=${held}]`).disabled) $(".panel").focus();
}

function step(by) {
  const row = inSight();
  turnTo(row[row.indexOf(cardAt(look.open)) + by]);
}

const DOES = {
  back: () => step(-1),
  on: () => step(1),
  close: () => $(".box").close(),
  compare: () => {
    comparing = !comparing;
    fillBox();
    if (comparing) $(".pair input")?.focus();
  },
};

function onBoxKey(event) {
  const card = cardAt(look.open);
  if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
  const sliding = event.target.matches("input[type=range], video");
  const keys = {
    ArrowLeft: () => sliding || step(-1),
    ArrowRight: () => sliding || step(1),
    ArrowUp: () => sliding || turnTo(parentOf(card)),
    ArrowDown: () => sliding || turnTo(childrenOf(card)[0]),
    c: () => $("[data-do=compare]").hidden || DOES.compare(),
    0: () => turnTo(card),
  };
  if (/^[1-4]$/.test(event.key) && filesOf(card).length === 4) keys[event.key] = () => turnTo(card, event.key);
  const does = keys[event.key];
  if (!does) return;
  if (does() !== true) event.preventDefault();
}

async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(button.previousElementSibling);
    button.textContent = document.execCommand("copy") ? "Copied" : "Selected";
  }
  setTimeout(() => { button.textContent = "Copy"; }, 1500);
}

// ---------------------------------------------------------------------------------------------------------------------
// Following a run: pulse.js says whether there is news, parts.js brings it. Pages from the file system may load scripts
// of their folder and fetch nothing.

const EVERY = 2000;

function load(file) {
  const script = made("script", { src: `${file}?${Date.now()}` });
  const again = () => {
    script.remove();
    if (file === "pulse.js" && root.dataset.live === "yes") setTimeout(load, EVERY, "pulse.js");
  };
  script.addEventListener("load", again);
  script.addEventListener("error", again);
  document.head.append(script);
}

globalThis.galleryPulse = ({ version, live }) => {
  root.dataset.live = live ? "yes" : "no";
  $(".live").textContent = live ? "following the run" : "";
  if (version !== root.dataset.version) load("parts.js");
};

globalThis.galleryParts = ({ version, shape, parts }) => {
  if (shape !== root.dataset.shape) return location.reload(); // other nodes than the page has places for
  root.dataset.version = version;
  let open = false;
  for (const [name, mark, html] of parts) {
    const part = $(`[data-part="${name}"]`);
    if (part.dataset.mark === mark) continue;
    const focused = part.contains(document.activeElement) ? document.activeElement : null;
    part.dataset.mark = mark;
    part.innerHTML = html; // made by the same templates as the page, every text in it escaped
    const { only, open: opens } = focused?.dataset ?? {};
    if (only) $(`[data-only="${only}"]`, part)?.focus();
    else if (focused?.name) $(`[name="${focused.name}"]`, part)?.focus();
    else if (opens !== undefined) $("[data-open]", part)?.focus();
    open = open || (look.open !== "" && isNear(name.slice(1)));
  }
  sift();
  if (open && $(".box").open) fillBox();
};

/** Tell whether the open box shows something of the card at a place. */
function isNear(place) {
  const card = cardAt(look.open);
  return Boolean(card) && [card, parentOf(card), ...childrenOf(card)].some((each) => each?.dataset.place === place);
}

// ---------------------------------------------------------------------------------------------------------------------

document.addEventListener("DOMContentLoaded", () => {
  setTheme(kept());
  for (const hidden of $$(".tools, .theme")) hidden.hidden = false;
  readAddress();
  $("[name=find]").value = look.find;
  sift();
  if (look.open) fillBox();
  if (root.dataset.live === "yes") load("pulse.js");

  document.addEventListener("click", (event) => {
    const hit = (selector) => event.target.closest(selector);
    const shot = hit("[data-open]");
    if (shot && !event.ctrlKey && !event.metaKey && !event.shiftKey) {
      event.preventDefault();
      opener = shot.closest(".card").dataset.place;
      return turnTo(shot.closest(".card"));
    }
    if (hit(".slots [data-place]")) return turnTo(cardAt(hit("[data-place]").dataset.place));
    if (hit("[data-only]")) {
      const { only } = hit("[data-only]").dataset;
      return lookFor({ state: look.state === only ? "" : only });
    }
    if (hit("[data-clear]")) {
      $("[name=find]").value = "";
      return lookFor({ find: "", state: "", action: "" });
    }
    if (hit("[data-do]")) return DOES[hit("[data-do]").dataset.do]();
    if (hit("[data-copy]")) return copy(hit("[data-copy]"));
    if (hit("[data-theme-button]")) setTheme(kept(THEMES[(THEMES.indexOf(root.dataset.theme) + 1) % THEMES.length]));
  });
  document.addEventListener("input", (event) => {
    if (event.target.name === "find") lookFor({ find: event.target.value });
    if (event.target.name === "action") lookFor({ action: event.target.value });
  });
  document.addEventListener("keydown", (event) => {
    if ($(".box").open) return onBoxKey(event);
    if (event.key === "/" && !event.target.matches("input, select")) {
      event.preventDefault();
      $("[name=find]").focus();
    }
  });
  $(".tools").addEventListener("submit", (event) => event.preventDefault());
  $(".box").addEventListener("close", () => {
    const place = look.open || opener;
    comparing = false;
    Object.assign(look, { open: "", tile: "" });
    writeAddress();
    $(".view").replaceChildren();
    $(".shot", cardAt(place ?? "") ?? document)?.focus();
  });
});
