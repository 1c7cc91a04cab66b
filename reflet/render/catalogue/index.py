"""The catalogue: every procedural class by its name."""

from __future__ import annotations

from reflet.render.catalogue import (
    aircraft,
    baking,
    balls,
    birds,
    boats,
    books,
    cars,
    chess,
    clothing,
    critters,
    decor,
    devices,
    dishes,
    finds,
    flowers,
    fruit,
    houses,
    instruments,
    kitchenware,
    landmarks,
    lights,
    mammals,
    plants,
    seating,
    solids,
    street,
    tables,
    tools,
    toys,
    utensils,
    vases,
    vegetables,
    vehicles,
    yard,
)
from reflet.render.catalogue.item import CatalogueItem

TOPICS = (
    solids, vases, kitchenware, fruit, vegetables, baking, dishes, mammals, birds, critters, lights, decor, books,
    seating, tables, cars, vehicles, boats, aircraft, chess, balls, toys, plants, flowers, finds, instruments, tools,
    utensils, clothing, devices, houses, landmarks, yard, street,
)  # fmt: skip
CATALOGUE: dict[str, CatalogueItem] = {item.name: item for topic in TOPICS for item in topic.ITEMS}
