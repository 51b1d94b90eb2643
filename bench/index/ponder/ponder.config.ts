// The peer: the same contract's events from the same node, by ponder with its embedded database.
import { readFileSync } from "node:fs";
import { createConfig } from "ponder";
import type { Abi } from "viem";

const artifact = JSON.parse(
  readFileSync(new URL("../../../contracts/artifacts/LivestreamRooms.json", import.meta.url), "utf8"),
);

export default createConfig({
  database: { kind: "pglite", directory: process.env.PONDER_FOLDER! },
  chains: { local: { id: 31337, rpc: process.env.RPC_URL! } },
  contracts: {
    LivestreamRooms: {
      chain: "local",
      abi: artifact.abi as Abi,
      address: process.env.CONTRACT! as `0x${string}`,
      startBlock: Number(process.env.START_BLOCK),
    },
  },
});
