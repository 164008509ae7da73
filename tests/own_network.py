"""A network of its own for each of several workers that test side by side."""

import ctypes
import os

from tests.engine import run

CLONE_NEWNET = 0x40000000


def enter_own_network() -> None:
    """Move this thread, and whatever it starts from now on, into a new network. Needs root.

    Workers would disturb each other: Chromium drops what it is loading (ERR_NETWORK_CHANGED) when
    a container's device of the other one comes or goes, and a port that one found free is taken
    by the other. One interface is up beside loopback, or Chromium says that it is offline.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNET):
        number = ctypes.get_errno()
        raise OSError(number, f"no network of its own for a worker: {os.strerror(number)}")
    run("ip", "link", "set", "lo", "up")
    run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
    run("ip", "address", "add", "192.0.2.2/30", "dev", "eth0")
    for device in ("eth0", "eth1"):
        run("ip", "link", "set", device, "up")
