"""A pasted ``docker run`` line as a ``ContainerSpec``: nothing lost, nothing guessed. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.flags import BY_LETTER, BY_NAME, JOINED, UNCARRIED, UNCARRIED_LETTERS, Flag
from engine.sentences import BadValue, Sentence, gettext_noop
from engine.shell_words import Command, Script, Word, split_script
from engine.specs import ContainerSpec, NetworkSpec

NO_RUN = gettext_noop("There is no “docker run” in this text.")
OTHERS = gettext_noop("Only the docker run command was read; the other commands were left out.")
OPEN_QUOTE = gettext_noop("A quote is opened and not closed: the line may be cut off.")
EXPANSION = gettext_noop("A shell would replace %(part)s in “%(word)s”: write its value instead.")
FROM_SHELL = gettext_noop("%(name)s takes its value from your shell: fill it in.")
UNKNOWN = gettext_noop(
    "%(flag)s is not a flag that this form knows. It stays in sight until you take it out."
)
DASH = gettext_noop("“%(word)s” was read as %(flag)s: a word processor made its dashes long.")
CURLY = gettext_noop("Curly quotes were read as plain ones: look whether that was meant.")
TOO_MANY = gettext_noop("%(flag)s is there more than 2,000 times: the rest was left out.")
NO_VALUE = gettext_noop("%(flag)s needs a value.")

MOST_VALUES = 2000  # of one flag
_FENCE = re.compile(r"^[ \t]*(?:```|~~~).*$", re.MULTILINE)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_SERVICE = re.compile(r"ExecStart=[-@:+!]*")  # of a systemd unit
_BEFORE = ("sudo", "doas", "time", "nohup", "exec", "winpty")
_LONG_DASHES = "\u2013\u2014\u2212"
_TELLING = {"-e": "=", "-p": ":", "-v": ":"}  # what the value of such a letter has in it
_CLIENTS = ("docker", "podman", "nerdctl")
_CLIENT_VALUES = ("-H", "--host", "-c", "--context", "--config", "-l", "--log-level")
_JOINED_FIELDS = {flag.field for flag in JOINED}


@dataclass(frozen=True, slots=True)
class Parsed:
    """``unknown``: flags that no field holds, as ``--flag=value``; ``notes`` say what to mind;
    ``expansions`` are the parts that a shell would have replaced, as they stand in the spec."""

    spec: ContainerSpec
    unknown: tuple[str, ...] = ()
    notes: tuple[Sentence, ...] = ()
    expansions: tuple[str, ...] = ()


def from_line(text: str) -> Parsed:
    """Read the first ``docker run`` in ``text``: README fences, prompts, sudo and \\ welcome.

    Never fails: without one the spec has no image and a note says so.
    """
    text = _SERVICE.sub("", _FENCE.sub("", text))
    script = split_script(text.strip().strip("`"))
    for command in script.commands:
        words = _arguments(command.words)
        if words is not None:
            reader = _Reader(words, _script_notes(script, command))
            return reader.read()
    return Parsed(ContainerSpec(""), (), (Sentence(NO_RUN),))


def from_flags(text: str, image: str) -> Parsed:
    """Read flags alone, on one line or many, as if ``image`` followed them."""
    script = split_script(text)
    words = [word for command in script.commands for word in command.words]
    cut = any(command.ended_by not in ("", "\n") for command in script.commands)
    notes = [Sentence(OTHERS)] * cut + _quote_notes(script)
    return _Reader([*words, Word(image)], notes).read()


def _script_notes(script: Script, command: Command) -> list[Sentence]:
    others = [each for each in script.commands if each is not command and not _only_sets(each)]
    return [Sentence(OTHERS)] * bool(others) + _quote_notes(script)


def _only_sets(command: Command) -> bool:
    """Variables, whose values stand in the words that name them."""
    words = command.words
    return all(_ASSIGNMENT.match(word.text) for word in words[words[0].text == "export" :])


def _quote_notes(script: Script) -> list[Sentence]:
    return [Sentence(OPEN_QUOTE)] * script.open_quote + [Sentence(CURLY)] * script.curly


def _arguments(words: Sequence[Word]) -> Sequence[Word] | None:
    """What follows ``[sudo …] docker [options] [container] run``, or None."""
    texts = [word.text for word in words]
    at = 0
    while at < len(texts) and (_ASSIGNMENT.match(texts[at]) or texts[at] in _BEFORE):
        at += 1
        while texts[at - 1] == "sudo" and texts[at : at + 1] and texts[at].startswith("-"):
            at += 2 if texts[at] in ("-u", "-g") else 1
    if at >= len(texts) or texts[at].rpartition("/")[2] not in _CLIENTS:
        return None
    at += 1
    while at < len(texts) and texts[at].startswith("-"):
        at += 2 if texts[at] in _CLIENT_VALUES else 1
    at += texts[at : at + 1] == ["container"]
    return words[at + 1 :] if texts[at : at + 1] in (["run"], ["create"]) else None


@dataclass
class _Reader:
    words: Sequence[Word]
    notes: list[Sentence]
    at: int = 0
    values: dict[str, Any] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    full: set[str] = field(default_factory=set)  # fields that hold as many values as they may

    def read(self) -> Parsed:
        while self.at < len(self.words):
            text = self._plain(self.words[self.at].text)
            if not text.startswith("-") or text == "-":
                break
            self.at += 1
            if text == "--":
                break
            if text.startswith("--"):
                self._long(text)
            else:
                self._letters(text)
        image, *command = [word.text for word in self.words[self.at :]] or [""]
        self._note_expansions()
        spec = ContainerSpec(image, tuple(command), **_joined(self.values))
        parts = dict.fromkeys(part for word in self.words for part in word.expansions)
        return Parsed(spec, tuple(self.unknown), tuple(self.notes), tuple(parts))

    def _plain(self, text: str) -> str:
        """A flag with plain dashes, where it had long ones and there is such a flag."""
        bare = text.lstrip(_LONG_DASHES + "-")
        name = bare.partition("=")[0]
        if text[:1] not in _LONG_DASHES or not text or not bare:
            return text
        if name in BY_NAME or name in UNCARRIED:
            flag = f"--{bare}"
        elif all(letter in BY_LETTER for letter in name):
            flag = f"-{bare}"
        else:
            return text
        self._note(DASH, word=text, flag=flag)
        return flag

    def _note_expansions(self) -> None:
        for word in self.words:
            if word.expansions:
                parts = ", ".join(dict.fromkeys(word.expansions))
                self._note(EXPANSION, part=parts, word=word.text)

    def _note(self, text: str, **values: object) -> None:
        self.notes.append(Sentence(text, values))

    def _long(self, text: str) -> None:
        name, equals, value = text[2:].partition("=")
        given = value if equals else None
        if name in BY_NAME:
            self._set(BY_NAME[name], given)
        elif name in UNCARRIED:
            self._uncarried(name, given)
        else:
            self._unknown(text, given)

    def _letters(self, text: str) -> None:
        """``-itd``, ``-p80:80``, ``-p=80:80``, ``-itp 80:80``."""
        for place, letter in enumerate(text[1:], start=1):
            following = text[place + 1 : place + 2]
            flag, name = BY_LETTER.get(letter), UNCARRIED_LETTERS.get(letter)
            switch = flag.switch if flag else name is not None and not UNCARRIED[name][1]
            ends = following == "=" or (bool(following) and not (switch and (flag or name)))
            given = text[place + 1 :].removeprefix("=") if ends else None
            if flag:
                self._set(flag, given)
            elif name:
                self._uncarried(name, given)
            else:
                self._unknown(f"-{text[place:]}", given)
            if given is not None or not (flag or name):
                return

    def _next(self, flag: str) -> str | None:
        if self.at >= len(self.words):
            self._note(NO_VALUE, flag=flag)
            return None
        self.at += 1
        return self.words[self.at - 1].text

    def _set(self, flag: Flag, given: str | None) -> None:
        text = "true" if flag.switch and given is None else given
        text = self._next(f"--{flag.name}") if text is None else text
        if text is None:
            return
        if flag.field in self.full:
            self.unknown.append(f"--{flag.name}={text}")
            return
        try:
            value = flag.parse(text)
        except BadValue as error:
            self.unknown.append(f"--{flag.name}={text}")
            self.notes.append(error.sentence)
            return
        if flag.field == "env" and "=" not in text:
            self._note(FROM_SHELL, name=text)
        if flag.many:
            added = value if flag.expands else (value,)
            value = (*self.values.get(flag.field, ()), *added)
            if len(value) > MOST_VALUES:
                self._is_full(flag, text)
                return
        self.values[flag.field] = value

    def _is_full(self, flag: Flag, text: str) -> None:
        """What comes of it from now on is not even read: one range may be a thousand ports."""
        self.full.add(flag.field)
        self.unknown.append(f"--{flag.name}={text}")
        self._note(TOO_MANY, flag=f"--{flag.name}")

    def _uncarried(self, name: str, given: str | None) -> None:
        why, takes_value = UNCARRIED[name]
        text = self._next(f"--{name}") if takes_value and given is None else given
        self._note(why, flag=f"--{name}")
        self.unknown.append(f"--{name}" if text is None else f"--{name}={text}")

    def _unknown(self, text: str, given: str | None) -> None:
        """A word between an unknown flag and a known one can only be its value, not an image."""
        words = [word.text for word in self.words[self.at : self.at + 3]]
        value, flag, its_value = (*words, "", "", "")[:3]
        if given is None and not value.startswith("-") and _is_flag(flag, its_value):
            text = f"{text}={value}"
            self.at += 1
        self._note(UNKNOWN, flag=text)
        self.unknown.append(text)


def _is_flag(word: str, following: str) -> bool:
    """Whether ``word`` is a flag of the line, and not of the command in the image: there a letter
    has another meaning (``node -v``), unless a value of ours follows."""
    if word.startswith("--"):
        return word[2:].partition("=")[0] in BY_NAME
    return word in _TELLING and _TELLING[word] in following[1:]


def _joined(values: dict[str, Any]) -> dict[str, Any]:
    """Values of flags that share a field with others put in their place."""
    plain = {name: value for name, value in values.items() if name not in _JOINED_FIELDS}
    if "entrypoint" in values:
        plain["entrypoint"] = (values["entrypoint"],)
    if values.get("no_healthcheck"):
        plain["health_test"] = ("NONE",)
    elif values.get("health_cmd"):
        plain["health_test"] = ("CMD-SHELL", values["health_cmd"])
    endpoint = {f: values[f] for f in ("aliases", "ip", "ip6", "link_local_ips") if f in values}
    if endpoint:
        first, *others = plain.get("networks", ()) or (NetworkSpec("default"),)
        plain["networks"] = (replace(first, **endpoint), *others)
    return plain
