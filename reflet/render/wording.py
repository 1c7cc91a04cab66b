"""How scene words are said: synonyms of colours, materials, light, styles and cameras, and number words.

The first variant of each list is the plain one; captions mostly use it, so that a word a user types is well known.
"""

from __future__ import annotations

COLOR_WORDS: dict[str, tuple[str, ...]] = {
    "grey": ("grey", "gray"),
    "lime green": ("lime green", "lime", "bright green"),
    "turquoise": ("turquoise", "cyan"),
    "navy blue": ("navy blue", "dark blue", "navy"),
    "light blue": ("light blue", "sky blue", "pale blue"),
    "beige": ("beige", "cream", "tan"),
    "purple": ("purple", "violet"),
    "magenta": ("magenta", "fuchsia"),
    "red": ("red", "bright red"),
    "dark green": ("dark green", "deep green"),
}

# material -> ways to say it before the noun
MATERIAL_WORDS: dict[str, tuple[str, ...]] = {
    "wood": ("wooden", "wood"),
    "gold": ("gold", "golden"),
    "ceramic": ("ceramic", "porcelain"),
    "fabric": ("fabric", "cloth"),
    "rusty metal": ("rusty metal", "rusted"),
    "painted metal": ("painted metal", "metal"),
    "chrome": ("chrome", "mirror-like metal"),
    "wool": ("knitted wool", "woollen"),
    "ice": ("ice", "icy"),
    "terracotta": ("terracotta", "clay"),
}

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

LIGHT_PHRASES: dict[str, tuple[str, ...]] = {
    "midday": ("at midday", "under a high midday sun", "at noon", "in bright noon light"),
    "daylight": ("in daylight", "on a sunny day", "in sunlight", "by day"),
    "morning": ("in the morning", "in soft morning light", "in the early morning"),
    "golden hour": ("at golden hour", "in warm golden light", "in late afternoon light", "in the golden hour"),
    "sunset": ("at sunset", "in the light of the setting sun", "at dusk with an orange sky", "with a sunset"),
    "twilight": ("at twilight", "at dusk", "after sunset", "in the blue hour"),
    "overcast": ("on an overcast day", "under a cloudy sky", "under grey clouds", "in soft overcast light"),
    "storm": ("under a stormy sky", "with storm clouds", "before a storm"),
    "night": ("at night", "by night", "in the dark"),
    "moonlight": ("in moonlight", "on a moonlit night", "under the moon"),
    "studio softbox": ("in soft studio light", "in a studio", "with studio lighting", "under a softbox"),
    "low-key": ("in dramatic low-key light", "in dark, dramatic light", "lit from one side, low-key"),
    "window light": ("in soft window light", "lit by a window", "by the light of a window"),
    "lamplight": ("in warm lamplight", "by lamplight", "under a warm lamp"),
    "candlelight": ("by candlelight", "in candlelight", "lit by candles"),
    "neon": ("in neon light", "under neon lights", "with colourful neon lighting"),
    "environment map": (),
}

WEATHER_PHRASES: dict[str, tuple[str, ...]] = {
    "fog": ("in thick fog", "in fog", "on a foggy day"),
    "mist": ("in light mist", "with mist", "in a haze"),
    "rain": ("in the rain", "while it rains", "on a rainy day"),
    "snowfall": ("in falling snow", "while it snows", "with snowfall"),
}

STYLE_PREFIXES: dict[str, tuple[str, ...]] = {
    "photograph": ("a photo of", "a photograph of", "a realistic photo of", "a picture of", "an image of"),
    "watercolour": ("a watercolour painting of", "a watercolor of", "a watercolour of"),
    "ink": ("an ink drawing of", "a pen and ink drawing of", "an ink sketch of"),
    "oil painting": ("an oil painting of", "an oil painting on canvas of"),
    "pixel art": ("pixel art of", "a pixel art picture of"),
    "toon": ("a cartoon of", "a cel-shaded picture of", "a toon-style picture of"),
    "pencil": ("a pencil drawing of", "a pencil sketch of", "a graphite drawing of"),
    "low-poly": ("a low-poly picture of", "low poly art of"),
    "black and white": ("a black and white photo of", "a monochrome photograph of"),
    "vintage": ("a vintage photo of", "an old faded photograph of"),
    "impressionist": ("an impressionist painting of", "an impressionist picture of"),
    "stained glass": ("a stained glass window of", "stained glass art of"),
    "comic": ("a comic book panel of", "a comic-style drawing of"),
}

STYLE_TAGS: dict[str, tuple[str, ...]] = {
    "photograph": ("photo", "photorealistic", "realistic"),
    "watercolour": ("watercolour", "watercolor painting"),
    "ink": ("ink drawing",),
    "oil painting": ("oil painting",),
    "pixel art": ("pixel art",),
    "toon": ("cartoon", "cel shading"),
    "pencil": ("pencil drawing", "pencil sketch"),
    "low-poly": ("low poly", "low-poly"),
    "black and white": ("black and white photo",),
    "vintage": ("vintage photo",),
    "impressionist": ("impressionist painting",),
    "stained glass": ("stained glass",),
    "comic": ("comic style",),
}

CAMERA_PHRASES: dict[str, tuple[str, ...]] = {
    "eye level": (),
    "low angle": ("seen from a low angle", "low-angle view"),
    "high angle": ("seen from above", "high-angle view"),
    "top-down": ("seen from directly above", "top-down view", "flat lay"),
    "close-up": ("close-up", "seen close up", "in close-up"),
    "wide shot": ("wide shot", "seen from afar"),
    "shallow depth of field": ("shallow depth of field", "with a blurred background"),
}

SIDE_PHRASES: dict[str, tuple[str, ...]] = {
    "left": ("light from the left", "lit from the left"),
    "right": ("light from the right", "lit from the right"),
    "behind": ("backlit", "against the light"),
    "front": ("lit from the front",),
}

RELATION_PHRASES: dict[str, tuple[str, ...]] = {
    "left": ("to the left of", "left of", "on the left of"),
    "right": ("to the right of", "right of", "on the right of"),
    "front": ("in front of",),
    "behind": ("behind",),
    "on": ("on top of", "on", "standing on"),
    "in": ("in", "inside"),
}


def article(phrase: str) -> str:
    """ "apple" -> "an apple"; by the first letter, with the few exceptions that the vocabulary holds."""
    first = phrase.split(" ", 1)[0].lower()
    vowel = first[:1] in "aeiou" and not first.startswith(("one", "uni", "euro"))
    return ("an " if vowel or first.startswith("hour") else "a ") + phrase
