// What a room is, and who is owed what. The product's index keeps every event besides.
import { onchainTable } from "ponder";

export const rooms = onchainTable("rooms", (t) => ({
  id: t.bigint().primaryKey(),
  host: t.hex().notNull(),
  pendingHost: t.hex(),
  title: t.text().notNull(),
  mode: t.integer().notNull(),
  gate: t.hex().notNull(),
  status: t.text().notNull(),
  endReason: t.integer(),
  endDetail: t.integer(),
  endActor: t.hex(),
  endedAt: t.bigint(),
  operatorId: t.integer().notNull(),
  termsId: t.integer().notNull(),
  createdAt: t.bigint().notNull(),
  createdBlock: t.bigint().notNull(),
  createdTx: t.hex().notNull(),
  uid: t.hex(),
  ingestKey: t.hex().notNull(),
  tag: t.hex().notNull(),
  keyVersion: t.integer().notNull(),
  sealed: t.hex(),
  sealedTag: t.hex(),
  provisionedAt: t.bigint(),
  releasedAt: t.bigint(),
  lastSeq: t.integer().notNull(),
  updatedBlock: t.bigint().notNull(),
  updatedTx: t.hex().notNull(),
}));

export const accounts = onchainTable("accounts", (t) => ({
  id: t.hex().primaryKey(),
  credit: t.bigint().notNull(),
}));
