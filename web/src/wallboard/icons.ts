/** Signs of states: each has a shape of its own, so that none depends on its colour. */

import { svg, type SVGTemplateResult } from "lit";
import type { AgentState, Line } from "../types.js";

const stroke = { talking: "M4 5.5h16v10H11l-4.5 4v-4H4z", ready: "M5 12.5l4.6 4.6L19 7.4" };

function drawn(content: SVGTemplateResult): SVGTemplateResult {
  return svg`<svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" fill="none"
    stroke="currentColor" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"
    >${content}</svg>`;
}

const states: Record<AgentState, SVGTemplateResult> = {
  ready: svg`<path d=${stroke.ready} />`,
  ringing: svg`<path d="M6 16V11a6 6 0 0 1 12 0v5l1.6 2H4.4z" /><path d="M10 21h4" />`,
  talking: svg`<path d=${stroke.talking} />`,
  wrap_up: svg`<path d="M5 19l1-4.2L15.8 5l3.2 3.2L9.2 18z" />`,
  paused: svg`<path d="M8.5 5.5v13M15.5 5.5v13" stroke-width="3.4" />`,
  not_ready: svg`<path d="M12 4.5v9.5" stroke-width="3.2" /><path d="M12 19.4v.1" stroke-width="3.8" />`,
  logged_out: svg`<path d="M6 12h12" />`,
};

export function stateIcon(state: AgentState): SVGTemplateResult {
  return drawn(states[state]);
}

export function lineIcon(state: Line["state"]): SVGTemplateResult {
  if (state === "up") return drawn(svg`<path d="M12 19V6M6.5 11.5L12 6l5.5 5.5" />`);
  if (state === "down") return drawn(svg`<path d="M6 6l12 12M18 6L6 18" />`);
  return drawn(svg`<path d="M6 12h12" />`);
}

export const warning = drawn(svg`<path d="M12 4l9 16H3z" /><path d="M12 10v4M12 17.2v.1" />`);
export const unplugged = drawn(
  svg`<path d="M4 4l16 16M5 12a10 10 0 0 1 3-2.2M19 12a10 10 0 0 0-6.3-3M8.5 15.5a5 5 0 0 1 6 0" />`,
);
export const sun = drawn(
  svg`<circle cx="12" cy="12" r="4" /><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6L7 7M17 17l1.4 1.4M5.6 18.4L7 17M17 7l1.4-1.4" />`,
);
export const left = drawn(svg`<path d="M14.5 6l-6 6 6 6" />`);
export const right = drawn(svg`<path d="M9.5 6l6 6-6 6" />`);
export const halt = drawn(svg`<path d="M9 6v12M15 6v12" />`);
export const play = drawn(svg`<path d="M8 5.5l10 6.5-10 6.5z" />`);
export const exit = drawn(svg`<path d="M14 5h5v14h-5M4 12h10M10.5 8.5L14 12l-3.5 3.5" />`);
export const sound = drawn(svg`<path d="M5 10v4M9 6.5v11M13 9v6M17 5v14M21 10.5v3" />`);
