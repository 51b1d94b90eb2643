/**
 * What a wallet or a node means by a refusal. Promises: one meaning for whatever is thrown (an error,
 * a string, nothing), however deep it is nested, by its codes first and by its words where it has none.
 */

export type Meaning =
  /** The person said no. */
  | "declined"
  /** An earlier question is still open in the wallet: the person must look there. */
  | "waiting"
  /** Locked, or this account was never allowed here. */
  | "unauthorized"
  /** The wallet has lost its network. */
  | "disconnected"
  | "unknown-chain"
  | "unsupported"
  | "other";

// EIP-1193, EIP-1474, EIP-3085, WalletConnect, and what ethers calls them
const CODES: Record<string, Meaning> = {
  4001: "declined",
  5000: "declined",
  ACTION_REJECTED: "declined",
  USER_REJECTED: "declined",
  4100: "unauthorized",
  UNAUTHORIZED: "unauthorized",
  4200: "unsupported",
  [-32601]: "unsupported",
  UNSUPPORTED_OPERATION: "unsupported",
  4900: "disconnected",
  4901: "disconnected",
  4902: "unknown-chain",
  [-32002]: "waiting",
};

const WORDS: [RegExp, Meaning][] = [
  [/unrecogni[sz]ed chain|unknown chain|chain .*(not been added|not added|not supported)/i, "unknown-chain"],
  [/already (pending|processing|in progress)|request .*\bpending|pending request/i, "waiting"],
  [/user[ _]+(has +)?(rejected|denied|declined|refused|cancel(l?ed)?|disapproved|closed)/i, "declined"],
  [/(rejected|denied|declined|refused|cancell?ed|closed) by (the )?user/i, "declined"],
  // alone, so that no node's longer sentence ("context canceled", "rejected: too cheap") means a person
  [
    /^\W*(the )?((request|transaction|sign(ature|ing)|action|operation) ?)*((was|has been|is) )?(rejected|denied|declined|cancell?ed)\W*$/i,
    "declined",
  ],
  [/(popup|window) (was )?closed|closed the (popup|window|modal)/i, "declined"],
  [/not been authori[sz]ed|unauthori[sz]ed|wallet is locked|must be unlocked/i, "unauthorized"],
  [/disconnected from (all|the specified) chain/i, "disconnected"],
  [/method .*not (supported|found|available|implemented)|does not (support|exist)|unsupported method/i, "unsupported"],
];

const TIMED_OUT = /timed? ?out/i; // a node's -32002

export function meaningOf(error: unknown): Meaning {
  const found = [...layers(error, 0, new Set())];
  for (const { code, message } of found) {
    const meaning = Object.hasOwn(CODES, code) ? CODES[code] : undefined;
    if (meaning === "waiting" && TIMED_OUT.test(message)) continue;
    if (meaning !== undefined) return meaning;
  }
  for (const { message } of found) {
    for (const [look, meaning] of WORDS) if (look.test(message)) return meaning;
  }
  return "other";
}

/** The first words of whatever was thrown; "" if there are none. */
export function wordsOf(error: unknown): string {
  for (const { message } of layers(error, 0, new Set())) if (message !== "") return message;
  return "";
}

/** An error and those inside it, the outermost first. */
function* layers(error: unknown, depth: number, seen: Set<unknown>): Generator<{ code: string; message: string }> {
  if (depth > 5 || error === null || error === undefined || seen.has(error)) return;
  if (typeof error === "string") return yield { code: "", message: error };
  if (typeof error !== "object") return;
  seen.add(error);
  const layer = error as Record<string, unknown>;
  const { code, message } = layer;
  const coded = typeof code === "number" || typeof code === "string" ? String(code) : "";
  yield { code: coded, message: typeof message === "string" ? message : "" };
  for (const inner of ["originalError", "data", "cause", "info", "error", "reason"]) {
    yield* layers(layer[inner], depth + 1, seen);
  }
}
