/** A host's channel: which room it shows, and that a page left open keeps up without a stream. */
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Channel, Room } from "../src/api/types";
import { type ChannelState, watchChannel } from "../src/api/use-channel";
import { zeros } from "../src/base/hex";
import { beats, lately, pass, room, START, Stream, server, working } from "./live-server";

vi.stubGlobal("location", { pathname: "/" });
vi.stubGlobal("addEventListener", () => {});
const { routeOf } = await import("../src/base/router");

const HOST = zeros(20);

let seen: ChannelState[];
let stop = () => {};

afterEach(() => stop());

const named = (number: number, more: Partial<Room> = {}): Room => ({
  ...room("active", 6, 101),
  room_id: `live_${number}`,
  ...more,
});

function answer(shown: Channel["shown"], first: Room | null, upcoming: Room[] = [], block = 101) {
  const channel = { host: HOST, shown, room: first, upcoming, presence: "known", index: { block } };
  server.others.set(`/hosts/${HOST}`, channel);
}

function come() {
  seen = [];
  stop = watchChannel(HOST, (state) => seen.push(state));
}

const channel = () => {
  const last = seen.at(-1);
  return last?.kind === "known" ? last.channel : null;
};

describe("a channel", () => {
  test("a lesson begins, ends, and the next one is shown: within 15 s each, without a stream", async () => {
    const [lesson, next] = [named(1, { starts_at: START + 60 }), named(2, { starts_at: START + 86_400 })];
    answer("next", lesson, [lesson, next]);
    come();
    await pass(60);
    expect(channel()?.room?.room_id).toBe("live_1");
    answer("on_air", { ...lesson, live: true, live_since: START + 60 }, [next]);
    await pass(15.1);
    expect(channel()?.shown).toBe("on_air");
    answer("next", next, [next], 200);
    await pass(15.1);
    expect(channel()).toMatchObject({ shown: "next", room: { room_id: "live_2" } });
  });

  test("the stream tells that its room is on air: marked at once, and asked which room to show", async () => {
    const lesson = named(1, { starts_at: START + 60, live: false });
    answer("next", lesson, [lesson]);
    come();
    await working();
    answer("on_air", { ...lesson, live: true, live_since: START }, []);
    Stream.last.presence({ room_id: "live_1", live: true, live_since: START, viewers: null });
    expect(channel()?.room?.live).toBe(true);
    await pass(5.2);
    expect(channel()?.shown).toBe("on_air");
    Stream.last.presence({ room_id: "live_1", live: false, live_since: null, viewers: null });
    answer("last", { ...lesson, live: false }, []);
    await pass(5.2);
    expect(channel()?.shown).toBe("last");
  });

  test("others go on and off air, and the chain is busy: a class that waits asks little", async () => {
    answer("next", named(1, { starts_at: START + 60 }));
    come();
    await working();
    for (let second = 0; second < 120; second++) {
      Stream.last.presence({ room_id: "live_999", live: second % 2 === 0, live_since: START, viewers: 1 });
      if (second % 15 === 0) Stream.last.hear("ping");
      await pass(1);
    }
    expect(lately(60)).toBeLessThanOrEqual(5);
  });

  test("an unknown host: known as such, and the first room is seen without a reload", async () => {
    answer(null, null);
    come();
    await working();
    expect(channel()?.shown).toBeNull();
    answer("last", named(1));
    await beats(15);
    expect(channel()?.shown).toBe("last");
  });

  test("the server is away: said, what was seen stays", async () => {
    server.down = true;
    come();
    await pass(1);
    expect(seen.at(-1)?.kind).toBe("unreachable");
    server.down = false;
    answer("last", named(1));
    await pass(15.1);
    expect(channel()?.shown).toBe("last");
    server.down = true;
    await pass(15.1);
    expect(seen.at(-1)).toMatchObject({ kind: "known", stale: true });
  });
});

test("addresses: a host's, in whatever case, and nothing that is none", () => {
  const host = `0x${"aB".repeat(20)}` as const;
  expect(routeOf(`/host/${host}`)).toEqual({ page: "channel", host });
  expect(routeOf(`/host/${host}/`)).toEqual({ page: "channel", host });
  for (const path of ["/host", "/host/0x12", `/host/${host}00`, `/host/${host}/live_1`]) {
    expect(routeOf(path).page).toBe("not-found");
  }
});
