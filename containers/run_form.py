"""The run form: what daily use needs as fields, everything else as flags of ``docker run``.

A form and a line are two ways to write one ``ContainerSpec``: ``RunForm.spec()`` and
``run_filled.initial_of`` turn one into the other, and nothing is lost on the way.
"""

import shlex
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from access.form_attrs import PLAIN
from containers.run_fields import FlagField, LinesField, TakenField, WordsField
from engine.command_line import from_flags
from engine.flags import FLAGS
from engine.spec_problems import Problem
from engine.specs import ContainerSpec, MountSpec, NetworkSpec, PublishedPort, RestartPolicy
from web.wording import worded

MOST_EXPANSIONS = 50
IMAGE_OF_FLAGS = "image"  # stands for the image where flags are read without one
NOTHING = ContainerSpec("")
RESTARTS = (
    ("no", gettext_lazy("No")),
    ("always", gettext_lazy("Always")),
    ("unless-stopped", gettext_lazy("Unless it was stopped by hand")),
    ("on-failure", gettext_lazy("When it failed")),
)
PULLS = (
    ("missing", gettext_lazy("If it is not here")),
    ("always", gettext_lazy("Always, for a newer one")),
    ("never", gettext_lazy("Never")),
)
HEALTHS = (
    ("image", gettext_lazy("As the image has it")),
    ("command", gettext_lazy("This command")),
    ("none", gettext_lazy("None")),
)
MODES = ("host", "none")
SPANS = ("health_interval", "health_timeout", "health_start_period")
VALUES = (
    *("memory", "nano_cpus", "user", "workdir", "hostname", "health_retries", *SPANS),
    *("command", "entrypoint"),
)
LINES = ("ports", "env", "mounts", "labels")
SAME = ("image", "name", "detach", "stdin", "tty", "auto_remove", "pull", *VALUES, *LINES)
FLAG_OF = {flag.field: flag.written for flag in FLAGS}
# Where a problem of a field of the spec is shown.
SHOWN_AT = {"health_test": "health", "networks": "network"}


def text(
    label: Any, placeholder: str = "", help_text: Any = "", required: bool = False
) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=1000,
        widget=forms.TextInput(attrs=PLAIN | {"placeholder": placeholder}),
        help_text=help_text,
        error_messages={"required": gettext_lazy("Name an image, as nginx:1.27.")},
    )


class RunForm(forms.Form):
    """Cleaned fields are values of ``ContainerSpec``; ``networks`` are the names to choose from."""

    image = text(gettext_lazy("Image"), "nginx:1.27", required=True)
    pull = forms.ChoiceField(label=gettext_lazy("Pull it"), choices=PULLS, required=False)
    name = text(gettext_lazy("Name"), "web", gettext_lazy("Without one the engine makes one up."))
    command = WordsField(
        label=gettext_lazy("Command"),
        help_text=gettext_lazy("Instead of the image's own. Words as in a shell, quotes and all."),
    )
    entrypoint = WordsField(
        None,
        label=gettext_lazy("Entrypoint"),
        help_text=gettext_lazy("Instead of the image's own; '' takes it away."),
    )
    detach = forms.BooleanField(
        label=gettext_lazy("In the background (-d)"),
        help_text=gettext_lazy("Without it the logs open, or with -t the terminal."),
        required=False,
    )
    stdin = forms.BooleanField(label=gettext_lazy("Keep its input open (-i)"), required=False)
    tty = forms.BooleanField(label=gettext_lazy("Give it a terminal (-t)"), required=False)
    auto_remove = forms.BooleanField(
        label=gettext_lazy("Remove it when it ends (--rm)"), required=False
    )
    ports = LinesField(
        "publish",
        "8080:80\n127.0.0.1:5353:53/udp",
        label=gettext_lazy("Ports"),
        help_text=gettext_lazy("[address:]host port:container port[/udp], one a line."),
    )
    env = LinesField(
        "env",
        "NAME=value",
        label=gettext_lazy("Environment"),
        help_text=gettext_lazy("NAME=value, one a line; a .env file can be pasted."),
    )
    mounts = LinesField(
        "volume",
        "data:/var/lib/data\n/srv/config:/etc/app:ro",
        label=gettext_lazy("Volumes"),
        help_text=gettext_lazy(
            "volume:/path or /path/on/host:/path, one a line; :ro makes it read-only."
        ),
    )
    network = forms.ChoiceField(label=gettext_lazy("Network"), required=False)
    hostname = FlagField("hostname", "", label=gettext_lazy("Host name"))
    restart = forms.ChoiceField(label=gettext_lazy("Restart"), choices=RESTARTS, required=False)
    retries = forms.IntegerField(
        label=gettext_lazy("At most, times"), min_value=0, max_value=10_000, required=False
    )
    memory = FlagField("memory", 0, "512m", label=gettext_lazy("Memory limit"))
    nano_cpus = FlagField("cpus", 0, "1.5", label=gettext_lazy("CPUs"))
    user = FlagField("user", "", "1000:1000", label=gettext_lazy("User"))
    workdir = FlagField("workdir", "", "/app", label=gettext_lazy("Working directory"))
    health = forms.ChoiceField(label=gettext_lazy("Health check"), choices=HEALTHS, required=False)
    health_command = text(gettext_lazy("Check command"), "curl --fail http://localhost/ || exit 1")
    health_interval = FlagField("health-interval", 0, "30s", label=gettext_lazy("Every"))
    health_timeout = FlagField("health-timeout", 0, "30s", label=gettext_lazy("At most for"))
    health_start_period = FlagField(
        "health-start-period", 0, "0s", label=gettext_lazy("Grace at the start")
    )
    health_retries = FlagField("health-retries", 0, "3", label=gettext_lazy("Failures in a row"))
    labels = LinesField(
        "label",
        "team=shop",
        label=gettext_lazy("Labels"),
        help_text=gettext_lazy("name=value, one a line."),
    )
    other = forms.CharField(
        label=gettext_lazy("Other options"),
        help_text=gettext_lazy("Any other flags of docker run, as --cap-drop ALL --read-only."),
        required=False,
        max_length=50_000,
        widget=forms.Textarea(
            attrs=PLAIN | {"rows": 2, "class": "mono", "placeholder": "--cap-drop ALL --init"}
        ),
    )
    unknown = forms.CharField(
        label=gettext_lazy("Flags that are not sent"),
        help_text=gettext_lazy(
            "This form does not know them, or they mean nothing here. Take each out before you run"
            " it, so that none is missed."
        ),
        required=False,
        max_length=200_000,
        widget=forms.Textarea(
            attrs=PLAIN | {"rows": 2, "class": "mono struck", "data-rows": "unknown"}
        ),
    )
    offer = TakenField({"publish": "ports", "volume": "mounts", "env": "env"})
    expansions = forms.CharField(required=False, max_length=50_000, widget=forms.HiddenInput)
    beyond_fence = forms.CharField(
        label=gettext_lazy("Reason to go beyond the fence"),
        help_text=gettext_lazy(
            "Only where something is outside: then it is needed, recorded, and your password asked"
            " for."
        ),
        required=False,
        max_length=500,
        widget=forms.TextInput(attrs=PLAIN),
    )
    source = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    unstarted = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, networks: Iterable[str] = (), initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial or {"detach": True}, auto_id="run-%s")
        asked = (data or {}).get("network") or self.initial.get("network") or ""
        names = dict.fromkeys([*networks, *MODES, *([asked] if asked else [])])
        choices = [("", _("The engine's own")), *((name, name) for name in names)]
        network: Any = self.fields["network"]
        network.choices = choices

    def clean_restart(self) -> str:
        return self.cleaned_data["restart"] or "no"

    def clean_pull(self) -> str:
        return self.cleaned_data["pull"] or "missing"

    def clean_other(self) -> ContainerSpec:
        """The flags as a spec of their own, which holds nothing else."""
        parsed = from_flags(self.cleaned_data["other"], IMAGE_OF_FLAGS)
        refused = [worded(note) for note in parsed.notes] if parsed.unknown else []
        if parsed.spec.command or parsed.spec.image != IMAGE_OF_FLAGS:
            refused.append(_("Only flags belong here; image and command have fields."))
        if refused:
            raise forms.ValidationError(refused)
        return replace(parsed.spec, image="")

    def clean(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().clean() or {}
        if fields.get("health") == "command" and not fields.get("health_command"):
            self.add_error("health_command", _("Enter the command that tells whether it is well."))
        if fields.get("retries") and fields.get("restart") not in ("on-failure", None):
            self.add_error("retries", _("A number of retries goes with “When it failed” only."))
        self._unknown = words_of(fields.get("unknown", "").replace("\r\n", "\n"))
        if self._unknown:
            self.add_error("unknown", _("Take these out first: the engine would not get them."))
        self._said = self._spec()
        for problem in self._said.problems():
            self._show(problem)
        return fields

    def _show(self, problem: Problem) -> None:
        """Beside its field; what no field shows came from the other options."""
        field = SHOWN_AT.get(problem.field, problem.field)
        at = field if field in self.fields else "other"
        if at not in self.errors:
            self.add_error(at, worded(problem.sentence))

    def spec(self) -> ContainerSpec:
        """What the fields say, after ``is_valid``; a field that cannot be read says nothing."""
        return self._said

    def _spec(self) -> ContainerSpec:
        """A field's value stands over the flag of the same name; lists come together."""
        given = self.cleaned_data
        base = given.get("other") or NOTHING
        values = {
            name: given[name]
            for name in SAME
            if name in given and given[name] != getattr(NOTHING, name)
        }
        for name in LINES:
            values[name] = (*self._lines(name), *getattr(base, name))
        if network := given.get("network"):
            values["networks"] = (NetworkSpec(network), *base.networks)
        if (restart := given.get("restart", "no")) != "no":
            retries = given.get("retries") or 0
            values["restart"] = RestartPolicy(restart, retries if restart == "on-failure" else 0)
        return replace(base, **values, **self._health())

    def _lines(self, name: str) -> tuple[Any, ...]:
        """While one line is being typed, the others stand; what the image offers and somebody
        ticked comes last, where no line speaks of it."""
        field: Any = self.fields[name]
        found: tuple[Any, ...] = self.cleaned_data.get(name, field.read(self.data.get(name, ""))[0])
        said = {about(each) for each in found}
        taken = self.cleaned_data.get("offer", {}).get(name, ())
        return (*found, *(each for each in taken if about(each) not in said))

    def _health(self) -> dict[str, Any]:
        kind, line = self.cleaned_data.get("health"), self.cleaned_data.get("health_command")
        if kind == "none":
            return {"health_test": ("NONE",)}
        return {"health_test": ("CMD-SHELL", line)} if kind == "command" and line else {}

    def unknown_flags(self) -> tuple[str, ...]:
        """Flags of a pasted line that stay in the line, and keep it from being run."""
        return self._unknown

    def expanded(self) -> tuple[str, ...]:
        """What of a pasted line a shell would have replaced, as it stood there; not too many to be
        looked for at each letter typed."""
        parts = self.cleaned_data.get("expansions", "").splitlines()
        return tuple(dict.fromkeys(parts))[:MOST_EXPANSIONS]


def label_of(form: RunForm, field: str) -> str:
    """What stands before a sentence about a field of the spec: the label of the form's, or the
    flag that sets it."""
    at = SHOWN_AT.get(field, field)
    return str(form.fields[at].label) if at in form.fields else FLAG_OF.get(field, field)


def words_of(text: str) -> tuple[str, ...]:
    """As a shell reads them; where a quote is open, by their blanks."""
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())


def about(value: Any) -> Any:
    """What one line is about: a port of the container, a path in it, a name."""
    if isinstance(value, PublishedPort):
        return value.key
    return value.target if isinstance(value, MountSpec) else value[0]
