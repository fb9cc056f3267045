/** Colours and language, kept in this browser. Nothing secret is kept here. */

import type { Language } from "./text.js";

export type Theme = "auto" | "dark" | "light";

const THEMES: readonly Theme[] = ["auto", "dark", "light"];

export function theme(): Theme {
  const kept = read("theme");
  return THEMES.find((each) => each === kept) ?? "auto";
}

export function nextTheme(): Theme {
  const next = THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length] ?? "auto";
  write("theme", next);
  applyTheme();
  return next;
}

export function applyTheme(): void {
  const now = theme();
  if (now === "auto") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", now);
}

/** What was chosen here, else the site's language, else the browser's. */
export function language(site?: string): Language {
  for (const each of [read("language"), site, navigator.language.slice(0, 2)]) {
    if (each === "de" || each === "en") return each;
  }
  return "en";
}

export function chooseLanguage(chosen: Language): void {
  write("language", chosen);
}

function read(key: string): string | null {
  try {
    return localStorage.getItem(`callfloor.${key}`);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(`callfloor.${key}`, value);
  } catch {
    // a private window: the choice holds until the page is closed
  }
}
