import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import type { Connection } from "../live.js";
import type { Link, Trouble } from "../types.js";
import type { Texts } from "../text.js";
import { unplugged, warning } from "./icons.js";

const MOST = 3;

/** What is wrong: the connection, the core, troubles of the box. Empty on a good day. */
export class Banners extends LitElement {
  static override properties = {
    connection: { attribute: false },
    link: { attribute: false },
    known: { type: Boolean },
    troubles: { attribute: false },
    zone: {},
    texts: { attribute: false },
  };

  static override styles = css`
    .banner {
      display: grid;
      grid-template-columns: auto 1fr;
      align-items: center;
      gap: 0 0.9rem;
      background: var(--banner);
      border-left: 0.5rem solid var(--late);
      border-radius: 0.6rem;
      padding: 0.6rem 1rem;
      margin-bottom: 0.6rem;
      font-size: 1.35rem;
      line-height: 1.35;
    }
    .bad {
      background: var(--banner-bad);
      border-color: var(--bad);
    }
    svg {
      width: 2.2rem;
      height: 2.2rem;
      color: var(--late);
    }
    .bad svg {
      color: var(--bad);
    }
    b {
      font-weight: 700;
    }
    p {
      margin: 0;
      overflow-wrap: anywhere;
    }
    @media (max-width: 760px) {
      .banner {
        font-size: 1rem;
      }
    }
  `;

  declare connection: Connection;
  declare link: Link | null;
  declare known: boolean;
  declare troubles: readonly Trouble[];
  declare zone: string;
  declare texts: Texts;

  override render(): TemplateResult {
    return html`
      <div role="status" aria-live="polite">
        ${this.away()} ${this.troubles.slice(0, MOST).map((trouble) => this.trouble(trouble))}
        ${this.troubles.length > MOST
          ? this.banner("", this.texts.t("more", { n: this.troubles.length - MOST }), "")
          : nothing}
      </div>
    `;
  }

  private away(): unknown {
    const { connection, link, texts } = this;
    if (!connection.up && this.link) {
      return this.banner("bad", `${texts.t("lost")} ${this.time(connection.since)}`, texts.t("lostHelp"));
    }
    if (link && !link.up) {
      const what = `${texts.t(this.known ? "coreDown" : "coreNever")} ${this.time(link.since_us / 1000)}`;
      return this.banner("bad", what, texts.t("coreDownHelp"));
    }
    return nothing;
  }

  private time(ms: number): string {
    return `(${this.texts.t("since", { time: this.texts.clock(ms, this.zone) })})`;
  }

  private trouble(trouble: Trouble): TemplateResult {
    return this.banner("", trouble.what, `${trouble.meaning} ${trouble.remedy}`);
  }

  private banner(kind: string, what: string, more: string): TemplateResult {
    return html`<div class="banner ${kind}">
      ${kind ? unplugged : warning}
      <p><b>${what}</b> ${more}</p>
    </div>`;
  }
}

customElements.define("cf-banners", Banners);
