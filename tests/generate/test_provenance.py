"""What a picture says of itself: read back by C2PA's own reader, by exiftool, and in words by `verify`."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import stat
import subprocess
import sys
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import c2pa
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from PIL import Image

from reflet.cli.generate import write_picture
from reflet.cli.main import run
from reflet.generate.keys import CHAIN, KEY, ROOT, load_key, make_keys, trust_anchors
from reflet.generate.provenance import SOURCE_TYPES, Claim, Signer, encode, kind_of, seal
from reflet.generate.verify import MAX_BYTES, verify, verify_file
from reflet.generate.watermark import mark
from reflet.runtime.errors import UserError
from tests.generate.test_watermark import DIGEST, picture

CLAIM = Claim("toy", DIGEST, "b0" * 32)
EDIT = Claim("toy", DIGEST, "b0" * 32, edited=True, composite=True)
KINDS = ("png", "jpeg", "webp")


@pytest.fixture(scope="module")
def sealed() -> dict[str, bytes]:
    return {kind: seal(picture(0), CLAIM, kind=kind, text={"Description": "sphère ☀"}) for kind in KINDS}  # type: ignore[arg-type]


def resaved(content: bytes) -> bytes:
    """What most programs do with a picture: pixels kept, everything else dropped."""
    out = BytesIO()
    Image.fromarray(np.asarray(Image.open(BytesIO(content)).convert("RGB"))).save(out, "JPEG", quality=70)
    return out.getvalue()


# ------------------------------------------------------------------------------------------ what is carried
@pytest.mark.parametrize("kind", KINDS)
def test_c2pas_own_reader_trusts_it(sealed: dict[str, bytes], kind: str, keys: Path) -> None:
    """With our root as its only anchor; without it the signature is valid and the signer unknown."""
    settings = {"trust": {"trust_anchors": (keys / ROOT).read_text()}, "verify": {"verify_trust": True}}
    with c2pa.Context.from_dict(settings) as context:
        reader = c2pa.Reader(f"image/{kind}", BytesIO(sealed[kind]), context=context)
        assert reader.get_validation_state() == "Trusted"
        manifest = reader.get_active_manifest()
    assert "thumbnail" not in manifest
    data = {a["label"]: a["data"] for a in manifest["assertions"]}
    (action,) = data["c2pa.actions.v2"]["actions"]
    assert action["action"] == "c2pa.created"
    assert action["digitalSourceType"] == "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
    assert data["org.reflet.model"] == {
        "model": "toy",
        "bundle_sha256": DIGEST,
        "bill_of_materials_sha256": "b0" * 32,
    }
    assert c2pa.Reader(f"image/{kind}", BytesIO(sealed[kind])).get_validation_state() == "Valid"


def test_signing_is_small_and_leaves_the_rest_alone(sealed: dict[str, bytes]) -> None:
    plain = encode(mark(picture(0), CLAIM.payload), claim=CLAIM, text={"Description": "sphère ☀"})
    assert len(sealed["png"]) - len(plain) <= 5000
    with Image.open(BytesIO(sealed["png"])) as image:
        assert image.info["Description"] == "sphère ☀"
        assert (np.asarray(image) == mark(picture(0), CLAIM.payload)).all()


@pytest.mark.parametrize("kind", KINDS)
def test_exiftool_reads_the_iptc_field(sealed: dict[str, bytes], kind: str, tmp_path: Path) -> None:
    if shutil.which("exiftool") is None:
        pytest.skip("exiftool is not installed (Debian: libimage-exiftool-perl), so no independent reader of XMP")
    for claim, wanted in ((CLAIM, "trainedAlgorithmicMedia"), (EDIT, "compositeWithTrainedAlgorithmicMedia")):
        parent = sealed[kind] if claim.edited else None
        (tmp_path / f"p.{kind}").write_bytes(seal(picture(1), claim, kind=kind, parent=parent))  # type: ignore[arg-type]
        command = ["exiftool", "-j", "-XMP-iptcExt:DigitalSourceType", "-n", str(tmp_path / f"p.{kind}")]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        assert json.loads(done.stdout)[0]["DigitalSourceType"].endswith(wanted)


def test_an_edit_names_its_parent(sealed: dict[str, bytes]) -> None:
    content = seal(picture(1), EDIT, parent=sealed["jpeg"])
    manifest = c2pa.Reader("image/png", BytesIO(content)).get_active_manifest()
    assert [i["relationship"] for i in manifest["ingredients"]] == ["parentOf"]
    assert manifest["ingredients"][0]["active_manifest"]  # the parent's own manifest travels on
    verdict = verify(content, thorough=False)
    assert verdict.standing == "edited" and verdict.parents == ("parent.jpeg",)
    assert verdict.source_type is not None and verdict.source_type.endswith("compositeWithTrainedAlgorithmicMedia")
    assert verdict.watermark is not None and verdict.watermark.edited
    bare = seal(picture(1), EDIT, parent=encode(picture(2)))
    assert verify(bare, thorough=False).standing == "edited"
    with pytest.raises(UserError, match="neither PNG"):
        seal(picture(1), EDIT, parent=b"GIF89a")
    with pytest.raises(ValueError, match="an edit has a parent"):
        seal(picture(1), EDIT)


# ------------------------------------------------------------------------------------------ in words
def test_signed(sealed: dict[str, bytes]) -> None:
    for content in sealed.values():
        verdict = verify(content, thorough=False)
        assert verdict.standing == "signed" and verdict.trusted and verdict.problems == ()
        assert (verdict.model, verdict.bundle_sha256) == ("toy", DIGEST)
        assert verdict.iptc_source_type == verdict.source_type
        assert "unchanged since" in verdict.words and "5eedc0" in verdict.words
        json.dumps(verdict.to_json())


def test_stripped(sealed: dict[str, bytes]) -> None:
    verdict = verify(resaved(sealed["png"]), thorough=False)
    assert verdict.standing == "stripped" and not verdict.trusted
    assert verdict.watermark is not None and verdict.watermark.bundle == "5eedc0"
    assert "No manifest is left" in verdict.words


@pytest.mark.parametrize("kind", KINDS)
def test_tampered(sealed: dict[str, bytes], kind: str) -> None:
    """One changed byte of the pixels; for PNG with a right checksum, so that nothing else complains."""
    content = bytearray(sealed[kind])
    if kind == "png":
        start = bytes(content).rindex(b"IDAT")
        length = int.from_bytes(content[start - 4 : start], "big")
        content[start + 4 + length // 2] ^= 1
        crc = zlib.crc32(content[start : start + 4 + length])
        content[start + 4 + length : start + 8 + length] = crc.to_bytes(4, "big")
    else:
        content[len(content) // 3] ^= 1
    verdict = verify(bytes(content), thorough=False)
    assert verdict.standing == "tampered" and not verdict.trusted
    assert "changed after it was signed" in verdict.words
    assert any("dataHash.mismatch" in p for p in verdict.problems)


def test_truncated(sealed: dict[str, bytes]) -> None:
    for kind, content in sealed.items():
        for share in (0.5, 0.9, 0.99):
            part = content[: int(len(content) * share)]
            if kind == "webp" and share < 0.9:  # whose manifest stands last, and is cut away first
                with pytest.raises(UserError, match="cannot be decoded"):
                    verify(part, thorough=False)
            else:
                assert verify(part, thorough=False).standing in ("tampered", "stripped"), (kind, share)


def test_foreign(sealed: dict[str, bytes], tmp_path: Path) -> None:
    assert verify(encode(picture(2)), thorough=False).standing == "foreign"
    said = verify(encode(picture(2), claim=CLAIM), thorough=False)  # anyone can write that field
    assert said.standing == "foreign" and "anyone can write" in said.words
    # Another tool, with another key, signs a picture of its own.
    other = load_key(tmp_path)
    info = c2pa.C2paSignerInfo(other.algorithm.encode(), other.chain.encode(), other.private.encode(), None)
    created = {"action": "c2pa.created", "digitalSourceType": SOURCE_TYPES + "digitalCapture"}
    done = {"label": "c2pa.actions.v2", "data": {"actions": [created]}}
    definition = {"claim_generator_info": [{"name": "Other\ntool\x1b[31m", "version": "1"}], "assertions": [done]}
    builder, out = c2pa.Builder(definition), BytesIO()
    builder.sign(c2pa.Signer.from_info(info), "image/png", BytesIO(encode(picture(2))), out)
    verdict = verify(out.getvalue(), thorough=False)
    assert verdict.standing == "foreign" and "Signed by another tool" in verdict.words
    assert "\n" not in verdict.words and "\x1b" not in verdict.words


def test_a_stranger_who_claims_to_be_reflet(tmp_path: Path) -> None:
    """Whole, but not ours: said in words, and trusted once the stranger's root is."""
    content = seal(picture(0), CLAIM, signer=Signer.load(tmp_path))
    verdict = verify(content, thorough=False)
    assert verdict.standing == "signed" and not verdict.trusted and "not known here" in verdict.words
    assert verify(content, place=tmp_path, thorough=False).trusted
    assert verify(content, anchors=(tmp_path / "keys" / ROOT).read_text(), thorough=False).trusted


def test_roots_that_are_none_are_said(sealed: dict[str, bytes]) -> None:
    """And never taken for something wrong with the picture."""
    try:
        verdict = verify(sealed["png"], anchors="no certificate", thorough=False)
    except UserError as error:
        assert "roots to trust" in str(error)
    else:
        assert verdict.standing == "signed"


def test_the_mark_of_another_bundle_is_noticed() -> None:
    content = Signer.load().sign(encode(mark(picture(0), 0xABCDEF)), CLAIM)
    assert "another bundle (abcdef)" in verify(content, thorough=False).words


def test_without_a_mark() -> None:
    verdict = verify(seal(picture(0), CLAIM, watermark=False), thorough=False)
    assert verdict.standing == "signed" and "No mark was found" in verdict.words


def test_the_command(sealed: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.png").write_bytes(sealed["png"])
    (tmp_path / "wrong-ending.webp").write_bytes(resaved(sealed["png"]))
    (tmp_path / "notes.txt").write_text("no picture")
    run(["verify", "--quick", str(tmp_path / "a.png"), str(tmp_path / "wrong-ending.webp")])
    first, second = capsys.readouterr().out.splitlines()
    assert "a.png: signed." in first and "wrong-ending.webp: stripped." in second
    run(["verify", "--json", str(tmp_path / "a.png")])
    assert json.loads(capsys.readouterr().out)["standing"] == "signed"
    for bad in ("notes.txt", "missing.png"):
        with pytest.raises(UserError, match=bad):
            run(["verify", str(tmp_path / bad)])
    with pytest.raises(UserError, match="no file"):
        run(["verify"])


def test_verify_needs_no_torch() -> None:
    script = "import sys, reflet.cli.verify; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


# ------------------------------------------------------------------------------------------ keys
def test_keys_are_made_once_and_kept_close(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:  # several processes' first pictures, as far as files go
        found = list(pool.map(lambda _: load_key(tmp_path), range(8)))
    assert len({k.private for k in found}) == 1 and found[0].own
    folder = tmp_path / "keys"
    assert sorted(p.name for p in folder.iterdir()) == [ROOT, KEY, CHAIN]
    assert stat.S_IMODE((folder / KEY).stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert "PRIVATE" not in repr(found[0])
    assert [p.name for p in tmp_path.iterdir()] == ["keys"]


def test_loose_modes_are_refused(tmp_path: Path) -> None:
    load_key(tmp_path)
    os.chmod(tmp_path / "keys" / KEY, 0o644)
    with pytest.raises(UserError, match="chmod 600"):
        Signer.load(tmp_path)


def test_an_organisations_own_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_keys(tmp_path / "org")
    monkeypatch.setenv("REFLET_CERTIFICATE", str(tmp_path / "org" / CHAIN))
    with pytest.raises(UserError, match="belong together"):
        load_key()
    monkeypatch.setenv("REFLET_KEY", str(tmp_path / "org" / KEY))
    content = seal(picture(0), CLAIM, signer=Signer.load())
    assert not load_key().own and not verify(content, thorough=False).trusted
    monkeypatch.setenv("REFLET_TRUST", str(tmp_path / "org" / ROOT))
    assert verify(content, thorough=False).trusted
    assert (tmp_path / "org" / ROOT).read_text() in trust_anchors()


@pytest.mark.parametrize("kind", ["P-384", "Ed25519", "RSA"])
def test_keys_of_other_kinds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    secret = {
        "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "Ed25519": ed25519.Ed25519PrivateKey.generate,
        "RSA": lambda: rsa.generate_private_key(65537, 2048),
    }[kind]()
    content = seal(picture(0, size=64), CLAIM, signer=organisation(tmp_path, monkeypatch, secret=secret))
    assert verify(content, anchors=(tmp_path / ROOT).read_text(), thorough=False).trusted


def test_a_certificate_that_no_reader_would_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It signs without complaint, so it is tried on a speck first."""
    with pytest.raises(UserError, match=r"the certificate is invalid|would not be valid"):
        organisation(tmp_path, monkeypatch, usage=ExtendedKeyUsageOID.SERVER_AUTH)


def test_a_certificate_that_has_run_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused for signing; what it signed in its time is unchanged still, and its state is told."""
    content = seal(picture(0, size=64), CLAIM, signer=organisation(tmp_path, monkeypatch, seconds=3))
    time.sleep(5.5)  # certificates count whole seconds, and readers may round the other way
    with pytest.raises(UserError, match="ran out"):
        load_key()
    verdict = verify(content, anchors=(tmp_path / ROOT).read_text(), thorough=False)
    assert verdict.standing == "signed" and not verdict.trusted and "does not hold" in verdict.words


def organisation(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    secret: Any = None,
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.EMAIL_PROTECTION,
    seconds: float = 1e6,
) -> Signer:
    """The signer of a certificate issued elsewhere, named by the environment; its root lies in `folder`."""
    secret, issuer = secret or ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    now = datetime.datetime.now(datetime.UTC)

    def certificate(name: str, public: Any, *, is_root: bool) -> x509.Certificate:
        named, by = (
            x509.Name(
                [x509.NameAttribute(o, t) for o, t in ((NameOID.ORGANIZATION_NAME, "Org"), (NameOID.COMMON_NAME, n))]
            )
            for n in (name, "root")
        )
        bits = x509.KeyUsage(not is_root, False, False, False, False, is_root, is_root, False, False)
        until = now + datetime.timedelta(seconds=1e7 if is_root else seconds)
        begun = (
            x509.CertificateBuilder().subject_name(named).issuer_name(by).public_key(public).serial_number(1 + is_root)
        )
        begun = (
            begun.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(until).add_extension(bits, True)
        )
        begun = begun.add_extension(x509.BasicConstraints(is_root, None), True)
        begun = begun.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        begun = begun.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key()), False)
        if not is_root:
            begun = begun.add_extension(x509.ExtendedKeyUsage([usage]), False)
        return begun.sign(issuer, hashes.SHA256())

    pem = serialization.Encoding.PEM
    root = certificate("root", issuer.public_key(), is_root=True).public_bytes(pem)
    leaf = certificate("leaf", secret.public_key(), is_root=False).public_bytes(pem)
    (folder / ROOT).write_bytes(root)
    (folder / CHAIN).write_bytes(leaf + root)
    form = serialization.PrivateFormat.PKCS8
    (folder / KEY).write_bytes(secret.private_bytes(pem, form, serialization.NoEncryption()))
    os.chmod(folder / KEY, 0o600)
    monkeypatch.setenv("REFLET_CERTIFICATE", str(folder / CHAIN))
    monkeypatch.setenv("REFLET_KEY", str(folder / KEY))
    return Signer.load()


@pytest.mark.parametrize(("damage", "said"), [("swap", "does not belong"), ("empty", "no certificate"), ("key", "key")])
def test_files_that_do_not_fit(tmp_path: Path, damage: str, said: str) -> None:
    load_key(tmp_path)
    folder = tmp_path / "keys"
    if damage == "swap":
        make_keys(tmp_path / "other")
        (folder / CHAIN).write_bytes((tmp_path / "other" / CHAIN).read_bytes())
    elif damage == "empty":
        (folder / CHAIN).write_text("")
    else:
        (folder / KEY).write_text("-----BEGIN PRIVATE KEY-----\nno\n-----END PRIVATE KEY-----\n")
    with pytest.raises(UserError, match=said):
        Signer.load(tmp_path)


def test_one_signer_serves_many_threads() -> None:
    signer, content = Signer.load(), encode(picture(0))
    with ThreadPoolExecutor(4) as pool:
        signed = list(pool.map(lambda _: signer.sign(content, CLAIM, watermarked=False), range(16)))
    states = {c2pa.Reader("image/png", BytesIO(s)).get_validation_state() for s in signed}
    assert states == {"Valid"}


# ------------------------------------------------------------------------------------------ bad input
def chunk(name: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def png(width: int, height: int, *more: bytes, data: bytes = b"") -> bytes:
    head = chunk(b"IHDR", width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0]))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def test_a_decompression_bomb_is_not_decoded() -> None:
    """13,000 x 13,000 pixels in some 500 kB would be 507 MB; 50,000 squared would be 7.5 GB."""
    for side in (13_000, 50_000):
        rows = zlib.compress(bytes(1 + 3 * side) * 40, 1)
        verdict = verify(png(side, side, data=rows), thorough=False)
        assert (verdict.standing == "foreign" and "too many" in verdict.words) or "cannot be decoded" in verdict.words


def test_text_without_end_is_refused(tmp_path: Path) -> None:
    text = chunk(b"tEXt", b"Comment\x00" + b"a" * 1_000_000)
    (tmp_path / "much.png").write_bytes(png(8, 8, *[text] * 60))
    with pytest.raises(UserError, match=r"much\.png has 60"):
        verify_file(tmp_path / "much.png")
    with pytest.raises(UserError, match=str(MAX_BYTES)):
        verify(bytes(MAX_BYTES + 1))
    squeezed = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(bytes(80_000_000)))
    with pytest.raises(UserError, match="cannot be decoded"):
        verify(png(8, 8, squeezed, data=zlib.compress(bytes(25 * 8))), thorough=False)


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x00\x00\x00\x00WEBP", b"MZ" * 99]
)
def test_files_that_are_no_pictures(content: bytes) -> None:
    with pytest.raises(UserError):
        verify(content, thorough=False)


def test_noise_in_a_signed_file_is_never_more_than_a_verdict(sealed: dict[str, bytes]) -> None:
    """Bytes changed anywhere, the manifest included: an answer or a UserError, and never `signed`."""
    rng = np.random.default_rng(0)
    for kind in KINDS:
        for _ in range(12):
            content = bytearray(sealed[kind])
            for at in rng.integers(12, len(content), 3):
                content[at] ^= int(rng.integers(1, 256))
            try:
                verdict = verify(bytes(content), thorough=False)
            except UserError:
                continue
            assert verdict.standing in ("tampered", "stripped", "foreign"), (kind, verdict)


def test_a_full_disk_leaves_nothing_behind(sealed: dict[str, bytes], tmp_path: Path) -> None:
    """/dev/full stands where the temporary files would."""
    target = tmp_path / "p.png"
    (tmp_path / f".p.png.{os.getpid()}.tmp").symlink_to("/dev/full")
    with pytest.raises(UserError, match="disk is full"):
        write_picture(target, sealed["png"])
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="cannot write the signing key"):
        make_keys(tmp_path / "file" / "keys")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_kinds_are_told_by_content() -> None:
    assert [kind_of(encode(picture(0), kind)) for kind in KINDS] == list(KINDS)  # type: ignore[arg-type]
    assert kind_of(b"GIF89a") is None
