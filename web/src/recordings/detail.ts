import { LitElement, html, nothing, type PropertyValues, type TemplateResult } from "lit";
import { audio, transcript, Trouble, type Channel, type Transcript, type Utterance, type Word } from "./api.js";
import { detailStyle } from "./detailstyle.js";
import { Follower } from "./follower.js";
import type { Words } from "./words.js";

const UNSURE = 0.5;
const LOOK_MS = 5_000;
const BACK_S = 0.15;

/** One recording: its sound, and beside it what was said, word by word. */
export class Detail extends LitElement {
  static override properties = {
    recording: {},
    at: { attribute: false },
    words: { attribute: false },
    read: { state: true },
    trouble: { state: true },
    mute: { state: true },
  };

  static override styles = detailStyle;

  declare recording: string;
  /** Where to play from, seconds; null: nowhere yet. */
  declare at: number | null;
  declare words: Words;
  declare read: Transcript | null;
  declare trouble: string;
  declare mute: boolean;
  private readonly follower = new Follower(() => this.renderRoot);
  private timer = 0;
  private entered = false;
  private asked: AbortController | undefined;

  constructor() {
    super();
    this.read = null;
    this.trouble = "";
    this.mute = false;
    this.at = null;
  }

  override disconnectedCallback(): void {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.follower.stop();
    super.disconnectedCallback();
  }

  override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has("recording")) {
      this.read = null;
      this.mute = false;
      this.trouble = "";
      this.entered = false;
      void this.load();
    }
  }

  protected override updated(changed: PropertyValues<this>): void {
    if (changed.has("read")) this.follower.take(this.read?.utterances ?? []);
    if (this.read && !this.entered) this.enter();
    if ((changed.has("at") || changed.has("read")) && this.read && this.at !== null) {
      this.play(this.at);
      this.at = null;
    }
  }

  /** Where it takes the place of the list, keys and screen readers begin at its name. */
  private enter(): void {
    this.entered = true;
    if (!matchMedia("(max-width: 760px)").matches) return;
    this.renderRoot.querySelector("h2")?.focus({ preventScroll: true });
  }

  async load(): Promise<void> {
    clearTimeout(this.timer);
    this.asked?.abort();
    const asked = (this.asked = new AbortController());
    try {
      const read = await transcript(this.recording, asked.signal);
      this.trouble = "";
      this.read = read;
      if (read.recording.text === "waiting") {
        this.timer = window.setTimeout(() => { void this.load(); }, LOOK_MS);
      }
    } catch (error) {
      if (asked.signal.aborted) return;
      const lost = error instanceof Trouble && error.status > 0 && error.status < 500;
      if (this.read && !lost) { // what is there stays; it is asked again
        this.timer = window.setTimeout(() => { void this.load(); }, LOOK_MS);
        return;
      }
      this.trouble = error instanceof Trouble && error.message ? error.message : this.words.t("offline");
    }
  }

  override render(): TemplateResult {
    const { words, read } = this;
    if (this.trouble) {
      return html`<div class="text" role="alert"><p class="note bad">${this.trouble}</p></div>`;
    }
    if (!read) return html`<div class="text"><p class="by">${words.t("loading")}</p></div>`;
    const one = read.recording;
    return html`
      <header>
        <h2 tabindex="-1">${words.who(one)}</h2>
        <p>${words.day(one.started_us)}, ${words.time(one.started_us)}${one.kind === "voicemail" || words.where(one) ? ` · ${words.where(one)}` : ""}</p>
        <audio controls preload="metadata" src=${audio(one.recording)}
          @play=${(event: Event) => { this.follower.start(event.target as HTMLAudioElement); }}
          @pause=${() => { this.follower.stop(); }}
          @seeked=${(event: Event) => { this.follower.show((event.target as HTMLAudioElement).currentTime); }}
          @error=${() => { this.mute = true; }}></audio>
        <div role="alert">${this.mute ? html`<p class="note bad">${words.t("sound")}</p>` : nothing}</div>
      </header>
      <div class="text" tabindex="0" role="region" aria-label=${words.t("title")}>${this.text(read)}</div>
    `;
  }

  private text(read: Transcript): TemplateResult {
    const { words } = this;
    const one = read.recording;
    if (one.text !== "done") {
      return html`<p class=${one.text === "failed" ? "note bad" : "note"}>${words.t(one.text, { model: one.model, cause: one.cause })}</p>`;
    }
    return html`
      ${one.poor ? html`<p class="note">${words.t("commands")}</p>` : nothing}
      <p class="by">${words.t("by", { model: one.model })}</p>
      ${read.utterances.length
        ? html`<ol lang=${one.language || nothing}>
            ${read.utterances.map((each, at) => this.utterance(read, each, at))}
          </ol>`
        : html`<p>${words.t("silent", { model: one.model })}</p>`}
    `;
  }

  private utterance(read: Transcript, each: Utterance, at: number): TemplateResult {
    const { words } = this;
    const speaker = words.speaker(read.recording, each.channel);
    const when = words.at(each.start);
    return html`<li class=${each.channel} data-utterance=${at}>
      <button type="button" lang=${words.language} aria-label=${words.t("playFrom", { at: when, who: speaker })}
        @click=${() => { this.play(each.start); }}>${when}</button>
      <span class="speaker" lang=${words.language}>${speaker}</span>
      <span class="said">${each.words.map((word, n) => this.word(each.channel, word, `${at}-${n}`))}</span>
    </li>`;
  }

  private word(channel: Channel, word: Word, id: string): TemplateResult {
    const unsure = word.confidence < UNSURE;
    return html`<span class="word${unsure ? " unsure" : ""}" data-word=${id}
      title=${unsure ? this.words.t("unsure") : nothing} data-channel=${channel}
      @click=${() => { this.play(word.start); }}>${word.word}</span> `;
  }

  /** From a little before, so that the word's first sound is heard. */
  play(seconds: number): void {
    const sound = this.renderRoot.querySelector("audio");
    if (!sound) return;
    sound.currentTime = Math.max(0, seconds - BACK_S);
    this.follower.show(seconds);
    sound.play().catch(() => undefined); // without a click before, browsers do not play
  }
}

customElements.define("cf-recording", Detail);
