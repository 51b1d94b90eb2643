/** The token in an address of a private room's video: a JWT, where a public room has the video's id. */
const TOKEN = /eyJ[\w-]+\.[\w-]+\.[\w-]+/;

/** null: the address has none. */
export const tokenOf = (url: string): string | null => TOKEN.exec(url)?.[0] ?? null;

/** `url` with `token` in place of its own; as it was where either has none. */
export const withToken = (url: string, token: string | null): string =>
  token === null ? url : url.replace(TOKEN, token);
