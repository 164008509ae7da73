"""Every right, declared once as data: the string is the right, the action and the audit event."""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Danger(StrEnum):
    READ = "read"
    CHANGE = "change"
    HOST = "host"  # may lead to the host itself or to secrets


@dataclass(frozen=True, slots=True)
class Right:
    name: str
    title: str | Promise
    danger: Danger = Danger.CHANGE

    @property
    def only_reads(self) -> bool:
        return self.danger is Danger.READ


def _table(*rights: Right) -> dict[str, Right]:
    return {right.name: right for right in rights}


PUBLIC = "public"  # login, set-up link, static files, /healthz
BY_OPERATION = "operation"  # the JSON API: each of its operations names its own
SIGNED_IN = "signed-in"  # one's own account and nothing of an engine
LOGGED_IN = "logged-in"  # also before a second factor that is asked of them is set up

RIGHTS = _table(
    Right("host.see", _("See the engine's facts"), Danger.READ),
    Right("host.manage", _("Manage hosts"), Danger.HOST),
    Right("container.see", _("See containers"), Danger.READ),
    Right("container.logs", _("Read logs"), Danger.READ),
    Right("container.start", _("Start")),
    Right("container.stop", _("Stop")),
    Right("container.restart", _("Restart")),
    Right("container.kill", _("Send a signal")),
    Right("container.pause", _("Pause")),
    Right("container.unpause", _("Unpause")),
    Right("container.rename", _("Rename")),
    Right("container.update", _("Change limits and restart policy")),
    Right("container.connect", _("Connect containers to networks")),
    Right("container.disconnect", _("Disconnect containers from networks")),
    Right("container.create", _("Run new containers")),
    Right("container.duplicate", _("Duplicate containers, secrets included")),
    Right("container.edit", _("Change containers by making them anew")),
    Right("container.recreate", _("Make containers anew with the newest image")),
    Right("container.remove", _("Remove containers")),
    Right("container.forget", _("Forget the settings of removed containers")),
    Right("container.exec", _("Open a terminal"), Danger.HOST),
    Right("container.exec_root", _("Open a terminal as any user"), Danger.HOST),
    Right("container.attach", _("Attach to the main process"), Danger.HOST),
    Right("container.files_read", _("Read files in containers and volumes"), Danger.HOST),
    Right("container.export", _("Save a container's file system"), Danger.HOST),
    Right("container.commit", _("Make images of containers"), Danger.HOST),
    Right("container.files_write", _("Write files in containers"), Danger.HOST),
    Right("container.beyond_fence", _("Go beyond the fence"), Danger.HOST),
    Right("container.reveal_env", _("Reveal masked values"), Danger.HOST),
    Right("terminal.watch", _("Watch terminals of others"), Danger.READ),
    Right("terminal.end", _("End terminals of others")),
    Right("image.see", _("See images"), Danger.READ),
    Right("image.search", _("Search registries"), Danger.READ),
    Right("image.pull", _("Pull images")),
    Right("image.build", _("Build images")),
    Right("image.load", _("Load images from a file")),
    Right("image.save", _("Save images as a file"), Danger.HOST),
    Right("image.files_read", _("Read files in images"), Danger.HOST),
    Right("image.push", _("Push images")),
    Right("image.tag", _("Tag images")),
    Right("image.remove", _("Remove images")),
    Right("container.prune", _("Prune containers")),
    Right("image.prune", _("Prune images")),
    Right("volume.prune", _("Prune volumes")),
    Right("network.prune", _("Prune networks")),
    Right("build.prune", _("Prune the build cache")),
    Right("network.see", _("See networks"), Danger.READ),
    Right("network.use", _("Use networks")),
    Right("network.create", _("Create networks")),
    Right("network.remove", _("Remove networks")),
    Right("volume.see", _("See volumes"), Danger.READ),
    Right("volume.use", _("Use volumes")),
    Right("volume.create", _("Create volumes")),
    Right("volume.remove", _("Remove volumes")),
    Right("registry.use", _("Use registries"), Danger.READ),
    Right("registry.manage", _("Manage registries"), Danger.HOST),
    Right("job.see", _("See jobs"), Danger.READ),
    Right("job.cancel", _("Cancel jobs")),
    Right("audit.see", _("Read the audit log"), Danger.READ),
    Right("user.see", _("See people and what they may do"), Danger.READ),
    Right("user.manage", _("Manage people"), Danger.HOST),
    Right("team.see", _("See teams and grants"), Danger.READ),
    Right("audit.export", _("Save the audit log as a file"), Danger.READ),
    Right("audit.verify", _("Verify the audit log"), Danger.READ),
    Right("team.manage", _("Manage teams"), Danger.HOST),
    Right("grant.manage", _("Give and end rights"), Danger.HOST),
    Right("token.manage", _("See and end API tokens of others"), Danger.HOST),
)
