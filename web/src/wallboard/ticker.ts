/** One clock for all ticking figures. */

type Listener = () => void;

const listeners = new Set<Listener>();
let skew = 0;

window.setInterval(() => {
  for (const listener of listeners) listener();
}, 1000);

/** Sets how far the box's clock is ahead of this one, milliseconds. */
export function setSkew(ms: number): void {
  // Half a second of network delay is no reason to let all figures jump.
  if (Math.abs(ms - skew) > 500) skew = ms;
}

export function boxNow(): number {
  return Date.now() + skew;
}

export function onTick(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
