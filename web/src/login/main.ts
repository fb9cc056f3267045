import { LitElement, css, html, nothing, type TemplateResult } from "lit";
import "../base.css";
import { applyTheme, language } from "../settings.js";
import { Texts } from "../text.js";

applyTheme();

interface Problem { error: string; remedy: string }

/** Takes a token and gives it to the browser's session; it is kept nowhere else. */
export class Login extends LitElement {
  static override properties = { problem: { state: true }, busy: { state: true } };

  static override styles = css`
    :host {
      display: grid;
      place-items: center;
      min-height: 100dvh;
      padding: 1rem;
      box-sizing: border-box;
      font-size: max(1rem, 16px);
    }
    main {
      box-sizing: border-box;
      width: min(26em, 100%);
      background: var(--surface);
      border: 1px solid var(--line);
      border-radius: 1em;
      padding: 2em;
    }
    h1 {
      margin: 0 0 1.2em;
      font-size: 1.4em;
      letter-spacing: -0.01em;
    }
    label {
      display: block;
      font-weight: 600;
      margin-bottom: 0.4em;
    }
    input {
      box-sizing: border-box;
      width: 100%;
      font: inherit;
      color: inherit;
      background: var(--sunken);
      border: 1px solid var(--muted);
      border-radius: 0.5em;
      padding: 0.7em 0.8em;
    }
    input:focus-visible,
    button:focus-visible {
      outline: 3px solid var(--accent);
      outline-offset: 2px;
    }
    .help {
      color: var(--muted);
      font-size: 0.9em;
      margin: 0.6em 0 1.4em;
    }
    button {
      width: 100%;
      font: inherit;
      font-weight: 650;
      color: var(--bg);
      background: var(--accent);
      border: 0;
      border-radius: 0.5em;
      padding: 0.8em;
      cursor: pointer;
    }
    button:disabled {
      opacity: 0.7;
    }
    .problem {
      margin: 1.2em 0 0;
      padding: 0.8em 1em;
      background: var(--banner-bad);
      border-left: 0.35em solid var(--bad);
      border-radius: 0.4em;
      overflow-wrap: anywhere;
    }
  `;

  declare problem: string;
  declare busy: boolean;
  private readonly texts = new Texts(language());

  constructor() {
    super();
    this.problem = "";
    this.busy = false;
    document.documentElement.lang = this.texts.language;
    document.title = `Callfloor – ${this.texts.t("loginTitle")}`;
  }

  override render(): TemplateResult {
    const { texts } = this;
    return html`<main>
      <h1>${texts.t("loginTitle")}</h1>
      <form @submit=${(event: Event) => { event.preventDefault(); void this.submit(); }}>
        <label for="token">${texts.t("loginLabel")}</label>
        <input id="token" type="password" autocomplete="current-password" required maxlength="200"
          aria-describedby="help" spellcheck="false" />
        <p class="help" id="help">${texts.t("loginHelp")}</p>
        <button ?disabled=${this.busy}>${texts.t(this.busy ? "loginBusy" : "loginButton")}</button>
      </form>
      <div role="alert">${this.problem ? html`<p class="problem">${this.problem}</p>` : nothing}</div>
    </main>`;
  }

  protected override firstUpdated(): void {
    this.field.focus();
  }

  private get field(): HTMLInputElement {
    const field = this.renderRoot.querySelector("input");
    if (!field) throw new Error("not drawn yet");
    return field;
  }

  private async submit(): Promise<void> {
    this.busy = true;
    this.problem = "";
    try {
      const reply = await fetch("/api/v1/session", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ token: this.field.value.trim() }),
      });
      if (reply.ok) {
        location.replace(wanted());
        return;
      }
      const told = (await reply.json()) as Problem;
      this.problem = `${told.error} ${told.remedy}`;
    } catch {
      this.problem = this.texts.t("loginOffline");
    }
    this.busy = false;
  }
}

/** The page that sent us here: one of our own only. */
function wanted(): string {
  const to = new URLSearchParams(location.search).get("to");
  return to === "recordings" ? "/recordings" : "/";
}

customElements.define("cf-login", Login);
