import { LitElement, css, html, type TemplateResult } from "lit";
import { nextTheme, theme, type Theme } from "../settings.js";
import { exit, sun } from "../wallboard/icons.js";
import type { Words } from "./words.js";

/** Language, colours, way out. Tells of another language with the event `language`. */
export class Tools extends LitElement {
  static override properties = { words: { attribute: false }, colours: { state: true } };

  static override styles = css`
    :host {
      display: flex;
      gap: 0.2em;
    }
    button {
      font: inherit;
      color: var(--muted);
      background: none;
      border: 0;
      border-radius: 0.5em;
      min-width: 2.75em;
      min-height: 2.75em;
      padding: 0.3em;
      cursor: pointer;
      display: grid;
      place-items: center;
    }
    button:hover {
      color: var(--text);
      background: var(--sunken);
    }
    button:focus-visible {
      outline: 3px solid var(--accent);
      outline-offset: 1px;
    }
    svg {
      width: 1.5em;
      height: 1.5em;
    }
  `;

  declare words: Words;
  declare colours: Theme;

  constructor() {
    super();
    this.colours = theme();
  }

  override render(): TemplateResult {
    const { words } = this;
    const colours = words.t("theme", { now: words.t(this.colours) });
    const other = words.language === "de" ? "en" : "de";
    return html`
      <button type="button" lang=${other} title=${words.t("languageSwitch")}
        @click=${() => this.dispatchEvent(new CustomEvent("language", { detail: other }))}>
        ${other.toUpperCase()}
      </button>
      <button type="button" title=${colours} aria-label=${colours}
        @click=${() => { this.colours = nextTheme(); }}>${sun}</button>
      <button type="button" title=${words.t("logout")} aria-label=${words.t("logout")}
        @click=${() => { void this.logout(); }}>${exit}</button>
    `;
  }

  private async logout(): Promise<void> {
    await fetch("/api/v1/session", { method: "DELETE" });
    location.replace("/login");
  }
}

customElements.define("cf-tools", Tools);
