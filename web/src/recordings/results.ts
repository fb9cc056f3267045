import type { ReactiveController, ReactiveControllerHost } from "lit";
import { recordings, search, Trouble, type Found, type Recording, type Site, type Why } from "./api.js";

const EMPTY_PAGES = 20;

interface Rows { rows: (Recording | Found)[]; next: number | null }

/** Recordings page by page, all of them or those that a search finds. */
export class Results implements ReactiveController {
  rows: (Recording | Found)[] = [];
  next: number | null = null;
  busy = false;
  /** What went wrong; its message may be empty. */
  trouble: Trouble | undefined;
  /** Why the search can find nothing. */
  hint: Why | "" = "";
  query = "";
  private asked: AbortController | undefined;

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly told: (site: Site) => void,
  ) {
    host.addController(this);
  }

  hostConnected(): void {
    void this.load();
  }

  hostDisconnected(): void {
    this.asked?.abort();
  }

  /** Other ones from the first page on; '' for all. */
  find(query: string): void {
    this.query = query;
    this.rows = [];
    void this.load();
  }

  /** The first page, `more` of it, or what is new on it (`fresh`). */
  async load(how: { more?: boolean; fresh?: boolean } = {}): Promise<void> {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    this.busy = !how.fresh;
    this.host.requestUpdate();
    try {
      let page = await this.page(how.more ? this.next : null, asked.signal);
      // Those whose file is deleted are left out, which may be all of a page.
      for (let n = 0; n < EMPTY_PAGES && !page.rows.length && page.next !== null; n++) {
        page = await this.page(page.next, asked.signal);
      }
      if (how.more) this.rows = [...this.rows, ...page.rows];
      else if (how.fresh) this.refresh(page);
      else this.rows = page.rows;
      if (!how.fresh) this.next = page.next;
      this.trouble = undefined;
    } catch (error) {
      if (asked.signal.aborted) return;
      if (!(error instanceof Trouble)) throw error;
      this.trouble = error;
    }
    this.busy = false;
    this.host.requestUpdate();
  }

  private async page(after: number | null, signal: AbortSignal): Promise<Rows> {
    this.hint = "";
    if (this.query) {
      const found = await search(this.query, after, signal);
      this.hint = found.why;
      return { rows: found.results, next: found.next };
    }
    const page = await recordings(after, signal);
    this.told(page.site);
    return { rows: page.recordings, next: page.next };
  }

  /** New ones on top; those further down stay, however many pages there are. */
  private refresh(page: Rows): void {
    const last = page.rows.at(-1);
    const below = last ? this.rows.findIndex((one) => one.recording === last.recording) : -1;
    if (below < 0) this.next = page.next;
    this.rows = below < 0 ? page.rows : [...page.rows, ...this.rows.slice(below + 1)];
  }
}
