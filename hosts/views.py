"""A host's settings as a page."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from hosts import actions
from hosts.forms import HostSettingsForm
from hosts.models import Host
from web import fetch
from web.request import Request
from web.routes import needs


@needs("host.manage", "GET", "HEAD", "POST")
def host_settings(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    form = HostSettingsForm(request.POST or None, instance=Host.objects.get(slug=host))
    if request.method == "POST" and form.is_valid():
        actions.save_settings(request.actor, form.instance)
        messages.success(request, _("Saved: the settings of %(host)s.") % {"host": host})
        return redirect("host-settings", host)
    status = 422 if request.method == "POST" else 200
    return render(request, "hosts/settings.html", {"host": host, "form": form}, status=status)
