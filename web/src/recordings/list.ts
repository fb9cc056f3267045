import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Found, Place, Recording } from "./api.js";
import type { Words } from "./words.js";

const SHORT = { off: "shortOff", no_model: "shortOff", waiting: "shortWaiting", failed: "shortFailed" } as const;

/** Recordings by day, newest first; those that a search found with the places. */
export class List extends LitElement {
  static override properties = {
    recordings: { attribute: false },
    chosen: {},
    words: { attribute: false },
  };

  static override styles = css`
    h2 {
      position: sticky;
      top: 0;
      z-index: 1;
      margin: 0;
      padding: 0.35em calc(1em / 0.92);
      font-size: 0.92em;
      font-weight: 650;
      color: var(--muted);
      background: var(--surface);
    }
    ol {
      margin: 0;
      padding: 0;
      list-style: none;
    }
    a {
      color: inherit;
      text-decoration: none;
      display: block;
      outline-offset: -3px;
    }
    a:focus-visible {
      outline: 3px solid var(--accent);
    }
    .row {
      display: grid;
      grid-template-columns: 4em minmax(0, 1fr) auto;
      gap: 0.1em 0.6em;
      padding: 0.6em 1em 0.6em 0.75em;
      border-left: 0.25em solid transparent;
      border-top: 1px solid var(--line);
    }
    a:hover {
      background: var(--sunken);
    }
    [aria-current] {
      background: var(--sunken);
      border-left-color: var(--accent);
    }
    b {
      font-weight: 650;
    }
    .who,
    .where {
      overflow-wrap: anywhere;
      hyphens: auto;
    }
    .where,
    .note,
    .more {
      color: var(--muted);
      font-size: 0.92em;
    }
    .where {
      grid-column: 2;
    }
    .note:empty {
      display: none;
    }
    .where:has(+ .note:empty) {
      grid-column: 2 / -1;
    }
    .long,
    .note {
      text-align: end;
    }
    .place {
      display: grid;
      grid-template-columns: 4em minmax(0, 1fr);
      gap: 0.6em;
      padding: 0.4em 1em;
      line-height: 1.4;
      overflow-wrap: anywhere;
    }
    .place > span:first-child {
      color: var(--accent);
      font-weight: 600;
    }
    .place i {
      font-style: normal;
      color: var(--muted);
    }
    mark {
      color: inherit;
      background: color-mix(in srgb, var(--accent) 28%, transparent);
      border-radius: 0.2em;
      font-weight: 650;
    }
    .more {
      margin: 0;
      padding: 0 1em 0.5em calc(5.6em / 0.92);
    }
    @media (max-width: 760px) {
      .where,
      .note {
        grid-column: 2 / -1;
        text-align: start;
      }
    }
  `;

  declare recordings: readonly (Recording | Found)[];
  declare chosen: string;
  declare words: Words;

  override render(): TemplateResult {
    const days = new Map<string, (Recording | Found)[]>();
    for (const one of this.recordings) {
      const day = this.words.day(one.started_us);
      days.set(day, [...(days.get(day) ?? []), one]);
    }
    return html`${[...days].map(
      ([day, rows]) => html`<h2>${day}</h2>
        <ol>
          ${repeat(rows, (one) => one.recording, (one) => html`<li>${this.row(one)}</li>`)}
        </ol>`,
    )}`;
  }

  /** Its row gets the focus, and comes into sight. */
  show(recording: string): void {
    const at = this.recordings.findIndex((one) => one.recording === recording);
    this.renderRoot.querySelectorAll<HTMLElement>(".row")[at]?.focus();
  }

  private row(one: Recording | Found): TemplateResult {
    const { words } = this;
    const here = one.recording === this.chosen;
    return html`
      <a class="row" href=${`#${one.recording}`} aria-current=${here ? "true" : nothing}>
        <b>${words.time(one.started_us)}</b>
        <span class="who">${words.who(one)}</span>
        <span class="long">${words.at(one.duration_s)}</span>
        <span class="where">${words.where(one)}</span>
        <span class="note">${one.text === "done" ? nothing : words.t(SHORT[one.text])}</span>
      </a>
      ${"places" in one ? this.places(one) : nothing}
    `;
  }

  /** The same place once more: the address does not change, so the browser tells nobody. */
  private again(event: Event): void {
    if ((event.currentTarget as HTMLAnchorElement).hash === location.hash) {
      this.dispatchEvent(new CustomEvent("again"));
    }
  }

  private places(one: Found): TemplateResult {
    const left = one.count - one.places.length;
    return html`
      ${one.places.map(
        (place) => html`<a class="place" href=${`#${one.recording}@${place.start_s}`}
          @click=${(event: Event) => { this.again(event); }}>
          <span>${this.words.at(place.start_s)}</span>
          <span><i>${this.words.speaker(one, place.channel)}:</i> ${said(place)}</span>
        </a>`,
      )}
      ${left > 0 ? html`<p class="more">${this.words.t("more", { n: left })}</p>` : nothing}
    `;
  }
}

function said(place: Place): TemplateResult[] {
  return place.parts.map((part, at) => (at % 2 ? html`<mark>${part}</mark>` : html`${part}`));
}

customElements.define("cf-list", List);
