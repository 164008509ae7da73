"""What a person asks of a new terminal, or which one they come back to."""

from django import forms
from django.utils.translation import gettext_lazy as _

from access.targets import ContainerTarget
from containers import shells
from containers.shells import BadCommand, ShellOrder
from containers.terminal_wire import MOST_CELLS, Size


class AttachForm(forms.Form):
    """The size of a new one, or which one the person comes back to, and from where."""

    cols = forms.IntegerField(min_value=1, max_value=MOST_CELLS, required=False)
    rows = forms.IntegerField(min_value=1, max_value=MOST_CELLS, required=False)
    session = forms.RegexField(r"^[0-9a-f]{16}\Z", required=False)
    position = forms.IntegerField(min_value=0, required=False)

    def size(self) -> Size:
        asked, usual = self.cleaned_data, shells.USUAL_SIZE
        return Size(asked["cols"] or usual.cols, asked["rows"] or usual.rows)


class TerminalForm(AttachForm):
    """All may be empty: then the first shell is started as the container's own user."""

    command = forms.CharField(
        label=_("Command"),
        max_length=4096,
        required=False,
        help_text=_("Empty: bash, else ash, else sh."),
    )
    user = forms.CharField(
        label=_("User"),
        max_length=200,
        required=False,
        help_text=_("Name or number, with :group if wanted. Empty: the container's own."),
    )
    workdir = forms.CharField(
        label=_("Directory"),
        max_length=4096,
        required=False,
        help_text=_("Empty: the container's own."),
    )

    def clean_command(self) -> tuple[str, ...]:
        try:
            return shells.words(self.cleaned_data["command"])
        except BadCommand as error:
            raise forms.ValidationError(
                _("This cannot be cut into words (%(error)s): check the quotes."),
                params={"error": error},
            ) from error

    def clean_workdir(self) -> str:
        workdir = str(self.cleaned_data["workdir"])
        if workdir and not workdir.startswith("/"):
            raise forms.ValidationError(_("Give a path from the root, such as /srv."))
        return workdir

    def order(self, target: ContainerTarget) -> ShellOrder:
        asked = self.cleaned_data
        return ShellOrder(target, asked["command"], asked["user"], asked["workdir"], self.size())
