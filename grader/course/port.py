"""A port of this machine that nobody listens on."""

import os
import socket
from contextlib import closing, suppress

HOST = "127.0.0.1"
RANGE = 100


def free_port(first: int = 0) -> int:
    """Return a free port: the first one from `first` on, or any. Raises OSError with a sentence."""
    for port in range(first, first + RANGE) if first else [0]:
        with closing(socket.socket()) as probe, suppress(OSError):
            if os.name != "nt":  # a port whose last server has just ended is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return probe.getsockname()[1]
    raise OSError(
        f"No port between {first} and {first + RANGE - 1} is free. End another server, then try again."
    )
