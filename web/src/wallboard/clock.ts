import { LitElement, html } from "lit";
import type { Texts } from "../text.js";
import { boxNow, onTick } from "./ticker.js";

/** The time of day where the box stands. */
export class Clock extends LitElement {
  static override properties = { zone: {}, texts: { attribute: false } };

  declare zone: string;
  declare texts: Texts;
  private off: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.off = onTick(() => {
      this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    this.off?.();
    super.disconnectedCallback();
  }

  override render(): unknown {
    return html`<time>${this.texts.clock(boxNow(), this.zone)}</time>`;
  }
}

customElements.define("cf-clock", Clock);
