"""What ``orbweave db`` does: state, dump, restore, wipe; with PostgreSQL's own programs from the wheel.

All of them work on the embedded database and on DATABASE_URL, which should hold nothing but Orbweave: ``wipe`` empties
its whole schema.
"""

from __future__ import annotations

import asyncio
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import asyncpg

from orbweave.config import Settings
from orbweave.errors import IllegalState, InvalidInput, SetupError
from orbweave.store import binaries
from orbweave.store.connect import address, connect
from orbweave.store.database import database_server
from orbweave.store.embedded import EmbeddedPostgres, Progress
from orbweave.store.migrate import migrate, packaged, status


@dataclass(frozen=True, slots=True)
class DatabaseStatus:
    """``location``: a folder, or the address without the password. ``size`` in bytes, ``connections`` besides ours.

    ``version`` is the server's. ``applied`` and ``pending`` are labels of migrations, in order.
    """

    embedded: bool
    location: str
    version: str
    size: int
    connections: int
    applied: list[str]
    pending: list[str]


async def migrate_database(settings: Settings, on_progress: Progress | None = None) -> list[str]:
    """Labels of the migrations applied now."""
    async with database_server(settings, on_progress) as dsn:
        return await migrate(dsn, on_progress)


async def database_status(settings: Settings, on_progress: Progress | None = None) -> DatabaseStatus:
    """Makes and starts the embedded server if need be, and changes nothing in the database."""
    async with database_server(settings, on_progress) as dsn, connect(dsn) as connection:
        schema = await status(connection)
        row = await connection.fetchrow(
            "select current_setting('server_version') as version, pg_database_size(current_database()) as size, "
            "(select count(*) from pg_stat_activity"
            " where datname = current_database() and pid <> pg_backend_pid()) as connections"
        )
        embedded = settings.database_url is None
        location = str(EmbeddedPostgres(settings.home).directory) if embedded else address(dsn)
        return DatabaseStatus(embedded, location, **row, applied=schema.applied, pending=schema.pending)


async def dump(settings: Settings, target: Path, on_progress: Progress | None = None) -> None:
    """Writes everything, as of one moment, while others go on working. ``target`` appears only when it is whole."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        partial.touch(mode=0o600)
    except OSError as error:
        raise InvalidInput(f"Cannot write {target}: {error.strerror}.") from None
    try:
        async with database_server(settings, on_progress) as dsn:
            async with connect(dsn) as connection:
                if not (await status(connection)).applied:
                    raise IllegalState("There is nothing to dump: this database has no data of Orbweave yet.")
            url, secret = _without_password(dsn)
            await _run(
                *("pg_dump", "--dbname", url, "--file", partial, "--format", "custom"),
                *("--no-owner", "--no-privileges", "--no-unlogged-table-data"),
                secret=secret,
            )
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


async def restore(settings: Settings, source: Path, on_progress: Progress | None = None) -> list[str]:
    """Reads a dump into an empty database, whole or not at all, and migrates it; labels of the migrations applied.

    Raises InvalidInput: no dump, or one of a newer version. IllegalState: the database is not empty.
    """
    await _check_dump(source)
    async with database_server(settings, on_progress) as dsn:
        async with connect(dsn) as connection:
            if await connection.fetchval("select exists (select from pg_tables where schemaname = current_schema())"):
                raise IllegalState(
                    "The database is not empty: wipe it first (`orbweave db wipe`), or restore elsewhere."
                )
        url, secret = _without_password(dsn)
        await _run(
            *("pg_restore", "--dbname", url, "--single-transaction", "--exit-on-error"),
            *("--no-owner", "--no-privileges", source),
            secret=secret,
        )
        return await migrate(dsn, on_progress)


async def wipe(settings: Settings, on_progress: Progress | None = None) -> None:
    """Deletes everything. Raises Conflict while others use the embedded server; ask before you call."""
    if settings.database_url is None:
        await EmbeddedPostgres(settings.home).remove(on_progress)
        return
    async with connect(settings.database_url) as connection, connection.transaction():
        await _empty_schema(connection)


async def _empty_schema(connection: asyncpg.Connection[Any]) -> None:
    """Drops what the current schema holds; the schema itself and extensions are their owner's."""
    for statement in await connection.fetch(
        """
        with own as (
            select 1 as step, 'table' as kind, oid::regclass::text as name, oid, 'pg_class'::regclass as catalog
            from pg_class where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace
            union all
            select 2, 'view', oid::regclass::text, oid, 'pg_class'::regclass
            from pg_class where relkind = 'v' and relnamespace = current_schema()::regnamespace
            union all
            select 2, 'sequence', oid::regclass::text, oid, 'pg_class'::regclass
            from pg_class where relkind = 'S' and relnamespace = current_schema()::regnamespace
            union all
            select 3, 'routine', oid::regprocedure::text, oid, 'pg_proc'::regclass
            from pg_proc where pronamespace = current_schema()::regnamespace
            union all
            select 4, 'type', oid::regtype::text, oid, 'pg_type'::regclass
            from pg_type where typtype in ('e', 'd') and typnamespace = current_schema()::regnamespace
        )
        select format('drop %s if exists %s cascade', kind, name) as sql
        from own
        where not exists (
            select from pg_depend
            where classid = own.catalog and objid = own.oid and deptype = 'e'
        )
        order by step
        """
    ):
        await connection.execute(statement["sql"])


async def _check_dump(source: Path) -> None:
    try:
        with source.open("rb") as file:
            is_dump = file.read(5) == b"PGDMP"
    except OSError as error:
        raise InvalidInput(f"Cannot read {source}: {error.strerror}.") from None
    if not is_dump:
        raise InvalidInput(f"{source} is not a dump made by `orbweave db dump`.")
    rows = await _run("pg_restore", "--data-only", "--table", "schema_migrations", "--file", "-", source)
    versions = [int(row) for row in re.findall(r"^(\d+)\t", rows, re.MULTILINE)]
    if not versions:
        raise InvalidInput(f"{source} is a dump of another database, not of Orbweave's.")
    if max(versions) > packaged()[-1].version:
        raise InvalidInput(f"{source} was made by a newer Orbweave: update this one first.")


def _without_password(dsn: str) -> tuple[str, str]:
    """The address and, apart from it, the password: command lines are readable by every user of the machine."""
    parts = urlsplit(dsn)
    credentials, _, host = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    query = dict(parse_qsl(parts.query))
    secret = query.pop("password", unquote(password))
    options = f"?{urlencode(query, quote_via=quote)}" if query else ""
    return f"{parts.scheme}://{f'{user}@' if user else ''}{host}{parts.path}{options}", secret


async def _run(program: str, *arguments: str | Path, secret: str = "") -> str:
    """Its standard output. Raises SetupError with what it said last."""
    environment = os.environ | ({"PGPASSWORD": secret} if secret else {})
    process = await asyncio.create_subprocess_exec(
        binaries.directory() / program,
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environment,
    )
    output, errors = await process.communicate()
    if process.returncode != 0:
        lines = errors.decode(errors="replace").strip().splitlines() or ["no reason given"]
        reason = next((line for line in lines if "error:" in line), lines[-1])
        raise SetupError(f"{program} failed: {reason.removeprefix(f'{program}: ')}")
    return output.decode(errors="replace")
