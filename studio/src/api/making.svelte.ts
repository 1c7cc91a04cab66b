/**
 * Pictures under way. Each is a job of its own, asked for under an Idempotency-Key, then looked on at. After a reload of
 * the page, a broken line or a restart of the service it is asked for and looked on at again: the same job is found,
 * and the picture arrives. What is open is kept in this browser.
 */
import { announce, say } from "../shell/notes.svelte";
import { ApiError, ask, rest } from "./client.svelte";
import { events } from "./events";
import { body, cancelJob, local } from "./pictures";
import type { Cost, Job, Settings } from "./types";
import { Kept } from "../kept.svelte";

const LOOKS = 6; // on the way
const LINES = 4; // streams at a time: a browser opens six connections to a service, and drafts and thumbnails need some
const PAUSES = [300, 600, 1000, 1500, 2000]; // milliseconds between tries

export type TileState = "waiting" | "making" | "done" | "failed" | "cancelled";

/** What an edit begins with: a picture of one's own, and how much of it is made anew. */
export interface Beginning {
  picture_id: string;
  strength: number;
}

export interface Tile {
  key: string;
  settings: Settings;
  from: Beginning | null;
  state: TileState;
  job: string | null;
  look: string | null;
  picture: string | null;
  url: string | null;
  cost: Cost | null;
  error: string | null;
}

export interface Round {
  id: string;
  at: number;
  tiles: Tile[];
}

const kept = new Kept<Round[]>("rounds", []);

class Making {
  rounds: Round[] = $state([]);
  /** Grows with every picture that arrives: the gallery looks again. */
  arrived = $state(0);
  #followed = new Set<string>();
  #lines = 0;
  #queue: (() => void)[] = [];

  constructor() {
    this.rounds = kept.value.filter((round) => round.tiles.some((tile) => !ended(tile)));
    for (const round of this.rounds) for (const tile of round.tiles) if (!ended(tile)) void this.#follow(tile);
  }

  /** The newest round first; older ones are in the gallery. */
  begin(settings: Settings, count: number, seed: number, from: Beginning | null = null): Round {
    const tiles = Array.from({ length: count }, (_, k) => fresh({ ...settings, seed: seed + k }, from));
    const round: Round = { id: crypto.randomUUID?.() ?? String(Math.random()), at: Date.now(), tiles };
    this.rounds = [round, ...this.rounds].slice(0, 12);
    this.#keep();
    for (const tile of this.rounds[0]?.tiles ?? []) void this.#follow(tile);
    return round;
  }

  async cancel(tile: Tile): Promise<void> {
    tile.state = "cancelled";
    this.#keep();
    if (tile.job !== null) await cancelJob(tile.job).catch(() => undefined);
  }

  /** The same again, as a new job. */
  retry(tile: Tile): void {
    Object.assign(tile, fresh(tile.settings, tile.from));
    this.#keep();
    void this.#follow(tile);
  }

  forget(round: Round): void {
    this.rounds = this.rounds.filter((other) => other.id !== round.id);
    this.#keep();
  }

  /** A picture was deleted for good: it is shown nowhere any more. */
  drop(picture: string): void {
    for (const round of this.rounds) round.tiles = round.tiles.filter((tile) => tile.picture !== picture);
    this.rounds = this.rounds.filter((round) => round.tiles.length > 0);
    this.#keep();
  }

  get open(): number {
    return this.rounds.reduce((sum, round) => sum + round.tiles.filter((tile) => !ended(tile)).length, 0);
  }

  #keep(): void {
    // Looks on the way are large and soon over.
    kept.value = this.rounds.map((round) => ({ ...round, tiles: round.tiles.map((tile) => ({ ...tile, look: null })) }));
  }

  async #follow(tile: Tile): Promise<void> {
    const key = tile.key;
    if (this.#followed.has(key)) return;
    this.#followed.add(key);
    for (let tries = 0; tile.key === key && !ended(tile); tries++) {
      try {
        await this.#once(tile, key);
        tries = 0;
      } catch (error) {
        if (tile.key !== key || ended(tile)) break;
        const passing = !(error instanceof ApiError) || error.passing || error.status === 507;
        if (!passing) {
          tile.state = (error as ApiError).code === "cancelled" ? "cancelled" : "failed";
          tile.error = (error as Error).message;
          if (tile.state === "failed") say(tile.error, { kind: "wrong" });
          break;
        }
        const pause = PAUSES[Math.min(tries, PAUSES.length - 1)] ?? 2000;
        await rest(Math.max(pause, 1000 * ((error as ApiError).retryAfter ?? 0)));
      }
    }
    this.#followed.delete(key);
    this.#keep();
  }

  /** Asks once for the job, then looks on; returns when the picture is there. Raises ApiError. */
  async #once(tile: Tile, key: string): Promise<void> {
    if (tile.job === null) {
      const { from } = tile;
      const wish = { ...body(tile.settings), n: 1, stream: true, partial_images: LOOKS };
      const more = from === null ? {} : { images: [{ picture_id: from.picture_id }], strength: from.strength };
      const headers = { "Idempotency-Key": key, Prefer: "respond-async" };
      const path = from === null ? "/v1/images/generations" : "/v1/images/edits";
      const answer = await ask(path, { body: { ...wish, ...more }, headers });
      tile.job = ((await answer.json()) as Job).id;
      this.#keep();
      if (ended(tile)) return void cancelJob(tile.job).catch(() => undefined);
    }
    await this.#line();
    try {
      await this.#look(tile, key, tile.job);
    } finally {
      this.#lines -= 1;
      this.#queue.shift()?.();
    }
  }

  /** Waits for a free line. */
  async #line(): Promise<void> {
    if (this.#lines >= LINES) await new Promise<void>((resolve) => this.#queue.push(resolve));
    this.#lines += 1;
  }

  async #look(tile: Tile, key: string, job: string): Promise<void> {
    const stream = await ask(`/v1/jobs/${job}/events?content=false`);
    for await (const { event, data } of events(stream)) {
      if (tile.key !== key || ended(tile)) return;
      const told = JSON.parse(data) as StreamData;
      if (event === "error") throw refusalOf(told);
      if (event.endsWith("partial_image")) {
        tile.state = "making";
        tile.look = `data:image/jpeg;base64,${told.b64_json}`;
      } else if (event.endsWith("completed")) {
        Object.assign(tile, { state: "done", picture: told.id, url: local(told.url ?? ""), cost: told.cost, look: null });
        this.arrived += 1;
        announce(tile.settings.prompt);
        return;
      }
    }
    throw new ApiError("the line broke", 0); // followed again
  }
}

interface StreamData {
  b64_json: string;
  id: string;
  url?: string;
  cost: Cost;
  error?: { message: string; code: string | null };
}

const PASSING_CODES = ["draining", "still_running", "storage_full", "database_unavailable", "server_is_overloaded"];

function refusalOf(told: StreamData): ApiError {
  const code = told.error?.code ?? null;
  return new ApiError(told.error?.message ?? "", PASSING_CODES.includes(code ?? "") ? 503 : 400, code);
}

function ended(tile: Tile): boolean {
  return tile.state === "done" || tile.state === "failed" || tile.state === "cancelled";
}

function fresh(settings: Settings, from: Beginning | null): Tile {
  const key = `studio-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  return { key, settings, from, state: "waiting", job: null, look: null, picture: null, url: null, cost: null, error: null };
}

export const making = new Making();
