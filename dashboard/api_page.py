"""The OpenAPI document as sections of a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from dashboard.api import document


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body; ``kind`` is its type in a word."""

    name: str
    place: str
    kind: str
    needed: bool
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One operation. ``answers`` are (status, what it means, schema's name)."""

    id: str
    method: str
    path: str
    title: str
    text: str
    right: str
    fields: tuple[Field, ...]
    answers: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    entries: tuple[Entry, ...]


def sections() -> list[Section]:
    found = [
        (operation["tags"][0], entry(method, path, operation))
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]
    return [
        Section(name, tuple(each for _name, each in entries))
        for name, entries in groupby(found, key=lambda each: each[0])
    ]


def entry(method: str, path: str, operation: dict[str, Any]) -> Entry:
    text = operation["description"].partition("\n")[2]
    return Entry(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        title=operation["summary"],
        text=" ".join(text.split()),
        right=operation["x-right"],
        fields=(*parameters(operation), *body(operation)),
        answers=tuple(answers(operation)),
    )


def parameters(operation: dict[str, Any]) -> Iterator[Field]:
    for each in operation.get("parameters", ()):
        text = each.get("description") or each["schema"].get("description", "")
        kind = kind_of(each["schema"])
        yield Field(each["name"], each["in"], kind, each.get("required", False), text)


def body(operation: dict[str, Any]) -> Iterator[Field]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = resolved(content.get("application/json", {}).get("schema", {}))
    for name, each in schema.get("properties", {}).items():
        needed = name in schema.get("required", ())
        yield Field(name, "body", kind_of(each), needed, each.get("description", ""))


def answers(operation: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for code, answer in operation["responses"].items():
        schemas = [each.get("schema", {}) for each in answer.get("content", {}).values()]
        yield code, answer["description"], kind_of(schemas[0]) if schemas else ""


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema by its name; of a choice the one that is no null."""
    for each in schema.get("anyOf", ()):
        if each.get("type") != "null":
            return resolved(each)
    name = schema.get("$ref", "").rpartition("/")[2]
    found: dict[str, Any] = document()["components"]["schemas"].get(name, schema)
    return found


def kind_of(schema: dict[str, Any]) -> str:
    """``string``, ``array of PortOut``, ``"a" | "b"``."""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "anyOf" in schema:
        return " | ".join(kind_of(each) for each in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(f'"{each}"' for each in schema["enum"])
    if schema.get("type") == "array":
        return f"array of {kind_of(schema.get('items', {}))}"
    return str(schema.get("type", "any"))
