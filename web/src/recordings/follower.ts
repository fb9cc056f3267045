import type { Channel, Utterance } from "./api.js";

interface Timed { start: number; end: number; id: string; utterance: number }

/** Marks the word that is being played, in each channel, and keeps it in sight. */
export class Follower {
  private readonly lines = new Map<Channel, Timed[]>();
  private readonly marked = new Map<Channel, Element>();
  private frame = 0;
  private seen = -1;

  constructor(private readonly root: () => ParentNode) {}

  take(utterances: readonly Utterance[]): void {
    this.lines.clear();
    this.marked.clear();
    utterances.forEach((one, at) => {
      const line = this.lines.get(one.channel) ?? [];
      one.words.forEach((word, n) => {
        line.push({ start: word.start, end: word.end, id: `${at}-${n}`, utterance: at });
      });
      this.lines.set(one.channel, line);
    });
  }

  start(sound: HTMLAudioElement): void {
    this.stop();
    const step = (): void => {
      this.show(sound.currentTime, true);
      this.frame = requestAnimationFrame(step);
    };
    step();
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
  }

  /** Mark what is said at `seconds`; `follow`: scroll there. */
  show(seconds: number, follow = false): void {
    for (const [channel, line] of this.lines) {
      const word = spoken(line, seconds);
      const found = word ? this.root().querySelector(`[data-word="${word.id}"]`) : null;
      const before = this.marked.get(channel);
      if (found === (before ?? null)) continue;
      before?.classList.remove("now");
      found?.classList.add("now");
      if (found) this.marked.set(channel, found);
      else this.marked.delete(channel);
      if (word && word.utterance !== this.seen && follow) {
        this.seen = word.utterance;
        found?.closest("li")?.scrollIntoView({ block: "nearest" });
      }
    }
  }
}

/** The word at a moment, by bisection. */
function spoken(line: readonly Timed[], seconds: number): Timed | undefined {
  let [low, high] = [0, line.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((line[middle]?.start ?? 0) <= seconds) low = middle + 1;
    else high = middle;
  }
  const word = line[low - 1];
  return word && seconds < word.end ? word : undefined;
}
