/** Texts of this page in English and German. */

import { duration, type Language } from "../text.js";
import type { Recording } from "./api.js";

const en = {
  title: "Recordings",
  wallboard: "Wallboard",
  search: "Search what was said",
  searchHelp: 'Words, "a phrase", the beginning of a word*, or -not',
  find: "Search",
  clear: "Show all recordings",
  list: "Recordings",
  results: "Search results",
  older: "Older recordings",
  moreResults: "More results",
  count: "{n} recordings shown",
  countOne: "1 recording shown",
  found: "{n} recordings found",
  foundOne: "1 recording found",
  foundMore: "{n} recordings shown, there are more",
  none: "There are no recordings yet. A queue records its calls with record = true in site.toml.",
  nothing: "Nobody said this in a recording that has become text: {q}",
  open: 'A quotation mark is open. Write "credit card".',
  star: "A * stands after the beginning of a word. Write refund*.",
  excluded: "There is only what must not be said. Write a word that was said, too.",
  empty: 'There is no word to search for. Write a word, "a phrase" or the beginning of a word*.',
  many: "These are too many words. Write a phrase in quotation marks.",
  choose: "Choose a recording to hear and read it.",
  anonymous: "Anonymous",
  unknown: "Unknown number",
  voicemail: "Voicemail",
  caller: "Caller",
  floor: "Agent",
  back: "Back to the list",
  playFrom: "Play from {at}, {who}",
  more: "and {n} more places",
  loading: "Loading …",
  again: "Try again",
  offline: "The box does not answer. Check the network and try again.",
  sound: "The sound cannot be played. The recording may be damaged or deleted.",
  forbidden: "Recordings are for supervisors and technicians.",
  logout: "Log out",
  theme: "Colours: {now}",
  auto: "as the system",
  dark: "dark",
  light: "light",
  languageSwitch: "Deutsch",
  off: "No text: [speech] transcribe in site.toml does not want one.",
  no_model: "No text: there is no speech model for the caller's language (callfloor models list).",
  waiting: "No text yet. It is made while the floor is quiet.",
  failed: "No text with the model {model}: {cause}",
  silent: "Nobody says anything that the model {model} understands.",
  by: "Text by {model}",
  commands:
    "This model knows a few hundred words only. For free speech fetch another one: callfloor models list.",
  unsure: "uncertain",
  shortOff: "no text",
  shortWaiting: "text to come",
  shortFailed: "text failed",
};

const de: typeof en = {
  title: "Aufnahmen",
  wallboard: "Wallboard",
  search: "Gesagtes durchsuchen",
  searchHelp: 'Wörter, "eine Wortfolge", ein Wortanfang* oder -nicht',
  find: "Suchen",
  clear: "Alle Aufnahmen zeigen",
  list: "Aufnahmen",
  results: "Suchergebnisse",
  older: "Ältere Aufnahmen",
  moreResults: "Weitere Ergebnisse",
  count: "{n} Aufnahmen angezeigt",
  countOne: "1 Aufnahme angezeigt",
  found: "{n} Aufnahmen gefunden",
  foundOne: "1 Aufnahme gefunden",
  foundMore: "{n} Aufnahmen angezeigt, es gibt weitere",
  none: "Es gibt noch keine Aufnahmen. Eine Warteschlange nimmt mit record = true in site.toml auf.",
  nothing: "Das hat niemand in einer Aufnahme gesagt, die zu Text geworden ist: {q}",
  open: 'Ein Anführungszeichen ist offen. Schreiben Sie "neuer Vertrag".',
  star: "Ein * steht nach einem Wortanfang. Schreiben Sie Rechnung*.",
  excluded: "Da steht nur, was nicht gesagt sein darf. Schreiben Sie auch ein Wort, das gesagt wurde.",
  empty: 'Da steht kein Wort. Schreiben Sie ein Wort, "eine Wortfolge" oder einen Wortanfang*.',
  many: "Das sind zu viele Wörter. Schreiben Sie eine Wortfolge in Anführungszeichen.",
  choose: "Wählen Sie eine Aufnahme, um sie zu hören und zu lesen.",
  anonymous: "Anonym",
  unknown: "Unbekannte Nummer",
  voicemail: "Mailbox",
  caller: "Anrufer",
  floor: "Agent",
  back: "Zurück zur Liste",
  playFrom: "Ab {at} abspielen, {who}",
  more: "und {n} weitere Stellen",
  loading: "Wird geladen …",
  again: "Noch einmal versuchen",
  offline: "Die Box antwortet nicht. Prüfen Sie das Netz und versuchen Sie es noch einmal.",
  sound: "Der Ton kann nicht abgespielt werden. Die Aufnahme ist vielleicht beschädigt oder gelöscht.",
  forbidden: "Aufnahmen sind für Supervisoren und Techniker.",
  logout: "Abmelden",
  theme: "Farben: {now}",
  auto: "wie das System",
  dark: "dunkel",
  light: "hell",
  languageSwitch: "English",
  off: "Kein Text: [speech] transcribe in site.toml verlangt keinen.",
  no_model: "Kein Text: Für die Sprache des Anrufers gibt es kein Sprachmodell (callfloor models list).",
  waiting: "Noch kein Text. Er entsteht, wenn wenig los ist.",
  failed: "Kein Text mit dem Modell {model}: {cause}",
  silent: "Niemand sagt etwas, das das Modell {model} versteht.",
  by: "Text von {model}",
  commands:
    "Dieses Modell kennt nur einige hundert Wörter. Für freie Rede holen Sie ein anderes: callfloor models list.",
  unsure: "unsicher",
  shortOff: "kein Text",
  shortWaiting: "Text folgt",
  shortFailed: "Text misslungen",
};

const all: Record<Language, typeof en> = { en, de };

export type Key = keyof typeof en;

export class Words {
  constructor(
    readonly language: Language,
    readonly zone: string,
  ) {}

  t(key: Key, values: Record<string, string | number> = {}): string {
    return all[this.language][key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
  }

  /** 0:14 */
  at(seconds: number): string {
    return duration(seconds * 1000);
  }

  day(us: number): string {
    return this.date(us, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
  }

  time(us: number): string {
    return this.date(us, { hour: "2-digit", minute: "2-digit" });
  }

  who(one: Recording): string {
    if (one.anonymous) return this.t("anonymous");
    return [one.caller_name, one.caller].filter(Boolean).join(" · ") || this.t("unknown");
  }

  /** Where it came to: mailbox, or agents and queues. */
  where(one: Recording): string {
    if (one.kind === "voicemail") return [this.t("voicemail"), one.mailbox].filter(Boolean).join(" · ");
    const names = [...one.agents, ...one.queues].map((each) => each.name);
    return names.join(" · ");
  }

  speaker(one: Recording, channel: "caller" | "floor"): string {
    if (channel === "caller") return this.t("caller");
    const [only, ...others] = one.agents;
    return only && others.length === 0 ? only.name : this.t("floor");
  }

  private date(us: number, how: Intl.DateTimeFormatOptions): string {
    const locale = this.language === "de" ? "de-DE" : "en-GB";
    return new Date(us / 1000).toLocaleString(locale, { ...how, timeZone: this.zone });
  }
}
