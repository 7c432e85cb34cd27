"""``python -m analysis.cli``: the command ``pacte``, as ``python -m analysis`` is. Nothing else is here."""

from analysis.cli.command import main

main("python -m analysis.cli")
