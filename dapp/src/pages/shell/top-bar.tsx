/** Name, navigation, language, theme. */
import type { JSX } from "preact";
import type { Route } from "../../base/router";
import { useStore } from "../../base/store";
import { nextTheme, theme } from "../../base/theme";
import { chooseLanguage, useText } from "../../i18n";
import { useLanguage } from "../../i18n/format";
import { airMark, onAirRoom } from "../../stream/on-air";
import { Icon } from "../../ui/icons";
import { AccountMark } from "../../ui/identicon";
import { Link } from "../../ui/link";
import { Pill } from "../../ui/pill";
import { account } from "../../wallet/account";

export function TopBar({ here }: { here: Route }): JSX.Element {
  const t = useText();
  const mine = useStore(account);
  const onAir = useStore(onAirRoom);
  const before = useStore(airMark)?.room ?? null;
  return (
    <div class="top">
      <Link to="/" class="brand" label={t.common.name}>
        <Logo />
        <span>{t.common.name}</span>
      </Link>
      {onAir !== null && (
        <Link to={`/studio/${onAir}`} class="on-air" label={t.nav.onAir}>
          <Pill tone="live">{t.nav.onAir}</Pill>
        </Link>
      )}
      {onAir === null && before !== null && (
        <Link to={`/studio/${before}`} class="on-air" label={t.nav.wasOnAir}>
          <Pill tone="wait">{t.nav.wasOnAir}</Pill>
        </Link>
      )}
      <nav aria-label={t.nav.main}>
        <Link to="/" current={here.page === "home"} class="wide">
          {t.nav.rooms}
        </Link>
        <Link to="/studio" current={here.page === "studio"}>
          {mine !== null && <AccountMark address={mine} />}
          {t.nav.studio}
        </Link>
        <a href="/audit" aria-current={here.page === "audit" ? "page" : undefined} class="wide">
          {t.nav.audit}
        </a>
        <Link to="/new" class="button primary small" current={here.page === "create"} label={t.nav.create}>
          <Icon name="plus" />
          <span class="wide">{t.nav.create}</span>
        </Link>
      </nav>
      <Choices />
    </div>
  );
}

function Choices(): JSX.Element {
  const t = useText();
  const lang = useLanguage();
  const look = useStore(theme);
  const icon = { system: "auto", light: "sun", dark: "moon" } as const;
  return (
    <div class="choices">
      <button
        type="button"
        class="tool"
        lang={lang === "vi" ? "en" : "vi"}
        onClick={() => chooseLanguage(lang === "vi" ? "en" : "vi")}
        aria-label={`${t.nav.otherLanguageShort}: ${t.nav.otherLanguage}`}
      >
        {t.nav.otherLanguageShort}
      </button>
      <button type="button" class="tool" onClick={nextTheme} aria-label={t.nav.theme[look]} title={t.nav.theme[look]}>
        <Icon name={icon[look]} />
      </button>
    </div>
  );
}

function Logo(): JSX.Element {
  return (
    <svg class="logo" viewBox="0 0 32 32" aria-hidden="true">
      <circle cx="16" cy="16" r="5" fill="var(--live)" />
      <path
        d="M8.6 8.6a10.4 10.4 0 0 0 0 14.8M23.4 8.6a10.4 10.4 0 0 1 0 14.8"
        fill="none"
        stroke="currentColor"
        stroke-width="2.6"
        stroke-linecap="round"
      />
    </svg>
  );
}
