/** The words of private rooms' viewers beside the common ones; loaded when such a room is looked at. */
import { privateRoom as en } from "./en-private";
import { useWords } from "./index";
import { privateRoom as vi } from "./vi-private";

const privateWords = { en, vi };

export type PrivateCatalogue = typeof privateWords.en;

export const usePrivateText = (): PrivateCatalogue => useWords(privateWords);
