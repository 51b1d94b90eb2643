/** Which operator gets a new room: by the same vectors as the services (tests/support/operator_vectors.py). */
import { expect, test } from "vitest";
import { ranked } from "../src/contract/operator-choice";
import vectors from "./operator-vectors.json";

test.each(vectors.cases)("the operators of $host among $operators", ({ host, operators, ranked: order }) => {
  expect(ranked(host, operators)).toEqual(order);
  expect(ranked(host.toUpperCase().replace("0X", "0x"), [...operators].reverse())).toEqual(order);
});

test("a host that is no address is refused", () => {
  for (const host of ["0x11", "hello", ""]) expect(() => ranked(host, [1])).toThrow(TypeError);
});
