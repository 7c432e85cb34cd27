"""The version of the package, for what is made with it to name."""

__version__ = "0.1.0"
