// The room: puts the parts of the page together and keeps them in step with the server.

import { Composer } from "./composer.js";
import { el, icon, languageOf, learn, say } from "./dom.js";
import { Flow } from "./flow.js";
import { Wire } from "./wire.js";

const TINTS = 3;
const TOAST = 9000;
const WIDE = matchMedia("(min-width: 60rem)");
const at = (id) => document.getElementById(id);

const who = JSON.parse(sessionStorage.getItem("paperclub.who") ?? "{}");
const here = { persona: who.persona ?? "", private: who.private ?? false, thread: null, threads: new Map() };
let people = new Map();
let scene = null;
let opener = null;

const on = {
  press(token, line, button) {
    (line.thread ? panel : flow).attend();
    if (button.ariaBusy) return;
    if (wire.send({ type: "press", token, line: line.id })) button.ariaBusy = "true";
    else toast(say("web.lost"));
  },
  open: openThread,
  go: (line) => (closePanel(), flow.go(line)),
};

const flow = new Flow(at("flow"), on, emptyRoom);
const panel = new Flow(at("panel-flow"), on, () => el("p", { className: "empty" }, say("web.thread.empty")));
const persona = el("select", { id: "persona", onchange: () => enter(persona.value, here.private) });
const speaker = el("p", { className: "speaker" }, el("label", { htmlFor: "persona", "data-words": "web.speak_as" }), persona);
const composer = new Composer(at("desk"), "say", (text) => tell(text, null), speaker);
const threadComposer = new Composer(at("panel-desk"), "say-thread", (text) => tell(text, here.thread));
const wire = new Wire({
  onOpen: () => enter(here.persona, here.private),
  onEvent: (event) => EVENTS[event.type]?.(event),
  onState: (connected) => {
    at("lost").textContent = connected ? "" : say("web.lost");
    at("lost").classList.toggle("shown", !connected && scene !== null);
  },
});

const EVENTS = {
  scene(event) {
    const another = scene && (scene.persona !== event.persona || scene.private !== event.private);
    scene = event;
    here.persona = event.persona;
    here.private = event.private;
    sessionStorage.setItem("paperclub.who", JSON.stringify({ persona: event.persona, private: event.private }));
    people = new Map(event.people.map((person, i) => [person.id, { ...person, tint: i % TINTS }]));
    const language = people.get(event.persona).language;
    document.documentElement.lang = language;
    learn(event.words);
    fillPersonas();
    here.threads = new Map(event.threads.map((line) => [String(line.id), line]));
    flow.reset(event.lines, people, `${here.persona}.${here.private ? "private" : "room"}`);
    showThreads();
    showWaiting();
    stand(event.standing);
    if (another && here.private) closePanel();
    settle();
    if (here.thread) wire.send({ type: "open", thread: here.thread });
    document.body.removeAttribute("aria-busy");
  },
  line({ line }) {
    if (line.thread === null) flow.put(line);
    else if (line.thread === here.thread) panel.put(line);
    showWaiting();
    if (line.replies !== null) {
      here.threads.set(String(line.id), line);
      showThreads();
    }
  },
  thread({ id, lines }) {
    if (id !== here.thread) return;
    panel.reset(lines, people, `${here.persona}.${id}`);
    showWaiting();
  },
  taken: showWaiting,
  pressed: () => document.querySelectorAll("[data-token][aria-busy]").forEach((button) => (button.ariaBusy = null)),
  standing: stand,
  toast: ({ text, aloud }) => (aloud ? (at("aloud").textContent = text) : toast(text)),
};

function enter(id, isPrivate) {
  here.persona = id;
  here.private = isPrivate;
  wire.send({ type: "enter", persona: id, private: isPrivate });
  // What is typed before the view has come belongs there already.
  if (scene) settle();
}

function tell(text, thread) {
  wire.say({ persona: here.persona, private: here.private, thread, text });
  (thread ? panel : flow).toEnd();
  showWaiting();
}

/** Lines still on their way; while the connection stands they are gone before one sees them. */
function showWaiting() {
  const mine = wire.outbox.filter((line) => line.persona === here.persona && line.private === here.private);
  const lines = mine.map((line) => ({ author: line.persona, text: line.text, thread: line.thread }));
  flow.await(lines.filter((line) => line.thread === null));
  panel.await(lines.filter((line) => line.thread !== null && line.thread === here.thread));
}

function settle() {
  const { limit } = scene.standing;
  const place = here.private ? "private" : "room";
  const label = say(here.private ? "web.message.private" : "web.message");
  composer.settle(`${here.persona}.${place}`, scene.menu, label, limit);
  if (here.thread) threadComposer.settle(`${here.persona}.${here.thread}`, scene.menu, say("web.message.thread"), limit);
  at("go-room").setAttribute("aria-current", String(!here.private));
  at("go-private").setAttribute("aria-current", String(here.private));
  at("place").textContent = here.private ? say("web.private") : WIDE.matches ? say("web.room") : scene.standing.club;
}

function stand(standing) {
  scene.standing = standing;
  at("club").textContent = standing.club;
  at("plan").textContent = standing.plan;
  at("progress").textContent = standing.progress;
  at("share").style.width = `${standing.share * 100}%`;
  at("next").textContent = standing.next;
  at("top-next").textContent = standing.next;
  document.title = `${standing.club} · Paperclub`;
  document.querySelectorAll("[data-jump]").forEach((button) => (button.disabled = !standing.jump));
}

function fillPersonas() {
  const others = [...people.values()].filter((person) => person.language);
  persona.replaceChildren(
    ...others.map(({ id, name, role }) => el("option", { value: id }, role ? `${name} · ${role}` : name)),
  );
  persona.value = here.persona;
}

function showThreads() {
  const newest = [...here.threads.values()].sort((a, b) => b.id - a.id);
  at("threads").replaceChildren(
    ...newest.map((line) => {
      const current = String(line.id) === here.thread;
      const open = () => openThread(String(line.id));
      const inside = [el("span", {}, line.title), el("small", {}, line.replies)];
      return el("li", {}, el("button", { type: "button", className: "place", "aria-current": String(current), onclick: open }, ...inside));
    }),
  );
  at("no-threads").hidden = newest.length > 0;
}

function emptyRoom() {
  const starts = ["/paper", "/help"].map((line) =>
    el("button", { type: "button", className: "button", onclick: () => tell(line, null) }, line),
  );
  return el(
    "div",
    { className: "empty" },
    icon("room"),
    el("h3", {}, say("web.empty.title")),
    el("p", {}, say("web.empty.text")),
    el("div", { className: "row" }, ...starts),
  );
}

/** On a narrow page, what lies over the room is all there is. */
function mind() {
  const rail = at("rail").classList.contains("open");
  const panelOver = Boolean(here.thread) && !WIDE.matches;
  at("veil").hidden = !rail && !panelOver;
  at("room").inert = rail || panelOver;
  at("panel").inert = rail;
}

function openThread(thread) {
  if (here.private) enter(here.persona, false);
  opener = document.activeElement;
  here.thread = thread;
  const title = here.threads.get(thread)?.title ?? "";
  at("panel-title").textContent = title;
  at("panel-title").lang = languageOf(title);
  at("panel").hidden = false;
  at("page").classList.add("with-panel");
  closeRail();
  panel.reset([], people, "");
  settle();
  showThreads();
  mind();
  wire.send({ type: "open", thread });
  at("panel-title").focus();
}

function closePanel() {
  if (!here.thread) return;
  here.thread = null;
  at("panel").hidden = true;
  at("page").classList.remove("with-panel");
  showThreads();
  mind();
  (opener?.isConnected ? opener : composer.box).focus({ preventScroll: true });
}

function openRail() {
  at("rail").classList.add("open");
  at("rail-open").setAttribute("aria-expanded", "true");
  mind();
  at("rail-close").focus();
}

function closeRail() {
  if (!at("rail").classList.contains("open")) return;
  at("rail").classList.remove("open");
  at("rail-open").setAttribute("aria-expanded", "false");
  mind();
  at("rail-open").focus();
}

function closeTop() {
  if (at("rail").classList.contains("open")) closeRail();
  else closePanel();
}

function toast(text) {
  const close = el("button", { type: "button", className: "icon", "aria-label": say("web.dismiss") }, icon("close"));
  const note = el("div", { className: "toast" }, el("p", {}, text), close);
  let timer;
  const start = () => (timer = setTimeout(() => note.remove(), TOAST));
  close.addEventListener("click", () => note.remove());
  note.addEventListener("pointerenter", () => clearTimeout(timer));
  note.addEventListener("pointerleave", start);
  at("toasts").replaceChildren(note);
  start();
}

function goTo(isPrivate) {
  closeRail();
  if (isPrivate) closePanel();
  enter(here.persona, isPrivate);
}

at("go-room").addEventListener("click", () => goTo(false));
at("go-private").addEventListener("click", () => goTo(true));
at("rail-open").addEventListener("click", openRail);
at("rail-close").addEventListener("click", closeRail);
at("veil").addEventListener("click", closeTop);
at("panel-close").addEventListener("click", closePanel);
WIDE.addEventListener("change", () => scene && (settle(), mind()));
for (const button of document.querySelectorAll("[data-jump]")) {
  button.addEventListener("click", () => {
    if (here.private) enter(here.persona, false);
    closeRail();
    flow.attend();
    wire.send({ type: "jump" });
  });
}
addEventListener("keydown", (event) => event.key === "Escape" && closeTop());
