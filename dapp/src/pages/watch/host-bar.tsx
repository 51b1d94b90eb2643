/** On a room's page: a link to its studio, for its host and an account it is offered to; on air, back. */
import type { JSX } from "preact";
import type { Room } from "../../api/types";
import { sameHex } from "../../base/hex";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import { onAirRoom } from "../../stream/on-air";
import { Link } from "../../ui/link";
import { account } from "../../wallet/account";

export function HostBar({ room }: { room: Room }): JSX.Element | null {
  const t = useText();
  const mine = useStore(account);
  const onAir = useStore(onAirRoom);
  // back to what is on air, whatever room this is, and whether or not a wallet is there
  if (onAir !== null) {
    return (
      <p class="host-bar">
        <span>{t.nav.onAir}</span>
        <Link to={`/studio/${onAir}`} class="button primary">
          {t.room.toAir}
        </Link>
      </p>
    );
  }
  if (mine === null) return null;
  const hosts = sameHex(mine, room.host);
  const offered = room.status !== "ended" && sameHex(mine, room.pending_host);
  if (!hosts && !offered) return null;
  return (
    <p class="host-bar">
      <span>{hosts ? t.room.yours : t.room.offered}</span>
      <Link to={`/studio/${room.room_id}`} class="button primary">
        {hosts ? t.room.studio : t.room.takeOver}
      </Link>
    </p>
  );
}
