"""Reflet: an image model of one's own, from pictures with known rights to a text-to-image model that people use."""

__version__ = "0.1.0"
