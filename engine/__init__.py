"""Docker. The only package that imports ``docker``; it imports nothing of Django."""
