"""A bundle's bill of materials as a CycloneDX ML-BOM: the model, the data it learned from, the software that made it.

Written through cyclonedx-python-lib, which knows components of the kinds machine-learning-model and data but not yet
their model card and data contents; those are added to its JSON as the standard (1.6) has them.
"""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.spdx import is_supported_id

import reflet
from reflet.data.ledger import Ledger
from reflet.data.paper_words import WORDS, Content, Words
from reflet.data.policy import Policy

MODEL_LICENCE = "Apache-2.0"
MODEL_REF = "model"


@dataclass(frozen=True)
class ModelFacts:
    """What the papers say of the model itself. `weights_sha256` is of weights.safetensors."""

    name: str
    weights_sha256: str
    num_parameters: int
    sizes: tuple[int, ...]
    architecture: str = (
        "flow matching over the latents of a convolutional autoencoder, by a transformer that reads text"
    )
    task: str = "text-to-image"
    family: str = "diffusion transformer"
    content: Content = "pictures"

    @property
    def words(self) -> Words:
        """What the papers call the things that it was trained on."""
        return WORDS[self.content]


def kind_of_source(source: str) -> str:
    """A source without its numbers: records of one origin fall together."""
    return re.sub(r"\s+", " ", re.sub(r"\b(seed|view)\s+\d+", r"\1 …", source)).strip()


def groups(ledger: Ledger) -> list[tuple[str, str, str, int]]:
    """(source, licence, author, number of records), the largest first."""
    counted = Counter((kind_of_source(e.source), e.license, e.author) for e in ledger.entries)
    return [(*group, number) for group, number in sorted(counted.items(), key=lambda item: (-item[1], item[0]))]


def licence_object(name: str) -> DisjunctiveLicense | LicenseExpression:
    """An SPDX identifier, an SPDX expression, or a name of its own."""
    if is_supported_id(name):
        return DisjunctiveLicense(id=name)
    if " OR " in name or " AND " in name:
        return LicenseExpression(value=name)
    return DisjunctiveLicense(name=name)


def machine_learning_bom(ledger: Ledger, model: ModelFacts) -> bytes:
    """The BOM as CycloneDX 1.6 JSON; a function of ledger and model alone."""
    begun = datetime.fromisoformat(ledger.facts["begun"])
    described = Component(
        type=ComponentType.MACHINE_LEARNING_MODEL,
        name=model.name,
        version=model.weights_sha256[:12],
        bom_ref=MODEL_REF,
        description=f"{model.task.replace('-', ' ')}, {model.num_parameters} parameters",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=model.weights_sha256)],
        licenses=[DisjunctiveLicense(id=MODEL_LICENCE)],
        properties=[
            Property(name="reflet:parameters", value=str(model.num_parameters)),
            Property(name="reflet:ledger:records", value=str(len(ledger))),
            Property(name="reflet:ledger:merkle_root", value=ledger.root),
        ],
    )
    data = [_data_component(k, *group, unit=model.words.unit) for k, group in enumerate(groups(ledger))]
    tool = Component(type=ComponentType.APPLICATION, name="reflet", version=reflet.__version__, bom_ref="reflet")
    bom = Bom(
        components=[*data, tool], serial_number=uuid.uuid5(uuid.NAMESPACE_OID, ledger.root + model.weights_sha256)
    )
    bom.metadata.timestamp = begun
    bom.metadata.component = described
    bom.register_dependency(described, [*data, tool])
    body = json.loads(JsonV1Dot6(bom).output_as_string())
    body["metadata"]["component"]["modelCard"] = _model_card(model, [d.bom_ref.value for d in data])
    for component in body["components"]:
        if component["type"] == "data":
            given_on = {"name": "reflet:redistribute", "value": "true"} in component["properties"]
            classification = "public" if given_on else "confidential"
            component["data"] = [{"type": "dataset", "name": component["name"], "classification": classification}]
    return json.dumps(body, indent=1, ensure_ascii=False).encode()


def _data_component(number: int, source: str, licence: str, author: str, count: int, *, unit: str) -> Component:
    terms = Policy.load().terms(licence) or []
    facts = {"records": str(count), "author": author}
    for name in ("redistribute", "attribution", "share_alike", "commercial"):
        values = [getattr(t, name) for t in terms]
        facts[name] = str(all(values) if name in ("redistribute", "commercial") else any(values)).lower()
    return Component(
        type=ComponentType.DATA,
        name=source or "unnamed source",
        bom_ref=f"data-{number}",
        description=f"{count} {unit} by {author or 'an unnamed author'}, {licence}",
        licenses=[licence_object(licence)],
        properties=[Property(name=f"reflet:{name}", value=value) for name, value in facts.items()],
    )


def _model_card(model: ModelFacts, datasets: list[str]) -> dict[str, Any]:
    sizes = ", ".join(f"{s} x {s}" for s in model.sizes) or "any number of"
    return {
        "modelParameters": {
            "approach": {"type": "supervised"},
            "task": model.task,
            "architectureFamily": model.family,
            "modelArchitecture": model.architecture,
            "datasets": [{"ref": ref} for ref in datasets],
            "inputs": [{"format": model.task.split("-to-")[0]}],
            "outputs": [{"format": f"image, {sizes} pixels" if model.content == "pictures" else model.words.output}],
        },
        "considerations": {"technicalLimitations": ["see card.md, section Limits"]},
    }
