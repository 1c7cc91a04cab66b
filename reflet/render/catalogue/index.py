"""The catalogue: every procedural class by its name."""

from __future__ import annotations

from reflet.render.catalogue import animals, cars, creatures, food, fruit, furniture, household, solids, vessels
from reflet.render.catalogue.item import CatalogueItem

TOPICS = (solids, vessels, fruit, food, animals, creatures, household, furniture, cars)
CATALOGUE: dict[str, CatalogueItem] = {item.name: item for topic in TOPICS for item in topic.ITEMS}
