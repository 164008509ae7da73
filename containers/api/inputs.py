"""Input for a container's main process, from programs that hold no socket open."""

import binascii
from base64 import b64decode
from typing import Annotated, Any

from django.utils.translation import gettext as _
from pydantic import Field

from containers import actions
from containers.api.operations import ONE, containers
from containers.inputs import MOST, Input
from web import fetch
from web.operations import In, Out
from web.problems import Problem
from web.request import Request
from web.typed import Id

MOST_CODED = 4 * (MOST // 3 + 1)


class InputIn(In):
    """``text`` is written as UTF-8; ``base64``, in its place, as the bytes that it stands for: at
    most 64 KiB. ``eof`` closes the input behind it, of a container that takes input once."""

    text: Annotated[str, Field(max_length=MOST)] = ""
    base64: Annotated[str, Field(max_length=MOST_CODED)] = ""
    eof: bool = False


class InputTaken(Out):
    """How many bytes the engine was given."""

    bytes: int


@containers.post(f"{ONE}/input", "container.attach", {200: InputTaken})
def container_input(request: Request, host: str, container_id: Id, what: InputIn) -> Any:
    """Write to the standard input of its main process, which has to run and to take input (`-i`).

    What it answers is in its log. 409 where it takes none, or does not read what it was sent.
    """
    target = fetch.container(request, host, container_id)
    data = data_of(what)
    actions.give_input(request.actor, target, Input(data, what.eof))
    return InputTaken(bytes=len(data))


def data_of(what: InputIn) -> bytes:
    """Raises Problem 422."""
    if what.text and what.base64:
        raise wrong("base64", _("Send text or base64, not both."))
    try:
        data = b64decode(what.base64, validate=True) if what.base64 else what.text.encode()
    except (binascii.Error, ValueError):
        raise wrong("base64", _("This is no base64.")) from None
    if not data and not what.eof:
        raise wrong("text", _("Send text, base64 or eof."))
    if len(data) > MOST:
        words = _("At most %(most)d bytes at a time.") % {"most": MOST}
        raise wrong("base64" if what.base64 else "text", words)
    return data


def wrong(field: str, words: str) -> Problem:
    return Problem(422, words, [(field, words)])
