"""What a client may say to the log socket; everything else breaks the protocol."""

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from containers.log_range import STREAMS, moment
from engine.feed import LogRange
from engine.log_search import CONTEXT, MOST, Wanted

MOST_TEXT = 16 * 1024
MOST_CONTEXT = 10
MOST_HITS = 5000
PATIENCE = 2000  # messages that say nothing new
PER_SECOND = 100.0  # so many of them are forgiven


class BadMessage(Exception):
    """The protocol is broken; ``sentence`` says how."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


@dataclass(frozen=True, slots=True)
class Ack:
    total: int


@dataclass(frozen=True, slots=True)
class Pause:
    on: bool


@dataclass(frozen=True, slots=True)
class Search:
    """``problem`` is a sentence where nothing can be looked for."""

    id: int
    wanted: Wanted
    within: LogRange
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Cancel:
    pass


@dataclass(frozen=True, slots=True)
class Follow:
    id: str


Message = Ack | Pause | Search | Cancel | Follow


def parse(text: str | None) -> Message:
    """One text message. Raises BadMessage."""
    if text is None:
        raise BadMessage(_("This socket takes text messages only."))
    if len(text) > MOST_TEXT:
        raise BadMessage(_("This message is too long."))
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage(_("This message is not JSON.")) from None
    if not isinstance(said, dict) or len(said) != 1:
        raise BadMessage(_("A message is an object with one field."))
    ((name, value),) = said.items()
    if name == "ack" and type(value) is int:
        return Ack(value)
    if name == "pause" and isinstance(value, bool):
        return Pause(value)
    if name == "search" and isinstance(value, dict):
        return search(value)
    if name == "cancel" and value is True:
        return Cancel()
    if name == "follow" and isinstance(value, str):
        return Follow(value)
    raise BadMessage(_("This message is not known here."))


class SearchForm(forms.Form):
    """The fields of a search; only ``text`` is needed."""

    text = forms.CharField(max_length=1000, strip=False)
    regex = forms.BooleanField(required=False)
    case = forms.BooleanField(required=False)
    context = forms.IntegerField(min_value=0, max_value=MOST_CONTEXT, required=False)
    most = forms.IntegerField(min_value=1, max_value=MOST_HITS, required=False)
    since = forms.CharField(max_length=40, required=False)
    until = forms.CharField(max_length=40, required=False)
    stream = forms.ChoiceField(choices=STREAMS, required=False)

    def clean_since(self) -> int | None:
        return moment(self.cleaned_data["since"])

    def clean_until(self) -> int | None:
        return moment(self.cleaned_data["until"])


def search(said: dict[str, Any]) -> Search:
    """A search as it was asked for. Raises BadMessage where it has no number."""
    number = said.get("id")
    if type(number) is not int or not 0 <= number < 2**32:
        raise BadMessage(_("A search needs a number of its own."))
    form = SearchForm(said)
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        told = gettext_lazy("%(field)s: %(error)s") % {"field": name, "error": errors[0]}
        return Search(number, Wanted(""), LogRange(), str(told))
    fields = form.cleaned_data
    context = CONTEXT if fields["context"] is None else fields["context"]
    most = fields["most"] or MOST
    return Search(
        number,
        Wanted(fields["text"], fields["regex"], fields["case"], context, most),
        LogRange(
            tail=None,
            since_ns=fields["since"],
            until_ns=fields["until"],
            stdout=fields["stream"] != "stderr",
            stderr=fields["stream"] != "stdout",
            follow=False,
        ),
    )


class Patience:
    """Counts messages that say nothing new. Pure; times in seconds."""

    def __init__(self, now: float) -> None:
        self._spent, self._at = 0.0, now

    def lasts(self, now: float) -> bool:
        """Whether one more is borne."""
        self._spent = max(0.0, self._spent - (now - self._at) * PER_SECOND) + 1
        self._at = now
        return self._spent <= PATIENCE
