"""Any picture file -> an upright 8-bit sRGB picture that carries its pixels and nothing else.

A file whose bytes already are that is kept byte for byte. Everything else is encoded anew: what was lossy as JPEG of
quality 95 without chroma subsampling, what was lossless as PNG. So no position, name, preview or hidden chunk of the
original travels on, and what a decoder will meet later was written here.
"""

from __future__ import annotations

import datetime
import re
import warnings
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps

from reflet.data.plain_files import is_plain, png_size

FORMATS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "AVIF": "avif", "TIFF": "tif"}
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".avif", ".tif", ".tiff")
_SUFFIX_FORMAT = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP", ".avif": "AVIF", ".tif": "TIFF",
                  ".tiff": "TIFF"}  # fmt: skip
MAX_TEXT = 200


class BadPictureError(ValueError):
    """A file that cannot become a picture; the message says why in words."""


@dataclass(frozen=True)
class Limits:
    """What is refused before it is decoded. `max_side` 0 keeps pictures as large as they are."""

    max_megapixels: float = 64.0
    max_megabytes: float = 256.0
    max_side: int = 0


@dataclass(frozen=True)
class Normalised:
    """`content` decodes to an upright RGB or grey picture of `size` (width, height); `changes` says what was done.

    `date`, `author` and `rights` are what the file itself said of them, "" where it said nothing of use.
    """

    content: bytes
    ending: str
    size: tuple[int, int]
    original_format: str
    original_size: tuple[int, int]
    changes: tuple[str, ...]
    date: str = ""
    author: str = ""
    rights: str = ""


def normalise(content: bytes, *, name: str = "", limits: Limits | None = None) -> Normalised:
    """Encoded bytes of any of FORMATS -> what a set may hold. The content decides the format, not the name's ending.

    Raises BadPictureError for anything else, for what is truncated or damaged, and for pictures over the limits, which
    are read from the header, before pixels are unpacked.
    """
    limits = limits or Limits()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of damaged EXIF and large sizes: both are judged here
        try:
            return _normalise(content, name, limits)
        except BadPictureError:
            raise
        except MemoryError:
            raise BadPictureError("unpacking it needs more memory than there is") from None
        except Exception as error:  # a decoder meets a hostile file in a hundred ways; each is one refused picture
            raise BadPictureError(f"it is damaged: {_words(error)}") from None


def _normalise(content: bytes, name: str, limits: Limits) -> Normalised:
    picture = _opened(content, limits)
    kind = picture.format or ""
    changes: list[str] = []
    suffix = "." + name.rpartition(".")[2].lower()
    remarks = [f"named {suffix} but {kind}"] if _SUFFIX_FORMAT.get(suffix, kind) != kind else []
    if getattr(picture, "n_frames", 1) > 1:
        changes.append(f"the first of {picture.n_frames} frames")
    size = picture.size
    lossless = kind in ("PNG", "TIFF") or (kind == "WEBP" and b"VP8L" in content[:64])
    picture.load()  # before EXIF is asked for: that may load, fail in silence, and leave half a picture
    facts = _facts(picture)
    if _orientation(picture) in range(2, 9):
        picture = ImageOps.exif_transpose(picture)
        changes.append("turned upright")
    mode = picture.mode
    rgb = _to_srgb(picture, changes)
    if limits.max_side and max(rgb.size) > limits.max_side:
        rgb.thumbnail((limits.max_side, limits.max_side), Image.Resampling.LANCZOS, reducing_gap=3.0)
        changes.append(f"made smaller: {rgb.width} x {rgb.height}")
    if not changes and mode in ("RGB", "L") and is_plain(content, kind):
        return Normalised(content, FORMATS[kind], size, kind, size, tuple(remarks), *facts)
    rgb.info = {}  # else Pillow writes the profile, and more, again
    out = BytesIO()
    if lossless:
        rgb.save(out, "PNG")
    else:
        rgb.save(out, "JPEG", quality=95, subsampling=0)
    ending = "png" if lossless else "jpg"
    changes.append(f"encoded as {'PNG' if lossless else 'JPEG'}, without metadata")
    return Normalised(out.getvalue(), ending, rgb.size, kind, size, (*remarks, *changes), *facts)


def _opened(content: bytes, limits: Limits) -> Image.Image:
    """Header read, limits held."""
    if not content:
        raise BadPictureError("it is empty")
    if len(content) > limits.max_megabytes * 1e6:
        raise BadPictureError(f"its {len(content) / 1e6:.0f} MB are over the limit of {limits.max_megabytes:g}")
    stated = png_size(content)
    if stated is not None:
        _check_size(stated, content, limits)  # before Pillow reads text chunks, which may be most of the file
    try:
        picture = Image.open(BytesIO(content), formats=list(FORMATS))
    except Image.DecompressionBombError:
        raise BadPictureError(f"it unpacks to more than {limits.max_megapixels:g} megapixels") from None
    except Image.UnidentifiedImageError:
        raise BadPictureError(f"it is no picture of a kind that is read ({', '.join(FORMATS)}), or broken") from None
    _check_size(picture.size, content, limits)
    return picture


def _check_size(size: tuple[int, int], content: bytes, limits: Limits) -> None:
    width, height = size
    if width * height > limits.max_megapixels * 1e6:
        raise BadPictureError(
            f"it unpacks to {width} x {height}, {width * height / 1e6:.0f} megapixels: "
            f"the limit is {limits.max_megapixels:g}"
        )
    # 16 bytes a pixel are twice what any format here needs uncompressed; the rest would be something else.
    if len(content) > 16 * width * height + 8e6:
        raise BadPictureError(f"its {len(content) / 1e6:.0f} MB are far more than {width} x {height} pixels need")


def _to_srgb(picture: Image.Image, changes: list[str]) -> Image.Image:
    """RGB or grey, 8 bits, in sRGB, over white where it was transparent."""
    profile = picture.info.get("icc_profile")
    if picture.mode.startswith("I") or picture.mode == "F":
        picture = _eight_bits(picture)
        changes.append("from 16 to 8 bits")
    if picture.mode in ("P", "PA"):
        picture = picture.convert("RGBA" if "transparency" in picture.info or picture.mode == "PA" else "RGB")
    alpha = picture.getchannel("A") if picture.mode in ("RGBA", "LA", "La", "RGBa") else None
    if alpha is None and "transparency" in picture.info and picture.mode in ("RGB", "L", "1"):
        picture = picture.convert("RGBA")
        alpha = picture.getchannel("A")
    if picture.mode not in ("RGB", "L", "CMYK", "LAB"):
        picture = picture.convert("L" if picture.mode in ("1", "LA", "La") else "RGB")
    picture = _through_profile(picture, profile, changes)
    if picture.mode not in ("RGB", "L"):
        changes.append(f"from {picture.mode}")
        picture = picture.convert("RGB")
    if alpha is not None and alpha.getextrema()[0] < 255:
        ground = Image.new(picture.mode, picture.size, "white")
        ground.paste(picture, mask=alpha)
        picture = ground
        changes.append("put on white")
    return picture


def _through_profile(picture: Image.Image, profile: bytes | None, changes: list[str]) -> Image.Image:
    """The colours of the embedded profile as sRGB; a profile that cannot be read is left out, and told."""
    if not profile:
        return picture
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        if picture.mode == "RGB" and "srgb" in ImageCms.getProfileDescription(source).lower():
            return picture
        mode = "L" if picture.mode == "L" else "RGB"
        target = ImageCms.createProfile("sRGB")
        intent = ImageCms.Intent.RELATIVE_COLORIMETRIC
        if mode == "L":  # grey in another tone curve: through RGB, whose channels come out equal
            done = ImageCms.profileToProfile(picture, source, target, renderingIntent=intent, outputMode="RGB")
            done = done.convert("L") if done else picture
        else:
            flags = ImageCms.Flags.BLACKPOINTCOMPENSATION
            done = ImageCms.profileToProfile(
                picture, source, target, renderingIntent=intent, outputMode="RGB", flags=flags
            )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        changes.append("its colour profile is unreadable")
        return picture
    changes.append("from its colour profile to sRGB")
    return done or picture


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Grey of 16 or 32 bits, or floating point in 0..1. Raises BadPictureError where the white point is not known."""
    values = np.asarray(picture)
    top = float(values.max(initial=0))
    if picture.mode == "F":
        if not np.isfinite(values).all() or top > 1.0 or values.min() < 0:
            raise BadPictureError("its floating-point values are not in 0 to 1, so white is not known")
        return Image.fromarray(np.round(values * 255).astype(np.uint8))
    if top > 65535 or values.min() < 0:
        raise BadPictureError("its values are wider than 16 bits")
    return Image.fromarray((values.astype(np.uint32) * 255 // 65535).astype(np.uint8))


def _orientation(picture: Image.Image) -> int:
    try:
        value = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # damaged EXIF is no reason to lose the picture
        return 1
    return value if isinstance(value, int) else 1


def _facts(picture: Image.Image) -> tuple[str, str, str]:
    """Date, author and rights from EXIF, where they make sense."""
    try:
        exif = picture.getexif()
        taken = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
        stated = exif.get(ExifTags.Base.Artist), exif.get(ExifTags.Base.Copyright)
    except Exception:  # as above
        return "", "", ""
    return _date(taken), _clean(stated[0]), _clean(stated[1])


def _date(value: object) -> str:
    """EXIF's "2019:07:14 10:00:00" -> "2019-07-14"; "" for what is no day between the first photograph and tomorrow."""
    found = re.match(r"(\d{4}):(\d\d):(\d\d)", value) if isinstance(value, str) else None
    if not found:
        return ""
    try:
        day = datetime.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return ""
    latest = datetime.date.today() + datetime.timedelta(days=1)
    return day.isoformat() if datetime.date(1826, 1, 1) <= day <= latest else ""


def _clean(value: object) -> str:
    text = value if isinstance(value, str) else ""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:MAX_TEXT]


def _words(error: Exception) -> str:
    text = _clean(str(error))
    return text or type(error).__name__
