"""A local nginx that serves the made-up sites by their names, http and https, from a folder of its own."""

from __future__ import annotations

import asyncio
import getpass
import gzip
import itertools
import os
import shutil
import socket
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme

from bench.site import sites
from orbweave.errors import OrbweaveError

_CONFIG = """
daemon off;
worker_processes 1;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  default_type text/html;
  charset utf-8;
  types {{ text/html html htm; text/plain txt; application/xml xml; application/pdf pdf; image/jpeg jpg; }}
  client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2; fastcgi_temp_path {folder}/t3;
  uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
  sendfile on;
  tcp_nopush on;
  keepalive_timeout 65;
  keepalive_requests 1000;
  gzip_static on;
  gzip_vary on;
  server_names_hash_max_size 1024;
  server {{
    listen 127.0.0.1:{http} backlog=2048;
    listen 127.0.0.1:{https} ssl http2 backlog=2048;
    ssl_certificate {folder}/certs/$ssl_server_name.pem;
    ssl_certificate_key {folder}/certs/$ssl_server_name.pem;
    ssl_protocols TLSv1.2 TLSv1.3;
    root {folder}/$scheme/$host;
    location / {{ try_files $uri $uri/index.html =404; }}
  }}
}}
"""


@dataclass(frozen=True)
class Served:
    """``ports`` by scheme; ``ca_file`` signed the certificates of ``hosts``; ``url`` is a host's start page."""

    folder: Path
    ports: dict[str, int]
    hosts: tuple[str, ...]

    @property
    def ca_file(self) -> Path:
        return self.folder / "ca.pem"

    def url(self, scheme: str, host: str) -> str:
        return f"{scheme}://{host}:{self.ports[scheme]}/"


@asynccontextmanager
async def serve(folder: Path, count: int, schemes: Iterable[str]) -> AsyncIterator[Served]:
    """``count`` sites written under ``folder`` and served until the end of the block. Raises OrbweaveError when there
    is no nginx."""
    program = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        raise OrbweaveError("The bench needs nginx: apt-get install nginx-light.")
    ports = dict(zip(("http", "https"), _free_ports(2), strict=True))
    served = Served(folder, ports, tuple(sites.host(number) for number in range(count)))
    for scheme in schemes:
        for number in range(count):
            _write(folder / scheme, sites.site(number, scheme, ports[scheme]))
    _certify(folder, served.hosts if "https" in schemes else ())
    user = f"user {getpass.getuser()};" if os.geteuid() == 0 else ""
    config = folder / "nginx.conf"
    config.write_text(_CONFIG.format(folder=folder, user=user, **ports))
    process = await asyncio.create_subprocess_exec(program, "-c", str(config), "-p", str(folder), "-e", "stderr")
    try:
        await _answers(ports["http"], process)
        yield served
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


def rename(served: Served, scheme: str, count: int) -> list[str]:
    """``count`` more names for the sites whose links are all relative, in turn; the names."""
    originals = [host for number, host in enumerate(served.hosts) if sites.is_portable(number)]
    names = []
    for number, original in zip(range(count), itertools.cycle(originals), strict=False):
        name = f"filiale-{number:05d}.{original.partition('.')[2]}"
        (served.folder / scheme / name).symlink_to(served.folder / scheme / original)
        names.append(name)
    return names


def _write(folder: Path, site: sites.Site) -> None:
    for path, text in (*site.pages.items(), *site.files.items()):
        leaf = path.rpartition("/")[2]
        # "/kontakt" must not be a file where "/kontakt/x" may be asked for; what has a suffix is one.
        file = folder / site.host / path.strip("/")
        file = file if "." in leaf else file / "index.html"
        file.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode()
        file.write_bytes(data)
        file.with_name(f"{file.name}.gz").write_bytes(gzip.compress(data, 6, mtime=0))


def _certify(folder: Path, hosts: Iterable[str]) -> None:
    """A chain as the public ones are: root, intermediate, a certificate for each name."""
    root = trustme.CA()
    root.cert_pem.write_to_path(folder / "ca.pem")
    issuer = root.create_child_ca()
    (folder / "certs").mkdir()
    for host in hosts:
        issuer.issue_cert(host).private_key_and_cert_chain_pem.write_to_path(folder / "certs" / f"{host}.pem")


async def _answers(port: int, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(10):
        while True:
            if process.returncode is not None:
                raise OrbweaveError("nginx did not start; what it says is above.")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
