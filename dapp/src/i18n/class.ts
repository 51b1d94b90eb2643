/** The words of class lists beside the common ones; loaded with these alone. */
import { en } from "./en";
import { classes as enClasses } from "./en-class";
import { useWords } from "./index";
import { vi } from "./vi";
import { classes as viClasses } from "./vi-class";

const WORDS = { en: { ...en, ...enClasses }, vi: { ...vi, ...viClasses } };

export type ClassCatalogue = typeof WORDS.en;

export const useClassText = (): ClassCatalogue => useWords(WORDS);
