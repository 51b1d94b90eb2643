// A class of viewers behind one address whose event streams are refused: the page's own code asks,
// in real time, with connections of each viewer's own.
//
//     node BUNDLE ORIGIN ROOM VIEWERS ARRIVE_SECONDS
//
// Prints a line of JSON a second: `asked`, answers by status of the page's questions and of its
// attempts at a stream; `files`, the same of the page itself; `took`, milliseconds of each question;
// `seen`, which viewer's page came to know which of the room's events, and when.
import { AsyncLocalStorage } from "node:async_hooks";
import http from "node:http";
import { watchRecordings } from "../../dapp/src/api/use-recordings";
import { watchRoom } from "../../dapp/src/api/use-room";

const [origin, room, viewers, arrive] = process.argv.slice(2);
const AT_ONCE = 6; // connections of a browser to one server
const viewer = new AsyncLocalStorage();

let line;
function begin() {
  line = { asked: {}, files: {}, took: [], seen: [] };
}
const note = (counts, status) => {
  counts[status] = (counts[status] ?? 0) + 1;
};

function ask(path, options = {}) {
  const { headers = {}, signal } = options;
  const { agent } = viewer.getStore();
  return new Promise((resolve, reject) => {
    const request = http.get(origin + path, { agent, headers, signal }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("error", reject);
      answer.on("end", () => resolve([answer, Buffer.concat(parts)]));
    });
    request.on("error", (error) => {
      // closed by the server while it was idle: a browser asks once more by itself, too
      if (request.reusedSocket && !signal?.aborted) ask(path, options).then(resolve, reject);
      else reject(error);
    });
  });
}

globalThis.fetch = async (path, options) => {
  const began = performance.now();
  let status = 0;
  try {
    const [answer, body] = await ask(path, options);
    status = answer.statusCode;
    const empty = status === 204 || status === 304;
    return new Response(empty ? null : body, { status, headers: answer.headers });
  } finally {
    note(line.asked, status);
    line.took.push(performance.now() - began);
  }
};

// The attempt reaches the API, the stream does not come back: a proxy that buffers, and gives up.
globalThis.EventSource = class {
  static CLOSED = 2;
  readyState = 0;
  constructor(path) {
    const { agent } = viewer.getStore();
    this.request = http.get(origin + path, { agent }, (answer) => {
      note(line.asked, answer.statusCode);
      this.fail();
    });
    this.request.on("error", () => this.fail());
  }
  addEventListener() {}
  close() {
    this.readyState = 2;
    this.request.destroy();
  }
  fail() {
    this.request.destroy();
    if (this.readyState === 2) return;
    this.readyState = 2;
    this.onerror?.();
  }
};

globalThis.document = {
  visibilityState: "visible",
  hidden: false,
  addEventListener() {},
  removeEventListener() {},
};

/** The page itself, as a browser with an empty cache loads it. */
async function load() {
  const get = async (path) => {
    const [answer, body] = await ask(path);
    note(line.files, answer.statusCode);
    return body.toString();
  };
  const html = await get(`/room/${room}`);
  const files = [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);
  await Promise.all(["/config.json", ...new Set(files)].map(get));
}

async function view(number) {
  await load();
  let known = 0;
  let recordings = false;
  watchRoom(room, (state) => {
    if (state.kind !== "known") return;
    if (state.room.last_seq > known) {
      known = state.room.last_seq;
      line.seen.push([number, known, Date.now() / 1000]);
    }
    if (!recordings) {
      recordings = true;
      watchRecordings(state.room, () => {});
    }
  });
}

begin();
setInterval(() => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
  begin();
}, 1000);
for (let number = 0; number < Number(viewers); number++) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE });
  setTimeout(
    () => viewer.run({ agent }, () => view(number).catch(() => note(line.files, 0))),
    (number / Number(viewers)) * Number(arrive) * 1000,
  );
}
