"""Users and teams."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Theme(models.TextChoices):
    SYSTEM = "system", _("System")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class User(AbstractUser):
    """A person who logs in, with how their pages look."""

    theme = models.CharField(max_length=8, choices=Theme, default=Theme.SYSTEM)
    density = models.CharField(max_length=12, choices=Density, default=Density.COMFORTABLE)
    language = models.CharField(max_length=10, blank=True)
    shortcuts = models.BooleanField(default=True)


class Team(models.Model):
    """People who share containers."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    members = models.ManyToManyField(User, related_name="teams", blank=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.name
