import { expect, test } from "vitest";
import { abi } from "../src/contract/abi";
// @ts-expect-error a plain script
import { used } from "../scripts/abi.mjs";

test("ABI: what the page uses is what the contract has", () => {
  expect(abi, "renew: npm run abi").toEqual(used);
});
