"""``ContainerSpec`` as JSON: a schema written from its own fields, so that the two never part."""

import dataclasses
import types
from enum import StrEnum
from functools import cache
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from pydantic import Field, create_model

from engine.specs import ContainerSpec, Pairs
from web.operations import In
from web.typed import Text, Whole

NOT_HERE = frozenset({"detach"})  # nobody stays attached to an answer
MOST_ITEMS = 1000


@cache
def schema_of(kind: type[Any], name: str = "") -> type[In]:
    """The schema of a dataclass: every field with its default, unknown ones refused by name."""
    hints = get_type_hints(kind)
    fields: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        if field.name in NOT_HERE:
            continue
        required = field.default is dataclasses.MISSING
        default = ... if required else plain(field.default, hints[field.name])
        fields[field.name] = (type_of(hints[field.name]), default)
    words = (kind.__doc__ or "").split("\n\n")[-1].strip()
    return create_model(name or kind.__name__, __base__=In, __doc__=words, **fields)


def type_of(hint: Any) -> Any:
    """The JSON type of a field's: pairs are an object, tuples are arrays."""
    if hint == Pairs:
        return Annotated[dict[Text, Text], Field(max_length=MOST_ITEMS)]
    if get_origin(hint) is tuple:
        return Annotated[list[type_of(get_args(hint)[0])], Field(max_length=MOST_ITEMS)]  # type: ignore[misc]
    if get_origin(hint) in (types.UnionType, Union):
        return type_of(next(each for each in get_args(hint) if each is not type(None))) | None
    if hint is int:
        return Whole
    if hint is str:
        return Text
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return Literal[tuple(each.value for each in hint)]
    return schema_of(cast(Any, hint)) if dataclasses.is_dataclass(hint) else hint


def plain(default: Any, hint: Any) -> Any:
    """A default as JSON has it."""
    if dataclasses.is_dataclass(default) and not isinstance(default, type):
        return schema_of(type(default))(**dataclasses.asdict(default))
    if isinstance(default, StrEnum):
        return default.value
    if isinstance(default, tuple):
        return dict(default) if hint == Pairs else list(default)
    return default


def json_of(value: Any, hint: Any) -> Any:
    """A value as ``type_of`` its field takes it: the other way round of ``value_of``."""
    if get_origin(hint) in (types.UnionType, Union) and value is not None:
        hint = next(each for each in get_args(hint) if each is not type(None))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        hints = get_type_hints(type(value))
        names = (field.name for field in dataclasses.fields(value) if field.name not in NOT_HERE)
        return {name: json_of(getattr(value, name), hints[name]) for name in names}
    if isinstance(value, tuple):
        return dict(value) if hint == Pairs else [json_of(one, get_args(hint)[0]) for one in value]
    return value.value if isinstance(value, StrEnum) else value


def spec_of(sent: In) -> ContainerSpec:
    return cast(ContainerSpec, value_of(ContainerSpec, sent))


def value_of(hint: Any, sent: Any) -> Any:
    """The typed value of what was sent; the other way round of ``type_of``."""
    if sent is None:
        return None
    if hint == Pairs:
        return tuple(sent.items())
    if get_origin(hint) is tuple:
        return tuple(value_of(get_args(hint)[0], each) for each in sent)
    if get_origin(hint) in (types.UnionType, Union):
        return value_of(next(h for h in get_args(hint) if h is not type(None)), sent)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        hints = get_type_hints(hint)
        names = type(sent).model_fields
        return hint(**{name: value_of(hints[name], getattr(sent, name)) for name in names})
    return hint(sent) if isinstance(hint, type) and issubclass(hint, StrEnum) else sent
