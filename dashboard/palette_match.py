"""How well a few typed letters fit a name. Pure."""

from functools import lru_cache

WHOLE, START, WORD, INSIDE, SCATTERED = 1000, 800, 600, 400, 100
_BREAKS = frozenset("-_./: @")


@lru_cache(maxsize=50_000)
def fit(letters: str, name: str) -> int:
    """The higher the better; 0: not all letters come in ``name`` in this order.

    Both in small letters. The whole name counts more than its start, that more than a word's
    start, a piece anywhere, and letters with others in between; a shorter name more than a long.
    """
    if not letters or len(letters) > len(name):
        return 0 if letters else 1
    at = name.find(letters)
    if at < 0:
        return scattered(letters, name)
    if letters == name:
        return WHOLE
    while at > 0 and name[at - 1] not in _BREAKS:
        at = name.find(letters, at + 1)
    rank = START if at == 0 else WORD if at > 0 else INSIDE
    return rank - min(len(name) - len(letters), 99)


def scattered(letters: str, name: str) -> int:
    """Letters with others in between: the fewer pieces, the better."""
    at, pieces, last = 0, 0, -2
    for letter in letters:
        at = name.find(letter, at)
        if at < 0:
            return 0
        pieces += at != last + 1
        last, at = at, at + 1
    return max(1, SCATTERED - 9 * pieces - min(len(name), 60) // 10)
