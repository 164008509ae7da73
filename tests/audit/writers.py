"""Fifty writers on one SQLite file, for tests that kill them: ``python -m tests.audit.writers``.

DATA_DIR names the place. ``write``: until killed; says "writing" when all have begun, and every
error. ``check``: rows of the chain, its first broken row, SQLite's own word, unknown results.
"""

import os
import sys
import threading
from itertools import count

WRITERS = 50


def set_up() -> None:
    import django
    from django.core.management import call_command

    os.environ["DJANGO_SETTINGS_MODULE"] = "dashboard.settings"
    django.setup()
    call_command("migrate", verbosity=0)


def write() -> None:
    from audit import chain

    chain.close_open_intents()  # what the last kill left, as the server does at its start
    begun = threading.Barrier(WRITERS + 1)
    for number in range(WRITERS):
        threading.Thread(target=write_on, args=(number, begun), daemon=True).start()
    begun.wait()
    print("writing", flush=True)
    threading.Event().wait()


def write_on(number: int, begun: threading.Barrier) -> None:
    """Changes as the site makes them: intent, a job's row, result; every tenth one fails."""
    from access import door
    from access.actors import Actor
    from access.targets import Target
    from jobs.models import Job

    actor = Actor(user_id=number + 1, username=f"w{number}", superuser=True)
    target = Target("container", f"{number:064x}", f"box-{number}", "local")
    begun.wait()
    for turn in count():
        try:
            with door.change(actor, "container.stop", target, "docker stop box", turn=turn):
                job = Job.objects.create(kind="test", title=f"{number}-{turn}", intent_seq=1)
                if turn % 10 == 9:
                    raise ValueError("on purpose")
                job.delete()
        except ValueError:
            pass
        except Exception as error:
            print(f"{type(error).__name__}: {error}", flush=True)


def check() -> None:
    from django.db import connection

    from audit import chain
    from audit.models import Entry, Result
    from audit.walk import Walk

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        word = cursor.fetchone()[0]
    chain.close_open_intents()
    unknown = Entry.objects.filter(result=Result.UNKNOWN).count()
    walk = Walk().to_end()
    print(f"{walk.rows} {walk.broken} {word} {unknown}")


if __name__ == "__main__":
    set_up()
    {"write": write, "check": check}[sys.argv[1]]()
