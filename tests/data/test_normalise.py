"""Any picture file becomes an upright 8-bit sRGB picture without metadata, or is refused in words."""

from __future__ import annotations

import struct
import tracemalloc
import zlib
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from reflet.data.normalise import BadPictureError, Limits, normalise
from tests.data.pictures_made import encoded, painted


def pixels(content: bytes) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(content)).convert("RGB")).astype(int)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_plain_file_is_kept_byte_for_byte(kind: str) -> None:
    content = encoded(painted(1), kind)
    made = normalise(content, name="a." + {"JPEG": "jpg"}.get(kind, kind.lower()))
    assert made.content == content and made.changes == () and made.size == (160, 128)


@pytest.mark.parametrize("kind", ["AVIF", "TIFF"])
def test_other_kinds_are_encoded_anew(kind: str) -> None:
    made = normalise(encoded(painted(1), kind))
    assert made.ending == ("png" if kind == "TIFF" else "jpg")
    assert np.abs(pixels(made.content) - painted(1)).mean() < (0.01 if kind == "TIFF" else 3)


def test_sixteen_bits_keep_their_levels() -> None:
    ramp = np.tile(np.linspace(0, 65535, 64).astype(np.uint16), (48, 1))
    for kind in ("PNG", "TIFF"):
        made = normalise(encoded(ramp, kind))
        assert np.abs(pixels(made.content)[..., 0] - ramp / 257).max() <= 1
        assert "from 16 to 8 bits" in made.changes


def test_cmyk_becomes_rgb() -> None:
    out = BytesIO()
    Image.fromarray(painted(2)).convert("CMYK").save(out, "JPEG", quality=95)
    made = normalise(out.getvalue())
    assert Image.open(BytesIO(made.content)).mode == "RGB"
    assert np.abs(pixels(made.content) - painted(2)).mean() < 6


def test_every_exif_orientation_ends_upright() -> None:
    upright = Image.fromarray(painted(3))
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # orientation -> Pillow's transposition that makes it
    for orientation, transposition in undo.items():
        exif = Image.Exif()
        exif[274] = orientation
        out = BytesIO()
        upright.transpose(Image.Transpose(transposition)).save(out, "JPEG", quality=95, exif=exif)
        made = normalise(out.getvalue())
        assert made.size == (160, 128) and "turned upright" in made.changes
        assert np.abs(pixels(made.content) - painted(3)).mean() < 3, orientation


def test_a_wide_profile_becomes_srgb_and_srgb_stays() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    same = normalise(encoded(painted(4), "PNG", icc_profile=srgb))
    assert np.array_equal(pixels(same.content), painted(4)) and b"iCCP" not in same.content
    out = BytesIO()
    as_lab = ImageCms.profileToProfile(
        Image.fromarray(painted(4)), ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    as_lab.save(out, "TIFF", icc_profile=lab)
    made = normalise(out.getvalue())
    assert "from its colour profile to sRGB" in made.changes
    assert np.abs(pixels(made.content) - painted(4)).mean() < 2
    broken = normalise(encoded(painted(4), "PNG", icc_profile=b"no profile at all"))
    assert "its colour profile is unreadable" in broken.changes


def test_what_is_transparent_lies_on_white() -> None:
    picture = np.zeros((40, 40, 4), np.uint8)
    picture[10:30, 10:30] = (200, 0, 0, 255)
    made = normalise(encoded(picture, "PNG"))
    assert pixels(made.content)[0, 0].tolist() == [255, 255, 255] and pixels(made.content)[20, 20].tolist() == [
        200,
        0,
        0,
    ]


def test_position_preview_and_text_do_not_travel() -> None:
    exif = Image.Exif()
    exif[315], exif[33432] = "Ada Example", "(c) Ada"
    exif.get_ifd(34853)[2] = (48.0, 51.0, 30.0)
    exif.get_ifd(34665)[36867] = "2019:07:14 10:00:00"
    made = normalise(encoded(painted(5), "JPEG", exif=exif, comment=b"secret-note"))
    assert (made.date, made.author, made.rights) == ("2019-07-14", "Ada Example", "(c) Ada")
    assert not Image.open(BytesIO(made.content)).getexif() and b"secret-note" not in made.content
    behind = normalise(encoded(painted(5), "PNG") + b"hidden behind the end")
    assert b"hidden" not in behind.content
    text = PngImagePlugin.PngInfo()
    text.add_text("who", "secret-note")
    assert b"secret-note" not in normalise(encoded(painted(5), "PNG", pnginfo=text)).content


@pytest.mark.parametrize(
    "date", ["0000:99:99 99:99:99", "9999:01:01 00:00:00", "\x00\x01", "1066:10:14 09:00:00", "x" * 60_000]
)
def test_absurd_exif_costs_nothing_but_itself(date: str) -> None:
    exif = Image.Exif()
    exif[274] = 99
    exif.get_ifd(34665)[36867] = date
    made = normalise(encoded(painted(6), "JPEG", exif=exif))
    assert made.date == "" and np.abs(pixels(made.content) - painted(6)).mean() < 4


def test_damaged_exif_is_left_behind() -> None:
    content = encoded(painted(6), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\xffgarbage")
    assert b"garbage" not in normalise(content).content


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunk(*c) for c in chunks) + chunk(b"IEND", b"")


def test_a_small_file_of_13000_pixels_is_refused_before_it_is_unpacked() -> None:
    rows = zlib.compress((b"\0" + bytes(1625)) * 13_000, 9)
    content = png(13_000, 13_000, (b"IDAT", rows))
    assert len(content) < 30_000
    tracemalloc.start()
    with pytest.raises(BadPictureError, match="13000 x 13000"):
        normalise(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_sixty_megabytes_of_text_are_refused() -> None:
    content = png(8, 8, *[(b"tEXt", b"k\0" + b"x" * 1_000_000)] * 60, (b"IDAT", zlib.compress(b"\0\0" * 8)))
    with pytest.raises(BadPictureError, match="60 MB are far more"):
        normalise(content)
    with pytest.raises(BadPictureError, match="over the limit of 1"):
        normalise(content, limits=Limits(max_megabytes=1))


def test_a_text_bomb_is_refused_or_left_behind() -> None:
    bomb = zlib.compress(b"x" * 80_000_000, 9)
    content = png(8, 8, (b"zTXt", b"k\0\0" + bomb), (b"IDAT", zlib.compress(b"\0\0" * 8)))
    with pytest.raises(BadPictureError):
        normalise(content)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF", "TIFF"])
def test_truncated_files_are_refused(kind: str) -> None:
    content = encoded(painted(8), kind)
    for cut in (0, 1, len(content) // 3, len(content) // 2):
        with pytest.raises(BadPictureError):
            normalise(content[:cut])


def test_what_is_no_picture_is_refused() -> None:
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n"
    for content in (b"hello", svg, eps, b"GIF89a" + bytes(20), bytes(1000)):
        with pytest.raises(BadPictureError, match="no picture"):
            normalise(content, name="a.png")


def test_a_wrong_ending_is_told_and_does_not_matter() -> None:
    content = encoded(painted(9), "JPEG")
    made = normalise(content, name="a.png")
    assert made.content == content and made.ending == "jpg" and made.changes == ("named .png but JPEG",)


def test_random_damage_is_refused_or_survived() -> None:
    rng = np.random.default_rng(0)
    for kind in ("JPEG", "PNG", "WEBP", "TIFF"):
        content = np.frombuffer(encoded(painted(10, width=48, height=40), kind), np.uint8)
        for _ in range(25):
            hurt = content.copy()
            at = rng.integers(0, len(hurt), 6)
            hurt[at] = rng.integers(0, 256, 6)
            try:
                made = normalise(hurt.tobytes())
            except BadPictureError:
                continue
            Image.open(BytesIO(made.content)).load()


def test_large_pictures_can_be_made_smaller() -> None:
    made = normalise(encoded(painted(11, width=400, height=200)), limits=Limits(max_side=100))
    assert made.size == (100, 50) and made.original_size == (400, 200)
