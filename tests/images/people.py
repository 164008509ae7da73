"""What people do with images, by the site's own addresses."""

from django.test import Client
from django.urls import reverse

from access.models import User
from access.sealing import seal
from images.models import Registry
from jobs import runner
from jobs.models import Job
from jobs.progress import Picture
from tests.runtime import until


def signed_in(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser(name, password="x"))
    return client


def job_at(address: str) -> Job:
    return Job.objects.get(id=address.rstrip("/").rpartition("/")[2])


def pull(client: Client, reference: str) -> Job:
    response = client.post(reverse("image-pull", args=["dock"]), {"reference": reference})
    assert response.status_code == 302, response.content.decode()
    return job_at(response.url)


def ended(job: Job) -> Job:
    until(lambda: not Job.objects.get(id=job.id).active)
    until(lambda: runner.find(job.id) is None)
    return Job.objects.get(id=job.id)


def moving(job: Job) -> Picture:
    """Wait until bytes came."""

    def picture() -> Picture | None:
        run = runner.find(job.id)
        return run.progress.picture() if run and run.progress.picture().current else None

    return until(picture)


def checked(client: Client, image_id: str = "") -> Job:
    """Have registries asked, and wait for the end of it."""
    at = reverse("image-check", args=["dock", image_id]) if image_id else ""
    answer = client.post(at or reverse("image-check-all", args=["dock"]))
    assert answer.status_code == 302, answer.content.decode()
    return ended(job_at(answer.url))


def registry_known(address: str, user: str = "", password: str = "") -> Registry:
    sealed = seal(password) if password else ""
    return Registry.objects.create(
        address=address, username=user, sealed_password=sealed, plain_http=True
    )
