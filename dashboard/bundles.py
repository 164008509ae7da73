"""Our scripts as few files, as they are served once prepared. Pure.

The sources are modules and run as they are in a browser; what is made here runs the same with
fewer requests. A bundle is what is loaded by an address of its own: by a template's tag or by
``import("./x.js")``. Every module stands in exactly one bundle, so its state is one.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

SHARED = "js/app.js"  # on every page, before its others
_IMPORT = re.compile(r'^import (?:(\{[^}]*\}|\* as \w+) from )?"(\.[^"\n]+)";', re.MULTILINE)
_LATER = re.compile(r'\bimport\("(\.[^"\n]+)"\)')
_EXPORT = re.compile(r"^export ((?:async )?function\*? |class |const )(\w+)", re.MULTILINE)
_STRANGE = re.compile(
    r"^(?:import|export) .*|.*\bimport\.meta\b.*|^(?!.*\basync\b)\S.*\bawait\b.*", re.MULTILINE
)


class BadScript(Exception):
    """A module that cannot be bundled; the sentence says which and why."""


@dataclass(frozen=True, slots=True)
class Module:
    """One source: what it imports at once and later, and what others may import of it."""

    name: str
    body: str
    now: tuple[str, ...]
    later: tuple[str, ...]
    exports: tuple[str, ...]

    @classmethod
    def of(cls, name: str, text: str) -> "Module":
        folder = posixpath.dirname(name)
        imports = [(names, resolved(folder, path)) for names, path in _IMPORT.findall(text)]
        taken = _IMPORT.sub(lambda found: taking(found[1], resolved(folder, found[2])), text)
        body = _EXPORT.sub(r"\1\2", taken)
        if strange := _STRANGE.search(body):
            raise BadScript(f"{name}: not known to bundles.py: {strange[0]}")
        return cls(
            name,
            body,
            tuple(dict.fromkeys(path for _, path in imports)),
            tuple(dict.fromkeys(resolved(folder, path) for path in _LATER.findall(text))),
            tuple(name for _, name in _EXPORT.findall(text)),
        )


def resolved(folder: str, path: str) -> str:
    return posixpath.normpath(posixpath.join(folder, path))


def taking(names: str, path: str) -> str:
    """What stands for an import in a bundle."""
    if not names:
        return ""
    if names.startswith("*"):
        return f"const {names.split()[-1]} = {variable(path)};"
    return f"const {names.replace(' as ', ': ')} = {variable(path)};"


def variable(name: str) -> str:
    """The constant that holds what a module exports."""
    return "__" + re.sub(r"\W", "_", name)


@dataclass(frozen=True)
class Graph:
    modules: Mapping[str, Module]
    places: dict[str, str] = field(default_factory=dict)  # module → the bundle it stands in

    @cached_property
    def addressed(self) -> frozenset[str]:
        """Loaded by a page: no module imports them."""
        imported = {name for one in self.modules.values() for name in (*one.now, *one.later)}
        return frozenset(self.modules) - imported

    @cached_property
    def later(self) -> frozenset[str]:
        return frozenset(name for one in self.modules.values() for name in one.later)

    def closure(self, root: str, lazily: bool = False) -> list[str]:
        """What is loaded with ``root``, in the order in which it runs; ``lazily``: ever."""
        found: dict[str, bool] = {}  # False while what it imports is looked at

        def look(name: str) -> None:
            if name not in self.modules or found.get(name):
                return
            if name in found:
                raise BadScript(f"{name} imports itself by way of others")
            found[name] = False
            module = self.modules[name]
            for other in module.now:
                look(other)
            found[name] = True
            order.append(name)
            for other in module.later if lazily else ():
                if other not in found:
                    look(other)

        order: list[str] = []
        look(root)
        return order

    def place_all(self) -> None:
        """Each module with the one root that needs it; what several need is a file of its own."""
        users: Counter[str] = Counter()
        for root in self.addressed:
            users.update(self.closure(root, lazily=True))
        self.places.update(dict.fromkeys(self.closure(SHARED), SHARED))
        alone = [name for name, count in users.items() if count > 1]
        self.places.update({name: name for name in alone if name not in self.places})
        for roots in (self.addressed, self.later - self.places.keys()):
            wanted = Counter(name for root in roots for name in self.closure(root))
            for root in roots:
                for name in self.closure(root):
                    self.places.setdefault(name, root if wanted[name] == 1 else name)
        if lost := sorted(self.modules.keys() - self.places.keys()):
            raise BadScript(f"{lost[0]} is imported only by what it imports")

    def members(self, bundle: str) -> list[str]:
        return [name for name in self.closure(bundle) if self.places[name] == bundle]

    def text(self, bundle: str) -> str:
        members = self.members(bundle)
        needed = dict.fromkeys(name for member in members for name in self.modules[member].now)
        outside = [name for name in needed if self.places.get(name) != bundle]
        parts = [*self.imports(bundle, outside), *(self.part(name) for name in members)]
        return "\n".join([*parts, *self.exports(bundle, members)]) + "\n"

    def imports(self, bundle: str, outside: Iterable[str]) -> list[str]:
        folder = posixpath.dirname(bundle)
        by_file: dict[str, list[str]] = {}
        lines = []
        for name in outside:
            if name in self.modules:
                names = [variable(name)] if self.modules[name].exports else []
                by_file.setdefault(self.places[name], []).extend(names)
            else:
                lines.append(f'import * as {variable(name)} from "{relative(name, folder)}";')
        for file, names in by_file.items():
            taken = f"{{ {', '.join(names)} }} from " if names else ""
            lines.append(f'import {taken}"{relative(file, folder)}";')
        return lines

    def part(self, name: str) -> str:
        module = self.modules[name]
        if not module.exports:
            return f"(() => {{\n{module.body}\n}})();"
        returned = f"return {{ {', '.join(module.exports)} }};"
        return f"const {variable(name)} = (() => {{\n{module.body}\n{returned}\n}})();"

    def exports(self, bundle: str, members: list[str]) -> list[str]:
        """For other bundles the modules; for ``import("./x.js")`` what it names."""
        elsewhere = {
            name
            for module in self.modules.values()
            if self.places[module.name] != bundle
            for name in module.now
        }
        asked = [variable(name) for name in members if name in elsewhere]
        lines = [f"export {{ {', '.join(asked)} }};"] if asked else []
        if bundle in self.later and (names := self.modules[bundle].exports):
            lines.append(f"export const {{ {', '.join(names)} }} = {variable(bundle)};")
        return lines


def relative(name: str, folder: str) -> str:
    path = posixpath.relpath(name, folder or ".")
    return path if path.startswith("../") else f"./{path}"


def bundles(sources: Mapping[str, str]) -> dict[str, str]:
    """The bundles' texts by name, of the modules' texts by name. Raises BadScript."""
    modules = {name: Module.of(name, text) for name, text in sources.items()}
    check_names(sources, modules)
    graph = Graph(modules)
    graph.place_all()
    return {name: graph.text(name) for name in dict.fromkeys(graph.places.values())}


def check_names(sources: Mapping[str, str], modules: Mapping[str, Module]) -> None:
    """A name that its module does not export would be found missing only where it is used."""
    for name, text in sources.items():
        for names, path in _IMPORT.findall(text):
            other = modules.get(resolved(posixpath.dirname(name), path))
            if other is None or not names.startswith("{"):
                continue
            for taken in filter(
                None, (part.split(" as ")[0].strip() for part in names[1:-1].split(","))
            ):
                if taken not in other.exports:
                    raise BadScript(f"{name}: {other.name} exports no {taken}")
