/** What a host tells about a room, as plain text. */
import type { JSX } from "preact";
import type { Room } from "../api/types";
import { plainTitle } from "../base/plain-text";
import { classIdOf } from "../contract/details";
import { PlainText } from "./room-title";
import { StartTime } from "./start-time";

export function RoomDescription({ room }: { room: Room }): JSX.Element | null {
  const { description } = room;
  const told = description?.class ?? "";
  const name = classIdOf(told) === null ? plainTitle(told) : ""; // a class of invitations has no name
  if (name === "" && !description?.about && room.starts_at === null) return null;
  return (
    <div class="description">
      {(name !== "" || room.starts_at !== null) && (
        <p class="facts">
          {name !== "" && <bdi>{name}</bdi>}
          <StartTime room={room} />
        </p>
      )}
      <PlainText text={description?.about ?? ""} lang={description?.lang ?? null} />
    </div>
  );
}
