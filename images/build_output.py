"""The engine's output of a build → lines for people to read, and the ids of what it made."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from access.secrets import MASK, looks_secret, masked_text
from jobs.progress import Progress

LONGEST_OPEN = 16 * 1024
LONGEST_RAW, LONGEST = 4000, 1000  # characters of a line, with its escapes and as it is kept
MOST_AT_ONCE = 500  # a program that floods does not hold up everybody else
SHORTEST_SECRET = 4
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])?")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MADE = re.compile(r" ---> ([0-9a-f]{12})\n")


class Output:
    """``stages`` are the ids (64 hex digits) of whole stages; ``last`` is the step that ended last,
    as the output has it, where a program could have written the same.
    """

    def __init__(
        self,
        progress: Progress,
        args: Iterable[tuple[str, str]] = (),
        names: Mapping[str, str] | None = None,
    ) -> None:
        """``names`` of the images whose ids stand in the steps in their place."""
        self._names = names or {}
        self.stages: list[str] = []
        self.last = ""
        self._progress, self._open = progress, ""
        secret = (value for name, value in args if looks_secret(name, value))
        self._secrets = [value for value in secret if len(value) >= SHORTEST_SECRET]

    def take(self, item: Mapping[str, Any]) -> None:
        aux = item.get("aux")
        if isinstance(aux, dict) and aux.get("ID"):
            self.stages.append(str(aux["ID"]).removeprefix("sha256:"))
        text = str(item.get("stream") or item.get("status") or "")
        if made := _MADE.fullmatch(text):
            self.last = made[1]
        *lines, self._open = (self._open + text).split("\n")
        self._open = self._open[-LONGEST_OPEN:]
        if (more := len(lines) - MOST_AT_ONCE) > 0:
            self._progress.line(_("… %(count)d lines are left out") % {"count": more})
        for line in lines[-MOST_AT_ONCE:]:
            self.say(line)

    def say(self, line: str) -> None:
        if line := self.readable(line):
            self._progress.line(line)

    def end(self) -> None:
        self.say(self._open)
        self._open = ""

    def readable(self, line: str) -> str:
        """As a terminal would leave it standing, without colours and secrets."""
        text = _ESCAPES.sub("", line[:LONGEST_RAW]).rstrip("\r").rpartition("\r")[2]
        text = _CONTROLS.sub("", text).rstrip()
        for id, name in self._names.items() if text.startswith("Step ") else ():
            text = text.replace(f"sha256:{id}", name)
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return masked_text(text[:LONGEST])
