/** The models of the service, asked for once. */
import { rest } from "./client.svelte";
import { listModels } from "./pictures";
import type { Model } from "./types";

export const STYLES = [
  "photograph", "watercolour", "ink", "oil painting", "pixel art", "toon", "pencil", "low-poly", "black and white", "vintage",
  "impressionist", "stained glass", "comic",
];

export const catalogue: { models: Model[]; ready: boolean } = $state({ models: [], ready: false });

async function load(): Promise<void> {
  while (!catalogue.ready) {
    try {
      catalogue.models = await listModels();
      catalogue.ready = true;
    } catch {
      await rest(1500);
    }
  }
}
void load();
