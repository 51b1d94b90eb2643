/** A room's picture: two colours that follow from its host and number, always the same. */
import type { JSX } from "preact";

/** 32 bits of a string (FNV-1a). */
export function scatter(seed: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < seed.length; at++) hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}

export function hues(seed: string): { hue: number; other: number; x: number; y: number } {
  const bits = scatter(seed.toLowerCase());
  const hue = bits % 360;
  return { hue, other: (hue + 40 + ((bits >>> 9) % 60)) % 360, x: (bits >>> 16) % 100, y: (bits >>> 23) % 100 };
}

export function Art({ seed, children }: { seed: string; children?: JSX.Element | JSX.Element[] }) {
  const { hue, other, x, y } = hues(seed);
  return (
    <div
      class="art"
      style={{ "--hue": String(hue), "--other": String(other), "--x": `${x}%`, "--y": `${y}%` }}
    >
      {children}
    </div>
  );
}

/** A small round mark for an account. */
export function Mark({ address }: { address: string }): JSX.Element {
  const { hue, other } = hues(address);
  return <span class="mark" aria-hidden="true" style={{ "--hue": String(hue), "--other": String(other) }} />;
}
