"""An extract brought up to date by its replication server's diffs (state.txt, 000/004/328.osc.gz)."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import aiohttp
import osmium

from orbweave.errors import SetupError, Unavailable
from orbweave.net import NetError, Network, read_at_most

MOST_DIFFS = 60
"""Beyond so many a whole extract is less to fetch."""
MAX_BYTES = 512 << 20
_TIMESTAMP = re.compile(r"^timestamp=(\d{4}-\d\d-\d\dT\d\d\\?:\d\d\\?:\d\dZ)", re.MULTILINE)
_SEQUENCE = re.compile(r"^sequenceNumber=(\d{1,9})\s*$", re.MULTILINE)


class State(NamedTuple):
    """The newest diff of a server: its number, and the time of its data (ISO 8601) where that is said."""

    sequence: int
    timestamp: str | None


async def newest(network: Network, server: str) -> State:
    async with _session(network) as http:
        text = (await _get(http, f"{server.rstrip('/')}/state.txt")).decode("utf-8", "replace")
    found, at = _SEQUENCE.search(text), _TIMESTAMP.search(text)
    if found is None:
        raise Unavailable(f"{server}/state.txt names no sequence number; try again later.")
    return State(int(found.group(1)), at and at.group(1).replace("\\", ""))


def sequence(extract: Path) -> int | None:
    """The number of the last diff in a file; None when it tells none, or is no extract."""
    try:
        with osmium.io.Reader(str(extract)) as reader:
            return int(reader.header().get("osmosis_replication_sequence_number") or 0) or None
    except (RuntimeError, OSError, ValueError):
        return None


async def apply(
    network: Network, server: str, extract: Path, held: int, until: State, progress: Callable[[int, int], None]
) -> None:
    """Apply the diffs after ``held`` up to ``until`` to the file, which is replaced when all are in. Raises Unavailable
    (a diff is missing or damaged) or SetupError (the file cannot be read or written); then it is as it was."""
    merged = osmium.MergeInputReader()
    async with _session(network) as http:
        for done, number in enumerate(range(held + 1, until.sequence + 1)):
            progress(done, until.sequence - held)
            digits = f"{number:09}"
            url = f"{server.rstrip('/')}/{digits[:3]}/{digits[3:6]}/{digits[6:]}.osc.gz"
            diff = await _get(http, url)
            try:
                merged.add_buffer(diff, "osc.gz")
            except RuntimeError as error:
                raise Unavailable(f"{url} is damaged ({error}); try again later.") from None
    await asyncio.to_thread(_write, merged, server, extract, until)
    progress(until.sequence - held, until.sequence - held)


def _write(merged: osmium.MergeInputReader, server: str, extract: Path, until: State) -> None:
    part = extract.with_name(f".{extract.name}.part.osm.pbf")
    try:
        part.unlink(missing_ok=True)
        with osmium.io.Reader(str(extract)) as reader:
            header = reader.header()
            header.set("osmosis_replication_sequence_number", str(until.sequence))
            if until.timestamp:
                header.set("osmosis_replication_timestamp", until.timestamp)
            header.set("osmosis_replication_base_url", server)
            writer = osmium.io.Writer(str(part), header)
            try:
                merged.apply_to_reader(reader, writer)
            finally:
                writer.close()
        part.replace(extract)
    except (RuntimeError, OSError) as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise SetupError(
            f"The diffs cannot be applied to {extract} ({error}): free some room, or remove the file and the whole"
            " extract is fetched next time."
        ) from None


def _session(network: Network) -> aiohttp.ClientSession:
    return network.http_session(
        timeout=aiohttp.ClientTimeout(total=600, sock_read=60),
        auto_decompress=False,
        headers={"Accept-Encoding": "identity"},
    )


async def _get(http: aiohttp.ClientSession, url: str) -> bytes:
    try:
        async with http.get(url, max_redirects=5) as answer:
            if answer.status != 200:
                raise Unavailable(f"{url} gives no update (HTTP {answer.status}); try again later.")
            body = await read_at_most(answer, MAX_BYTES)
    except NetError as error:
        raise Unavailable(f"{url} cannot be fetched: {error}") from None
    except TimeoutError:
        raise Unavailable(f"{url} does not come; try again later.") from None
    except aiohttp.ClientError as error:
        raise Unavailable(f"{url} cannot be fetched ({error or type(error).__name__}); try again later.") from None
    if body is None:
        raise Unavailable(f"{url} is larger than {MAX_BYTES >> 20} MB.")
    return body
