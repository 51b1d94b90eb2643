/**
 * The page in the reader's language. Promises: every string a person sees comes from a catalogue
 * (a test proves it), both catalogues have every string (the compiler proves it), and the choice is
 * remembered.
 */
import { recall, remember } from "../base/storage";
import { store, useStore } from "../base/store";
import { en } from "./en";
import { vi } from "./vi";

export type Language = "vi" | "en";
export type Catalogue = typeof en;

const CATALOGUES: Record<Language, Catalogue> = { vi, en };

function first(): Language {
  const kept = recall("language");
  if (kept === "vi" || kept === "en") return kept;
  for (const wanted of navigator.languages) {
    const language = wanted.slice(0, 2).toLowerCase();
    if (language === "vi" || language === "en") return language;
  }
  return "en";
}

export const language = store<Language>(first());

export function chooseLanguage(next: Language): void {
  remember("language", next);
  language.set(next);
}

/** The catalogue now, for code outside components. */
export const text = (): Catalogue => CATALOGUES[language.get()];

/** One language's words of several, in a component. */
export const useWords = <T>(words: Record<Language, T>): T => words[useStore(language)];

/** The catalogue, in a component. */
export const useText = (): Catalogue => useWords(CATALOGUES);

function mark(): void {
  document.documentElement.lang = language.get();
}

language.subscribe(mark);
mark();
