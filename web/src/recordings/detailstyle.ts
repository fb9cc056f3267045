import { css } from "lit";

/** How a recording is laid out: its sound on top, what was said below. */
export const detailStyle = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 0;
  }
  header {
    padding: 0.9em 1.2em;
    border-bottom: 1px solid var(--line);
  }
  h2 {
    margin: 0 0 0.15em;
    font-size: 1.3em;
    overflow-wrap: anywhere;
  }
  p {
    margin: 0.2em 0;
    overflow-wrap: anywhere;
  }
  header p,
  .by {
    color: var(--muted);
  }
  audio {
    display: block;
    width: 100%;
    height: 3em;
    margin-top: 0.7em;
  }
  .text {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
    padding: 0.8em 1.2em 2em;
    outline-offset: -3px;
  }
  .text:focus-visible,
  button:focus-visible {
    outline: 3px solid var(--accent);
  }
  ol {
    margin: 0;
    padding: 0;
    list-style: none;
    max-width: 60em;
  }
  li {
    display: grid;
    grid-template-columns: 3.6em 8em minmax(0, 1fr);
    gap: 0 0.8em;
    padding: 0.3em 0.4em;
    border-radius: 0.4em;
    line-height: 1.55;
  }
  .speaker {
    font-weight: 650;
    overflow-wrap: anywhere;
  }
  .caller .speaker {
    color: var(--talking);
  }
  .floor .speaker {
    color: var(--accent);
  }
  li button {
    justify-self: start;
    align-self: start;
    font: inherit;
    color: var(--muted);
    background: none;
    border: 0;
    border-radius: 0.3em;
    padding: 0 0.2em;
    min-height: 1.55em;
    cursor: pointer;
    text-decoration: underline;
    text-underline-offset: 0.2em;
  }
  li button:hover {
    color: var(--text);
  }
  .said {
    overflow-wrap: anywhere;
  }
  .word {
    cursor: pointer;
    border-radius: 0.2em;
  }
  .word:hover {
    background: var(--sunken);
    box-shadow: 0 0 0 0.1em var(--sunken);
  }
  .unsure {
    text-decoration: underline dotted var(--muted);
    text-underline-offset: 0.2em;
  }
  .now {
    background: color-mix(in srgb, var(--accent) 30%, transparent);
    box-shadow: 0 0 0 0.1em color-mix(in srgb, var(--accent) 30%, transparent);
  }
  .note {
    background: var(--banner);
    border-left: 0.35em solid var(--late);
    border-radius: 0.4em;
    padding: 0.6em 0.9em;
    max-width: 60em;
  }
  .bad {
    background: var(--banner-bad);
    border-color: var(--bad);
  }
  @media (max-width: 760px) {
    .text {
      overflow: visible;
    }
    header {
      position: sticky;
      top: 0;
      z-index: 1;
      background: var(--surface);
    }
    li {
      grid-template-columns: auto minmax(0, 1fr);
      align-items: center;
      padding: 0.4em 0;
    }
    .said {
      grid-column: 1 / -1;
    }
    li button {
      align-self: center;
      min-height: 2em;
      min-width: 3em;
      text-align: start;
      padding: 0;
    }
  }
`;
