"""The command ``pacte``: ``command`` and a module for each group of commands."""
