"""What the styleguide fills the partials with: words that are data, the same in every language."""

from typing import Any

from django import forms

from web.inspect_tree import tree
from web.states import Chip

INSPECTED = {"State": {"Status": "running", "Pid": 4711, "Health": {"FailingStreak": 0}}}

CHIPS = (
    {"tone": "ok", "word": "Healthy"},
    {"tone": "ok", "word": "Running"},
    {"tone": "bad", "word": "Unhealthy"},
    {"tone": "bad", "word": "Exited", "code": 137},
    {"tone": "", "word": "Exited", "code": 0},
)


class SampleForm(forms.Form):
    """One field of each kind."""

    image = forms.CharField(label="Image", help_text="As it is pulled.")
    restart = forms.ChoiceField(label="Restart", choices=[("no", "no"), ("always", "always")])
    when = forms.ChoiceField(
        label="When", choices=[("now", "Now"), ("later", "Later")], widget=forms.RadioSelect
    )
    note = forms.CharField(
        label="Note", required=False, widget=forms.Textarea({"rows": 2}), disabled=True
    )
    force = forms.BooleanField(label="Force", help_text="Kills it first.", required=False)


def samples() -> dict[str, Any]:
    """The context of the page: ``form`` was sent with a mistake, ``nodes`` are of an inspect,
    ``outcomes`` of a removal of which one ``failed``."""
    form = SampleForm({"image": "nginx:lates t", "restart": "no", "when": "now"}, auto_id="sg-%s")
    form.add_error("image", "A reference has no spaces: take one out.")
    form.add_error(None, "Another container has this name.")
    went = {"name": "shop-web", "error": ""}
    stayed = {"name": "shop-db", "error": "You cannot remove a running container."}
    return {
        "chips": CHIPS,
        "form": form,
        "nodes": tree(INSPECTED),
        "objects": [{"name": "shop-db", "detail": "340 MiB"}, {"name": "shop-cache"}],
        "outcomes": [went, stayed],
        "failed": [stayed],
        "good": 1,
        "chip": Chip("Exited", "bad", 3),
    }
