/** The files that a host takes away: all links, and who was there. Names are put in here, in the browser. */
import { timeZone } from "../../base/time";
import type { ClassCatalogue } from "../../i18n/class";
import type { ClassList, ListedLink } from "../../playback/class-list";
import { csv, sheetTime } from "../../playback/class-names";
import type { Attendance } from "../../playback/host-desk";

export const linkAddress = (origin: string, room: string, { text }: Pick<ListedLink, "text">): string =>
  `${origin}/room/${room}#i=${text}`;

/** What a link is called: its person's name, or what it is for. */
export function linkName(t: ClassCatalogue, { name, seats, number }: Pick<ListedLink, "name" | "seats" | "number">) {
  if (name !== "") return name;
  return seats > 1 ? t.classList.group : t.classList.person(String(number));
}

/** Every link that still holds. */
export function linksFile(t: ClassCatalogue, list: ClassList, origin: string, room: string): string {
  const { column } = t.classList;
  const rows = list.links
    .filter(({ revokedAt }) => revokedAt === null)
    .map((link) => [linkName(t, link), String(link.number), linkAddress(origin, room, link)]);
  return csv([[column.name, column.number, column.link], ...rows]);
}

/** One line a stay, in the order of coming. `links`: of all lists of this browser; `now`: by the service's clock, for those who are still there. */
export function attendanceFile(
  t: ClassCatalogue,
  links: readonly ListedLink[],
  { rows, now }: { rows: readonly Attendance[]; now: number },
  zone = timeZone(),
): string {
  const { column } = t.classList;
  const head = [
    column.name,
    column.number,
    column.wallet,
    column.role,
    column.entered(zone),
    column.left(zone),
    column.minutes,
  ];
  const lines = [...rows]
    .sort((one, other) => one.entered - other.entered)
    .map(({ who, role, link_hash, entered, left }) => {
      // a number alone names nobody: another browser's list may have given it to somebody else
      const link = links.find(({ hash }) => hash === link_hash);
      const name = link === undefined ? "" : linkName(t, link);
      const until = left ?? now;
      return [
        name,
        who.number === null ? "" : String(who.number),
        who.address ?? "",
        t.classList.role[role] ?? role,
        sheetTime(entered, zone),
        left === null ? "" : sheetTime(until, zone),
        String(Math.max(0, Math.round((until - entered) / 60))),
      ];
    });
  return csv([head, ...lines]);
}

/** Gives the browser a file to keep. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
