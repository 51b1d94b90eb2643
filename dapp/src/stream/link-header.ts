/**
 * The STUN and TURN servers that a WHIP or WHEP server names with its answer: `Link` headers (RFC 8288)
 * with `rel="ice-server"` (RFC 9725, 4.6). Promises: what is no such server, or lacks what its kind needs,
 * is left out, since one bad server would keep the browser from using any.
 */

const MOST = 6; // each costs a browser time
const LINK = /<([^>]*)>((?:\s*;\s*[^\s=;,]+(?:\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s";,]*))?)*)/g;
const PARAMETER = /;\s*([^\s=;,]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s";,]*)))?/g;

/** `header`: all `Link` headers of an answer, joined by commas as `Headers.get` does. */
export function iceServers(header: string | null): RTCIceServer[] {
  return [...(header ?? "").matchAll(LINK)]
    .map(([, urls = "", given = ""]) => serverOf(urls.trim(), parameters(given)))
    .filter((server) => server !== null)
    .slice(0, MOST);
}

/** The first of each name counts; names are the same in any case. */
function parameters(text: string): Map<string, string> {
  const all = new Map<string, string>();
  for (const [, name = "", quoted, token = ""] of text.matchAll(PARAMETER)) {
    const key = name.toLowerCase();
    if (!all.has(key)) all.set(key, quoted?.replace(/\\(.)/g, "$1") ?? token);
  }
  return all;
}

function serverOf(urls: string, given: Map<string, string>): RTCIceServer | null {
  const relations = (given.get("rel") ?? "").toLowerCase().split(/\s+/);
  const scheme = /^(stun|turn)s?:./i.exec(urls)?.[1]?.toLowerCase();
  if (!relations.includes("ice-server") || scheme === undefined) return null;
  if (scheme === "stun") return { urls };
  const [username, credential] = [given.get("username"), given.get("credential")];
  const usable = (given.get("credential-type") ?? "password") === "password";
  return usable && username && credential ? { urls, username, credential } : null;
}
