"""A few small containers to look at, made without any registry: ``manage.py demo``."""
