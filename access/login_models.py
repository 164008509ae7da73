"""Who is logged in where, their second factor, and how often somebody failed to be them."""

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import models


class Login(models.Model):
    """One browser that somebody is logged in with. It ends with its session.

    ``digest`` is ``actors.hash_of_session`` of its key: what actors, tickets and the record know
    it by. ``confirmed`` is when its person last proved in it who they are.
    """

    session = models.OneToOneField(Session, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="logins")
    address = models.CharField(max_length=45, blank=True)
    browser = models.CharField(max_length=300, blank=True)
    since = models.DateTimeField(auto_now_add=True)
    seen = models.DateTimeField()
    confirmed = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-seen"]

    def __str__(self) -> str:
        return f"login {self.pk}"


class SecondFactor(models.Model):
    """A person's authenticator app. Without ``confirmed`` it is only being set up.

    ``last_step`` is the time step of the last code that was taken: none is taken twice.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", primary_key=True
    )
    sealed_secret = models.TextField()
    made = models.DateTimeField()
    confirmed = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"second factor of {self.user_id}"


class RecoveryCode(models.Model):
    """The hash of a code that stands in once for a lost authenticator."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)
    used = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="one_recovery_code")]

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class Failures(models.Model):
    """How often a password or a code was wrong, under a key that tells nobody for whom.

    ``count`` was right at ``counted``; it shrinks with time. Before ``until`` nothing is tried.
    ``told`` once the record says that somebody was made to wait.
    """

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField(default=0)
    counted = models.DateTimeField(db_index=True)
    until = models.DateTimeField()
    told = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.count} failures"
