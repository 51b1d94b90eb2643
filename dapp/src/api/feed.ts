/**
 * Tells when something changed, by the API's event stream.
 *
 * Promises: `onChange` is called soon after each change, and once after each gap (a hidden tab, a
 * lost connection), so that whoever then asks the API misses nothing. A hidden tab holds no
 * connection: browsers allow only a few to one server, over all tabs. `seq`: the event's number. The
 * server has several processes, so an answer that is asked for at once may not have it yet.
 */
const RETRY_MS = 3_000;
const HIDDEN_MS = 15_000;

export function follow(room: string | null, onChange: (seq: number | null) => void): () => void {
  const address = `/api/livestream/stream${room === null ? "" : `?room_id=${room}`}`;
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let hide: ReturnType<typeof setTimeout> | undefined;
  let gap = false;

  function open() {
    clearTimeout(retry);
    source?.close();
    source = new EventSource(address);
    source.onopen = () => {
      if (gap) onChange(null);
      gap = false;
    };
    source.onmessage = ({ data }) => onChange(seqOf(data));
    source.addEventListener("reset", () => onChange(null));
    source.onerror = () => {
      gap = true;
      onChange(null); // whoever asks learns whether the API is there at all
      if (source?.readyState === EventSource.CLOSED) retry = setTimeout(open, RETRY_MS);
    };
  }

  function close() {
    gap = true;
    clearTimeout(retry);
    source?.close();
    source = null;
  }

  function visibility() {
    clearTimeout(hide);
    if (document.visibilityState === "hidden") hide = setTimeout(close, HIDDEN_MS);
    else if (source === null) open();
  }

  document.addEventListener("visibilitychange", visibility);
  open();
  return () => {
    document.removeEventListener("visibilitychange", visibility);
    clearTimeout(hide);
    close();
  };
}

function seqOf(data: string): number | null {
  try {
    const { seq } = JSON.parse(data) as { seq?: unknown };
    return typeof seq === "number" ? seq : null;
  } catch {
    return null;
  }
}
