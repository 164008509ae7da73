"""Engine JSON → image rows, layers and search hits. Pure."""

import re
from collections.abc import Iterable, Sequence

from engine.answers import Json, bare_id, created_time
from engine.types import ImageRow, Layer, SearchHit

_NONE = ("<none>:<none>", "<none>@<none>")
# A step that writes a layer even if nothing in it has a size.
_WRITING = re.compile(
    r"(RUN|COPY|ADD|WORKDIR)\b|(/bin/sh -c )?#\(nop\) +(COPY|ADD|WORKDIR)\b|/bin/sh -c (?!#\(nop\))"
)


def image_from_list(item: Json) -> ImageRow:
    """One element of ``/images/json`` → a row that is not inspected yet."""
    shared = item.get("SharedSize")
    return ImageRow(
        id=bare_id(str(item["Id"])),
        tags=_names(item.get("RepoTags")),
        digests=_names(item.get("RepoDigests")),
        created=created_time(item.get("Created")),
        size=int(item.get("Size") or 0),
        shared_size=int(shared) if shared is not None and shared >= 0 else None,
        parent_id=bare_id(str(item.get("ParentId") or "")),
        labels=dict(item.get("Labels") or {}),
    )


def image_from_inspect(item: Json) -> ImageRow:
    """``/images/{name}/json`` → a whole row; the shared size is only in lists."""
    return ImageRow(
        id=bare_id(str(item["Id"])),
        tags=_names(item.get("RepoTags")),
        digests=_names(item.get("RepoDigests")),
        created=created_time(item.get("Created")),
        size=int(item.get("Size") or 0),
        parent_id=bare_id(str(item.get("Parent") or "")),
        labels=dict((item.get("Config") or {}).get("Labels") or {}),
        inspected=True,
        platform=platform_text(item),
        layer_digests=layer_digests(item),
    )


def _names(names: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(sorted(name for name in names or () if name not in _NONE))


def platform_text(item: Json) -> str:
    """``linux/arm/v7``, as ``docker run --platform`` takes it."""
    parts = (item.get("Os"), item.get("Architecture"), item.get("Variant"))
    return "/".join(str(part) for part in parts if part)


def layer_digests(item: Json) -> tuple[str, ...]:
    """The diff ids of an inspected image, lowest first."""
    return tuple((item.get("RootFS") or {}).get("Layers") or ())


def layers(history: Sequence[Json], digests: Sequence[str]) -> list[Layer]:
    """``/images/{name}/history`` (newest first) and diff ids → steps, oldest first.

    The engine does not say which steps made a layer: they are told by their size, then by
    their instruction; where neither count fits the digests, no step gets one.
    """
    steps = list(reversed(history))
    sized = [step for step in steps if step.get("Size")]
    writing = [step for step in steps if step.get("Size") or _writes(step)]
    made = next((found for found in (sized, writing, steps) if len(found) == len(digests)), [])
    digest_of = {id(step): digest for step, digest in zip(made, digests, strict=False)}
    return [
        Layer(
            step=str(step.get("CreatedBy") or ""),
            created=created_time(step.get("Created")),
            size=int(step.get("Size") or 0),
            digest=digest_of.get(id(step), ""),
            comment=str(step.get("Comment") or ""),
        )
        for step in steps
    ]


def _writes(step: Json) -> bool:
    return bool(_WRITING.match(str(step.get("CreatedBy") or "")))


def search_hit(item: Json) -> SearchHit:
    return SearchHit(
        name=str(item.get("name") or ""),
        description=str(item.get("description") or ""),
        stars=int(item.get("star_count") or 0),
        official=bool(item.get("is_official")),
    )
