/**
 * A value with a button that copies it. A secret one is covered until it is asked for; any other is copied
 * without what is nobody else's (`base/scrub.ts`), unless giving that away is what it is for (`whole`).
 */
import type { JSX } from "preact";
import { useId, useRef, useState } from "preact/hooks";
import { scrub } from "../base/scrub";
import { useText } from "../i18n";
import { Icon } from "./icons";
import { useCopy } from "./use-copy";

interface Props {
  label: string;
  value: string;
  secret?: boolean;
  whole?: boolean;
}

export function CopyField({ label, value: given, secret, whole }: Props): JSX.Element {
  const t = useText();
  const value = secret === true || whole === true ? given : scrub(given);
  const id = useId();
  const field = useRef<HTMLInputElement>(null);
  const { copied, copy } = useCopy(value, () => field.current?.select());
  const [shown, setShown] = useState(secret !== true);
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
