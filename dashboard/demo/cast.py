"""Who is on stage: the images and the containers of the demo, and how they come and go."""

from typing import Any

from dashboard.demo.rootfs import busybox_rootfs, shellless_rootfs
from engine.commands import Commands
from engine.errors import NotFound
from engine.spec_values import PublishedPort
from engine.specs import ContainerSpec

LABEL = ("org.wharfinger.demo", "1")
PROJECT = ("com.docker.compose.project", "demo")
TAG = "1.0"
SYSTEM = "wharfinger-demo/system"
SHELLLESS = "wharfinger-demo/shellless"
SECOND = 1_000_000_000

PAGE = "<!doctype html><title>Demo</title><h1>It works</h1><p>Served by demo-web.</p>"
WEB = f"""
echo '{PAGE}' > /var/www/index.html
exec httpd -f -vv -p 80 -h /var/www
"""
CHATTER = """
trap 'echo "closing"; exit 0' TERM
n=0
while :; do
  n=$((n + 1))
  echo "order $n accepted"
  [ $((n % 5)) = 0 ] && echo "warning: order $n took too long" >&2
  sleep 1 & wait $!
done
"""
FAILING = """
echo "reading /etc/shop.conf"
echo "error: /etc/shop.conf: no such file" >&2
exit 3
"""


IMAGES = {
    SYSTEM: (busybox_rootfs, ('CMD ["sh"]', "ENV PATH=/bin", f"LABEL {LABEL[0]}={LABEL[1]}")),
    SHELLLESS: (shellless_rootfs, ('ENTRYPOINT ["/sleep"]', 'CMD ["86400"]')),
}


def script(name: str, text: str, **options: Any) -> ContainerSpec:
    return spec(name, SYSTEM, command=("sh", "-c", text.strip()), **options)


def spec(name: str, repository: str, **options: Any) -> ContainerSpec:
    return ContainerSpec(
        image=f"{repository}:{TAG}",
        name=f"demo-{name}",
        labels=(LABEL, PROJECT),
        stop_timeout=1,
        **options,
    )


CONTAINERS = (
    script("web", WEB, ports=(PublishedPort(80, host_ip="127.0.0.1"),)),
    script("chatter", CHATTER),
    script("failed", FAILING),
    script(
        "unhealthy",
        "sleep 86400",
        health_test=("CMD-SHELL", "echo 'no answer on port 5432'; exit 1"),
        health_interval=5 * SECOND,
        health_retries=2,
    ),
    spec("shellless", SHELLLESS),
)


def enter(commands: Commands) -> list[str]:
    """Make what is not there yet; the names of the containers made now."""
    for repository, (rootfs, changes) in IMAGES.items():
        if not has_image(commands, repository):
            commands.import_image(rootfs(), repository, TAG, changes)
    present = {row.name for row in commands.containers()}
    made = [wanted for wanted in CONTAINERS if wanted.name not in present]
    for wanted in made:
        commands.start(commands.create(wanted))
    return [wanted.name for wanted in made]


def leave(commands: Commands) -> list[str]:
    """Remove the labelled containers and the two images; the names of what went."""
    gone = []
    for row in commands.containers():
        if row.labels.get(LABEL[0]) == LABEL[1]:
            commands.remove(row.id, force=True, volumes=True)
            gone.append(row.name)
    for repository in IMAGES:
        if has_image(commands, repository):
            commands.remove_image(f"{repository}:{TAG}", force=False)
            gone.append(f"{repository}:{TAG}")
    return gone


def has_image(commands: Commands, repository: str) -> bool:
    try:
        commands.inspect_image(f"{repository}:{TAG}")
    except NotFound:
        return False
    return True
