/** Steps in their order: which are done, which one is under way. */
import type { JSX } from "preact";
import { Icon } from "./icons";

export interface StepLine {
  word: string;
  more?: string | undefined;
  state: "done" | "now" | "next";
}

export function Steps({ label, lines }: { label: string; lines: StepLine[] }): JSX.Element {
  return (
    <ol class="steps" aria-label={label}>
      {lines.map((line) => (
        <li key={line.word} class={line.state} aria-current={line.state === "now" ? "step" : undefined}>
          <span class="bullet" aria-hidden="true">
            {line.state === "done" && <Icon name="check" />}
          </span>
          <span>
            <strong>{line.word}</strong>
            {line.more !== undefined && <small>{line.more}</small>}
          </span>
        </li>
      ))}
    </ol>
  );
}
