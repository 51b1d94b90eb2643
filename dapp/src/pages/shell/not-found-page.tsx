/** An address with no page. */
import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { useText } from "../../i18n";
import { Link } from "../../ui/link";

export function NotFoundPage(): JSX.Element {
  const t = useText();
  useEffect(() => {
    document.title = t.common.name;
  }, [t]);
  return (
    <main id="main" class="narrow">
      <div class="empty">
        <h1>{t.notFound.title}</h1>
        <p>{t.notFound.more}</p>
        <Link to="/" class="button primary">
          {t.home.see}
        </Link>
      </div>
    </main>
  );
}
