"""Registries: where images come from and go to, and whether their credentials work."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from access.errors import Hidden
from access.gate import may
from access.targets import SITE
from engine.errors import EngineError
from hosts.live import slugs
from images import actions, registries
from images.errors import RealmUnknown
from images.forms import RegistryForm
from images.models import Registry
from images.registry_api import origin_of
from web import fetch
from web.errors import BadInput
from web.request import Request
from web.routes import allow, needs
from web.shape import shaped


def registry_of(request: Request, registry_id: int) -> Registry:
    """Fetch and authorise. Raises Hidden."""
    registry = Registry.objects.filter(pk=registry_id).first()
    if registry is None:
        fetch.site(request)
        raise Hidden(_("There is no such registry."))
    allow(request, registry.target)
    return registry


@needs("registry.use")
def registry_list(request: Request) -> HttpResponse:
    fetch.site(request)
    rows = registries.usable(request.actor)
    context = {"rows": rows, "may_manage": may(request.actor, "registry.manage", SITE)}
    return render(request, "images/registries.html", context)


@sensitive_post_parameters("password")
@needs("registry.manage", "GET", "HEAD", "POST")
def registry_add(request: Request) -> HttpResponse:
    fetch.site(request)
    return edit(request, Registry())


@sensitive_post_parameters("password")
@needs("registry.manage", "GET", "HEAD", "POST")
def registry_edit(request: Request, registry_id: int) -> HttpResponse:
    return edit(request, registry_of(request, registry_id))


def edit(request: Request, registry: Registry) -> HttpResponse:
    form = RegistryForm(request.POST or None, instance=registry)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        actions.save_registry(
            request.actor, registry, fields["password"], list(fields["teams"]), fields["shared"]
        )
        messages.success(request, _("Saved: %(registry)s.") % {"registry": registry})
        return redirect("registry-edit", registry_id=registry.pk)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "registry": registry, "hosts": slugs()}
    return render(request, "images/registry.html", context, status=status)


@needs("registry.manage", "GET", "HEAD", "POST")
def registry_remove(request: Request, registry_id: int) -> HttpResponse:
    registry = registry_of(request, registry_id)
    if request.method == "POST":
        actions.remove_registry(request.actor, registry)
        messages.success(request, _("Removed: %(registry)s.") % {"registry": registry})
        return redirect("registry-list")
    text = _(
        "The entry for %(address)s and its stored login go. Images that came from there stay, "
        "and pulls from there go on without a login."
    )
    context = {
        "title": _("Remove %(registry)s?") % {"registry": registry},
        "text": text % {"address": registry.address},
        "action": request.path,
        "verb": _("Remove"),
        "back": reverse("registry-edit", args=[registry.pk]),
    }
    return shaped(request, "confirm.html", "_confirm.html", context)


@needs("registry.manage", "POST")
def registry_test(request: Request, registry_id: int) -> HttpResponse:
    """The login test. Its failure is its result: the page shows the registry's own words."""
    registry = registry_of(request, registry_id)
    host = request.POST.get("host", "")
    context = {"registry": registry, "host": host}
    try:
        context["words"] = actions.test_login(request.actor, registry, host)
    except RealmUnknown as unknown:
        context |= {"realm": unknown.realm, "error": unknown.message}
    except EngineError as error:
        context["error"] = error.message
    page = "images/_login_test.html" if request.htmx else "images/login_test.html"
    return render(request, page, context)


@needs("registry.manage", "POST")
def registry_realm(request: Request, registry_id: int) -> HttpResponse:
    registry = registry_of(request, registry_id)
    realm = request.POST.get("realm", "")
    if not realm or origin_of(realm) != realm:
        raise BadInput(_("“%(realm)s” is not a token server's origin.") % {"realm": realm})
    actions.confirm_realm(request.actor, registry, realm)
    messages.success(request, _("Logins of this registry may go to %(realm)s.") % {"realm": realm})
    return redirect("registry-edit", registry_id=registry.pk)
