// Keeps the board fresh without ever touching what somebody is typing, reading or copying.
// Every page works without this file; it adds: refresh in place, copy buttons, a guard against double clicks.
"use strict";

const EVERY_MS = 2000;
const LOST_AFTER = 2; // failed fetches in a row before we say so

function isBusy(element) {
  if (element.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return true;
  return Array.from(element.querySelectorAll("input:not([type=hidden]), textarea")).some(
    (field) => field.value !== field.defaultValue
  );
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.getAttribute("data-key") : null;
}

// Change `from` into `to`, leaving alone: what is open, what is typed, what the script itself put there.
function change(from, to) {
  for (const { name, value } of Array.from(to.attributes)) {
    if (name !== "open" && from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
  for (const { name } of Array.from(from.attributes)) {
    if (name !== "open" && !to.hasAttribute(name)) from.removeAttribute(name);
  }
  if (!from.matches("input, textarea, select")) changeChildren(from, to);
}

function changeChildren(from, to) {
  const keyed = new Map(Array.from(from.children).filter(keyOf).map((child) => [keyOf(child), child]));
  let at = from.firstChild;
  for (const wanted of Array.from(to.childNodes)) {
    while (at && at.nodeType === Node.ELEMENT_NODE && at.hasAttribute("data-added")) at = at.nextSibling;
    const key = keyOf(wanted);
    const found = key ? keyed.get(key) : at && !keyOf(at) && at.nodeName === wanted.nodeName ? at : null;
    if (!found) {
      from.insertBefore(wanted.cloneNode(true), at);
      continue;
    }
    if (key) at = clearTo(found, at);
    if (found === at) at = at.nextSibling;
    else from.insertBefore(found, at);
    keyed.delete(key);
    if (found.nodeType === Node.ELEMENT_NODE) change(found, wanted);
    else if (found.data !== wanted.data) found.data = wanted.data;
  }
  while (at) {
    const next = at.nextSibling;
    if (isOurs(at)) at.remove();
    at = next;
  }
}

// Drop what stands before `found` and has no place any more, so that `found` need not be moved: moving loses focus.
function clearTo(found, at) {
  while (at && at !== found && !keyOf(at) && isOurs(at)) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
  return at;
}

function isOurs(node) {
  return node.nodeType !== Node.ELEMENT_NODE || (!node.hasAttribute("data-added") && !isBusy(node));
}

function said(root) {
  return new Map(
    Array.from(root.querySelectorAll("[data-said]")).map((row) => [
      row.closest("[data-key^='m-']").getAttribute("data-key") + row.getAttribute("data-key"), row.getAttribute("data-said")])
  );
}

function addCopyButtons(board) {
  for (const place of board.querySelectorAll("[data-copy]")) {
    if (place === board || place.querySelector("button[data-added]")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button calm";
    button.setAttribute("data-added", "");
    button.textContent = board.dataset.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(place.querySelector(".words").textContent);
      button.textContent = board.dataset.copied;
      document.getElementById("said").textContent = board.dataset.copied;
      setTimeout(() => { button.textContent = board.dataset.copy; }, 3000);
    });
    place.append(button);
  }
}

function watch(board) {
  const lost = document.getElementById("lost");
  const live = document.getElementById("said");
  let still = board.hasAttribute("data-still");
  let failures = 0;

  const pause = document.createElement("button");
  pause.type = "button";
  pause.className = "button calm pause";
  const label = () => { pause.textContent = still ? board.dataset.go : board.dataset.pause; };
  pause.addEventListener("click", () => { still = !still; label(); });
  label();
  board.after(pause);

  function show(words) {
    lost.hidden = !words;
    if (words && lost.textContent !== words) lost.textContent = words;
  }

  async function refresh() {
    if (still || document.hidden) return;
    try {
      const answer = await fetch(board.dataset.fragment, { redirect: "manual", cache: "no-store" });
      if (answer.type === "opaqueredirect" || answer.status === 401) { show(lost.dataset.signedOut); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const fresh = document.createElement("div");
      fresh.innerHTML = await answer.text();
      const before = said(board);
      changeChildren(board, fresh);
      addCopyButtons(board);
      const news = Array.from(said(board)).filter(([key, words]) => before.get(key) !== words).map(([, words]) => words);
      if (news.length) live.textContent = news.join(". ");
      failures = 0;
      show("");
    } catch (error) {
      failures += 1;
      if (failures >= LOST_AFTER) show(lost.dataset.lost);
    }
  }

  async function again() {
    await refresh();
    setTimeout(again, EVERY_MS);
  }
  addCopyButtons(board);
  setTimeout(again, EVERY_MS);
  document.addEventListener("visibilitychange", refresh);
}

// A second click on the same button is not a second message (the server sees to that too); here it is just calm.
// Nothing is disabled before the form has been read, so the button's own name still travels.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) { event.preventDefault(); return; }
  form.dataset.sent = "1";
  setTimeout(() => { for (const button of form.querySelectorAll("button")) button.disabled = true; }, 0);
});
// The page may come back from the browser's memory with its buttons still asleep.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button")) button.disabled = false;
  }
});

const board = document.getElementById("board");
if (board) watch(board);
const errors = document.getElementById("errors");
if (errors) errors.focus();
