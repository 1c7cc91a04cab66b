"""Who holds a lease, and whether that process is still there."""

from __future__ import annotations

import os
import socket


def owner_name(nonce: str) -> str:
    """Who holds a lease: host, process and a random part."""
    return f"{_host()}:{os.getpid()}:{nonce}"


def is_gone(owner: str | None) -> bool:
    """Whether the lease's process was on this host and is no more."""
    host, _, rest = (owner or "").partition(":")
    number = rest.partition(":")[0]
    if host != _host() or not number.isdigit():
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _host() -> str:
    """Where a process's number means this process: containers may share a host's name, but not its numbers."""
    try:
        numbers = os.stat("/proc/self/ns/pid").st_ino
    except OSError:  # no Linux
        numbers = 0
    return f"{socket.gethostname()[:60]}/{numbers}"
