"""Which recordings one looks for."""

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from audit.models import Recording

_DAY = {"type": "date"}


class RecordingFilter(forms.Form):
    """All may be empty. Days are those of the site's time zone, both included."""

    user = forms.CharField(label=_("Person"), max_length=150, required=False)
    container = forms.CharField(label=_("Container"), max_length=300, required=False)
    host = forms.CharField(label=_("Host"), max_length=40, required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(_DAY))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(_DAY))

    def narrowed(self, found: QuerySet[Recording]) -> QuerySet[Recording]:
        asked = {name: value for name, value in self.cleaned_data.items() if value}
        lookups = {
            "user": "user__icontains",
            "container": "container__icontains",
            "host": "host",
            "since": "started__date__gte",
            "until": "started__date__lte",
        }
        return found.filter(**{lookups[name]: value for name, value in asked.items()})
