/** Follows the floor over one WebSocket and keeps the board; comes back by itself. */

import type { Board, Link, Message } from "./types.js";

const SILENT_MS = 25_000;
const PATIENCE_MS = [500, 1_000, 2_000, 4_000, 8_000];

export interface Connection {
  up: boolean;
  /** Since when, milliseconds of this computer's clock. */
  since: number;
}

export class Live {
  board: Board | null = null;
  link: Link | null = null;
  role = "";
  connection: Connection = { up: false, since: Date.now() };
  /** The box's clock minus this computer's, milliseconds. */
  skew = 0;
  private tries = 0;
  private silence = 0;

  constructor(
    private readonly changed: () => void,
    private readonly rejected: () => void,
  ) {}

  start(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/live`);
    this.expect(socket); // a browser waits minutes for an answer to its handshake
    socket.onopen = () => {
      socket.send(JSON.stringify({ type: "auth" }));
      this.expect(socket);
    };
    socket.onmessage = (event: MessageEvent<string>) => {
      this.expect(socket);
      this.take(JSON.parse(event.data) as Message);
    };
    socket.onclose = (event) => {
      this.closed(event.code);
    };
  }

  /** The box's clock now, milliseconds. */
  now(): number {
    return Date.now() + this.skew;
  }

  private expect(socket: WebSocket): void {
    clearTimeout(this.silence);
    this.silence = window.setTimeout(() => {
      socket.close();
      this.closed(1006);
      socket.onclose = null;
      socket.onmessage = null;
    }, SILENT_MS);
  }

  private closed(code: number): void {
    clearTimeout(this.silence);
    if (code === 4401 || code === 4403) {
      this.rejected();
      return;
    }
    this.connected(false);
    const pause = PATIENCE_MS[Math.min(this.tries, PATIENCE_MS.length - 1)] ?? 8_000;
    this.tries += 1;
    window.setTimeout(() => {
      this.start();
    }, pause * (0.8 + 0.4 * Math.random()));
  }

  private connected(up: boolean): void {
    if (up !== this.connection.up) {
      this.connection = { up, since: Date.now() };
      this.changed();
    }
  }

  private take(message: Message): void {
    this.skew = message.now_us / 1000 - Date.now();
    this.tries = 0;
    if (message.type === "snapshot") {
      this.board = message.board;
      this.link = message.link;
      this.role = message.session.role;
    } else if (message.type === "link") {
      this.link = message.link;
    } else if (message.type === "patch" && this.board) {
      this.board = patched(this.board, message);
    }
    this.connected(true);
    if (message.type !== "beat") this.changed();
  }
}

type Patch = Extract<Message, { type: "patch" }>;

export function patched(board: Board, patch: Patch): Board {
  return {
    ...board,
    seq: patch.seq,
    day: patch.day,
    queues: merged(board.queues, patch.queues),
    agents: merged(board.agents, patch.agents),
    lines: merged(board.lines, patch.lines),
    calls: merged(board.calls, patch.calls),
    troubles: patch.troubles ?? board.troubles,
    core: patch.core ?? board.core,
  };
}

/** The same object where nothing changed, so that nothing is drawn again. */
function merged<T>(rows: Record<string, T>, changes: Record<string, T | null>): Record<string, T> {
  const ids = Object.keys(changes);
  if (ids.length === 0) return rows;
  const next = { ...rows };
  for (const id of ids) {
    const row = changes[id];
    if (row == null) Reflect.deleteProperty(next, id);
    else next[id] = row;
  }
  return next;
}
