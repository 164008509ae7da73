"""What a job can be refused for."""

from access.errors import Denied


class TooMany(Denied):
    """One person runs as many jobs of this kind as are allowed at a time: 429."""

    status = 429
