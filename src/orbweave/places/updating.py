"""An extract brought up to date by its replication server's diffs (state.txt, 000/004/328.osc.gz)."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import NamedTuple

import aiohttp
import osmium

from orbweave.errors import Unavailable
from orbweave.net import NetError, Network

MOST_DIFFS = 60
"""Beyond so many a whole extract is less to fetch."""
MAX_BYTES = 512 << 20
_TIMESTAMP = re.compile(r"^timestamp=(\S+)", re.MULTILINE)
_SEQUENCE = re.compile(r"^sequenceNumber=(\d+)", re.MULTILINE)


class State(NamedTuple):
    """The newest diff of a server: its number, and the time of its data (ISO 8601) where that is said."""

    sequence: int
    timestamp: str | None


async def newest(network: Network, server: str) -> State:
    text = (await _get(network, f"{server.rstrip('/')}/state.txt")).decode("utf-8", "replace")
    found, at = _SEQUENCE.search(text), _TIMESTAMP.search(text)
    if found is None:
        raise Unavailable(f"{server}/state.txt names no sequence number.")
    return State(int(found.group(1)), at and at.group(1).replace("\\", ""))


async def apply(network: Network, server: str, extract: Path, sequence: int, until: State) -> None:
    """Apply the diffs after ``sequence`` up to ``until`` to the file, which is replaced when all are in."""
    merged = osmium.MergeInputReader()
    for number in range(sequence + 1, until.sequence + 1):
        digits = f"{number:09}"
        path = f"{digits[:3]}/{digits[3:6]}/{digits[6:]}.osc.gz"
        diff = await _get(network, f"{server.rstrip('/')}/{path}")
        try:
            merged.add_buffer(diff, "osc.gz")
        except RuntimeError as error:
            raise Unavailable(f"{server}/{path} is damaged ({error}); try again later.") from None
    await asyncio.to_thread(_write, merged, server, extract, until)


def _write(merged: osmium.MergeInputReader, server: str, extract: Path, until: State) -> None:
    with osmium.io.Reader(str(extract)) as reader:
        header = reader.header()
        header.set("osmosis_replication_sequence_number", str(until.sequence))
        if until.timestamp:
            header.set("osmosis_replication_timestamp", until.timestamp)
        header.set("osmosis_replication_base_url", server)
        part = extract.with_name(f".{extract.name}.part.osm.pbf")
        part.unlink(missing_ok=True)
        writer = osmium.io.Writer(str(part), header)
        try:
            merged.apply_to_reader(reader, writer)
        finally:
            writer.close()
    part.replace(extract)


async def _get(network: Network, url: str) -> bytes:
    body = bytearray()
    try:
        async with network.http_session(timeout=aiohttp.ClientTimeout(total=600, sock_read=60)) as http:
            async with http.get(url, max_redirects=5) as answer:
                if answer.status != 200:
                    raise Unavailable(f"{url} gives no update (HTTP {answer.status}).")
                async for chunk in answer.content.iter_any():
                    body += chunk
                    if len(body) > MAX_BYTES:
                        raise Unavailable(f"{url} is larger than {MAX_BYTES >> 20} MB.")
    except (aiohttp.ClientError, NetError, TimeoutError) as error:
        raise Unavailable(f"{url} cannot be fetched ({type(error).__name__}).") from None
    return bytes(body)
