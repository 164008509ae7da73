"""Root file systems out of one static busybox: images without any registry."""

import contextlib
import io
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

BUSYBOX = Path("/bin/busybox")
USERS = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/home/app:/bin/sh\n"
GROUPS = "root:x:0:\napp:x:1000:\n"


class BusyboxMissing(RuntimeError):
    """There is no static busybox to make images of; the sentence says how to get one."""


def static_busybox() -> bytes:
    """The program; raises BusyboxMissing where it is absent or needs shared libraries."""
    try:
        program = BUSYBOX.read_bytes()
    except OSError as error:
        raise BusyboxMissing(f"{BUSYBOX}: {error.strerror}. Install busybox-static.") from error
    if b"/ld-" in program[:4096]:
        raise BusyboxMissing(f"{BUSYBOX} needs shared libraries. Install busybox-static.")
    return program


def busybox_rootfs() -> bytes:
    """A small system: every applet in /bin, users root and app, an empty /tmp. A plain tar."""
    program = static_busybox()
    applets = subprocess.run([BUSYBOX, "--list"], capture_output=True, check=True, text=True)  # noqa: S603
    with archive() as (tar, buffer):
        for directory in ("bin", "etc", "root", "home", "var", "var/www"):
            add_directory(tar, directory)
        add_directory(tar, "home/app", owner=1000)
        add_directory(tar, "tmp", mode=0o1777)
        add_file(tar, "bin/busybox", program, mode=0o755)
        for applet in applets.stdout.split():
            if applet != "busybox":
                add_link(tar, f"bin/{applet}", "busybox")
        add_file(tar, "etc/passwd", USERS.encode())
        add_file(tar, "etc/group", GROUPS.encode())
    return buffer.getvalue()


def shellless_rootfs() -> bytes:
    """One static program, ``/sleep``, and a file to read: no shell, no other program."""
    with archive() as (tar, buffer):
        add_directory(tar, "data")
        add_file(tar, "data/hello.txt", b"hello from a place without a shell\n")
        add_file(tar, "sleep", static_busybox(), mode=0o755)
    return buffer.getvalue()


@contextlib.contextmanager
def archive() -> Iterator[tuple[tarfile.TarFile, io.BytesIO]]:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        yield tar, buffer


def add_directory(tar: tarfile.TarFile, name: str, mode: int = 0o755, owner: int = 0) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.mode = tarfile.DIRTYPE, mode
    member.uid = member.gid = owner
    tar.addfile(member)


def add_file(tar: tarfile.TarFile, name: str, content: bytes, mode: int = 0o644) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), mode
    tar.addfile(member, io.BytesIO(content))


def add_link(tar: tarfile.TarFile, name: str, target: str) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = tarfile.SYMTYPE, target
    tar.addfile(member)
