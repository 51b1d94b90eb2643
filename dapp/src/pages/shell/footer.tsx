/** The end of every page: the ways that are seldom needed. */
import type { JSX } from "preact";
import { configState, isConfig } from "../../api/config";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import { short } from "../../ui/address";

export function Foot(): JSX.Element {
  const t = useText();
  const settings = useStore(configState);
  return (
    <footer class="foot">
      <a href="/audit">{t.foot.audit}</a>
      <a href="/docs">{t.foot.api}</a>
      {isConfig(settings) && (
        <span title={settings.contract}>
          {t.foot.contract(short(settings.contract), settings.chain_id)}
        </span>
      )}
    </footer>
  );
}
