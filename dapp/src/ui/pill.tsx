/** A state in a word. */
import type { JSX } from "preact";

export type Tone = "live" | "good" | "wait" | "off" | "bad";

export function Pill({ tone, children }: { tone: Tone; children: string }): JSX.Element {
  return (
    <span class={`pill ${tone}`}>
      <span class="dot" aria-hidden="true" />
      {children}
    </span>
  );
}
