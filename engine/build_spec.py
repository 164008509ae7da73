"""What a build is asked with: typed fields, the engine's query and the equal command line. Pure."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.build_context import OURS
from engine.command_line import Say
from engine.sentences import Sentence
from engine.sentences import gettext_noop as _
from engine.spec_problems import Problem

MOST_PAIRS, MOST_TAGS, MOST_TEXT = 100, 20, 32_768
CPU_PERIOD = 100_000  # microseconds
OUR_LABEL = "wharfinger."
_ARGUMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UPLOAD = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TARGET = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*|[0-9]{1,3}")
_PLATFORM = re.compile(r"[a-z0-9]+/[a-z0-9_]+(/[a-z0-9]+)?")


@dataclass(frozen=True, slots=True)
class BuildSpec:
    """Either ``dockerfile`` is its text, or ``upload`` the id of a context that holds it as
    ``path``. ``tags`` are references, ``team`` (a short name) is whose the image will be.
    """

    dockerfile: str = ""
    upload: str = ""
    path: str = "Dockerfile"
    tags: tuple[str, ...] = ()
    args: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    target: str = ""
    platform: str = ""
    no_cache: bool = False
    pull: bool = False
    team: str = ""

    def problems(self) -> list[Problem]:
        return list(_problems(self))

    def query(
        self, memory: int = 0, nano_cpus: int = 0, sources: Sequence[str] = ()
    ) -> dict[str, Any]:
        """For ``Streams.build``. ``sources`` are the ids of the images whose steps may be used
        again: without one, none is. Nothing is named: whose the names are is asked at the end."""
        return {
            "dockerfile": OURS,
            "rm": True,
            "forcerm": True,
            "nocache": self.no_cache or not sources,
            "cachefrom": json.dumps([f"sha256:{id}" for id in sources]) if sources else None,
            "buildargs": json.dumps(dict(self.args)) if self.args else None,
            "labels": json.dumps(dict(self.labels)) if self.labels else None,
            "target": self.target or None,
            "platform": self.platform or None,
            "networkmode": "default",
            "memory": memory or None,
            "cpuperiod": CPU_PERIOD if nano_cpus else None,
            "cpuquota": nano_cpus * CPU_PERIOD // 10**9 if nano_cpus else None,
        }

    def line(self, say: Say = list) -> str:
        """``docker build …``: of a context in the directory where it is typed."""
        words = ["docker", "build", *(f"--tag={tag}" for tag in self.tags)]
        words += [f"--build-arg={name}={value}" for name, value in self.args]
        words += [f"--label={name}={value}" for name, value in self.labels]
        for flag, value in (("target", self.target), ("platform", self.platform)):
            words += [f"--{flag}={value}"] if value else []
        words += ["--no-cache"] * self.no_cache + ["--pull"] * self.pull
        if not self.upload:
            return f"{shlex.join(say([*words, '-']))} < Dockerfile"
        words += [f"--file={self.path}"] if self.path != "Dockerfile" else []
        return shlex.join(say([*words, "."]))


def _problems(spec: BuildSpec) -> Iterator[Problem]:
    if bool(spec.dockerfile.strip()) == bool(spec.upload):
        words = _("Give either a Dockerfile or a context that holds one.")
        yield Problem("dockerfile", Sentence(words))
    if spec.upload and not _UPLOAD.fullmatch(spec.upload):
        yield Problem("upload", Sentence(_("This is no id of an uploaded context.")))
    if len(spec.tags) > MOST_TAGS:
        yield Problem("tags", Sentence(_("At most %(most)d of them."), {"most": MOST_TAGS}))
    parts = spec.path.split("/")
    if not spec.path or "\0" in spec.path or any(part in ("", ".", "..") for part in parts):
        yield Problem("path", Sentence(_("A path within the context, as docker/Dockerfile.")))
    yield from _pairs("args", spec.args)
    yield from _pairs("labels", spec.labels)
    for name, _value in spec.args:
        if not _ARGUMENT.fullmatch(name):
            words = _("“%(name)s” is no argument's name: use letters, digits, underscores.")
            yield Problem("args", Sentence(words, {"name": name[:80]}))
    for name, _value in spec.labels:
        if not name or name.casefold().startswith(OUR_LABEL):
            words = _("A label has a name, and those that begin with wharfinger. are ours.")
            yield Problem("labels", Sentence(words))
    if spec.target and not _TARGET.fullmatch(spec.target):
        yield Problem("target", Sentence(_("A stage's name, or its number.")))
    if spec.platform and not _PLATFORM.fullmatch(spec.platform):
        yield Problem("platform", Sentence(_("Write it as linux/amd64.")))


def _pairs(field: str, pairs: tuple[tuple[str, str], ...]) -> Iterator[Problem]:
    values: Mapping[str, str] = dict(pairs)
    if len(pairs) > MOST_PAIRS or sum(len(n) + len(v) for n, v in values.items()) > MOST_TEXT:
        told = {"most": MOST_PAIRS, "bytes": MOST_TEXT}
        words = _("At most %(most)d of them, with %(bytes)d characters together.")
        yield Problem(field, Sentence(words, told))
    if any("\0" in name + value for name, value in pairs):
        yield Problem(field, Sentence(_("A NUL character cannot be part of it.")))
