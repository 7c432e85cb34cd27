"""What a machine leaves in a text: colours of a terminal, folders, addresses of objects. Taken out before it is kept.

A report, or the error kept beside it, must read the same wherever it was made. Knows nothing of notebooks or pages.
"""

from __future__ import annotations

import re
import sys
import sysconfig
import tempfile
from pathlib import Path

LONGEST = 20_000
"""Characters of an error that are kept."""

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ANSI = re.compile(r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CELL = re.compile(r"(?<![^\s\"'(])[^\s\"'(]*[/\\]ipykernel_\d+[/\\]\d+\.py")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}")
_FOLDER = re.compile(
    r"(?<![\w.:/~<-])(?:/(?:home|Users|root|tmp|var|opt|usr|srv|mnt|private|work)|~)/(?:[^\s/\"'<>:,;)]+/)*"
)
_EMBEDDED = re.compile(r"base64,[A-Za-z0-9+/=]+")


def strip_ansi(text: str) -> str:
    """Text without the control sequences of a terminal."""
    return _ANSI.sub("", text)


def readable(text: str) -> str:
    """Text as a person reads it on a terminal: no colour or control character, of lines written over one another the last.

    What is no character (half of one) becomes U+FFFD, so that the text can be written in a file.
    """
    text = strip_ansi(text)
    if "\r" in text:
        text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return _SURROGATE.sub("\ufffd", _CONTROL.sub("", text))


def shortened(text: str) -> str:
    """A text with its middle left out when it is very long: how it begins and how it ends is kept."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}\n…\n{text[-LONGEST // 2 :]}"


class Scrubber:
    """Takes out of a text what depends on the machine; folders of the project become relative to its root.

    Args:
        root: the checkout.
    """

    def __init__(self, root: Path) -> None:
        home = str(Path.home())
        known = {
            str(root): "",
            sysconfig.get_path("purelib"): "site-packages",
            sysconfig.get_path("stdlib"): "python",
            sys.prefix: "environment",
            tempfile.gettempdir(): "temporary",
        }
        # IPython writes the home folder as ~
        known |= {
            f"~{path.removeprefix(home)}": name for path, name in known.items() if path.startswith(f"{home}/")
        }
        known[home] = "~"
        self._known = [(path, known[path]) for path in sorted(known, key=len, reverse=True) if len(path) > 1]

    def __call__(self, text: str) -> str:
        """The text without colours, folders of this machine or addresses of objects."""
        text = _CELL.sub("cell", readable(text))
        for path, name in self._known:
            text = text.replace(f"{path}/", f"{name}/" if name else "").replace(path, name or "project")
        return _ADDRESS.sub("0x…", _FOLDER.sub("…/", text))

    def leak(self, page: str) -> str | None:
        """The first folder of this machine that a page names outside its embedded images, or None."""
        text = _EMBEDDED.sub("", page)
        return next((path for path, _ in self._known if f"{path}/" in text), None)
