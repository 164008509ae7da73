"""What an image is made of a container with: typed fields, the engine's query, the line. Pure.

The engine takes changes as lines of a Dockerfile. Each is written here, of one field, with all
that has a meaning in such a line escaped, so that a value stays a value.
"""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.build_spec import OUR_LABEL
from engine.command_line import Say
from engine.sentences import Sentence
from engine.sentences import gettext_noop as _
from engine.spec_problems import Problem

MOST, MOST_TEXT, LONGEST_WORDS = 100, 32_768, 1000
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_LABEL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")
_USER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?")
_PORT = re.compile(r"([0-9]{1,5})(?:/(?:tcp|udp|sctp))?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_SPECIAL = re.compile(r'(["\\$])')
_SPECIAL_BARE = re.compile(r"""(["'\\$])""")
Words = tuple[str, ...]
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class CommitSpec:
    """``reference`` is what the image will be called, "" for no name. What is None or empty stays
    as the container has it. ``team`` (a short name) is whose the image will be."""

    reference: str = ""
    message: str = ""
    author: str = ""
    pause: bool = True
    command: Words | None = None
    entrypoint: Words | None = None
    env: Pairs = ()
    expose: Words = ()
    labels: Pairs = ()
    user: str = ""
    workdir: str = ""
    volumes: Words = ()
    team: str = ""

    def problems(self) -> list[Problem]:
        return list(_problems(self))

    def changes(self) -> list[str]:
        """As lines of a Dockerfile."""
        lines = [f"ENTRYPOINT {_listed(self.entrypoint)}"] if self.entrypoint else []
        lines += [f"CMD {_listed(self.command)}"] if self.command else []
        lines += [f"ENV {name}={_quoted(value)}" for name, value in self.env]
        lines += [f"EXPOSE {port}" for port in self.expose]
        lines += [f"LABEL {_quoted(name)}={_quoted(value)}" for name, value in self.labels]
        lines += [f"USER {_quoted(self.user)}"] if self.user else []
        lines += [f"WORKDIR {_quoted(self.workdir)}"] if self.workdir else []
        escaped = tuple(_SPECIAL_BARE.sub(r"\\\1", path) for path in self.volumes)
        return lines + ([f"VOLUME {_listed(escaped)}"] if escaped else [])

    def query(self) -> dict[str, Any]:
        """For ``Streams.commit``. It is named at the end, when all of it is there."""
        return {
            "comment": self.message or None,
            "author": self.author or None,
            "pause": self.pause,
            "changes": self.changes() or None,
        }

    def line(self, container: str, say: Say = list) -> str:
        """``docker commit …``"""
        words = ["docker", "commit"]
        words += [f"--author={self.author}"] if self.author else []
        words += [f"--change={change}" for change in self.changes()]
        words += [f"--message={self.message}"] if self.message else []
        words += [] if self.pause else ["--pause=false"]
        words += [container, *([self.reference] if self.reference else [])]
        return shlex.join(say(words))


def _listed(words: Words | None) -> str:
    """As JSON: on one line and in ASCII, whatever is in them."""
    return json.dumps(list(words or ()))


def _quoted(value: str) -> str:
    escaped = _SPECIAL.sub(r"\\\1", value)
    return f'"{escaped}"'


def _problem(field: str, text: str, **values: object) -> Problem:
    return Problem(field, Sentence(text, values))


def _problems(spec: CommitSpec) -> Iterator[Problem]:
    for field in ("message", "author", "user", "workdir"):
        value = getattr(spec, field)
        if _CONTROL.search(value):
            yield _problem(field, _("Write it in one line, without control characters."))
        if len(value) > LONGEST_WORDS:
            yield _problem(field, _("At most %(most)d characters."), most=LONGEST_WORDS)
    yield from _commands(spec)
    yield from _pairs(spec)
    if spec.user and not _USER.fullmatch(spec.user):
        yield _problem("user", _("A name or a number, as app or 1000:1000."))
    if spec.workdir and not spec.workdir.startswith("/"):
        text = _("The working directory “%(value)s” must start with /.")
        yield _problem("workdir", text, value=spec.workdir[:80])
    for port in spec.expose:
        match = _PORT.fullmatch(port)
        if match is None or not 0 < int(match[1]) < 65536:
            text = _("“%(value)s” is not a port: write 80 or 53/udp.")
            yield _problem("expose", text, value=port[:80])
    for path in spec.volumes:
        if not path.startswith("/") or not path.strip("/") or _CONTROL.search(path):
            text = _("“%(value)s” is not a folder of the container: it starts with /.")
            yield _problem("volumes", text, value=path[:80])


def _commands(spec: CommitSpec) -> Iterator[Problem]:
    for field in ("command", "entrypoint", "expose", "volumes"):
        words: Words | None = getattr(spec, field)
        if words == () and field in ("command", "entrypoint"):
            text = _("The engine takes none away: leave it out, or give at least one word.")
            yield _problem(field, text)
        if len(words or ()) > MOST or sum(map(len, words or ())) > MOST_TEXT:
            text = _("At most %(most)d of them, with %(bytes)d characters together.")
            yield _problem(field, text, most=MOST, bytes=MOST_TEXT)
        if any("\0" in word for word in words or ()):
            yield _problem(field, _("A NUL character cannot be part of it."))


def _pairs(spec: CommitSpec) -> Iterator[Problem]:
    for field, pattern in (("env", _VARIABLE), ("labels", _LABEL)):
        pairs: Pairs = getattr(spec, field)
        for name, value in pairs:
            if not pattern.fullmatch(name):
                text = _("“%(name)s” is no name here: use letters, digits, dots and hyphens.")
                yield _problem(field, text, name=name[:80])
            if _CONTROL.search(value.replace("\t", " ")):
                text = _("The value of %(name)s has a line break or a control character in it.")
                yield _problem(field, text, name=name[:80])
        if len(pairs) > MOST or sum(len(name) + len(value) for name, value in pairs) > MOST_TEXT:
            text = _("At most %(most)d of them, with %(bytes)d characters together.")
            yield _problem(field, text, most=MOST, bytes=MOST_TEXT)
    if any(name.casefold().startswith(OUR_LABEL) for name, _value in spec.labels):
        yield _problem("labels", _("Labels that begin with wharfinger. are ours."))
