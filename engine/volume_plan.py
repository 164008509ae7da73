"""What a new volume is made with: typed, written as a body and as words of a line. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.sentences import Sentence, gettext_noop
from engine.spec_problems import Problem
from engine.spec_values import MountFlag, MountSpec, Pairs, sub_pairs

LONGEST_NAME = 200
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+")
_MADE_UP = re.compile(r"[0-9a-f]{64}")  # prune takes what is called like that for nobody's


@dataclass(frozen=True, slots=True)
class VolumePlan:
    """One field for each option of ``docker volume create``, named as the option is."""

    name: str
    driver: str = "local"
    labels: Pairs = ()
    options: Pairs = ()

    @classmethod
    def of_mount(cls, mount: MountSpec, driver: str, labels: Pairs) -> "VolumePlan":
        """What an engine would make for a mount that names it; ``driver`` is ``--volume-driver``,
        which counts for ``-v`` alone, ``labels`` come on top."""
        given = dict(mount.options)
        driver = driver if mount.flag is MountFlag.VOLUME else given.get("volume-driver", "")
        said, options = (sub_pairs(mount.options, f"volume-{word}") for word in ("label", "opt"))
        pairs = (*said.items(), *labels)
        return cls(mount.source, driver or "local", pairs, tuple(options.items()))

    def to_body(self) -> dict[str, Any]:
        """The body of ``POST /volumes/create``."""
        body: dict[str, Any] = {"Name": self.name, "Driver": self.driver}
        if self.labels:
            body["Labels"] = dict(self.labels)
        if self.options:
            body["DriverOpts"] = dict(self.options)
        return body

    def words(self) -> list[str]:
        """What stands behind ``docker volume create``."""
        return [
            *([f"--driver={self.driver}"] if self.driver != "local" else []),
            *(f"--label={name}={value}" for name, value in self.labels),
            *(f"--opt={name}={value}" for name, value in self.options),
            self.name,
        ]

    def problems(self) -> list[Problem]:
        """What the engine would refuse, or do other than meant; each names its field."""
        return [*self._name(), *self._pairs()]

    def _name(self) -> Iterator[Problem]:
        if not _NAME.fullmatch(self.name) or len(self.name) > LONGEST_NAME:
            text = gettext_noop(
                "A name has two characters or more: letters, digits, _ . or -, and begins with a"
                " letter or digit."
            )
            yield Problem("name", Sentence(text))
        elif _MADE_UP.fullmatch(self.name):
            text = gettext_noop("This name looks like one that the engine made up: choose another.")
            yield Problem("name", Sentence(text))

    def _pairs(self) -> Iterator[Problem]:
        for field, pairs in (("labels", self.labels), ("options", self.options)):
            if any(not name for name, _value in pairs):
                text = gettext_noop("Each needs a name: write name=value.")
                yield Problem(field, Sentence(text))
