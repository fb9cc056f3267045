/** What comes over /api/v1/live; the same shapes as appliance/web/models.py. */

export type AgentState =
  | "logged_out" | "ready" | "ringing" | "talking" | "wrap_up" | "paused" | "not_ready";

export type Formula =
  | "answered_and_abandoned" | "answered_only" | "all_offered" | "late_abandons" | "short_abandons";

export type Stage =
  | "arriving" | "flow" | "queue" | "ringing" | "talking" | "conference" | "outside"
  | "voicemail" | "leaving";

export interface Expected { low_s: number; high_s: number; at_us: number }
export interface Announced { position: number; low_s: number | null; high_s: number | null; at_us: number }

export interface Queue {
  id: string;
  name: string;
  waiting: number;
  waiting_since_us: number | null;
  estimate: Expected | null;
  level_s: number;
  service_level: { percent: number | null; formula: Formula; seconds: number };
  today: { offered: number; answered: number; abandoned: number; short_abandoned: number };
  states: Partial<Record<AgentState, number>>;
}

export interface Agent {
  id: string;
  name: string;
  state: AgentState;
  since_us: number;
  reason: string;
  queue: string | null;
  held: boolean;
  limit_s: number | null;
}

export interface Line {
  id: string;
  name: string;
  state: "up" | "down" | "disabled" | "unknown";
  since_us: number;
  cause: string;
  calls: number;
}

export interface Call {
  id: string;
  caller: string;
  stage: Stage;
  stage_since_us: number;
  flow: string;
  node: string;
  held: boolean;
  recording: "off" | "on" | "paused";
}

export interface Trouble { where: string; what: string; meaning: string; remedy: string; since_us: number; times: number }

export interface Board {
  seq: number;
  day: string;
  site: { name: string; language: string; timezone: string; pause_reasons: Record<string, string> };
  core: { running: boolean; since_us: number; version: string };
  queues: Record<string, Queue>;
  agents: Record<string, Agent>;
  lines: Record<string, Line>;
  calls: Record<string, Call>;
  troubles: Trouble[];
}

export interface Link { up: boolean; since_us: number; reason: string }

type Rows<T> = Record<string, T | null>;

export type Message =
  | { type: "snapshot"; now_us: number; link: Link; session: { role: string }; board: Board | null }
  | {
      type: "patch"; seq: number; now_us: number; day: string;
      queues: Rows<Queue>; agents: Rows<Agent>; lines: Rows<Line>; calls: Rows<Call>;
      troubles: Trouble[] | null; core: Board["core"] | null;
    }
  | { type: "link"; now_us: number; link: Link }
  | { type: "beat"; now_us: number };
