"""Every recipe by name."""

from __future__ import annotations

from collections.abc import Callable

from reflet.recipes.base import image_base
from reflet.recipes.nano import image_nano
from reflet.recipes.small import image_small
from reflet.recipes.tiny import image_tiny
from reflet.runtime.errors import UserError
from reflet.train.recipe import ImageRecipe

RECIPES: dict[str, Callable[[], ImageRecipe]] = {
    "tiny": image_tiny,
    "nano": image_nano,
    "small": image_small,
    "base": image_base,
}


def recipe(name: str) -> ImageRecipe:
    """The recipe of that name. Raises UserError that lists those there are."""
    if name not in RECIPES:
        raise UserError(f"there is no recipe {name!r}: choose one of {', '.join(RECIPES)}")
    return RECIPES[name]()
