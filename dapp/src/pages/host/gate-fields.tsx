/** What a host of a private room is told and asked at creation: the token, whether it answers, what is not private. */
import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Address, isAddress, sameHex } from "../../base/hex";
import type { Mode } from "../../contract/enums";
import { checkToken, type TokenAnswer } from "../../contract/token-check";
import { useClassText } from "../../i18n/class";
import type { Host } from "../../wallet/use-host";

interface Props {
  host: Host;
  mode: Mode;
  who: "invited" | "holders";
  /** The contract that says who may watch; null: none that answers. */
  found: (gate: Address | null) => void;
}

type Check = TokenAnswer | "none" | "bad" | "registry" | "asking" | "away";

export function GateFields({ host, mode, who, found }: Props): JSX.Element {
  const t = useClassText();
  return (
    <div class="stack gate">
      {who === "holders" && <TokenField host={host} found={found} />}
      <ul class="hints">
        {who === "invited" && <li>{t.gate.invitedHow}</li>}
        <li>{t.gate.public}</li>
        <li>{mode === "webrtc" ? t.gate.webrtc : t.gate.broadcast}</li>
        <li>{t.gate.passedOn}</li>
      </ul>
    </div>
  );
}

function TokenField({ host, found }: Pick<Props, "host" | "found">): JSX.Element {
  const t = useClassText();
  const [typed, setTyped] = useState("");
  const [check, again] = useTokenCheck(host, typed.trim(), found);
  const bad = check !== "good" && check !== "none" && check !== "asking";
  return (
    <div class="field">
      <label for="token">{t.gate.token}</label>
      <input
        id="token"
        type="text"
        class="mono"
        autoComplete="off"
        spellcheck={false}
        placeholder="0x…"
        value={typed}
        aria-invalid={bad}
        aria-describedby="token-hint"
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      <span id="token-hint" class={`hint ${bad ? "bad-text" : ""}`} role="status">
        {t.gate.check[check]}
      </span>
      {bad && check !== "bad" && (
        <div class="buttons">
          <button type="button" class="button small" onClick={again}>
            {t.common.again}
          </button>
        </div>
      )}
    </div>
  );
}

const PAUSE_MS = 400; // while a person types

function useTokenCheck(host: Host, typed: string, found: (gate: Address | null) => void): [Check, () => void] {
  const { read, config, session } = host;
  const [check, setCheck] = useState<Check>("none");
  const [turn, setTurn] = useState(0);
  const holder = session.kind === "ready" ? session.address : null;
  const registry = config?.contract ?? null;
  useEffect(() => {
    found(null);
    if (typed === "") return setCheck("none");
    if (!isAddress(typed)) return setCheck("bad");
    if (sameHex(typed, registry)) return setCheck("registry");
    if (read === null) return setCheck("away");
    const leaving = new AbortController();
    const { signal } = leaving;
    setCheck("asking");
    const timer = setTimeout(() => {
      // without a wallet, of anybody: only the form of the answer counts
      checkToken(read, typed, holder ?? typed, signal).then(
        (answer) => {
          if (signal.aborted) return;
          setCheck(answer);
          found(answer === "good" ? typed : null);
        },
        () => !signal.aborted && setCheck("away"),
      );
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      leaving.abort();
    };
  }, [typed, read, holder, registry, turn]);
  return [check, () => setTurn((before) => before + 1)];
}
