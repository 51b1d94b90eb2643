/** The page's configuration: asked once, tried again until it is there. */

import { store } from "../base/store";
import { Backoff, sleep } from "../base/time";
import { ApiError, getConfig } from "./client";
import type { Config } from "./types";

export type ConfigState = { kind: "loading" } | { kind: "unreachable" } | Config;
export const configState = store<ConfigState>({ kind: "loading" });

let asked: Promise<Config> | undefined;

/** The configuration, once it could be had. */
export function config(): Promise<Config> {
  asked ??= ask();
  return asked;
}

async function ask(): Promise<Config> {
  const backoff = new Backoff(500, 8_000);
  for (;;) {
    try {
      const found = await getConfig();
      configState.set(found);
      return found;
    } catch (error) {
      configState.set({ kind: "unreachable" });
      await sleep(backoff.take(error instanceof ApiError ? error.retryAfter : 0));
    }
  }
}

export function isConfig(state: ConfigState): state is Config {
  return "chain_id" in state;
}
