import { css, unsafeCSS } from "lit";
import type { AgentState } from "../types.js";

export const STATES: readonly AgentState[] = [
  "ready", "ringing", "talking", "wrap_up", "paused", "not_ready", "logged_out",
];

/** Gives each state's class its colour, and a class for words that are only spoken. */
export const stateStyles = css`
  ${unsafeCSS(STATES.map((state) => `.${state} { --colour: var(--${state}); }`).join("\n"))}
  .sr {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`;
