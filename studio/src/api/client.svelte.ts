/** One way to the service: the key, the errors, and the news of whether it answers at all. */
import { Kept } from "../kept.svelte";

export class ApiError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly code: string | null = null,
    readonly retryAfter: number | null = null,
  ) {
    super(message);
  }

  /** Whether the same request may go through later: the service is away, going down, full or busy. */
  get passing(): boolean {
    return this.status === 0 || this.status === 429 || this.status === 502 || this.status === 503;
  }
}

export const key = new Kept<string>("key", "");

/** `answering` is false while the service is away; `wanted` is true while it asks for a key. */
export const service: { answering: boolean; wanted: boolean; refused: boolean } = $state({
  answering: true,
  wanted: false,
  refused: false,
});

export interface Ask {
  method?: "GET" | "POST" | "PATCH" | "DELETE" | "PUT";
  body?: unknown;
  form?: FormData;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
}

/** The raw answer. Raises ApiError (status 0: no answer), or the AbortError of the signal. */
export async function ask(path: string, options: Ask = {}): Promise<Response> {
  const headers: Record<string, string> = { ...options.headers };
  if (key.value) headers["Authorization"] = `Bearer ${key.value}`;
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: options.method ?? (options.body !== undefined || options.form ? "POST" : "GET"),
      headers,
      body: options.form ?? (options.body === undefined ? null : JSON.stringify(options.body)),
      signal: options.signal ?? null,
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    service.answering = false;
    throw new ApiError("no answer", 0);
  }
  service.answering = true;
  if (!answer.ok) throw await refusal(answer);
  return answer;
}

export async function json<T>(path: string, options: Ask = {}): Promise<T> {
  return (await (await ask(path, options)).json()) as T;
}

async function refusal(answer: Response): Promise<ApiError> {
  let message = `${answer.status} ${answer.statusText}`;
  let code: string | null = null;
  try {
    const body = (await answer.json()) as { error?: { message?: string; code?: string } };
    message = body.error?.message ?? message;
    code = body.error?.code ?? null;
  } catch {
    // not ours: a proxy's page
  }
  if (answer.status === 401) {
    service.refused = key.value !== "";
    service.wanted = true;
  }
  const later = Number(answer.headers.get("retry-after"));
  return new ApiError(message, answer.status, code, later > 0 ? later : null);
}

export function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === "AbortError";
}

/** Resolves after so many milliseconds; rejects with AbortError when the signal comes first. */
export function rest(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("aborted", "AbortError"));
    });
  });
}
