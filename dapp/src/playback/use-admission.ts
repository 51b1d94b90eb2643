/** A viewer's admission to a room, for as long as a part of the page needs it. */
import { useEffect, useMemo, useState } from "preact/hooks";
import { config, configState, isConfig } from "../api/config";
import type { Room } from "../api/types";
import { useStore } from "../base/store";
import { browserClock } from "../stream/lifecycle";
import { Admissions, type Standing } from "./admission";
import { awakeClock } from "./awake-clock";
import { type PlaybackService, playbackService } from "./client";
import { linksTaken } from "./invitation-link";

/** The service of a room's operator; "unknown": the configuration is not there yet; null: there is none. */
export function usePlaybackService(room: Pick<Room, "operator_id">): PlaybackService | "unknown" | null {
  const settings = useStore(configState);
  useEffect(() => void config(), []); // the bare player has not asked
  const known = isConfig(settings);
  const address = known ? (settings.playback_services?.[room.operator_id] ?? null) : null;
  return useMemo(() => {
    if (!known) return "unknown";
    return address === null ? null : playbackService(address);
  }, [known, address]);
}

/** `turn`: another one begins anew, with what the tab keeps for the room by then. */
export function useAdmission(room: string, service: PlaybackService, turn = 0): [Standing, Admissions] {
  const links = useStore(linksTaken);
  const [standing, setStanding] = useState<Standing>({ kind: "checking" });
  const admissions = useMemo(() => {
    const parts = { service, clock: { ...browserClock, now: awakeClock() } };
    return new Admissions(room, parts, setStanding);
  }, [room, service, links, turn]);
  useEffect(() => {
    const stopping = new AbortController();
    const { signal } = stopping;
    void admissions.run(signal);
    const back = () => document.visibilityState === "visible" && admissions.back();
    addEventListener("pagehide", () => admissions.leave(), { signal });
    addEventListener("pageshow", back, { signal });
    addEventListener("online", back, { signal });
    document.addEventListener("visibilitychange", back, { signal });
    return () => stopping.abort();
  }, [admissions]);
  return [standing, admissions];
}
