"""The key that signs pictures: this installation's own, made at first use, or an organisation's certificate.

    $REFLET_KEYS, else $REFLET_HOME/keys, a folder of mode 0700
        signing.key   the private key (PEM, EC P-256), mode 0600
        signing.pem   its certificate, then the root's
        root.pem      the root: whoever trusts it can tell this installation's pictures
        trusted/      further roots (*.pem) that `reflet verify` shall trust, e.g. those of older keys

The root's private key is thrown away once it has signed: nobody can issue another certificate in its name. An
organisation names its own files by REFLET_CERTIFICATE and REFLET_KEY, and roots to trust by REFLET_TRUST.
"""

from __future__ import annotations

import datetime
import errno
import os
import secrets
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from reflet.runtime.errors import UserError
from reflet.runtime.home import home

YEARS = 20  # without a timestamp authority a picture verifies only while the certificate is valid
KEY, CHAIN, ROOT, TRUSTED = "signing.key", "signing.pem", "root.pem", "trusted"


@dataclass(frozen=True)
class SigningKey:
    """`chain`: certificates (PEM), the signer's first. `algorithm`: C2PA's name. `name`: the certificate's subject."""

    private: str
    chain: str
    algorithm: str
    name: str
    own: bool  # made here, and not issued by an authority that others trust

    def __repr__(self) -> str:  # a key must not reach a log
        return f"SigningKey({self.name!r}, {self.algorithm})"


def keys_folder(place: Path | None = None) -> Path:
    """Where this installation's keys lie: `place`/keys, else $REFLET_KEYS, else $REFLET_HOME/keys."""
    if place is not None:
        return place / "keys"
    named = os.environ.get("REFLET_KEYS")
    return Path(named).expanduser() if named else home() / "keys"


def load_key(place: Path | None = None) -> SigningKey:
    """The organisation's key where REFLET_CERTIFICATE and REFLET_KEY name one, else this installation's own, which is
    made now if there is none. Raises UserError when files are missing, readable by others, or do not fit together.
    """
    certificate, private = os.environ.get("REFLET_CERTIFICATE"), os.environ.get("REFLET_KEY")
    if bool(certificate) != bool(private):
        raise UserError("REFLET_CERTIFICATE and REFLET_KEY belong together: set both, or neither")
    if certificate and private and place is None:
        return _read_pair(Path(certificate), Path(private), own=False)
    folder = keys_folder(place)
    if not (folder / KEY).exists():
        make_keys(folder)
    return _read_pair(folder / CHAIN, folder / KEY, own=True)


def trust_anchors(place: Path | None = None) -> str:
    """The roots (PEM) that count as known here: this installation's, those in its trusted/, and REFLET_TRUST's."""
    folder = keys_folder(place)
    files = [folder / ROOT, *sorted((folder / TRUSTED).glob("*.pem"))]
    files += [Path(f) for f in os.environ.get("REFLET_TRUST", "").split(os.pathsep) if f]
    return "\n".join(_read_text(f) for f in files if f != folder / ROOT or f.exists())


def make_keys(folder: Path) -> None:
    """Makes the key, its certificate and their root as a folder that appears whole. Does nothing where one exists."""
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    private, chain, root = _issue()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh.mkdir(mode=0o700)
        for name, text, mode in ((KEY, private, 0o600), (CHAIN, chain, 0o644), (ROOT, root, 0o644)):
            handle = os.open(fresh / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            with os.fdopen(handle, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        _move_into_place(fresh, folder)
    except OSError as error:
        full = error.errno == errno.ENOSPC
        raise UserError(
            f"cannot write the signing key to {folder} ({error.strerror}): "
            + ("free some space" if full else "set REFLET_KEYS to a folder that can be written")
            + ", or leave provenance out"
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _move_into_place(fresh: Path, folder: Path) -> None:
    """Renames, unless another process was quicker; a folder that holds no key yet (only trusted/, say) is filled."""
    if not folder.exists():
        try:
            fresh.rename(folder)
            return
        except OSError:
            if not folder.exists():
                raise
    for name in (ROOT, CHAIN, KEY):  # the key last: whoever sees it finds its certificate
        target = folder / name
        if (folder / KEY).exists():
            return
        (fresh / name).replace(target)


def _issue() -> tuple[str, str, str]:
    """A fresh key (PEM), its chain and its root. C2PA asks of a signer: digital signature, an extended key usage."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    mark = secrets.token_hex(4)

    def name(text: str) -> x509.Name:
        parts = ((NameOID.ORGANIZATION_NAME, "Reflet (self-made)"), (NameOID.COMMON_NAME, f"{text} {mark}"))
        return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])

    now = datetime.datetime.now(datetime.UTC)

    def begin(subject: str, public: Any) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(name(subject))
            .issuer_name(name("Reflet root"))
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=365 * YEARS))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), False)
        )

    def usage(*, signs_pictures: bool) -> x509.KeyUsage:
        issues = not signs_pictures
        return x509.KeyUsage(signs_pictures, False, False, False, False, issues, issues, False, False)

    root = (
        begin("Reflet root", root_key.public_key())
        .add_extension(x509.BasicConstraints(True, 0), True)
        .add_extension(usage(signs_pictures=False), True)
        .sign(root_key, hashes.SHA256())
    )
    leaf = (
        begin("Reflet installation", key.public_key())
        .add_extension(x509.BasicConstraints(False, None), True)
        .add_extension(usage(signs_pictures=True), True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), False)
        .sign(root_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    root_text = root.public_bytes(pem).decode()
    return private.decode(), leaf.public_bytes(pem).decode() + root_text, root_text


def _read_pair(certificate: Path, private: Path, *, own: bool) -> SigningKey:
    chain, key = _read_text(certificate), _read_text(private)
    mode = stat.S_IMODE(private.stat().st_mode)
    if mode & 0o077:
        raise UserError(f"the signing key {private} can be read by others (mode {mode:o}): run chmod 600 {private}")
    leaf, algorithm = _check_pair(certificate, chain, private, key)
    return SigningKey(private=key, chain=chain, algorithm=algorithm, name=leaf.subject.rfc4514_string(), own=own)


def _check_pair(certificate: Path, chain: str, private: Path, key: str) -> tuple[x509.Certificate, str]:
    try:
        leaf = x509.load_pem_x509_certificates(chain.encode())[0]
    except ValueError as error:
        raise UserError(f"{certificate} holds no certificate (PEM): name the chain, the signer's first") from error
    try:
        secret = serialization.load_pem_private_key(key.encode(), password=None)
    except (ValueError, TypeError) as error:
        raise UserError(f"{private} holds no unencrypted private key in PEM form: name the signer's key") from error
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    sides = [k.public_bytes(serialization.Encoding.DER, form) for k in (leaf.public_key(), secret.public_key())]
    if sides[0] != sides[1]:
        raise UserError(f"the key {private} does not belong to the certificate {certificate}: name a pair that fits")
    if leaf.not_valid_after_utc < datetime.datetime.now(datetime.UTC):
        raise UserError(f"the certificate {certificate} ran out on {leaf.not_valid_after_utc:%Y-%m-%d}: renew it")
    if isinstance(secret, ec.EllipticCurvePrivateKey):
        return leaf, {256: "es256", 384: "es384"}.get(secret.curve.key_size, "es512")
    if isinstance(secret, ed25519.Ed25519PrivateKey):
        return leaf, "ed25519"
    if isinstance(secret, rsa.RSAPrivateKey):
        return leaf, "ps256"
    raise UserError(f"{private} is of a kind that C2PA does not know: use EC P-256 to P-521, Ed25519 or RSA")


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot read {path}, which provenance needs: check the path and its permissions") from error
