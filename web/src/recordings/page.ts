import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { chooseLanguage, language } from "../settings.js";
import type { Language } from "../text.js";
import { recordings, search, Trouble, type Found, type Recording, type Site } from "./api.js";
import "./detail.js";
import "./list.js";
import "./tools.js";
import { Words } from "./words.js";

const REFRESH_MS = 30_000;
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;
const EMPTY_PAGES = 20;

/** What stands after the #; somebody may have typed it. */
function place(): string {
  const text = location.hash.slice(1);
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The browser's own zone where it does not know the site's. */
function known(zone: string): string {
  try {
    new Intl.DateTimeFormat("en", { timeZone: zone });
    return zone;
  } catch {
    return HERE;
  }
}

/** Recordings to be found, heard and read. The address names what is chosen: #recording@seconds. */
export class Recordings extends LitElement {
  static override properties = {
    rows: { state: true },
    next: { state: true },
    busy: { state: true },
    trouble: { state: true },
    hint: { state: true },
    query: { state: true },
    chosen: { state: true },
    at: { state: true },
    words: { state: true },
  };

  static override styles = css`
    :host {
      box-sizing: border-box;
      display: grid;
      grid-template: auto minmax(0, 1fr) / minmax(22em, 2fr) 3fr;
      gap: 0.8em;
      height: 100dvh;
      padding: 0.8em 1em 1em;
      font-size: max(1rem, 15px);
    }
    main {
      display: contents;
    }
    .top {
      grid-column: 1 / -1;
      display: flex;
      align-items: center;
      gap: 1.2em;
    }
    h1 {
      margin: 0;
      font-size: 1.5em;
      letter-spacing: -0.02em;
    }
    .site {
      color: var(--muted);
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .top a {
      color: var(--accent);
      margin-left: auto;
      white-space: nowrap;
      padding: 0.5em;
    }
    section {
      background: var(--surface);
      border: 1px solid var(--line);
      border-radius: 0.8em;
      min-height: 0;
      min-width: 0;
      display: flex;
      flex-direction: column;
      overflow: hidden;
    }
    form {
      display: flex;
      flex-wrap: wrap;
      gap: 0.4em;
      padding: 0.8em 1em;
      border-bottom: 1px solid var(--line);
    }
    label,
    .help {
      flex-basis: 100%;
    }
    label {
      font-weight: 600;
    }
    .help {
      margin: 0;
      color: var(--muted);
      font-size: 0.92em;
    }
    input {
      flex: 1;
      min-width: 8em;
      font: inherit;
      color: inherit;
      background: var(--sunken);
      border: 1px solid var(--muted);
      border-radius: 0.5em;
      padding: 0.55em 0.7em;
    }
    button {
      font: inherit;
      font-weight: 600;
      color: var(--text);
      background: var(--sunken);
      border: 1px solid var(--muted);
      border-radius: 0.5em;
      padding: 0.55em 1em;
      cursor: pointer;
    }
    button.first {
      color: var(--bg);
      background: var(--accent);
      border-color: var(--accent);
    }
    a:focus-visible,
    input:focus-visible,
    button:focus-visible,
    .scroll:focus-visible {
      outline: 3px solid var(--accent);
      outline-offset: 1px;
    }
    .scroll {
      flex: 1;
      min-height: 0;
      overflow-y: auto;
    }
    .scroll:focus-visible {
      outline-offset: -3px;
    }
    .sum {
      margin: 0;
      padding: 0.6em 1em 0;
      color: var(--muted);
      font-size: 0.92em;
    }
    .sum:empty {
      display: none;
    }
    .empty {
      margin: auto;
      padding: 2em;
      color: var(--muted);
      text-align: center;
      overflow-wrap: anywhere;
    }
    .older {
      display: block;
      margin: 1em auto;
    }
    .bad {
      margin: 0.8em 1em;
      padding: 0.6em 0.9em;
      background: var(--banner-bad);
      border-left: 0.35em solid var(--bad);
      border-radius: 0.4em;
      overflow-wrap: anywhere;
    }
    cf-recording {
      flex: 1;
    }
    .back {
      display: none;
    }
    @media (max-width: 760px) {
      :host {
        display: block;
        height: auto;
        min-height: 100dvh;
        padding: 0.6em;
      }
      .top {
        gap: 0.2em;
        margin-bottom: 0.4em;
      }
      h1 {
        font-size: 1.25em;
      }
      .site {
        display: none;
      }
      section {
        overflow: visible;
      }
      .scroll {
        overflow: visible;
      }
      :host([detail]) .found,
      :host(:not([detail])) .detail {
        display: none;
      }
      .back {
        display: block;
        padding: 0.7em 1.2em;
        color: var(--accent);
      }
    }
  `;

  declare rows: (Recording | Found)[];
  declare next: number | null;
  declare busy: boolean;
  declare trouble: string;
  declare hint: string;
  declare query: string;
  declare chosen: string;
  declare at: number | null;
  declare words: Words;
  private site: Site | undefined;
  private timer = 0;
  private asked: AbortController | undefined;
  private readonly moved = (): void => { this.choose(); };

  constructor() {
    super();
    this.rows = [];
    this.next = null;
    this.busy = false;
    this.trouble = this.hint = this.query = this.chosen = "";
    this.at = null;
    this.words = new Words(language(), HERE);
    this.speak(language());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("hashchange", this.moved);
    this.choose();
    void this.load();
    this.timer = window.setInterval(() => {
      if (!document.hidden && !this.query && !this.busy) void this.load({ fresh: true });
    }, REFRESH_MS);
  }

  override disconnectedCallback(): void {
    removeEventListener("hashchange", this.moved);
    clearInterval(this.timer);
    super.disconnectedCallback();
  }

  // -- what is shown --------------------------------------------------------------------------

  override render(): TemplateResult {
    const { words } = this;
    return html`
      <header class="top">
        <h1>${words.t("title")}</h1>
        <span class="site">${this.site?.name ?? ""}</span>
        <a href="/">${words.t("wallboard")}</a>
        <cf-tools .words=${words} @language=${(event: CustomEvent<Language>) => { this.switchTo(event.detail); }}></cf-tools>
      </header>
      <main>
      <section class="found" aria-label=${words.t(this.query ? "results" : "list")}>
        ${this.form()}
        <p class="sum" role="status">${this.sum()}</p>
        <div role="alert">${this.trouble ? this.wrong() : nothing}</div>
        <div class="scroll" tabindex="0" role="region" aria-label=${words.t(this.query ? "results" : "list")}>
          ${this.rows.length ? this.list() : this.empty()}
        </div>
      </section>
      <section class="detail" aria-label=${words.t("title")}>
        <a class="back" href="#">${words.t("back")}</a>
        ${this.chosen
          ? html`<cf-recording .recording=${this.chosen} .at=${this.at} .words=${words}
              @trouble=${(event: CustomEvent<Trouble>) => { this.refused(event.detail); }}></cf-recording>`
          : html`<p class="empty">${words.t("choose")}</p>`}
      </section>
      </main>
    `;
  }

  private form(): TemplateResult {
    const { words } = this;
    return html`<form role="search" @submit=${(event: Event) => { event.preventDefault(); this.find(); }}>
      <label for="q">${words.t("search")}</label>
      <input id="q" type="search" maxlength="100" autocomplete="off" aria-describedby="help" />
      <button class="first">${words.t("find")}</button>
      ${this.query
        ? html`<button type="button" @click=${() => { this.all(); }}>${words.t("clear")}</button>`
        : nothing}
      <p class="help" id="help">${words.t("searchHelp")}</p>
    </form>`;
  }

  private list(): TemplateResult {
    return html`
      <cf-list .recordings=${this.rows} .chosen=${this.chosen} .words=${this.words}
        @again=${() => { void this.again(); }}></cf-list>
      ${this.older()}
    `;
  }

  private older(): TemplateResult {
    return html`${this.next === null
        ? nothing
        : html`<button class="older" type="button" ?disabled=${this.busy}
            @click=${() => { void this.load({ more: true }); }}>
            ${this.words.t(this.query ? "moreResults" : "older")}
          </button>`}`;
  }

  private sum(): string {
    if (this.busy && !this.rows.length) return this.words.t("loading");
    if (this.hint) return this.hint;
    if (!this.rows.length) return "";
    const key = !this.query ? "count" : this.next === null ? "found" : "foundMore";
    return this.words.t(key, { n: this.rows.length });
  }

  private empty(): unknown {
    if (this.busy || this.trouble || this.hint) return nothing;
    const told = this.query ? this.words.t("nothing", { q: this.query }) : this.words.t("none");
    if (this.next !== null) return this.older();
    return html`<p class="empty">${told}</p>`;
  }

  private wrong(): TemplateResult {
    return html`<div class="bad">
      <p>${this.trouble}</p>
      <button type="button" @click=${() => { void this.load(); }}>${this.words.t("again")}</button>
    </div>`;
  }

  // -- what is asked --------------------------------------------------------------------------

  private find(): void {
    const field = this.renderRoot.querySelector("input");
    this.query = field?.value.trim() ?? "";
    this.rows = [];
    void this.load();
  }

  private all(): void {
    const field = this.renderRoot.querySelector("input");
    if (field) field.value = "";
    this.find();
    field?.focus();
  }

  /** The first page, `more` of it, or what is new on it (`fresh`). */
  private async load(how: { more?: boolean; fresh?: boolean } = {}): Promise<void> {
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    this.busy = !how.fresh;
    try {
      let page = await this.page(how.more ? this.next : null, asked.signal);
      // Those whose file is deleted are left out, which may be all of a page.
      for (let n = 0; n < EMPTY_PAGES && !page.rows.length && page.next !== null; n++) {
        page = await this.page(page.next, asked.signal);
      }
      if (how.more) this.rows = [...this.rows, ...page.rows];
      else if (how.fresh) this.refresh(page.rows, page.next);
      else this.rows = page.rows;
      if (!how.fresh) this.next = page.next;
      this.trouble = "";
    } catch (error) {
      if (asked.signal.aborted) return;
      if (!(error instanceof Trouble)) throw error;
      this.trouble = error.message || this.words.t("offline");
      this.refused(error);
    }
    this.busy = false;
  }

  private async page(
    after: number | null,
    signal: AbortSignal,
  ): Promise<{ rows: (Recording | Found)[]; next: number | null }> {
    this.hint = "";
    if (this.query) {
      const found = await search(this.query, after, signal);
      this.hint = found.wrong;
      return { rows: found.results, next: found.next };
    }
    const page = await recordings(after, signal);
    this.site = page.site;
    this.speak(language(page.site.language));
    return { rows: page.recordings, next: page.next };
  }

  /** New ones on top; those further down stay, however many pages there are. */
  private refresh(rows: Recording[], next: number | null): void {
    const last = rows.at(-1);
    const below = last ? this.rows.findIndex((one) => one.recording === last.recording) : -1;
    if (below < 0) this.next = next;
    this.rows = below < 0 ? rows : [...rows, ...this.rows.slice(below + 1)];
  }

  private refused(error: Trouble): void {
    if (error.status === 401) location.replace("/login?to=recordings");
    if (error.status === 403) this.trouble = this.words.t("forbidden");
  }

  // -- where one is ---------------------------------------------------------------------------

  private choose(): void {
    const [id = "", at = ""] = place().split("@");
    this.chosen = id;
    this.at = at ? Number(at) || 0 : null;
    this.toggleAttribute("detail", id !== "");
    scrollTo(0, 0); // on a phone it takes the place of the list
  }

  /** Play from the same place once more. */
  private async again(): Promise<void> {
    this.at = null;
    await this.updateComplete;
    this.choose();
  }

  private switchTo(chosen: Language): void {
    chooseLanguage(chosen);
    this.speak(chosen);
  }

  private speak(chosen: Language): void {
    const zone = this.site ? known(this.site.timezone) : HERE;
    if (chosen !== this.words.language || zone !== this.words.zone) this.words = new Words(chosen, zone);
    document.documentElement.lang = chosen;
    document.title = `${this.site?.name ?? "Callfloor"} – ${this.words.t("title")}`;
  }
}

customElements.define("cf-recordings", Recordings);
