"""Form fields that hold what ``docker run`` flags hold, as text that is written and read alike."""

import shlex
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from access.form_attrs import PLAIN
from engine.command_reader import MOST_VALUES
from engine.flag_values import BAD_PAIR, parse_pair
from engine.flags import BY_NAME
from engine.sentences import BadValue
from web.wording import worded


class FlagField(forms.CharField):
    """The value of one flag of ``docker run``, by its long name; ``empty`` where it is blank."""

    def __init__(self, flag: str, empty: Any = 0, placeholder: str = "", **options: Any) -> None:
        widget = forms.TextInput(attrs=PLAIN | {"placeholder": placeholder})
        super().__init__(required=False, max_length=200, widget=widget, **options)
        self.flag, self.empty = BY_NAME[flag], empty

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return self.empty
        try:
            return self.flag.parse(text)
        except BadValue as error:
            raise forms.ValidationError(worded(error.sentence)) from error

    def text_of(self, value: Any) -> str:
        return "" if value == self.empty else str(self.flag.format(value))


class WordsField(forms.CharField):
    """Words as a shell reads them, quotes and all, as a tuple; ``empty`` where it is blank."""

    def __init__(self, empty: tuple[str, ...] | None = (), **options: Any) -> None:
        widget = forms.Textarea(attrs=PLAIN | {"rows": 1, "class": "mono"})
        super().__init__(required=False, max_length=20_000, widget=widget, **options)
        self.empty = empty

    def clean(self, value: Any) -> Any:
        text = super().clean(value).replace("\r\n", "\n")
        try:
            return tuple(shlex.split(text)) if text else self.empty
        except ValueError:
            raise forms.ValidationError(_("A quote is opened here and not closed.")) from None

    def text_of(self, words: tuple[str, ...] | None) -> str:
        return "" if words == self.empty else shlex.join(words or ())


class LinesField(forms.CharField):
    """The values of a repeated flag, one a line, as a tuple; blank lines and # lines say nothing.

    The script makes rows of it, by the flag's name.
    """

    def __init__(self, flag: str, placeholder: str = "", **options: Any) -> None:
        marks = {"rows": 3, "class": "mono", "data-rows": flag, "placeholder": placeholder}
        widget = forms.Textarea(attrs=PLAIN | marks)
        super().__init__(required=False, strip=False, max_length=200_000, widget=widget, **options)
        self.flag = BY_NAME[flag]

    def clean(self, value: Any) -> Any:
        found, errors = self.read(super().clean(value))
        if errors:
            raise forms.ValidationError(errors)
        return found

    def read(self, text: str) -> tuple[tuple[Any, ...], list[str]]:
        """The values of the lines that can be read, and a sentence for each that cannot."""
        found: list[Any] = []
        errors: list[str] = []
        for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            try:
                found += self.values_of(line)
            except BadValue as error:
                told = {"number": number, "sentence": worded(error.sentence)}
                errors.append(_("Line %(number)d: %(sentence)s") % told)
            if len(found) > MOST_VALUES:
                errors.append(_("There are more than 2,000 of them."))
                break
        return tuple(found), errors

    def values_of(self, line: str) -> tuple[Any, ...]:
        """Blanks at the end belong to a value of env or label, and to nothing else."""
        exact = self.flag.parse is parse_pair
        line = line.lstrip() if exact else line.strip()
        if self.flag.name == "env" and "=" not in line:
            raise BadValue(BAD_PAIR, value=line)
        value = self.flag.parse(line)
        return tuple(value) if self.flag.expands else (value,)

    def holds(self, value: Any) -> bool:
        """Whether a line here can say it: a value of several lines cannot."""
        line = self.flag.format(value)
        if not line.strip() or "\n" in line or "\r" in line or line.startswith("#"):
            return False
        try:
            return self.values_of(line) == (value,)
        except BadValue:
            return False

    def text_of(self, values: Iterable[Any]) -> str:
        return "\n".join(self.flag.format(value) for value in values)


class TakenField(forms.Field):
    """What an image offers and somebody ticked, each as ``flag line``; cleaned, the values by the
    field that they go to. What cannot be read was not offered, and says nothing."""

    def __init__(self, goes_to: Mapping[str, str]) -> None:
        super().__init__(required=False, widget=forms.MultipleHiddenInput)
        self.goes_to = goes_to

    def clean(self, value: Any) -> Any:
        found: dict[str, list[Any]] = {}
        for each in (value or ())[:MOST_VALUES]:
            flag, _space, line = str(each).partition(" ")
            if flag in self.goes_to and line:
                values = found.setdefault(self.goes_to[flag], [])
                with suppress(BadValue):
                    values += LinesField(flag).values_of(line)
                if len(values) > MOST_VALUES:  # one range may be a thousand ports
                    raise forms.ValidationError(_("There are more than 2,000 of them."))
        return found
