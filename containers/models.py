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
