"""Which engines there are."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

RESERVED = ("all",)
slug_form = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$",
    "Use 1 to 40 small letters, digits and hyphens, with no hyphen at either end.",
)


# What an administrator chooses for a host, each on its settings page and recorded: old and new.
SETTINGS = ("recording",)


class Recording(models.TextChoices):
    OFF = "off", _("Off")
    ON = "on", _("On: if it fails, the terminal goes on")
    REQUIRED = "required", _("Required: if it fails, the terminal ends")


class Host(models.Model):
    """One Docker engine. The slug stands in every address and is never used again."""

    slug = models.CharField(max_length=40, unique=True, validators=[slug_form])
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=300, help_text="unix:///…, tcp://host:port")
    public_name = models.CharField(
        max_length=253, blank=True, help_text="the name that links to published ports use"
    )
    recording = models.CharField(
        _("Terminal recordings"),
        max_length=8,
        choices=Recording,
        default=Recording.OFF,
        help_text=_(
            "Of what terminals show, never of what is typed. Who opens one is told."
            " Terminals that are open already stay as they are."
        ),
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug
