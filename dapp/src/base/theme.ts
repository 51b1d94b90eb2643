/** Dark or light: the system's choice, or the reader's own, remembered. */
import { recall, remember } from "./storage";
import { store } from "./store";

export type Theme = "system" | "light" | "dark";

const kept = recall("theme");
export const theme = store<Theme>(kept === "light" || kept === "dark" ? kept : "system");

/** Goes to the next choice: the opposite of what is seen first, then the third. */
export function nextTheme(): void {
  const order: Theme[] = ["system", "light", "dark"];
  theme.set(order[(order.indexOf(theme.get()) + 1) % order.length] ?? "system");
}

function apply(): void {
  const choice = theme.get();
  if (choice === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = choice;
  remember("theme", choice === "system" ? null : choice);
}

theme.subscribe(apply);
apply();
