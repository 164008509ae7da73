"""Registries: where images come from and go to, with sealed credentials."""

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
