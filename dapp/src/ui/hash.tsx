/** A hash, short, that copies itself whole. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useText } from "../i18n";
import { Icon } from "./icons";

export function Hash({ of, label }: { of: string; label: string }): JSX.Element {
  const t = useText();
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => void navigator.clipboard.writeText(of).then(() => setCopied(true));
  return (
    <button type="button" class="hash mono" title={of} onClick={copy}>
      <span class="sr">{t.common.copyOf(label)} </span>
      {`${of.slice(0, 8)}…${of.slice(-6)}`} <Icon name={copied ? "check" : "copy"} />
    </button>
  );
}
