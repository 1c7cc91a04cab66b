/** Administration (scope `admin`), as docs/api.md has it. */
import { json } from "./client.svelte";

export const SCOPES = ["images", "audio", "chat", "read", "moderations", "batches", "metrics", "admin"] as const;
export const LIMITS = ["requests_per_minute", "concurrency", "pixel_steps_per_day", "weight"] as const;
export type Limit = (typeof LIMITS)[number];
export type Limits = Partial<Record<Limit, number | null>>;

export interface Key {
  id: string;
  name: string;
  scopes: string[];
  limits: Partial<Record<Limit, number>>;
  state: "valid" | "expired" | "revoked";
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  pixel_steps_today: number;
  key: string | null;
}

export interface KeyList {
  data: Key[];
  limits: Record<Limit, number | null>;
  required: boolean;
}

export interface AdminJob {
  id: string;
  key_id: string;
  key_name: string;
  model: string;
  status: "queued" | "running" | "done" | "failed" | "cancelled";
  num_pictures: number;
  pixel_steps: number;
  attempts: number;
  position: number | null;
  created_at: number;
  finished_at: number | null;
  error_code: string | null;
}

export interface AdminQueue {
  paused: boolean;
  queued: number;
  running: number;
  running_here: number;
  max_queue: number;
  data: AdminJob[];
}

export interface Used {
  day: string;
  key_id: string;
  key_name: string;
  jobs: number;
  pictures: number;
  pixel_steps: number;
  seconds: number;
  joules: number;
  method: string | null;
}

export interface Usage {
  days: number;
  data: Used[];
  free_bytes: number | null;
  uptime_seconds: number;
}

export interface AuditRow {
  number: number;
  at: number;
  actor: string;
  actor_name: string;
  action: string;
  subject: string;
  detail: Record<string, unknown>;
  hash: string;
}

export interface AuditCheck {
  intact: boolean;
  broken_at: number | null;
  rows: number;
  head: string;
}

export interface Refusals {
  active: boolean;
  by_category: Record<string, number>;
  data: { at: number; key_id: string; key_name: string; categories: string[]; prompt_sha256: string }[];
}

export interface KeyWishes {
  name?: string;
  scopes?: string[];
  days?: number | null;
  limits?: Limits;
}

export const listKeys = (): Promise<KeyList> => json("/v1/admin/keys");
export const createKey = (wishes: KeyWishes): Promise<Key> => json("/v1/admin/keys", { body: wishes });
export const changeKey = (id: string, wishes: KeyWishes): Promise<Key> => json(`/v1/admin/keys/${id}`, { method: "PATCH", body: wishes });
export const revokeKey = (id: string): Promise<Key> => json(`/v1/admin/keys/${id}`, { method: "DELETE" });
export const adminQueue = (open: boolean): Promise<AdminQueue> => json(`/v1/admin/queue?open=${open}`);
export const pauseAll = (paused: boolean): Promise<AdminQueue> => json("/v1/admin/queue", { method: "PATCH", body: { paused } });
export const cancelAnyJob = (id: string): Promise<AdminJob> => json(`/v1/admin/jobs/${id}`, { method: "DELETE" });
export const usage = (days: number): Promise<Usage> => json(`/v1/admin/usage?days=${days}`);
export const auditRows = (query: Record<string, string>): Promise<{ data: AuditRow[]; has_more: boolean }> =>
  json(`/v1/admin/audit?${new URLSearchParams(query)}`);
export const checkAudit = (): Promise<AuditCheck> => json("/v1/admin/audit/check");
export const refusals = (days: number): Promise<Refusals> => json(`/v1/admin/moderation?days=${days}`);
