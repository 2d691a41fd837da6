"""Why a name could not be turned into an address that may be dialled.

NetError
├── NameNotFound      the name does not exist, or has no address (definitive)
├── NameUnavailable   nobody could say now (worth asking again)
│   ├── NameTimeout
│   └── ServFail
├── AddressRefused    the name leads to an address that is not on the public internet
└── ContactMissing    the User-Agent doesn't say whom a site's owner can write to
"""

from __future__ import annotations

from orbweave.errors import OrbweaveError


class NetError(OrbweaveError):
    """``str(error)`` names the host and says what is wrong with it."""


class NameNotFound(NetError):
    pass


class NameUnavailable(NetError):
    pass


class NameTimeout(NameUnavailable):
    pass


class ServFail(NameUnavailable):
    pass


class AddressRefused(NetError):
    pass


class ContactMissing(NetError):
    pass
