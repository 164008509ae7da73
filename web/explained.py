"""What the engine's commonest sentences mean, and what to do. They themselves stay as they are: a
person looks them up, and reports them, in the engine's own words.
"""

import re
from functools import cache

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

# The first that fits counts: what says more stands before what says less.
MEANINGS: tuple[tuple[str, str], ...] = (
    (
        r"port is already allocated|address already in use|ports are not available",
        _("Another container or program of the host has this port: stop it, or take another."),
    ),
    (
        r"container name .* is already in use",
        _("A container of this name is there already: rename or remove it, or take another name."),
    ),
    (
        r"no space left on device",
        _("The engine's disk is full: prune what nothing uses, or make room on the host."),
    ),
    (
        r"toomanyrequests|rate limit",
        _("The registry lets you pull no more for now: wait, or store a login for it."),
    ),
    (
        r"no matching manifest for|does not match the (specified|requested|detected) platform",
        _("This image is not made for the processor or system of the host."),
    ),
    (
        r"manifest unknown|manifest for .* not found|reference does not exist",
        _("The registry has no such tag or digest: look how the image is called there."),
    ),
    (
        r"pull access denied|repository does not exist or may require",
        _("There is no such repository, or it is private: check the name, or store a login."),
    ),
    (
        r"requested access to the resource is denied|insufficient_scope",
        _("The stored login may not push there: check the name and whose the login is."),
    ),
    (
        r"unauthorized|incorrect username or password|authentication required|no basic auth",
        _("The registry refused the login: store one that may do this, or enter it again."),
    ),
    (
        r"gave HTTP response to HTTPS client",
        _("The registry speaks plain HTTP: the engine has to be told so (insecure-registries)."),
    ),
    (
        r"x509|certificate (signed by unknown|has expired)|tls: failed to verify",
        _("The engine does not trust the certificate of that server: it is unknown or too old."),
    ),
    (
        r"lookup .* no such host|i/o timeout|TLS handshake timeout|network is unreachable|dial tcp",
        _("The engine cannot reach that address: look at its name, and at the host's network."),
    ),
    (
        r"image is being used by|image is in use",
        _("Containers are made from this image: remove them first."),
    ),
    (
        r"referenced in multiple repositories|referenced in one or more repositories",
        _("This image has several names: take them away one by one."),
    ),
    (r"dependent child images", _("Other images are built on this one: remove those first.")),
    (
        r"volume is in use",
        _("Containers have this volume, stopped ones too: remove them first."),
    ),
    (
        r"has active endpoints",
        _("Containers are in this network: disconnect them first."),
    ),
    (
        r"pool overlaps|overlaps with (other|existing)",
        _("Another network has addresses of this subnet: choose another."),
    ),
    (
        r"exec format error",
        _("The program was built for another kind of processor, or its script has no #! line."),
    ),
    (
        r"executable file not found|exec: .*no such file or directory",
        _("The image has no such program: check command and entrypoint, and how it is written."),
    ),
    (
        r"exec: .*permission denied",
        _("That file cannot be run: it is a directory, or is not marked as executable."),
    ),
    (
        r"bind source path does not exist|error mounting|not a directory: unknown",
        _("A mount does not fit: its path is not on the host, or one is a file, one a directory."),
    ),
    (
        r"cannot remove a running container|container is running: stop",
        _("The container runs: stop it first, or kill it."),
    ),
    (
        r"container \S+ is not running|stopped container",
        _("The container does not run: start it first."),
    ),
    (r"container \S+ is paused|paused container", _("The container is paused: unpause it first.")),
    (
        r"container \S+ is restarting",
        _("The container ends and is started again and again: look at its log, or stop it."),
    ),
    (
        r"marked for removal|already in progress",
        _("The engine is removing it already: wait a moment."),
    ),
    (
        r"range of cpus is from|nanocpus",
        _("More CPUs are asked for than the host has."),
    ),
    (r"minimum memory limit|cannot allocate memory", _("The memory does not suffice.")),
    (
        r"invalid reference format|repository name must be lowercase",
        _("This is no name of an image: small letters, as nginx:1.27."),
    ),
    (
        r"no such (container|image|volume|network)|network .* not found",
        _("It was removed meanwhile, or never was on this host."),
    ),
    (
        r"is the engine running|no such socket|hung up",
        _("Look on the host whether it runs: systemctl status docker."),
    ),
    (
        r"did not answer within|took nothing for|sent nothing for|is busy",
        _("It may be busy or hang: try again, and look at the host's load and disk."),
    ),
)


@cache
def patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((re.compile(sign, re.IGNORECASE), text) for sign, text in MEANINGS)


def meaning(sentence: object) -> str:
    """What a sentence of the engine means, in the reader's language; "" where we know nothing."""
    words = str(sentence)[:2000]
    return next((gettext(text) for sign, text in patterns() if sign.search(words)), "")
