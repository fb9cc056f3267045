/** Texts in English and German, numbers and durations as people of each language write them. */

import type { AgentState, Formula, Stage } from "./types.js";

export type Language = "en" | "de";

const en = {
  title: "Wallboard",
  queues: "Queues",
  agents: "Agents",
  lines: "Lines",
  calls: "Calls",
  waiting: "waiting",
  longest: "longest wait",
  nobody: "nobody waits",
  level: "service level",
  answered: "answered",
  abandoned: "abandoned",
  short: "{n} short",
  estimate: "expected wait",
  none: "–",
  late: "over {s} s",
  minutes: "{low}–{high} min",
  lessThan: "under {high} min",
  about: "about {high} min",
  hold: "on hold",
  recording: "recorded",
  inFlow: "In the call flow",
  callsNow: "Calls now",
  loggedOut: "{n} logged out",
  noAgents: "No agents are set up yet. Add them to site.toml.",
  allOut: "Nobody is logged in.",
  noQueues: "No queues are set up yet. Add them to site.toml.",
  lost: "Connection to the box lost",
  lostHelp: "The figures below are as they were. This page comes back by itself.",
  coreDown: "The core is not running",
  coreDownHelp: "No calls are taken until it is back. The figures below are as they were.",
  coreNever: "Waiting for the core",
  since: "since {time}",
  for: "for",
  trouble: "Trouble",
  more: "and {n} more",
  theme: "Colours: {now}",
  auto: "as the system",
  dark: "dark",
  light: "light",
  languageSwitch: "Deutsch",
  logout: "Log out",
  recordings: "Recordings",
  page: "Page {page} of {pages}",
  previous: "Previous page",
  next: "Next page",
  pause: "Stop turning pages",
  play: "Turn pages",
  connecting: "Connecting to the box …",
  loginTitle: "Log in to this floor",
  loginLabel: "Access token",
  loginHelp: "Made on the box with: callfloor token create",
  loginButton: "Log in",
  loginBusy: "Checking …",
  loginOffline: "The box does not answer. Check the network and try again.",
  line_up: "up",
  line_down: "down",
  line_disabled: "off",
  line_unknown: "not checked yet",
  percent: "{n} %",
};

const de: typeof en = {
  title: "Wallboard",
  queues: "Warteschlangen",
  agents: "Agenten",
  lines: "Leitungen",
  calls: "Anrufe",
  waiting: "wartend",
  longest: "längste Wartezeit",
  nobody: "niemand wartet",
  level: "Servicelevel",
  answered: "angenommen",
  abandoned: "aufgelegt",
  short: "{n} kurz",
  estimate: "Wartezeit ca.",
  none: "–",
  late: "über {s} s",
  minutes: "{low}–{high} min",
  lessThan: "unter {high} min",
  about: "etwa {high} min",
  hold: "gehalten",
  recording: "Aufnahme",
  inFlow: "In der Ansage",
  callsNow: "Anrufe jetzt",
  loggedOut: "{n} abgemeldet",
  noAgents: "Es sind noch keine Agenten eingerichtet. Tragen Sie sie in site.toml ein.",
  allOut: "Niemand ist angemeldet.",
  noQueues: "Es sind noch keine Warteschlangen eingerichtet. Tragen Sie sie in site.toml ein.",
  lost: "Keine Verbindung zur Box",
  lostHelp: "Die Zahlen unten sind der letzte Stand. Die Seite kommt von selbst zurück.",
  coreDown: "Der Kern läuft nicht",
  coreDownHelp: "Bis er zurück ist, werden keine Anrufe angenommen. Die Zahlen sind der letzte Stand.",
  coreNever: "Warten auf den Kern",
  since: "seit {time}",
  for: "seit",
  trouble: "Störung",
  more: "und {n} weitere",
  theme: "Farben: {now}",
  auto: "wie das System",
  dark: "dunkel",
  light: "hell",
  languageSwitch: "English",
  logout: "Abmelden",
  recordings: "Aufnahmen",
  page: "Seite {page} von {pages}",
  previous: "Vorige Seite",
  next: "Nächste Seite",
  pause: "Nicht mehr blättern",
  play: "Blättern",
  connecting: "Verbindung zur Box wird aufgebaut …",
  loginTitle: "Anmeldung",
  loginLabel: "Zugangsschlüssel",
  loginHelp: "Auf der Box erzeugt mit: callfloor token create",
  loginButton: "Anmelden",
  loginBusy: "Wird geprüft …",
  loginOffline: "Die Box antwortet nicht. Prüfen Sie das Netz und versuchen Sie es noch einmal.",
  line_up: "in Betrieb",
  line_down: "gestört",
  line_disabled: "aus",
  line_unknown: "noch nicht geprüft",
  percent: "{n} %",
};

const states: Record<Language, Record<AgentState, string>> = {
  en: {
    logged_out: "Logged out", ready: "Ready", ringing: "Ringing", talking: "Talking",
    wrap_up: "Wrap-up", paused: "Paused", not_ready: "Not ready",
  },
  de: {
    logged_out: "Abgemeldet", ready: "Bereit", ringing: "Klingelt", talking: "Im Gespräch",
    wrap_up: "Nacharbeit", paused: "Pause", not_ready: "Nicht bereit",
  },
};

const stages: Record<Language, Record<Stage, string>> = {
  en: {
    arriving: "arriving", flow: "in the flow", queue: "waiting", ringing: "ringing",
    talking: "talking", conference: "conference", outside: "outside", voicemail: "voicemail",
    leaving: "leaving",
  },
  de: {
    arriving: "kommt an", flow: "in der Ansage", queue: "wartend", ringing: "klingelnd",
    talking: "im Gespräch", conference: "Konferenz", outside: "extern", voicemail: "Mailbox",
    leaving: "endet",
  },
};

const formulas: Record<Language, Record<Formula, string>> = {
  en: {
    answered_and_abandoned: "(answered + abandoned within {s} s) ÷ (answered + abandoned)",
    answered_only: "answered within {s} s ÷ answered",
    all_offered: "answered within {s} s ÷ (answered + abandoned)",
    late_abandons: "answered within {s} s ÷ (answered + abandoned after {s} s)",
    short_abandons: "(answered within {s} s + short abandons) ÷ (answered + abandoned)",
  },
  de: {
    answered_and_abandoned: "(angenommen + aufgelegt in {s} s) ÷ (angenommen + aufgelegt)",
    answered_only: "angenommen in {s} s ÷ angenommen",
    all_offered: "angenommen in {s} s ÷ (angenommen + aufgelegt)",
    late_abandons: "angenommen in {s} s ÷ (angenommen + aufgelegt nach {s} s)",
    short_abandons: "(angenommen in {s} s + kurz aufgelegt) ÷ (angenommen + aufgelegt)",
  },
};

const words: Record<Language, typeof en> = { en, de };

export type Key = keyof typeof en;

export class Texts {
  constructor(readonly language: Language) {}

  t(key: Key, values: Record<string, string | number> = {}): string {
    return words[this.language][key].replace(/\{(\w+)\}/g, (_, name: string) =>
      String(values[name] ?? ""),
    );
  }

  state(state: AgentState): string {
    return states[this.language][state];
  }

  stage(stage: Stage): string {
    return stages[this.language][stage];
  }

  formula(formula: Formula, seconds: number): string {
    return formulas[this.language][formula].replaceAll("{s}", String(seconds));
  }

  number(value: number, digits = 0): string {
    return value.toLocaleString(this.language, {
      minimumFractionDigits: 0,
      maximumFractionDigits: digits,
    });
  }

  clock(ms: number, timeZone: string): string {
    return new Date(ms).toLocaleTimeString(this.language === "de" ? "de-DE" : "en-GB", {
      hour: "2-digit",
      minute: "2-digit",
      timeZone,
    });
  }

  /** A wait range in whole minutes. */
  range(low: number | null, high: number | null): string {
    if (high === null) return this.t("none");
    const [from, to] = [Math.floor((low ?? 0) / 60), Math.max(1, Math.ceil(high / 60))];
    if (from === 0) return this.t("lessThan", { high: to });
    return from === to ? this.t("about", { high: to }) : this.t("minutes", { low: from, high: to });
  }
}

/** 7 s is 0:07, then 12:34, from one hour 1:02:03. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const tail = String(s).padStart(2, "0");
  return h > 0 ? `${h}:${String(m).padStart(2, "0")}:${tail}` : `${m}:${tail}`;
}
