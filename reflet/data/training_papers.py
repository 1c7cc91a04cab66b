"""Papers for people, written from the ledger: attributions, Croissant, and the public summary of the training content.

The summary has the headings of the European Commission's template for Article 53(1)(d) of Regulation (EU) 2024/1689
(Explanatory Notice and Template, 24 July 2025). What no ledger can know is marked "To be filled in by the provider".
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from reflet.data.ledger import LEDGER, Entry, Ledger
from reflet.data.materials_bom import ModelFacts, groups
from reflet.data.policy import Policy

CROISSANT_VERSION = "http://mlcommons.org/croissant/1.0"
TEMPLATE = Path(__file__).with_name("training_summary.md")
OPEN = "*To be filled in by the provider.*"


def attributions(ledger: Ledger, *, unit: str = "pictures") -> bytes:
    """Everyone whose licence asks for credit, with the credit line as recorded; Markdown."""
    policy = Policy.load()
    asking = {name for name in ledger.count("license") if any(t.attribution for t in policy.terms(name) or [])}
    lines = ["# Attributions", ""]
    credited: dict[str, int] = {}
    for e in ledger.entries:
        if e.license in asking:
            line = e.attribution or f"{e.author}, {e.source}"
            credited[f"{line} ({e.license})"] = credited.get(f"{line} ({e.license})", 0) + 1
        for part in filter(None, e.credits.split("\n")):
            credited[f"Part of rendered scenes: {part}"] = credited.get(f"Part of rendered scenes: {part}", 0) + 1
    if not credited:
        lines.append(f"None is needed: no licence of the {len(ledger)} records asks for it.")
    for line, number in sorted(credited.items()):
        text = " ".join(line.split()).replace("<", "&lt;")
        lines.append(f"- {text}" + (f" — {number} {unit}" if number > 1 else ""))
    return ("\n".join(lines) + "\n").encode()


def croissant(ledger: Ledger, model: ModelFacts, *, ledger_file: bytes) -> bytes:
    """The data set as Croissant 1.0 (JSON-LD): its records as the ledger's file, and inline the groups they form."""
    rows = [
        {"groups/source": s, "groups/license": licence, "groups/author": author, "groups/records": number}
        for s, licence, author, number in groups(ledger)
    ]
    kinds = (("source", "sc:Text"), ("license", "sc:Text"), ("author", "sc:Text"), ("records", "sc:Integer"))
    fields = [
        {"@type": "cr:Field", "@id": f"groups/{name}", "name": f"groups/{name}", "dataType": kind}
        for name, kind in kinds
    ]
    body = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "name": f"{model.name}-training-set",
        "description": f"The {len(ledger)} {model.words.set} that {model.name} was trained on. Merkle root of the "
        f"records: {ledger.root}.",
        "conformsTo": CROISSANT_VERSION,
        "license": sorted(ledger.count("license")),
        "version": "1.0.0",
        "datePublished": ledger.facts["begun"][:10],
        "creator": [{"@type": "sc:Organization", "name": author} for author in list(ledger.count("author"))[:100]],
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": LEDGER,
                "name": LEDGER,
                "description": "128 bits of the SHA-256, licence, source, author of every record; for `reflet ledger`.",
                "contentUrl": LEDGER,
                "contentSize": f"{len(ledger_file)} B",
                "encodingFormat": "application/x-xz",
                "sha256": hashlib.sha256(ledger_file).hexdigest(),
            }
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "groups",
                "name": "groups",
                "description": "Records by source, licence and author.",
                "field": fields,
                "data": rows,
            }
        ],
    }
    return json.dumps(body, indent=1, ensure_ascii=False).encode()


def _context() -> dict[str, Any]:
    """The JSON-LD context that the Croissant 1.0 specification gives."""
    plain = (
        "citeAs column conformsTo:dct examples:json extract field fileProperty fileObject fileSet format includes "
        "isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace separator source "
        "subField transform"
    )
    context: dict[str, Any] = {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "dct": "http://purl.org/dc/terms/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "sc": "https://schema.org/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    }
    for word in plain.split():
        name, _, kind = word.partition(":")
        context[name] = {
            "": f"cr:{name}",
            "dct": f"dct:{name}",
            "json": {"@id": f"cr:{name}", "@type": "@json"},
        }[kind]
    return context


def training_summary(ledger: Ledger, model: ModelFacts) -> bytes:
    """The public summary of the training content: training_summary.md beside this file, filled in."""
    kinds: dict[str, list[Entry]] = {"made": [], "contracted": [], "public": []}
    for e in ledger.entries:
        licensed = "contracted" if e.contract or e.license == "LicenseRef-Contract" else "public"
        kinds["made" if e.source.startswith(model.words.own) else licensed].append(e)
    parts = {name: Ledger(tuple(entries), ledger.facts) for name, entries in kinds.items()}
    start = ledger.facts.get("start")
    began = "Its training began from nothing."
    if start:
        listed = "are listed too" if start["records_listed"] else "are not listed: it carried no ledger"
        began = f"Its training began from the bundle with SHA-256 `{start['bundle_sha256']}`, whose records {listed}."
    only_made = len(parts["made"]) == len(ledger)
    text = TEMPLATE.read_text(encoding="utf-8").format(
        name=model.name,
        ledger=LEDGER,
        root=ledger.root,
        open=OPEN,
        weights=model.weights_sha256,
        parameters=model.num_parameters,
        start=began,
        number=len(ledger),
        num_made=len(parts["made"]),
        num_other=len(ledger) - len(parts["made"]),
        begun=ledger.facts["begun"][:10],
        licences=", ".join(f"{name} {number}" for name, number in ledger.count("license").items()) or "none",
        public=_table(parts["public"]),
        contracted=_table(parts["contracted"]),
        made=_made(parts["made"], model),
        modality=model.words.modality,
        unit=model.words.unit,
        made_by=model.words.made,
        texts=model.words.texts,
        share_alike="allowed" if ledger.facts.get("policy", {}).get("share_alike") else "refused",
        illegal=model.words.told if only_made else OPEN,
    )
    return text.encode()


def _table(ledger: Ledger) -> str:
    if not ledger.entries:
        return "None."
    lines = ["| source | licence | author | records |", "| --- | --- | --- | --- |"]
    rows = groups(ledger)
    lines += [f"| {_cell(s)} | {_cell(licence)} | {_cell(author)} | {n} |" for s, licence, author, n in rows[:200]]
    if len(rows) > 200:
        lines.append(f"| {len(rows) - 200} further sources: see `bom.json` | | | {sum(r[3] for r in rows[200:])} |")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _made(ledger: Ledger, model: ModelFacts) -> str:
    if not ledger.entries:
        return "None."
    return f"{len(ledger)} {model.words.unit} {model.words.program}\n\n{_table(ledger)}"
