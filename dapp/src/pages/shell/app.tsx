/** The frame around every page. What a viewer does not need is loaded only when it is asked for. */
import type { JSX } from "preact";
import { type Route, route } from "../../base/router";
import { useStore } from "../../base/store";
import { useText } from "../../i18n";
import { Later } from "../../ui/later";
import { HomePage } from "../watch/home-page";
import { RoomPage } from "../watch/room-page";
import { Footer } from "./footer";
import { NotFoundPage } from "./not-found-page";
import { TopBar } from "./top-bar";

export function App(): JSX.Element {
  const t = useText();
  const here = useStore(route);
  return (
    <>
      <a class="skip" href="#main">
        {t.nav.skip}
      </a>
      <TopBar here={here} />
      <Page here={here} />
      <Footer />
    </>
  );
}

function Page({ here }: { here: Route }): JSX.Element {
  switch (here.page) {
    case "home":
      return <HomePage />;
    case "room":
      return <RoomPage key={here.room} id={here.room} />;
    case "channel":
      return (
        <Later
          key={here.host}
          load={() => import("../watch/channel-page").then((m) => m.ChannelPage)}
          props={{ host: here.host }}
        />
      );
    case "create":
      return <Later key="create" load={() => import("../host/create-page").then((m) => m.CreatePage)} props={{}} />;
    case "studio":
      return here.room === null ? (
        <Later key="studio" load={() => import("../host/studio-page").then((m) => m.StudioPage)} props={{}} />
      ) : (
        <Later
          key={here.room}
          load={() => import("../host/studio-room-page").then((m) => m.StudioRoomPage)}
          props={{ id: here.room }}
        />
      );
    case "audit":
      return here.room === null ? (
        <Later
          key="audit"
          load={() => import("../audit/contract-audit-page").then((m) => m.ContractAuditPage)}
          props={{}}
        />
      ) : (
        <Later
          key={here.room}
          load={() => import("../audit/room-audit-page").then((m) => m.RoomAuditPage)}
          props={{ id: here.room }}
        />
      );
    case "not-found":
      return <NotFoundPage />;
  }
}
