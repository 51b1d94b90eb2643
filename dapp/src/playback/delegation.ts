/**
 * What a host's wallet signs (EIP-712): that a key of this browser may invite people, and that invitations are
 * withdrawn. The sentences are part of what is signed: the service writes the same ones, so that changing one
 * here makes every signature by it worthless (tests compare both sides).
 */
import type { Address } from "../base/hex";
import { roomId } from "../base/room-id";
import type { Language } from "../i18n";
import { STATEMENTS } from "../i18n/statements";
import type { Scope } from "./invitation";

export interface SigningPlace {
  chainId: number;
  /** The contract of the room. */
  contract: Address;
  /** Of the page, as the service's settings have it. */
  origin: string;
}

const FIELDS = {
  EIP712Domain: [
    ["name", "string"],
    ["version", "string"],
    ["chainId", "uint256"],
    ["verifyingContract", "address"],
  ],
  Invitations: [
    ["statement", "string"],
    ["origin", "string"],
    ["scope", "string"],
    ["key", "bytes"],
    ["from", "uint64"],
    ["until", "uint64"],
  ],
  Revocation: [
    ["statement", "string"],
    ["origin", "string"],
    ["scope", "string"],
    ["delegation", "bytes32"],
    ["before", "uint64"],
    ["issued", "uint64"],
  ],
};

const typed = (name: keyof typeof FIELDS) => FIELDS[name].map(([field, type]) => ({ name: field, type }));

/** A scope as it is signed. */
export const scopeText = (scope: Scope): string => (scope.kind === "room" ? roomId(scope.room) : `class ${scope.id}`);

/** As `eth_signTypedData_v4` takes it, once it is JSON. */
function data(place: SigningPlace, primaryType: "Invitations" | "Revocation", message: object) {
  const { chainId, contract: verifyingContract } = place;
  return {
    types: { EIP712Domain: typed("EIP712Domain"), [primaryType]: typed(primaryType) },
    primaryType,
    domain: { name: "Livestream Rooms", version: "1", chainId, verifyingContract },
    message,
  };
}

function statement(words: { room: (id: string) => string; class: (id: string) => string }, scope: Scope): string {
  return scope.kind === "room" ? words.room(roomId(scope.room)) : words.class(scope.id);
}

interface Inviting {
  scope: Scope;
  language: Language;
  /** 0x and 66 hex digits. */
  key: string;
  from: number;
  until: number;
}

export const invitationsToSign = (place: SigningPlace, { scope, language, key, from, until }: Inviting) =>
  data(place, "Invitations", {
    statement: statement(STATEMENTS[language].invite, scope),
    origin: place.origin,
    scope: scopeText(scope),
    key,
    from,
    until,
  });

interface Withdrawing {
  scope: Scope;
  language: Language;
  /** Zeros: all that were issued before `before`. */
  delegation: string;
  before: number;
  issued: number;
}

export const revocationToSign = (place: SigningPlace, { scope, language, delegation, before, issued }: Withdrawing) =>
  data(place, "Revocation", {
    statement: statement(STATEMENTS[language].withdraw, scope),
    origin: place.origin,
    scope: scopeText(scope),
    delegation,
    before,
    issued,
  });
