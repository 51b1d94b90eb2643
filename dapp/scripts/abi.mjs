// Writes src/contract/abi.ts: of the contract's ABI, what the page uses. test/abi.test.ts compares.
import { readFileSync, writeFileSync } from "node:fs";

const FUNCTIONS = [
  ...["createRoom", "updateRoom", "describeRoom", "rekeyRoom", "transferRoom", "acceptRoom", "endRoom", "expire"],
  ...["withdrawTo", "creation", "room", "operator", "operatorCount", "terms", "account", "roomCount"],
  ...["firstRoomId", "history", "owner"],
];

const artifact = new URL("../../contracts/artifacts/LivestreamRooms.json", import.meta.url);
const { abi } = JSON.parse(readFileSync(artifact, "utf8"));

// An event that the history hash covers; OpenZeppelin's own are not.
const isCovered = ({ type, inputs }) => type === "event" && inputs[0]?.name === "seq";

function slim({ name, type, components, indexed }) {
  return { name, type, ...(indexed ? { indexed } : {}), ...(components ? { components: components.map(slim) } : {}) };
}

export const used = abi
  .filter(
    (item) => item.type === "error" || isCovered(item) || (item.type === "function" && FUNCTIONS.includes(item.name)),
  )
  .map((item) => ({
    type: item.type,
    name: item.name,
    inputs: item.inputs.map(slim),
    ...(item.type === "function" ? { outputs: item.outputs.map(slim), stateMutability: item.stateMutability } : {}),
  }))
  .sort((one, other) => (one.type + one.name < other.type + other.name ? -1 : 1));

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const missing = FUNCTIONS.filter((name) => !used.some((item) => item.name === name));
  if (missing.length > 0) throw new Error(`not in the artifact: ${missing}`);
  const lines = used.map((item) => `  ${JSON.stringify(item)},`).join("\n");
  const head = "/** Of the contract's ABI, what the page uses. Made by `npm run abi`. */\n";
  const file = new URL("../src/contract/abi.ts", import.meta.url);
  writeFileSync(file, `${head}export const abi = [\n${lines}\n] as const;\n`);
}
