"""Registries, with sealed credentials: where images come from and go to; and what they said of
tags that are here."""

from django.db import models

from access.targets import Target
from images.references import HUB


class Registry(models.Model):
    """One registry. ``address`` is its host[:port], exactly as image references name it."""

    address = models.CharField(max_length=255, unique=True)
    name = models.CharField(max_length=80, blank=True)
    username = models.CharField(max_length=255, blank=True)
    sealed_password = models.TextField(blank=True)
    plain_http = models.BooleanField(default=False)
    realm = models.CharField(max_length=300, blank=True)  # origin of its token server
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["address"]
        verbose_name_plural = "registries"

    def __str__(self) -> str:
        return self.name or ("Docker Hub" if self.address == HUB else self.address)

    @property
    def has_login(self) -> bool:
        return bool(self.username and self.sealed_password)

    @property
    def target(self) -> Target:
        """The registry as the gate and the record see it."""
        return Target("registry", str(self.pk or ""), self.address)

    @property
    def is_hub(self) -> bool:
        return self.address == HUB


class TagAnswer(models.Model):
    """What a registry said of one tag that is on a host. ``by_login``: under the stored login, so
    it is told to those alone who may use that. The last digest stays when a later try fails."""

    host = models.CharField(max_length=40)
    reference = models.CharField(max_length=400)  # as the engine writes it
    by_login = models.BooleanField(default=False)
    digest = models.CharField(max_length=160, blank=True)
    checked = models.DateTimeField(null=True)  # when it told the digest
    tried = models.DateTimeField()
    problem = models.CharField(max_length=500, blank=True)  # why it did not tell, the last time

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["host", "reference", "by_login"], name="one_answer_per_tag"
            )
        ]

    def __str__(self) -> str:
        return f"{self.host} {self.reference}"
