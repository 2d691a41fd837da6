"""The embedded server's settings."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path


def of(host: str, port: int) -> dict[str, str]:
    """What differs from PostgreSQL's defaults, and why."""
    on_socket = host.startswith("/")
    escaped = host.replace('"', '""')
    return {
        "listen_addresses": "" if on_socket else host,
        "port": str(port),
        "unix_socket_directories": f'"{escaped}"' if on_socket else "",
        "unix_socket_permissions": "0700",
        "max_connections": "200",
        "shared_buffers": f"{min(512, max(64, _memory() // 2**20 // 8))}MB",
        "effective_cache_size": f"{max(128, _memory() // 2**20 // 2)}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        # /dev/shm is 64 MB in most containers; System V memory is not bounded by it, but tiny on macOS.
        "dynamic_shared_memory_type": "sysv" if sys.platform == "linux" else "posix",
        "huge_pages": "off",
        # No replicas: a COPY into a table made in the same transaction skips the log, and the log is compressed.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "wal_compression": "on",
        "max_wal_size": "2GB",
        "checkpoint_timeout": "15min",
        # One forgotten open snapshot makes the queue three times slower (its dead rows cannot be removed).
        "idle_in_transaction_session_timeout": "60s",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "UTC",
        "log_timezone": "UTC",
        # A failed statement reaches its caller as an exception; the log is for what happens to the server.
        "log_min_messages": "log",
        "log_checkpoints": "off",
    }


def _memory() -> int:
    """Bytes of memory this machine, or this container, may use."""
    limits = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):
            limits.append(int(Path(path).read_text()))
    return min(limits)
