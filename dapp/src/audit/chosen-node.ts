/** The node an auditor chose to ask; remembered in this tab alone. */
import type { Config } from "../api/types";
import { recall, remember } from "../base/storage";
import { store } from "../base/store";

export const chosenNode = store<string | null>(recall("node", "session"));
chosenNode.subscribe(() => remember("node", chosenNode.get(), "session"));

/** What may be typed as a node's address. */
export function isNodeUrl(text: string): boolean {
  try {
    return ["https:", "http:"].includes(new URL(text).protocol);
  } catch {
    return false;
  }
}

export const nodeOf = (config: Config, chosen: string | null): string => chosen ?? config.rpc_url ?? "";
