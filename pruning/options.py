"""How far a prune goes: all or what is surely rubbish, how old, with which labels."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.form_attrs import PLAIN
from engine.command_line import verb_line
from engine.leftovers import Leftover
from pruning.what import What

AGE = re.compile(r"(\d{1,5})([smhdw])")
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
MOST_LABELS = 20


@dataclass(frozen=True, slots=True)
class LabelWord:
    """``key`` or ``key=value``; ``negated``: those without it."""

    key: str
    value: str | None = None
    negated: bool = False

    def fits(self, labels: Mapping[str, str]) -> bool:
        has = self.key in labels and self.value in (None, labels[self.key])
        return has != self.negated

    @property
    def option(self) -> str:
        """As ``docker … prune --filter`` takes it."""
        text = self.key if self.value is None else f"{self.key}={self.value}"
        return f"label!={text}" if self.negated else f"label={text}"


@dataclass(frozen=True, slots=True)
class Options:
    """``older`` in seconds, 0 for any age; ``volumes``: anonymous ones go with their containers."""

    everything: bool = False
    older: int = 0
    labels: tuple[LabelWord, ...] = ()
    volumes: bool = False

    def fits(self, thing: Leftover, now: datetime | None = None) -> bool:
        """What tells no age is never older than anything."""
        if self.older:
            limit = (now or datetime.now(UTC)) - timedelta(seconds=self.older)
            if thing.since is None or thing.since > limit:
                return False
        return all(word.fits(thing.labels) for word in self.labels)

    def line(self, what: What) -> str:
        """The equal ``docker`` line; anonymous volumes would need one of their own."""
        filters = [f"until={self.older}s"] if self.older else []
        filters += [word.option for word in self.labels]
        words = [part for text in filters for part in ("--filter", text)]
        return verb_line(*what.words, *["--all"] * self.everything, *words)

    def recorded(self) -> dict[str, Any]:
        return {
            "everything": self.everything,
            "older": self.older,
            "labels": [word.option for word in self.labels],
            "volumes": self.volumes,
        }


class OptionsForm(forms.Form):
    """The options of one kind, from an address; ``options()`` once it is valid."""

    everything = forms.BooleanField(required=False)
    volumes = forms.BooleanField(
        label=gettext_lazy("Their anonymous volumes, too: the data in them is lost"),
        required=False,
    )
    older = forms.CharField(
        label=gettext_lazy("Older than"),
        max_length=6,
        required=False,
        widget=forms.TextInput(attrs=PLAIN | {"placeholder": "24h"}),
    )
    labels = forms.CharField(
        label=gettext_lazy("Labels"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("team=shop, or -keep for those without it. All must fit."),
        widget=forms.TextInput(attrs=PLAIN | {"placeholder": "stage=test -keep"}),
    )

    def __init__(self, what: What, data: Any) -> None:
        super().__init__(data, auto_id="prune-%s")
        takes = {
            "everything": bool(what.everything),
            "volumes": what.volumes,
            "older": what.age,
            "labels": what.labels,
        }
        self.strange = [name for name, taken in takes.items() if not taken]
        for name in self.strange:
            del self.fields[name]
        if what.everything:
            self.fields["everything"].label = str(what.everything)
        if what.slug == "build-cache":
            self.fields["older"].label = _("Not used for")

    def clean_older(self) -> int:
        text = self.cleaned_data["older"].strip().lower()
        found = AGE.fullmatch(text)
        if text and found is None:
            raise forms.ValidationError(
                _("“%(text)s” is no age: write 90m, 24h, 7d or 2w.") % {"text": text}
            )
        return int(found[1]) * UNITS[found[2]] if found else 0

    def clean_labels(self) -> tuple[LabelWord, ...]:
        try:
            words = shlex.split(self.cleaned_data["labels"])
        except ValueError:
            raise forms.ValidationError(_("A quotation mark is not closed.")) from None
        if len(words) > MOST_LABELS:
            raise forms.ValidationError(_("At most %(n)d labels.") % {"n": MOST_LABELS})
        return tuple(label_word(word) for word in words)

    def options(self) -> Options:
        return Options(**{name: value for name, value in self.cleaned_data.items() if value})


def label_word(word: str) -> LabelWord:
    """``key``, ``key=value``, either with ``-`` before it, and with ``label:`` as in lists."""
    negated = word.startswith("-")
    key, equals, value = word.removeprefix("-").removeprefix("label:").partition("=")
    if not key:
        raise forms.ValidationError(_("“%(word)s” names no label.") % {"word": word})
    return LabelWord(key, value if equals else None, negated)
