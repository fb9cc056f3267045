import { LitElement, html } from "lit";
import { duration } from "../text.js";
import { boxNow, onTick } from "./ticker.js";

/** The time since a moment of the box's clock, counting. `stop` holds it at a moment. */
export class Since extends LitElement {
  static override properties = { us: { type: Number }, stop: { type: Number } };

  declare us: number;
  declare stop: number | null;
  private off: (() => void) | undefined;

  constructor() {
    super();
    this.us = 0;
    this.stop = null;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.off = onTick(() => {
      if (this.stop === null) this.requestUpdate();
    });
  }

  override disconnectedCallback(): void {
    this.off?.();
    super.disconnectedCallback();
  }

  override render(): unknown {
    return html`${this.us ? duration((this.stop ?? boxNow()) - this.us / 1000) : "–"}`;
  }
}

customElements.define("cf-since", Since);
