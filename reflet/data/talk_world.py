"""The words of the world that talks are about, in English and French: the renderer's vocabulary and more.

Each table goes from what stands in a caption (the first of `reflet.render.wording`) to the ways in which people say it.
"""

from __future__ import annotations

from reflet.render.vocabulary import COLORS
from reflet.render.wording import CAMERA_PHRASES, COLOR_WORDS, LIGHT_PHRASES, MATERIAL_WORDS, WEATHER_PHRASES

COLOR_NAMES: tuple[str, ...] = tuple(COLORS)
ENGLISH_COLORS: dict[str, tuple[str, ...]] = {c: COLOR_WORDS.get(c, (c,)) for c in COLOR_NAMES}
# masculine, feminine; a plural is made with -s unless the word never changes
FRENCH_COLORS: dict[str, tuple[str, str]] = {
    "red": ("rouge", "rouge"),
    "orange": ("orange", "orange"),
    "yellow": ("jaune", "jaune"),
    "green": ("vert", "verte"),
    "dark green": ("vert foncé", "vert foncé"),
    "lime green": ("vert citron", "vert citron"),
    "turquoise": ("turquoise", "turquoise"),
    "teal": ("bleu canard", "bleu canard"),
    "light blue": ("bleu clair", "bleu clair"),
    "blue": ("bleu", "bleue"),
    "navy blue": ("bleu marine", "bleu marine"),
    "purple": ("violet", "violette"),
    "magenta": ("magenta", "magenta"),
    "pink": ("rose", "rose"),
    "brown": ("marron", "marron"),
    "beige": ("beige", "beige"),
    "white": ("blanc", "blanche"),
    "grey": ("gris", "grise"),
    "black": ("noir", "noire"),
}
FIXED_COLORS = {"orange", "turquoise", "magenta", "marron"}  # French colours without a plural, like those of two words

# caption word -> French after "en"
FRENCH_MATERIALS: dict[str, str] = {
    "plastic": "plastique",
    "ceramic": "céramique",
    "glass": "verre",
    "gold": "or",
    "silver": "argent",
    "copper": "cuivre",
    "bronze": "bronze",
    "chrome": "chrome",
    "steel": "acier",
    "wood": "bois",
    "marble": "marbre",
    "granite": "granit",
    "stone": "pierre",
    "concrete": "béton",
    "terracotta": "terre cuite",
    "fabric": "tissu",
    "leather": "cuir",
    "rubber": "caoutchouc",
    "wax": "cire",
    "jade": "jade",
    "paper": "papier",
    "ice": "glace",
    "clay": "argile",
    "wool": "laine",
    "cork": "liège",
}
MATERIAL_NAMES: tuple[str, ...] = tuple(FRENCH_MATERIALS)


def material_words(material: str) -> tuple[str, ...]:
    """Before the noun: "wooden", "wood"; the first is the caption's."""
    return MATERIAL_WORDS.get(material, (material,))


LOOKS: dict[str, tuple[str, str]] = {  # adjectives of captions and French (masculine, feminine)
    "small": ("petit", "petite"),
    "big": ("gros", "grosse"),
    "large": ("grand", "grande"),
    "tiny": ("minuscule", "minuscule"),
    "giant": ("géant", "géante"),
    "old": ("vieux", "vieille"),
    "shiny": ("brillant", "brillante"),
    "striped": ("rayé", "rayée"),
    "cute": ("mignon", "mignonne"),
    "round": ("rond", "ronde"),
    "broken": ("cassé", "cassée"),
    "tall": ("haut", "haute"),
    "thin": ("fin", "fine"),
    "heavy": ("lourd", "lourde"),
    "open": ("ouvert", "ouverte"),
    "empty": ("vide", "vide"),
    "new": ("neuf", "neuve"),
}
BEFORE = {"small", "big", "large", "old", "tall"}  # French adjectives before the noun

# caption phrase -> other English ways, French ways
PLACES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "on a wooden table": (
        ("on a table made of wood", "on a wood table", "on the wooden table"),
        ("sur une table en bois", "sur la table en bois"),
    ),
    "on a table": (("on the table", "standing on a table"), ("sur une table", "sur la table")),
    "on a marble counter": (("on marble", "on a marble surface"), ("sur du marbre", "sur un comptoir en marbre")),
    "on a tablecloth": (("on a white cloth", "on the tablecloth"), ("sur une nappe", "sur la nappe")),
    "on a wooden floor": (("on the wooden floor", "on floorboards"), ("sur un parquet", "sur le parquet")),
    "on a carpet": (("on the carpet", "on a rug"), ("sur un tapis", "sur le tapis")),
    "on a shelf": (("on the shelf",), ("sur une étagère", "sur l'étagère")),
    "on a mirror": (("on a mirror surface",), ("sur un miroir",)),
    "on tiles": (("on a tiled floor",), ("sur du carrelage", "sur le carrelage")),
    "on concrete": (("on a concrete floor", "on bare concrete"), ("sur du béton", "sur le béton")),
    "on grass": (("in the grass", "on the grass", "on a lawn"), ("sur l'herbe", "dans l'herbe", "sur une pelouse")),
    "on sand": (("in the sand", "on the sand"), ("sur le sable", "dans le sable")),
    "on snow": (("in the snow", "on the snow"), ("sur la neige", "dans la neige")),
    "on cobblestones": (("on cobbles", "on the cobblestones"), ("sur des pavés", "sur les pavés")),
    "on a rock": (("on rocks", "on the rock"), ("sur un rocher", "sur les rochers")),
    "on fallen leaves": (
        ("on autumn leaves", "in fallen leaves"),
        ("sur des feuilles mortes", "dans les feuilles mortes"),
    ),
    "on asphalt": (("on the road", "on tarmac"), ("sur l'asphalte", "sur la route")),
    "in shallow water": (("in water", "in the water"), ("dans l'eau",)),
    "in a kitchen": (("in the kitchen",), ("dans une cuisine", "dans la cuisine")),
    "in a living room": (("in the living room", "in a lounge"), ("dans un salon", "dans le salon")),
    "in a bedroom": (("in the bedroom",), ("dans une chambre", "dans la chambre")),
    "in a bathroom": (("in the bathroom",), ("dans une salle de bain", "dans la salle de bain")),
    "in a library": (("in the library",), ("dans une bibliothèque",)),
    "in a garden": (("in the garden", "in my garden"), ("dans un jardin", "dans le jardin")),
    "in a park": (("in the park",), ("dans un parc", "au parc")),
    "in a street": (("in the street", "on the street"), ("dans une rue", "dans la rue")),
    "in a village": (("in the village",), ("dans un village", "au village")),
    "in a town square": (("on a square", "on the town square"), ("sur une place", "sur la place")),
    "in a forest": (
        ("in the forest", "in the woods", "in a wood"),
        ("dans une forêt", "dans la forêt", "dans les bois"),
    ),
    "in a meadow": (("in the meadow", "on a meadow"), ("dans un pré", "dans une prairie")),
    "in a field": (("in the field",), ("dans un champ",)),
    "in a desert": (("in the desert",), ("dans le désert", "dans un désert")),
    "on a beach": (("on the beach", "at the beach"), ("sur une plage", "sur la plage", "à la plage")),
    "by a lake": (
        ("at a lake", "by the lake", "beside a lake"),
        ("au bord d'un lac", "près d'un lac", "au bord du lac"),
    ),
    "by the sea": (("at the sea", "near the sea", "at the seaside"), ("au bord de la mer", "à la mer")),
    "by a river": (("at a river", "by the river"), ("au bord d'une rivière", "près d'une rivière")),
    "in the mountains": (("in mountains",), ("à la montagne", "dans les montagnes")),
    "in space": (("in outer space",), ("dans l'espace",)),
    "on the moon": (("on the surface of the moon",), ("sur la lune",)),
    "in front of a brick wall": (("before a brick wall",), ("devant un mur de briques",)),
    "in front of a window": (("at a window", "near the window"), ("devant une fenêtre", "près de la fenêtre")),
    "on a plain backdrop": (("on a plain background", "against a plain background"), ("sur un fond uni",)),
    "in a gallery": (("in an art gallery",), ("dans une galerie",)),
}
SCENES: dict[str, tuple[str, ...]] = {  # caption -> French ways
    "a beach": ("une plage",),
    "a calm lake": ("un lac calme", "un lac tranquille"),
    "a snowy mountain landscape": ("un paysage de montagnes enneigées", "des montagnes enneigées"),
    "a stormy sea": ("une mer agitée", "une mer en tempête"),
    "a pine forest": ("une forêt de pins",),
    "an autumn forest": ("une forêt d'automne", "une forêt en automne"),
    "a desert with dunes": ("un désert avec des dunes",),
    "a red canyon": ("un canyon rouge",),
    "a meadow of wild flowers": ("un pré de fleurs sauvages", "un pré fleuri"),
    "a field of tulips": ("un champ de tulipes",),
    "a quiet village street": ("une rue de village tranquille",),
    "a narrow alley": ("une ruelle étroite",),
    "a canal lined with houses": ("un canal bordé de maisons",),
    "a city skyline": ("une ville à l'horizon", "la silhouette d'une ville"),
    "a wet city street": ("une rue de ville mouillée",),
    "a town square with a fountain": ("une place avec une fontaine",),
    "a cosy living room": ("un salon douillet",),
    "a bright bedroom": ("une chambre lumineuse",),
    "a kitchen with tiled walls": ("une cuisine avec du carrelage",),
    "an old library": ("une vieille bibliothèque",),
    "a tropical beach with palm trees": ("une plage tropicale avec des palmiers",),
    "a rocky coast": ("une côte rocheuse",),
    "a frozen lake": ("un lac gelé",),
    "rolling green hills": ("des collines vertes",),
    "a river in a valley": ("une rivière dans une vallée",),
    "a garden in bloom": ("un jardin en fleurs",),
    "a blue planet in space": ("une planète bleue dans l'espace",),
    "a starry sky": ("un ciel étoilé",),
    "a small island": ("une petite île",),
    "a winding road": ("une route sinueuse",),
    "a waterfall": ("une cascade",),
    "an abstract pattern of cubes": ("un motif abstrait de cubes",),
}
ENGLISH_LIGHTS: dict[str, tuple[str, ...]] = {k: v for k, v in LIGHT_PHRASES.items() if v}
FRENCH_LIGHTS: dict[str, tuple[str, ...]] = {
    "midday": ("à midi", "en plein midi"),
    "daylight": ("de jour", "en plein jour", "en plein soleil"),
    "morning": ("le matin", "au petit matin", "dans la lumière du matin"),
    "golden hour": ("à l'heure dorée", "dans une lumière dorée"),
    "sunset": ("au coucher du soleil", "au soleil couchant"),
    "twilight": ("au crépuscule", "à l'heure bleue"),
    "overcast": ("par temps couvert", "sous un ciel gris", "sous les nuages"),
    "storm": ("sous un ciel d'orage", "par temps d'orage"),
    "night": ("de nuit", "la nuit", "en pleine nuit"),
    "moonlight": ("au clair de lune", "sous la lune"),
    "studio softbox": ("en lumière de studio", "dans un studio"),
    "low-key": ("dans une lumière sombre et dramatique",),
    "window light": ("à la lumière d'une fenêtre",),
    "lamplight": ("à la lumière d'une lampe",),
    "candlelight": ("à la bougie", "à la lueur des bougies"),
    "neon": ("sous des néons", "en lumière de néon"),
}
LIGHT_WORDS: dict[str, tuple[str, ...]] = {  # "make it ..."
    "midday": ("noon", "midday"),
    "daylight": ("day", "daytime", "sunny"),
    "morning": ("morning", "early morning"),
    "golden hour": ("golden hour", "late afternoon"),
    "sunset": ("sunset", "evening"),
    "twilight": ("dusk", "twilight"),
    "overcast": ("cloudy", "overcast"),
    "storm": ("stormy",),
    "night": ("night", "night-time", "dark"),
    "moonlight": ("moonlight", "moonlit"),
    "candlelight": ("candlelight",),
    "neon": ("neon light", "neon-lit"),
    "lamplight": ("lamplight",),
    "window light": ("window light",),
    "studio softbox": ("studio light",),
    "low-key": ("dramatic", "low-key"),
}
ENGLISH_WEATHER = dict(WEATHER_PHRASES)
FRENCH_WEATHER: dict[str, tuple[str, ...]] = {
    "fog": ("dans le brouillard", "dans un épais brouillard"),
    "mist": ("dans la brume", "dans une légère brume"),
    "rain": ("sous la pluie",),
    "snowfall": ("sous la neige qui tombe", "pendant qu'il neige"),
}
WEATHER_WORDS = {"fog": ("foggy",), "mist": ("misty", "hazy"), "rain": ("rainy", "rain"), "snowfall": ("snowy", "snow")}
WEATHER_NOUNS: dict[str, tuple[str, str]] = {
    "fog": ("fog", "du brouillard"),
    "mist": ("mist", "de la brume"),
    "rain": ("rain", "de la pluie"),
    "snowfall": ("falling snow", "de la neige"),
}
ENGLISH_CAMERAS: dict[str, tuple[str, ...]] = {
    "close-up": (*CAMERA_PHRASES["close-up"], "closer", "a bit closer", "nearer", "zoomed in", "from nearby"),
    "wide shot": (*CAMERA_PHRASES["wide shot"], "further away", "from further away", "zoomed out", "from a distance"),
    "high angle": (*CAMERA_PHRASES["high angle"], "from above", "from higher up"),
    "low angle": (*CAMERA_PHRASES["low angle"], "from below", "from lower down"),
    "top-down": (*CAMERA_PHRASES["top-down"], "straight from above", "from directly above"),
    "shallow depth of field": (*CAMERA_PHRASES["shallow depth of field"], "with the background out of focus"),
}
FRENCH_CAMERAS: dict[str, tuple[str, ...]] = {
    "close-up": ("en gros plan", "de plus près", "un peu plus près", "plus près"),
    "wide shot": ("de loin", "de plus loin", "en plan large"),
    "high angle": ("vue d'en haut", "de haut", "d'en haut"),
    "low angle": ("vue d'en bas", "d'en bas"),
    "top-down": ("vue du dessus", "juste au-dessus"),
    "shallow depth of field": ("avec un arrière-plan flou", "le fond flou"),
}
# style -> (after "in", after "as", bare names), and French with its preposition
ENGLISH_STYLES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "photograph": (
        ("realistic style",),
        ("a photo", "a photograph", "a realistic photo"),
        ("photo", "realistic", "photorealistic"),
    ),
    "watercolour": (
        ("watercolour", "watercolor", "watercolours"),
        ("a watercolour", "a watercolor painting"),
        ("watercolour", "watercolor"),
    ),
    "ink": (("ink", "pen and ink"), ("an ink drawing", "a pen and ink drawing"), ("ink", "ink drawing")),
    "oil painting": (("oil", "oils", "oil paint"), ("an oil painting",), ("oil painting", "oil")),
    "pixel art": (("pixel art", "pixels", "8-bit style"), ("pixel art",), ("pixel art", "pixel")),
    "toon": (("cartoon style", "toon style"), ("a cartoon",), ("cartoon", "toon", "cel-shaded")),
    "pencil": (
        ("pencil", "graphite"),
        ("a pencil drawing", "a pencil sketch"),
        ("pencil", "pencil drawing", "pencil sketch"),
    ),
    "low-poly": (("low-poly style", "low poly"), ("low-poly art", "a low-poly picture"), ("low-poly", "low poly")),
    "black and white": (
        ("black and white", "monochrome"),
        ("a black and white photo",),
        ("black and white", "monochrome"),
    ),
    "vintage": (("vintage style",), ("a vintage photo", "an old faded photo"), ("vintage", "retro photo")),
    "impressionist": (
        ("impressionist style", "the style of the impressionists"),
        ("an impressionist painting",),
        ("impressionist", "impressionism"),
    ),
    "stained glass": (("stained glass",), ("a stained glass window", "stained glass"), ("stained glass",)),
    "comic": (("comic style",), ("a comic", "a comic book panel"), ("comic", "comic book")),
}
FRENCH_STYLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # (with preposition, bare)
    "photograph": (("en photo", "en photographie réaliste"), ("photo", "réaliste")),
    "watercolour": (("en aquarelle", "à l'aquarelle"), ("aquarelle",)),
    "ink": (("à l'encre",), ("encre",)),
    "oil painting": (("à l'huile", "en peinture à l'huile"), ("peinture à l'huile",)),
    "pixel art": (("en pixel art",), ("pixel art",)),
    "toon": (("en dessin animé",), ("dessin animé",)),
    "pencil": (("au crayon",), ("dessin au crayon",)),
    "low-poly": (("en low-poly",), ("low-poly",)),
    "black and white": (("en noir et blanc",), ("noir et blanc",)),
    "vintage": (("en photo ancienne",), ("photo ancienne",)),
    "impressionist": (("en style impressionniste",), ("impressionniste",)),
    "stained glass": (("en vitrail",), ("vitrail",)),
    "comic": (("en bande dessinée",), ("bande dessinée",)),
}
FRENCH_RELATIONS = {
    "left": "à gauche de",
    "right": "à droite de",
    "front": "devant",
    "behind": "derrière",
    "on": "sur",
    "in": "dans",
}
FRENCH_NUMBERS = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
FRENCH_ORDINALS = ("première", "deuxième", "troisième", "quatrième", "cinquième", "sixième", "septième", "huitième")
