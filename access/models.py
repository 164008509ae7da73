"""Users, teams, what teams may do where, and what belongs to whom."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from access.login_models import Failures as Failures
from access.login_models import Login as Login
from access.login_models import RecoveryCode as RecoveryCode
from access.login_models import SecondFactor as SecondFactor
from access.roles import Role
from hosts.models import Host

DEFAULT_PORTS = "1024-65535"


class Theme(models.TextChoices):
    SYSTEM = "system", _("System")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class User(AbstractUser):
    """A person who logs in, with how their pages look. An auditor reads all, changes nothing."""

    auditor = models.BooleanField(_("Auditor"), default=False)
    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMFORTABLE)
    language = models.CharField(max_length=10, blank=True)
    shortcuts = models.BooleanField(default=True)
    columns = models.CharField(max_length=200, blank=True)  # of the list of containers; "": usual


class Team(models.Model):
    """People who share containers."""

    slug = models.SlugField(_("Short name"), max_length=40, unique=True)
    name = models.CharField(_("Name"), max_length=80)
    members = models.ManyToManyField(
        User, related_name="teams", blank=True, verbose_name=_("Members")
    )
    image_prefix = models.CharField(
        _("Image prefix"),
        max_length=200,
        blank=True,
        help_text=_("Developers push only to names that begin with it: ghcr.io/acme/shop/"),
    )
    group = models.CharField(
        _("Group"),
        max_length=200,
        blank=True,
        help_text=_("Whoever signs on with this group of the sign-on service is a member."),
    )

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name


class GroupMember(models.Model):
    """A membership that a group gave: it goes when the group does. Those by hand have no row."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_by_group")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class Identity(models.Model):
    """Who a sign-on service says that a person is: never their name here or their e-mail.

    ``source`` is the issuer of an OpenID provider, or "proxy". ``superuser``: the superuser group
    made them one, and takes it again.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="identities")
    source = models.CharField(max_length=255)
    subject = models.CharField(_("Subject"), max_length=255)
    superuser = models.BooleanField(default=False)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "subject"], name="one_person_each")
        ]

    def __str__(self) -> str:
        return f"{self.subject} at {self.source}"


class Selector(models.TextChoices):
    OWNED = "owned", _("Owned by the team")
    NAME = "name", _("Name fits a pattern")
    LABEL = "label", _("Has a label")
    PROJECT = "project", _("Belongs to a compose project")
    IMAGE = "image", _("Image fits a pattern")
    ALL = "all", _("All containers of the host")


class Grant(models.Model):
    """A team's role on a host, for the containers that a selector matches.

    ``value`` is what the selector compares with: a pattern with ``*``, or ``label=pattern``.
    ``extras`` are the opt-in rights that are ticked. After ``until`` it gives nothing.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="grants", verbose_name=_("Team"))
    host = models.ForeignKey(
        Host, models.CASCADE, to_field="slug", related_name="+", verbose_name=_("Host")
    )
    role = models.CharField(_("Role"), max_length=12, choices=Role, default=Role.VIEWER)
    selector = models.CharField(
        _("Containers"), max_length=8, choices=Selector, default=Selector.OWNED
    )
    value = models.CharField(_("Pattern"), max_length=300, blank=True)
    extras = models.JSONField(_("Further rights"), default=list, blank=True)
    until = models.DateTimeField(_("Ends"), null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["team__slug", "host", "pk"]

    def __str__(self) -> str:
        return f"grant {self.pk}"

    @property
    def over(self) -> bool:
        return self.until is not None and self.until <= timezone.now()


class How(models.TextChoices):
    CREATED = "created", _("created here")
    ADOPTED = "adopted", _("given by an administrator")


class OwnedContainer(models.Model):
    """Whose a container is, by host and full id. Without a team only administrators have it."""

    host = models.CharField(max_length=40)
    container_id = models.CharField(max_length=64)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, related_name="+")
    user = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    how = models.CharField(max_length=8, choices=How)
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["host", "container_id"], name="one_owner")]

    def __str__(self) -> str:
        return f"{self.container_id[:12]} on {self.host}"


class Kind(models.TextChoices):
    IMAGE = "image", _("image")
    VOLUME = "volume", _("volume")
    NETWORK = "network", _("network")
    REGISTRY = "registry", _("registry")


class Holding(models.Model):
    """Who holds an image (by id), a volume, a network or a registry (by name).

    ``host`` is "" for a registry. A row without team and user is shared: everybody with a grant
    on the host has it. An image may have several rows.
    """

    host = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=8, choices=Kind)
    name = models.CharField(max_length=300)
    team = models.ForeignKey(Team, models.CASCADE, null=True, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["host", "kind", "name"], name="holding_of")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name} on {self.host}"


class FencePolicy(models.Model):
    """What the fence allows on one host; a host without a row has the fields' defaults.

    Lists are texts as they are typed, parted by commas or lines; ``access.policy`` reads them.
    """

    host = models.OneToOneField(
        Host, models.CASCADE, to_field="slug", related_name="+", verbose_name=_("Host")
    )
    registries = models.TextField(_("Registries"), blank=True, max_length=5000)
    ports = models.CharField(_("Host ports"), max_length=500, blank=True, default=DEFAULT_PORTS)
    addresses = models.CharField(_("Addresses for ports"), max_length=500, blank=True)
    beyond_fence = models.BooleanField(_("Beyond the fence"), default=False)

    def __str__(self) -> str:
        return f"fence of {self.host_id}"


class Quota(models.Model):
    """The most that a team may have on one host; an empty field sets no limit.

    ``cpus`` and ``memory`` (bytes) are the sum of its containers' limits, stopped ones too. One
    that is made without a limit gets ``cpus_each`` and ``memory_each``, and counts as that.
    """

    team = models.ForeignKey(Team, models.CASCADE, related_name="quotas", verbose_name=_("Team"))
    host = models.ForeignKey(
        Host, models.CASCADE, to_field="slug", related_name="+", verbose_name=_("Host")
    )
    containers = models.PositiveIntegerField(_("Containers"), null=True, blank=True)
    cpus = models.DecimalField(_("CPUs"), max_digits=7, decimal_places=2, null=True, blank=True)
    memory = models.BigIntegerField(_("Memory"), null=True, blank=True)
    cpus_each = models.DecimalField(
        _("CPUs of a container without a limit"), max_digits=7, decimal_places=2, default=1
    )
    memory_each = models.BigIntegerField(
        _("Memory of a container without a limit"), default=512 * 2**20
    )
    volumes = models.PositiveIntegerField(_("Volumes"), null=True, blank=True)
    networks = models.PositiveIntegerField(_("Networks"), null=True, blank=True)
    sockets = models.PositiveIntegerField(_("Live connections"), null=True, blank=True)
    shells = models.PositiveIntegerField(_("Terminals"), null=True, blank=True)
    transfers = models.PositiveIntegerField(_("Copies at a time"), null=True, blank=True)
    pulls = models.PositiveIntegerField(_("Pulls at a time"), null=True, blank=True)

    class Meta:
        ordering = ["host"]
        constraints = [models.UniqueConstraint(fields=["team", "host"], name="one_quota")]

    def __str__(self) -> str:
        return f"quota of {self.team_id} on {self.host_id}"


class ApiToken(models.Model):
    """A program's way in, in its maker's name; of the secret only its hash is here, ``digest``.

    ``rights`` are names of rights, ``hosts`` slugs (empty: all), ``networks`` address ranges from
    which it may be used (empty: any). A row stays when the token has ended: the record names it.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(_("Name"), max_length=30)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    rights = models.JSONField(_("May"), default=list)
    hosts = models.JSONField(_("Hosts"), default=list, blank=True)
    networks = models.JSONField(_("From addresses"), default=list, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    expires = models.DateTimeField(_("Ends"))
    revoked = models.DateTimeField(null=True)
    last_used = models.DateTimeField(null=True)
    last_address = models.CharField(max_length=45, blank=True)

    class Meta:
        ordering = ["-created", "-pk"]

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"

    @property
    def over(self) -> bool:
        return self.revoked is not None or self.expires <= timezone.now()
