// How far it is: `GET /rooms/<number>` answers the row, `GET /count` how many there are.
import { Hono } from "hono";
import { count, eq } from "ponder";
import { db } from "ponder:api";
import { rooms } from "ponder:schema";

const app = new Hono();

app.get("/rooms/:id", async (c) => {
  const found = await db.select({ status: rooms.status, lastSeq: rooms.lastSeq, title: rooms.title })
    .from(rooms).where(eq(rooms.id, BigInt(c.req.param("id"))));
  return found.length ? c.json(found[0]) : c.json({}, 404);
});

app.get("/count", async (c) => c.json((await db.select({ rooms: count() }).from(rooms))[0]));

export default app;
