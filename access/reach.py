"""How far one grant reaches: whether it covers an object, for a right that it gives."""

from collections.abc import Callable

from access.book import Book, Held, Rule
from access.dangers import row_of
from access.models import Selector
from access.roles import Role
from access.targets import ImageTarget, RemovedTarget, StartedTarget, Target
from engine.errors import NotFound
from engine.types import PREDEFINED_NETWORKS
from hosts.live import engine_of

# On an image these ask no more than that it may be seen.
LOOKING = ("image.see", "image.search", "image.pull", "image.save", "image.files_read")
JOINING = ("network.see", "network.use", "container.connect", "container.disconnect")
LEAVING = ("network.see", "container.disconnect")
FILES = "container.files_read"


def reaches(held: Book, rule: Rule, right: str, target: Target, user_id: int) -> bool:
    """``right`` is one that the rule gives, on this target's host. Unknown kinds are out."""
    judge = JUDGES.get(target.kind)
    return judge is not None and judge(held, rule, right, target, user_id)


def anywhere(held: Book, rule: Rule, right: str, target: Target, user_id: int) -> bool:
    """The site and a host: at all, on something there. Each object is asked for again."""
    return True


def container(held: Book, rule: Rule, right: str, target: Target, user_id: int) -> bool:
    """One that is not made yet has no id: its name and labels are judged by ``access.names``."""
    if not target.id:
        return True
    owner, row = owner_of(held, target), row_of(target)
    if row is None:
        if rule.everything:
            return True
        return rule.selector is Selector.OWNED and owner == rule.team_id
    return rule.matches(row, owner)


def owner_of(held: Book, target: Target) -> int | None:
    """The team that has it; of one that was removed, that had it."""
    if isinstance(target, RemovedTarget):
        return target.team
    return held.owner(target.host, target.id)


def image(held: Book, rule: Rule, right: str, target: Target, user_id: int) -> bool:
    """Seen where the team holds it, where it is shared, or a container in reach is made from it;
    changed where the team or the person holds it."""
    if not target.id or rule.everything:
        return True
    holders = held.holders(target.host, "image", target.id)
    if is_own(holders, rule, user_id):
        return True
    if right not in LOOKING or not isinstance(target, ImageTarget):
        return False
    return holders.shared or uses(held, rule, target)


def uses(held: Book, rule: Rule, target: ImageTarget) -> bool:
    try:
        snapshot = engine_of(target.host).mirror.snapshot
    except NotFound:
        return False
    return any(
        rule.matches(row, held.owner(target.host, row.id))
        for row in snapshot.containers_of_image(target.id)
    )


def network(held: Book, rule: Rule, right: str, target: Target, user_id: int) -> bool:
    """Joined where the team holds it, where it is shared or the engine's own; seen and left, too,
    where a container in reach is in it; removed where the team holds it."""
    if not target.id or rule.everything:
        return True
    holders = held.holders(target.host, "network", target.name)
    if is_own(holders, rule, user_id):
        return True
    if right not in JOINING:
        return False
    if holders.shared or target.name in PREDEFINED_NETWORKS:
        return True
    return right in LEAVING and joined(held, rule, target)


def joined(held: Book, rule: Rule, target: Target) -> bool:
    try:
        snapshot = engine_of(target.host).mirror.snapshot
    except NotFound:
        return False
    return any(
        target.name in row.networks and rule.matches(row, held.owner(target.host, row.id))
        for row in snapshot.containers.values()
    )


def volume(held: Book, rule: Rule, right: str, target: Target, user_id: int) -> bool:
    """Used where the team holds it or it is shared, and its files are read then where the grant
    has that tick; seen and read, too, where a container in reach has it; removed where the team
    holds it."""
    if not target.id or rule.everything:
        return True
    holders = held.holders(target.host, "volume", target.id)
    own = is_own(holders, rule, user_id)
    if (own or holders.shared) and right == FILES and "volume.use" in rule.rights:
        return True
    if own and right != FILES:
        return True
    if holders.shared and right in ("volume.see", "volume.use"):
        return True
    return right in ("volume.see", FILES) and mounted(held, rule, target)


def mounted(held: Book, rule: Rule, target: Target) -> bool:
    try:
        snapshot = engine_of(target.host).mirror.snapshot
    except NotFound:
        return False
    return any(
        target.id in {mount.name for mount in row.mounts}
        and rule.matches(row, held.owner(target.host, row.id))
        for row in snapshot.containers.values()
    )


def registry(held: Book, rule: Rule, right: str, target: Target, user_id: int) -> bool:
    holders = held.holders("", "registry", target.name)
    return rule.role is Role.HOST_ADMIN or holders.shared or is_own(holders, rule, user_id)


def job(held: Book, rule: Rule, right: str, target: Target, user_id: int) -> bool:
    """One's own; a host admin's are all; a developer's are those of people who are in no team
    but the developer's own, so that one team's work is not told to another, and none that tells
    of the whole host."""
    started = target if isinstance(target, StartedTarget) else StartedTarget(target.kind)
    starter = started.user_id
    if starter == str(user_id) or rule.role is Role.HOST_ADMIN:
        return True
    if rule.role is not Role.DEVELOPER or not starter.isdigit() or started.whole:
        return False
    theirs = held.teams_of.get(int(starter), frozenset())
    return bool(theirs) and theirs <= {rule.team_id}


def recording(held: Book, rule: Rule, right: str, target: Target, user_id: int) -> bool:
    """One's own, and a host admin's are all of the host: as ``sight.recordings`` lists them."""
    maker = target.user_id if isinstance(target, StartedTarget) else ""
    return rule.role is Role.HOST_ADMIN or (bool(user_id) and maker == str(user_id))


def is_own(holders: Held, rule: Rule, user_id: int) -> bool:
    return rule.team_id in holders.teams or user_id in holders.users


Judge = Callable[[Book, Rule, str, Target, int], bool]
JUDGES: dict[str, Judge] = {
    "site": anywhere,
    "host": anywhere,
    "container": container,
    "image": image,
    "network": network,
    "volume": volume,
    "registry": registry,
    "job": job,
    "recording": recording,
}
