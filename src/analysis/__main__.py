"""``python -m analysis``: the command ``pacte``, where its script is not on the path. Nothing else is here."""

from analysis.cli.command import main

main("python -m analysis")
