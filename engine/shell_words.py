"""What a person pastes from a README or a shell, cut into commands and words. Pure.

Words keep ``$VAR``, ``$(command)`` and ``<placeholders>`` as text and name them: this is not a
shell and runs nothing. A backslash, a caret (cmd) or a backtick (PowerShell) at the end of a line
continues it; a ``> `` prompt on the next line is dropped. What word processors make of blanks,
quotes and dashes is read as what was meant, and variables that earlier lines set have their value.
"""

import re
from dataclasses import dataclass, field

_PROMPT = re.compile(r"[ \t\xa0]*[\w.@~:/\[\]-]*(?:[$%][ \t]+|#[ \t]+(?=sudo\b|docker\b|podman\b))")
_CONTINUATION = re.compile(
    r"(?:\\|(?<=[ \t\xa0])[`^])[ \t\xa0]*\n[ \t\xa0]*(?:>[ \t]+)?"
    r"(?:(?:#[^\n]*\n)(?:[ \t]*#[^\n]*\n)*(?=[ \t]|-))?"  # a comment between two lines of one
)
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_DRIVE = re.compile(r"(?:.*[=,])?[A-Za-z]:")  # C: of a path on Windows
_VARIABLE = re.compile(r"\$(?:\w+|\{[^}\n]*\}|[@*?$!#-])")
_PLACEHOLDER = re.compile(r"<[\w][\w .:/-]*>")
_OPERATORS = re.compile(r"&&|\|\||;;|[;&|\n]|\d?(?:>>|>|<)&?")
_ANSI_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "'": "'", '"': '"', "e": "\x1b"}
_BLANK = " \t\xa0"
_CURLY = {"\u201c": "\u201d", "\u2018": "\u2019"}


@dataclass(frozen=True, slots=True)
class Word:
    """One word, unquoted; ``expansions`` are the parts that a shell would have replaced."""

    text: str
    expansions: tuple[str, ...] = ()


@dataclass(slots=True)
class Command:
    """The words up to an operator; ``ended_by`` is that operator, "" at the end of the text."""

    words: list[Word] = field(default_factory=list)
    ended_by: str = ""


@dataclass(frozen=True, slots=True)
class Script:
    """``curly``: quotes as a word processor writes them were read as plain ones."""

    commands: tuple[Command, ...]
    open_quote: bool = False
    curly: bool = False


def split_script(text: str) -> Script:
    """All commands in ``text``; never fails: an open quote takes the rest and is told."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n").replace("\0", "")
        self.at = 0
        self.commands = [Command()]
        self.word: list[str] | None = None
        self.expansions: list[str] = []
        self.open_quote = self.curly = False
        self.known: dict[str, Word] = {}  # variables that earlier commands set

    def read(self) -> Script:
        self._skip_prompt()
        while self.at < len(self.text):
            self._step()
        self._end_word()
        commands = tuple(command for command in self.commands if command.words)
        return Script(commands, self.open_quote, self.curly)

    def _step(self) -> None:
        char = self.text[self.at]
        if match := _CONTINUATION.match(self.text, self.at):
            self._end_word_at_blank(match.group())
            self.at = match.end()
        elif char in _BLANK:
            self._end_word()
            self.at += 1
        elif char == "#" and self.word is None:
            end = self.text.find("\n", self.at)
            self.at = len(self.text) if end < 0 else end
        elif char == "<" and (match := _PLACEHOLDER.match(self.text, self.at)):
            self._expansion(match.group())
        elif match := self._operator():
            self.at = match.end()
            self._end_command(match.group())
        else:
            self._piece(char)

    def _operator(self) -> re.Match[str] | None:
        """A digit before > or < is part of the operator only at the start of a word."""
        match = _OPERATORS.match(self.text, self.at)
        in_word = match is not None and match.group()[0].isdigit() and self.word is not None
        return None if in_word else match

    def _piece(self, char: str) -> None:
        if char == "\\":
            self._backslash()
        elif char == "'":
            self._single_quoted()
        elif char == '"':
            self._double_quoted()
        elif self.text.startswith("$'", self.at):
            self._ansi_quoted()
        elif char in _CURLY and self._opens_word():
            self._curly_quoted(_CURLY[char])
        elif char in "$`":
            self._dollar()
        elif char == "~" and self.word is None and self._tilde():
            self._expansion("~")
        else:
            self._add(char)
            self.at += 1

    def _backslash(self) -> None:
        """It stands in a path that begins with a drive's letter: nobody escapes letters there."""
        following = self.text[self.at + 1 : self.at + 2]
        path = self.word is not None and bool(_DRIVE.match("".join(self.word)))
        self._add("\\" + following if path and following.isalnum() else following)
        self.at += 2

    def _opens_word(self) -> bool:
        return not self.word or self.word[-1].endswith("=")

    def _curly_quoted(self, closing: str) -> None:
        end = self.text.find(closing, self.at + 1)
        if end < 0:
            self._add(self.text[self.at])
            self.at += 1
            return
        self.curly = True
        self._add(self.text[self.at + 1 : end])
        self.at = end + 1

    def _tilde(self) -> bool:
        return self.text[self.at + 1 : self.at + 2] in ("", "/", " ", ":", "\n")

    def _add(self, text: str) -> None:
        if self.word is None:
            self.word = []
        self.word.append(text)

    def _expansion(self, text: str) -> None:
        self._add(text)
        self.expansions.append(text)
        self.at += len(text)

    def _single_quoted(self) -> None:
        end = self.text.find("'", self.at + 1)
        self.open_quote |= end < 0
        end = len(self.text) if end < 0 else end
        self._add(self.text[self.at + 1 : end])
        self.at = end + 1

    def _ansi_quoted(self) -> None:
        self.at += 2
        self._add("")
        while self.at < len(self.text) and self.text[self.at] != "'":
            char = self.text[self.at]
            if char == "\\":
                self.at += 1
                escaped = self.text[self.at : self.at + 1]
                char = _ANSI_ESCAPES.get(escaped, f"\\{escaped}")
            self._add(char)
            self.at += 1
        self.open_quote |= self.at >= len(self.text)
        self.at += 1

    def _double_quoted(self) -> None:
        self.at += 1
        self._add("")
        while self.at < len(self.text) and self.text[self.at] != '"':
            char = self.text[self.at]
            if char == "\\" and self.text[self.at + 1 : self.at + 2] in ("$", "`", '"', "\\", "\n"):
                self._add(self.text[self.at + 1].replace("\n", ""))
                self.at += 2
            elif char in "$`":
                self._dollar()
            else:
                self._add(char)
                self.at += 1
        self.open_quote |= self.at >= len(self.text)
        self.at += 1

    def _dollar(self) -> None:
        """``$(…)``, ``${…}``, ``$VAR`` and backticks, as they stand; a lone $ is a $."""
        if self.text.startswith("$(", self.at):
            self._expansion(self.text[self.at : self._closing_bracket()])
        elif match := _VARIABLE.match(self.text, self.at):
            self._variable(match.group())
        elif self.text[self.at] == "`" and (end := self.text.find("`", self.at + 1)) > 0:
            self._backticked(self.text[self.at : end + 1])
        else:
            self._add(self.text[self.at])
            self.at += 1

    def _variable(self, text: str) -> None:
        if (known := self.known.get(text.strip("${}"))) is None:
            return self._expansion(text)
        self._add(known.text)
        self.expansions += known.expansions
        self.at += len(text)

    def _backticked(self, text: str) -> None:
        """A comment in backticks, as some pages mark what is optional, comes to nothing."""
        if text[1:].lstrip().startswith("#"):
            self.at += len(text)
        else:
            self._expansion(text)

    def _closing_bracket(self) -> int:
        depth = 0
        for place in range(self.at + 1, len(self.text)):
            depth += {"(": 1, ")": -1}.get(self.text[place], 0)
            if depth == 0:
                return place + 1
        self.open_quote = True
        return len(self.text)

    def _end_word_at_blank(self, gap: str) -> None:
        """A shell joins what a backslash divides; only blanks around it end the word."""
        if gap[-1] in _BLANK or gap[0] != "\\":
            self._end_word()

    def _end_word(self) -> None:
        if self.word is not None:
            word = Word("".join(self.word), tuple(self.expansions))
            self.commands[-1].words.append(word)
            self.word, self.expansions = None, []

    def _end_command(self, operator: str) -> None:
        self._end_word()
        self.commands[-1].ended_by = operator
        self._remember(self.commands[-1].words)
        self.commands.append(Command())
        if operator == "\n":
            self._skip_prompt()

    def _remember(self, words: list[Word]) -> None:
        """A command of assignments alone sets them for those that follow."""
        words = words[1:] if words and words[0].text == "export" else words
        if all(_ASSIGNMENT.match(word.text) for word in words):
            for word in words:
                name, _equals, value = word.text.partition("=")
                self.known[name] = Word(value, word.expansions)

    def _skip_prompt(self) -> None:
        """``$ ``, ``# ``, ``me@host:~$ `` before a command are what a page shows, not words."""
        match = _PROMPT.match(self.text, self.at)
        if match:
            self.at = match.end()
