/**
 * A host's class lists, kept in this browser alone: the key that signs links (P-256, its private half cannot be
 * read out), what the wallet signed for it, the links with the names of people, and what was withdrawn.
 *
 * Promises: a key is stored before the wallet is asked about it; names and keys are never sent anywhere; each
 * change is one transaction, so that two tabs lose nothing; every question is over within seconds
 * (`KeysUnavailable`). On restart: all is there, but for a list whose signature never came, which is dropped by
 * the next one.
 */
import { type Address, fromHex, sameHex, toHex } from "../base/hex";
import { roomNumber } from "../base/room-id";
import type { Language } from "../i18n";
import { bounded, browserStore, KeysUnavailable } from "../sealing/browser-store";
import {
  CLASS_MOST_SECONDS,
  carried,
  compressed,
  type Delegation,
  delegationDigest,
  encodeInvitation,
  type Link,
  linkHash,
  type Scope,
  signByKey,
  signedByKey,
} from "./invitation";

export interface ListedLink {
  hash: string;
  /** The invitation, as the link's fragment has it. */
  text: string;
  /** The person's, or the group's; another link for the same person has the same one. */
  number: number;
  name: string;
  seats: number;
  /** When it was withdrawn here; null: it was not. */
  revokedAt: number | null;
  /** Whether the service knows that. */
  revokeTold: boolean;
}

/** What the wallet signed to withdraw; sent again after the service has lost it. */
export interface Withdrawal {
  language: Language;
  /** The delegation's hash; null: all that were issued before `before`. */
  delegation: string | null;
  before: number;
  issued: number;
  signature: string;
  told: boolean;
}

export interface ClassList {
  /** The public key, 0x and 66 hex digits; the store's key. */
  id: string;
  chainId: number;
  contract: Address;
  host: Address;
  scope: Scope;
  /** The room's title when it was made: what the host knows the list by. */
  title: string;
  language: Language;
  from: number;
  until: number;
  pair: CryptoKeyPair;
  /** The wallet's; null: it was asked and has not answered. */
  signature: string | null;
  /** The delegation's hash; "" without a signature. */
  hash: string;
  links: ListedLink[];
  withdrawals: Withdrawal[];
  /** The service's `since` when it knew all of this. */
  toldSince: number;
}

const inLists = browserStore("livestream-rooms-classes", "lists", "id");
const MOST_NUMBER = 65_535;

/** Of whom a list is: a host's, of one contract. */
export type Owner = Pick<ClassList, "chainId" | "contract" | "host">;

export const newClass = (): string => toHex(crypto.getRandomValues(new Uint8Array(8))).slice(2);

/** Makes a key and keeps it, unsigned; of a class at most 180 days. */
export async function beginList(
  about: Owner & Pick<ClassList, "scope" | "title" | "language" | "from" | "until">,
): Promise<ClassList> {
  const pair = await bounded(
    crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]),
  ).catch(() => {
    throw new KeysUnavailable("unsupported");
  });
  const raw = new Uint8Array(await bounded(crypto.subtle.exportKey("raw", pair.publicKey)));
  const until = about.scope.kind === "class" ? Math.min(about.until, about.from + CLASS_MOST_SECONDS) : about.until;
  const list: ClassList = {
    ...about,
    until,
    id: toHex(compressed(raw)),
    pair,
    signature: null,
    hash: "",
    links: [],
    withdrawals: [],
    toldSince: 0,
  };
  for (const { id, signature } of await listsOf(about, true)) {
    if (signature === null) await inLists("readwrite", (lists) => lists.delete(id));
  }
  await inLists("readwrite", (lists) => lists.put(list));
  void navigator.storage?.persist?.().catch(() => false); // ask not to be evicted; best effort
  return list;
}

export async function delegationOf(list: ClassList): Promise<Delegation> {
  const { scope, language, from, until, id, signature } = list;
  if (signature === null) throw new TypeError("not signed");
  return { scope, language, from, until, key: fromHex(id), signature: await carried(fromHex(signature)) };
}

/** The wallet has signed. */
export async function signedList(id: string, signature: string): Promise<void> {
  const list = await inLists<ClassList | undefined>("readonly", (lists) => lists.get(id));
  if (list === undefined) return;
  const hash = await toHex(await delegationDigest(await delegationOf({ ...list, signature })));
  await change(id, (now) => ({ ...now, signature, hash }));
}

export interface Invitee {
  name: string;
  seats: number;
  /** Of a person who has a link already; else the next free one is taken. */
  number?: number;
}

/** New links, each signed, all kept or none. */
export async function addLinks(list: ClassList, invitees: readonly Invitee[]): Promise<void> {
  const delegation = await delegationOf(list);
  // as the list itself, by the service's clock: a clock of ours that is ahead makes no link that waits
  const { from, until } = list;
  const made = async ({ name, seats }: Invitee, number: number): Promise<ListedLink> => {
    const id = crypto.getRandomValues(new Uint8Array(16));
    const link: Link = { id, number, seats, from, until, label: "" };
    const proof = await signByKey(list.pair.privateKey, await signedByKey(delegation, link));
    const [hash, text] = [await linkHash(delegation, link), encodeInvitation({ delegation, link, proof })];
    return { hash, text, number, name, seats, revokedAt: null, revokeTold: false };
  };
  for (let kept = false; !kept; ) {
    const fresh = await findList(list.id);
    if (fresh === undefined) return;
    const first = nextNumber(fresh);
    let next = first;
    const links = await Promise.all(invitees.map((one) => made(one, one.number ?? next++)));
    if (next > MOST_NUMBER + 1) throw new RangeError("the list is full");
    await change(list.id, (found) => {
      kept = nextNumber(found) === first; // another tab may have been quicker
      return kept ? { ...found, links: [...found.links, ...links] } : found;
    });
  }
}

const nextNumber = ({ links }: ClassList): number => 1 + links.reduce((most, { number }) => Math.max(most, number), 0);

export const findList = (id: string) => inLists<ClassList | undefined>("readonly", (lists) => lists.get(id));

/** `f` of the list as it stands now. */
export async function change(id: string, f: (list: ClassList) => ClassList): Promise<void> {
  await inLists("readwrite", (lists) => {
    const found: IDBRequest<ClassList | undefined> = lists.get(id);
    found.onsuccess = () => {
      if (found.result !== undefined) lists.put(f(found.result));
    };
    return found;
  });
}

/** Withdraws links: here at once; the service is told by `keepTold`. */
export const revokeLinks = (id: string, hashes: readonly string[], at: number): Promise<void> =>
  change(id, (list) => ({
    ...list,
    links: list.links.map((link) =>
      hashes.includes(link.hash) && link.revokedAt === null ? { ...link, revokedAt: at, revokeTold: false } : link,
    ),
  }));

export const addWithdrawal = (id: string, made: Withdrawal): Promise<void> =>
  change(id, (list) => ({ ...list, withdrawals: [...list.withdrawals, made] }));

/** All lists of a host, newest first; `unsigned`: those too that no wallet has signed. */
async function listsOf({ chainId, contract, host }: Owner, unsigned = false): Promise<ClassList[]> {
  const all = await inLists<ClassList[]>("readonly", (lists) => lists.getAll());
  return all
    .filter((list) => list.chainId === chainId && sameHex(list.contract, contract) && sameHex(list.host, host))
    .filter(({ signature }) => unsigned || signature !== null)
    .sort((one, other) => other.from - one.from);
}

/** Whether invitations of this list lead into the room. */
const isOfRoom = ({ scope }: Pick<ClassList, "scope">, room: string, classId: string | null): boolean =>
  scope.kind === "room" ? scope.room === roomNumber(room) : scope.id === classId;

/** The lists that lead into a room, newest first. */
export async function listsOfRoom(owner: Owner, room: string, classId: string | null): Promise<ClassList[]> {
  return (await listsOf(owner)).filter((list) => isOfRoom(list, room, classId));
}

/** The classes that a host has lists for in this browser, by their ids, each with the title of its newest list. */
export async function classesOf(owner: Owner): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { scope, title } of await listsOf(owner)) {
    if (scope.kind === "class" && !found.has(scope.id)) found.set(scope.id, title);
  }
  return found;
}

/** Whether the wallet has withdrawn the whole list, or all before a later moment. */
export const isWithdrawn = (list: ClassList, others: readonly ClassList[] = [list]): boolean =>
  others.some(({ withdrawals }) =>
    withdrawals.some(({ delegation, before }) => (delegation === null ? list.from < before : delegation === list.hash)),
  );
