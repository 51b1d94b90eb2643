/**
 * Where the page is. Links inside the page change the address without a load, except to and from
 * the audit pages: these are served under a Content-Security-Policy of their own, which must hold
 * there and nowhere else.
 */
import { type Address, isAddress } from "./hex";
import { ROOM_ID } from "./room-id";
import { store } from "./store";

export type Route =
  | { page: "home" }
  | { page: "create" }
  | { page: "studio"; room: string | null }
  | { page: "room"; room: string }
  | { page: "channel"; host: Address }
  | { page: "audit"; room: string | null }
  | { page: "not-found" };

export function routeOf(path: string): Route {
  const trimmed = path.replace(/\/+$/, "") || "/";
  if (trimmed === "/") return { page: "home" };
  if (trimmed === "/new") return { page: "create" };
  const host = /^\/host\/([^/]+)$/.exec(trimmed)?.[1];
  if (isAddress(host)) return { page: "channel", host };
  const match = new RegExp(`^/(studio|room|audit)(?:/(${ROOM_ID}))?$`).exec(trimmed);
  const room = match?.[2] ?? null;
  if (match?.[1] === "studio") return { page: "studio", room };
  if (match?.[1] === "audit") return { page: "audit", room };
  if (match?.[1] === "room" && room !== null) return { page: "room", room };
  return { page: "not-found" };
}

export const route = store<Route>(routeOf(location.pathname));

/** Whether two addresses live under the same policy. */
export function sameDocument(from: Route, to: Route): boolean {
  return (from.page === "audit") === (to.page === "audit");
}

export function navigate(path: string): void {
  const url = new URL(path, location.href);
  const to = routeOf(url.pathname);
  if (!sameDocument(route.get(), to)) {
    location.assign(url.href);
    return;
  }
  history.pushState(null, "", url.href);
  route.set(to);
  scrollTo(0, 0);
}

addEventListener("popstate", () => {
  const to = routeOf(location.pathname);
  if (sameDocument(route.get(), to)) route.set(to);
  else location.reload();
});
