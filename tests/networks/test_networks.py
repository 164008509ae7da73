"""Networks by page and API: each verb beside what the command line says afterwards."""

import json
from typing import Any

from access.models import Holding
from audit.models import Entry, Result
from tests.access.people import user
from tests.api.client import is_problem, program
from tests.conftest import DockerCli
from tests.networks.conftest import ALL, Box, Net, Teams, browser, networks_of

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def inspected(docker_cli: DockerCli, name: str) -> Any:
    return json.loads(docker_cli("network", "inspect", name).stdout)[0]


def test_from_its_creation_to_its_end(
    teams: Teams, box: Box, net: Net, mark: str, subnet: str, docker_cli: DockerCli
) -> None:
    address = subnet.replace(".0/24", ".9")
    bob, name = browser("bob"), f"{mark}-own"
    id = box(teams[0], "--network", "bridge")
    form = {"name": name, "internal": "on", "subnets": subnet, "labels": "tier=back\na="}
    made = bob.post(f"{ALL}create/", form)
    assert made.status_code == 302, made.content.decode()
    told = inspected(docker_cli, name)
    assert made["Location"] == f"{ALL}{told['Id']}/"
    assert (told["Driver"], told["Internal"]) == ("bridge", True)
    assert told["Labels"] == {"tier": "back", "a": ""}
    assert told["IPAM"]["Config"][0]["Subnet"] == subnet
    assert Holding.objects.get(kind="network", name=name).team == teams[0]
    base = made["Location"]
    assert bob.get(f"{base}connect/").status_code == 200
    join = {"container": id, "aliases": "db, data", "ip": address}
    assert bob.post(f"{base}connect/", join).status_code == 302
    assert name in networks_of(docker_cli, id)
    endpoint = json.loads(docker_cli("inspect", id).stdout)[0]["NetworkSettings"]["Networks"][name]
    assert {"db", "data"} <= set(endpoint["Aliases"])
    assert endpoint["IPAMConfig"]["IPv4Address"] == address
    page = bob.get(base).content.decode()
    assert subnet in page
    assert id in page
    leave = bob.get(f"{base}disconnect/?container={id}").content.decode()
    assert "It goes on running" in leave
    assert bob.post(f"{base}disconnect/", {"container": id}).status_code == 302
    assert name not in networks_of(docker_cli, id)
    assert bob.post(f"{base}remove/")["Location"] == ALL
    assert docker_cli("network", "inspect", name, check=False).returncode
    assert not Holding.objects.filter(kind="network", name=name).exists()
    lines = Entry.objects.filter(result=Result.OK).order_by("seq")
    assert list(lines.values_list("event", "command_line"))[-4:] == [
        (
            "network.create",
            f"docker network create --internal --subnet={subnet} --label=tier=back"
            f" --label=a= {name}",
        ),
        (
            "container.connect",
            f"docker network connect --alias=db --alias=data --ip={address} {name}"
            f" {lines.get(event='container.connect').object_name}",
        ),
        (
            "container.disconnect",
            f"docker network disconnect {name} {lines.get(event='container.connect').object_name}",
        ),
        ("network.remove", f"docker network rm {name}"),
    ]


def test_from_the_containers_own_page(
    teams: Teams, box: Box, net: Net, mark: str, docker_cli: DockerCli
) -> None:
    bob, id, own = browser("bob"), box(teams[0], "--network", "bridge", start=True), net("own")
    Holding.objects.create(host="dock", kind="network", name=f"{mark}-own", team=teams[0])
    base = f"/hosts/dock/containers/{id}/"
    asked = bob.get(f"{base}connect/").content.decode()
    assert f'value="{own}"' in asked
    joined = bob.post(f"{base}connect/", {"network": own, "aliases": "db"}, headers=HTMX)
    assert joined.status_code == 204
    assert f"{mark}-own" in networks_of(docker_cli, id)
    seen = bob.get(f"{base}overview/").content.decode()
    assert f"{ALL}{own}/" in seen
    told = bob.get(f"{ALL}{own}/").content.decode()
    assert inspected(docker_cli, own)["Containers"][id]["IPv4Address"].partition("/")[0] in told
    refused = bob.post(f"{base}connect/", {"network": own})
    assert refused.status_code == 422  # it is in it already: there is no such choice
    wrong = bob.post(f"{base}connect/", {"network": own, "ip": "ten", "aliases": "a b/c"})
    assert "is not an address" in wrong.content.decode()
    in_use = bob.post(f"{ALL}{own}/remove/")
    assert in_use.status_code == 409
    assert "is in use: disconnect first" in in_use.content.decode()
    assert bob.post(f"{base}disconnect/", {"network": own}).status_code == 302
    assert networks_of(docker_cli, id) == {"bridge"}


def test_the_engines_own_stay_and_say_so(teams: Teams, docker_cli: DockerCli) -> None:
    root = browser("root", is_superuser=True)
    id = inspected(docker_cli, "bridge")["Id"]
    assert "cannot be removed" in root.get(f"{ALL}{id}/remove/").content.decode()
    refused = root.post(f"{ALL}{id}/remove/")
    assert refused.status_code == 422
    assert "pre-defined" in refused.content.decode()
    bob = browser("bob")
    assert bob.get(f"{ALL}{id}/").status_code == 200
    assert bob.post(f"{ALL}{id}/remove/").status_code == 403
    host = inspected(docker_cli, "host")["Id"]
    assert root.get(f"{ALL}{host}/connect/").status_code == 409
    for name in ("bridge", "Host", "default"):
        assert root.post(f"{ALL}create/", {"name": name}).status_code == 422


def test_the_list_filters_sorts_and_says_what_is_wrong(
    teams: Teams, box: Box, net: Net, mark: str
) -> None:
    root = browser("root", is_superuser=True)
    net("a", "--label", "tier=back"), net("b", "--internal")
    box(None, "--network", f"{mark}-b")

    def shown(q: str, sort: str = "") -> list[str]:
        page = root.get(f"{ALL}?q={mark} {q}&sort={sort}", headers=HTMX).content.decode()
        found = [(page.find(f'title="{mark}-{each}"'), each) for each in "ab"]
        return [each for at, each in sorted(found) if at >= 0]

    assert shown("") == ["a", "b"]
    assert shown("", "-name") == ["b", "a"]
    assert shown("label:tier=back") == ["a"]
    assert shown("state:used") == ["b"]
    assert shown("state:unused") == ["a"]
    assert shown("driver:overlay") == []
    assert (
        "There is no filter lable:" in root.get(f"{ALL}?q=lable:x", headers=HTMX).content.decode()
    )
    assert 'hx-trigger="load"' in root.get(ALL).content.decode()


def test_by_api_alone(
    teams: Teams, box: Box, net: Net, mark: str, subnet: str, docker_cli: DockerCli
) -> None:
    asks, id = program(user("bob")), box(teams[0], "--network", "bridge")
    made = asks.post("hosts/dock/networks", {"name": f"{mark}-api", "subnets": [subnet]})
    assert made.status_code == 201, made.content
    one = f"hosts/dock/networks/{made.json()['id']}"
    is_problem(asks.post("hosts/dock/networks", {"name": f"{mark}-api"}), 409)
    listed = asks.get(f"hosts/dock/networks?q=name:{mark}").json()["items"]
    assert [each["id"] for each in listed] == [made.json()["id"]]
    into = {"network": made.json()["id"], "aliases": ["db"], "ip": subnet.replace(".0/24", ".5")}
    joined = asks.post(f"hosts/dock/containers/{id}/connect", into)
    assert joined.status_code == 200, joined.content
    assert f"{mark}-api" in joined.json()["container"]["networks"]
    assert f"{mark}-api" in networks_of(docker_cli, id)
    told = asks.get(one).json()
    assert [each["container_id"] for each in told["containers"]] == [id]
    assert told["others"] is False
    wrong = is_problem(asks.post(f"hosts/dock/containers/{id}/connect", into | {"ip": "x"}), 422)
    assert wrong["errors"][0]["field"] == "networks"
    for field, plan in (("name", {"name": "a b"}), ("subnets", {"name": "x", "subnets": ["x"]})):
        told = is_problem(asks.post("hosts/dock/networks", plan), 422)
        assert told["errors"][0]["field"] == field
    left = asks.post(f"hosts/dock/containers/{id}/disconnect", {"network": made.json()["id"]})
    assert left.status_code == 200
    assert f"{mark}-api" not in networks_of(docker_cli, id)
    assert asks.ask("DELETE", one).status_code == 204
    is_problem(asks.get(one), 404)
    assert docker_cli("network", "inspect", f"{mark}-api", check=False).returncode
