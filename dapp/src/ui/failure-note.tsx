/** Why a transaction or a wallet failed, in words, and what to do. */
import type { JSX } from "preact";
import { ether } from "../base/units";
import type { Failure } from "../contract/failures";
import { type Catalogue, useText } from "../i18n";
import { dateTime, useLanguage } from "../i18n/format";

export function failureText(t: Catalogue, failure: Failure, when: (at: number) => string): string {
  switch (failure.kind) {
    case "declined":
      return t.failure.declined;
    case "funds":
      return t.failure.funds;
    case "chain":
      return t.wallet.wrongChain;
    case "unreachable":
      return t.failure.node;
    case "keys":
      return t.failure.keys;
    case "other":
      return `${t.failure.other} ${failure.message}`;
    case "revert":
      return revertText(t, failure.name, failure.args, when);
  }
}

/** A sentence of the catalogue under the error's name; some are made of its arguments. */
function revertText(t: Catalogue, name: string, args: readonly unknown[], when: (at: number) => string): string {
  const words = t.reverts;
  switch (name) {
    case "RekeyTooSoon":
      return words.RekeyTooSoon(when(Number(args[1])));
    case "TooManyOpenRooms":
      return words.TooManyOpenRooms(Number(args[1]));
    case "WrongPayment":
      return words.WrongPayment(ether(BigInt(args[0] as bigint)));
  }
  const sentence = Object.hasOwn(words, name) ? words[name as keyof typeof words] : null;
  return typeof sentence === "string" ? sentence : words.unknown(name);
}

export function FailureNote({ failure }: { failure: Failure | null }): JSX.Element | null {
  const t = useText();
  const lang = useLanguage();
  if (failure === null) return null;
  const calm = failure.kind === "declined";
  return (
    <p class={`note ${calm ? "" : "bad"} wrap`} role={calm ? "status" : "alert"}>
      {failureText(t, failure, (at) => dateTime(at, lang))}
    </p>
  );
}
