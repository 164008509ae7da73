"""Long work, kept: what was asked for, how it stands, what came of it."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    INTERRUPTED = "interrupted", _("Interrupted")


ACTIVE = (State.QUEUED, State.RUNNING)


class Job(models.Model):
    """One piece of long work. ``kind`` is also the right it needs and its audit event."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    host = models.CharField(max_length=40)
    user_id = models.CharField(max_length=20)  # who started it, as text: no cascade
    user = models.CharField(max_length=150)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    created = models.DateTimeField(auto_now_add=True)
    started = models.DateTimeField(null=True)
    finished = models.DateTimeField(null=True, db_index=True)
    params = models.JSONField(default=dict)  # enough for a retry; never a secret
    command_line = models.TextField(blank=True)
    intent_seq = models.BigIntegerField()
    progress = models.JSONField(default=dict)  # the last picture of it (jobs.progress.Picture)
    result = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    cancelled_by = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-created"]

    def __str__(self) -> str:
        return f"{self.kind} {self.title}"

    @property
    def active(self) -> bool:
        return self.state in ACTIVE

    @property
    def can_retry(self) -> bool:
        return self.state in (State.FAILED, State.CANCELLED, State.INTERRUPTED)
