"""What stands on the host of the pictures: three projects, one of them in some trouble."""

import subprocess
from dataclasses import dataclass

from dashboard.demo.rootfs import busybox_rootfs
from tests.engine import import_image

SHOP = "registry.example.org/shop"
TOOLS = "registry.example.org/tools"
QUIET = "while :; do sleep 1; done"
BUSY = (
    "while :; do i=0; while [ $i -lt 70000 ]; do i=$((i + 1)); done; sleep .$((RANDOM % 9)); done"
)
ORDERS = """
n=4000
while :; do
  n=$((n + 1))
  echo '{"level":"info","msg":"order accepted","order":'$n',"ms":'$((n % 37))'}'
  [ $((n % 7)) = 0 ] && echo "level=warn msg=\\"slow answer of the stock\\" order=$n ms=812" >&2
  [ $((n % 23)) = 0 ] && echo "level=error msg=\\"payment refused\\" order=$n code=402" >&2
  sleep .4
done
"""
HEALTHY = ("--health-cmd", "true", "--health-interval", "1s")
API = (
    *("-p", "9000:9000", "-m", "256m", "-v", "shop-uploads:/srv/uploads"),
    *("-e", "DB_PASSWORD=not-shown", "-e", "STAGE=production"),
)
SICK = ("--health-cmd", "echo no answer on port 9001; false", "--health-interval", "1s")


@dataclass(frozen=True, slots=True)
class Part:
    """One container; ``image`` is a reference that the cast makes from one small system."""

    name: str
    image: str
    program: str = QUIET
    options: tuple[str, ...] = ()

    @property
    def project(self) -> str:
        return self.name.partition("-")[0]


PARTS = (
    Part("shop-web", f"{SHOP}/web:2.41.0", QUIET, ("-p", "8443:443", "-p", "8080:80", *HEALTHY)),
    Part(
        "shop-api",
        f"{SHOP}/api:2.41.0",
        ORDERS,
        (*API, *HEALTHY),
    ),
    Part("shop-worker-1", f"{SHOP}/api:2.41.0", BUSY, ("-m", "7m", *SICK)),
    Part("shop-worker-2", f"{SHOP}/api:2.41.0", BUSY, ("-m", "12m", *HEALTHY)),
    Part("shop-db", f"{TOOLS}/postgres:17.6", QUIET, ("-p", "5432:5432", "-v", "shop-db:/var/db")),
    Part("shop-migrate", f"{SHOP}/api:2.41.0", "echo 14 migrations applied"),
    Part("observe-grafana", f"{TOOLS}/grafana:12.2.1", QUIET, ("-p", "3000:3000")),
    Part("observe-metrics", f"{TOOLS}/prometheus:3.7.3", BUSY, ("-p", "9090:9090")),
    Part("observe-exporter", f"{TOOLS}/exporter:1.10.2", "exit 1", ("--restart", "always")),
    Part("tools-gitea", f"{TOOLS}/gitea:1.25.1", QUIET, ("-p", "3001:3000", "-p", "2222:22")),
    Part("tools-backup", f"{TOOLS}/backup:4.0", "echo disk full >&2; exit 3"),
)


def enter(engine_url: str) -> dict[str, str]:
    """Make all of it; the full ids by name."""
    system = busybox_rootfs()
    for image in sorted({part.image for part in PARTS}):
        import_image(engine_url, image, system, 'CMD ["sh"]')
    return {part.name: run(engine_url, part) for part in PARTS}


def run(engine_url: str, part: Part) -> str:
    labels = ("--label", f"com.docker.compose.project={part.project}")
    named = ("--name", part.name, *labels, "--stop-timeout", "1")
    program = (part.image, "sh", "-c", part.program)
    command = ("docker", "--host", engine_url, "run", "-d", *named, *part.options, *program)
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
