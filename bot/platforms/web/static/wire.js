// The connection: it comes back by itself, and holds what was typed until the server has taken it.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 8000;
const OUTBOX = "paperclub.outbox";

export class Wire {
  /** `onOpen()` is called at each connection, `onEvent(event)` for what the server shows,
   * `onState(connected)` when the connection is lost or back. */
  constructor({ onOpen, onEvent, onState }) {
    Object.assign(this, { onOpen, onEvent, onState });
    this.outbox = JSON.parse(sessionStorage.getItem(OUTBOX) ?? "[]");
    this.wait = FIRST_WAIT;
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#hurry());
    this.#connect();
  }

  /** Send a frame now; without a connection it is not sent. */
  send(frame) {
    if (this.socket.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  /** Send a line, now or when the connection is back. */
  say(line) {
    const random = crypto.getRandomValues(new Uint32Array(3));
    this.outbox.push({ type: "say", nonce: random.join("-"), ...line });
    this.#keep();
    this.send(this.outbox.at(-1));
  }

  #connect() {
    const address = new URL("/ws", location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.socket = new WebSocket(address);
    this.socket.onopen = () => {
      this.wait = FIRST_WAIT;
      this.onState(true);
      this.onOpen();
    };
    this.socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      this.#took([event, event.line, ...(event.lines ?? [])]);
      // What the view already holds was said before the connection broke; only the rest is sent again.
      if (event.type === "scene") this.outbox.forEach((line) => this.send(line));
      this.onEvent(event);
    };
    this.socket.onclose = () => {
      this.onState(false);
      this.timer = setTimeout(() => this.#connect(), this.wait * (0.75 + Math.random() / 2));
      this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
    };
  }

  #took(those) {
    const nonces = new Set(those.map((one) => one?.nonce));
    this.outbox = this.outbox.filter((line) => !nonces.has(line.nonce));
    this.#keep();
  }

  #hurry() {
    if (this.socket.readyState !== WebSocket.CLOSED) return;
    clearTimeout(this.timer);
    this.#connect();
  }

  #keep() {
    sessionStorage.setItem(OUTBOX, JSON.stringify(this.outbox));
  }
}
