/** What lies on the desk: a picture, the marks on it, the frame around it, and what was made of it. */
import type { Arrived } from "../../api/runs";
import { blank, draw, drawn, file, holes, pen, share, soft, type Mark } from "./marks";

export type Mode = "part" | "grow" | "whole";
export type Tool = "brush" | "eraser" | "rectangle" | "hand";

/** Pixels beyond the picture on each side. */
export interface Margins {
  left: number;
  top: number;
  right: number;
  bottom: number;
}
export const SIDES = ["left", "top", "right", "bottom"] as const;
export type Side = (typeof SIDES)[number];
const NONE: Margins = { left: 0, top: 0, right: 0, bottom: 0 };

const LARGEST = 2048; // a side; larger pictures are made smaller when they are opened
const SMALLEST = 16;

export interface Sheet {
  canvas: HTMLCanvasElement;
  width: number;
  height: number;
  id: string | null;
  reduced: boolean;
}

type Change = { marks: Mark[]; margins: Margins };

export class Desk {
  sheet: Sheet | null = $state.raw(null);
  mode: Mode = $state("part");
  tool: Tool = $state("brush");
  size = $state(40);
  feather = $state(8);
  strength = $state(0.6);
  prompt = $state("");
  count = $state(2);
  model: string | null = $state(null);
  margins: Margins = $state(NONE);
  results: Arrived[] = $state([]);
  /** The result that is looked at; null: the picture itself. */
  shown: string | null = $state(null);
  look: string | null = $state(null);
  /** Grows with every change of the mask, which is too large to be watched itself. */
  drawing = $state(0);
  mask: HTMLCanvasElement = blank(1, 1);
  covered = $state(0);
  #marks: Mark[] = [];
  #past: Change[] = $state.raw([]);
  #future: Change[] = $state.raw([]);

  get canUndo(): boolean {
    return this.#past.length > 0;
  }
  get canRedo(): boolean {
    return this.#future.length > 0;
  }
  get grown(): boolean {
    return SIDES.some((side) => this.margins[side] > 0);
  }
  get frame(): { width: number; height: number } {
    const { left, right, top, bottom } = this.margins;
    return { width: (this.sheet?.width ?? 0) + left + right, height: (this.sheet?.height ?? 0) + top + bottom };
  }

  open(source: CanvasImageSource, width: number, height: number, id: string | null): void {
    const scale = Math.min(1, LARGEST / Math.max(width, height));
    const canvas = blank(width * scale, height * scale);
    const context = pen(canvas);
    context.imageSmoothingQuality = "high";
    context.drawImage(source, 0, 0, canvas.width, canvas.height);
    this.sheet = { canvas, width: canvas.width, height: canvas.height, id: scale < 1 ? null : id, reduced: scale < 1 };
    this.size = Math.max(8, Math.round(Math.min(canvas.width, canvas.height) / 7));
    this.feather = Math.round(Math.min(canvas.width, canvas.height) / 40);
    this.results = [];
    this.shown = this.look = null;
    this.margins = NONE;
    this.#past = this.#future = [];
    this.#redraw([]);
  }

  close(): void {
    this.sheet = null;
    this.results = [];
    this.shown = this.look = null;
  }

  /** A mark that is finished. */
  add(mark: Mark): void {
    this.#remember();
    this.#marks = [...this.#marks, mark];
    draw(this.mask, mark);
    this.#changed();
  }

  /** What was drawn live and is not to be: the mask is what the marks say. */
  undoLive(): void {
    this.#redraw(this.#marks);
  }

  grow(margins: Margins, options: { remember: boolean } = { remember: true }): void {
    if (options.remember) this.#remember();
    this.margins = margins;
    this.drawing += 1;
  }

  /** Before a drag begins: what undo goes back to. */
  remember(): void {
    this.#remember();
  }

  undo(): void {
    const last = this.#past.at(-1);
    if (last === undefined) return;
    this.#future = [...this.#future, this.#now()];
    this.#past = this.#past.slice(0, -1);
    this.#restore(last);
  }

  redo(): void {
    const next = this.#future.at(-1);
    if (next === undefined) return;
    this.#past = [...this.#past, this.#now()];
    this.#future = this.#future.slice(0, -1);
    this.#restore(next);
  }

  #now(): Change {
    return { marks: this.#marks, margins: this.margins };
  }
  #remember(): void {
    this.#past = [...this.#past, this.#now()].slice(-200);
    this.#future = [];
  }
  #restore(change: Change): void {
    this.margins = change.margins;
    this.#redraw(change.marks);
  }
  #redraw(marks: Mark[]): void {
    this.#marks = marks;
    this.mask = drawn(marks, this.sheet?.width ?? 1, this.sheet?.height ?? 1);
    this.#changed();
  }
  #changed(): void {
    this.covered = share(this.mask);
    this.drawing += 1;
  }

  /** A frame that the service reads: sides of at most LARGEST, at most 8 to 1. */
  fitting(side: Side, wanted: number): number {
    if (this.sheet === null) return 0;
    const across = side === "left" || side === "right";
    const rest = across ? this.frame.width - this.margins[side] : this.frame.height - this.margins[side];
    const other = across ? this.frame.height : this.frame.width;
    return Math.round(Math.max(0, Math.min(wanted, LARGEST - rest, 8 * other - rest)));
  }

  /** Why nothing can be made yet, or null. */
  get lacking(): "sheet" | "small" | "mask" | "frame" | "prompt" | null {
    if (this.sheet === null) return "sheet";
    if (Math.min(this.sheet.width, this.sheet.height) < SMALLEST) return "small";
    if (this.mode === "part" && this.covered === 0) return "mask";
    if (this.mode === "grow" && !this.grown) return "frame";
    return this.prompt.trim() === "" ? "prompt" : null;
  }

  /** The request: JSON for a picture that the service has already, else a form with files. */
  async wishes(): Promise<Record<string, unknown> | FormData> {
    const sheet = this.sheet;
    if (sheet === null) throw new Error("there is no picture");
    const fields: Record<string, string | number | boolean> = {
      prompt: this.prompt.trim(), n: this.count, stream: true, partial_images: 6, response_format: "url",
    };
    if (this.model) fields.model = this.model;
    if (this.mode === "whole") {
      fields.strength = this.strength;
      if (sheet.id !== null) return { ...fields, images: [{ picture_id: sheet.id }] };
      return form(fields, { image: await file(sheet.canvas) });
    }
    if (this.mode === "part") {
      const mask = await file(holes(soft(this.mask, this.feather)));
      return form(fields, { image: await file(sheet.canvas), mask });
    }
    const { picture, mask } = this.extended(sheet);
    return form(fields, { image: await file(picture), mask: await file(holes(mask)) });
  }

  /** The request for the picture itself, so many times larger. */
  async enlarged(factor: number): Promise<Record<string, unknown> | FormData> {
    const sheet = this.sheet;
    if (sheet === null) throw new Error("there is no picture");
    const fields = { factor, stream: true, response_format: "url" };
    if (sheet.id !== null) return { ...fields, image: { picture_id: sheet.id } };
    return form(fields, { image: await file(sheet.canvas) });
  }

  /** The picture within its larger frame; the room around it holds its stretched colours, so that the seam has some. */
  extended(sheet: Sheet): { picture: HTMLCanvasElement; mask: HTMLCanvasElement } {
    const { width, height } = this.frame;
    const { left, top } = this.margins;
    const picture = blank(width, height);
    const context = pen(picture);
    context.filter = `blur(${Math.round(Math.max(width, height) / 24)}px)`;
    context.drawImage(sheet.canvas, 0, 0, width, height);
    context.filter = "none";
    context.drawImage(sheet.canvas, left, top);
    const overlap = Math.min(this.feather, sheet.width / 4, sheet.height / 4);
    const inset = { ...NONE };
    for (const side of SIDES) inset[side] = this.margins[side] > 0 ? overlap : 0;
    const room = (inside: Margins): HTMLCanvasElement => {
      const mask = blank(width, height);
      const paint = pen(mask);
      paint.fillRect(0, 0, width, height);
      paint.clearRect(
        left + inside.left, top + inside.top, sheet.width - inside.left - inside.right, sheet.height - inside.top - inside.bottom,
      );
      return mask;
    };
    const mask = soft(room(inset), overlap);
    pen(mask).drawImage(room(NONE), 0, 0); // soft only within the picture
    return { picture, mask };
  }
}

function form(fields: Record<string, string | number | boolean>, files: Record<string, Blob>): FormData {
  const out = new FormData();
  for (const [name, value] of Object.entries(fields)) out.set(name, String(value));
  for (const [name, content] of Object.entries(files)) out.set(name, content, `${name}.png`);
  return out;
}
