import { LitElement, html, nothing, type TemplateResult } from "lit";
import { chooseLanguage, language } from "../settings.js";
import type { Language } from "../text.js";
import type { Site, Trouble } from "./api.js";
import "./detail.js";
import type { List } from "./list.js";
import "./list.js";
import { pageStyle } from "./pagestyle.js";
import { Results } from "./results.js";
import "./tools.js";
import { Words } from "./words.js";

const REFRESH_MS = 30_000;
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

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
    chosen: { state: true },
    at: { state: true },
    words: { state: true },
  };

  static override styles = pageStyle;

  declare chosen: string;
  declare at: number | null;
  declare words: Words;
  private site: Site | undefined;
  private timer = 0;
  private readonly results = new Results(this, (site) => {
    this.site = site;
    this.speak(language(site.language));
  });
  private readonly moved = (): void => { this.choose(); };

  constructor() {
    super();
    this.chosen = "";
    this.at = null;
    this.words = new Words(language(), HERE);
    this.speak(language());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("hashchange", this.moved);
    this.choose();
    const { results } = this;
    this.timer = window.setInterval(() => {
      if (!document.hidden && !results.query && !results.busy) void results.load({ fresh: true });
    }, REFRESH_MS);
  }

  override disconnectedCallback(): void {
    removeEventListener("hashchange", this.moved);
    clearInterval(this.timer);
    super.disconnectedCallback();
  }

  // -- what is shown --------------------------------------------------------------------------

  override render(): TemplateResult {
    const { words, results } = this;
    const name = words.t(results.query ? "results" : "list");
    return html`
      <header class="top">
        <h1>${words.t("title")}</h1>
        <span class="site">${this.site?.name ?? ""}</span>
        <a href="/">${words.t("wallboard")}</a>
        <cf-tools .words=${words} @language=${(event: CustomEvent<Language>) => { this.switchTo(event.detail); }}></cf-tools>
      </header>
      <main>
      <section class="found" aria-label=${name}>
        ${this.form()}
        <p class="sum" role="status">${this.sum()}</p>
        <div role="alert">${results.trouble ? this.wrong(results.trouble) : nothing}</div>
        <div class="scroll" tabindex="0" role="region" aria-label=${name}>
          ${results.rows.length ? this.list() : this.empty()}
        </div>
      </section>
      <section class="detail" aria-label=${words.t("title")}>
        <a class="back" href="#">${words.t("back")}</a>
        ${this.chosen
          ? html`<cf-recording .recording=${this.chosen} .at=${this.at} .words=${words}></cf-recording>`
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
      <p class="help" id="help">${words.t("searchHelp")}</p>
      ${this.results.query
        ? html`<button type="button" @click=${() => { this.all(); }}>${words.t("clear")}</button>`
        : nothing}
    </form>`;
  }

  private list(): TemplateResult {
    return html`
      <cf-list .recordings=${this.results.rows} .chosen=${this.chosen} .words=${this.words}
        @again=${() => { void this.again(); }}></cf-list>
      ${this.older()}
    `;
  }

  private older(): TemplateResult {
    return html`${this.results.next === null
        ? nothing
        : html`<button class="older" type="button" ?disabled=${this.results.busy}
            @click=${() => { void this.results.load({ more: true }); }}>
            ${this.words.t(this.results.query ? "moreResults" : "older")}
          </button>`}`;
  }

  private sum(): string {
    const { rows, busy, hint, query, next } = this.results;
    const { words } = this;
    if (busy && !rows.length) return words.t("loading");
    if (hint) return words.t(hint);
    if (!rows.length) return "";
    if (rows.length === 1 && next === null) return words.t(query ? "foundOne" : "countOne");
    return words.t(!query ? "count" : next === null ? "found" : "foundMore", { n: rows.length });
  }

  private empty(): unknown {
    const { busy, trouble, hint, query, next } = this.results;
    if (busy || trouble || hint) return nothing;
    if (next !== null) return this.older();
    return html`<p class="empty">${query ? this.words.t("nothing", { q: query }) : this.words.t("none")}</p>`;
  }

  private wrong(trouble: Trouble): TemplateResult {
    const forbidden = trouble.status === 403 ? this.words.t("forbidden") : "";
    const told = forbidden || trouble.message || this.words.t("offline");
    return html`<div class="bad">
      <p>${told}</p>
      <button type="button" @click=${() => { void this.results.load(); }}>${this.words.t("again")}</button>
    </div>`;
  }

  // -- what is asked --------------------------------------------------------------------------

  private find(): void {
    this.results.find(this.renderRoot.querySelector("input")?.value.trim() ?? "");
  }

  private all(): void {
    const field = this.renderRoot.querySelector("input");
    if (field) field.value = "";
    this.find();
    field?.focus();
  }

  // -- where one is ---------------------------------------------------------------------------

  private choose(): void {
    const [id = "", at = ""] = place().split("@");
    const before = this.chosen;
    this.chosen = id;
    this.at = at ? Number(at) || 0 : null;
    this.toggleAttribute("detail", id !== "");
    scrollTo(0, 0); // on a phone it takes the place of the list
    if (!id && before) void this.back(before);
  }

  /** To where one was in the list. */
  private async back(recording: string): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector("cf-list")?.show(recording);
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

declare global {
  interface HTMLElementTagNameMap { "cf-list": List }
}

customElements.define("cf-recordings", Recordings);
