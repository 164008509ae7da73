"""A host's fence, and a team's quota on a host."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from access import actions
from access.errors import Hidden
from access.fence_forms import FencePolicyForm, QuotaForm
from access.models import FencePolicy, Quota
from access.views.teams import team_of
from hosts.models import Host
from web import fetch
from web.request import Request
from web.routes import needs


@needs("host.manage", "GET", "HEAD", "POST")
def host_fence(request: Request, host: str) -> HttpResponse:
    fetch.host(request, host)
    row = Host.objects.get(slug=host)
    policy = FencePolicy.objects.filter(host=row).first() or FencePolicy(host=row)
    form = FencePolicyForm(request.POST or None, instance=policy)
    if request.method == "POST" and form.is_valid():
        actions.save_fence(request.actor, policy)
        messages.success(request, _("Saved: the fence of %(host)s.") % {"host": host})
        return redirect("host-fence", host)
    status = 422 if request.method == "POST" else 200
    return render(request, "access/fence.html", {"host": host, "form": form}, status=status)


@needs("team.manage", "GET", "HEAD", "POST")
def team_quota(request: Request, slug: str, host: str) -> HttpResponse:
    """POST saves; with ``end`` there is none any more."""
    team = team_of(request, slug)
    row = Host.objects.filter(slug=host).first()
    if row is None:
        raise Hidden(_("There is no such host."))
    quota = Quota.objects.filter(team=team, host=row).first() or Quota(team=team, host=row)
    form = QuotaForm(request.POST or None, instance=quota)
    if request.method == "POST" and "end" in request.POST and quota.pk:
        actions.end_quota(request.actor, quota)
        return redirect("team-detail", team.slug)
    if request.method == "POST" and form.is_valid():
        actions.save_quota(request.actor, quota)
        messages.success(request, _("Saved: the quota on %(host)s.") % {"host": host})
        return redirect("team-detail", team.slug)
    context = {"form": form, "team": team, "host": host, "exists": quota.pk}
    status = 422 if request.method == "POST" else 200
    return render(request, "access/quota.html", context, status=status)
