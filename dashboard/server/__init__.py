"""Daphne with what it lacks: waiting for slow clients, and refusing bodies before reading them.

The only package that knows the server; the application is plain ASGI. ``python -m
dashboard.server`` starts it.
"""
