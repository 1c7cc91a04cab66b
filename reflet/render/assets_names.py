"""What asset files show: from messy file names to nameable classes with their size, by table and by rule."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A class that a file shows. `size`: its longest side in metres. `tags` as in CatalogueItem.

    `style`: "own" keeps the colours of the file and is never described; "painted" gives its largest coloured area
    the sampled look; "cast" gives all of it one sampled material (shapes without colours: sculptures).
    """

    name: str
    size: float
    tags: str = ""
    style: str = "own"
    plural: str = ""


# Stems of files, with commas between ("!" behind one for a file without materials), then the Kind as
# class | size | tags [| style [| plural]]
_TABLE = """
apple | apple | .08 | food round | painted
lemon-half | half a lemon | .08 | food | own | lemon halves
coconut-half | half a coconut | .12 | food | own | coconut halves
avocado | avocado | .11 | food
coconut | coconut | .13 | food round
bacon | rasher of bacon | .18 | food | own | rashers of bacon
bacon-raw | rasher of raw bacon | .18 | food | own | rashers of raw bacon
bag | paper bag | .3 |
banana | banana | .18 | food
barrel | barrel | .9 |
beet | beetroot | .12 | food | own | beetroots
boat-large | rowing boat | 4 |
ship-light | ship | 12 | vehicle
bottle, bottle-large | bottle | .28 | vessel | painted
bottle-ketchup | ketchup bottle | .2 | food
bottle-musterd | mustard bottle | .2 | food
bottle-oil | bottle of oil | .28 | food | own | bottles of oil
bowl | bowl | .16 | vessel | painted
bowl-broth | bowl of broth | .16 | food | own | bowls of broth
bowl-cereal | bowl of cereal | .16 | food | own | bowls of cereal
bowl-soup | bowl of soup | .16 | food | own | bowls of soup
bread | slice of bread | .12 | food | own | slices of bread
loaf, loaf-round | loaf of bread | .25 | food | own | loaves of bread
loaf-baguette | baguette | .5 | food
broccoli | head of broccoli | .15 | food | own | heads of broccoli
burger, burger-cheese | hamburger | .11 | food
burger-double, burger-cheese-double | double burger | .12 | food
cabbage | cabbage | .2 | food round
cake | cake | .25 | food
cake-birthday | birthday cake | .25 | food
can, can-small | tin can | .11 |
can-open | open tin can | .11 |
candy-bar, chocolate | chocolate bar | .14 | food
candy-bar-wrapper, chocolate-wrapper | wrapped chocolate bar | .14 | food
cannon, cannon-large, cannon-mobile | cannon | 1.8 |
cannon-ball | cannonball | .16 | round
carrot | carrot | .2 | food | painted
carton | milk carton | .22 | food
carton-small | juice carton | .14 | food
celery-stick | stick of celery | .25 | food | own | sticks of celery
cheese | wheel of cheese | .2 | food | own | wheels of cheese
cheese-cut | piece of cheese | .14 | food | own | pieces of cheese
cheese-slicer | cheese slicer | .22 |
cherries | pair of cherries | .07 | food | own | pairs of cherries
chest | treasure chest | .8 |
chinese | takeaway box | .14 | food | own | takeaway boxes
chopstick, chopstick-fancy | chopstick | .23 |
cocktail | cocktail | .2 | food
cookie-chocolate | sandwich biscuit | .06 | food
cookie | cookie | .08 | food
cooking-fork | carving fork | .3 |
cooking-knife, cooking-knife-chopping | kitchen knife | .3 | | own | kitchen knives
cooking-spatula | spatula | .3 |
cooking-spoon | ladle | .3 |
corn | corn cob | .2 | food
corn-dog | corn dog | .2 | food
croissant | croissant | .15 | food
cup-tea | cup of tea | .1 | food | own | cups of tea
cupcake | cupcake | .09 | food
cutting-board, cutting-board-japanese, cutting-board-round | cutting board | .4 |
delivery-truck | delivery truck | 6 | vehicle
dim-sum | dumpling | .06 | food
donut-1, donut-chocolate, donut-sprinkles | donut | .1 | food
egg | egg | .06 | food round | painted
egg-cooked | fried egg | .11 | food
egg-cup | egg cup | .07 | vessel
eggplant | aubergine | .22 | food | painted
firetruck | fire engine | 7 | vehicle
ambulance | ambulance | 5.5 | vehicle
garbage-truck | garbage truck | 7 | vehicle
hatchback, sedan | car | 4.3 | vehicle | painted
police-car | police car | 4.6 | vehicle
race-car | racing car | 4.5 | vehicle | painted
suv-luxury | off-road car | 4.7 | vehicle | painted
taxi | taxi | 4.6 | vehicle
tractor, tractor-2 | tractor | 4 | vehicle | painted
truck | pickup truck | 5 | vehicle | painted
truck-flat | flatbed truck | 5 | vehicle | painted
van | van | 5 | vehicle | painted
fish | fish | .3 | food | own | fish
fish-bones | fish skeleton | .3 |
formation-rock, formation-large-rock, formation-stone | rock formation | 3 |
frappe | iced coffee | .2 | food
fries | portion of fries | .14 | food | own | portions of fries
frikandel-speciaal | chilli dog | .18 | food
frying-pan | frying pan | .45 | vessel
ginger-bread | gingerbread man | .12 | food | own | gingerbread men
ginger-bread-cutter | biscuit cutter | .1 |
grapes | bunch of grapes | .16 | food | own | bunches of grapes
honey | jar of honey | .12 | food | own | jars of honey
hot-dog | hot dog | .18 | food
meat-sausage | sausage | .14 | food
house-18, house-3, house-4, house-5, house-7, house1 | house | 9 | building
ice-cream | ice cream cone | .16 | food
sundae | ice cream sundae | .2 | food
knife-block | knife block | .3 |
leek | leek | .4 | food
lemon | lemon | .09 | food round | painted
lollypop | lollipop | .15 | food
maki-roe, maki-salmon, maki-vegetable, sushi-egg, sushi-salmon | piece of sushi | .06 | food | own | pieces of sushi
meat-cooked | steak | .2 | food
meat-raw | raw steak | .2 | food
meat-patty | meat patty | .11 | food | own | meat patties
meat-ribs | rack of ribs | .25 | food | own | racks of ribs
meat-tenderizer | meat mallet | .25 |
mincemeat-pie | mince pie | .1 | food
mortar | mortar | .14 | vessel
muffin | muffin | .09 | food
mug-1 | mug | .12 | vessel | painted
mushroom | mushroom | .08 | food
mussel, mussel-open | mussel | .08 | food
onion | onion | .09 | food round
orange | orange | .09 | food round | painted
paddle | paddle | 1.5 |
palm-detailed-long, palm-detailed-short, palm-long, palm-short | palm tree | 7 | plant tree
pan | saucepan | .35 | vessel
pan-stew, pot-stew | pot of stew | .35 | food | own | pots of stew
pot | cooking pot | .35 | vessel
pancakes | stack of pancakes | .18 | food | own | stacks of pancakes
paprika | bell pepper | .11 | food
paprika-slice | slice of bell pepper | .09 | food | own | slices of bell pepper
peanut-butter | jar of peanut butter | .12 | food | own | jars of peanut butter
pear | pear | .11 | food | painted
pepper | chilli pepper | .12 | food
pepper-mill | pepper mill | .22 |
pie | pie | .25 | food
pineapple | pineapple | .3 | food
pizza | pizza | .32 | food
pizza-box | pizza box | .35 | | own | pizza boxes
pizza-cutter | pizza cutter | .22 |
plate, plate-deep, plate-dinner, plate-rectangle | plate | .26 | vessel | painted
plate-sauerkraut | plate of sauerkraut and sausage | .26 | food | own | plates of sauerkraut and sausage
popsicle | popsicle | .16 | food
pudding | pudding | .12 | food
pumpkin, pumpkin-basic | pumpkin | .3 | food | painted
radish | radish | .08 | food | own | radishes
rice-ball | rice ball | .09 | food
rolling-pin | rolling pin | .4 |
salad | bowl of salad | .2 | food | own | bowls of salad
sandwich | sandwich | .14 | food | own | sandwiches
shaker-pepper | pepper shaker | .08 |
shaker-salt | salt shaker | .08 |
shovel | shovel | 1.1 |
skewer, skewer-vegetables | skewer | .28 | food
soda, soda-glass | soft drink | .18 | food
soda-bottle | bottle of cola | .25 | food | own | bottles of cola
soda-can | drink can | .12 |
soda-can-crushed | crushed drink can | .1 |
soy | dish of soy sauce | .09 | food | own | dishes of soy sauce
steamer | bamboo steamer | .25 |
strawberry | strawberry | .04 | food
styrofoam-dinner | takeaway meal | .22 | food
sub | submarine sandwich | .28 | food | own | submarine sandwiches
sword, sword-scimitar | sword | .95 |
taco | taco | .15 | food
tomato | tomato | .08 | food round | painted
tomato-slice | slice of tomato | .07 | food | own | slices of tomato
tower | castle tower | 8 | building
tree-big, tree-small | tree | 6 | plant tree
turkey | roast turkey | .35 | food
utensil-fork | fork | .19 |
utensil-knife | table knife | .21 | | own | table knives
utensil-spoon | spoon | .17 |
waffle | waffle | .14 | food
watermelon | watermelon | .3 | food round
whipped-cream | dollop of whipped cream | .07 | food | own | dollops of whipped cream
whisk | whisk | .28 |
whole-ham, wholer-ham | ham | .3 | food
wine-red | bottle of red wine | .3 | food | own | bottles of red wine
wine-white | bottle of white wine | .3 | food | own | bottles of white wine
painted_wooden_cabinet, painted_wooden_cabinet_02 | painted cabinet | 1.6 | furniture
painted_wooden_stool | painted stool | .58 | furniture
sofa_03 | worn sofa | 2.4 | furniture
tea_set_01 | tea set | .6 |
wooden_bookshelf_worn | worn bookshelf | 2.0 | furniture | own | worn bookshelves
wooden_table_02 | rustic table | 1.2 | furniture
yellow_bell_pepper | bell pepper | .11 | food
cat! | cat figurine | .3 | | cast
demosthenes! | bust | .5 | | cast
koala! | koala figurine | .25 | | cast
penguin! | penguin figurine | .25 | | cast
scorpion! | scorpion figurine | .2 | | cast
skull! | skull | .22 | | cast
spot! | cow figurine | .25 | | cast
goathead! | goat's head sculpture | .4 | | cast
boot! | boot | .3 | | cast
hammer! | hammer | .3 | | cast
plane! | aeroplane model | .4 | | cast
wingnut! | wing nut | .05 | | cast
lionstatue! | lion statue | .6 | | cast
fish! | fish figurine | .2 | | cast
"""
# What is no thing by itself, stands for another thing, or was made for gluing.
SKIPPED = frozenset((
    "hole", "fries-empty", "frying-pan-lid", "pot-lid", "pot-stew-lid", "tajine-lid", "cake-slicer", "curtain_open",
    "mountain!", "torus!", "ice-cream-scoop", "ice-cream-scoop-mint", "egg-half", "apple-half", "pear-half",
    "onion-half", "avocado-half", "mushroom-half", "bag-flat", "cauliflower", "cup", "cup-thea", "cup-saucer", "glass",
    "glass-wine", "hot-dog-raw", "sausage", "sausage-half", "ice-cream-cone", "ice-cream-cup", "mortar-pestle",
    "tajine", "styrofoam", "house-6", "boat!", "sword!", "pizza!",
))  # fmt: skip
_QUALIFIERS = frozenset((
    "large", "small", "big", "basic", "tall", "long", "short", "low", "high", "lowpoly", "detailed", "final", "model",
    "mesh",
))  # fmt: skip


def _kinds() -> dict[str, Kind]:
    kinds = {}
    for line in _TABLE.strip().splitlines():
        stems, name, size, *rest = (field.strip() for field in line.split("|"))
        tags, style, plural = (*rest, "", "", "")[:3]
        for stem in stems.split(", "):
            kinds[stem] = Kind(name, float(size), tags, style or "own", plural)
    return kinds


KINDS = _kinds()


def plural_of(name: str) -> str:
    """The regular English plural of a class name."""
    if re.search(r"(s|x|ch|sh)$", name):
        return name + "es"
    if re.search(r"[^aeiou]y$", name):
        return name[:-1] + "ies"
    return name + "s"


def kind_of(stem: str, *, colored: bool = True) -> Kind | None:
    """The class that a file of this stem shows, None for those to skip; `colored`: whether it has materials.

    A stem not in the table is read by rule: numbers and words such as "large" fall away, the rest is the name.
    """
    mark = "" if colored else "!"
    if stem + mark in SKIPPED:
        return None
    if stem + mark in KINDS:
        return KINDS[stem + mark]
    words = [word for word in re.split(r"[-_ .]+|(?<=[a-z])(?=\d)", stem.lower()) if word and not word.isdigit()]
    kept = [word for word in words if word not in _QUALIFIERS] or words
    known = KINDS.get("-".join(kept) + mark)
    if known is not None or not kept:
        return known
    return Kind(" ".join(kept), 0.3, style="own" if colored else "cast")
