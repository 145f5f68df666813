// Keeps the board fresh without ever touching what somebody is typing, reading or copying.
// Every page works without this file; it adds: refresh in place, clocks that go, copy buttons, a title and (when asked
// for) a sound that tell of trouble and of success, a guard against double clicks.
"use strict";

const EVERY_MS = 700; // a state is seen within a second; most answers are an empty 304
const HIDDEN_EVERY = 5; // rounds between two questions while nobody looks
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

// The same words as the server's: at most two units.
function duration(seconds, words) {
  const minutes = Math.floor(seconds / 60), hours = Math.floor(seconds / 3600), days = Math.floor(seconds / 86400);
  if (days) return `${days} ${words.days}`;
  if (hours) return `${hours} ${words.hours} ${minutes % 60} min`;
  return minutes ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

// What the title and the sound go by: trouble, done, or nothing to tell.
function standing(board) {
  const top = board.querySelector("[data-title]");
  return { sign: top ? top.dataset.title : "", tasks: top ? Number(top.dataset.tasks) : 0 };
}

function bare(title) {
  return title.replace(/^(\(!\)|✓) /, "");
}

// Off until somebody wants it; never the only sign, since what it tells stands on the page and in the title.
function bell(board) {
  let context = null;
  let on = false;
  try { on = localStorage.getItem("board-sound") === "on"; } catch { /* then it is off each time */ }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button calm pause";

  function wake() {
    context = context || new AudioContext();
    if (context.state === "suspended") context.resume();
  }
  function tone(hertz, begins) {
    const sound = context.createOscillator(), loudness = context.createGain();
    sound.frequency.value = hertz;
    loudness.gain.setValueAtTime(0.2, context.currentTime + begins);
    loudness.gain.exponentialRampToValueAtTime(0.001, context.currentTime + begins + 0.3);
    sound.connect(loudness).connect(context.destination);
    sound.start(context.currentTime + begins);
    sound.stop(context.currentTime + begins + 0.3);
  }
  function label() {
    button.textContent = on ? board.dataset.soundOn : board.dataset.soundOff;
    button.setAttribute("aria-pressed", String(on));
  }
  function ring(good) {
    if (!on) return;
    if (navigator.vibrate) navigator.vibrate(good ? [120] : [250, 120, 250]);
    wake();
    tone(good ? 660 : 440, 0);
    tone(good ? 880 : 330, 0.32);
  }
  button.addEventListener("click", () => {
    on = !on;
    try { localStorage.setItem("board-sound", on ? "on" : "off"); } catch { /* this page remembers it */ }
    label();
    ring(true);
  });
  label();
  board.after(button);
  return ring;
}

function watch(board) {
  const lost = document.getElementById("lost");
  const live = document.getElementById("said");
  let still = board.hasAttribute("data-still");
  let failures = 0;
  let tag = "";
  let arrived = performance.now();
  let was = standing(board);
  let round = 0;

  const ring = bell(board);
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

  // Only what the page shows already: a screen reader hears of states, not of seconds.
  function tick() {
    if (still) return;
    const since = Math.floor((performance.now() - arrived) / 1000);
    for (const place of board.querySelectorAll("[data-elapsed]")) {
      place.querySelector(".time").textContent = duration(Number(place.dataset.elapsed) + since, board.dataset);
    }
    for (const place of board.querySelectorAll("[data-left]")) {
      place.textContent = `${Math.max(0, Number(place.dataset.left) - since)} s`;
    }
  }

  function tell() {
    const now = standing(board);
    document.title = now.sign + bare(document.title);
    const worse = now.tasks > was.tasks || (now.sign === "(!) " && was.sign !== now.sign);
    if (worse || (now.sign === "✓ " && was.sign !== now.sign)) ring(!worse);
    was = now;
  }

  async function refresh(wanted) {
    if (still && wanted !== true) return;
    try {
      const known = tag ? { "If-None-Match": tag } : {};
      const answer = await fetch(board.dataset.fragment, { redirect: "manual", cache: "no-store", headers: known });
      if (answer.status === 304) { failures = 0; show(""); return; }
      if (answer.type === "opaqueredirect" || answer.status === 401) { show(lost.dataset.signedOut); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      tag = answer.headers.get("ETag") || "";
      arrived = performance.now();
      const fresh = document.createElement("div");
      fresh.innerHTML = await answer.text();
      const before = said(board);
      changeChildren(board, fresh);
      addCopyButtons(board);
      const news = Array.from(said(board)).filter(([key, words]) => before.get(key) !== words).map(([, words]) => words);
      if (news.length) live.textContent = news.join(". ");
      tell();
      failures = 0;
      show("");
    } catch (error) {
      failures += 1;
      if (failures >= LOST_AFTER) show(lost.dataset.lost);
    }
  }

  // What is ticked is kept without leaving the page: whoever ticks is reading down a list. Where that does not work out,
  // the form goes as it would without this file, and says why.
  board.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.hasAttribute("data-in-place")) return;
    event.preventDefault();
    event.stopPropagation();
    if (form.dataset.sent) return;
    form.dataset.sent = "1";
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
      if (answer.type !== "opaqueredirect") throw new Error(String(answer.status));
      await refresh(true);
    } catch {
      form.submit();
    }
    delete form.dataset.sent;
  });

  async function again() {
    round += 1;
    if (!document.hidden || round % HIDDEN_EVERY === 0) await refresh();
    setTimeout(again, EVERY_MS);
  }
  addCopyButtons(board);
  setTimeout(again, EVERY_MS);
  setInterval(tick, 1000);
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
