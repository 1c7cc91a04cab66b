"""The catalogue: every procedural class by its name."""

from __future__ import annotations

from reflet.render.catalogue import (
    animals,
    belongings,
    cars,
    crafts,
    creatures,
    food,
    fruit,
    furniture,
    games,
    garden,
    household,
    implements,
    places,
    solids,
    vessels,
)
from reflet.render.catalogue.item import CatalogueItem

TOPICS = (
    solids,
    vessels,
    fruit,
    food,
    animals,
    creatures,
    household,
    furniture,
    cars,
    crafts,
    games,
    garden,
    implements,
    belongings,
    places,
)
CATALOGUE: dict[str, CatalogueItem] = {item.name: item for topic in TOPICS for item in topic.ITEMS}
