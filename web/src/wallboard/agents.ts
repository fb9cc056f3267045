import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Agent, AgentState } from "../types.js";
import { stateIcon } from "./icons.js";
import { Paged } from "./paged.js";
import { STATES, stateStyles } from "./states.js";
import "./agent.js";

/** All agents who are logged in, each always in the same place, and how many are in each state. */
export class Agents extends Paged {
  static override properties = {
    ...Paged.properties,
    agents: { attribute: false },
    reasons: { attribute: false },
    queueNames: { attribute: false },
  };

  static override styles = [
    Paged.pagedStyles,
    stateStyles,
    css`
      .cells {
        --gap: 0.6rem;
      }
      .head {
        flex-wrap: wrap;
        padding-bottom: 0.5rem;
        gap: 0.2rem 1.2rem;
      }
      h2 {
        margin: 0;
        font-size: 1.35rem;
        font-weight: 650;
      }
      .sums {
        display: flex;
        flex-wrap: wrap;
        gap: 0.2rem 1.1rem;
        margin: 0;
        padding: 0;
        list-style: none;
        font-size: 1.2rem;
      }
      .sums li {
        display: flex;
        align-items: center;
        gap: 0.35rem;
        color: var(--colour);
      }
      .sums svg {
        width: 1.3rem;
        height: 1.3rem;
      }
      .sums b {
        font-weight: 700;
      }
      .empty {
        color: var(--muted);
        font-size: 1.8rem;
        margin: auto;
      }
      @media (max-width: 760px) {
        .sums {
          font-size: 1rem;
        }
      }
      li {
        min-width: 0;
        min-height: 0;
        display: grid;
      }
    `,
  ];

  declare agents: readonly Agent[];
  declare reasons: Record<string, string>;
  declare queueNames: Record<string, string>;

  private get present(): readonly Agent[] {
    return this.agents.filter((agent) => agent.state !== "logged_out");
  }

  protected override get count(): number {
    return this.present.length;
  }

  protected override get cell(): { w: number; h: number; aspect: number } {
    return { w: 17, h: 4, aspect: 4.4 };
  }

  protected override get least(): number {
    return 3;
  }

  override render(): TemplateResult {
    return html`
      <div class="head">
        <h2>${this.texts.t("agents")}</h2>
        ${this.sums()} ${this.pager()}
      </div>
      ${this.count
        ? nothing
        : html`<p class="empty">${this.texts.t(this.agents.length ? "allOut" : "noAgents")}</p>`}
      <ul class="cells" ?hidden=${!this.count} aria-label=${this.texts.t("agents")}>
        ${repeat(
          this.shown(this.present),
          (agent) => agent.id,
          (agent) => html`<li>
            <cf-agent
              .agent=${agent}
              .texts=${this.texts}
              .detail=${this.detail(agent)}
            ></cf-agent>
          </li>`,
        )}
      </ul>
    `;
  }

  private sums(): TemplateResult {
    const counts = new Map<AgentState, number>();
    for (const agent of this.agents) counts.set(agent.state, (counts.get(agent.state) ?? 0) + 1);
    return html`<ul class="sums">
      ${STATES.filter((state) => counts.has(state)).map(
        (state) => html`<li class=${state}>
          ${stateIcon(state)}<b>${counts.get(state)}</b> ${this.texts.state(state)}
        </li>`,
      )}
    </ul>`;
  }

  /** The reason of a pause, or the queue of a call. */
  private detail(agent: Agent): string {
    if (agent.held) return this.texts.t("hold");
    if (agent.reason) return this.reasons[agent.reason] ?? agent.reason;
    return agent.queue ? (this.queueNames[agent.queue] ?? agent.queue) : "";
  }
}

customElements.define("cf-agents", Agents);
