/** Talks, as /v1/chat/completions answers them with `assistant` (docs/chat.md): piece by piece, in the order it happens. */
import { ApiError, ask } from "./client.svelte";
import { events } from "./events";
import { local } from "./pictures";
import type { Cost } from "./types";

export interface Message {
  role: "user" | "assistant" | "tool";
  content: string | null | ({ type: "text"; text: string } | { type: "image_url"; image_url: { url: string } })[];
  tool_calls?: unknown[];
  tool_call_id?: string;
  name?: string;
}

export interface TalkPicture {
  number: number;
  id: string;
  url: string;
  thumbnail_url: string;
  width: number;
  height: number;
  seed: number;
  prompt: string;
  style: string | null;
  kind: string;
  model: string;
}

export interface Result {
  error?: string;
  say?: string;
  of?: number;
  note?: string;
  battle?: string;
}

/** What is to be said aloud: the body of POST /v1/audio/speech. */
export interface Speech {
  input: string;
  voice?: string;
  instructions?: string;
}

export type Piece =
  | { type: "words"; text: string }
  | { type: "refusal"; text: string }
  | { type: "call"; id: string; name: string; arguments: Record<string, unknown> }
  | { type: "look"; id: string; b64_json: string }
  | { type: "result"; id: string; name: string; result: Result; pictures: TalkPicture[]; more: { cost?: Cost; speech?: Speech } }
  | { type: "messages"; messages: Message[] };

export interface Manner {
  rewrite: boolean;
  previews: number;
}

interface Chunk {
  choices?: { delta: { content?: string | null; refusal?: string | null } }[];
  assistant?: Piece;
  error?: { message: string; code: string | null };
}

/** The pieces of one answer. Raises ApiError for what is refused, AbortError for the signal. */
export async function* answer(messages: Message[], manner: Manner, signal: AbortSignal): AsyncGenerator<Piece> {
  const stream = await ask("/v1/chat/completions", { body: { messages, stream: true, assistant: manner }, signal });
  for await (const { data } of events(stream)) {
    if (data === "[DONE]") return;
    const chunk = JSON.parse(data) as Chunk;
    if (chunk.error) throw new ApiError(chunk.error.message, 400, chunk.error.code);
    const delta = chunk.choices?.[0]?.delta;
    if (delta?.content) yield { type: "words", text: delta.content };
    if (delta?.refusal) yield { type: "refusal", text: delta.refusal };
    if (chunk.assistant) yield shown(chunk.assistant);
  }
  throw new ApiError("the line broke", 0);
}

/** With addresses as this page may load them. */
function shown(piece: Piece): Piece {
  if (piece.type !== "result") return piece;
  return { ...piece, pictures: piece.pictures.map((p) => ({ ...p, url: local(p.url), thumbnail_url: local(p.thumbnail_url) })) };
}

/** One picture of these very words, at the seed of another: what a rewritten caption is compared with. */
export async function inOwnWords(prompt: string, picture: TalkPicture, signal: AbortSignal): Promise<TalkPicture> {
  const body = { prompt, seed: picture.seed, style: picture.style, model: picture.model, response_format: "url" };
  const told = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  const made = (await (await ask("/v1/images/generations", { body: told, signal })).json()) as { data: { id: string; url: string }[] };
  const [one] = made.data;
  if (one === undefined) throw new ApiError("no picture came", 0);
  const url = local(one.url);
  return { ...picture, id: one.id, url, thumbnail_url: url, prompt, kind: "generation" };
}
