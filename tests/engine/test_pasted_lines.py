"""Lines as the pages of images give them, with all that stands around and within them."""

import pytest

from engine.command_line import from_line, to_line
from engine.command_reader import CURLY, DASH, EXPANSION, OTHERS

SERVED = r"""docker run -d \
  --name=plex \
  --net=host \
  -e PUID=1000 \
  -e PLEX_CLAIM= `#optional` \
  -v /path/to/movies:/movies \
  --restart unless-stopped \
  lscr.io/linuxserver/plex:latest"""
POWERSHELL = """docker run -d -e ACCEPT_EULA=Y `
  -p 5341:80 `
  datalust/seq"""
CMD = """docker run -d ^
 -p 1433:1433 ^
 -e "ACCEPT_EULA=Y" ^
 server:2022"""
REMARKS = r"""docker run -d \
  # what it is called
  --name web \
  # of whom
  # and where
  nginx"""
SET = """VERSION=v0.49.1 # the newest
export DATA=$PWD/data
sudo docker run -v ${DATA}:/data cadvisor:$VERSION $OTHER"""
SERVICE = """[Service]
ExecStartPre=-/usr/bin/docker rm -f web
ExecStart=/usr/bin/docker run --rm --name web nginx"""
ANSWERED = """$ docker run -it --rm --network some postgres psql -h some -U postgres
psql (14.3)
Type "help" for help."""
GITLAB = r"""sudo docker run --detach \
  --env GITLAB_OMNIBUS_CONFIG="external_url 'http://gitlab.example.com'" \
  --publish 443:443 --shm-size 256m \
  gitlab/gitlab-ee:<version>-ee.0"""
LINES = {
    SERVED: "docker run -d --name plex --restart unless-stopped -e PUID=1000 -e PLEX_CLAIM="
    " -v /path/to/movies:/movies --network host lscr.io/linuxserver/plex:latest",
    POWERSHELL: "docker run -d -p 5341:80 -e ACCEPT_EULA=Y datalust/seq",
    CMD: "docker run -d -p 1433:1433 -e ACCEPT_EULA=Y server:2022",
    REMARKS: "docker run -d --name web nginx",
    SET: "docker run -v '$PWD/data:/data' cadvisor:v0.49.1 '$OTHER'",
    SERVICE: "docker run --rm --name web nginx",
    ANSWERED: "docker run -it --rm --network some postgres psql -h some -U postgres",
    GITLAB: "docker run -d -p 443:443 -e"
    """ 'GITLAB_OMNIBUS_CONFIG=external_url '"'"'http://gitlab.example.com'"'"''"""
    " --shm-size 256m 'gitlab/gitlab-ee:<version>-ee.0'",
    "docker run nginx \\\n# next\ndocker ps": "docker run nginx",
    "docker\xa0run -d --name\xa0web nginx": "docker run -d --name web nginx",
    "docker run \u2013d \u2014name web \u2013\u2013rm nginx": "docker run -d --rm --name web nginx",
    "docker run -e A=\u201ctwo words\u201d nginx": "docker run -e 'A=two words' nginx",
    "docker run -e 'A=\u201cb\u201d' nginx": "docker run -e 'A=\u201cb\u201d' nginx",
    "winpty docker run -it alpine sh": "docker run -it alpine sh",
    "docker run -p18123:8123 -dp 3000:3000 a": "docker run -d -p 18123:8123 -p 3000:3000 a",
    "docker run --gpus '\"device=0,2\"' cuda": "docker run --gpus '\"device=0,2\"' cuda",
    "docker run --rm httpd:2 htpasswd -n x > auth": "docker run --rm httpd:2 htpasswd -n x",
    "docker run -e HASH=\\$2y\\$10 -e 'P=a$b' app": "docker run -e 'HASH=$2y$10' -e 'P=a$b' app",
    "TAG=1 docker run app:$TAG": "docker run 'app:$TAG'",
}


@pytest.mark.parametrize(("text", "line"), LINES.items())
def test_as_it_stands_on_a_page(text: str, line: str) -> None:
    parsed = from_line(text)
    assert to_line(parsed.spec, parsed.unknown) == line
    assert to_line(from_line(line).spec) == line


def test_what_was_not_read_as_it_stands_is_said() -> None:
    def told(text: str) -> list[str]:
        return [note.text for note in from_line(text).notes]

    assert told(SERVED) == told(POWERSHELL) == told(REMARKS) == []
    assert told(SET) == [EXPANSION, EXPANSION]
    assert told(ANSWERED) == told(SERVICE) == [OTHERS]
    assert told("docker run \u2013d \u2014name=web nginx") == [DASH, DASH]
    assert told("docker run -e \u2018A=b\u2019 nginx") == [CURLY]
    assert told("docker run -e A='it\u2019s' -e B=it\u2019s nginx") == []


@pytest.mark.parametrize("path", ["C:\\Users\\me:/data", "D:/data:/data:rw"])
def test_a_path_on_windows_is_kept_and_explained(path: str) -> None:
    parsed = from_line(f"docker run -v {path} app")
    assert parsed.spec.mounts == ()
    assert parsed.unknown == (f"--volume={path}",)
    assert "Windows" in parsed.notes[0].text
    assert from_line("docker run -v cc:/data app").unknown == ()
