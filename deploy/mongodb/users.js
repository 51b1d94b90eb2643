// The database's users, one for each service, with the least rights it needs. For mongosh.
//
// Promises: safe to run again, at any time; rights and passwords are then what is said here and in
// the files. A user's name and password stand in its service's `mongodb_uri` alone.
// With MONGODB_HOST (compose.yaml) it asks the mongod on localhost, and on the first run makes it a
// replica set of that one member and makes the administrator. Without, it uses the connection that
// mongosh was given, an administrator's:
//   mongosh "mongodb://admin@db.example/?replicaSet=rs0" deploy/mongodb/users.js
const fs = require("node:fs");

const HOST = process.env.MONGODB_HOST;
const INDEX = process.env.MONGODB_DATABASE || "livestream";
const ORACLE = process.env.ORACLE_DATABASE || "livestream_oracle";
const PLAYBACK = process.env.PLAYBACK_DATABASE || "livestream_playback";
const PRESENCE = process.env.PRESENCE_DATABASE || "livestream_presence";
const KEYS = process.env.KEYS || "keys";
const PATIENCE_SECONDS = 60;

const READS_RECORDINGS = "livestream_recordings";
const READS_LIVE_STATUS = "livestream_live_status";
const ROLES = {
  [READS_RECORDINGS]: [{ resource: { db: ORACLE, collection: "oracle_recordings" }, actions: ["find"] }],
  [READS_LIVE_STATUS]: [{ resource: { db: ORACLE, collection: "oracle_live_status" }, actions: ["find"] }],
};
const RIGHTS = {
  indexer: [{ role: "readWrite", db: INDEX }],
  oracle: [
    { role: "readWrite", db: ORACLE },
    { role: "read", db: INDEX },
  ],
  presence: [
    { role: "readWrite", db: PRESENCE },
    { role: "read", db: INDEX },
    { role: READS_LIVE_STATUS, db: "admin" },
  ],
  api: [
    { role: "read", db: INDEX },
    { role: "read", db: PRESENCE },
    { role: READS_RECORDINGS, db: "admin" },
  ],
  playback: [
    { role: "readWrite", db: PLAYBACK },
    { role: "read", db: INDEX },
    { role: READS_RECORDINGS, db: "admin" },
  ],
};

function secret(path) {
  const text = fs.readFileSync(`${KEYS}/${path}`, "utf8").trim();
  if (!text) throw new Error(`${KEYS}/${path} is empty: deploy/keys.sh writes it`);
  return text;
}

function userOf(service) {
  const path = `${service}/mongodb_uri`;
  const found = /^mongodb(?:\+srv)?:\/\/([^:@/]+):([^:@/]+)@/.exec(secret(path));
  if (!found) throw new Error(`${KEYS}/${path}: needs mongodb://user:password@host/`);
  return { name: decodeURIComponent(found[1]), password: decodeURIComponent(found[2]) };
}

// What a command of the administrator's answers; `taken`: a code name that is no failure.
function run(admin, command, taken) {
  try {
    const answer = admin.runCommand(command); // mongosh does not wait for what is returned at once
    return answer;
  } catch (error) {
    if (taken && error.codeName === taken) return null;
    throw error;
  }
}

function loggedIn(admin, password) {
  try {
    admin.auth("admin", password);
    return true;
  } catch (error) {
    if (error.codeName === "AuthenticationFailed") return false;
    throw error;
  }
}

// While there is no user, whoever asks from localhost may do this much.
function begin(admin, password) {
  try {
    const members = [{ _id: 0, host: HOST }];
    run(admin, { replSetInitiate: { _id: "rs0", members } }, "AlreadyInitialized");
    for (let left = PATIENCE_SECONDS; !admin.runCommand({ hello: 1 }).isWritablePrimary; left -= 1) {
      if (left === 0) throw new Error(`${HOST} did not become primary: read its log`);
      sleep(1000);
    }
    run(admin, { createUser: "admin", pwd: password, roles: ["root"] });
  } catch (error) {
    if (error.codeName !== "Unauthorized") throw error;
    throw new Error(`${KEYS}/mongodb/admin_password is not the password of the database's user admin`);
  }
}

function administrator() {
  if (!HOST) return db.getSiblingDB("admin");
  const admin = connect("mongodb://127.0.0.1:27017/admin?directConnection=true");
  const password = secret("mongodb/admin_password");
  if (!loggedIn(admin, password)) {
    begin(admin, password);
    admin.auth("admin", password);
  }
  return admin;
}

// Makes it, or changes what is there.
function set(admin, kind, name, body) {
  const there = run(admin, { [`${kind}sInfo`]: name });
  const verb = there[`${kind}s`].length > 0 ? "update" : "create";
  run(admin, { [`${verb}${kind === "user" ? "User" : "Role"}`]: name, ...body });
}

function main() {
  const users = {};
  for (const service of Object.keys(RIGHTS)) users[service] = userOf(service);
  const admin = administrator();
  for (const role of Object.keys(ROLES)) {
    set(admin, "role", role, { privileges: ROLES[role], roles: [] });
  }
  for (const service of Object.keys(RIGHTS)) {
    const { name, password } = users[service];
    set(admin, "user", name, { pwd: password, roles: RIGHTS[service] });
    print(`${service}: user ${name}: ${RIGHTS[service].map((it) => `${it.role} on ${it.db}`).join(", ")}`);
  }
}

main();
