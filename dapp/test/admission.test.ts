/** A viewer's admission in simulated time: entering, renewing, losing the right, coming back. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Admissions, type Standing } from "../src/playback/admission";
import { awakeClock } from "../src/playback/awake-clock";
import { keep, kept } from "../src/playback/invitation-link";
import { storage } from "./fake-browser";
import { jwt, TestService, TOKEN_S, testClock } from "./playback-service";

const ROOM = "live_7";
const LINK = "AQAAAAAAAAAAAAA";
const SECOND = 1_000;

let service: TestService;
let told: Standing[];
let stopping: AbortController;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_800_000_000_000 });
  vi.stubGlobal("localStorage", storage(new Map()));
  vi.stubGlobal("sessionStorage", storage(new Map()));
  keep("session", ROOM, null);
  keep("invitation", ROOM, null);
  service = new TestService();
  told = [];
  stopping = new AbortController();
});

afterEach(() => {
  stopping.abort();
  vi.useRealTimers();
});

function begin(random?: () => number): Admissions {
  const admissions = new Admissions(ROOM, { service, clock: testClock(random) }, (standing) => told.push(standing));
  void admissions.run(stopping.signal);
  return admissions;
}

/** By an invitation, with the viewer's click. */
async function entered(random?: () => number): Promise<Admissions> {
  keep("invitation", ROOM, LINK);
  const admissions = begin(random);
  admissions.again();
  await pass(0);
  expect(now().kind).toBe("in");
  return admissions;
}

const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * SECOND);
const now = (): Standing => told.at(-1) as Standing;
const why = (): string | undefined => {
  const standing = now();
  return standing.kind === "outside" ? standing.why?.name : standing.kind;
};

test("nothing at hand: nothing is asked, and nobody is told on", async () => {
  begin();
  await pass(3600);
  expect(now()).toEqual({ kind: "outside", why: null });
  expect(service.asked).toEqual([]);
});

test("an invitation waits for the viewer's word, then enters with this browser's id", async () => {
  keep("invitation", ROOM, LINK);
  const admissions = begin();
  await pass(60);
  expect(service.asked).toEqual([]);
  expect(admissions.hasInvitation()).toBe(true);
  admissions.again();
  await pass(0);
  expect(service.proofs).toEqual([{ invitation: LINK }]);
  expect([...service.browsers][0]).toMatch(/^[\w-]{22}$/);
  expect(kept("session", ROOM)).toBe("ls1.new.session");
});

test("a reload enters by the session that the tab kept, unasked", async () => {
  keep("session", ROOM, "ls1.kept.session");
  begin();
  await pass(0);
  expect(service.asked).toEqual(["renew"]);
  expect(now().kind).toBe("in");
});

test.each([
  [0, 0.5],
  [0.5, 0.65],
  [0.999, 0.8],
])("a token is renewed at %f of the time between 50 and 80 %% of its life", async (chance, part) => {
  await entered(() => chance);
  await pass(part * TOKEN_S - 1);
  expect(service.asked).toEqual(["enter"]);
  await pass(2);
  expect(service.asked).toEqual(["enter", "renew"]);
});

test("the viewer's clock and the service's differ by hours: renewed all the same", async () => {
  service.ahead = -7_200;
  await entered();
  await pass(0.65 * TOKEN_S + 1);
  expect(service.asked).toEqual(["enter", "renew"]);
});

test("twelve hours: a question for each token, and the picture never ends", async () => {
  await entered();
  await pass(12 * 3600);
  expect(service.asked.length).toBeLessThan(120);
  expect(told.filter(({ kind }) => kind !== "in" && kind !== "checking" && kind !== "outside")).toEqual([]);
  expect(now().kind).toBe("in");
});

test.each([
  ["invitation-revoked", {}, "invitation-revoked"],
  ["host-changed", {}, "host-changed"],
  ["not-a-holder", { had: true }, "lost"],
  ["opened-elsewhere", {}, "opened-elsewhere"],
  ["room-ended", {}, "room-ended"],
  ["something-new", {}, "other"],
])("%s: out with its reason within one life of a token", async (slug, said, name) => {
  await entered();
  service.refuse(403, slug, said);
  await pass(0.8 * TOKEN_S);
  expect(why()).toBe(name);
});

test("a withdrawn link is forgotten, and not asked with again", async () => {
  const admissions = await entered();
  service.refuse(403, "invitation-revoked");
  await pass(4 * 3600);
  expect(service.asked.length).toBe(2);
  expect(admissions.canAsk()).toBe(false);
  expect(kept("invitation", ROOM)).toBe(null);
  expect(kept("session", ROOM)).toBe(null);
});

test("a token sold and bought back: in again by itself, without a signature", async () => {
  await entered();
  service.refuse(403, "not-a-holder", { had: true });
  await pass(TOKEN_S);
  expect(why()).toBe("lost");
  service.refuses = null;
  await pass(120);
  expect(now().kind).toBe("in");
  expect(service.proofs).toHaveLength(1);
});

test.each(["seats-taken", "door-closed", "link-waits", "host-must-return", "invitation-early"])(
  "%s: asked slowly, in when it is over",
  async (slug) => {
    keep("invitation", ROOM, LINK);
    service.refuse(403, slug);
    const admissions = begin();
    admissions.again();
    await pass(600);
    expect(why()).toBe(slug);
    expect(service.asked.length).toBeGreaterThan(5);
    expect(service.asked.length).toBeLessThan(20);
    service.refuses = null;
    await pass(90);
    expect(now().kind).toBe("in");
  },
);

test("opened elsewhere: not fought over; use here enters again by the link", async () => {
  const admissions = await entered();
  service.refuse(403, "opened-elsewhere");
  await pass(TOKEN_S);
  const before = service.asked.length;
  service.refuses = null;
  await pass(3600);
  expect(service.asked.length).toBe(before);
  admissions.again();
  await pass(0);
  expect(service.asked.at(-1)).toBe("enter");
  expect(now().kind).toBe("in");
});

test("a session that is over: the link enters again by itself; a wallet must sign", async () => {
  await entered();
  service.refuse(401, "session-over");
  const once = vi.spyOn(service, "enter");
  await pass(0.7 * TOKEN_S);
  expect(once).toHaveBeenCalled();
  stopping.abort();
  stopping = new AbortController();
  keep("invitation", ROOM, null);
  keep("session", ROOM, "ls1.a.wallet");
  const admissions = begin();
  await pass(0);
  expect(why()).toBe("session-over");
  expect(admissions.canAsk()).toBe(false);
});

test("the service is away: the picture goes on to the token's end, then says so, and comes back by itself", async () => {
  await entered();
  service.refuse(503, "database-unavailable");
  await pass(TOKEN_S - 1);
  expect(now().kind).toBe("in");
  await pass(2);
  expect(now()).toMatchObject({ kind: "away" });
  service.refuses = null;
  await pass(60);
  expect(now().kind).toBe("in");
});

test("away says what is away: the node, the crowd, the way to the service", async () => {
  keep("invitation", ROOM, LINK);
  const admissions = begin();
  for (const [status, slug, name] of [
    [503, "node-unavailable", "node"],
    [429, "rate-limited", "crowded"],
    [500, "", "broken"],
    [0, "unreachable", "unreachable"],
  ] as const) {
    service.refuse(status, slug);
    admissions.again();
    await pass(0);
    expect(now()).toEqual({ kind: "away", why: name });
  }
});

test("Retry-After is kept, whatever the person presses", async () => {
  keep("invitation", ROOM, LINK);
  service.refuse(429, "rate-limited", {}, 60 * SECOND);
  const admissions = begin();
  admissions.again();
  await pass(0);
  service.refuses = null;
  for (let second = 0; second < 59; second++) {
    admissions.again();
    await pass(1);
  }
  expect(service.asked).toEqual(["enter"]);
  await pass(60);
  expect(now().kind).toBe("in");
});

test("a room that is not set up yet: asked until it plays", async () => {
  service.pending = true;
  await entered();
  await pass(30);
  expect(now()).toMatchObject({ kind: "in", admission: { playback: null } });
  service.pending = false;
  await pass(10);
  expect(now()).toMatchObject({ admission: { playback: { hls_url: expect.any(String) } } });
});

test("the page goes: its seat is free; back from the browser's memory it asks at once", async () => {
  const admissions = await entered();
  admissions.leave();
  expect(service.left).toEqual(["ls1.new.session"]);
  admissions.back();
  await pass(0);
  expect(service.asked).toEqual(["enter", "renew"]);
  stopping.abort();
  expect(service.left).toHaveLength(2);
});

test("handed over to another window, its seat is not freed", async () => {
  const admissions = await entered();
  expect(admissions.handOver()).toBe("ls1.new.session");
  stopping.abort();
  expect(service.left).toEqual([]);
});

test("an address is fresh: near its end, or refused by the video server, it is renewed first", async () => {
  const admissions = await entered(() => 0.999);
  const whep = admissions.address("whep_url");
  expect(await whep.fresh(false)).toBe(`https://video.example/${jwt(1)}/webRTC/play`);
  await pass(30);
  const refused = whep.fresh(true);
  await pass(0);
  expect(await refused).toContain(jwt(2));
  // not more often than every ten seconds, however often it is refused
  expect(await whep.fresh(true)).toContain(jwt(2));
  // a suspended machine: the timer did not run
  vi.setSystemTime(Date.now() + 590 * SECOND);
  const late = whep.fresh(false);
  await pass(0);
  expect(await late).toContain(jwt(3));
});

test("out, there is no address", async () => {
  const admissions = begin();
  await pass(0);
  await expect(admissions.address("hls_url").fresh(false)).rejects.toThrow();
});

test("what plays asks for everything with the token of the moment, and hears of each new one", async () => {
  const admissions = await entered();
  const hls = admissions.address("hls_url");
  const changed = vi.fn();
  const unfollow = hls.follow(changed);
  const segment = `https://video.example/${jwt(1)}/video/seg_5.m4s?p=1`;
  expect(hls.present(segment)).toBe(segment);
  await pass(0.65 * TOKEN_S + 1);
  expect(changed).toHaveBeenCalledOnce();
  expect(hls.present(segment)).toBe(`https://video.example/${jwt(2)}/video/seg_5.m4s?p=1`);
  expect(hls.present("https://elsewhere.example/plain.m4s")).toBe("https://elsewhere.example/plain.m4s");
  unfollow();
  await pass(TOKEN_S);
  expect(changed).toHaveBeenCalledOnce();
});

test("another proof while one is asked about: the newest counts", async () => {
  const admissions = begin();
  let answer = () => {};
  service.holds = new Promise((resolve) => {
    answer = resolve;
  });
  admissions.enter({ invitation: "first" });
  await pass(1);
  admissions.enter({ wallet: { nonce: "n", signature: "0x" } });
  service.holds = null;
  answer();
  await pass(1);
  expect(service.proofs.at(-1)).toEqual({ wallet: { nonce: "n", signature: "0x" } });
  expect(now().kind).toBe("in");
});

test("a clock that goes on while the machine sleeps, and never back", () => {
  let [steady, calendar] = [0, 5_000];
  const clock = awakeClock(
    () => steady,
    () => calendar,
  );
  steady = calendar = 6_000;
  expect(clock()).toBe(6_000);
  calendar += 100_000; // asleep
  expect(clock()).toBe(106_000);
  calendar -= 50_000; // set back
  steady += 1_000;
  expect(clock()).toBe(107_000);
});
