/** The picture of a room and the mark of an account: colours that follow from who and what it is, always the same. */
import type { JSX } from "preact";

/** 32 bits of a string: FNV-1a, stirred so that one digit changes everything. */
function scatter(seed: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < seed.length; at++) hash = Math.imul(hash ^ seed.charCodeAt(at), 0x01000193);
  for (const factor of [0x85ebca6b, 0xc2b2ae35]) {
    hash = Math.imul(hash ^ (hash >>> 15), factor);
  }
  return (hash ^ (hash >>> 16)) >>> 0;
}

function hues(seed: string): { hue: number; other: number; x: number; y: number } {
  const bits = scatter(seed.toLowerCase());
  const hue = bits % 360;
  return { hue, other: (hue + 40 + ((bits >>> 9) % 60)) % 360, x: (bits >>> 16) % 100, y: (bits >>> 23) % 100 };
}

/** The same as style properties. */
export function colours(seed: string): Record<string, string> {
  const { hue, other, x, y } = hues(seed);
  return { "--hue": String(hue), "--other": String(other), "--x": `${x}%`, "--y": `${y}%` };
}

/** What a room's picture follows from. */
export const seedOf = (room: { host: string; room_id: string }): string => room.host + room.room_id;

export function RoomArt({ seed, children }: { seed: string; children?: JSX.Element | JSX.Element[] }) {
  return (
    <div class="art" style={colours(seed)}>
      {children}
    </div>
  );
}

/** A small round mark for an account. */
export function AccountMark({ address }: { address: string }): JSX.Element {
  const { hue, other } = hues(address);
  return <span class="mark" aria-hidden="true" style={{ "--hue": String(hue), "--other": String(other) }} />;
}
