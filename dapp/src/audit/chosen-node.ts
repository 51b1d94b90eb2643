/** The node an auditor chose to ask; remembered in this tab alone. */
import type { Config } from "../api/types";
import { recall, remember } from "../base/storage";
import { store } from "../base/store";

export const node = store<string | null>(recall("node", "session"));
node.subscribe(() => remember("node", node.get(), "session"));

/** What may be typed as a node's address. */
export function isNode(text: string): boolean {
  try {
    return ["https:", "http:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

export const nodeOf = (config: Config, chosen: string | null): string => chosen ?? config.rpc_url ?? "";
