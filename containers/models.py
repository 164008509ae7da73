"""What containers leave in the database."""

from django.db import models


class OpenShell(models.Model):
    """A shell that this server started and has not seen end: what a crash leaves is found here."""

    marker = models.CharField(max_length=32, primary_key=True)
    host = models.CharField(max_length=40)
    container_id = models.CharField(max_length=64)
    opened = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["opened"]

    def __str__(self) -> str:
        return f"shell in {self.container_id[:12]} on {self.host}"


class RunKey(models.Model):
    """A run that a program asked for under a key of its own: the same key never runs two.

    ``digest`` is of what was asked, ``status`` 0 until it was answered. Kept for a day.
    """

    user = models.ForeignKey("access.User", models.CASCADE, related_name="+")
    token = models.BigIntegerField()  # 0: a login
    key = models.CharField(max_length=255)
    digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "token", "key"], name="one_run")]

    def __str__(self) -> str:
        return self.key


class OpenCommit(models.Model):
    """An image that the engine was asked to make of a container, until its maker has it: what a
    crash leaves is found here.

    ``mark`` stands in the image itself. ``image_id`` is "" until the engine has answered; ``began``
    is by the engine's clock.
    """

    mark = models.CharField(max_length=32, primary_key=True)
    host = models.CharField(max_length=40)
    container_id = models.CharField(max_length=64)
    image_id = models.CharField(max_length=64, blank=True)
    began = models.DateTimeField()

    class Meta:
        ordering = ["began"]

    def __str__(self) -> str:
        return f"commit of {self.container_id[:12]} on {self.host}"


class Replacement(models.Model):
    """A container that another takes the place of: what a crash leaves is found here, and is
    undone, or finished where the new one is ``kept``.

    ``token`` is part of the names of both meanwhile; ``volumes`` are the names that are new with
    it; ``right`` is what was asked for, ``team`` (an id) whose it was then. ``new_id`` is "" until
    the engine has made it.
    """

    host = models.CharField(max_length=40)
    old_id = models.CharField(max_length=64)
    new_id = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=255)
    token = models.CharField(max_length=12)
    ran = models.BooleanField()
    volumes = models.JSONField(default=list)
    kept = models.BooleanField(default=False)
    right = models.CharField(max_length=60)
    user = models.CharField(max_length=150, blank=True)
    team = models.BigIntegerField(null=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["host", "old_id"], name="one_replacement")]

    def __str__(self) -> str:
        return f"{self.name} on {self.host}"

    @property
    def aside(self) -> str:
        """What the old one is called once the new one has its name."""
        return f"{self.name}-before-{self.token}"

    @property
    def coming(self) -> str:
        """What the new one is called until then."""
        return f"{self.name}-next-{self.token}"


class RemovedContainer(models.Model):
    """A container that was removed here, for a week (``containers.removals``).

    ``team`` (an id) had it; ``sealed`` is what the engine said of its settings, ``labels`` those by
    themselves, so that it is judged without opening the rest: both may hold secrets.
    """

    host = models.CharField(max_length=40)
    container_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    image = models.CharField(max_length=1000)
    team = models.BigIntegerField(null=True)
    labels = models.TextField(default="")
    sealed = models.TextField()
    removed = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["-removed", "-pk"]
        constraints = [models.UniqueConstraint(fields=["host", "container_id"], name="one_removal")]

    def __str__(self) -> str:
        return f"{self.name} on {self.host}"
