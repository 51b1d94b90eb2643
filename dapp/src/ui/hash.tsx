/** A hash, short, that copies itself whole, or else shows itself whole. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useText } from "../i18n";
import { Icon } from "./icons";

export function Hash({ of, label }: { of: string; label: string }): JSX.Element {
  const t = useText();
  const [copied, setCopied] = useState(false);
  const [whole, setWhole] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(of);
      setCopied(true);
    } catch {
      setWhole(true); // not allowed, or not there (plain http): the person copies it
    }
  }
  return (
    <button type="button" class="hash mono" title={of} onClick={() => void copy()}>
      <span class="sr">{t.common.copyOf(label)} </span>
      <span class="wrap">{whole ? of : `${of.slice(0, 8)}…${of.slice(-6)}`}</span>{" "}
      <Icon name={copied ? "check" : "copy"} />
    </button>
  );
}
