"""The words that scenes and captions share. One list each; a word stands here or it does not exist."""

from __future__ import annotations

# Display (sRGB) colours; `srgb_to_linear` below makes them linear.
COLORS: dict[str, tuple[float, float, float]] = {
    "red": (0.80, 0.07, 0.06),
    "orange": (0.95, 0.46, 0.06),
    "yellow": (0.97, 0.82, 0.10),
    "green": (0.12, 0.56, 0.17),
    "dark green": (0.04, 0.27, 0.11),
    "lime green": (0.58, 0.85, 0.14),
    "turquoise": (0.16, 0.76, 0.72),
    "teal": (0.02, 0.45, 0.47),
    "light blue": (0.47, 0.72, 0.94),
    "blue": (0.08, 0.26, 0.80),
    "navy blue": (0.05, 0.09, 0.32),
    "purple": (0.44, 0.13, 0.62),
    "magenta": (0.84, 0.08, 0.55),
    "pink": (0.97, 0.58, 0.70),
    "brown": (0.38, 0.21, 0.11),
    "beige": (0.87, 0.78, 0.61),
    "white": (0.93, 0.93, 0.92),
    "grey": (0.50, 0.50, 0.51),
    "black": (0.035, 0.035, 0.04),
}

# Material words a body can be made of. Those in COLORED take a colour word; the others are their own colour.
MATERIALS = (
    "plastic", "ceramic", "glass", "frosted glass", "gold", "silver", "copper", "bronze", "chrome", "steel",
    "wood", "marble", "granite", "stone", "concrete", "terracotta", "fabric", "leather", "rubber", "wax",
    "jade", "paper", "ice", "rusty metal", "painted metal", "clay", "wool", "cork",
)  # fmt: skip
COLORED = (
    "plastic", "ceramic", "glass", "frosted glass", "fabric", "leather", "rubber", "wax", "paper", "painted metal",
    "clay", "wool",
)  # fmt: skip

# What subjects stand on.
GROUNDS = (
    "wooden table", "wooden floor", "marble", "tiles", "tablecloth", "concrete", "granite", "mirror", "shelf",
    "carpet", "grass", "sand", "snow", "cobblestones", "pebbles", "asphalt", "soil", "fallen leaves", "rock",
    "shallow water", "terrazzo", "leather", "plain backdrop",
)  # fmt: skip

ENVIRONMENTS = (
    "studio", "table", "kitchen", "living room", "bedroom", "study", "dining room", "bathroom", "gallery",
    "library", "street", "alley", "square", "village", "skyline", "park", "canal", "mountains", "hills", "desert",
    "canyon", "sea", "beach", "lake", "river", "islands", "forest", "meadow", "snowy landscape", "field",
    "garden", "space", "sky", "abstract",
)  # fmt: skip

# State of light: one word each scene has.
LIGHTS = (
    "midday", "daylight", "morning", "golden hour", "sunset", "twilight", "overcast", "storm", "night",
    "moonlight", "studio softbox", "low-key", "window light", "lamplight", "candlelight", "neon", "environment map",
)  # fmt: skip
WEATHER = ("clear", "fog", "mist", "rain", "snowfall")

CAMERAS = ("eye level", "low angle", "high angle", "top-down", "close-up", "wide shot", "shallow depth of field")

STYLES = (
    "photograph", "watercolour", "ink", "oil painting", "pixel art", "toon", "pencil", "low-poly",
    "black and white", "vintage", "impressionist", "stained glass", "comic",
)  # fmt: skip


def srgb_to_linear(color: tuple[float, float, float]) -> tuple[float, float, float]:
    """Display colour in 0..1 to linear light (IEC 61966-2-1)."""
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color)
    return r, g, b
