"""What a terminal may be opened for."""

from containers.attaching import AttachOrder
from containers.shells import ShellOrder

Order = ShellOrder | AttachOrder
