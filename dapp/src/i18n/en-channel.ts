/** English: a host's channel. */
export const channel = {
  channel: {
    liveNow: "Live now",
    next: "Up next",
    last: "Most recent room",
    openNow: "Open now",
    watch: "Watch",
    openRoom: "Open room",
    calendar: "Add to calendar",
    upcoming: "Coming up",
    nothing: "Nothing is planned right now. When this host goes live, it appears here automatically.",
    unknown: "This host has no rooms yet",
    unknownMore: "Check the link with the person who sent it to you. A new room appears here automatically.",
    yours:
      "This is your channel. Share its link once: it always leads to the room you’re live in, or to your next one.",
    presenceUnknown: "We can’t tell right now whether this host is live. Open the room to see.",
    share: "Share this channel",
  },
};
