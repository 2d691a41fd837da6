"""Compressed bodies, undone piece by piece and never further than is wanted. Pure."""

from __future__ import annotations

import sys
import zlib
from typing import Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ACCEPTED = "gzip, deflate, br, zstd"
_MOST_LAYERS = 2
_ZSTD_WINDOW = 23
"""8 MB, what RFC 9659 asks of browsers: a frame must not make us keep more."""


class Broken(Exception):
    """``str(error)`` says what is wrong with the compression."""


class _Layer(Protocol):
    @property
    def held(self) -> int:
        """Bytes taken and not yet unpacked."""
        ...

    def feed(self, data: bytes, limit: int) -> bytes: ...


class Unpacker:
    """Undoes a Content-Encoding. Raises Broken for one that wasn't asked for or is wrapped too often."""

    def __init__(self, encoding: str) -> None:
        names = [name.strip().lower() for name in encoding.split(",") if name.strip().lower() not in ("", "identity")]
        if len(names) > _MOST_LAYERS:
            raise Broken("It is compressed several times over.")
        self._layers = [_layer(name) for name in reversed(names)]
        self._taken = 0

    @property
    def used(self) -> int:
        """Bytes of the compressed body that became what was given out."""
        return self._taken - sum(layer.held for layer in self._layers[:1])

    def feed(self, data: bytes, limit: int) -> bytes:
        """The next ``data`` undone, at most ``limit`` bytes of it: whoever got so much is not meant to go on. Raises
        Broken."""
        self._taken += len(data)
        try:
            for layer in self._layers:
                data = layer.feed(data, limit)
        except (zlib.error, brotli.error, zstd.ZstdError, EOFError):
            raise Broken("Its compression is broken.") from None
        return data


class _Inflate:
    """gzip, zlib, and the raw deflate that some servers send in its place."""

    def __init__(self, window: int) -> None:
        self._window = window
        self._inflate = zlib.decompressobj(window)
        self._started = False

    @property
    def held(self) -> int:
        return len(self._inflate.unconsumed_tail)

    def feed(self, data: bytes, limit: int) -> bytes:
        try:
            found = self._inflate.decompress(data, limit)
        except zlib.error:
            if self._started or self._window != zlib.MAX_WBITS:
                raise
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            found = self._inflate.decompress(data, limit)
        self._started = True
        return found


class _Brotli:
    held = 0

    def __init__(self) -> None:
        self._brotli = brotli.Decompressor()

    def feed(self, data: bytes, limit: int) -> bytes:
        found: bytes = self._brotli.process(data, output_buffer_limit=limit)
        return found


class _Zstd:
    """Frames after the first are left: nobody sends them on purpose."""

    held = 0

    def __init__(self) -> None:
        self._zstd = zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW})

    def feed(self, data: bytes, limit: int) -> bytes:
        return b"" if self._zstd.eof else self._zstd.decompress(data, limit)


def _layer(name: str) -> _Layer:
    if name in ("gzip", "x-gzip"):
        return _Inflate(zlib.MAX_WBITS | 16)
    if name == "deflate":
        return _Inflate(zlib.MAX_WBITS)
    if name == "br":
        return _Brotli()
    if name == "zstd":
        return _Zstd()
    raise Broken(f"It is compressed in a way that was not asked for ({name[:20]}).")
