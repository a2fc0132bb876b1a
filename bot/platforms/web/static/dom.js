// Building the page, and the words it is written in.

const words = {};

/** Take the words of a language, by key. */
export function learn(given) {
  Object.assign(words, given);
  for (const node of document.querySelectorAll("[data-words]")) node.textContent = say(node.dataset.words);
  for (const node of document.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", say(node.dataset.label));
    node.title = say(node.dataset.label);
  }
}

/** The words for a key, in the language of whoever one speaks as. */
export function say(key) {
  return words[key] ?? "";
}

/** A new element. Properties that hold a dash are attributes; null and false leave one out. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (name in node && !name.includes("-")) node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** An icon of the page’s own set; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** Text for screen readers alone. */
export function aside(text) {
  return el("span", { className: "aside" }, text);
}

/** The language a text is mostly written in, for its line height, its font and its voice. */
export function languageOf(text) {
  const han = text.match(/[\u3400-\u9fff]/g)?.length ?? 0;
  const latin = text.match(/[a-z]/gi)?.length ?? 0;
  return han * 2 > latin ? "zh" : "en";
}

/** The locale in which days and times are named. */
export function locale() {
  return document.documentElement.lang === "zh" ? "zh-CN" : "en-GB";
}

/** HTML that the server made from Markdown and cleaned; nothing else may go this way. */
export function fromServer(tag, className, html) {
  const node = el(tag, { className });
  node.innerHTML = html;
  node.lang = languageOf(node.textContent);
  return node;
}
