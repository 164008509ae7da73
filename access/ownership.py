"""Writing down whose a container or an image is: in the transaction of the change's result."""

from collections.abc import Iterable

from access.actors import Actor
from access.book import book
from access.models import Holding, How, Kind, OwnedContainer, Team


def created(host: str, container_id: str, user_id: int | None, team_id: int | None) -> None:
    """A container was made here. Its full id is the key, for names are no identities."""
    OwnedContainer.objects.update_or_create(
        host=host,
        container_id=container_id,
        defaults={"team_id": team_id, "user_id": user_id, "how": How.CREATED},
    )


def adopted(actor: Actor, host: str, container_id: str, team_id: int | None) -> None:
    """An administrator gives it to a team, or with None to nobody."""
    OwnedContainer.objects.update_or_create(
        host=host,
        container_id=container_id,
        defaults={"team_id": team_id, "user_id": actor.user_id, "how": How.ADOPTED},
    )


def team_of(host: str, container_id: str) -> str:
    """The short name of the team that has it; "" for none."""
    row = OwnedContainer.objects.filter(host=host, container_id=container_id).first()
    return row.team.slug if row and row.team else ""


def handed_over(host: str, old_id: str, new_id: str, team_id: int | None = None) -> None:
    """A container takes another's place: it is whose that one was, and how that came. May be
    called again. ``team_id`` is whose it was at the beginning: somebody may have removed it, and
    its row, meanwhile."""
    row = OwnedContainer.objects.filter(host=host, container_id=old_id).first()
    if row is not None:
        row.container_id = new_id
        row.save(update_fields=["container_id"])  # by a save, which the book hears of
    elif not OwnedContainer.objects.filter(host=host, container_id=new_id).exists():
        team = Team.objects.filter(pk=team_id or 0).first()
        if team is not None:
            created(host, new_id, None, team.pk)


def removed(host: str, container_id: str) -> None:
    OwnedContainer.objects.filter(host=host, container_id=container_id).delete()


def holds_volume(host: str, name: str, team_id: int) -> None:
    """A new name becomes the team's; one that somebody holds already stays theirs."""
    if not Holding.objects.filter(host=host, kind=Kind.VOLUME, name=name).exists():
        Holding.objects.create(host=host, kind=Kind.VOLUME, name=name, team_id=team_id)


def let_go(host: str, kind: str, name: str) -> None:
    """An image, a volume or a network is gone: nobody holds it."""
    Holding.objects.filter(host=host, kind=kind, name=name).delete()


def holds_network(host: str, name: str, team_id: int) -> None:
    """The same of a network."""
    if not Holding.objects.filter(host=host, kind=Kind.NETWORK, name=name).exists():
        Holding.objects.create(host=host, kind=Kind.NETWORK, name=name, team_id=team_id)


def share_network(host: str, name: str, teams: Iterable[int], shared: bool) -> None:
    """From now on exactly these hold it."""
    Holding.objects.filter(host=host, kind=Kind.NETWORK, name=name).delete()
    for team_id in teams:
        Holding.objects.create(host=host, kind=Kind.NETWORK, name=name, team_id=team_id)
    if shared:
        Holding.objects.create(host=host, kind=Kind.NETWORK, name=name)


def share_volume(host: str, name: str, teams: Iterable[int], shared: bool) -> None:
    """From now on exactly these hold it."""
    let_go(host, Kind.VOLUME, name)
    for team_id in teams:
        Holding.objects.create(host=host, kind=Kind.VOLUME, name=name, team_id=team_id)
    if shared:
        Holding.objects.create(host=host, kind=Kind.VOLUME, name=name)


def users_of_registry(address: str) -> tuple[set[int], bool]:
    """The teams that may use its login, and whether everybody may."""
    rows = Holding.objects.filter(kind=Kind.REGISTRY, host="", name=address)
    teams = {team for team in rows.values_list("team_id", flat=True) if team is not None}
    return teams, rows.filter(team=None, user=None).exists()


def share_registry(address: str, teams: Iterable[int], shared: bool, was: str = "") -> None:
    """From now on exactly these use its login; ``was`` is an address that it had before."""
    Holding.objects.filter(kind=Kind.REGISTRY, host="", name__in=[address, was]).delete()
    for team_id in teams:
        Holding.objects.create(kind=Kind.REGISTRY, name=address, team_id=team_id)
    if shared:
        Holding.objects.create(kind=Kind.REGISTRY, name=address)


def only_team(user_id: int, host: str) -> int | None:
    """The team through which the person pulls there, if it is one: of two none is guessed."""
    rules = book().rules_for(user_id, host)
    teams = {rule.team_id for rule in rules if "image.pull" in rule.rights}
    return teams.pop() if len(teams) == 1 else None


def holds_image(host: str, image_id: str, user_id: int | None, team_id: int | None) -> None:
    """A team, or where there is none a person, brought this image here."""
    if team_id is not None:
        Holding.objects.get_or_create(
            host=host, kind=Kind.IMAGE, name=image_id, team_id=team_id, user=None
        )
    elif user_id is not None:  # a row with neither would share it with everybody
        Holding.objects.get_or_create(
            host=host, kind=Kind.IMAGE, name=image_id, team=None, user_id=user_id
        )
