"""The only door to a prune: what was previewed, and nothing else, as a job."""

from access import door
from access.actors import Actor
from access.gate import authorize
from access.targets import Target
from hosts.live import engine_of
from jobs import runner
from jobs.models import Job
from pruning.finding import look
from pruning.options import Options
from pruning.previews import Preview, previews
from pruning.sweeping import params
from pruning.what import What


def preview(actor: Actor, host: str, what: What, options: Options) -> Preview:
    """Ask the engine what would go, and keep the answer. Raises EngineErrors."""
    authorize(actor, what.right, Target("host", host, host, host))
    found = look(engine_of(host), what, options)
    return previews.put(Preview(actor.user_id, host, what, options, found))


def prune(actor: Actor, host: str, what: What, key: str) -> Job:
    """Start the job that removes what this preview showed, or join it. Raises Conflict where the
    preview is gone, TooMany."""
    target = Target("host", host, host, host)
    with door.judged(actor, what.right, target):
        authorize(actor, what.right, target)
    shown = previews.get(key, actor.user_id, host, what)
    return runner.start(actor, what.right, host, params(shown))
