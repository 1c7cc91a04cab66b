/** A row of pictures that differ in one thing: asked for together, shown as they come, put into one folder. */
import { isAbort, json } from "../../api/client.svelte";
import { getPicture, local } from "../../api/pictures";
import { begin, settle } from "../../api/runs";
import type { Cost, Job, Picture } from "../../api/types";
import { say } from "../../shell/notes.svelte";

export interface Cell {
  label: string;
  wishes: Record<string, unknown>;
  state: "waiting" | "making" | "done" | "failed";
  /** 0 to 1. */
  progress: number;
  id: string | null;
  thumbnail: string;
  url: string;
  seed: number;
  cost: Partial<Cost> | null;
}

export class Lab {
  cells: Cell[] = $state([]);
  busy = $state(false);
  /** The pictures are in their folder. */
  kept = $state(false);
  #arrivals: Promise<void>[] = [];
  #controller: AbortController | null = null;

  /** Makes a picture for each; what is under way is cancelled first. */
  async run(asked: { label: string; wishes: Record<string, unknown> }[], folder: string): Promise<void> {
    this.stop();
    const controller = new AbortController();
    this.#controller = controller;
    this.busy = true;
    this.kept = false;
    this.#arrivals = [];
    this.cells = asked.map(({ label, wishes }) => ({
      label, wishes, state: "waiting", progress: 0, id: null, thumbnail: "", url: "", seed: 0, cost: null,
    }));
    const jobs = new Map<string, Cell>();
    try {
      for (const cell of this.cells) {
        const job = await begin("/v1/images/generations", cell.wishes, controller.signal);
        jobs.set(job.id, cell);
      }
      await settle(jobs.keys(), (job) => this.#told(job, jobs.get(job.id)), controller.signal);
      await Promise.all(this.#arrivals);
      await this.#file(folder);
    } catch (error) {
      if (!isAbort(error)) say(error instanceof Error ? error.message : String(error), { kind: "wrong" });
      for (const cell of this.cells) if (cell.state !== "done") cell.state = "failed";
    } finally {
      if (this.#controller === controller) this.busy = false;
    }
  }

  stop(): void {
    this.#controller?.abort();
    this.busy = false;
  }

  get ready(): boolean {
    return this.cells.length > 0 && this.cells.every((cell) => cell.state === "done");
  }

  #told(job: Job, cell: Cell | undefined): void {
    if (cell === undefined) return;
    cell.progress = (job.step ?? 0) / (job.num_steps || 1);
    if (job.status === "running") cell.state = "making";
    if (job.status === "failed" || job.status === "cancelled") cell.state = "failed";
    if (job.status === "failed" && job.error) say(job.error.message, { kind: "wrong" });
    const id = job.pictures[0];
    if (job.status === "done" && id !== undefined) this.#arrivals.push(getPicture(id).then((picture) => arrived(cell, picture)));
  }

  async #file(folder: string): Promise<void> {
    const ids = this.cells.map((cell) => cell.id).filter((id): id is string => id !== null);
    if (ids.length > 0) await json("/v1/pictures", { method: "PATCH", body: { ids, folder } });
    this.kept = ids.length > 0;
  }
}

function arrived(cell: Cell, picture: Picture): void {
  Object.assign(cell, {
    state: "done",
    progress: 1,
    id: picture.id,
    url: local(picture.url),
    thumbnail: local(picture.thumbnail_url ?? picture.url),
    seed: picture.seed,
    cost: picture.cost ?? null,
  });
}
