/** An account, short, with its mark; whole for screen readers and on hover. */
import type { JSX } from "preact";
import { AccountMark } from "./identicon";

export const shortAddress = (address: string): string => `${address.slice(0, 6)}…${address.slice(-4)}`;

export function ShortAddress({ of, name }: { of: string; name?: string | undefined }): JSX.Element {
  return (
    <span class="address" title={of}>
      <AccountMark address={of} />
      <span>{name ?? shortAddress(of)}</span>
    </span>
  );
}
