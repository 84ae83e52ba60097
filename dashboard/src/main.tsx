import "./style/index.css";

import { render } from "preact";

import { App } from "./app";
import { listen } from "./live";
import { followTheme } from "./theme";
import { followAddress } from "./view";

followTheme();
followAddress();
listen();

const page = document.getElementById("page");
if (page) render(<App />, page);
