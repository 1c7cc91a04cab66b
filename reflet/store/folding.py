"""Words as a search sees them: without case and accents, so that "Epee" finds "épée"."""

from __future__ import annotations

import unicodedata


def search_words(text: str) -> str:
    """The text folded: compatibility forms, no accents, no case, single spaces."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in apart if unicodedata.category(c) != "Mn").split())


def containing(text: str) -> list[str]:
    """Patterns for LIKE with the escape sign "|": each word of a search must be somewhere in the words."""
    clean = search_words(text)
    for sign in "|%_":
        clean = clean.replace(sign, f"|{sign}")
    return [f"%{word}%" for word in clean.split()]
