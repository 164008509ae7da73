"""The record: append-only rows, each holding the hash of the one before."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Result(models.TextChoices):
    INTENT = "intent", _("intent")
    OK = "ok", _("ok")
    DENIED = "denied", _("denied")
    FAILED = "failed", _("failed")
    UNKNOWN = "unknown", _("unknown")


class AppendOnly(models.QuerySet["Entry"]):
    def update(self, **kwargs: Any) -> int:
        raise TypeError("The audit log is append-only: a row is never changed.")

    def delete(self) -> tuple[int, dict[str, int]]:
        raise TypeError("The audit log is append-only: a row is never deleted.")


class Entry(models.Model):
    """One thing that was asked for or came of it; user and host are text, beyond any cascade."""

    seq = models.BigIntegerField(primary_key=True)
    time = models.DateTimeField(db_index=True)
    event = models.CharField(max_length=60)
    result = models.CharField(max_length=8, choices=Result)
    intent_seq = models.BigIntegerField(null=True, db_index=True)
    user_id = models.CharField(max_length=20)
    user = models.CharField(max_length=150)
    token = models.CharField(max_length=40)
    session = models.CharField(max_length=64)
    address = models.CharField(max_length=45)
    browser = models.CharField(max_length=300)
    host = models.CharField(max_length=40)
    object_kind = models.CharField(max_length=20)
    object_id = models.CharField(max_length=300)
    object_name = models.CharField(max_length=300)
    image_digest = models.CharField(max_length=300)
    request_id = models.CharField(max_length=32)
    command_line = models.TextField()
    parameters = models.JSONField(default=dict)
    reason = models.TextField()
    duration_us = models.BigIntegerField(null=True)
    bytes = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["-seq"]
        verbose_name_plural = "entries"
        # Each filter of the page has its index, with the order of the page: a million rows stay
        # quick (docs/performance.md).
        indexes = [
            models.Index(fields=["host", "object_kind", "object_id", "-seq"]),
            models.Index(fields=["user", "-seq"], name="audit_user"),
            models.Index(fields=["user_id", "-seq"], name="audit_user_id"),
            models.Index(fields=["event", "-seq"], name="audit_event"),
            models.Index(fields=["result", "-seq"], name="audit_result"),
            models.Index(fields=["address", "-seq"], name="audit_address"),
            models.Index(fields=["object_id", "-seq"], name="audit_object_id"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.event} {self.result}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The audit log is append-only: a row is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("The audit log is append-only: a row is never deleted.")


class Kept(models.TextChoices):
    RUNNING = "running", _("running")
    WHOLE = "whole", _("whole")
    CUT = "cut", _("ends early")


class Recording(models.Model):
    """What a terminal showed, an asciicast v2 in a file; whose it is are texts, beyond any cascade.

    ``size`` and ``sha256`` are of the asciicast, ``stored`` is what it takes on disk once packed.
    ``note`` says why it ends early. ``intent_seq`` is the shell's row in the record.
    """

    id = models.CharField(max_length=32, primary_key=True)
    intent_seq = models.BigIntegerField()
    user_id = models.CharField(max_length=20)
    user = models.CharField(max_length=150)
    host = models.CharField(max_length=40)
    container_id = models.CharField(max_length=64)
    container = models.CharField(max_length=300)
    command_line = models.TextField()
    started = models.DateTimeField(db_index=True)
    seconds = models.FloatField(default=0)
    size = models.BigIntegerField(default=0)
    stored = models.BigIntegerField(default=0)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=8, choices=Kept, default=Kept.RUNNING)
    note = models.TextField()

    class Meta:
        ordering = ["-started", "id"]
        indexes = [models.Index(fields=["host", "user_id", "-started"], name="recording_of")]

    def __str__(self) -> str:
        return f"recording {self.id}"
