"""What the engine is asked, and how often, under calm and storm."""

from engine.agenda import BURST, Agenda, ListAll, Read, Wait


def listed(at: float = 0.0) -> Agenda:
    agenda = Agenda()
    assert agenda.next(at) == ListAll(())
    return agenda


def test_the_first_step_is_a_list() -> None:
    assert Agenda().next(0.0) == ListAll(())


def test_a_few_touched_objects_are_read_at_once() -> None:
    agenda = listed()
    agenda.touch("a")
    agenda.touch("b")
    agenda.touch("a")
    assert agenda.next(0.1) == Read(("a", "b"))
    assert agenda.next(0.1) == Wait(60 - 0.1)


def test_many_touched_objects_wait_for_one_list_every_two_seconds() -> None:
    agenda = listed()
    keys = tuple(str(number) for number in range(BURST + 1))
    for key in keys:
        agenda.touch(key)
    step = agenda.next(0.5)
    assert isinstance(step, Wait)
    assert step.seconds <= 1.5
    assert agenda.next(2.0) == ListAll(keys)


def test_single_reads_have_a_budget() -> None:
    """A storm of 1,000 events a second for ten seconds costs what the budget says."""
    agenda, now, reads, lists = listed(), 0.0, 0, 0
    for number in range(10_000):
        now += 0.001
        agenda.touch(f"container {number % 300}")
        match agenda.next(now):
            case Read(keys):
                reads += len(keys)
            case ListAll():
                lists += 1
    assert lists <= 5
    assert reads <= BURST + 20 * 10


def test_what_lists_leave_to_be_read_is_within_the_same_budget() -> None:
    agenda, now, reads, others = listed(), 0.0, 0, 0
    for number in range(10_000):
        now += 0.001
        agenda.touch(f"container {number % 8}")
        if number % 50 == 0:
            others += agenda.take_one(now)
        if isinstance(step := agenda.next(now), Read):
            reads += len(step.keys)
    assert reads + others <= BURST + 20 * 10
    assert others > 20


def test_waiting_is_never_longer_than_what_would_unblock_it() -> None:
    agenda = listed()
    for number in range(BURST):
        agenda.touch(str(number))
    assert isinstance(agenda.next(0.0), Read)
    agenda.touch("one more")
    step = agenda.next(0.0)
    assert isinstance(step, Wait)
    assert step.seconds <= 0.051
    assert agenda.next(step.seconds + 0.001) == Read(("one more",))


def test_once_a_minute_a_list_reconciles() -> None:
    agenda = listed()
    assert agenda.next(59.0) == Wait(1.0)
    assert agenda.next(60.0) == ListAll(())


def test_a_wanted_list_keeps_its_distance_and_does_not_hold_up_single_reads() -> None:
    agenda = listed()
    agenda.want_list("wedged")
    agenda.touch("a")
    assert agenda.next(0.1) == Read(("a",))
    assert agenda.next(0.1) == Wait(1.9)
    assert agenda.waits_for("wedged")
    assert not agenda.waits_for("a")
    assert agenda.next(2.0) == ListAll(("wedged",))
    assert not agenda.waits_for("wedged")


def test_waits_for_says_what_is_still_to_be_asked() -> None:
    agenda = listed()
    agenda.touch("a")
    assert agenda.waits_for("a")
    agenda.next(0.1)
    assert not agenda.waits_for("a")
    agenda.touch("b")
    agenda.forget("b")
    assert not agenda.waits_for("b")
