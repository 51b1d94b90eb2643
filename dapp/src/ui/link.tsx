/** A link inside the page. */
import type { ComponentChildren, JSX } from "preact";
import { navigate } from "../base/router";

interface Props {
  to: string;
  class?: string;
  label?: string;
  current?: boolean;
  children: ComponentChildren;
}

export function Link({ to, children, label, current, ...rest }: Props): JSX.Element {
  function follow(event: MouseEvent) {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  }
  return (
    <a
      href={to}
      onClick={follow}
      aria-label={label}
      aria-current={current === true ? "page" : undefined}
      class={rest.class}
    >
      {children}
    </a>
  );
}
