import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import type { Line } from "../types.js";
import type { Texts } from "../text.js";
import { lineIcon } from "./icons.js";
import "./since.js";

/** The lines' states: those that are down by name, then the others. */
export class Lines extends LitElement {
  static override properties = { lines: { attribute: false }, texts: { attribute: false } };

  static override styles = css`
    ul {
      display: flex;
      flex-wrap: wrap;
      gap: 0.4rem 0.7rem;
      margin: 0;
      padding: 0;
      list-style: none;
      font-size: 1.2rem;
      max-height: 4.8rem;
      overflow: hidden;
    }
    li {
      display: flex;
      align-items: center;
      gap: 0.4rem;
      border: 1px solid var(--line);
      border-radius: 2rem;
      padding: 0.15rem 0.8rem;
      color: var(--muted);
      background: var(--surface);
      max-width: 30rem;
      min-width: 0;
    }
    svg {
      width: 1.2rem;
      height: 1.2rem;
      flex: none;
    }
    span {
      overflow: hidden;
      text-overflow: ellipsis;
      white-space: nowrap;
    }
    .up svg {
      color: var(--good);
    }
    .down {
      color: var(--bad);
      border-color: var(--bad);
      font-weight: 600;
    }
  `;

  declare lines: readonly Line[];
  declare texts: Texts;

  override render(): TemplateResult {
    const rank = (line: Line): number => (line.state === "down" ? 0 : 1);
    const sorted = [...this.lines].sort((a, b) => rank(a) - rank(b));
    return html`<ul aria-label=${this.texts.t("lines")}>
      ${sorted.map((line) => this.one(line))}
    </ul>`;
  }

  private one(line: Line): TemplateResult {
    const state = this.texts.t(`line_${line.state}`);
    return html`<li class=${line.state} title=${line.cause}>
      ${lineIcon(line.state)}
      <span>${line.name} ${state}</span>
      ${line.state === "down" ? html`<cf-since .us=${line.since_us}></cf-since>` : nothing}
    </li>`;
  }
}

customElements.define("cf-lines", Lines);
