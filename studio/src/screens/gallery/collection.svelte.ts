/** The pictures as the gallery shows them: pages of the service in one list, the newest first. */
import { ApiError, isAbort, rest } from "../../api/client.svelte";
import { changePictures, deletePictures, listPictures, type Filter } from "../../api/pictures";
import type { Picture } from "../../api/types";
import { making } from "../../api/making.svelte";

const PAGE = 250;
const FIRST_PAGE = 60;

export class Collection {
  pictures: Picture[] = $state.raw([]);
  total = $state(0);
  loaded = $state(false);
  refused: string | null = $state(null);
  #filter: Filter = {};
  #next: string | null = null;
  #controller: AbortController | null = null;
  #wanted = 0;

  /** Another question: what was shown is forgotten when the answer is there. */
  async look(filter: Filter): Promise<void> {
    this.#filter = filter;
    this.#controller?.abort();
    const controller = new AbortController();
    this.#controller = controller;
    for (;;) {
      try {
        const page = await listPictures(filter, { limit: FIRST_PAGE, signal: controller.signal });
        this.pictures = page.data;
        this.total = page.total;
        this.#next = page.next;
        this.loaded = true;
        this.refused = null;
        break;
      } catch (error) {
        if (isAbort(error)) return;
        if (!(error instanceof ApiError) || !error.passing) {
          this.refused = error instanceof Error ? error.message : String(error);
          return;
        }
        await rest(1500);
        if (controller.signal.aborted) return;
      }
    }
    await this.#more(controller);
  }

  /** The list is wanted up to this place. */
  reach(index: number): void {
    this.#wanted = Math.max(this.#wanted, index);
    if (this.#controller === null) {
      const controller = new AbortController();
      this.#controller = controller;
      void this.#more(controller);
    }
  }

  async #more(controller: AbortController): Promise<void> {
    try {
      while (this.#next !== null && this.pictures.length <= this.#wanted) {
        const page = await listPictures(this.#filter, { after: this.#next, limit: PAGE, signal: controller.signal });
        const known = new Set(this.pictures.map((p) => p.id));
        this.pictures = [...this.pictures, ...page.data.filter((p) => !known.has(p.id))];
        this.#next = page.next;
        this.total = page.total;
      }
    } catch {
      // it is asked again with the next scrolling
    } finally {
      if (this.#controller === controller) this.#controller = null;
    }
  }

  /** New ones came: they are put in front. */
  async refresh(): Promise<void> {
    if (!this.loaded) return;
    const page = await listPictures(this.#filter, { limit: FIRST_PAGE }).catch(() => null);
    if (page === null) return;
    const known = new Set(this.pictures.map((p) => p.id));
    const fresh = page.data.filter((p) => !known.has(p.id));
    if (fresh.length > 0) this.pictures = [...fresh, ...this.pictures];
    this.total = page.total;
  }

  async change(ids: string[], change: { favourite?: boolean; folder?: string | null }): Promise<void> {
    await changePictures(ids, change);
    const chosen = new Set(ids);
    this.pictures = this.pictures.map((p) => (chosen.has(p.id) ? { ...p, ...change } : p));
  }

  async remove(ids: string[]): Promise<void> {
    await deletePictures(ids);
    const gone = new Set(ids);
    this.pictures = this.pictures.filter((p) => !gone.has(p.id));
    this.total = Math.max(0, this.total - ids.length);
    for (const id of ids) making.drop(id);
  }
}
