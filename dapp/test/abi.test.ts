import { expect, test } from "vitest";
// @ts-expect-error a plain script
import { used } from "../scripts/abi.mjs";
import { abi } from "../src/contract/abi";

test("ABI: what the page uses is what the contract has", () => {
  expect(abi, "renew: npm run abi").toEqual(used);
});
