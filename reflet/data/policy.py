"""Which licences may train a model, from one readable file: policy.toml beside this one, or an organisation's own."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from reflet.runtime.errors import UserError

BUILT_IN = Path(__file__).with_name("policy.toml")


@dataclass(frozen=True)
class Licence:
    """What a licence allows and asks; the words are explained in policy.toml."""

    train: bool
    redistribute: bool
    attribution: bool
    share_alike: bool
    commercial: bool
    contract: bool = False


@dataclass(frozen=True)
class Policy:
    """What this organisation accepts, and what it knows of licences."""

    commercial: bool
    share_alike: bool
    unattributed: bool
    licences: dict[str, Licence]
    path: Path

    @classmethod
    def load(cls, path: Path | None = None) -> Policy:
        """The policy of a file: `path`, else $REFLET_POLICY, else the built-in one. Raises UserError, naming the file
        and what is wrong in it."""
        named = path or (Path(os.environ["REFLET_POLICY"]) if os.environ.get("REFLET_POLICY") else BUILT_IN)
        try:
            body = tomllib.loads(named.read_text(encoding="utf-8"))
            wishes, known = body["policy"], body["licences"]
            licences = {name: Licence(**terms) for name, terms in known.items()}
            policy = cls(**wishes, licences=licences, path=named)
        except OSError as error:
            raise UserError(f"cannot read the policy {named} ({error.strerror}): check REFLET_POLICY") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"the policy {named} is not understood ({error}): compare it with {BUILT_IN}") from error
        for name, terms in licences.items():
            wrong = [f.name for f in fields(terms) if not isinstance(getattr(terms, f.name), bool)]
            if wrong:
                raise UserError(f"the policy {named} gives {name} a {wrong[0]} that is neither true nor false: mend it")
        return policy

    def terms(self, expression: str) -> list[Licence] | None:
        """The licences that an SPDX expression binds one to; of alternatives (OR), the first that may train here. None
        when one of them is not known. Parentheses and exceptions are not known."""
        found: list[list[Licence]] = []
        for choice in expression.split(" OR "):
            names = choice.split(" AND ")
            if all(name.strip() in self.licences for name in names):
                found.append([self.licences[name.strip()] for name in names])
        if not found:
            return None
        return next((c for c in found if all(self._against(terms) is None for terms in c)), found[0])

    def refusal(self, record: dict[str, Any]) -> str | None:
        """Why a record (license, author, attribution, contract) may not train, in words; None when it may."""
        name = record.get("license") or ""
        if not name:
            return "it has no licence"
        terms = self.terms(name)
        if terms is None:
            return f"the licence {name!r} is not in {self.path.name}"
        for licence in terms:
            reason = self._against(licence)
            if reason is not None:
                return f"{name} {reason}"
            credited = record.get("author") or record.get("attribution") or record.get("attributions")
            if licence.attribution and not credited and not self.unattributed:
                return f"{name} asks for credit, and neither author nor credit line is recorded"
            if licence.contract and not record.get("contract"):
                return f"{name} needs the reference of a contract or consent, and none is recorded"
        return None

    def _against(self, licence: Licence) -> str | None:
        if not licence.train:
            return "does not let a model be trained (no derivatives)"
        if self.commercial and not licence.commercial:
            return "forbids commercial use, which the policy wants"
        if licence.share_alike and not self.share_alike:
            return "is share-alike, which the policy refuses"
        return None

    def reason(self, record: dict[str, Any]) -> str:
        """Why a record may train, in words."""
        terms = self.terms(record["license"]) or []
        asks = [
            word
            for word, wanted in (
                ("credit", any(t.attribution for t in terms)),
                ("the same licence for adaptations", any(t.share_alike for t in terms)),
                ("non-commercial use", any(not t.commercial for t in terms)),
            )
            if wanted
        ]
        return f"{record['license']} lets a model be trained" + (f"; it asks for {' and '.join(asks)}" if asks else "")
