"""The equal ``docker run`` line as pages and the record may show it."""

from collections.abc import Sequence
from dataclasses import replace

from access.secrets import masked_pairs, masked_words
from engine.command_line import to_line
from engine.specs import ContainerSpec


def masked_line(spec: ContainerSpec, unknown: Sequence[str] = (), *, folded: bool = False) -> str:
    """Values of env and labels that look secret are masked, and passwords in addresses."""
    env = masked_pairs(spec.env)
    labels = masked_pairs(spec.labels)
    shown = replace(spec, env=env, labels=labels)
    return to_line(shown, unknown, folded=folded, say=masked_words)
