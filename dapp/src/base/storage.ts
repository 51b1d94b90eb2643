/**
 * Small things a browser remembers. A browser that refuses storage (private mode, full disk) makes
 * the page forgetful, never broken.
 */
export function recall(name: string, from: "local" | "session" = "local"): string | null {
  try {
    return area(from).getItem(PREFIX + name);
  } catch {
    return null;
  }
}

export function remember(name: string, value: string | null, where: "local" | "session" = "local"): void {
  try {
    if (value === null) area(where).removeItem(PREFIX + name);
    else area(where).setItem(PREFIX + name, value);
  } catch {
    // forgotten with the tab
  }
}

const PREFIX = "livestream-rooms.";
const area = (kind: "local" | "session") => (kind === "local" ? localStorage : sessionStorage);
