/** What a host tells about a room, and when they plan to begin. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { roomNumber } from "../../base/room-id";
import { localInput, ofLocalInput, timeZone } from "../../base/time";
import { describeRoom, textBytes } from "../../contract/calls";
import { classIdOf, type Description, detailsOf, MAX_DETAILS_BYTES } from "../../contract/details";
import { useText } from "../../i18n";
import { count, languageName, useLanguage } from "../../i18n/format";
import { type FormProps, RoomForm } from "./room-form";

const LANGUAGES = ["vi", "en", "zh", "ja", "ko", "fr", "de", "es"];

export function DescribeRoom({ room, host, done }: FormProps): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const { about = "", lang: spoken = null, class: name = null } = room.description ?? {};
  const before: Description = { about, lang: spoken ?? "", class: name ?? "" };
  const [told, setTold] = useState(before);
  const [start, setStart] = useState(room.starts_at === null ? "" : localInput(room.starts_at));
  const trimmed = { ...told, about: told.about.trim(), class: told.class.trim() };
  const details = detailsOf(trimmed);
  const startsAt = ofLocalInput(start);
  const used = textBytes(details);
  const tooLong = used > MAX_DETAILS_BYTES;
  const unchanged = details === detailsOf(before) && startsAt === ofLocalInput(localInput(room.starts_at ?? 0));
  const set = (changes: Partial<Description>) => setTold((now) => ({ ...now, ...changes }));
  return (
    <RoomForm
      room={room}
      event="RoomDescribed"
      host={host}
      word={t.manage.save}
      off={tooLong || unchanged}
      call={() => describeRoom(roomNumber(room.room_id), startsAt, details)}
      done={done}
    >
      <div class="field">
        <label for="starts-at">{t.manage.startsAt}</label>
        <input
          id="starts-at"
          type="datetime-local"
          value={start}
          aria-describedby="starts-at-hint"
          onInput={(event) => setStart(event.currentTarget.value)}
        />
        <span id="starts-at-hint" class="hint">
          {t.manage.startsMore(timeZone())}
        </span>
      </div>
      <div class="field">
        <label for="about">{t.manage.about}</label>
        <textarea
          id="about"
          rows={5}
          value={told.about}
          aria-invalid={tooLong}
          aria-describedby="about-hint"
          onInput={(event) => set({ about: event.currentTarget.value })}
        />
        <span id="about-hint" class={`hint ${tooLong ? "bad-text" : ""}`}>
          {t.manage.size(count(used, lang), count(MAX_DETAILS_BYTES, lang))}
          {tooLong && `. ${t.reverts.DetailsTooLong}`}
        </span>
      </div>
      {classIdOf(before.class) !== null ? (
        <p class="dim">{t.manage.inClass}</p>
      ) : (
        <div class="field">
          <label for="class-name">{t.manage.className}</label>
          <input
            id="class-name"
            type="text"
            autoComplete="off"
            value={told.class}
            onInput={(event) => set({ class: event.currentTarget.value })}
          />
        </div>
      )}
      <div class="field">
        <label for="spoken">{t.manage.language}</label>
        <select id="spoken" value={told.lang} onChange={(event) => set({ lang: event.currentTarget.value })}>
          <option value="">{t.manage.languageNone}</option>
          {[...new Set([...LANGUAGES, before.lang])]
            .filter((code) => code !== "")
            .map((code) => (
              <option key={code} value={code}>
                {languageName(code, lang)}
              </option>
            ))}
        </select>
      </div>
    </RoomForm>
  );
}
