"""Commands of site."""

from __future__ import annotations

import click


def register(root: click.Group) -> None:
    """Add this domain's commands to the program."""
