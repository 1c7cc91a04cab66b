/** What the service answers (docs/api.md). Optional fields are those that an older service leaves out. */

export interface Cost {
  seconds: number;
  queued_seconds: number;
  total_seconds: number;
  steps: number;
  evaluations: number;
  joules: number;
  method: "nvml" | "rapl" | "estimate";
}

export interface Model {
  id: string;
  created: number;
  owned_by: string;
  sizes: string[];
  edits: boolean;
  sha256: string;
  defaults?: { num_steps?: number; guidance_scale?: number };
  guest?: boolean;
  remote?: boolean;
  blends?: boolean;
  papers?: boolean;
  map?: boolean;
  upscales?: number[];
  talks?: boolean;
  speaks?: boolean;
  styles?: string[];
  description?: string;
}

/** What a picture was asked with; also the body of a generation, less the words of transport. */
export interface Settings {
  prompt: string;
  negative_prompt?: string | null;
  style?: string | null;
  model?: string | null;
  size?: string | null;
  seed?: number | null;
  num_inference_steps?: number | null;
  guidance_scale?: number | null;
}

export interface Picture {
  id: string;
  job: string;
  created_at: number;
  expires_at: number | null;
  width: number;
  height: number;
  seed: number;
  media_type: string;
  num_bytes: number;
  sha256: string;
  url: string;
  thumbnail_url: string;
  size?: string;
  prompt?: string;
  negative_prompt?: string;
  style?: string | null;
  model?: string;
  num_steps?: number;
  guidance_scale?: number;
  cost?: Partial<Cost> | null;
  favourite?: boolean;
  folder?: string | null;
  parent?: string | null;
  kind?: "generation" | "edit" | "variation" | "upscale";
  factor?: number | null;
}

export interface PicturePage {
  data: Picture[];
  has_more: boolean;
  next: string | null;
  total: number;
}

export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface Job {
  id: string;
  status: JobState;
  model: string;
  created_at: number;
  finished_at: number | null;
  attempts: number;
  error: { message: string; code: string | null } | null;
  pictures: string[];
  cost: Cost | null;
  prompt?: string;
  negative_prompt?: string;
  style?: string | null;
  size?: string;
  seed?: number;
  num_steps?: number;
  guidance_scale?: number;
  num_pictures?: number;
  step?: number;
  position?: number;
}

export interface Me {
  id: string;
  name: string;
  scopes: string[];
  version: string;
  keys_required: boolean;
}

export interface Draft {
  b64_json: string;
  seed: number;
  cost: Cost;
}

export interface UnknownWord {
  word: string;
  start: number;
  end: number;
  nearest: string | null;
}
