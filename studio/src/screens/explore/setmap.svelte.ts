/** The map of a training set: what the service tells of it, and what is looked at. */
import { ask, json } from "../../api/client.svelte";
import type { View } from "../../parts/view.svelte";

export interface Spot {
  x: number;
  y: number;
  key: string;
  caption: string;
  license: string;
  author: string;
  weight: number;
  /** Its category's number in each facet. */
  facets: number[];
}

export interface SetMapData {
  name: string;
  records: number;
  across: number;
  down: number;
  /** Pixels of a square in the picture. */
  cell: number;
  /** Categories by facet, most frequent first. */
  facets: Record<string, string[]>;
  points: Spot[];
}

export interface Category {
  number: number;
  name: string;
  count: number;
  color: string;
}

/** Frames of the most frequent categories; all others share the last one. */
const COLORS = ["#2f86a8", "#c2602c", "#5b8f3a", "#8a5fb5", "#b8912a", "#b0436e", "#3f9d8c", "#7d6a58", "#5470c6"];
const REST = "#8c8c8c";

export async function loadMap(model: string): Promise<{ data: SetMapData; picture: ImageBitmap }> {
  const place = `/v1/models/${encodeURIComponent(model)}/map`;
  const [data, file] = await Promise.all([json<SetMapData>(place), ask(`${place}/picture`).then((answer) => answer.blob())]);
  return { data, picture: await createImageBitmap(file) };
}

/** Which pictures are meant, which one is chosen, and how one goes from one to the next. */
export class Looking {
  readonly data: SetMapData;
  facet = $state("");
  /** Only this category of the facet. */
  category: number | null = $state(null);
  search = $state("");
  chosen: Spot | null = $state.raw(null);
  #at = new Map<string, Spot>();

  constructor(data: SetMapData) {
    this.data = data;
    for (const spot of data.points) this.#at.set(`${spot.x},${spot.y}`, spot);
  }

  /** The place of the facet among all, or -1. */
  get column(): number {
    return Object.keys(this.data.facets).indexOf(this.facet);
  }

  categories: Category[] = $derived.by(() => {
    const counts: number[] = [];
    const column = this.column;
    if (column < 0) return [];
    for (const spot of this.data.points) counts[spot.facets[column] ?? 0] = (counts[spot.facets[column] ?? 0] ?? 0) + 1;
    return (this.data.facets[this.facet] ?? []).map((name, k) => ({ number: k, name, count: counts[k] ?? 0, color: COLORS[k] ?? REST }));
  });

  /** Whether anything is asked for: else all are meant. */
  get narrowed(): boolean {
    return this.category !== null || this.search.trim() !== "";
  }

  meant: Spot[] = $derived.by(() => {
    const [column, category, text] = [this.column, this.category, this.search.trim().toLowerCase()];
    if (!this.narrowed) return this.data.points;
    return this.data.points.filter(
      (spot) => (category === null || spot.facets[column] === category) && (text === "" || `${spot.caption} ${spot.author} ${spot.license}`.toLowerCase().includes(text)),
    );
  });

  frame(facet: string): void {
    this.facet = facet;
    this.category = null;
  }

  spotAt(x: number, y: number): Spot | null {
    return this.#at.get(`${Math.floor(x / this.data.cell)},${Math.floor(y / this.data.cell)}`) ?? null;
  }

  /** The nearest one that is meant, straight on before sideways; from the middle of `view` where none is chosen. */
  step(right: number, down: number, view: View): void {
    const from = this.chosen;
    if (from === null) {
      const middle = view.toPicture({ x: view.width / 2, y: view.height / 2 });
      const [x, y] = [middle.x / this.data.cell - 0.5, middle.y / this.data.cell - 0.5];
      this.chosen = nearest(this.meant, (spot) => Math.hypot(spot.x - x, spot.y - y));
    } else {
      const next = nearest(this.meant, (spot) => {
        const [dx, dy] = [spot.x - from.x, spot.y - from.y];
        const ahead = dx * right + dy * down;
        return ahead <= 0 ? Infinity : ahead + 3 * Math.abs(dx * down + dy * right);
      });
      this.chosen = next ?? from;
    }
    this.show(view);
  }

  /** Moves the paper until the chosen one is in sight. */
  show(view: View): void {
    if (this.chosen === null) return;
    const [cell, scale] = [this.data.cell, view.scale];
    const over = (start: number, room: number): number => Math.max(0, 8 - start) + Math.min(0, room - 8 - (start + cell * scale));
    view.pan(over(view.x + this.chosen.x * cell * scale, view.width), over(view.y + this.chosen.y * cell * scale, view.height));
  }
}

function nearest(spots: Spot[], distance: (spot: Spot) => number): Spot | null {
  let [best, least]: [Spot | null, number] = [null, Infinity];
  for (const spot of spots) {
    const far = distance(spot);
    if (far < least) [best, least] = [spot, far];
  }
  return best;
}
