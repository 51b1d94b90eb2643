/** Copying to the clipboard, and whether it was done a moment ago. */
import { useEffect, useState } from "preact/hooks";

/** `byHand`: for where it is not allowed, or not there (plain http), so that the person copies. */
export function useCopy(value: string, byHand: () => void): { copied: boolean; copy: () => Promise<void> } {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  async function copy() {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      byHand();
    }
  }
  return { copied, copy };
}
