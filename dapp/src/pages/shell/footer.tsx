/** The end of every page: links that are seldom needed. */
import type { JSX } from "preact";
import { configState, isConfig } from "../../api/config";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import { shortAddress } from "../../ui/address";

export function Footer(): JSX.Element {
  const t = useText();
  const settings = useStore(configState);
  return (
    <footer class="foot">
      <a href="/audit">{t.footer.audit}</a>
      <a href="/docs">{t.footer.api}</a>
      {isConfig(settings) && (
        <span title={settings.contract}>{t.footer.contract(shortAddress(settings.contract), settings.chain_id)}</span>
      )}
    </footer>
  );
}
