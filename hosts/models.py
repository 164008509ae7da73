"""Which engines there are."""

from django.core.validators import RegexValidator
from django.db import models

RESERVED = ("all",)
slug_form = RegexValidator(
    r"^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$",
    "Use 1 to 40 small letters, digits and hyphens, with no hyphen at either end.",
)


class Host(models.Model):
    """One Docker engine. The slug stands in every address and is never used again."""

    slug = models.CharField(max_length=40, unique=True, validators=[slug_form])
    name = models.CharField(max_length=80)
    address = models.CharField(max_length=300, help_text="unix:///…, tcp://host:port")
    public_name = models.CharField(
        max_length=253, blank=True, help_text="the name that links to published ports use"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug
