/**
 * A talk and how it goes on. The service keeps nothing of it: this browser does, and sends all of it with each question.
 * A rewritten caption can be taken back: then the same picture is made of the person's own words, and the talk goes on
 * from that one.
 */
import { ApiError, isAbort } from "../../api/client.svelte";
import { making } from "../../api/making.svelte";
import { answer, inOwnWords, type Message, type Result, type Speech, type TalkPicture } from "../../api/talks";
import type { Cost } from "../../api/types";
import { Kept } from "../../kept.svelte";

const LOOKS = 4; // on the way of each picture

export interface CallPart {
  type: "call";
  id: string;
  name: string;
  arguments: Record<string, unknown>;
  look: string | null;
  pictures: TalkPicture[];
  result: Result | null;
  cost: Cost | null;
  speech: Speech | null;
  /** The pictures of the caption while those of one's own words are shown, or the other way round. */
  other: TalkPicture[] | null;
  own: boolean;
  changing: boolean;
}

export type Part = { type: "words"; text: string; refused: boolean } | CallPart;

export interface Turn {
  id: string;
  said: string;
  /** Pictures that the person sent with it, as data. */
  sent: string[];
  /** The number of the first of them. */
  first: number;
  state: "asking" | "done" | "failed" | "stopped";
  error: string | null;
  parts: Part[];
  messages: Message[];
  /** It came while this page was open: what it wants said is said at once. */
  fresh?: boolean;
}

const kept = new Kept<Turn[]>("talk", []);

class Talk {
  turns: Turn[] = $state(kept.value.map((turn) => (turn.state === "asking" ? { ...turn, state: "stopped" as const } : turn)));
  rewrite = new Kept<boolean>("talk-rewrite", true);
  #stop: AbortController | null = null;

  get asking(): boolean {
    return this.turns.at(-1)?.state === "asking";
  }

  get count(): number {
    return this.turns.filter(belongs).reduce((sum, turn) => sum + turn.sent.length + numberOf(turn), 0);
  }

  async say(said: string, sent: string[]): Promise<void> {
    if (this.asking) return;
    const id = crypto.randomUUID?.() ?? String(Math.random());
    this.turns.push({ id, said, sent, first: this.count + 1, state: "asking", error: null, parts: [], messages: [], fresh: true });
    await this.#ask(this.turns.length - 1);
  }

  /** The last question once more. */
  async again(): Promise<void> {
    const last = this.turns.at(-1);
    if (last === undefined || last.state === "asking") return;
    Object.assign(last, { state: "asking", error: null, parts: [], messages: [], first: this.count + 1 });
    await this.#ask(this.turns.length - 1);
  }

  stop(): void {
    this.#stop?.abort();
  }

  clear(): void {
    this.stop();
    this.turns = [];
    this.#keep();
  }

  /** Shows the call's pictures as its caption has them, or in the person's own words; the first time they are made. */
  async exchange(turn: Turn, call: CallPart): Promise<void> {
    if (call.changing) return;
    call.changing = true;
    try {
      const other = call.other ?? (await Promise.all(call.pictures.map((p) => inOwnWords(this.ownWords(turn, call), p, new AbortController().signal))));
      [call.other, call.pictures] = [call.pictures, other];
      call.own = !call.own;
      making.arrived += 1;
      const told = turn.messages.find((message) => message.tool_call_id === call.id);
      if (told !== undefined && typeof told.content === "string") {
        const lean = call.pictures.map(({ id, prompt, seed }) => ({ id, prompt, seed }));
        told.content = JSON.stringify({ ...(JSON.parse(told.content) as object), pictures: lean });
      }
    } finally {
      call.changing = false;
      this.#keep();
    }
  }

  /** What would be drawn without any rewriting. */
  ownWords(turn: Turn, call: CallPart): string {
    const of = call.result?.of;
    const before = call.name !== "edit" || of === undefined ? undefined : this.pictures.find((picture) => picture.number === of);
    return before === undefined ? turn.said : `${before.prompt}, ${turn.said}`;
  }

  get pictures(): TalkPicture[] {
    return this.turns.flatMap((turn) => turn.parts.flatMap((part) => (part.type === "call" ? part.pictures : [])));
  }

  async #ask(index: number): Promise<void> {
    const turn = this.turns[index];
    if (turn === undefined) return;
    this.#stop = new AbortController();
    const history = this.turns.filter((other) => belongs(other) || other === turn).flatMap((other) => [question(other), ...other.messages]);
    try {
      const manner = { rewrite: this.rewrite.value, previews: LOOKS };
      for await (const piece of answer($state.snapshot(history) as Message[], manner, this.#stop.signal)) {
        const call = turn.parts.find((part) => part.type === "call" && "id" in piece && part.id === piece.id) as CallPart | undefined;
        const last = turn.parts.at(-1);
        if (piece.type === "words" && last?.type === "words") last.text += piece.text;
        else if (piece.type === "words" || piece.type === "refusal") turn.parts.push({ type: "words", text: piece.text, refused: piece.type === "refusal" });
        else if (piece.type === "call") turn.parts.push(fresh(piece));
        else if (piece.type === "look" && call) call.look = `data:image/jpeg;base64,${piece.b64_json}`;
        else if (piece.type === "result" && call) {
          Object.assign(call, { result: piece.result, pictures: piece.pictures, cost: piece.more.cost ?? null, speech: piece.more.speech ?? null, look: null });
          if (piece.pictures.length > 0 && piece.name !== "find") making.arrived += 1;
        } else if (piece.type === "messages") turn.messages = piece.messages;
      }
      turn.state = "done";
    } catch (error) {
      turn.state = isAbort(error) ? "stopped" : "failed";
      turn.error = error instanceof ApiError && error.status !== 0 ? error.message : null;
    } finally {
      this.#stop = null;
      this.#keep();
    }
  }

  #keep(): void {
    kept.value = ($state.snapshot(this.turns) as Turn[]).map((turn) => ({ ...turn, fresh: false }));
  }
}

/** Whether a turn is part of what the brain is told. */
function belongs(turn: Turn): boolean {
  return turn.state === "done";
}

function numberOf(turn: Turn): number {
  return turn.parts.reduce((sum, part) => sum + (part.type === "call" ? part.pictures.length : 0), 0);
}

function question(turn: Turn): Message {
  if (turn.sent.length === 0) return { role: "user", content: turn.said };
  const images = turn.sent.map((url) => ({ type: "image_url" as const, image_url: { url } }));
  return { role: "user", content: [{ type: "text", text: turn.said }, ...images] };
}

function fresh(piece: { id: string; name: string; arguments: Record<string, unknown> }): CallPart {
  const { id, name } = piece;
  return { type: "call", id, name, arguments: piece.arguments, look: null, pictures: [], result: null, cost: null, speech: null, other: null, own: false, changing: false };
}

export const talk = new Talk();
