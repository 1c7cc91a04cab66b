/** What the service found, and what that means in words. */
import { number } from "../../words/language.svelte";
import type { words } from "./words";

export interface Mark {
  bundle: string | null;
  score: number;
  threshold: number;
}

export interface Found {
  signed: boolean;
  claims: {
    standing?: "signed" | "edited" | "stripped" | "tampered" | "foreign";
    trusted?: boolean;
    signer?: string | null;
    tool?: string | null;
    model?: string | null;
    bundle_sha256?: string | null;
    bill_of_materials_sha256?: string | null;
    source_type?: string | null;
    iptc_source_type?: string | null;
    parents?: string[];
    problems?: string[];
    watermark?: Mark | null;
    request?: { prompt?: string; seed?: number } | null;
    bundle?: { name?: string; sha256?: string } | null;
  };
}

export type Tone = "good" | "fair" | "plain" | "bad";
type Words = ReturnType<typeof words>;

export interface Verdict {
  tone: Tone;
  title: string;
  sentences: string[];
  facts: [string, string][];
}

export function verdict(found: Found, t: Words): Verdict {
  const { claims } = found;
  const model = claims.model ?? "?";
  const said: string[] = [];
  let tone: Tone = "plain";
  let title: string;
  switch (claims.standing) {
    case "signed":
      [tone, title] = ["good", t.signed];
      said.push(t.signed_text(model));
      break;
    case "edited":
      [tone, title] = ["good", t.edited];
      said.push(t.edited_text(model));
      break;
    case "stripped":
      [tone, title] = ["fair", t.stripped];
      said.push(t.stripped_text);
      break;
    case "tampered":
      [tone, title] = ["bad", t.tampered];
      said.push(t.tampered_text);
      break;
    case "foreign":
      title = claims.signer ? t.foreignSigned : t.foreign;
      said.push(claims.signer ? t.foreignSigned_text(claims.tool ?? "?") : t.foreign_text);
      break;
    default:
      title = claims.request ? t.claims : t.nothing;
      said.push(claims.request ? t.claims_text : t.nothing_text);
  }
  return { tone, title, sentences: [...said, ...details(claims, t)], facts: facts(claims, t) };
}

function details(claims: Found["claims"], t: Words): string[] {
  const said: string[] = [];
  const sealed = claims.standing === "signed" || claims.standing === "edited";
  if (sealed && claims.problems?.length) said.push(`${t.problem} ${claims.problems.join("; ")}.`);
  else if (sealed && claims.signer) said.push(claims.trusted ? t.trusted(claims.signer) : t.untrusted(claims.signer));
  if (claims.parents?.length) said.push(t.parents(claims.parents.join(", ")));
  if (claims.standing !== undefined && claims.standing !== "stripped") said.push(claims.watermark ? t.mark : t.noMark);
  const { watermark, bundle_sha256: bundle } = claims;
  if (watermark?.bundle && bundle && !bundle.startsWith(watermark.bundle)) said.push(t.markOther);
  const source = last(claims.source_type ?? claims.iptc_source_type);
  if (source === "trainedAlgorithmicMedia") said.push(t.declared);
  else if (source === "compositeWithTrainedAlgorithmicMedia") said.push(t.declaredMixed);
  else if (source) said.push(t.declaredOther(source));
  return said;
}

function facts(claims: Found["claims"], t: Words): [string, string][] {
  const rows: [string, string | null | undefined][] = [
    [t.prompt, claims.request?.prompt],
    [t.seed, claims.request?.seed === undefined ? null : String(claims.request.seed)],
    [t.model, claims.model ?? claims.bundle?.name],
    [t.bundle, claims.bundle_sha256 ?? claims.bundle?.sha256 ?? claims.watermark?.bundle],
    [t.materials, claims.bill_of_materials_sha256],
    [t.tool, claims.tool],
    [t.signer, claims.signer],
    [t.source, last(claims.source_type ?? claims.iptc_source_type)],
    [t.markScore, claims.watermark ? t.markFound(number(claims.watermark.score, 1), number(claims.watermark.threshold, 1)) : null],
    [t.problems, claims.problems?.join(", ")],
  ];
  return rows.filter((row): row is [string, string] => Boolean(row[1]));
}

function last(address: string | null | undefined): string | null {
  return address?.split("/").at(-1) ?? null;
}
