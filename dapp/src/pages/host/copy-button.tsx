/** Copies a value that is not shown; where that is not allowed, shows it to be copied by hand. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { useText } from "../../i18n";
import { CopyField } from "../../ui/copy-field";
import { Dialog } from "../../ui/dialog";
import { Icon } from "../../ui/icons";
import { useCopy } from "../../ui/use-copy";

export function CopyButton({ value, label }: { value: string; label: string }): JSX.Element {
  const t = useText();
  const [byHand, setByHand] = useState(false);
  const { copied, copy } = useCopy(value, () => setByHand(true));
  return (
    <>
      <button type="button" class="tool" onClick={() => void copy()} aria-label={label} title={label}>
        <Icon name={copied ? "check" : "copy"} />
      </button>
      <span class="sr" role="status">
        {copied ? t.common.copied : ""}
      </span>
      {byHand && (
        <Dialog title={label} onClose={() => setByHand(false)}>
          <CopyField label={label} value={value} whole />
        </Dialog>
      )}
    </>
  );
}
