import { LitElement, css, html, nothing } from "lit";
import { Texts } from "../text.js";
import { halt, left, play, right } from "./icons.js";
import { bestGrid, capacity, type Grid } from "./grid.js";

const TURN_MS = 10_000;
const still = matchMedia("(max-width: 760px)");

/** An area of equal cells. What does not fit comes on further pages that turn by themselves;
 * on a phone everything is shown, one below the other. */
export abstract class Paged extends LitElement {
  static override properties = {
    texts: { attribute: false },
    page: { state: true },
    paused: { state: true },
    area: { state: true },
  };

  static pagedStyles = css`
    :host {
      display: flex;
      flex-direction: column;
      min-height: 0;
      min-width: 0;
    }
    .head {
      display: flex;
      align-items: center;
      gap: 1rem;
      min-height: 2.2rem;
    }
    .head:empty {
      display: none;
    }
    .cells {
      flex: 1;
      min-height: 0;
      display: grid;
      gap: var(--gap, 0.8rem);
      grid-template-columns: repeat(var(--cols, 1), minmax(0, 1fr));
      grid-template-rows: repeat(var(--rows, 1), minmax(0, 1fr));
      margin: 0;
      padding: 0;
      list-style: none;
    }
    .cells[hidden] {
      display: none;
    }
    .pager {
      display: flex;
      align-items: center;
      gap: 0.3rem;
      color: var(--muted);
      margin-left: auto;
      font-size: 1.1rem;
      white-space: nowrap;
    }
    button {
      font: inherit;
      color: inherit;
      background: none;
      border: 0;
      border-radius: 0.5rem;
      padding: 0.25rem;
      min-width: 2rem;
      min-height: 2rem;
      cursor: pointer;
      display: grid;
      place-items: center;
    }
    button svg {
      width: 1.5rem;
      height: 1.5rem;
    }
    button:hover {
      color: var(--text);
      background: var(--surface);
    }
    button:focus-visible {
      outline: 3px solid var(--accent);
      outline-offset: 2px;
    }
    @media (max-width: 760px) {
      .cells {
        display: flex;
        flex-direction: column;
        gap: 0.6rem;
      }
    }
  `;

  declare texts: Texts;
  declare page: number;
  declare paused: boolean;
  declare area: { width: number; height: number };
  private timer = 0;
  private readonly observer = new ResizeObserver((entries) => {
    const box = entries[0]?.contentRect;
    if (box) this.area = { width: box.width, height: box.height };
  });

  constructor() {
    super();
    this.page = 0;
    this.paused = false;
    this.area = { width: 0, height: 0 };
  }

  /** Cells in all. */
  protected abstract get count(): number;
  /** Least size of a cell in rem, and the best relation of width to height. */
  protected abstract get cell(): { w: number; h: number; aspect: number };

  /** Room is left for this many cells, so that a single one does not fill a wall. */
  protected get least(): number {
    return 1;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.timer = window.setInterval(() => {
      if (!this.paused && this.pages > 1) this.turn(1);
    }, TURN_MS);
  }

  override disconnectedCallback(): void {
    clearInterval(this.timer);
    this.observer.disconnect();
    super.disconnectedCallback();
  }

  override firstUpdated(): void {
    const cells = this.renderRoot.querySelector(".cells");
    if (cells) this.observer.observe(cells);
  }

  protected override updated(): void {
    const cells = this.renderRoot.querySelector<HTMLElement>(".cells");
    const { cols, rows } = this.grid;
    cells?.style.setProperty("--cols", String(cols));
    cells?.style.setProperty("--rows", String(rows));
  }

  private get rem(): number {
    return parseFloat(getComputedStyle(document.documentElement).fontSize);
  }

  private get most(): Grid {
    const { w, h } = this.cell;
    return capacity(this.area.width, this.area.height, { w: w * this.rem, h: h * this.rem });
  }

  protected get perPage(): number {
    return still.matches ? Math.max(1, this.count) : this.most.cols * this.most.rows;
  }

  protected get pages(): number {
    return Math.max(1, Math.ceil(this.count / this.perPage));
  }

  protected get grid(): Grid {
    if (this.pages > 1) return this.most;
    return bestGrid(Math.max(this.count, this.least), this.area.width, this.area.height, this.cell.aspect);
  }

  /** What of all cells is on the present page. */
  protected shown<T>(all: readonly T[]): readonly T[] {
    const first = Math.min(this.page, this.pages - 1) * this.perPage;
    return all.slice(first, first + this.perPage);
  }

  protected turn(by: number): void {
    this.page = (Math.min(this.page, this.pages - 1) + by + this.pages) % this.pages;
  }

  protected pager(): unknown {
    if (this.pages < 2) return nothing;
    const { texts } = this;
    const page = Math.min(this.page, this.pages - 1) + 1;
    const label = texts.t("page", { page, pages: this.pages });
    return html`<div class="pager">
      <button type="button" aria-label=${texts.t("previous")} @click=${() => { this.turn(-1); }}>${left}</button>
      <span role="img" aria-label=${label}>${page} / ${this.pages}</span>
      <button type="button" aria-label=${texts.t("next")} @click=${() => { this.turn(1); }}>${right}</button>
      <button type="button" aria-label=${texts.t(this.paused ? "play" : "pause")}
        @click=${() => { this.paused = !this.paused; }}>${this.paused ? play : halt}</button>
    </div>`;
  }
}
