"""The socket of who is attached to a main process: a terminal's, under a right of its own."""

from containers.terminal_socket import TerminalSocket


class AttachSocket(TerminalSocket):
    """As TerminalSocket; the tickets of the one do not open the other."""

    action = right = "container.attach"
