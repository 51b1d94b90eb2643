/** A value with a button that copies it. A secret one is covered until it is asked for. */
import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import { useText } from "../i18n";
import { Icon } from "./icons";

interface Props {
  label: string;
  value: string;
  secret?: boolean;
}

export function CopyField({ label, value, secret }: Props): JSX.Element {
  const t = useText();
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const [copied, setCopied] = useState(false);
  const [shown, setShown] = useState(secret !== true);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2000);
    return () => clearTimeout(timer);
  }, [copied]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      field.current?.select(); // not allowed, or not there (plain http): the person copies it
    }
  }
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="copy">
        <input
          ref={field}
          id={id}
          readOnly
          {...(shown ? { type: "text" as const } : { type: "password" as const })}
          value={value}
          autoComplete="off"
          spellcheck={false}
          onFocus={(event) => event.currentTarget.select()}
        />
        {secret === true && (
          <button
            type="button"
            class="tool"
            onClick={() => setShown(!shown)}
            aria-label={shown ? t.common.hide : t.common.show}
            aria-pressed={shown}
          >
            <Icon name="eye" />
          </button>
        )}
        <button type="button" class="tool" onClick={() => void copy()} aria-label={t.common.copyOf(label)}>
          <Icon name={copied ? "check" : "copy"} />
        </button>
      </div>
      <span class="sr" role="status">
        {copied ? t.common.copied : ""}
      </span>
    </div>
  );
}
