/**
 * Numbers, amounts and times, as the reader's language writes them. Every number that a person reads goes
 * through here, except identifiers (chain, operator, terms) and what is typed elsewhere as it stands (OBS).
 */
import { useEffect, useState } from "preact/hooks";
import { useStore } from "../base/store";
import { ether } from "../base/units";
import { type Language, language } from "./index";

const LOCALES: Record<Language, string> = { vi: "vi-VN", en: "en-GB" };

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** "5 minutes ago" of unix seconds; `recent` for less than a minute. */
export function ago(at: number, now: number, lang: Language, recent: string): string {
  const format = new Intl.RelativeTimeFormat(LOCALES[lang], { numeric: "auto" });
  const passed = at - now;
  for (const [unit, seconds] of UNITS) {
    if (Math.abs(passed) < seconds) continue;
    // "Ngày mai", which stands within sentences
    return format.format(Math.trunc(passed / seconds), unit).toLocaleLowerCase(LOCALES[lang]);
  }
  return recent;
}

/** "24 hours", "10 minutes" or "90 seconds": the largest unit that tells it whole. */
export function duration(seconds: number, lang: Language): string {
  const unit = seconds > 0 && seconds % 3600 === 0 ? "hour" : seconds > 0 && seconds % 60 === 0 ? "minute" : "second";
  const value = seconds / { hour: 3600, minute: 60, second: 1 }[unit];
  return new Intl.NumberFormat(LOCALES[lang], { style: "unit", unit, unitDisplay: "long" }).format(value);
}

/** The same of how long somebody was there: in whole minutes, at least one. */
export const stayed = (seconds: number, lang: Language): string =>
  duration(60 * Math.max(1, Math.round(seconds / 60)), lang);

// "14:05 29/11/2026" is how Vietnamese is written; its "medium" has half a word for a month
const MOMENT: Record<Language, Intl.DateTimeFormatOptions> = {
  vi: { day: "2-digit", month: "2-digit", year: "numeric", hour: "2-digit", minute: "2-digit" },
  en: { dateStyle: "medium", timeStyle: "short" },
};

export function dateTime(at: number, lang: Language): string {
  return new Intl.DateTimeFormat(LOCALES[lang], MOMENT[lang]).format(at * 1000);
}

export function count(value: number, lang: Language): string {
  return new Intl.NumberFormat(LOCALES[lang]).format(value);
}

/** "Vietnamese" of "vi"; the code itself where it has no name. */
export function languageName(code: string, lang: Language): string {
  try {
    return new Intl.DisplayNames(LOCALES[lang], { type: "language" }).of(code) ?? code;
  } catch {
    return code; // no code at all
  }
}

/** Wei as ether, every digit of it: "1,234.5" in English, "1.234,5" in Vietnamese. */
export function etherAmount(wei: bigint, lang: Language): string {
  const format = new Intl.NumberFormat(LOCALES[lang]);
  const [whole = "0", decimals] = ether(wei).split(".");
  const grouped = format.format(BigInt(whole));
  if (decimals === undefined) return grouped;
  const separator = format.formatToParts(0.5).find(({ type }) => type === "decimal")?.value ?? ".";
  return `${grouped}${separator}${decimals}`;
}

/** "1:02:03" or "2:03" of seconds. */
export function elapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, "0"));
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${parts.join(":")}` : `${Number(parts[0])}:${parts[1]}`;
}

/** Unix seconds, renewed every `seconds`. */
export function useNow(seconds: number): number {
  const [now, setNow] = useState(() => Date.now() / 1000);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now() / 1000), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
  return now;
}

export const useLanguage = (): Language => useStore(language);
