// A line becomes an article: who said it, when, and its parts.

import { aside, el, fromServer, icon, languageOf, locale, say } from "./dom.js";

const BOT = "paperclub";
const LETTERS = "ABCD";

/** The article for a line. `people` maps ids to who they are; `on` holds what pressing things does:
 * `press(token, line, button)`, `open(thread)`, `go(line)`. */
export function article(line, people, on) {
  const person = people.get(line.author) ?? { name: line.author };
  const kind = line.author === BOT ? "bot" : "person";
  const node = el(
    "article",
    { className: `line ${kind}`, tabIndex: -1, "data-id": line.id ?? null, "data-author": line.author },
    el("p", { className: "day", hidden: true }),
    head(line, person),
    el("div", { className: "said" }, ...said(line, on)),
  );
  node.classList.toggle("private", Boolean(line.private));
  node.classList.toggle("waiting", Boolean(line.waiting));
  return node;
}

function head(line, person) {
  return el(
    "header",
    {},
    face(person),
    el("span", { className: "name", dir: "auto" }, person.name),
    person.role ? el("span", { className: "role" }, person.role) : null,
    line.at ? clock(line.at) : null,
    line.private ? el("span", { className: "only" }, icon("lock"), say("web.only_you")) : null,
    line.waiting ? el("span", { className: "only" }, say("web.waiting")) : null,
  );
}

function face(person) {
  if (person.id === BOT) return el("span", { className: "face bot", "aria-hidden": "true" }, icon("room"));
  const first = [...person.name][0] ?? "?";
  return el("span", { className: `face tint-${person.tint ?? 0}`, "aria-hidden": "true" }, first.toUpperCase());
}

function clock(at) {
  const when = new Date(at * 1000);
  const time = when.toLocaleTimeString(locale(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  return el("time", { dateTime: when.toISOString() }, time);
}

function said(line, on) {
  if (line.title !== undefined) return [discussion(line, on)];
  if (line.parts) return line.parts.map((part) => MAKERS[part.kind](part, line, on));
  return [el("p", { className: "words", dir: "auto", lang: languageOf(line.text) }, line.text)];
}

function discussion(line, on) {
  const open = el(
    "button",
    { type: "button", className: "discussion", onclick: () => on.open(String(line.id)) },
    icon("talk"),
    el("span", {}, el("span", { className: "kicker" }, say("web.discussion")), el("span", { className: "topic", lang: languageOf(line.title) }, line.title)),
    el("span", { className: "count" }, line.replies),
  );
  return open;
}

const MAKERS = {
  text(part, line, on) {
    const node = fromServer("div", "text", part.html);
    for (const term of node.querySelectorAll(".term")) {
      term.addEventListener("click", pressing(term.dataset.token, line, on));
    }
    return node;
  },
  head: (part) =>
    el("div", { className: "card-head" }, ...part.lines.map(({ html, title }) => fromServer(title ? "h3" : "p", "", html))),
  facts: (part) =>
    el(
      "dl",
      { className: "facts" },
      ...part.rows.map(([label, value]) => el("div", {}, fromServer("dt", "", label), fromServer("dd", "", value))),
    ),
  fold: (part, line, on) =>
    el(
      "details",
      { className: "fold" },
      el("summary", { lang: languageOf(part.title) }, part.title),
      ...part.parts.map((inner) => MAKERS[inner.kind](inner, line, on)),
    ),
  picture: ({ address, alt }) => el("img", { className: "picture", src: address, alt, lang: languageOf(alt) }),
  pointer: (part, line, on) =>
    el(
      "div",
      { className: "row" },
      el(
        "button",
        { type: "button", className: "button main", onclick: () => (part.thread ? on.open(part.thread) : on.go(part.line)) },
        icon("talk"),
        part.label,
      ),
    ),
  buttons: (part, line, on) => {
    const rows = part.rows.map((row) => {
      const letters = row.every(({ label }) => label.length === 1);
      return el("div", { className: letters ? "row letters" : "row" }, ...row.map((button) => press(button, line, on)));
    });
    return el("div", { className: "rows" }, ...rows);
  },
  quiz,
};

function press({ label, token, url, style }, line, on) {
  if (url) {
    const out = { className: "button", href: url, target: "_blank", rel: "noopener noreferrer" };
    return el("a", out, label, icon("out"), aside(say("web.new_tab")));
  }
  const className = style === "main" ? "button main" : "button";
  return el("button", { type: "button", className, "data-token": token, onclick: pressing(token, line, on) }, label);
}

function pressing(token, line, on) {
  return (event) => on.press(token, line, event.currentTarget);
}

function quiz(part, line, on) {
  const { answered } = part;
  const options = part.options.map(({ text, token }, i) =>
    answered ? judged(text, i, answered) : option(text, i, pressing(token, line, on), token),
  );
  return el(
    "section",
    { className: answered ? "quiz answered" : "quiz", role: "group", "aria-label": part.title || say("web.pick") },
    part.title ? el("p", { className: "kicker" }, part.title) : null,
    el("p", { className: "ask", lang: languageOf(part.question) }, part.question),
    el(answered ? "ul" : "div", { className: "options" }, ...options),
    answered
      ? el(
          "div",
          { className: answered.right ? "verdict right" : "verdict wrong" },
          el("p", {}, icon(answered.right ? "yes" : "no"), el("strong", {}, answered.verdict)),
          ...answered.why.map((why) => el("p", { className: "why", lang: languageOf(why) }, why)),
          answered.picture ? MAKERS.picture(answered.picture) : null,
        )
      : el("p", { className: "pick" }, say("web.pick")),
  );
}

function option(text, i, choose, token) {
  const letter = el("span", { className: "letter" }, LETTERS[i]);
  return el(
    "button",
    { type: "button", className: "option", "data-token": token, lang: languageOf(text), onclick: choose },
    letter,
    el("span", {}, text),
  );
}

function judged(text, i, { choices, keys }) {
  const [key, chosen] = [keys.includes(i), choices.includes(i)];
  const note = key ? say("web.right") : chosen ? say("web.yours") : "";
  const className = key ? "option key" : chosen ? "option miss" : "option";
  const mark = key ? icon("yes") : chosen ? icon("no") : LETTERS[i];
  return el(
    "li",
    { className, lang: languageOf(text) },
    el("span", { className: "letter" }, mark),
    el("span", {}, text, note ? el("small", {}, note) : null),
  );
}
