"""Whose containers are, as far as a person is told."""

from collections.abc import Callable
from functools import cache

from access.actors import Actor
from access.book import book
from access.sight import teams_told


def owners(actor: Actor, host: str) -> Callable[[str], str]:
    """The short name of a container's team, by the container's id; "" where it is nobody's, or
    that of a team that the actor is not told of. The database is asked once it is called."""

    @cache
    def known() -> dict[str, str]:
        names = teams_told(actor, host)
        held = ((id, team) for (at, id), team in book().owners.items() if at == host)
        return {id: names[team] for id, team in held if team in names}

    return lambda id: known().get(id, "")
