"""What a refused join says at its field: the fence's rule, or the engine's own words."""

from collections.abc import Iterator
from contextlib import contextmanager

from django import forms

from access.errors import Denied, Hidden
from engine.errors import Conflict, Refused


@contextmanager
def told_by(form: forms.Form) -> Iterator[None]:
    """A refusal becomes an error of the form, and the block ends there."""
    try:
        yield
    except Hidden:
        raise
    except Denied as error:
        form.add_error(None, error.message)
    except (Conflict, Refused) as error:
        field = "ip" if "ip address" in error.message.lower() else None
        form.add_error(field, error.message)
