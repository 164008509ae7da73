"""Rendered pieces that are kept: bounded, and never shown for what looks different."""

from operator import eq

from containers.views.kept import Kept


def test_a_piece_is_found_while_its_source_looks_the_same() -> None:
    kept = Kept(100)
    assert kept.find("a", 1, eq) is None
    kept.put("a", 1, "one")
    assert kept.find("a", 1, eq) == "one"
    assert kept.find("a", 2, eq) is None
    kept.put("a", 2, "two")
    assert (kept.find("a", 2, eq), len(kept), kept.size) == ("two", 1, 3)


def test_an_equal_source_is_compared_once() -> None:
    kept, compared = Kept(100), []

    def same(old: list[int], new: list[int]) -> bool:
        compared.append(new)
        return old == new

    kept.put("a", [1], "one")
    again = [1]
    assert [kept.find("a", again, same) for _ in range(3)] == ["one"] * 3
    assert len(compared) == 1


def test_the_least_used_goes_first() -> None:
    kept = Kept(10)
    for key in "abc":
        kept.put(key, 0, "xxx")
    kept.find("a", 0, eq)
    kept.put("d", 0, "xxx")
    assert [key for key in "abcd" if kept.find(key, 0, eq)] == ["a", "c", "d"]
    assert kept.size == 9
    kept.put("huge", 0, "x" * 11)
    assert (len(kept), kept.size) == (0, 0)


def test_it_is_kept_in_ascii_and_means_the_same() -> None:
    kept = Kept(100)
    assert kept.put("a", 0, "停止…") == "&#20572;&#27490;&#8230;"
