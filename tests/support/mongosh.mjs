// What deploy/mongodb/users.js sees of mongosh, run by tests/support/mongosh.py: a command goes out
// as a line of JSON on stdout, and its answer comes back as one on stdin.
import fs from "node:fs";
import { createRequire } from "node:module";
import vm from "node:vm";

let unread = "";

function ask(question) {
  fs.writeSync(1, `${JSON.stringify(question)}\n`);
  const chunk = Buffer.alloc(65536);
  while (!unread.includes("\n")) {
    const size = fs.readSync(0, chunk);
    if (size === 0) process.exit(3);
    unread += chunk.toString("utf8", 0, size);
  }
  const end = unread.indexOf("\n");
  const answer = JSON.parse(unread.slice(0, end));
  unread = unread.slice(end + 1);
  if (answer.codeName) throw Object.assign(new Error(answer.errmsg), { codeName: answer.codeName });
  return answer;
}

const admin = {
  runCommand: (command) => ask({ command }),
  auth: (user, password) => ask({ auth: [user, password] }),
};
const shell = {
  connect: (uri) => ask({ connect: uri }) && admin,
  db: { getSiblingDB: () => admin },
  print: (text) => ask({ print: text }),
  process,
  require: createRequire(import.meta.url),
  sleep: () => undefined,
};

try {
  vm.runInNewContext(fs.readFileSync(process.argv[2], "utf8"), shell, { filename: process.argv[2] });
} catch (error) {
  ask({ print: `Error: ${error.message}` });
  process.exit(1);
}
