"""What the functions of estimation say of their arguments, and that their examples answer what they print."""

import doctest
import importlib
import inspect
import re

import pytest

from tests.conventions.repository import modules
from tests.methods.degenerate import CASES, found

EXAMPLES = sorted(
    path.removeprefix("src/").removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    for path, text in modules().items()
    if ">>> " in text
)


@pytest.mark.parametrize("name", CASES)
def test_every_argument_is_described_on_a_line_of_its_own(name):
    function = found(name)
    arguments = [one for one in inspect.signature(function).parameters if one != "self"]
    section = re.search(r"Parameters\n-{10}\n(.*?)(?:\n\n\w|\Z)", inspect.getdoc(function), re.DOTALL)
    described = re.findall(r"^(\w+(?:, \w+)*) : ", section[1], re.MULTILINE) if section else []
    assert [one for names in described for one in names.split(", ")] == arguments


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_answer_what_they_print(name):
    assert not doctest.testmod(importlib.import_module(name)).failed
