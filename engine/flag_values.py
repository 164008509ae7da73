"""The values that ``docker run`` flags take, as text and as typed values, both ways. Pure.

``parse_*`` raise BadValue with a sentence that names the way out.
"""

import csv
import io
import re
from collections.abc import Iterable

from engine.sentences import BadValue, gettext_noop
from engine.spec_values import (
    Device,
    DeviceLimit,
    DeviceRequest,
    NetworkSpec,
    Pairs,
    PublishedPort,
    RestartPolicy,
    Ulimit,
)
from engine.units import format_size, parse_size

_PORT = re.compile(
    r"(?:(?:(?P<ip>\[[0-9a-fA-F:.]+\]|[^:\[\]]*):)?(?P<host>[0-9-]*):)?"
    r"(?P<first>\d+)(?:-(?P<last>\d+))?(?:/(?P<protocol>\w+))?",
    re.ASCII,
)
_MAX_RANGE = 1000
_MAX_PORT = 65535

BAD_PORT = gettext_noop(
    "“%(value)s” is not a port: write 8080:80, 127.0.0.1:8080:80 or 8080:80/udp."
)
BAD_RANGE = gettext_noop("In “%(value)s” both ranges must be equally long, at most 1000 ports.")
BAD_NUMBER = gettext_noop("“%(value)s” is not a whole number.")
BAD_PAIR = gettext_noop("“%(value)s” needs a name and a value: write name=value.")
BAD_ULIMIT = gettext_noop("“%(value)s” is not a limit: write nofile=1024 or nofile=1024:2048.")
BAD_LIMIT = gettext_noop("“%(value)s” is not a device's limit: write /dev/sda:1mb.")
BAD_RESTART = gettext_noop(
    "“%(value)s”: only on-failure takes a number of retries, as on-failure:5."
)
BAD_KEY = gettext_noop("“%(key)s” is not an option that “%(value)s” can hold.")
BAD_BOOL = gettext_noop("“%(value)s” is neither true nor false.")

TRUE_WORDS = ("1", "t", "true")
FALSE_WORDS = ("0", "f", "false")


def parse_bool(text: str) -> bool:
    if text.lower() not in TRUE_WORDS + FALSE_WORDS:
        raise BadValue(BAD_BOOL, value=text)
    return text.lower() in TRUE_WORDS


def parse_integer(text: str) -> int:
    if not re.fullmatch(r"[+-]?[0-9]{1,19}", text):
        raise BadValue(BAD_NUMBER, value=text)
    return int(text)


def _is_number(text: str) -> bool:
    """ASCII digits: ``str.isdigit`` alone takes ² too, of which ``int`` makes nothing."""
    return text.isascii() and text.isdigit()


def parse_pair(text: str) -> tuple[str, str]:
    """``name=value``; a name alone has an empty value."""
    name, _, value = text.partition("=")
    if not name:
        raise BadValue(BAD_PAIR, value=text)
    return name, value


def format_pair(pair: tuple[str, str]) -> str:
    return "=".join(pair)


def split_fields(text: str) -> list[str]:
    """One line of CSV, as --mount, --network and --gpus use it."""
    return next(csv.reader(io.StringIO(text, newline="")), [])


def join_fields(fields: Iterable[str]) -> str:
    """The csv module quotes line ends only where it ends lines with them; Go always wants it."""
    return ",".join(_csv_field(field) for field in fields)


def _csv_field(text: str) -> str:
    quoted = text.replace('"', '""')
    return f'"{quoted}"' if set(text) & set('",\n\r') or text[:1].isspace() else text


def parse_ports(text: str) -> tuple[PublishedPort, ...]:
    """``[address:][host port[-last]:]port[-last][/protocol]``, one value per container port."""
    match = _PORT.fullmatch(text)
    if match is None:
        raise BadValue(BAD_PORT, value=text)
    ip, protocol = (match["ip"] or "").strip("[]"), (match["protocol"] or "tcp").lower()
    containers = _port_range(text, match["first"], match["last"])
    host = match["host"] or ""
    if len(containers) == 1:
        return (PublishedPort(containers[0], protocol, ip, host),)
    hosts = [str(p) for p in _port_range(text, *_ends(host))] if host else [""] * len(containers)
    if len(hosts) != len(containers):
        raise BadValue(BAD_RANGE, value=text)
    pairs = zip(containers, hosts, strict=True)
    return tuple(PublishedPort(port, protocol, ip, host_port) for port, host_port in pairs)


def _ends(text: str) -> tuple[str, str]:
    first, _, last = text.partition("-")
    return first, last


def _port_range(text: str, first: str, last: str | None) -> range:
    if not _is_number(first) or (last and not _is_number(last)):
        raise BadValue(BAD_PORT, value=text)
    ports = range(int(first), int(last or first) + 1)
    if not ports or ports[0] == 0 or ports[-1] > _MAX_PORT:
        raise BadValue(BAD_PORT, value=text)
    if len(ports) > _MAX_RANGE:
        raise BadValue(BAD_RANGE, value=text)
    return ports


def format_port(port: PublishedPort) -> str:
    ip = f"[{port.host_ip}]" if ":" in port.host_ip else port.host_ip
    host = [ip, port.host_port] if ip else [port.host_port] if port.host_port else []
    protocol = "" if port.protocol == "tcp" else f"/{port.protocol}"
    return ":".join([*host, str(port.container_port)]) + protocol


def parse_exposed(text: str) -> tuple[str, ...]:
    """``80``, ``80/udp``, ``80-90/tcp`` as ``port/protocol`` texts."""
    ports, _, protocol = text.partition("/")
    first, last = _ends(ports)
    return tuple(f"{port}/{protocol or 'tcp'}" for port in _port_range(text, first, last))


def format_exposed(key: str) -> str:
    return key.removesuffix("/tcp")


def parse_restart(text: str) -> RestartPolicy:
    name, colon, retries = text.partition(":")
    if colon and (name != "on-failure" or not _is_number(retries)):
        raise BadValue(BAD_RESTART, value=text)
    return RestartPolicy(name or "no", int(retries or 0))


def format_restart(policy: RestartPolicy) -> str:
    return f"{policy.name}:{policy.max_retries}" if policy.max_retries else policy.name


def parse_network(text: str) -> NetworkSpec:
    """A name, or ``name=…,alias=…,ip=…,ip6=…,link-local-ip=…,driver-opt=…``."""
    if "=" not in text:
        return NetworkSpec(text)
    given: dict[str, list[str]] = {}
    for field in split_fields(text):
        key, value = parse_pair(field)
        if key not in ("name", "alias", "ip", "ip6", "link-local-ip", "driver-opt"):
            raise BadValue(BAD_KEY, key=key, value=text)
        given.setdefault(key, []).append(value)
    return NetworkSpec(
        "".join(given.get("name", [])[-1:]),
        tuple(given.get("alias", ())),
        "".join(given.get("ip", [])[-1:]),
        "".join(given.get("ip6", [])[-1:]),
        tuple(given.get("link-local-ip", ())),
        tuple(parse_pair(option) for option in given.get("driver-opt", ())),
    )


def format_network(network: NetworkSpec) -> str:
    if network == NetworkSpec(network.name) and "=" not in network.name:
        return network.name
    return join_fields(
        [
            f"name={network.name}",
            *(f"alias={alias}" for alias in network.aliases),
            *([f"ip={network.ip}"] if network.ip else []),
            *([f"ip6={network.ip6}"] if network.ip6 else []),
            *(f"link-local-ip={ip}" for ip in network.link_local_ips),
            *(f"driver-opt={format_pair(option)}" for option in network.driver_options),
        ]
    )


def parse_ulimit(text: str) -> Ulimit:
    match = re.fullmatch(r"(\w+)=(-?[0-9]+)(?::(-?[0-9]+))?", text)
    if match is None:
        raise BadValue(BAD_ULIMIT, value=text)
    return Ulimit(match[1], int(match[2]), int(match[3] or match[2]))


def format_ulimit(limit: Ulimit) -> str:
    hard = "" if limit.hard == limit.soft else f":{limit.hard}"
    return f"{limit.name}={limit.soft}{hard}"


def parse_device(text: str) -> Device:
    """``/dev/on-host[:/dev/in-container][:rwm]``, or a CDI name as it is."""
    if not text.startswith("/"):
        return Device(text)
    host, *rest = text.split(":")
    permissions = rest.pop() if rest and re.fullmatch("[rwm]+", rest[-1]) else "rwm"
    return Device(host, rest[0] if rest else host, permissions)


def format_device(device: Device) -> str:
    if device.is_cdi or not device.host_path.startswith("/"):
        return device.host_path
    inside = device.container_path or device.host_path
    paths = [device.host_path] + ([inside] if inside != device.host_path else [])
    return ":".join(paths + ([device.permissions] if device.permissions != "rwm" else []))


def parse_limit(text: str) -> DeviceLimit:
    """``/dev/sda:1mb`` or ``/dev/sda:500``."""
    path, colon, amount = text.rpartition(":")
    if not colon or not path.startswith("/dev/"):
        raise BadValue(BAD_LIMIT, value=text)
    return DeviceLimit(path, parse_size(amount))


def format_limit(limit: DeviceLimit) -> str:
    return f"{limit.path}:{limit.amount}"


def format_bandwidth(limit: DeviceLimit) -> str:
    return f"{limit.path}:{format_size(limit.amount)}"


def parse_gpus(text: str) -> DeviceRequest:
    """``all``, a number, or ``driver=…,count=…,"device=0,1","capabilities=…",options=…``."""
    given: dict[str, str] = {}
    for field in split_fields(text):
        key, equals, value = field.partition("=")
        given |= {key: value} if equals else {"count": key}
    if unknown := set(given) - {"driver", "count", "device", "capabilities", "options"}:
        raise BadValue(BAD_KEY, key=sorted(unknown)[0], value=text)
    devices = tuple(given["device"].split(",")) if given.get("device") else ()
    count = given.get("count", "0" if devices else "1")
    kinds = tuple(given["capabilities"].split(",")) if given.get("capabilities") else ()
    options: Pairs = tuple(parse_pair(one) for one in split_fields(given.get("options", "")))
    return DeviceRequest(
        given.get("driver", ""),
        -1 if count == "all" else parse_integer(count),
        devices,
        (*kinds, "gpu"),
        options,
    )


def format_gpus(request: DeviceRequest) -> str:
    kinds = list(request.capabilities)
    if "gpu" in kinds:
        kinds.remove("gpu")
    count = "all" if request.count == -1 else str(request.count)
    if not (request.driver or request.device_ids or kinds or request.options):
        return count
    fields = {
        "driver": request.driver,
        "count": "" if request.device_ids and not request.count else count,
        "device": ",".join(request.device_ids),
        "capabilities": ",".join(kinds),
        "options": join_fields(format_pair(o) for o in request.options) if request.options else "",
    }
    return join_fields(f"{key}={value}" for key, value in fields.items() if value)
