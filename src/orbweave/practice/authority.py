"""A certificate authority for tests: its root is a file to trust, its key never leaves memory."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY = timedelta(days=1)


class Authority:
    """Makes certificates by server name as they are asked for and keeps them; ``file`` is the root to trust."""

    def __init__(self, folder: Path, certificate_of: Callable[[str], str]) -> None:
        """``certificate_of`` a host: which kind of certificate it shows (WebBehaviour.certificate)."""
        self._certificate_of = certificate_of
        self._now = datetime.now(UTC)
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._root = self._build("Orbweave practice authority", self._key, self._key, issuer=None, authority=True)
        self.file = folder / "ca.pem"
        self.file.write_bytes(self._root.public_bytes(Encoding.PEM))

    def server_context(self) -> ssl.SSLContext:
        """For a server that answers for every name."""
        context = self.context("localhost")

        def by_name(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> None:
            if name:
                connection.context = self.context(name.lower())

        context.sni_callback = by_name
        return context

    def context(self, host: str) -> ssl.SSLContext:
        if host not in self._contexts:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            # OpenSSL takes keys only from files: this one is the owner's alone and is gone at once.
            with tempfile.NamedTemporaryFile(suffix=".pem") as file:
                file.write(self._leaf(host, self._certificate_of(host)).public_bytes(Encoding.PEM))
                file.write(self._leaf_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
                file.flush()
                context.load_cert_chain(file.name)
            self._contexts[host] = context
        return self._contexts[host]

    def _leaf(self, host: str, kind: str) -> x509.Certificate:
        if kind == "wrong_name":
            return self._build("other.practice.test", self._leaf_key, self._key, issuer=self._root.subject)
        if kind == "self_signed":
            return self._build(host, self._leaf_key, self._leaf_key, issuer=None)
        expired = kind == "expired"
        return self._build(host, self._leaf_key, self._key, issuer=self._root.subject, expired=expired)

    def _build(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        signer: ec.EllipticCurvePrivateKey,
        *,
        issuer: x509.Name | None,
        authority: bool = False,
        expired: bool = False,
    ) -> x509.Certificate:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
        start, end = (-400 * _DAY, -_DAY) if expired else (-_DAY, 365 * _DAY)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer or subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now + start)
            .not_valid_after(self._now + end)
            .add_extension(x509.BasicConstraints(ca=authority, path_length=0 if authority else None), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
            .add_extension(_key_usage(authority), critical=True)
        )
        if not authority:
            builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(name)]), critical=False)
            usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
            builder = builder.add_extension(usage, critical=False)
        return builder.sign(signer, hashes.SHA256())


def _key_usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
