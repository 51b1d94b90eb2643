/** What went wrong, in words, and what to do. */
import type { JSX } from "preact";
import type { Failure } from "../contract/reverts";
import { useText, type Catalogue } from "../i18n";
import { dateTime, ether, useLanguage } from "../i18n/format";

export function failureWords(t: Catalogue, failure: Failure, when: (at: number) => string): string {
  switch (failure.kind) {
    case "declined":
      return t.trouble.declined;
    case "funds":
      return t.trouble.funds;
    case "chain":
      return t.wallet.wrongChain;
    case "unreachable":
      return t.trouble.node;
    case "keys":
      return t.trouble.keys;
    case "other":
      return `${t.trouble.other} ${failure.message}`;
    case "revert":
      return revertWords(t, failure.name, failure.args, when);
  }
}

function revertWords(t: Catalogue, name: string, args: readonly unknown[], when: (at: number) => string): string {
  const words = t.reverts;
  switch (name) {
    case "RekeyTooSoon":
      return words.RekeyTooSoon(when(Number(args[1])));
    case "TooManyOpenRooms":
      return words.TooManyOpenRooms(Number(args[1]));
    case "WrongPayment":
      return words.WrongPayment(ether(BigInt(args[0] as bigint)));
    case "RoomNotOpen":
    case "RoomUnknown":
    case "NotHost":
    case "NotPendingHost":
    case "OperatorNotAccepting":
    case "CreationPaused":
    case "TooManyRoomEvents":
    case "TitleTooLong":
    case "NothingToWithdraw":
    case "Reverted":
      return words[name];
    default:
      return words.unknown(name);
  }
}

export function Trouble({ failure }: { failure: Failure | null }): JSX.Element | null {
  const t = useText();
  const lang = useLanguage();
  if (failure === null) return null;
  const calm = failure.kind === "declined";
  return (
    <p class={`note ${calm ? "" : "bad"} wrap`} role={calm ? "status" : "alert"}>
      {failureWords(t, failure, (at) => dateTime(at, lang))}
    </p>
  );
}
