/** The words of a channel beside the common ones; loaded with its page alone. */
import { channel as en } from "./en-channel";
import { useWords } from "./index";
import { channel as vi } from "./vi-channel";

const channelWords = { en, vi };

export const useChannelText = (): typeof channelWords.en => useWords(channelWords);
