/**
 * Jobs that a screen waits for while it is open: asked for under an Idempotency-Key, followed through broken lines and
 * restarts of the service, cancelled when the screen lets go of them.
 */
import { ApiError, ask, isAbort, json, rest } from "./client.svelte";
import { events } from "./events";
import { local } from "./pictures";
import type { Cost, Job } from "./types";

const PAUSES = [300, 600, 1200, 2000]; // milliseconds between tries
const LOOK_AGAIN = 450;

export interface Arrived {
  id: string;
  url: string;
  thumbnail: string;
  seed: number;
  cost: Cost;
}

interface Told {
  id: string;
  url: string;
  thumbnail_url: string;
  seed: number;
  cost: Cost;
  b64_json?: string;
  error?: { message: string; code: string | null };
}

/** Tries until the service takes the request. Raises ApiError for what it refuses, AbortError for the signal. */
async function patiently<T>(what: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (let tries = 0; ; tries++) {
    try {
      return await what();
    } catch (error) {
      if (isAbort(error) || !(error instanceof ApiError) || !error.passing) throw error;
      await rest(Math.max(PAUSES[Math.min(tries, PAUSES.length - 1)] ?? 2000, 1000 * (error.retryAfter ?? 0)), signal);
    }
  }
}

/** The job of a request; the same request is the same job, however often the line breaks. */
export async function begin(path: string, wishes: Record<string, unknown> | FormData, signal: AbortSignal): Promise<Job> {
  const headers = { Prefer: "respond-async", "Idempotency-Key": `studio-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}` };
  const body = wishes instanceof FormData ? { form: wishes } : { body: wishes };
  return patiently(() => json<Job>(path, { ...body, headers, signal }), signal);
}

export function letGo(job: string): void {
  ask(`/v1/jobs/${job}`, { method: "DELETE" }).catch(() => undefined);
}

/** Looks on the way and the pictures of one job. Aborting cancels the job. */
export async function follow(job: string, look: (address: string) => void, signal: AbortSignal): Promise<Arrived[]> {
  const cancel = (): void => letGo(job);
  signal.addEventListener("abort", cancel);
  try {
    return await patiently(() => once(job, look, signal), signal);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}

async function once(job: string, look: (address: string) => void, signal: AbortSignal): Promise<Arrived[]> {
  const found: Arrived[] = [];
  try {
    for await (const { event, data } of events(await ask(`/v1/jobs/${job}/events?content=false`, { signal }))) {
      const told = JSON.parse(data) as Told;
      if (event === "error") throw new ApiError(told.error?.message ?? "", told.error?.code === "draining" ? 503 : 400, told.error?.code ?? null);
      if (event.endsWith("partial_image")) look(`data:image/jpeg;base64,${told.b64_json}`);
      if (event.endsWith("completed")) found.push({ ...told, url: local(told.url), thumbnail: local(told.thumbnail_url) });
    }
  } catch (error) {
    if (isAbort(error) || error instanceof ApiError) throw error;
    throw new ApiError("the line broke", 0);
  }
  if (found.length === 0) throw new ApiError("the line broke", 0);
  return found;
}

/** Waits for many jobs with one question at a time: a browser has few lines to one service. Aborting cancels them. */
export async function settle(jobs: Iterable<string>, told: (job: Job) => void, signal: AbortSignal): Promise<void> {
  const open = new Set(jobs);
  const cancel = (): void => open.forEach(letGo);
  signal.addEventListener("abort", cancel);
  try {
    while (open.size > 0) {
      await rest(LOOK_AGAIN, signal);
      const { data } = await patiently(() => json<{ data: Job[] }>("/v1/jobs?limit=100", { signal }), signal);
      for (const job of data.filter((one) => open.has(one.id))) {
        told(job);
        if (job.status === "done" || job.status === "failed" || job.status === "cancelled") open.delete(job.id);
      }
    }
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
