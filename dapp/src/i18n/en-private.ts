/** What a viewer of a private room reads; docs/page.md has the terms. */
export const privateRoom = {
  playback: {
    checking: "Checking whether you can watch…",
    kinds: {
      invitation: { title: "By invitation only", more: "You need a link from the host. Open it in this browser." },
      gate: {
        title: "For token holders only",
        more: "Sign in with a wallet that holds the token, or open a link from the host.",
      },
    },
    token: "Token contract:",
    invited: "The host invited you",
    invitedMore: "You don’t need a wallet.",
    enter: "Enter",
    attendance: (days: string) =>
      `The host sees that you were here and when, by your link’s number or your wallet’s address. This record is kept for ${days} days, then deleted. The operator’s moderators can watch, too.`,
    attendanceSome:
      "The host sees that you were here and when, by your link’s number or your wallet’s address. This record is deleted after some time. The operator’s moderators can watch, too.",
    signIn: "Sign in with wallet",
    signInMore: "You sign one text. It’s not a transaction, and there’s no gas to pay.",
    signInAs: (address: string) => `Sign in as ${address}`,
    hosts: "Hosts and moderators sign in with their wallet.",
    signing: "Sign the text in your wallet",
    signingMore: "Nothing happens until you do. The text is valid for five minutes.",
    signingAsked: "Preparing the text to sign…",
    otherWallet: "Use another wallet",
    useHere: "Use here",
    asModerator: "Moderator",
    moderated: "A moderator is watching",
    asHost: "Host",
    none: "This room can’t be watched here",
    noneMore: "Its operator doesn’t offer private viewing on this site.",
    away: {
      unreachable: {
        title: "Can’t let you in yet",
        more: "The service that lets viewers in doesn’t respond. Check your connection. You’ll get in automatically.",
      },
      crowded: { title: "Many people are entering", more: "You’ll get in automatically. Just wait a moment." },
      node: {
        title: "Can’t check the blockchain right now",
        more: "Your right to watch can’t be checked at the moment. You’ll get in automatically.",
      },
      broken: {
        title: "The service that lets viewers in has a problem",
        more: "You’ll get in automatically as soon as it works again.",
      },
    },
    refused: {
      "session-invalid": {
        title: "You need to enter again",
        more: "The service no longer accepts your earlier entry.",
      },
      "session-over": { title: "Your entry has expired", more: "Enter again to keep watching." },
      "origin-refused": {
        title: "Private rooms don’t play on this site",
        more: "The operator allows them only on its own sites. Open the link exactly as you received it.",
      },
      "proof-invalid": {
        title: "The signature doesn’t match your wallet",
        more: "Sign again with the account that you chose here.",
      },
      "nonce-used": {
        title: "The text is no longer valid",
        more: "It can be used once, within five minutes. Sign a new one.",
      },
      "not-a-holder": {
        title: "This wallet doesn’t hold the token",
        more: "Use a wallet that does. If you just got it, wait until the transaction is confirmed.",
      },
      lost: {
        title: "You no longer hold the token",
        more: "It was sold or moved, so the video stopped. It will continue if the token returns to this wallet.",
      },
      "invitation-malformed": {
        title: "This link is incomplete",
        more: "It was probably cut off on its way. Ask the host to send it again.",
      },
      "invitation-invalid": { title: "This link isn’t valid for this room", more: "Ask the host for a new one." },
      "invitation-early": { title: "This link isn’t valid yet", more: "You’ll get in automatically when it is." },
      "invitation-over": { title: "This link has expired", more: "Ask the host for a new one." },
      "invitation-revoked": {
        title: "The host has withdrawn this link",
        more: "Ask the host if you think it’s a mistake.",
      },
      "host-changed": {
        title: "This room has a new host",
        more: "The former host’s links no longer work. Ask the new host for one.",
      },
      "host-must-return": {
        title: "The host needs to confirm the links",
        more: "The service was set up again. As soon as the host opens the studio, you’ll get in automatically.",
      },
      "opened-elsewhere": {
        title: "Opened on another device",
        more: "The same link or wallet is being used elsewhere, so the video stopped here.",
      },
      "seats-taken": {
        title: "No seats left",
        more: "All seats of this link or wallet are taken. You’ll get in automatically when one is free.",
      },
      "door-closed": {
        title: "The host has closed the door",
        more: "Only those already inside can watch. You’ll get in automatically if it opens.",
      },
      "seat-removed": {
        title: "The host has removed you from this room",
        more: "Ask the host if you think it’s a mistake.",
      },
      "link-waits": {
        title: "Waiting for the host’s approval",
        more: "This link was opened on many devices. You’ll get in automatically when the host approves.",
      },
      "room-unknown": { title: "The room isn’t ready yet", more: "You’ll get in automatically." },
      "other-operator": {
        title: "This room belongs to another operator",
        more: "The service set up here can’t let anyone in. Tell the operator.",
      },
      "room-public": { title: "This room is open to everyone", more: "The video will start automatically." },
      "room-ended": { title: "This room has ended", more: "There’s nothing more to watch here." },
      other: { title: "You can’t enter right now", more: "Trying again…" },
    },
    opens: (when: string) => `You can enter from ${when}.`,
    openWindow: "Sign in in a new window",
    openWindowMore: "The video then plays here.",
    openedWindow: "Continue in the window that opened",
    openPage: "Open the room’s page",
    locked: "This site locks the player in",
    lockedMore: "Inside such a frame nobody can be recognized. Watch on the room’s own page.",
    recordingsMore: "Only those who may watch this room can play its recordings.",
    noRecordings: "There are no recordings of this room.",
    handedOver: "You’re in. You can close this window.",
  },
};
