/** Link, embed code and QR code of a room; link and QR code of a channel. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { configState, isConfig } from "../api/config";
import type { Room } from "../api/types";
import { scrub } from "../base/scrub";
import { useStore } from "../base/store";
import { useText } from "../i18n";
import { CopyField } from "./copy-field";
import { Dialog } from "./dialog";
import { Icon } from "./icons";
import { Qr } from "./qr";

/** Where people reach the page: the operator's public address if there is one. */
export function useOrigin(): string {
  const settings = useStore(configState);
  const known = isConfig(settings) ? settings.public_url : null;
  return (known ?? location.origin).replace(/\/$/, "");
}

export const embedCode = (origin: string, room: string): string =>
  `<iframe src="${origin}/embed/${room}" width="640" height="360" style="border:0" ` +
  `allow="autoplay; fullscreen" allowfullscreen title="Livestream"></iframe>`;

export function ShareButton({ room }: { room: Room }): JSX.Element {
  const t = useText();
  return <ShareLink path={`/room/${room.room_id}`} title={t.share.title} embed={room.room_id} />;
}

interface Shared {
  path: string;
  title: string;
  /** The room to be embedded; none: the link alone. */
  embed?: string;
}

export function ShareLink({ title, ...shared }: Shared): JSX.Element {
  const t = useText();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen(true)}>
        <Icon name="share" /> {t.share.button}
      </button>
      {open && (
        <Dialog title={title} onClose={() => setOpen(false)}>
          <ShareFields {...shared} />
        </Dialog>
      )}
    </>
  );
}

function ShareFields({ path, embed }: Omit<Shared, "title">): JSX.Element {
  const t = useText();
  const origin = useOrigin();
  const link = scrub(origin + path);
  return (
    <div class="share">
      <Qr value={link} label={t.share.qr} />
      <div>
        <CopyField label={t.share.link} value={link} />
        {embed !== undefined && <CopyField label={t.share.embed} value={embedCode(origin, embed)} />}
      </div>
    </div>
  );
}
