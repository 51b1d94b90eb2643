/** Why a transaction or a wallet failed, in words, and what to do. */
import type { JSX } from "preact";
import { isZero } from "../base/hex";
import type { Failure } from "../contract/failures";
import { type Catalogue, type Language, useText } from "../i18n";
import { count, dateTime, etherAmount, useLanguage } from "../i18n/format";

export function failureText(t: Catalogue, failure: Failure, lang: Language): string {
  switch (failure.kind) {
    case "declined":
    case "waiting":
    case "unauthorized":
    case "disconnected":
    case "unsupported":
    case "funds":
    case "dearer":
    case "begun":
    case "stopped":
    case "replaced":
    case "lost":
      return t.failure[failure.kind];
    case "keys":
      return t.failure.keys[failure.why];
    case "by-hand":
      return t.failure.byHand(failure.chainId);
    case "https":
      return t.failure.https(failure.chainId);
    case "chain":
      return t.wallet.wrongChain;
    case "part":
      return `${t.common.unreachable}.`;
    case "unreachable":
      return t.failure.node;
    case "other":
      return failure.message === "" ? t.failure.noReason : `${t.failure.other} ${failure.message}`;
    case "revert":
      return revertText(t, failure.name, failure.args, lang);
  }
}

/** A sentence of the catalogue under the error's name; some are made of its arguments. */
export function revertText(t: Catalogue, name: string, args: readonly unknown[], lang: Language): string {
  const words = t.reverts;
  const ether = (at: number) => etherAmount(args[at] as bigint, lang);
  switch (name) {
    case "RekeyTooSoon":
      return words.RekeyTooSoon(dateTime(Number(args[1]), lang));
    case "TooManyOpenRooms":
      return words.TooManyOpenRooms(count(Number(args[1]), lang));
    case "WrongPayment":
      return words.WrongPayment(ether(0), ether(1), ether(2));
    case "RegistryRetired":
      return words.RegistryRetired(typeof args[0] === "string" && !isZero(args[0]) ? args[0] : "");
  }
  const sentence = Object.hasOwn(words, name) ? words[name as keyof typeof words] : null;
  return typeof sentence === "string" ? sentence : words.unknown(name);
}

export function FailureNote({ failure }: { failure: Failure | null }): JSX.Element | null {
  const t = useText();
  const lang = useLanguage();
  if (failure === null) return null;
  const calm = ["declined", "waiting", "dearer", "begun", "stopped"].includes(failure.kind);
  return (
    <p class={`note ${calm ? "" : "bad"} wrap`} role={calm ? "status" : "alert"}>
      {failureText(t, failure, lang)}
    </p>
  );
}
