/** Recordings and their texts; the same shapes as appliance/web/recordingmodels.py. */

export type Channel = "caller" | "floor";
export type TextState = "off" | "no_model" | "waiting" | "done" | "failed";

export interface Name { id: string; name: string }

export interface Recording {
  recording: string;
  call: string;
  kind: "call" | "voicemail";
  started_us: number;
  duration_s: number;
  caller: string;
  caller_name: string;
  anonymous: boolean;
  agents: Name[];
  queues: Name[];
  mailbox: string;
  text: TextState;
  model: string;
  poor: boolean;
  language: string;
  words: number;
  cause: string;
}

/** Every second one of `parts` is what was searched for. */
export interface Place { channel: Channel; start_s: number; end_s: number; parts: string[] }

export interface Found extends Recording { count: number; places: Place[] }

export interface Site { name: string; language: string; timezone: string }

export interface Page { recordings: Recording[]; next: number | null; site: Site }
export type Why = "open" | "star" | "excluded" | "empty" | "many";
export interface FoundPage { results: Found[]; next: number | null; wrong: string; why: Why | "" }

export interface Word { word: string; start: number; end: number; confidence: number }
export interface Utterance { channel: Channel; start: number; end: number; words: Word[] }
export interface Transcript { recording: Recording; utterances: Utterance[] }

interface Problem { error: string; meaning: string; remedy: string }

/** What the box said, in words for people; `status` 0: it did not answer. */
export class Trouble extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Who is not logged in is sent to do that. */
async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  let reply: Response;
  try {
    reply = await fetch(`/api/v1${path}`, signal ? { signal } : {});
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Trouble(0, "");
  }
  if (reply.ok) return (await reply.json()) as T;
  if (reply.status === 401) location.replace("/login?to=recordings");
  const told = (await reply.json().catch(() => null)) as Problem | null;
  throw new Trouble(reply.status, told ? `${told.error} ${told.remedy}` : reply.statusText);
}

function query(values: Record<string, string | number | null>): string {
  const given = Object.entries(values).filter(([, value]) => value !== null);
  return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
}

export function recordings(after: number | null, signal?: AbortSignal): Promise<Page> {
  return get(`/recordings?${query({ limit: 50, after })}`, signal);
}

export function search(q: string, after: number | null, signal?: AbortSignal): Promise<FoundPage> {
  return get(`/transcripts?${query({ q, limit: 20, after })}`, signal);
}

export function transcript(recording: string, signal?: AbortSignal): Promise<Transcript> {
  return get(`/recordings/${encodeURIComponent(recording)}/transcript`, signal);
}

export function audio(recording: string): string {
  return `/api/v1/recordings/${encodeURIComponent(recording)}/audio`;
}
