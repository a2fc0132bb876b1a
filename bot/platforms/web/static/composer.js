// Where one writes: a box that grows, completes commands, and keeps a draft for every place.

import { ways } from "./complete.js";
import { el, icon, say } from "./dom.js";

const SHOWN = 40;

export class Composer {
  /** Fills `root`. `onSay(text)` gets each line; `before` stands above the box. `id` names the box. */
  constructor(root, id, onSay, before = null) {
    this.onSay = onSay;
    this.list = el("ul", { className: "ways", id: `${id}-ways`, role: "listbox" });
    this.hint = el("p", { className: "hint" });
    this.offer = el("div", { className: "offer", hidden: true }, this.list, this.hint);
    this.box = el("textarea", {
      id,
      rows: 1,
      autocomplete: "off",
      enterKeyHint: "send",
      dir: "auto",
      "aria-autocomplete": "list",
      "aria-controls": `${id}-ways`,
      "aria-haspopup": "listbox",
    });
    this.button = el("button", { type: "submit", className: "icon send" }, icon("send"));
    this.count = el("span", { className: "aside", role: "status" });
    this.form = el(
      "form",
      { className: "composer" },
      this.offer,
      before,
      el("div", { className: "box" }, this.box, this.button),
      this.count,
    );
    root.append(this.form);
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.box.addEventListener("input", () => this.#typed());
    this.box.addEventListener("keydown", (event) => this.#key(event));
    this.box.addEventListener("blur", () => this.#shut());
  }

  /** Write in another place: with its draft, its menu of commands and its own words. */
  settle(place, menu, label, limit) {
    this.place = `paperclub.draft.${place}`;
    this.menu = menu;
    this.box.maxLength = limit;
    this.box.placeholder = label;
    this.box.setAttribute("aria-label", label);
    this.button.setAttribute("aria-label", say("web.send"));
    this.button.title = say("web.send");
    this.list.setAttribute("aria-label", say("web.suggestions"));
    this.box.value = sessionStorage.getItem(this.place) ?? "";
    this.#grow();
    this.#shut();
  }

  /** Put a line in the box, as if it had been typed. */
  write(text) {
    this.box.value = text;
    this.box.focus();
    this.#typed();
  }

  #submit(event) {
    event.preventDefault();
    const text = this.box.value.trim();
    if (!text) return;
    this.box.value = "";
    this.#typed();
    this.onSay(text);
  }

  #typed() {
    sessionStorage.setItem(this.place, this.box.value);
    this.#grow();
    this.#offer();
  }

  #grow() {
    this.box.style.height = "auto";
    this.box.style.height = `${this.box.scrollHeight}px`;
    this.button.disabled = !this.box.value.trim();
  }

  #offer() {
    const { items, hint, whole } = ways(this.box.value, this.menu);
    this.items = items.slice(0, SHOWN);
    this.list.replaceChildren(
      ...this.items.map(({ label, says }, i) =>
        el(
          "li",
          {
            id: `${this.list.id}-${i}`,
            role: "option",
            "aria-selected": "false",
            onpointerdown: (event) => event.preventDefault(),
            onclick: () => this.#take(i),
          },
          el("span", { className: "way" }, label),
          el("span", { className: "says" }, says),
        ),
      ),
    );
    this.list.hidden = !this.items.length;
    this.list.scrollTop = 0;
    this.hint.textContent = hint;
    this.hint.hidden = !hint;
    this.offer.hidden = !hint && !this.items.length;
    this.count.textContent = this.items.length ? `${say("web.suggestions")} ${this.items.length}` : "";
    this.#point(this.items.length && !whole ? 0 : -1);
  }

  #point(at) {
    this.at = at;
    [...this.list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === at)));
    const item = this.list.children[at];
    item?.scrollIntoView({ block: "nearest" });
    if (item) this.box.setAttribute("aria-activedescendant", item.id);
    else this.box.removeAttribute("aria-activedescendant");
  }

  #take(at) {
    this.write(this.items[at].line);
  }

  #shut() {
    this.offer.hidden = true;
    this.count.textContent = "";
    this.items = [];
    this.#point(-1);
  }

  #key(event) {
    // Enter that ends the spelling of a Chinese word is not ours.
    if (event.isComposing || event.keyCode === 229) return;
    const open = this.items.length > 0;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (open && step) {
      const from = this.at < 0 && step < 0 ? 0 : this.at;
      this.#point((from + step + this.items.length) % this.items.length);
    } else if (open && event.key === "Escape") this.#shut();
    else if (open && event.key === "Tab" && !event.shiftKey) this.#take(Math.max(this.at, 0));
    else if (event.key === "Enter" && !event.shiftKey) {
      if (open && this.at >= 0) this.#take(this.at);
      else this.form.requestSubmit();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
