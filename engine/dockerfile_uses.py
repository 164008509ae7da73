"""Which images a Dockerfile reads, with its arguments filled in, and what its ADD fetches. Pure.

Each use is told apart from the Dockerfile's own stages as the engine does it; what cannot be told
is refused with its line.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from engine.dockerfile import BadLine, Instruction, instruction
from engine.dockerfile_labels import check_labels
from engine.sentences import gettext_noop as _

SCRATCH = "scratch"
_STAGE = re.compile(r"[a-z][a-z0-9_.-]*", re.I)
_ARGUMENT = re.compile(r"""([A-Za-z_]\w*)(?:=("[^"\\]*"|'[^']*'|[^\s"'\\]*))?""")
_NAME = re.compile(r"[A-Za-z0-9._:/@+\[\]-]+")
_FILLED = re.compile(r"\$(?:(?P<name>\w+)|\{(?P<named>\w+)(?:(?P<how>:?[-+])(?P<word>[^{}$]*))?\})")
_URL = re.compile(r"[a-z][a-z0-9+.-]*://|git@", re.I)
_FETCHED = ("http://", "https://", "git://", "ssh://", "git@")


@dataclass(frozen=True, slots=True)
class Use:
    """An image that is read, by FROM or by COPY: ``platform`` "" is the engine's own."""

    line: int
    reference: str
    platform: str = ""


@dataclass(frozen=True, slots=True)
class Recipe:
    """``uses`` has the place of each use among the instructions."""

    instructions: tuple[Instruction, ...]
    uses: Mapping[int, Use]

    def pinned(self, ids: Mapping[Use, str]) -> tuple[Instruction, ...]:
        """With the ids (64 hex digits) of exactly these images in place of their names, which
        might be another's by the time that the engine reads them."""
        found = list(self.instructions)
        for at, use in self.uses.items():
            found[at] = named(found[at], f"sha256:{ids[use]}")
        return tuple(found)


def named(each: Instruction, image: str) -> Instruction:
    if each.word == "COPY":
        return each.with_flag("from", image)
    _old, *alias = each.rest.split()
    return replace(each, rest=" ".join((image, *alias)))


def recipe(instructions: tuple[Instruction, ...], given: Mapping[str, str]) -> Recipe:
    """``given`` are the build's arguments. Raises BadLine."""
    reader = _Reader(given)
    read = tuple(reader.read(at, each) for at, each in enumerate(instructions))
    return Recipe(read, reader.uses)


class _Reader:
    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = given
        self._values: dict[str, str | None] = {}  # None: it has one that we do not understand
        self._stages: list[str] = []
        self._stage = ""  # the one that is being read; "" before the first FROM
        self.uses: dict[int, Use] = {}

    def read(self, at: int, each: Instruction) -> Instruction:
        check_labels(each)
        if each.word == "FROM":
            return self._from(at, each)
        if each.word == "ARG":
            if not self._stage:
                self._declare(each)
        elif not self._stage:
            raise BadLine(
                each.line, _("the first instruction is FROM; only ARG may stand before it.")
            )
        elif each.word == "COPY" and each.flag("from"):
            return self._copy(at, each)
        else:
            check_fetching(each)
        return each

    def _from(self, at: int, each: Instruction) -> Instruction:
        words = each.rest.split()
        if len(words) not in (1, 3) or (len(words) == 3 and words[1].upper() != "AS"):
            raise BadLine(each.line, _("write FROM as: FROM image, or FROM image AS name."))
        image, alias = self._filled(each.line, words[0]), words[2] if len(words) == 3 else ""
        if alias and not _STAGE.fullmatch(alias):
            raise BadLine(each.line, _("“%(name)s” is no name of a stage."), name=alias)
        platform = self._filled(each.line, each.flag("platform")) if each.flags else ""
        each = named(each.with_flag("platform", platform), image)
        if self._stage:
            self._stages.append(self._stage)
        if image != SCRATCH and image.lower() not in self._stages:
            self.uses[at] = Use(each.line, image, platform)
        self._stage = alias.lower() or f"{len(self._stages)} "  # no stage can be called so
        return each

    def _copy(self, at: int, each: Instruction) -> Instruction:
        source = each.flag("from")
        if source.isascii() and source.isdigit():
            if str(int(source)) != source or int(source) >= len(self._stages):
                raise BadLine(
                    each.line, _("there is no stage %(name)s before this one."), name=source
                )
        elif source.lower() not in self._stages:
            if not _NAME.fullmatch(source):
                raise BadLine(each.line, _("name the image of --from plainly, without variables."))
            self.uses[at] = Use(each.line, source)
        return each

    def _declare(self, each: Instruction) -> None:
        for word in each.rest.split():
            name = word.partition("=")[0]
            found = _ARGUMENT.fullmatch(word)
            if name in self._given:
                self._values[name] = self._given[name]
            elif found is None:
                self._values[name] = None
            elif found[2] is not None:
                self._values[name] = self._default(each.line, found[2])

    def _default(self, line: int, text: str) -> str | None:
        if text[:1] == "'":
            return text[1:-1]
        try:
            return self._replaced(line, text.strip('"'))
        except BadLine:
            return None

    def _filled(self, line: int, text: str) -> str:
        found = self._replaced(line, text)
        if not _NAME.fullmatch(found):
            words = _("“%(said)s” names no image or platform that can be judged.")
            raise BadLine(line, words, said=text[:200])
        return found

    def _replaced(self, line: int, text: str) -> str:
        return _FILLED.sub(lambda found: self._value(line, found), text)

    def _value(self, line: int, found: re.Match[str]) -> str:
        name, how, word = found["name"] or found["named"], found["how"] or "", found["word"] or ""
        value = self._values.get(name, "")
        if value is None:
            raise BadLine(line, _("the value of $%(name)s cannot be judged here."), name=name)
        there = name in self._values and (value != "" or ":" not in how)
        if how.endswith("+"):
            return word if there else ""
        if how.endswith("-"):
            return value if there else word
        return value


def check_fetching(each: Instruction) -> None:
    """ADD of an address is the engine's own fetching: it reaches what only its host does."""
    if each.word == "ONBUILD":
        return check_fetching(instruction(each.line, each.rest))
    if each.word != "ADD":
        return None
    for word in sources(each):
        start = word.partition("$")[0].lower()
        maybe = "$" in word and any(url.startswith(start) for url in _FETCHED)
        if _URL.match(word) or maybe:
            words = _(
                "ADD fetches nothing here, for the engine would: let RUN fetch it (%(word)s)."
            )
            raise BadLine(each.line, words, word=word[:200])
    return None


def sources(each: Instruction) -> Iterator[str]:
    """The words of an ADD; none that a builder would still unquote."""
    words: object = each.rest.split()
    if each.rest.startswith("["):
        try:
            words = json.loads(each.rest)
        except ValueError:
            words = None
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise BadLine(each.line, _("what stands in brackets is no list of texts."))
    for word in words:
        if any(mark in word for mark in "'\"\\"):
            raise BadLine(each.line, _("ADD: write names without quotes and backslashes."))
        yield word
