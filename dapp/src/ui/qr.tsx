/** A QR code, drawn as one path; its library comes only when one is shown. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";

/** The dark modules as an SVG path. */
export function modules(rows: boolean[][]): string {
  let path = "";
  rows.forEach((row, y) => {
    row.forEach((dark, x) => {
      if (dark) path += `M${x} ${y}h1v1h-1z`;
    });
  });
  return path;
}

export function Qr({ value, label }: { value: string; label: string }): JSX.Element | null {
  const [drawn, setDrawn] = useState<{ path: string; size: number } | null>(null);
  useEffect(() => {
    let here = true;
    void import("uqr").then(({ encode }) => {
      const code = encode(value, { ecc: "M", border: 2 });
      if (here) setDrawn({ path: modules(code.data), size: code.size });
    });
    return () => {
      here = false;
    };
  }, [value]);
  if (drawn === null) return null;
  return (
    <svg
      class="qr"
      viewBox={`0 0 ${drawn.size} ${drawn.size}`}
      role="img"
      aria-label={label}
      shape-rendering="crispEdges"
    >
      <path d={drawn.path} fill="currentColor" />
    </svg>
  );
}
