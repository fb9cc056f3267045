/** How many columns and rows make the cells of an area largest. */

export interface Grid { cols: number; rows: number }

/** The grid for `count` cells that should be `aspect` times as wide as high. */
export function bestGrid(count: number, width: number, height: number, aspect: number): Grid {
  let best: Grid = { cols: 1, rows: Math.max(1, count) };
  let size = 0;
  for (let cols = 1; cols <= Math.max(1, count); cols += 1) {
    const rows = Math.ceil(count / cols);
    const cell = Math.min(width / cols / aspect, height / rows);
    if (cell > size * 1.02) {
      size = cell;
      best = { cols, rows };
    }
  }
  return best;
}

/** As many cells as fit when each needs at least this much, at least one. */
export function capacity(width: number, height: number, least: { w: number; h: number }): Grid {
  return {
    cols: Math.max(1, Math.floor(width / least.w)),
    rows: Math.max(1, Math.floor(height / least.h)),
  };
}
