import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import { Live } from "../live.js";
import { chooseLanguage, language, nextTheme, theme, type Theme } from "../settings.js";
import { Texts } from "../text.js";
import type { Board } from "../types.js";
import { exit, sound, sun } from "./icons.js";
import { setSkew } from "./ticker.js";
import "./agents.js";
import "./banners.js";
import "./clock.js";
import "./lines.js";
import "./queues.js";
import "./strip.js";

const LEADS: readonly string[] = ["supervisor", "technician"];

/** The whole page. */
export class Wallboard extends LitElement {
  static override properties = { colours: { state: true } };

  static override styles = css`
    :host {
      box-sizing: border-box;
      display: flex;
      flex-direction: column;
      gap: 0.8rem;
      height: 100dvh;
      padding: 0.9rem 1.2rem;
      overflow: hidden;
    }
    header {
      display: flex;
      align-items: center;
      gap: 1.2rem;
      min-height: 2.8rem;
    }
    h1 {
      margin: 0;
      font-size: 1.9rem;
      font-weight: 700;
      letter-spacing: -0.02em;
      white-space: nowrap;
      overflow: hidden;
      text-overflow: ellipsis;
      max-width: 40%;
    }
    cf-lines {
      flex: 1;
      min-width: 0;
    }
    cf-clock {
      font-size: 2rem;
      font-weight: 650;
    }
    .tools {
      display: flex;
      gap: 0.2rem;
    }
    button,
    .tools a {
      font: inherit;
      font-size: 1.05rem;
      color: var(--muted);
      background: none;
      border: 0;
      border-radius: 0.5rem;
      box-sizing: border-box;
      min-width: 2.4rem;
      min-height: 2.4rem;
      padding: 0.3rem 0.5rem;
      cursor: pointer;
      display: grid;
      place-items: center;
    }
    button:hover,
    .tools a:hover {
      color: var(--text);
      background: var(--surface);
    }
    button:focus-visible,
    .tools a:focus-visible {
      outline: 3px solid var(--accent);
      outline-offset: 2px;
    }
    .tools svg {
      width: 1.5rem;
      height: 1.5rem;
    }
    main {
      flex: 1;
      min-height: 0;
      display: flex;
      flex-direction: column;
      gap: 0.9rem;
    }
    cf-queues {
      flex: 1;
    }
    cf-agents {
      flex: none;
      height: min(var(--agents, 30%), 42%);
    }
    main.no-queues cf-queues {
      flex: none;
    }
    main.no-queues cf-agents {
      flex: 1;
      height: auto;
    }
    .wait {
      margin: auto;
      font-size: 1.8rem;
      color: var(--muted);
    }
    @media (max-width: 760px) {
      :host {
        height: auto;
        min-height: 100dvh;
        overflow: visible;
        padding: 0.8rem;
      }
      header {
        flex-wrap: wrap;
        gap: 0.4rem 0.8rem;
      }
      h1 {
        font-size: 1.3rem;
        max-width: 55%;
      }
      cf-clock {
        font-size: 1.3rem;
        margin-left: auto;
      }
      cf-lines {
        order: 9;
        flex-basis: 100%;
      }
      cf-agents {
        height: auto;
      }
    }
  `;

  declare colours: Theme;
  private texts = new Texts(language());
  private readonly live = new Live(
    () => {
      setSkew(this.live.skew);
      this.speak(language(this.live.board?.site.language));
      this.requestUpdate();
    },
    () => {
      location.replace("/login");
    },
  );

  constructor() {
    super();
    this.colours = theme();
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.live.start();
  }

  protected override updated(): void {
    const main = this.renderRoot.querySelector<HTMLElement>("main");
    const present = Object.values(this.live.board?.agents ?? {}).filter((a) => a.state !== "logged_out");
    // Rows of the agents' area; the queues get the rest.
    const rows = Math.min(4, Math.max(1, Math.ceil(present.length / 4)));
    main?.style.setProperty("--agents", `${2.8 + rows * (rows > 2 ? 4.8 : 5.4)}rem`);
  }

  override render(): TemplateResult {
    const { texts, live } = this;
    const { board } = live;
    return html`
      <header>
        <h1>${board?.site.name ?? "Callfloor"}</h1>
        ${board
          ? html`<cf-lines .lines=${Object.values(board.lines)} .texts=${texts}></cf-lines>`
          : html`<span></span>`}
        <cf-clock .zone=${this.zone} .texts=${texts}></cf-clock>
        ${this.tools()}
      </header>
      <cf-banners
        .connection=${live.connection}
        .link=${live.link}
        .known=${board !== null}
        .troubles=${board?.troubles ?? []}
        .zone=${this.zone}
        .texts=${texts}
      ></cf-banners>
      ${board ? this.floor(board) : html`<main><p class="wait">${texts.t("connecting")}</p></main>`}
    `;
  }

  private floor(board: Board): TemplateResult {
    const { texts } = this;
    const queues = Object.values(board.queues);
    const names = Object.fromEntries(queues.map((queue) => [queue.id, queue.name]));
    return html`<main class=${queues.length ? "" : "no-queues"}>
      <cf-queues .queues=${queues} .texts=${texts}></cf-queues>
      <cf-agents
        .agents=${Object.values(board.agents)}
        .reasons=${board.site.pause_reasons}
        .queueNames=${names}
        .texts=${texts}
      ></cf-agents>
      <cf-strip .calls=${Object.values(board.calls)} .texts=${texts}></cf-strip>
    </main>`;
  }

  private tools(): TemplateResult {
    const { texts } = this;
    const colours = texts.t("theme", { now: texts.t(this.colours) });
    const other = texts.language === "de" ? "en" : "de";
    return html`<div class="tools">
      <button type="button" lang=${other} title=${texts.t("languageSwitch")}
        @click=${() => { this.switchLanguage(other); }}>
        ${other.toUpperCase()}
      </button>
      <button type="button" title=${colours} aria-label=${colours}
        @click=${() => { this.colours = nextTheme(); }}>${sun}</button>
      <button type="button" title=${texts.t("logout")} aria-label=${texts.t("logout")}
        @click=${() => { void this.logout(); }}>${exit}</button>
      ${LEADS.includes(this.live.role)
        ? html`<a href="/recordings" title=${texts.t("recordings")} aria-label=${texts.t("recordings")}>${sound}</a>`
        : nothing}
    </div>`;
  }

  private get zone(): string {
    return this.live.board?.site.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  }

  private switchLanguage(to: "en" | "de"): void {
    chooseLanguage(to);
    this.speak(to);
    this.requestUpdate();
  }

  private speak(chosen: "en" | "de"): void {
    if (chosen !== this.texts.language) this.texts = new Texts(chosen);
    document.documentElement.lang = chosen;
    document.title = `${this.live.board?.site.name ?? "Callfloor"} – ${this.texts.t("title")}`;
  }

  private async logout(): Promise<void> {
    await fetch("/api/v1/session", { method: "DELETE" });
    location.replace("/login");
  }
}

customElements.define("cf-wallboard", Wallboard);
