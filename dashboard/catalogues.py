"""The catalogues: ``locale/<language>/LC_MESSAGES/django.po`` as people edit it, sorted and without
places in the sources, so that two changes meet in one line only where both changed that text; and
what Django reads, made of it in the data directory.
"""

import hashlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from dashboard.messages import Message

if TYPE_CHECKING:
    from polib import POEntry, POFile

NAME = Path("LC_MESSAGES")
WIDE = 1_000_000  # a text is one line


def catalogues(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*/{NAME}/django.po"))


def read(path: Path) -> "POFile":
    import polib  # noqa: PLC0415  (only where a catalogue is new)

    return polib.pofile(str(path), wrapwidth=WIDE)


def key(entry: "POEntry") -> Message:
    return Message(entry.msgid, entry.msgctxt or "", entry.msgid_plural or "")


def merge(path: Path, messages: Iterable[Message]) -> list[Message]:
    """Write the catalogue anew with exactly these messages; what it has of them stays. Returns
    those that are yet to be translated."""
    import polib  # noqa: PLC0415

    book = read(path)
    there = {key(entry): entry for entry in book}
    anew = polib.POFile(wrapwidth=WIDE)
    anew.header, anew.metadata = book.header, book.metadata
    for message in sorted(messages):
        entry = there.get(message) or empty(message)
        entry.comment, entry.occurrences = "", []
        anew.append(entry)
    anew.save(str(path))
    return [key(entry) for entry in anew if not entry.translated()]


def empty(message: Message) -> "POEntry":
    import polib  # noqa: PLC0415

    context = message.context or None
    if not message.plural:
        return polib.POEntry(msgid=message.text, msgctxt=context)
    forms = {0: ""}  # of a language with more of them, whoever translates adds the others
    return polib.POEntry(
        msgid=message.text, msgid_plural=message.plural, msgctxt=context, msgstr_plural=forms
    )


def prepare(sources: Path, target: Path) -> None:
    """Make the ``.mo`` files that are missing, or of another text than the catalogue's."""
    for path in catalogues(sources):
        made = target / path.parent.parent.name / NAME / "django.mo"
        mark = made.with_suffix(".sha256")
        state = hashlib.sha256(path.read_bytes()).hexdigest()
        if made.is_file() and mark.is_file() and mark.read_text() == state:
            continue
        made.parent.mkdir(parents=True, exist_ok=True)
        part = made.with_suffix(".part")
        read(path).save_as_mofile(str(part))
        os.replace(part, made)
        mark.write_text(state)
