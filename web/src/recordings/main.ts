import "../base.css";
import { applyTheme } from "../settings.js";
import "./page.js";

applyTheme();
