"""A Dockerfile cut into instructions: what two builders could read in two ways is refused.

What is sent to an engine is written from these instructions, each on one line and where it stood,
so that the engine reads what was judged, whatever its own rules of comments, directives and
continued lines are. Pure.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.sentences import BadValue
from engine.sentences import gettext_noop as _

LONGEST = 256 * 1024
_MAKING = ("FROM", "ARG", "RUN", "ADD", "COPY", "ONBUILD")
_SETTING = (
    "CMD",
    "LABEL",
    "MAINTAINER",
    "EXPOSE",
    "ENV",
    "ENTRYPOINT",
    "VOLUME",
    "USER",
    "WORKDIR",
)
WORDS = frozenset((*_MAKING, *_SETTING, "STOPSIGNAL", "HEALTHCHECK", "SHELL"))
# The flags that a builder without frontends knows, of those whose flags decide what is read.
FLAGS = {"FROM": {"platform"}, "COPY": {"from", "chown", "chmod"}, "ADD": {"chown", "chmod"}}
_PLAIN_FLAGS = (*FLAGS, "RUN")
_DIRECTIVE = re.compile(r"#[ \t]*(?P<name>syntax|escape)[ \t]*=[ \t]*(?P<value>.*?)[ \t]*", re.I)
_CONTINUED = re.compile(r"(?P<text>.*?)\\[ \t]*")
_FLAG = re.compile(r"--(?P<name>[a-z][a-z-]*)=(?P<value>[!#-&(-\[\]-~]+)")
_HEREDOC = re.compile(r"\d*<<-?[^<]")


class BadLine(BadValue):
    """What is wrong, and on which line, counted from 1; 0 is the whole."""

    def __init__(self, line: int, text: str, **values: object) -> None:
        super().__init__(text, **values)
        self.line = line


@dataclass(frozen=True, slots=True)
class Instruction:
    """``word`` in capitals; ``flags`` of FROM, COPY and ADD; ``rest`` is all behind them."""

    line: int
    word: str
    rest: str
    flags: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        flags = (f"--{name}={value}" for name, value in self.flags)
        return " ".join((self.word, *flags, self.rest))

    def flag(self, name: str) -> str:
        return dict(self.flags).get(name, "")

    def with_flag(self, name: str, value: str) -> "Instruction":
        flags = tuple((key, value if key == name else old) for key, old in self.flags)
        return replace(self, flags=flags)


def parse(data: bytes) -> tuple[Instruction, ...]:
    """Raises BadLine."""
    found = tuple(instruction(line, text) for line, text in logical_lines(text_of(data)))
    if not any(each.word == "FROM" for each in found):
        raise BadLine(0, _("there is no FROM in it."))
    return found


def written(instructions: tuple[Instruction, ...]) -> bytes:
    """The same as a Dockerfile, each instruction on the line where it stood."""
    lines = [""] * max(each.line for each in instructions)
    for each in instructions:
        lines[each.line - 1] = str(each)
    return ("\n".join(lines) + "\n").encode()


def text_of(data: bytes) -> str:
    if len(data) > LONGEST:
        raise BadLine(0, _("it is longer than %(most)d bytes."), most=LONGEST)
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadLine(line, _("it is not UTF-8.")) from None


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The number of its first line and each instruction as one line; no comments, no blank ones."""
    parts: list[str] = []
    first, begun = 0, False
    for number, raw in enumerate(text.split("\n"), 1):
        line = checked(number, raw.removesuffix("\r"))
        bare = line.strip(" \t")
        if not bare or bare.startswith("#"):
            if bare and not begun:
                check_directive(number, bare)
            continue
        first, begun = first or number, True
        continued = _CONTINUED.fullmatch(line)
        parts.append(continued["text"] if continued else line)
        if continued and not continued["text"].endswith("\\"):
            continue
        if continued:
            raise BadLine(number, _("it ends in several backslashes: builders differ about it."))
        yield first, "".join(parts).strip(" \t")
        first, parts = 0, []
    if rest := "".join(parts).strip(" \t"):
        yield first, rest


def checked(number: int, line: str) -> str:
    """No control characters, and no blanks but the two that everybody takes for one."""
    for mark in line:
        if mark not in " \t" and (mark.isspace() or ord(mark) < 32 or 127 <= ord(mark) < 160):
            raise BadLine(
                number, _("the character U+%(code)s cannot be in it."), code=f"{ord(mark):04X}"
            )
    return line


def check_directive(number: int, comment: str) -> None:
    found = _DIRECTIVE.fullmatch(comment)
    if found is None or (found["name"].lower() == "escape" and found["value"] == "\\"):
        return
    words = _("the directive “%(name)s” is for other builders: take the line out.")
    raise BadLine(number, words, name=found["name"])


def instruction(line: int, text: str) -> Instruction:
    word, _blank, rest = cut(text)
    word = word.upper()
    if word not in WORDS:
        raise BadLine(line, _("“%(word)s” is no instruction."), word=word[:40])
    flags: list[tuple[str, str]] = []
    while word in _PLAIN_FLAGS and rest.startswith("--"):
        first, _blank, rest = cut(rest)
        flags.append(flag(line, word, first, flags))
    if word in ("RUN", "COPY", "ADD") and any(map(_HEREDOC.match, rest.split())):
        raise BadLine(line, _("<< is for other builders: write it without."))
    if word == "ONBUILD":
        check_trigger(instruction(line, rest))
    return Instruction(line, word, rest, tuple(flags))


def cut(text: str) -> tuple[str, str, str]:
    """The first word, and what follows the blanks behind it."""
    found = re.match(r"([^ \t]*)([ \t]*)", text)
    assert found is not None
    return found[1], found[2], text[found.end() :]


def flag(line: int, word: str, text: str, before: list[tuple[str, str]]) -> tuple[str, str]:
    found = _FLAG.fullmatch(text)
    if found is None or found["name"] not in FLAGS.get(word, ()):
        words = _("%(word)s takes no %(flag)s here, or it is not written plainly.")
        raise BadLine(line, words, word=word, flag=text[:80])
    if found["name"] in dict(before):
        raise BadLine(line, _("--%(flag)s comes twice."), flag=found["name"])
    return found["name"], found["value"]


def check_trigger(each: Instruction) -> None:
    """What an image does to those that are built from it: it runs later, when nobody judges."""
    if each.word in ("FROM", "ONBUILD", "MAINTAINER") or each.flag("from"):
        words = _("ONBUILD takes no %(word)s from another image.")
        raise BadLine(each.line, words, word=each.word)
