"""Which names a person may give to images from a file: as for a pull and a tag."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from access.actors import Actor
from access.errors import Denied, Fenced
from access.gate import may
from access.remedies import remedy
from access.sight import sees_all
from access.targets import ImageTarget, Target
from engine.errors import Refused
from engine.image_archives import SavedImage
from hosts.live import engine_of
from images import allowed
from images.naming import check_no_id, has_others
from images.references import BadReference, Reference, parse

FIELD = "RepoTags"  # of the archive's manifest


def judged(actor: Actor, host: str, saved: Sequence[SavedImage]) -> None:
    """Raises Refused for what is no name, Denied for one that is not the person's to give."""
    snapshot = engine_of(host).mirror.snapshot
    for image in saved:
        for reference in references(image):
            if words := allowed.refusal(actor, host, reference.full):
                raise Fenced([(FIELD, words)], [remedy("image", host, beyond=False)])
            row = snapshot.find_image(reference.familiar)
            there = row.id if row and reference.familiar in row.tags else ""
            need_free(actor, host, reference.familiar, there, image.digest)


def references(image: SavedImage) -> list[Reference]:
    """Raises Refused for what is no name, Denied for one that reads as an id."""
    found = []
    for name in image.names:
        try:
            reference = parse(name)
        except BadReference as error:
            raise Refused(f"{FIELD}: {error.message}") from error
        if reference.digest or not reference.tag:
            raise Refused(_("RepoTags: %(name)s is no name with a tag.") % {"name": name[:200]})
        check_no_id(FIELD, reference.familiar)
        found.append(reference)
    return found


def need_free(actor: Actor, host: str, name: str, there: str, image_id: str) -> None:
    """Raises Denied where the image ``there`` (an id, "" for none) would lose a name that is not
    the person's to move: whoever runs that name next would run theirs."""
    if there in ("", image_id) or sees_all(actor, host):
        return
    row = engine_of(host).mirror.snapshot.images.get(there)
    target = ImageTarget.of(host, row) if row else Target("image", there, name, host)
    if not may(actor, "image.tag", target) or has_others(actor, host, there):
        words = _("%(name)s in the file is the name of an image of others: it stays theirs.")
        raise Denied(f"{FIELD}: {words % {'name': name}}")
