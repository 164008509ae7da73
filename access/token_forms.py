"""The form that makes an API token: no more than its maker has."""

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.form_attrs import PLAIN
from access.models import ApiToken, User
from access.rights import RIGHTS, Danger
from access.tokens import DAYS, MOST_DAYS, MOST_EACH, grantable

GROUPS: tuple[tuple[Danger, str | Promise], ...] = (
    (Danger.READ, gettext_lazy("Look")),
    (Danger.CHANGE, gettext_lazy("Change")),
    (Danger.HOST, gettext_lazy("Reach into containers and secrets")),
)
MOST_NETWORKS = 20
TICKED = ("host.see", "container.see", "container.logs", "image.see", "job.see")


class TokenForm(forms.Form):
    """``rights`` offers what the maker has somewhere now, ``hosts`` what they see."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=30,
        help_text=gettext_lazy("What uses it: the record names it with everything it does."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.IntegerField(
        label=gettext_lazy("Ends after days"), min_value=1, max_value=MOST_DAYS, initial=DAYS
    )
    networks = forms.CharField(
        label=gettext_lazy("Only from addresses"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Ranges such as 10.1.0.0/16, parted by commas. Empty: from any."),
        widget=forms.TextInput(attrs=PLAIN),
    )
    hosts = forms.MultipleChoiceField(
        label=gettext_lazy("Only on hosts"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    rights = forms.MultipleChoiceField(
        label=gettext_lazy("May"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick at least one right.")},
    )

    def __init__(self, data: Any, maker: User, hosts: list[str]) -> None:
        offered = grantable(maker)
        super().__init__(data, initial={"rights": [n for n in TICKED if n in offered]})
        self.maker = maker
        rights, places = self.fields["rights"], self.fields["hosts"]
        assert isinstance(rights, forms.MultipleChoiceField)
        assert isinstance(places, forms.MultipleChoiceField)
        rights.choices = [
            (name, format_html("{}<small>{}</small>", RIGHTS[name].title, name)) for name in offered
        ]
        places.choices = [(slug, slug) for slug in hosts]

    def groups(self) -> Iterator[tuple[str | Promise, list[BoundWidget]]]:
        """The ticks of the rights, by what they can do; a group without any is left out."""
        for danger, label in GROUPS:
            ticks = [t for t in self["rights"] if RIGHTS[t.data["value"]].danger is danger]
            if ticks:
                yield label, ticks

    def clean_networks(self) -> list[str]:
        texts = self.cleaned_data["networks"].replace(",", " ").split()
        if len(texts) > MOST_NETWORKS:
            raise forms.ValidationError(_("At most %(n)d ranges.") % {"n": MOST_NETWORKS})
        return [network_of(text) for text in texts]

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or {}
        standing = [row for row in ApiToken.objects.filter(user=self.maker) if not row.over]
        if len(standing) >= MOST_EACH:
            words = _("You have %(n)d tokens already: end those that are not used.")
            raise forms.ValidationError(words % {"n": MOST_EACH})
        if any(row.name == fields.get("name") for row in standing):
            self.add_error("name", _("You have a token of this name already."))
        return fields


def network_of(text: str) -> str:
    """The range as it is kept. Raises ValidationError that names it."""
    try:
        return str(ip_network(text))
    except ValueError:
        words = _("“%(text)s” is no address range: write 10.1.0.0/16 or 192.0.2.7.")
        raise forms.ValidationError(words % {"text": text}) from None
