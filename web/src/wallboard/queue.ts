import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import type { AgentState, Queue } from "../types.js";
import type { Texts } from "../text.js";
import { stateIcon, warning } from "./icons.js";
import { stateStyles } from "./states.js";
import { boxNow, onTick } from "./ticker.js";
import "./since.js";

const COUNTED: readonly AgentState[] = ["ready", "ringing", "talking", "wrap_up", "paused", "not_ready"];

/** One queue: three great figures, the rest of the day below. */
export class QueueCard extends LitElement {
  static override properties = { queue: { attribute: false }, texts: { attribute: false } };

  static override styles = [stateStyles, css`
    :host {
      container-type: size;
      display: block;
      min-width: 0;
      min-height: 0;
    }
    article {
      --u: min(1cqw, 1.88cqh);
      box-sizing: border-box;
      height: 100%;
      display: grid;
      grid-template-rows: auto 1fr auto auto;
      padding: calc(2.6 * var(--u)) calc(3.4 * var(--u)) calc(2.2 * var(--u));
      background: var(--surface);
      border: 2px solid var(--line);
      border-radius: calc(2.2 * var(--u));
      overflow: hidden;
    }
    article.late {
      border-color: var(--late);
    }
    h2 {
      margin: 0;
      font-size: calc(5.2 * var(--u));
      line-height: 1.15;
      font-weight: 650;
      letter-spacing: -0.01em;
      display: -webkit-box;
      -webkit-box-orient: vertical;
      -webkit-line-clamp: 2;
      overflow: hidden;
      overflow-wrap: anywhere;
      hyphens: auto;
    }
    .staff {
      display: flex;
      gap: calc(1.5 * var(--u));
      margin: 0;
      padding: 0;
      list-style: none;
      font-size: calc(3.4 * var(--u));
      font-weight: 600;
    }
    .staff li {
      display: flex;
      align-items: center;
      gap: 0.18em;
      color: var(--colour);
    }
    .staff svg {
      width: 1em;
      height: 1em;
    }
    dl {
      margin: 0;
      display: grid;
    }
    dl div {
      min-width: 0;
      display: flex;
      flex-direction: column-reverse;
      justify-content: flex-end;
    }
    dd {
      margin: 0;
    }
    .great {
      grid-template-columns: 1fr 1.75fr 1.25fr;
      align-content: center;
      gap: calc(2 * var(--u));
    }
    .great dd {
      font-size: calc(14.5 * var(--u));
      line-height: 1.05;
      font-weight: 700;
      letter-spacing: -0.035em;
      white-space: nowrap;
    }
    .great dd.long {
      font-size: calc(11.2 * var(--u));
      line-height: 1.36;
    }
    dt {
      color: var(--muted);
      font-size: calc(3.1 * var(--u));
      line-height: 1.25;
    }
    .unit {
      font-size: 0.5em;
      font-weight: 600;
      letter-spacing: 0;
      margin-left: 0.08em;
    }
    .idle {
      color: var(--muted);
      font-weight: 500;
    }
    .over {
      color: var(--late);
    }
    .note {
      color: var(--late);
      font-weight: 600;
      white-space: nowrap;
    }
    .note svg {
      width: 1em;
      height: 1em;
      margin: 0 0.2em 0 0.3em;
      vertical-align: -0.12em;
    }
    .day {
      grid-template-columns: 1fr 1.75fr 1.25fr;
      gap: calc(2 * var(--u));
      border-top: 2px solid var(--line);
      padding-top: calc(1.6 * var(--u));
    }
    .day dd {
      font-size: calc(5.2 * var(--u));
      line-height: 1.2;
      font-weight: 600;
      white-space: nowrap;
    }
    .day small {
      font-size: 0.62em;
      font-weight: 500;
      color: var(--muted);
    }
    footer {
      display: flex;
      align-items: center;
      gap: calc(2 * var(--u));
      margin-top: calc(1.1 * var(--u));
    }
    footer p {
      flex: 1;
      margin: 0;
      color: var(--muted);
      font-size: calc(2.5 * var(--u));
      line-height: 1.25;
    }
    .level {
      position: relative;
    }
    .bar {
      position: absolute;
      left: 0;
      top: 100%;
      height: calc(1.1 * var(--u));
      border-radius: 1em;
      background: var(--line);
      overflow: hidden;
      margin-top: calc(0.7 * var(--u));
    }
    .bar rect.rest {
      fill: var(--line);
    }
    .bar rect.part {
      fill: var(--accent);
    }
    @container (max-aspect-ratio: 1.25) {
      article {
        --u: min(1cqw, 1.03cqh);
      }
      h2 {
        font-size: calc(5.8 * var(--u));
      }
      .great,
      .day {
        grid-template-columns: 1fr 1fr;
      }
      .great dd,
      .great dd.long {
        font-size: calc(17 * var(--u));
        line-height: 1.05;
      }
      .great .wait {
        grid-row: 2;
        grid-column: 1 / -1;
      }
      .day {
        grid-template-columns: repeat(3, auto);
        justify-content: space-between;
      }
      .day dd {
        font-size: calc(6.2 * var(--u));
      }
      dt {
        font-size: calc(4.2 * var(--u));
      }
      .level .bar {
        top: auto;
        bottom: calc(-1.4 * var(--u));
      }
      .level dt,
      .level {
        position: relative;
      }
      footer {
        flex-direction: column-reverse;
        align-items: stretch;
        gap: calc(1 * var(--u));
      }
      .staff {
        font-size: calc(4.6 * var(--u));
        justify-content: space-between;
      }
      footer p {
        font-size: calc(3.2 * var(--u));
      }
    }
    @media (max-width: 760px) {
      :host {
        container-type: inline-size;
      }
      article {
        --u: 1cqw;
        height: auto;
        padding: 1rem;
        border-radius: 0.8rem;
        gap: 0.7rem;
      }
      h2 {
        font-size: 1.25rem;
      }
      .great,
      .day {
        grid-template-columns: repeat(3, minmax(0, 1fr));
        gap: 0.5rem;
      }
      .day dd {
        font-size: 1.15rem;
      }
      .staff {
        flex-wrap: wrap;
        font-size: 1.05rem;
        gap: 0.2rem 0.7rem;
      }
      .great dd {
        font-size: 2.5rem;
      }
      .great dd.long {
        font-size: 1.8rem;
      }
      dt,
      footer p {
        font-size: 0.85rem;
      }
      .bar {
        height: 0.3rem;
      }
      footer {
        flex-direction: column-reverse;
        align-items: flex-start;
        gap: 0.6rem;
      }
    }
  `];

  declare queue: Queue;
  declare texts: Texts;
  private off: (() => void) | undefined;
  private late = false;

  override connectedCallback(): void {
    super.connectedCallback();
    this.off = onTick(() => {
      if (this.isLate() !== this.late) this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    this.off?.();
    super.disconnectedCallback();
  }

  private isLate(): boolean {
    const since = this.queue.waiting_since_us;
    return since !== null && boxNow() - since / 1000 > this.queue.level_s * 1000;
  }

  override render(): TemplateResult {
    const { queue, texts } = this;
    this.late = this.isLate();
    return html`
      <article class=${this.late ? "late" : ""} aria-labelledby="name">
        <h2 id="name">${queue.name}</h2>
        <dl class="great">
          <div>
            <dt>${texts.t("waiting")}</dt>
            <dd class=${sized(queue.waiting)}>${texts.number(queue.waiting)}</dd>
          </div>
          ${this.longest()} ${this.level()}
        </dl>
        ${this.day()}
        <footer>
          <p>
            ${texts.t("level")}:
            ${texts.formula(queue.service_level.formula, queue.service_level.seconds)}
          </p>
          ${this.staff()}
        </footer>
      </article>
    `;
  }

  private staff(): unknown {
    const counts = COUNTED.map((state) => [state, this.queue.states[state] ?? 0] as const);
    const some = counts.filter(([, count]) => count > 0);
    if (some.length === 0) return nothing;
    return html`<ul class="staff" aria-label=${this.texts.t("agents")}>
      ${some.map(
        ([state, count]) => html`<li class=${state} title=${this.texts.state(state)}>
          ${stateIcon(state)}<span class="sr">${this.texts.state(state)}</span>${count}
        </li>`,
      )}
    </ul>`;
  }

  private longest(): TemplateResult {
    const { queue, texts } = this;
    const since = queue.waiting_since_us;
    if (since === null) {
      return html`<div class="wait"><dt>${texts.t("nobody")}</dt><dd class="idle">–</dd></div>`;
    }
    const hours = boxNow() - since / 1000 >= 3_600_000;
    return html`<div class="wait">
      <dt>
        ${texts.t("longest")}
        ${this.late
          ? html`<span class="note">${warning}${texts.t("late", { s: queue.level_s })}</span>`
          : nothing}
      </dt>
      <dd class="${this.late ? "over" : ""} ${hours ? "long" : ""}"><cf-since .us=${since}></cf-since></dd>
    </div>`;
  }

  private level(): TemplateResult {
    const { percent } = this.queue.service_level;
    const { texts } = this;
    if (percent === null) {
      return html`<div><dt>${texts.t("level")}</dt><dd class="idle">–</dd></div>`;
    }
    return html`<div class="level">
      <dt>
        ${texts.t("level")}
        <svg class="bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" width="100%">
          <rect class="rest" width="100" height="4" /><rect class="part" width=${percent} height="4" />
        </svg>
      </dt>
      <dd class=${percent >= 100 ? "long" : ""}>${texts.number(Math.floor(percent))}<span class="unit">%</span></dd>
    </div>`;
  }

  private day(): TemplateResult {
    const { queue, texts } = this;
    const { today, estimate } = queue;
    return html`<dl class="day">
      <div>
        <dt>${texts.t("answered")}</dt>
        <dd>${texts.number(today.answered)}</dd>
      </div>
      <div>
        <dt>${texts.t("abandoned")}</dt>
        <dd>
          ${texts.number(today.abandoned)}
          ${today.short_abandoned
            ? html`<small>${texts.t("short", { n: today.short_abandoned })}</small>`
            : nothing}
        </dd>
      </div>
      <div>
        <dt>${texts.t("estimate")}</dt>
        <dd>${estimate ? texts.range(estimate.low_s, estimate.high_s) : texts.t("none")}</dd>
      </div>
    </dl>`;
  }
}

function sized(count: number): string {
  if (count === 0) return "idle";
  return count > 99 ? "long" : "";
}

customElements.define("cf-queue", QueueCard);
