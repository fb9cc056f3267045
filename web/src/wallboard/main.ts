import "../base.css";
import { applyTheme } from "../settings.js";
import "./wallboard.js";

applyTheme();
