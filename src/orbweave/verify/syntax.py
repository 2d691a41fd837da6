"""Addresses as deliverable mail uses them: RFC 5321 and 5322 without comments, with IDN and EAI. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import idna

MAX_ADDRESS = 254
MAX_LOCAL = 64
MAX_DOMAIN = 253

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\u0080-\U0010ffff]+"
_DOT_ATOM = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_QUOTED = re.compile(r'"((?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])*)"')
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


class BadAddress(ValueError):
    """``str(error)`` says in a sentence what is wrong with the address."""


@dataclass(frozen=True, slots=True)
class Address:
    """``local`` as given (unneeded quotes removed, NFC), ``domain`` lower-case A-labels."""

    local: str
    domain: str

    @property
    def needs_utf8(self) -> bool:
        """The local part can only be written to a server that offers SMTPUTF8."""
        return not self.local.isascii()

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


@lru_cache(1024)  # what groups addresses by domain has read each of them just before
def parse(text: str) -> Address:
    """The address in ``text``, spaces around it ignored. Raises BadAddress."""
    text = unicodedata.normalize("NFC", text.strip())
    if not text:
        raise BadAddress("The address is empty.")
    local, at, domain = text.rpartition("@")
    if not at:
        raise BadAddress("There is no @ in it.")
    if len(text.encode()) > MAX_ADDRESS:
        raise BadAddress(f"It is longer than {MAX_ADDRESS} bytes.")
    return Address(_local(local), _domain(domain))


def domain_of(address: str) -> str:
    """The domain whose servers are asked about ``address``; "" when the syntax is bad."""
    try:
        return parse(address).domain
    except BadAddress:
        return ""


def _local(local: str) -> str:
    if not local:
        raise BadAddress("There is nothing before the @.")
    if len(local.encode()) > MAX_LOCAL:
        raise BadAddress(f"The part before the @ is longer than {MAX_LOCAL} bytes.")
    if quoted := _QUOTED.fullmatch(local):
        content = re.sub(r"\\(.)", r"\1", quoted[1])
        return content if _DOT_ATOM.fullmatch(content) else local
    if not _DOT_ATOM.fullmatch(local) or any(unicodedata.category(char)[0] in "CZ" for char in local):
        raise BadAddress(_local_fault(local))
    return local


def _local_fault(local: str) -> str:
    if "(" in local or ")" in local:
        return "Comments in parentheses are not used in deliverable mail; write the address without."
    if local.startswith(".") or local.endswith(".") or ".." in local:
        return "The part before the @ starts or ends with a dot, or has two in a row."
    if "@" in local:
        return "There is more than one @ in it."
    return "There is a character before the @ that needs quotes or is not allowed."


def _domain(domain: str) -> str:
    if not domain:
        raise BadAddress("There is nothing after the @.")
    if domain.startswith("["):
        raise BadAddress("An IP address in brackets is not a public mail domain.")
    if "(" in domain or ")" in domain:
        raise BadAddress("Comments in parentheses are not used in deliverable mail; write the address without.")
    if domain.startswith(".") or domain.endswith(".") or ".." in domain:
        raise BadAddress("The domain starts or ends with a dot, or has two in a row.")
    name = domain.lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode().lower()
        except (idna.IDNAError, UnicodeError):
            raise BadAddress(f"{domain} is not an internationalised domain name.") from None
    labels = name.split(".")
    if len(name) > MAX_DOMAIN or any(len(label) > 63 for label in labels):
        raise BadAddress("The domain, or a part of it, is too long.")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise BadAddress("The domain has a character that host names don't have, or a hyphen at an end.")
    if len(labels) < 2:
        raise BadAddress("The domain has no dot; a public mail domain does.")
    if labels[-1].isdigit():
        raise BadAddress("The domain ends in a number; that is not a public mail domain.")
    return name
