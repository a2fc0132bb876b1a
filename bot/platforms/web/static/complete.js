// What a line that begins with “/” could become. Pure.

const NONE = { items: [], hint: "", whole: false };

/** The ways to go on from `text`: `items` to choose from (what stands in the line after it, what is
 * shown, what it means), a `hint` where anything may be typed, and whether the line is `whole`, so that
 * it can be sent as it stands. */
export function ways(text, menu) {
  if (!text.startsWith("/") || text.includes("\n")) return NONE;
  const typed = text.slice(1).toLowerCase().replace(/\s+/g, " ");
  const begun = menu.commands.filter(({ path }) => typed.startsWith(`${path} `));
  const command = begun.sort((a, b) => b.path.length - a.path.length)[0];
  return command?.options.length ? gaps(text, command, menu) : names(typed.trimEnd(), menu);
}

function names(typed, menu) {
  const begins = menu.commands.filter(({ path }) => path.startsWith(typed));
  const holds = menu.commands.filter(({ path }) => !path.startsWith(typed) && ` ${path}`.includes(` ${typed}`));
  const exact = menu.commands.find((c) => c.path === typed || (c.bare && c.path.split(" ")[0] === typed));
  const items = [...begins, ...holds].map((command) => ({
    line: command.options.length ? `/${command.path} ` : `/${command.path}`,
    label: command.usage,
    says: command.says,
  }));
  return { items, hint: "", whole: Boolean(exact) && !exact.options.some(({ required }) => required) };
}

function gaps(text, { path, options }, menu) {
  const head = text.match(new RegExp(`^/${path.split(" ").join("\\s+")}\\s+`, "i"))[0];
  const rest = text.slice(head.length);
  const words = options.length === 1 ? [rest] : rest.split(/\s+/);
  const asked = words.pop();
  let gap = 0;
  for (const word of words) gap = after(word, gap, options, menu);
  const open = options.slice(gap);
  const until = open.findIndex(({ required }) => required);
  const fits = until < 0 ? open : open.slice(0, until + 1);
  const before = head + words.map((word) => `${word} `).join("");
  const items = fits.flatMap((option) =>
    values(option, menu)
      .filter((value) => matches(value, asked))
      .map(({ value, label }) => ({
        line: before + value + (option === options.at(-1) ? "" : " "),
        label,
        says: fits.length > 1 ? option.says : "",
      })),
  );
  const needed = options.filter(({ required }) => required).length;
  const whole = words.length + (asked.trim() ? 1 : 0) >= needed;
  const done = items.some(({ line }) => line.trimEnd() === text.trimEnd() && asked);
  return { items: done ? [] : items, hint: fits.map(({ name, says }) => `${name}: ${says}`).join(" · "), whole };
}

/** The gap that comes after the one a finished word fills. */
function after(word, gap, options, menu) {
  let at = gap;
  while (at < options.length && !options[at].required && !takes(options[at], word, menu)) at += 1;
  return Math.min(at + 1, options.length);
}

function takes(option, word, menu) {
  const known = values(option, menu);
  return !known.length || known.some(({ value }) => value.toLowerCase() === word.toLowerCase());
}

function values({ kind }, menu) {
  if (kind === "zone") return Intl.supportedValuesOf("timeZone").map((value) => ({ value, label: value, also: "" }));
  return menu.values[kind] ?? [];
}

function matches({ value, label, also }, asked) {
  const words = asked.trim().toLowerCase().replaceAll(" ", "_");
  const all = `${value} ${label} ${also}`.toLowerCase().replaceAll(" ", "_");
  return value.toLowerCase().startsWith(words) || (words.length > 1 && all.includes(words)) || !words;
}
