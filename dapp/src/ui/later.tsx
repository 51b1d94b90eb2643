/** What is seen, with code that comes over the network when it is; a lost connection can be tried again. */
import type { ComponentType, JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { useText } from "../i18n";

interface LaterProps<P extends object> {
  load: () => Promise<ComponentType<P>>;
  props: P;
  /** A part of a page, and not all of it. */
  part?: boolean;
}

export function Later<P extends object>(given: LaterProps<P>): JSX.Element {
  const t = useText();
  const [Loaded, setLoaded] = useState<{ page: ComponentType<P> } | null>(null);
  const [failed, setFailed] = useState(0);
  useEffect(() => {
    let here = true;
    given.load().then(
      (page) => here && setLoaded({ page }),
      () => here && setFailed((times) => times + 1),
    );
    return () => {
      here = false;
    };
  }, []);
  const Frame = given.part === true ? "div" : "main";
  if (Loaded !== null) return <Loaded.page {...given.props} />;
  return (
    <Frame aria-busy={failed === 0} {...(given.part === true ? {} : { id: "main", class: "narrow" })}>
      {failed > 0 && (
        <div class="empty" role="alert">
          <p>{t.common.unreachable}.</p>
          <button type="button" class="button" onClick={() => location.reload()}>
            {t.common.again}
          </button>
        </div>
      )}
    </Frame>
  );
}
