/** An account, short, with its mark; whole for screen readers and on hover. */
import type { JSX } from "preact";
import { Mark } from "./identicon";

export const short = (address: string): string => `${address.slice(0, 6)}…${address.slice(-4)}`;

export function Address({ of, name }: { of: string; name?: string | undefined }): JSX.Element {
  return (
    <span class="address" title={of}>
      <Mark address={of} />
      <span>{name ?? short(of)}</span>
    </span>
  );
}
