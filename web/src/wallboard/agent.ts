import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import type { Agent } from "../types.js";
import type { Texts } from "../text.js";
import { stateIcon } from "./icons.js";
import { stateStyles } from "./states.js";
import "./since.js";

/** One agent: sign, name, state in words, how long. */
export class AgentTile extends LitElement {
  static override properties = {
    agent: { attribute: false },
    texts: { attribute: false },
    detail: {},
  };

  static override styles = [
    stateStyles,
    css`
      :host {
        container-type: size;
        display: block;
        min-width: 0;
        min-height: 0;
      }
      article {
        --u: min(1cqh, 0.235cqw);
        box-sizing: border-box;
        height: 100%;
        display: grid;
        grid-template-columns: calc(70 * var(--u)) minmax(0, 1fr) auto;
        align-items: center;
        gap: 0 calc(14 * var(--u));
        padding-right: calc(16 * var(--u));
        background: var(--surface);
        border: 2px solid var(--line);
        border-radius: calc(13 * var(--u));
        overflow: hidden;
      }
      .sign {
        height: 100%;
        display: grid;
        place-items: center;
        color: var(--colour);
        background: color-mix(in srgb, var(--colour) var(--tint), transparent);
      }
      .sign svg {
        width: calc(42 * var(--u));
        height: calc(42 * var(--u));
      }
      .ringing .sign svg {
        animation: ring 1.2s ease-in-out infinite;
      }
      @keyframes ring {
        50% {
          transform: rotate(10deg) scale(1.12);
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .ringing .sign svg {
          animation: none;
        }
      }
      .who {
        min-width: 0;
      }
      h3,
      p {
        margin: 0;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      h3 {
        font-size: calc(32 * var(--u));
        line-height: 1.25;
        font-weight: 650;
      }
      p {
        font-size: calc(25 * var(--u));
        line-height: 1.25;
        color: var(--muted);
      }
      p b {
        color: var(--colour);
        font-weight: 600;
      }
      cf-since {
        font-size: calc(34 * var(--u));
        font-weight: 600;
        white-space: nowrap;
      }
      @media (max-width: 760px) {
        :host {
          container-type: inline-size;
        }
        article {
          --u: 0.64px;
          height: 64px;
        }
      }
    `,
  ];

  declare agent: Agent;
  declare texts: Texts;
  declare detail: string;

  override render(): TemplateResult {
    const { agent, texts } = this;
    return html`
      <article class=${agent.state}>
        <div class="sign">${stateIcon(agent.state)}</div>
        <div class="who">
          <h3 title=${agent.name}>${agent.name}</h3>
          <p>
            <b>${texts.state(agent.state)}</b>${this.detail ? html` · ${this.detail}` : nothing}
          </p>
        </div>
        <cf-since .us=${agent.since_us}></cf-since>
      </article>
    `;
  }
}

customElements.define("cf-agent", AgentTile);
