"""Archives of images as somebody might write them to get what is not theirs: payloads of a load.

Each is a small image of its own with one trick in it, and the words that refuse it.
"""

import hashlib
import io
import json
import secrets
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]
HUGE = 9 * 2**20


@dataclass
class Archive:
    """An image ``shop/<mark>:1`` that has a label; what is said otherwise is the trick. ``more``
    are tar members beside it, ``text`` is a manifest word for word."""

    mark: str
    names: Any = None
    config: Json = field(default_factory=dict)
    manifest: Json = field(default_factory=dict)
    more: list[tarfile.TarInfo] = field(default_factory=list)
    text: bytes = b""
    json: bytes = b""  # the configuration, word for word
    rename: dict[str, str] = field(default_factory=dict)
    layer: bytes = b""

    @property
    def layers(self) -> bytes:
        return self.layer or tar([(tarfile.TarInfo("note"), secrets.token_bytes(64))])

    def bytes(self) -> bytes:
        layer = self.layers
        configured = self.json or json.dumps(self.configuration(layer)).encode()
        names = [f"shop/{self.mark}:1"] if self.names is None else self.names
        said = {"Config": "config.json", "RepoTags": names, "Layers": ["layer.tar"]}
        manifest = self.text or json.dumps([said | self.manifest]).encode()
        files = {"config.json": configured, "layer.tar": layer, "manifest.json": manifest}
        members = [
            (tarfile.TarInfo(self.rename.get(name, name)), data) for name, data in files.items()
        ]
        return tar([*members, *((info, bytes(info.size)) for info in self.more)])

    def configuration(self, layer: bytes) -> Json:
        own = {"Labels": {"of": self.mark}} | self.config.get("config", {})
        rootfs = {"type": "layers", "diff_ids": [digest(layer)]}
        usual = {"architecture": "amd64", "os": "linux", "rootfs": rootfs, "history": []}
        return usual | self.config | {"config": own}


def digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def tar(members: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for info, data in members:
            if not info.size:
                info.size = len(data) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(data) if info.isreg() else None)
    return out.getvalue()


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def node(name: str) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.devmajor, info.devminor = tarfile.BLKTYPE, 8, 0
    return info


def without(name: str, *more: tarfile.TarInfo) -> Json:
    """Fields of an archive whose member of that name is only what ``more`` says."""
    return {"rename": {name: f"other-{name}"}, "more": list(more)}


HARD = tarfile.LNKTYPE
# What is wrong with it, and the words that refuse it: of its names …
NAMES: list[tuple[Any, str]] = [
    (["{theirs}"], "RepoTags"),
    (["shop/x:1", "{theirs}"], "RepoTags"),
    (["docker.io/{theirs}"], "RepoTags"),
    (["index.docker.io/{theirs}"], "RepoTags"),
    (["{shared}"], "RepoTags"),
    (["{id}"], "RepoTags"),
    (["{id}:latest"], "RepoTags"),
    (["{short}"], "RepoTags"),
    (["{short}:latest"], "RepoTags"),
    (["docker.io/library/{short}:latest"], "RepoTags"),
    (["sha256:{id}"], "RepoTags"),
    (["sha256:x"], "RepoTags"),
    (["shop/x@sha256:{id}"], "RepoTags"),
    (["shop/x:1@sha256:{id}"], "RepoTags"),
    (["SHOP/x:1"], "RepoTags"),
    (["../x:1"], "RepoTags"),
    (["shop/../x:1"], "RepoTags"),
    (["shop/x:../../x"], "RepoTags"),
    ([""], "RepoTags"),
    (["shop/x:1\n{theirs}"], "RepoTags"),
    (["shop/x:1\0"], "RepoTags"),
    ("{theirs}", "RepoTags"),
    ({"{theirs}": 1}, "RepoTags"),
    ([["{theirs}"]], "RepoTags"),
    ([None], "RepoTags"),
]
# … of its tar and its manifest …
TRICKS: list[tuple[Json, str]] = [
    (without("manifest.json"), "manifest.json"),
    (without("manifest.json", link("manifest.json", "/etc/passwd")), "manifest.json"),
    (without("manifest.json", link("manifest.json", "../../etc/passwd")), "manifest.json"),
    (without("manifest.json", link("manifest.json", "/etc/passwd", HARD)), "manifest.json"),
    (without("manifest.json", link("manifest.json", "manifest.json")), "manifest.json"),
    ({"rename": {"manifest.json": "/manifest.json"}}, "manifest.json"),
    ({"rename": {"manifest.json": "../manifest.json"}}, "manifest.json"),
    ({"rename": {"manifest.json": "MANIFEST.JSON"}}, "manifest.json"),
    (without("layer.tar", link("layer.tar", "/etc/shadow")), "layer.tar"),
    (without("layer.tar", link("layer.tar", "/etc/shadow", HARD)), "layer.tar"),
    (without("layer.tar", link("layer.tar", "../../etc/shadow")), "layer.tar"),
    (without("layer.tar", link("layer.tar", "b"), link("b", "layer.tar")), "layer.tar"),
    (without("layer.tar", node("layer.tar")), "layer.tar"),
    ({"manifest": {"Layers": ["/etc/shadow"]}}, "/etc/shadow"),
    ({"manifest": {"Layers": ["../../../var/lib/docker/x"]}}, "../../../var/lib/docker/x"),
    ({"manifest": {"Layers": [{"path": "layer.tar"}]}}, "Layers"),
    ({"manifest": {"Config": "/proc/self/environ"}}, "/proc/self/environ"),
    ({"manifest": {"Config": "layer.tar"}}, "layer.tar"),
    ({"manifest": {"Config": None}}, "Config"),
    ({"text": b"[" * 100_000}, "manifest.json"),
    ({"text": b"[]"}, "manifest.json"),
    ({"text": b"{}"}, "manifest.json"),
    ({"text": b"[1]"}, "manifest.json"),
    ({"text": b"["}, "manifest.json"),
    ({"text": b"[\xff]"}, "manifest.json"),
    ({"text": b"[" + b"9" * 5000 + b"]"}, "manifest.json"),
    ({"text": json.dumps([{}] * 501).encode()}, "manifest.json"),
    ({"text": b" " * HUGE}, "manifest.json"),
    ({"text": b"[" + b"{}," * 50_000 + b"{}]"}, "too many parts"),
    ({"json": b'{"a": [' + b"1," * 250_000 + b"1]}"}, "too many parts"),
    ({"config": {"config": {"Labels": {"x": "y" * 2**20}}}}, "too large"),
    ({"json": b"[]"}, "config.json"),
    ({"json": b'{"rootfs": {}, "RootFS": {"diff_ids": ["x"]}}'}, "rootfs"),
    ({"json": b'{"RootFS": {"diff_ids": ["x"]}, "rootfs": {}}'}, "rootfs"),
    ({"json": b'{"rootfs": {}, "rootfs": {"diff_ids": ["x"]}}'}, "rootfs"),
    ({"json": '{"rootfs": {}, "rootf\u017f": {"diff_ids": ["x"]}}'.encode()}, "rootfs"),
    ({"json": b'{"rootfs": {"diff_ids": [], "Diff_IDs": ["x"]}}'}, "diff_ids"),
]
# … and of what is found while it is read, by the job.
LATER: list[tuple[Json, str]] = [
    ({"config": {"rootfs": {"type": "layers", "diff_ids": ["{layer}"]}}}, "is not the one"),
    ({"config": {"rootfs": {"type": "layers", "diff_ids": []}}}, "as many Layers"),
    ({"config": {"rootfs": {"type": "layers", "diff_ids": "x"}}}, "diff_ids"),
    ({"config": {"os": "windows"}}, ""),  # the engine's own words
    ({"config": {"architecture": 5}}, ""),
    ({"layer": b"\x1f\x8b" + bytes(30)}, "gzip"),
]
