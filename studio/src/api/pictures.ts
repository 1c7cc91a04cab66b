/** Models, pictures and jobs, as the screens use them. */
import { ask, json } from "./client.svelte";
import type { Draft, Job, Me, Model, Picture, PicturePage, Settings, UnknownWord } from "./types";

/** All of them: those that draw, and what talks. */
export const listModels = async (): Promise<Model[]> => (await json<{ data: Model[] }>("/v1/models")).data;

export const whoAmI = (): Promise<Me> => json<Me>("/v1/me");

/** The body of a generation without what is not set. */
export function body(settings: Settings): Record<string, unknown> {
  const entries = Object.entries(settings).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return Object.fromEntries(entries);
}

export function makeDraft(settings: Settings, signal: AbortSignal): Promise<Draft> {
  const { num_inference_steps: _, ...rest } = settings;
  return json<Draft>("/v1/drafts", { body: body(rest), signal });
}

export interface Filter {
  q?: string;
  favourite?: boolean;
  folder?: string | null;
  model?: string;
}

export function listPictures(filter: Filter, options: { after?: string | undefined; limit?: number; signal?: AbortSignal } = {}): Promise<PicturePage> {
  const query = new URLSearchParams({ limit: String(options.limit ?? 100) });
  if (options.after) query.set("after", options.after);
  if (filter.q) query.set("q", filter.q);
  if (filter.favourite) query.set("favourite", "true");
  if (filter.folder) query.set("folder", filter.folder);
  if (filter.model) query.set("model", filter.model);
  return json<PicturePage>(`/v1/pictures?${query}`, { signal: options.signal });
}

export const getPicture = (id: string): Promise<Picture> => json<Picture>(`/v1/pictures/${id}`);

export const changePicture = (id: string, change: { favourite?: boolean; folder?: string | null }): Promise<Picture> =>
  json<Picture>(`/v1/pictures/${id}`, { method: "PATCH", body: change });

export const deletePicture = async (id: string): Promise<void> => {
  await ask(`/v1/pictures/${id}`, { method: "DELETE" });
};

export const changePictures = async (ids: string[], change: { favourite?: boolean; folder?: string | null }): Promise<void> => {
  await ask("/v1/pictures", { method: "PATCH", body: { ids, ...change } });
};

export const deletePictures = async (ids: string[]): Promise<void> => {
  await ask("/v1/pictures/delete", { body: { ids } });
};

export const retryJob = (id: string): Promise<Job> => json<Job>(`/v1/jobs/${id}/retry`, { method: "POST" });

export const getQueue = (): Promise<{ paused: boolean }> => json("/v1/queue");

export const pauseQueue = (paused: boolean): Promise<{ paused: boolean }> => json("/v1/queue", { method: "PATCH", body: { paused } });

export const listFolders = (): Promise<{ data: { name: string; count: number }[]; total?: number; favourites?: number }> =>
  json("/v1/folders");

export const getJob = (id: string): Promise<Job> => json<Job>(`/v1/jobs/${id}`);

export const listJobs = async (query: Record<string, string> = {}): Promise<Job[]> =>
  (await json<{ data: Job[] }>(`/v1/jobs?${new URLSearchParams(query)}`)).data;

export const cancelJob = async (id: string): Promise<void> => {
  await ask(`/v1/jobs/${id}`, { method: "DELETE" });
};

/** The file itself: for a download, or to send it back as the beginning of another one. */
export const pictureFile = async (id: string): Promise<Blob> => (await ask(`/v1/pictures/${id}/content`)).blob();

export const listIdeas = async (count: number, seed: number): Promise<string[]> =>
  (await json<{ data: { prompt: string }[] }>(`/v1/ideas?n=${count}&seed=${seed}`)).data.map((idea) => idea.prompt);

/** The words of a prompt that a model has never read, with places as JavaScript counts them. */
export async function unknownWords(prompt: string, model: string | null, signal?: AbortSignal): Promise<UnknownWord[]> {
  const answer = await json<{ words: (UnknownWord & { known: boolean })[] }>("/v1/words", { body: body({ prompt, model }), signal });
  const points = [...prompt]; // the service counts code points
  const place = (count: number): number => points.slice(0, count).join("").length;
  return answer.words.filter((w) => !w.known).map((w) => ({ ...w, start: place(w.start), end: place(w.end) }));
}

/** A signed address as this page may load it: the service may know itself by another name. */
export function local(address: string): string {
  const url = new URL(address, location.href);
  return url.pathname + url.search;
}

/** What a picture was asked with, for the form. */
export function settingsOf(picture: Picture): Settings {
  const said = { prompt: picture.prompt ?? "", negative_prompt: picture.negative_prompt ?? null, style: picture.style ?? null };
  if (picture.kind === "upscale") return { ...said, seed: picture.seed }; // an upscaler makes nothing from words
  return {
    ...said,
    model: picture.model ?? null,
    size: `${picture.width}x${picture.height}`,
    seed: picture.seed,
    num_inference_steps: picture.num_steps ?? null,
    guidance_scale: picture.guidance_scale ?? null,
  };
}
