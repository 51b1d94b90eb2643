/** Line icons, 24 by 24, in the colour of the text around them. */
import type { JSX } from "preact";

const PATHS = {
  check: "M5 12.5l4.5 4.5L19 7.5",
  close: "M6 6l12 12M18 6L6 18",
  copy: "M9 9h10v10H9zM5 15V5h10",
  share: "M12 15V4m0 0L8 8m4-4l4 4M5 13v6h14v-6",
  sound: "M4 10v4h3l5 4V6L7 10zM16 9a4.2 4.2 0 0 1 0 6M18.6 6.4a8 8 0 0 1 0 11.2",
  silent: "M4 10v4h3l5 4V6L7 10zM16 10l5 5M21 10l-5 5",
  mic: "M12 4a2.6 2.6 0 0 1 2.6 2.6v4.8a2.6 2.6 0 1 1-5.2 0V6.6A2.6 2.6 0 0 1 12 4zM6 11a6 6 0 0 0 12 0M12 17v3",
  "mic-off":
    "M12 4a2.6 2.6 0 0 1 2.6 2.6v4.8a2.6 2.6 0 1 1-5.2 0V6.6A2.6 2.6 0 0 1 12 4zM6 11a6 6 0 0 0 12 0M12 17v3M4 4l16 16",
  camera: "M4 7h11v10H4zM15 11l5-3v8l-5-3",
  "camera-off": "M4 7h11v10H4zM15 11l5-3v8l-5-3M3 4l16 16",
  screen: "M4 5h16v11H4zM9 20h6M12 16v4",
  pause: "M8 5.5v13M16 5.5v13",
  float: "M4 5h16v6M4 5v13h6M13 14h7v5h-7z",
  small: "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
  full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 2.5v2M12 19.5v2M4 4l1.5 1.5M18.5 18.5L20 20M2.5 12h2M19.5 12h2M4 20l1.5-1.5M18.5 5.5L20 4",
  moon: "M19 14.5A7.5 7.5 0 0 1 9.5 5a7.5 7.5 0 1 0 9.5 9.5z",
  auto: "M12 4a8 8 0 1 0 0 16zM12 4a8 8 0 0 1 0 16",
  search: "M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12zM15.5 15.5L20 20",
  flag: "M6 21V4h11l-2 4 2 4H6",
  shield: "M12 3l7 3v5c0 4.6-3 8-7 10-4-2-7-5.4-7-10V6zM9 12l2.2 2.2L15.5 10",
  wallet: "M4 7h15v12H4zM4 7l11-3v3M15 13h4",
  key: "M8.5 11a4 4 0 1 0 0 6 4 4 0 0 0 0-6zM11.5 12L20 4M16 8l3 3",
  calendar: "M4 6h16v14H4zM4 10h16M8 3v5M16 3v5",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v4.5l3 2",
  eye: "M3 12s3.5-6 9-6 9 6 9 6-3.5 6-9 6-9-6-9-6zM12 9.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  plus: "M12 5v14M5 12h14",
  pencil: "M5 19l1-4L16 5l3 3L9 18zM13.5 7.5l3 3",
  people: "M9 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM3.5 19a5.5 5.5 0 0 1 11 0M17 8v6M14 11h6",
  warn: "M12 4l9 16H3zM12 10v4M12 17v.1",
  play: "M8 5.5v13l11-6.5z",
  back: "M14 6l-6 6 6 6",
  exit: "M10 5H5v14h5M14 8l4 4-4 4M18 12H9",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="1.8"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
