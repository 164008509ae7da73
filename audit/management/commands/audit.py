"""``manage.py audit verify`` and ``manage.py audit export``: the server may run or not."""

import hashlib
import sys
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from audit import chain, search
from audit.export import FORMS, Export
from audit.models import Entry, Result
from audit.search import Wanted
from audit.walk import Broken, Walk

FILTERS = ("user", "event", "result", "host", "object", "address", "from", "to")


def time(text: str) -> str:
    if not search.understood(text):
        raise ArgumentTypeError(f"{text!r} is no time: write 2026-11-28, 2026-11-28T10:30 or 2h.")
    return text


def result(text: str) -> str:
    if text not in search.RESULTS:
        raise ArgumentTypeError(f"{text!r} is no result: {', '.join(search.RESULTS)}.")
    return text


def head(text: str) -> tuple[int, str]:
    seq, _, value = text.partition(":")
    if not seq.isdecimal() or len(value) != 64:
        raise ArgumentTypeError(f"{text!r} is no head: write ROW:HASH, as the log has it.")
    return int(seq), value.lower()


class Command(BaseCommand):
    help = "Verify the audit log's chain, or write the log as CSV or JSON lines. Both are recorded."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verify = verbs.add_parser("verify", help="walk the chain; exit code 1 at a broken row")
        verify.add_argument(
            "--head",
            type=head,
            action="append",
            default=[],
            metavar="ROW:HASH",
            help="a head that the log showed once: only so a cut-off end or a new chain is seen",
        )
        export = verbs.add_parser("export", help="write rows, oldest first")
        export.add_argument("--format", choices=sorted(FORMS), default="jsonl")
        export.add_argument("--output", type=Path, help="a new file; else standard output")
        kinds = {"from": time, "to": time, "result": result}
        for name in FILTERS:
            export.add_argument(f"--{name}", type=kinds.get(name, str), metavar=name.upper())

    def handle(self, *args: Any, **options: Any) -> None:
        if options["verb"] == "verify":
            self.verify(dict(options["head"]))
        else:
            self.export(options)

    def verify(self, noted: dict[int, str]) -> None:
        walk = Walk(noted).to_end()
        self.stdout.write(f"{walk.rows} rows hold together.")
        self.stdout.write(f"head {walk.rows}:{walk.head}")
        self.note_verification(walk, walk.broken)
        if walk.broken is not None:
            raise CommandError(str(walk.broken), returncode=1)

    def note_verification(self, walk: Walk, broken: Broken | None) -> None:
        """A copy that cannot be written can be verified all the same."""
        outcome = Result.OK if broken is None else Result.FAILED
        reason = "" if broken is None else str(broken)
        fields = {"parameters": {"rows": walk.rows}, "sha256": walk.head, "reason": reason}
        try:
            chain.append("audit.verify", outcome, **about("verify"), **fields)
        except DatabaseError as error:
            self.stderr.write(f"This verification could not be recorded: {error}")

    def export(self, options: dict[str, Any]) -> None:
        words = {name: options[name] for name in FILTERS if options[name] is not None}
        found = Entry.objects.filter(
            search.condition(Wanted(name, (value,)) for name, value in words.items())
        )
        parameters = {"form": options["format"], "filter": words}
        row = about("export") | {"parameters": parameters}
        try:
            intent = chain.append("audit.export", Result.INTENT, **row)
        except DatabaseError as error:
            raise CommandError(
                f"The export cannot be recorded, so none is made: {error}"
            ) from error
        export = Export(found, options["format"])
        try:
            size, digest = self.written(export, options["output"])
        except OSError as error:
            chain.append(
                "audit.export", Result.FAILED, intent_seq=intent.seq, reason=str(error), **row
            )
            raise CommandError(str(error)) from error
        ended = row | {"parameters": parameters | {"rows": export.rows}}
        chain.append(
            "audit.export", Result.OK, intent_seq=intent.seq, bytes=size, sha256=digest, **ended
        )
        self.stderr.write(f"{export.rows} rows, {size} bytes, sha256 {digest}")

    def written(self, export: Export, output: Path | None) -> tuple[int, str]:
        """Bytes and sha256. An existing file is left alone."""
        if output is not None:
            with output.open("xb") as file:
                return copied(export, file)
        return copied(export, sys.stdout.buffer)


def copied(export: Export, file: BinaryIO) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for piece in export.pieces():
        file.write(piece)
        digest.update(piece)
        size += len(piece)
    file.flush()
    return size, digest.hexdigest()


def about(verb: str) -> dict[str, Any]:
    """Whoever has a shell on this machine is no person of ours."""
    return {"user": "system", "object_kind": "site", "command_line": f"manage.py audit {verb}"}
