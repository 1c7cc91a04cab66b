"""Licences by their SPDX names: checked, never guessed."""

from __future__ import annotations

import re

from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

# What people write where an SPDX identifier is meant: only spellings that can mean one licence.
_SPELLINGS = {
    "cc0": "CC0-1.0",
    "cc0 1.0": "CC0-1.0",
    "public domain mark 1.0": "CC-PDM-1.0",
    "the unlicense": "Unlicense",
    "apache 2.0": "Apache-2.0",
    "mit license": "MIT",
}
_CREATIVE_COMMONS = re.compile(r"cc[ -]by((?:[ -](?:nc|nd|sa))*)[ -](\d\.\d)", re.I)


class UnknownLicenceError(ValueError):
    """The text is no SPDX expression; the message says so in words."""


def spdx(text: str) -> str:
    """The canonical SPDX expression of `text`: "mit" -> "MIT", "CC BY-SA 4.0" -> "CC-BY-SA-4.0".

    A licence without an identifier of its own can be named LicenseRef-SOMETHING. Raises UnknownLicenceError.
    """
    given = " ".join(text.split())
    spelled = _SPELLINGS.get(given.lower(), given)
    if found := _CREATIVE_COMMONS.fullmatch(spelled):
        parts = [p.upper() for p in re.split("[ -]", found[1]) if p]
        spelled = "-".join(["CC-BY", *parts, found[2]])
    try:
        return str(canonicalize_license_expression(spelled))
    except InvalidLicenseExpression:
        shown = given if len(given) <= 60 else given[:57] + "..."
        raise UnknownLicenceError(
            f"{shown!r} is no SPDX licence expression: see https://spdx.org/licenses, "
            "or name a licence of its own LicenseRef-NAME"
        ) from None
