/** Which node to ask. */
import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Config } from "../../api/types";
import { chosenNode, isNodeUrl, nodeOf } from "../../audit/chosen-node";
import { useStore } from "../../base/store";
import { useAuditText } from "../../i18n/audit";

export function NodeField({ config }: { config: Config }): JSX.Element {
  const t = useAuditText();
  const chosen = useStore(chosenNode);
  const [typed, setTyped] = useState(nodeOf(config, chosen));
  const bad = typed !== "" && !isNodeUrl(typed);
  return (
    <div class="field">
      <label for="node">{t.audit.node}</label>
      <input
        id="node"
        type="url"
        class="mono"
        autoComplete="off"
        spellcheck={false}
        placeholder="https://"
        value={typed}
        aria-invalid={bad}
        aria-describedby="node-hint"
        onInput={(event) => {
          const next = event.currentTarget.value.trim();
          setTyped(next);
          chosenNode.set(isNodeUrl(next) && next !== config.rpc_url ? next : null);
        }}
      />
      <span id="node-hint" class="hint">
        {bad ? t.audit.badNode : t.audit.nodeMore}
      </span>
    </div>
  );
}
