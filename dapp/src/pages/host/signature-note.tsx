/** What a person is told while their wallet is asked for a signature; nothing while all goes as usual. */
import type { JSX } from "preact";
import { useText } from "../../i18n";
import { FailureNote } from "../../ui/failure-note";
import type { Signature } from "../../wallet/use-signature";
import { Told } from "./send-note";

export function SignatureNote({ signing }: { signing: Signature }): JSX.Element | null {
  const t = useText();
  const { state } = signing;
  if (state.kind === "failed") return <FailureNote failure={state.failure} />;
  if (state.kind === "idle" || !state.waiting) return null;
  return <Told words={t.failure.waiting} button={t.common.cancel} act={signing.cancel} />;
}
