/** Class lists in this browser, and what of them is told to the service, and told again after it lost it. */
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import { toHex } from "../src/base/hex";
import {
  addLinks,
  addWithdrawal,
  beginList,
  classesOf,
  findList,
  isWithdrawn,
  listsOfRoom,
  revokeLinks,
  signedList,
} from "../src/playback/class-list";
import { HostDesk } from "../src/playback/host-desk";
import { decodeInvitation, delegationDigest, delegationText, signedByKey } from "../src/playback/invitation";

const SIGNATURE = `0x${"11".repeat(64)}1b`;
const owner = { chainId: 31337, contract: "0xab", host: "0xcd" } as const;
const NOW = 1_790_000_000;
const ROOM = { kind: "room", room: 7n } as const;

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  vi.stubGlobal("navigator", {});
});

async function made(signature = SIGNATURE, more: object = {}) {
  const about = { ...owner, scope: ROOM, title: "Đàn", language: "vi", from: NOW, until: NOW + 3_600 } as const;
  const { id } = await beginList({ ...about, ...more });
  await signedList(id, signature);
  return id;
}

const listed = async (id: string) => {
  const list = await findList(id);
  if (list === undefined) throw new Error("no such list");
  return list;
};

const people = (...names: string[]) => names.map((name) => ({ name, seats: 1 }));

test("links: numbered, signed by the list's key, which cannot be read out", async () => {
  const id = await made();
  await addLinks(await listed(id), people("An", "Bình"));
  await addLinks(await listed(id), [{ name: "7A", seats: 30 }]);
  const list = await listed(id);
  expect(list.links.map(({ number, name, seats }) => [number, name, seats])).toEqual([
    [1, "An", 1],
    [2, "Bình", 1],
    [3, "7A", 30],
  ]);
  expect(list.pair.privateKey.extractable).toBe(false);
  for (const { text, number } of list.links) {
    const { delegation, link, proof } = decodeInvitation(text);
    expect(link).toMatchObject({ number, from: NOW, until: NOW + 3_600, label: "" });
    const message = await signedByKey(delegation, link);
    const how = { name: "ECDSA", hash: "SHA-256" };
    expect(await crypto.subtle.verify(how, list.pair.publicKey, proof, message)).toBe(true);
  }
});

test("two tabs at once: nobody's link is lost and no number is given twice", async () => {
  const id = await made();
  const list = await listed(id);
  await Promise.all([addLinks(list, people("An", "Bình")), addLinks(list, people("Chi"))]);
  const { links } = await listed(id);
  expect(links.map(({ number }) => number).sort()).toEqual([1, 2, 3]);
});

test("lists of a room: signed ones, by room or by its class, of this host and contract", async () => {
  const id = await made();
  const ofClass = await made(SIGNATURE, {
    scope: { kind: "class", id: "00112233445566ff" },
    from: NOW + 1,
    until: NOW + 365 * 86_400,
  });
  await beginList({ ...owner, scope: ROOM, title: "", language: "en", from: NOW, until: NOW + 1 });
  const ids = async (room: string, classId: string | null, who: object = {}) =>
    (await listsOfRoom({ ...owner, ...who }, room, classId)).map((list) => list.id);
  expect(await ids("live_7", "00112233445566ff")).toEqual([ofClass, id]);
  expect(await ids("live_7", null)).toEqual([id]);
  expect(await ids("live_8", null)).toEqual([]);
  expect(await ids("live_7", null, { host: "0xee" })).toEqual([]);
  expect([...(await classesOf(owner))]).toEqual([["00112233445566ff", "Đàn"]]);
  const { from, until } = await listed(ofClass);
  expect(until - from).toBe(180 * 86_400);
});

/** A service that remembers what it was told; a fresh one knows nothing. */
class Service {
  since = 100;
  revoked: string[] = [];
  withdrawn: object[] = [];
  returned: number[] = [];
  left: object[] = [];
  sessions = 0;
  over = false;
  asked: string[] = [];

  constructor() {
    vi.stubGlobal("fetch", async (url: string, { body, headers }: RequestInit) => {
      const path = new URL(url).pathname.replace("/api/playback", "");
      this.asked.push(path);
      return this.answer(path, JSON.parse(String(body ?? "{}")), new Headers(headers).get("Authorization"));
    });
  }

  private answer(path: string, body: object, bearer: string | null): Response {
    const told = body as { links: string[]; since: number };
    if (path === "/status") return Response.json({ since: this.since, server_time: Date.now() / 1_000 });
    if (path === "/challenge") return Response.json({ nonce: "00".repeat(16) });
    if (path === "/host/session") {
      this.sessions += 1;
      return Response.json({ session: `lh1.${this.sessions}`, expires_at: Date.now() / 1_000 + 900 });
    }
    if (path === "/host/revoke-all") this.withdrawn.push(body);
    else if (path === "/host/delegation") this.left.push(body);
    else if (bearer !== `Bearer lh1.${this.sessions}` || this.over) {
      this.over = false;
      return Response.json({ type: "https://rooms.example/problems#session-over" }, { status: 401 });
    } else if (path === "/host/revoke") this.revoked.push(...told.links);
    else if (path === "/host/returned") this.returned.push(told.since);
    return Response.json({ links: [], rows: [], now: NOW });
  }

  loses(): void {
    this.since += 1;
    this.revoked = [];
    this.withdrawn = [];
    this.left = [];
  }
}

const signal = new AbortController().signal;
const desk = (id: string) => new HostDesk("https://play.example/", "live_7", id);

test("withdrawn links: told once, and told again before the host says it is back, when the service lost them", async () => {
  const service = new Service();
  const id = await made();
  await addLinks(await listed(id), people("An", "Bình"));
  const [first, second] = (await listed(id)).links.map(({ hash }) => hash);
  const mine = desk(id);
  await mine.look(signal);
  expect([service.returned, service.revoked]).toEqual([[100], []]);
  await revokeLinks(id, [first ?? ""], NOW);
  await mine.look(signal);
  await mine.look(signal);
  expect(service.revoked).toEqual([first]);
  await revokeLinks(id, [second ?? ""], NOW);
  service.loses();
  service.asked = [];
  await mine.look(signal);
  expect(service.revoked).toEqual([first, second]);
  expect(service.returned).toEqual([100, 101]);
  expect(service.asked.indexOf("/host/revoke")).toBeLessThan(service.asked.indexOf("/host/returned"));
  expect((await listed(id)).toldSince).toBe(101);
});

test("the wallet's withdrawals: told again too, also of a list that is withdrawn itself", async () => {
  const service = new Service();
  const id = await made();
  const { hash } = await listed(id);
  await addWithdrawal(id, {
    language: "vi",
    delegation: null,
    before: NOW,
    issued: NOW,
    signature: "0x01",
    told: false,
  });
  await desk(id).look(signal);
  expect(isWithdrawn(await listed(id))).toBe(false);
  await addWithdrawal(id, { language: "vi", delegation: hash, before: 0, issued: NOW, signature: "0x02", told: false });
  expect(isWithdrawn(await listed(id))).toBe(true);
  const sessions = service.sessions;
  expect(await desk(id).look(signal)).toBe(null);
  service.loses();
  await desk(id).look(signal);
  const common = { room_id: "live_7", scope: "live_7", language: "vi" };
  expect(service.withdrawn).toEqual([
    { ...common, before: NOW, issued: NOW, signature: "0x01" },
    { ...common, delegation_hash: hash, issued: NOW, signature: "0x02" },
  ]);
  expect(service.sessions).toBe(sessions);
  expect((await listed(id)).withdrawals.map(({ told }) => told)).toEqual([true, true]);
});

test("a list that another one's withdrawal is older than: not touched by it", async () => {
  const old = await made();
  const id = await made(SIGNATURE, { from: NOW + 9 });
  await addWithdrawal(id, {
    language: "vi",
    delegation: null,
    before: NOW + 9,
    issued: NOW + 9,
    signature: "0x01",
    told: false,
  });
  const all = [await listed(old), await listed(id)];
  expect(all.map((list) => isWithdrawn(list, all))).toEqual([true, false]);
});

test("a session that is over: opened anew by the key, once", async () => {
  const service = new Service();
  const id = await made();
  const mine = desk(id);
  await mine.look(signal);
  service.over = true;
  expect(await mine.look(signal)).toEqual({ links: [], rows: [], now: NOW });
  expect(service.sessions).toBe(2);
});

test("a contract's long signature: left with the service before each session", async () => {
  const service = new Service();
  const long = toHex(new Uint8Array(300).fill(7));
  const id = await made(long);
  await addLinks(await listed(id), people("An"));
  const { delegation } = decodeInvitation((await listed(id)).links[0]?.text ?? "");
  expect(delegation.signature.kind).toBe("hash");
  await desk(id).look(signal);
  expect(service.left).toEqual([{ room_id: "live_7", delegation: delegationText(delegation), signature: long }]);
  expect((await listed(id)).hash).toBe(toHex(await delegationDigest(delegation)));
});
