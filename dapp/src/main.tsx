/** The page's beginning. */
import { render } from "preact";
import { config } from "./api/config";
import { route } from "./base/router";
import "./base/theme";
import { App } from "./pages/shell/app";
import { takeInvitation } from "./playback/invitation-link";
import "./styles/main.css";

// before anything looks at the address
takeInvitation();
addEventListener("hashchange", takeInvitation);
route.subscribe(takeInvitation);
route.subscribe(() => {
  import("./pages/shell/arrival").then(
    ({ arrive }) => arrive(),
    () => undefined, // a lost connection; what is there works all the same
  );
});
void config();
const page = document.getElementById("page");
if (page !== null) {
  page.replaceChildren();
  render(<App />, page);
}
