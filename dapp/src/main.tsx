/** The page's beginning. */
import { render } from "preact";
import { config } from "./api/config";
import "./base/theme";
import { App } from "./pages/shell/app";
import "./styles/main.css";

void config();
const page = document.getElementById("page");
if (page !== null) {
  page.replaceChildren();
  render(<App />, page);
}
