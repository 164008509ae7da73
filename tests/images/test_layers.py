"""The engine's progress objects as rows and bytes."""

from typing import Any

from images.layers import show
from jobs.progress import Progress


def item(id: str, status: str, current: int | None = None, total: int | None = None) -> Any:
    detail = {} if current is None else {"current": current, "total": total}
    return {"id": id, "status": status, "progressDetail": detail}


def shown(*items: Any) -> Progress:
    progress = Progress()
    for one in items:
        show(progress, one)
    return progress


def test_the_headline_of_a_pull_is_no_layer() -> None:
    picture = shown({"status": "Pulling from library/nginx", "id": "1.27"}).picture()
    assert picture.parts == ()
    assert picture.lines == ("Pulling from library/nginx",)


def test_bytes_count_once_though_a_layer_is_downloaded_and_extracted() -> None:
    progress = shown(
        item("a", "Pulling fs layer"),
        item("b", "Already exists"),
        item("a", "Downloading", 40, 100),
        item("a", "Download complete"),
        item("a", "Extracting", 10, 100),
    )
    picture = progress.picture()
    assert (picture.current, picture.total, picture.done_parts) == (100, 100, 1)
    assert (picture.parts[0].current, picture.parts[0].total) == (10, 100)
    show(progress, item("a", "Pull complete"))
    assert progress.picture().done_parts == 2


def test_a_push_that_counts_beyond_its_layer_stays_within_it() -> None:
    picture = shown(item("a", "Pushing", 120, 100)).picture()
    assert (picture.current, picture.total) == (100, 100)


def test_a_layer_that_another_repository_has_is_done() -> None:
    picture = shown(item("a", "Preparing"), item("a", "Mounted from team/base")).picture()
    assert picture.parts[0].done


def test_odd_numbers_do_no_harm() -> None:
    odd = {"id": "a", "status": "Downloading", "progressDetail": {"current": -5, "total": "x"}}
    assert shown(odd, {"id": "b"}, {}).picture().current == 0
