"""A load that is cancelled midway leaves nothing on the engine, and can be tried again."""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from access.models import Holding
from audit.models import Entry
from engine import image_archives
from engine.threads import Door
from hosts.live import engine_of
from images import loading
from jobs import runner
from jobs.kinds import Work
from jobs.models import Job
from jobs.progress import Progress
from jobs.work import End, carry_out
from tests.conftest import DockerCli
from tests.images.people import ended
from tests.images.test_load import Image, gone, sent
from tests.images.test_load import dev as dev
from tests.images.test_load import saved as saved
from tests.images.test_load import shop as shop
from tests.runtime import until
from transfers.models import Upload


@pytest.fixture
def halfway(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """What is sent to the engine stops in the middle; the event says so."""
    real, reached = loading.told, threading.Event()

    async def stops(pieces: AsyncGenerator[bytes], work: Work, size: int) -> AsyncIterator[bytes]:
        passed = 0
        async for piece in real(pieces, work, size):
            if passed >= size / 2:
                reached.set()
                await asyncio.Event().wait()
            yield piece
            passed += len(piece)

    monkeypatch.setattr(loading, "told", stops)
    return reached


def test_a_cancelled_load_leaves_nothing_and_can_be_tried_again(
    dev: Client,
    image: Image,
    saved: Callable[..., bytes],
    docker_cli: DockerCli,
    halfway: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, id = image()
    data = saved(name)
    gone(docker_cli, name)
    until(lambda: id not in engine_of("dock").mirror.snapshot.images, 30)
    answer = sent(dev, data)
    job = Job.objects.get(pk=answer["Upload-Job"])  # type: ignore[index]
    assert halfway.wait(30)
    assert dev.post(reverse("job-cancel", args=[job.id])).status_code in (204, 302)
    assert ended(job).state == "cancelled"
    assert docker_cli("inspect", id, check=False).returncode
    assert not Holding.objects.filter(host="dock", kind="image", name=id).exists()
    (upload,) = Upload.objects.all()
    assert upload.expires < datetime.now(UTC) + timedelta(hours=1), "the spool is not held long"
    monkeypatch.undo()
    assert dev.post(reverse("job-retry", args=[job.id])).status_code in (204, 302)
    assert ended(Job.objects.exclude(pk=job.pk).get()).state == "done"
    assert docker_cli("inspect", "-f", "{{.Id}}", name).stdout.strip() == f"sha256:{id}"
    assert not Upload.objects.exists()


def test_once_the_engine_has_it_what_nobody_holds_goes_again(
    dev: Client,
    image: Image,
    saved: Callable[..., bytes],
    docker_cli: DockerCli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name, id = image()
    data = saved(name)
    gone(docker_cli, name)
    until(lambda: id not in engine_of("dock").mirror.snapshot.images, 30)
    there: list[int] = []

    def cancelled_then(item: Mapping[str, Any], progress: Progress, found: list[str]) -> None:
        if loading.LOADED.search(str(item.get("stream"))):
            there.append(docker_cli("inspect", id, check=False).returncode)
            raise asyncio.CancelledError

    monkeypatch.setattr(loading, "take", cancelled_then)
    job = Job.objects.get(pk=sent(dev, data)["Upload-Job"])  # type: ignore[index]
    assert ended(job).state == "interrupted"
    assert there == [0]
    until(lambda: docker_cli("inspect", id, check=False).returncode, 40)


def test_cancelled_as_it_ends_its_end_is_kept(
    dev: Client, image: Image, saved: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it runs for ever: the cancel has come while its end was being written down."""
    real = carry_out

    async def then_cancelled(*args: Any) -> End:
        end = await real(*args)
        task = asyncio.current_task()
        assert task is not None
        task.cancel()
        return end

    monkeypatch.setattr(runner, "carry_out", then_cancelled)
    data = saved(image()[0])
    job = Job.objects.get(pk=sent(dev, data)["Upload-Job"])  # type: ignore[index]
    assert ended(job).state == "done"
    assert Entry.objects.filter(event="image.load", result="ok").count() == 1


def test_while_it_is_named_it_is_too_late(
    dev: Client,
    image: Image,
    saved: Callable[..., bytes],
    docker_cli: DockerCli,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The images are there: half named, and nobody's, they would stay."""
    name, id = image()
    data = saved(name)
    gone(docker_cli, name)
    real, naming, go = loading.named, threading.Event(), threading.Event()

    def waits(*args: Any) -> list[str]:
        naming.set()
        assert go.wait(30)
        return real(*args)

    monkeypatch.setattr(loading, "named", waits)
    job = Job.objects.get(pk=sent(dev, data)["Upload-Job"])  # type: ignore[index]
    assert naming.wait(30)
    threading.Timer(0.5, go.set).start()
    assert dev.post(reverse("job-cancel", args=[job.id])).status_code in (204, 302)
    assert ended(job).state == "done"
    assert docker_cli("inspect", "-f", "{{.Id}}", name).stdout.strip() == f"sha256:{id}"
    assert Holding.objects.filter(host="dock", kind="image", name=id).exists()


async def test_cancelled_its_layers_are_looked_at_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, over, door = threading.Event(), threading.Event(), Door()
    door.open(asyncio.get_running_loop())

    def slow(path: Path, saved: Any, is_over: Callable[[], bool]) -> None:
        begun.set()
        for _wait in range(2000):
            if is_over():
                return over.set()
            time.sleep(0.01)

    monkeypatch.setattr(loading, "door", door)
    monkeypatch.setattr(image_archives, "check_layers", slow)
    task = asyncio.create_task(loading.checked(Path("x"), ()))
    assert await asyncio.to_thread(begun.wait, 20)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await asyncio.to_thread(over.wait, 10)
    await door.close()
