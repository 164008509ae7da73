"""What a few words lead to: things by their names, then what can be done with the nearest one.

From memory alone, and only what the person may see and do.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import nlargest
from itertools import islice

from access.actors import Actor
from access.gate import may
from access.targets import Target
from dashboard.palette_match import fit
from dashboard.palette_tasks import begun, tasks
from dashboard.palette_things import KINDS, Choice, target_of, things
from dashboard.palette_verbs import VERBS, Verb

MOST_OBJECTS = 8
MOST_VERBS = 8
MOST_LETTERS = 100
HERE = 50  # what stands on the host one looks at comes before its equals elsewhere
BOX = 20  # a container before what else has its name: its network, its image
BY_ID = 4  # letters from which on the start of an id is looked for


@dataclass(frozen=True, slots=True)
class Found:
    objects: list[Choice] = field(default_factory=list)
    verbs: list[Choice] = field(default_factory=list)


def find(actor: Actor, words: str, here: str, pages: Iterable[Choice]) -> Found:
    """``here`` is the slug of the host one looks at, or ""; ``pages`` is where one may go."""
    spoken = " ".join(words.split())[:MOST_LETTERS]
    letters = spoken.casefold()
    first, _, rest = letters.partition(" ")
    starts = list(begun(actor, here, first, spoken.partition(" ")[2])) if rest and here else []
    if rest and (chosen := commanded(actor, first, rest, here)):
        return Found(verbs=[*chosen[: MOST_VERBS - len(starts)], *starts])
    begins = tasks(actor, here) if here else ()
    objects = best([*pages, *begins, *things(actor)], letters, here, MOST_OBJECTS)
    if not letters or not objects or objects[0].row is None:
        return Found(objects, starts)
    return Found(objects, [*starts, *islice(verbs_of(actor, objects[0], VERBS), MOST_VERBS)])


def commanded(actor: Actor, first: str, rest: str, here: str) -> list[Choice]:
    """``stop web``: that verb for the things nearest to the name."""
    named = [verb for verb in VERBS if verb.word.startswith(first)]
    kinds = frozenset(verb.kind for verb in named)
    nearest = best(things(actor, kinds), rest, here, MOST_VERBS) if named else []
    return [one for choice in nearest for one in verbs_of(actor, choice, named)]


def best(choices: Iterable[Choice], letters: str, here: str, most: int) -> list[Choice]:
    """The nearest first; without letters the first ones as they stand."""
    if not letters:
        return list(islice(choices, most))
    ranked = ((rank(choice, letters, here), choice) for choice in choices)
    fitting = [pair for pair in ranked if pair[0]]
    return [choice for _, choice in nlargest(most, fitting, key=lambda pair: pair[0])]


def rank(choice: Choice, letters: str, here: str) -> int:
    found = fit(letters, str(choice.label).casefold()) if choice.named else 0
    if not found and len(letters) >= BY_ID and choice.id.startswith(letters):
        found = fit(letters, choice.id)
    if not found:
        return 0
    return found + HERE * (choice.host == here) + BOX * (choice.kind == "container")


def verbs_of(actor: Actor, choice: Choice, named: Iterable[Verb]) -> Iterator[Choice]:
    """What may be done with it now; two words for one verb give it once."""
    target, given = target_of(choice), set[str]()
    for verb in named:
        url = verb.address(choice) if verb.kind == choice.kind else ""
        if not url or url in given or not verb.fits(choice.row):
            continue
        judged = Target(verb.right.partition(".")[0], "", "", choice.host) if verb.anew else target
        if may(actor, verb.right, judged):
            given.add(url)
            yield Choice(url, verb.label, verb.icon, spoken(choice), verb.how, choice.host)


def spoken(choice: Choice) -> str:
    """A thing in words; of what kind it is where it is no container."""
    kind = KINDS.get(choice.kind)
    return f"{choice.label} · {kind}" if kind else str(choice.label)
