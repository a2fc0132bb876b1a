// A flow of lines, oldest first, that follows what is new without taking the reader away from the page.

import { article } from "./lines.js";
import { el, icon, locale, say } from "./dom.js";

const NEAR = 80;
const SAME_BREATH = 300;
const UNSEEN = 12;
const ATTENTION = 3000;

export class Flow {
  /** Fills `root`, which scrolls. `empty()` gives what stands in a flow without lines. */
  constructor(root, on, empty) {
    Object.assign(this, { root, on, empty });
    this.attentive = 0;
    this.lines = new Map();
    this.people = new Map();
    this.log = el("div", { className: "log", role: "log", tabIndex: 0 });
    this.below = el("button", { type: "button", className: "button below", hidden: true, onclick: () => this.toEnd() }, icon("down"));
    root.append(this.log, this.below);
    this.following = true;
    this.log.addEventListener("scroll", () => this.#scrolled());
    // "load" does not bubble.
    this.log.addEventListener("load", ({ target }) => this.#grown(target.closest(".line")), true);
    for (const name of ["wheel", "touchmove", "keydown"]) {
      this.log.addEventListener(name, () => (this.anchor = null), { passive: true });
    }
    new ResizeObserver(() => this.following && this.#follow()).observe(this.log);
  }

  /** Show these lines instead of all there were, from the first that was not seen yet in this `place`. */
  reset(lines, people, place) {
    this.people = people;
    this.seen = `paperclub.seen.${place}`;
    this.lines.clear();
    this.below.hidden = true;
    this.log.setAttribute("aria-busy", "true");
    this.log.setAttribute("aria-label", say("web.log"));
    this.below.ariaLabel = this.below.title = say("web.new");
    this.log.replaceChildren();
    lines.forEach((line) => this.#place(line));
    this.#arrange();
    const last = Number(localStorage.getItem(this.seen) ?? 0);
    const unseen = lines.slice(-UNSEEN).find(({ id }) => id > last);
    this.following = true;
    this.anchor = unseen ? this.#node(unseen.id) : null;
    this.#follow();
    this.#scrolled();
    this.log.removeAttribute("aria-busy");
  }

  /** Add a line, or put it in place of what it was. */
  put(line) {
    const isNew = !this.lines.has(line.id);
    const node = this.#place(line);
    this.#arrange();
    if (isNew && (this.following || Date.now() < this.attentive)) {
      this.anchor ??= node;
      this.#follow();
    } else if (Date.now() < this.attentive) this.#reveal(node);
    this.#scrolled();
  }

  /** Show the lines that the server has not taken yet, after all others. */
  await(lines) {
    this.log.querySelectorAll(".waiting").forEach((node) => node.remove());
    lines.forEach((line) => this.log.append(article({ ...line, waiting: true }, this.people, this.on)));
    this.#arrange();
    if (lines.length && this.following) this.#follow();
  }

  /** Somebody has asked for something: what comes of it is to be seen, wherever they are. */
  attend() {
    this.anchor = null;
    this.attentive = Date.now() + ATTENTION;
  }

  /** Bring a line into view and give it the focus. */
  go(id) {
    const node = this.#node(id);
    node?.scrollIntoView({ block: "start" });
    node?.focus({ preventScroll: true });
  }

  toEnd() {
    this.anchor = null;
    this.following = true;
    this.log.scrollTop = this.log.scrollHeight;
    this.below.hidden = true;
  }

  #node(id) {
    return this.log.querySelector(`[data-id="${Number(id)}"]`);
  }

  #place(line) {
    const old = this.#node(line.id);
    const node = article(line, this.people, this.on);
    this.lines.set(line.id, line);
    if (old) {
      const focused = old.contains(document.activeElement);
      if (this.anchor === old) this.anchor = node;
      old.querySelectorAll("details").forEach((fold, i) => {
        const same = node.querySelectorAll("details")[i];
        if (same) same.open = fold.open;
      });
      old.replaceWith(node);
      if (focused) node.focus({ preventScroll: true });
      return node;
    }
    const later = [...this.log.children].find((other) => Number(other.dataset.id ?? Infinity) > line.id);
    this.log.insertBefore(node, later ?? null);
    return node;
  }

  /** Name each day once, and each speaker once a breath. */
  #arrange() {
    let last = null;
    for (const node of this.log.querySelectorAll(".line")) {
      const line = this.lines.get(Number(node.dataset.id));
      if (!line) continue;
      const day = new Date(line.at * 1000).toDateString();
      const label = node.querySelector(".day");
      label.hidden = last?.day === day;
      label.textContent = label.hidden ? "" : dayName(line.at);
      const same = last && label.hidden && last.author === line.author && last.private === line.private;
      node.classList.toggle("again", Boolean(same && line.at - last.at < SAME_BREATH));
      last = { day, author: line.author, private: line.private, at: line.at };
    }
    this.log.querySelector(".empty")?.remove();
    if (!this.log.children.length) this.log.append(this.empty());
  }

  /** Scroll to the end, but never past the beginning of what is new. */
  #follow() {
    const end = this.log.scrollHeight - this.log.clientHeight;
    this.log.scrollTop = this.anchor ? Math.min(end, this.anchor.offsetTop - 12) : end;
  }

  /** The picture in a line has come: show the newest line from its beginning again. */
  #grown(line) {
    if (!this.following) return;
    if (line === this.log.lastElementChild) this.anchor ??= line;
    this.#follow();
    this.#scrolled();
  }

  /** Scroll no further than needed to show a line whole, or from its beginning. */
  #reveal(node) {
    const hidden = node.offsetTop + node.offsetHeight + 12 - this.log.scrollTop - this.log.clientHeight;
    if (hidden > 0) this.log.scrollTop = Math.min(this.log.scrollTop + hidden, node.offsetTop - 12);
  }

  #scrolled() {
    const left = this.log.scrollHeight - this.log.clientHeight - this.log.scrollTop;
    if (left < NEAR) this.anchor = null;
    this.following = left < NEAR || Boolean(this.anchor);
    this.below.hidden = left < NEAR;
    if (left < NEAR && this.lines.size) localStorage.setItem(this.seen, Math.max(...this.lines.keys()));
  }
}

function dayName(at) {
  const style = { weekday: "long", day: "numeric", month: "long" };
  return new Date(at * 1000).toLocaleDateString(locale(), style);
}
