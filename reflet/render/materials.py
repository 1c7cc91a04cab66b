"""Surfaces by their words: the one door to what things, grounds and walls are made of.

The rooms behind it: materials_body (looks of things), materials_ground (what carries and surrounds them),
materials_fixed (what a thing is whatever its look).
"""

from __future__ import annotations

from reflet.render.materials_body import PATTERNS as PATTERNS
from reflet.render.materials_body import SUBSTANCES as SUBSTANCES
from reflet.render.materials_body import accent_of as accent_of
from reflet.render.materials_body import sample_look as sample_look
from reflet.render.materials_body import shade_of as shade_of
from reflet.render.materials_body import surface as surface
from reflet.render.materials_body import textured as textured
from reflet.render.materials_body import words as words
from reflet.render.materials_fixed import fixed_surface as fixed_surface
from reflet.render.materials_fixed import natural_surface as natural_surface
from reflet.render.materials_ground import WALLS as WALLS
from reflet.render.materials_ground import GroundChoice as GroundChoice
from reflet.render.materials_ground import ground as ground
from reflet.render.materials_ground import wall as wall
