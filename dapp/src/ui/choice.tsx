/** One of several, with a sentence about it. */
import type { JSX } from "preact";

interface ChoiceProps<T extends string> {
  name: string;
  value: T;
  chosen: T;
  choose: (value: T) => void;
  word: string;
  children: string;
}

export function Choice<T extends string>({ name, value, chosen, choose, word, children }: ChoiceProps<T>): JSX.Element {
  return (
    <label class="mode">
      <input type="radio" name={name} value={value} checked={chosen === value} onChange={() => choose(value)} />
      <span>
        <strong>{word}</strong>
        <small>{children}</small>
      </span>
    </label>
  );
}
