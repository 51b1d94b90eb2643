/** What was checked, and how it came out. */
import type { JSX } from "preact";
import type { CheckReport } from "../../audit/room-check";
import { useAuditText } from "../../i18n/audit";
import { count, useLanguage } from "../../i18n/format";
import { Icon } from "../../ui/icons";

export function Checks({ report }: { report: CheckReport }): JSX.Element {
  const t = useAuditText();
  const lang = useLanguage();
  const good = report.checks.every((check) => check.ok);
  return (
    <div class="checks">
      <p class={`verdict ${good ? "good" : "bad"}`}>
        <Icon name={good ? "check" : "warn"} /> {good ? t.audit.holds(count(report.block, lang)) : t.audit.differs}
      </p>
      <ul>
        {report.checks.map((check) => (
          <li key={check.name} class={check.ok ? "good" : "bad"}>
            <Icon name={check.ok ? "check" : "close"} />
            <span>
              <span class="sr">{check.ok ? t.audit.yes : t.audit.no} </span>
              {t.audit.checks[check.name]}
              {!check.ok && <code class="wrap">{check.detail}</code>}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
