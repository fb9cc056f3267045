import { css, html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Queue } from "../types.js";
import { Paged } from "./paged.js";
import "./queue.js";

/** All queues, as large as the area allows. */
export class Queues extends Paged {
  static override properties = { ...Paged.properties, queues: { attribute: false } };

  static override styles = [
    Paged.pagedStyles,
    css`
      .empty {
        color: var(--muted);
        font-size: 1.8rem;
        margin: 2rem auto;
      }
      li {
        min-width: 0;
        min-height: 0;
        display: grid;
      }
    `,
  ];

  declare queues: readonly Queue[];

  protected override get count(): number {
    return this.queues.length;
  }

  protected override get cell(): { w: number; h: number; aspect: number } {
    return { w: 20, h: 10, aspect: 1.6 };
  }

  override render(): TemplateResult {
    return html`
      ${this.pages > 1 ? html`<div class="head">${this.pager()}</div>` : nothing}
      ${this.count ? nothing : html`<p class="empty">${this.texts.t("noQueues")}</p>`}
      <ul class="cells" ?hidden=${!this.count} aria-label=${this.texts.t("queues")}>
        ${repeat(
          this.shown(this.queues),
          (queue) => queue.id,
          (queue) => html`<li><cf-queue .queue=${queue} .texts=${this.texts}></cf-queue></li>`,
        )}
      </ul>
    `;
  }
}

customElements.define("cf-queues", Queues);
