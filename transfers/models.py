"""What is under way from a browser to an engine."""

import uuid

from django.db import models


class Conflict(models.TextChoices):
    """What to do where the target is there already; ASK refuses with 409."""

    ASK = "ask"
    REPLACE = "replace"
    KEEP_BOTH = "keep"
    SKIP = "skip"


class Upload(models.Model):
    """One file on its way: received into the spool, then handed to the engine whole.

    ``object_id`` is the container's full id; ``folder`` is the part of the name below
    ``directory`` when a whole folder is sent. Person and host are text: no cascade.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user_id = models.BigIntegerField(db_index=True)
    kind = models.CharField(max_length=20)
    host = models.CharField(max_length=40)
    object_id = models.CharField(max_length=64)
    directory = models.CharField(max_length=4096)
    folder = models.CharField(max_length=4096, blank=True)
    name = models.CharField(max_length=255)
    conflict = models.CharField(max_length=8, choices=Conflict, default=Conflict.ASK)
    size = models.BigIntegerField()
    received = models.BigIntegerField(default=0)
    wanted_sha256 = models.CharField(max_length=64, blank=True)
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.name} ({self.received} of {self.size} bytes)"

    @property
    def complete(self) -> bool:
        return self.received == self.size
