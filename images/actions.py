"""The only door to a change of registries, and to pulls and pushes."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from access import door, ownership
from access.actors import Actor
from access.gate import authorize
from access.models import Team
from access.names import team_with
from access.sealing import seal
from access.targets import ImageTarget, Target
from engine.build_spec import BuildSpec
from engine.errors import NotFound, Refused
from engine.types import ImageRow
from hosts.live import engine_of
from images import allowed, asking, building, naming, registries
from images.models import Registry
from images.references import Reference
from jobs import runner
from jobs.models import Job


def pull(actor: Actor, host: str, reference: Reference) -> Job:
    """Start or join the pull of one image. Raises TooMany."""
    return runner.start(actor, "image.pull", host, {"reference": reference.wanted})


def check_newer(
    actor: Actor, host: str, rows: Iterable[ImageRow], target: ImageTarget | None = None
) -> Job:
    """Have registries asked what the tags of these images name now, or of the one ``target``.
    Raises Refused where there is nothing to ask, TooMany."""
    about = target or Target("host", host, host, host)
    with door.judged(actor, asking.RIGHT, about):
        authorize(actor, asking.RIGHT, about)
    references = asking.askable(actor, host, rows)
    if not references:
        raise Refused(_("There is no tag here of a registry that you may ask."))
    params = {"references": references, "image_id": target.id if target else ""}
    return runner.start(actor, asking.RIGHT, host, params)


def build(actor: Actor, host: str, spec: BuildSpec) -> Job:
    """Start a build. Raises Fenced, by the line of a Dockerfile alone; TooMany."""
    target = Target("image", "", next(iter(spec.tags), ""), host)
    with door.judged(actor, building.KIND_NAME, target):
        authorize(actor, building.KIND_NAME, target)
        team = team_with(actor, host, building.KIND_NAME, spec.team)
    return runner.start(actor, building.KIND_NAME, host, building.params(spec, team))


def push(actor: Actor, target: ImageTarget, reference: Reference) -> Job:
    """Tag the image as ``reference`` where it is not yet, then push that tag."""
    if target.row is None:
        raise NotFound(_("There is no image %(id)s.") % {"id": target.id[:12]})
    with door.judged(actor, "image.push", target):
        authorize(actor, "image.push", target)
        allowed.check_registry(actor, target.host, reference.full)
        registries.check_use(actor, reference.registry)
        naming.check_push(actor, target.host, reference)
    if reference.familiar not in target.row.tags:
        tag(actor, target, reference)
    params = {"reference": reference.familiar, "image_id": target.id}
    return runner.start(actor, "image.push", target.host, params)


def tag(actor: Actor, target: ImageTarget, reference: Reference) -> None:
    name = reference.familiar
    with door.judged(actor, "image.tag", target):
        authorize(actor, "image.tag", target)
        naming.check_tag(actor, target, name)
    with door.change(
        actor, "image.tag", target, f"docker tag {target.id[:12]} {name}", reference=name
    ):
        engine = engine_of(target.host)
        before = engine.mirror.snapshot.version
        engine.commands.tag(target.id, reference.familiar_name, reference.tag)
        engine.mirror.wait_seen("image", target.id, before)


def values_of(registry: Registry) -> dict[str, Any]:
    """What the record says of one: all but its password."""
    return {
        "address": registry.address,
        "username": registry.username,
        "plain_http": registry.plain_http,
    }


def registry_values(registry: Registry) -> dict[str, Any]:
    """The same of a stored one, with who uses its login."""
    team_ids, shared = ownership.users_of_registry(registry.address)
    slugs = Team.objects.filter(pk__in=team_ids).order_by("slug").values_list("slug", flat=True)
    return values_of(registry) | {"teams": list(slugs), "shared": shared}


def save_registry(
    actor: Actor,
    registry: Registry,
    password: str,
    teams: Sequence[Team] = (),
    shared: bool = False,
) -> None:
    """Add or change. An empty password keeps the stored one, unless the user name went.

    ``teams`` use its login, or with ``shared`` everybody who may pull somewhere.
    """
    stored = Registry.objects.filter(pk=registry.pk).first() if registry.pk else None
    was = registry_values(stored) if stored else {}
    now = values_of(registry) | {"teams": sorted(team.slug for team in teams), "shared": shared}
    with door.change(
        actor,
        "registry.manage",
        registry.target,
        was=was,
        now=now,
        password_changed=bool(password) or bool(stored and stored.username and not now["username"]),
    ):
        if password:
            registry.sealed_password = seal(password)
        elif not registry.username:
            registry.sealed_password = ""
        if stored and stored.address != registry.address:
            registry.realm = ""
        registry.save()
        before = stored.address if stored else ""
        ownership.share_registry(registry.address, [team.pk for team in teams], shared, before)


def remove_registry(actor: Actor, registry: Registry) -> None:
    was = registry_values(registry)
    with door.change(actor, "registry.manage", registry.target, was=was, now=None, removed=True):
        ownership.share_registry(registry.address, [], shared=False)
        registry.delete()


def confirm_realm(actor: Actor, registry: Registry, realm: str) -> None:
    """From now on this registry's logins may go to the token server ``realm`` (an origin)."""
    was, now = {"realm": registry.realm}, {"realm": realm}
    with door.change(actor, "registry.manage", registry.target, was=was, now=now):
        registry.realm = realm
        registry.save(update_fields=["realm", "changed"])


def test_login(actor: Actor, registry: Registry, host: str) -> str:
    """Let one host's engine log in with the stored credentials; its sentence.

    Raises RealmUnknown, or EngineErrors with the registry's own words.
    """
    with door.change(actor, "registry.manage", registry.target, "docker login", tested_on=host):
        client = registries.client_of(registry)
        auth = registries.auth_of(registry)
        if auth is None:
            client.get("/v2/")
            return ""
        client.challenge()
        return engine_of(host).commands.login(auth)
