// The events of a room's life, folded into its row.
import { ponder } from "ponder:registry";
import { accounts, rooms } from "ponder:schema";

const touched = (event: any) => ({
  lastSeq: event.args.seq,
  updatedBlock: event.block.number,
  updatedTx: event.transaction.hash,
});

const credit = (context: any, account: string, amount: bigint) =>
  context.db.insert(accounts).values({ id: account, credit: amount })
    .onConflictDoUpdate((row: any) => ({ credit: row.credit + amount }));

ponder.on("LivestreamRooms:RoomCreated", async ({ event, context }: any) => {
  const { actor, roomId, operatorId, termsId, mode, gate, ingestKey, tag, title, timestamp } = event.args;
  await context.db.insert(rooms).values({
    id: roomId, host: actor, title, mode, gate, operatorId, termsId, ingestKey, tag,
    status: "pending", keyVersion: 1, createdAt: BigInt(timestamp),
    createdBlock: event.block.number, createdTx: event.transaction.hash, ...touched(event),
  });
});

ponder.on("LivestreamRooms:RoomUpdated", async ({ event, context }: any) => {
  const { roomId, title } = event.args;
  await context.db.update(rooms, { id: roomId }).set({ title, ...touched(event) });
});

ponder.on("LivestreamRooms:RoomProvisioned", async ({ event, context }: any) => {
  const { roomId, uid, tag, sealedIngest, timestamp } = event.args;
  await context.db.update(rooms, { id: roomId }).set({
    uid, status: "active", sealed: sealedIngest, sealedTag: tag,
    provisionedAt: BigInt(timestamp), ...touched(event),
  });
});

ponder.on("LivestreamRooms:RoomEnded", async ({ event, context }: any) => {
  const { roomId, reason, detail, amount, actor, timestamp } = event.args;
  const { host } = await context.db.update(rooms, { id: roomId }).set({
    status: "ended", endReason: reason, endDetail: detail, endActor: actor,
    endedAt: BigInt(timestamp), ...touched(event),
  });
  await credit(context, host, amount);
});

ponder.on("LivestreamRooms:RoomReleased", async ({ event, context }: any) => {
  const { roomId, timestamp } = event.args;
  await context.db.update(rooms, { id: roomId })
    .set({ releasedAt: BigInt(timestamp), ...touched(event) });
});

ponder.on("LivestreamRooms:Credited", async ({ event, context }: any) => {
  await credit(context, event.args.account, event.args.amount);
});
