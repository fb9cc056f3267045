import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import type { Call, Stage } from "../types.js";
import type { Texts } from "../text.js";
import "./since.js";

const COUNTED: readonly Stage[] = ["flow", "queue", "ringing", "talking", "conference", "outside", "voicemail"];
const SHOWN: readonly Stage[] = ["arriving", "flow", "voicemail", "outside", "leaving"];
const MOST = 8;

/** One line at the foot: all calls by stage, and those in the flow one by one. */
export class Strip extends LitElement {
  static override properties = { calls: { attribute: false }, texts: { attribute: false } };

  static override styles = css`
    :host {
      display: flex;
      align-items: center;
      gap: 0.6rem 1.6rem;
      font-size: 1.3rem;
      min-height: 2.6rem;
      overflow: hidden;
    }
    h2 {
      margin: 0;
      font-size: 1.35rem;
      font-weight: 650;
      white-space: nowrap;
    }
    ul {
      display: flex;
      gap: 0.6rem 1.2rem;
      margin: 0;
      padding: 0;
      list-style: none;
      white-space: nowrap;
    }
    .stages {
      color: var(--muted);
      flex-shrink: 0;
    }
    .stages b {
      color: var(--text);
    }
    .each {
      overflow: hidden;
      gap: 0.6rem;
    }
    .each li {
      background: var(--surface);
      border: 1px solid var(--line);
      border-radius: 2rem;
      padding: 0.15rem 0.9rem;
      color: var(--muted);
      max-width: 26rem;
      overflow: hidden;
      text-overflow: ellipsis;
      flex-shrink: 0;
    }
    .each b {
      color: var(--text);
      font-weight: 600;
    }
    @media (max-width: 760px) {
      :host {
        flex-direction: column;
        align-items: flex-start;
        font-size: 1rem;
      }
      ul {
        flex-wrap: wrap;
      }
      .each li {
        max-width: 100%;
        box-sizing: border-box;
      }
    }
  `;

  declare calls: readonly Call[];
  declare texts: Texts;

  override render(): TemplateResult {
    const { calls, texts } = this;
    const counts = COUNTED.map((stage) => [stage, calls.filter((call) => call.stage === stage).length] as const);
    const each = calls.filter((call) => SHOWN.includes(call.stage));
    return html`
      <h2>${texts.t("callsNow")} ${texts.number(calls.length)}</h2>
      <ul class="stages">
        ${counts
          .filter(([, count]) => count)
          .map(([stage, count]) => html`<li><b>${count}</b> ${texts.stage(stage)}</li>`)}
      </ul>
      ${each.length ? html`<ul class="each" aria-label=${texts.t("inFlow")}>
        ${each.slice(0, MOST).map((call) => this.one(call))}
        ${each.length > MOST ? html`<li>${texts.t("more", { n: each.length - MOST })}</li>` : nothing}
      </ul>` : nothing}
    `;
  }

  private one(call: Call): TemplateResult {
    const place = call.stage === "flow" && call.node ? call.node : this.texts.stage(call.stage);
    return html`<li>
      ${call.caller} <b>${place}</b> <cf-since .us=${call.stage_since_us}></cf-since>
    </li>`;
  }
}

customElements.define("cf-strip", Strip);
