import { css } from "lit";

/** How the page of recordings is laid out: list and recording side by side, one at a time on a phone. */
export const pageStyle = css`
  :host {
    box-sizing: border-box;
    display: grid;
    grid-template: auto minmax(0, 1fr) / minmax(22em, 2fr) 3fr;
    gap: 0.8em;
    height: 100dvh;
    padding: 0.8em 1em 1em;
    font-size: max(1rem, 15px);
  }
  main {
    display: contents;
  }
  .top {
    grid-column: 1 / -1;
    display: flex;
    align-items: center;
    gap: 1.2em;
  }
  h1 {
    margin: 0;
    font-size: 1.5em;
    letter-spacing: -0.02em;
  }
  .site {
    color: var(--muted);
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .top a {
    color: var(--accent);
    margin-left: auto;
    white-space: nowrap;
    padding: 0.5em;
  }
  section {
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: 0.8em;
    min-height: 0;
    min-width: 0;
    display: flex;
    flex-direction: column;
    overflow: hidden;
  }
  form {
    display: flex;
    flex-wrap: wrap;
    gap: 0.4em;
    padding: 0.8em 1em;
    border-bottom: 1px solid var(--line);
  }
  label,
  .help {
    flex-basis: 100%;
  }
  label {
    font-weight: 600;
  }
  .help {
    margin: 0;
    color: var(--muted);
    font-size: 0.92em;
  }
  input {
    flex: 1;
    min-width: 8em;
    font: inherit;
    color: inherit;
    background: var(--sunken);
    border: 1px solid var(--muted);
    border-radius: 0.5em;
    padding: 0.55em 0.7em;
  }
  button {
    font: inherit;
    font-weight: 600;
    color: var(--text);
    background: var(--sunken);
    border: 1px solid var(--muted);
    border-radius: 0.5em;
    padding: 0.55em 1em;
    cursor: pointer;
  }
  button.first {
    color: var(--bg);
    background: var(--accent);
    border-color: var(--accent);
  }
  a:focus-visible,
  input:focus-visible,
  button:focus-visible,
  .scroll:focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 1px;
  }
  .scroll {
    flex: 1;
    min-height: 0;
    overflow-y: auto;
  }
  .scroll:focus-visible {
    outline-offset: -3px;
  }
  .sum {
    margin: 0;
    padding: 0.6em calc(1em / 0.92) 0.3em;
    color: var(--muted);
    font-size: 0.92em;
  }
  .sum:empty {
    display: none;
  }
  .empty {
    margin: auto;
    padding: 2em;
    color: var(--muted);
    text-align: center;
    overflow-wrap: anywhere;
  }
  .older {
    display: block;
    margin: 1em auto;
  }
  .bad {
    margin: 0.8em 1em;
    padding: 0.6em 0.9em;
    background: var(--banner-bad);
    border-left: 0.35em solid var(--bad);
    border-radius: 0.4em;
    overflow-wrap: anywhere;
  }
  cf-recording {
    flex: 1;
  }
  .back {
    display: none;
  }
  @media (max-width: 760px) {
    :host {
      display: block;
      height: auto;
      min-height: 100dvh;
      padding: 0.6em;
    }
    .top {
      gap: 0.2em;
      margin-bottom: 0.4em;
    }
    h1 {
      font-size: 1.25em;
    }
    .site {
      display: none;
    }
    section {
      overflow: visible;
    }
    .scroll {
      overflow: visible;
    }
    :host([detail]) .found,
    :host(:not([detail])) .detail {
      display: none;
    }
    .back {
      display: block;
      padding: 0.7em 1.2em;
      color: var(--accent);
    }
  }
`;
