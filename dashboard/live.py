"""The one live socket: topics in, ids of what changed out. The HTML is fetched by GET."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import suppress
from typing import Any

from access.actors import Actor
from access.errors import Denied
from access.gate import authorize
from access.sight import seen
from access.targets import Target
from audit import sockets as audit
from containers import sockets as containers
from containers import usage
from engine.engine import Engine
from engine.errors import NotFound
from engine.threads import door
from events import sockets as events
from hosts.live import engine_of
from jobs import feed
from networks import sockets as networks
from volumes import sockets as volumes
from web.sockets import BROKEN, Socket

MOST_TOPICS = 50


class LiveSocket(Socket):
    """``{"sub": [topic, …]}`` → ``{"event", "ids", "version"}``; at most 4 updates a second.

    ``"since": {topic: version}`` says what the page shows already: what came after is told at once.
    """

    right = "signed-in"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._topics: dict[str, asyncio.Task[None]] = {}

    async def admitted(self) -> bool:
        return True

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        try:
            message = json.loads(text_data or "")
            wanted = {str(topic) for topic in message["sub"]}
            since = {str(topic): int(seen) for topic, seen in message.get("since", {}).items()}
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
            return await self.close(BROKEN)
        if len(wanted) > MOST_TOPICS:
            return await self.close(BROKEN)
        for topic in self._topics.keys() - wanted:
            self._topics.pop(topic).cancel()
        for topic in wanted - self._topics.keys():
            if (follow := self.follower(topic, since.get(topic))) is not None:
                self._topics[topic] = self.own(follow)

    def follower(self, topic: str, since: int | None) -> Any:
        """The coroutine that serves a topic, or None where it is unknown or may not be seen."""
        kind, _, slug = topic.partition(":")
        if kind in ("containers", "images", "engine"):
            return self.host_follower(kind, slug, since)
        if kind == "events":
            return self.relay(events.follow(self.actor, slug))
        if topic == "audit":
            return self.relay(audit.follow(self.actor))
        if kind == "stats":
            return self.relay(containers.stats(self.actor, *slug.partition(":")[::2]))
        if kind == "usage":
            return self.relay(usage.follow(self.actor, *slug.partition(":")[::2]))
        if kind == "networks":
            return self.relay(networks.follow(self.actor, slug))
        if kind == "volumes":
            return self.relay(volumes.follow(self.actor, slug))
        if kind == "jobs":
            return self.relay(feed.of_all(self.actor))
        if kind == "job":
            return self.relay(feed.of_one(self.actor, slug))
        return None

    def host_follower(self, kind: str, slug: str, since: int | None) -> Any:
        try:
            engine = engine_of(slug)
        except NotFound:
            return None
        return self.follow_if_seen(kind, slug, engine, since)

    async def follow_if_seen(self, kind: str, slug: str, engine: Engine, since: int | None) -> None:
        """Nothing, or no more, where the host may not be seen."""
        with suppress(Denied):
            await self.follow_mirror(kind, slug, engine, since)

    async def relay(self, messages: AsyncIterator[dict[str, Any]]) -> None:
        async for message in messages:
            await self.send(text_data=json.dumps(message))

    async def follow_mirror(self, kind: str, slug: str, engine: Engine, since: int | None) -> None:
        async with engine.mirror.subscribe() as changes:
            shown = await self.shown(kind, slug, engine)
            snapshot = engine.mirror.snapshot
            if since is not None and snapshot.version > since:
                await self.tell(f"{kind}-changed", slug, snapshot.version, [])
            async for change in changes:
                ids = sorted(getattr(change, kind, frozenset()))
                if not self.actor.superuser:
                    before, shown = shown, await self.shown(kind, slug, engine)
                    ids = [id for id in ids if id in before or id in shown]
                whole = change.state_changed or (kind != "engine" and change.everything)
                if ids or whole:
                    await self.tell(f"{kind}-changed", slug, change.version, ids)

    async def shown(self, kind: str, slug: str, engine: Engine) -> Collection[str]:
        """The ids that this person may be told of. Raises Hidden where the host is hidden."""
        if self.actor.superuser:
            return ()
        return await door.run(visible, self.actor, kind, slug, engine)

    async def tell(self, event: str, host: str, version: int, ids: list[str]) -> None:
        """No ids mean: too many to name, or not an object; fetch the whole list."""
        message = {"event": event, "host": host, "version": version, "ids": ids}
        await self.send(text_data=json.dumps(message))


def visible(actor: Actor, kind: str, slug: str, engine: Engine) -> Collection[str]:
    authorize(actor, "host.see", Target("host", slug, slug, slug))
    rows: Mapping[str, object] = getattr(seen(actor, slug, engine.mirror.snapshot), kind, {})
    return rows.keys()
