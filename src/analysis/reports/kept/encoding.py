"""Results of the project as bytes that hold data and nothing else, and back to the same results, to the last bit.

``written(result, gives)`` gives the bytes, ``read(content, gives)`` the result; ``gives`` is the type that is expected,
as an annotation says it: ``tuple[pd.DataFrame, take_up.Expected]``. The dataclasses that may be made are those that
this type names, and those that their fields name in turn: an exact list that nobody keeps by hand. Nothing in the bytes
names a function, a module to import or a class beyond these, and nothing but the constructors of plain values, arrays
and tables is called: of a forged file there comes at worst a result of the expected type with wrong numbers. Anything
else is a ValueError.

The first line is JSON: a list of nodes, each ``[kind, item, …]``, an item being a text, a number, true, false, null, or
``[n]``, the node of that number among those before. What stands in many places is written once, so that reading takes
no longer than there are different things; no node holds another, so that nothing is deep. Numbers of arrays follow that
line, as they are in memory. What cannot be given back as it was (a class that the type does not name, a function, a
subclass) is refused when it is written. It knows no file and no result: ``shared`` does, and asks at the start of a
run, so that no library of tables is loaded before a table is met.
"""

from __future__ import annotations

import dataclasses
import json
import math
import struct
from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

from analysis.reports.kept import expected

_PLAIN = (tuple, list, set, frozenset)
_ALTERABLE = {"list", "set", "dict", "array", "objects", "series", "matrix", "frame"}
"""Kinds of nodes whose things can be altered, so that two that are equal remain two."""
_NUMBERS = "biufcmM"
"""Kinds of numpy's numbers and dates, whose bytes are kept as they are."""


def written(result: object, gives: object = object) -> bytes:
    """A result as bytes. ValueError when it is not of the type that is expected, or could not be read back the same."""
    try:
        content = _Writer(expected.classes(gives)).content(result)
        again = _Writer(expected.classes(gives)).content(read(content, gives))
    except (TypeError, RecursionError, AttributeError) as error:
        raise ValueError(f"this cannot be kept: {error}") from error
    if again != content:
        raise ValueError(f"a {type(result).__name__} would not be read back as it is: it cannot be kept")
    return content


def read(content: bytes, gives: object = object) -> object:
    """The result that ``written`` made these bytes of. ValueError when they are no such bytes."""
    try:
        line, _, tail = content.partition(b"\n")
        nodes = json.loads(line, parse_constant=_refused)
        result = _Reader(gives, tail).result(nodes)
    except Exception as error:  # whatever stands there, it is not a result
        raise ValueError(f"this is no kept result: {type(error).__name__}: {error}") from error
    return result


def _refused(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _class_name(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


# -------------------------------------------------------------------------------------------------------------- writing


class _Writer:
    """Nodes of a result, each thing once: what can change by what it is, what cannot by what it holds."""

    def __init__(self, classes: Mapping[str, type]) -> None:
        self._classes = classes
        self._nodes: list[str] = []
        self._tail: list[bytes] = []
        self._size = 0
        self._places: dict[bytes, int] = {}
        self._number: dict[int, int] = {}
        self._equal: dict[str, int] = {}
        self._alive: list[object] = []

    def content(self, result: object) -> bytes:
        """The bytes of a result."""
        self._add(["tuple", self._item(result)])
        return b"".join([f"[{','.join(self._nodes)}]\n".encode(), *self._tail])

    def _item(self, thing: Any) -> object:
        """A thing as it stands in a node: itself, or the number of its own node."""
        kind = type(thing)
        if thing is None or kind in (bool, int, str) or (kind is float and math.isfinite(thing)):
            return thing
        if id(thing) not in self._number:
            self._number[id(thing)] = self._add(self._node(thing))
            self._alive.append(thing)  # so that no other takes its identity
        return [self._number[id(thing)]]

    def _add(self, node: list) -> int:
        text = json.dumps(node, allow_nan=False, separators=(",", ":"))
        if node[0] in _ALTERABLE or text not in self._equal:
            self._equal[text] = len(self._nodes)
            self._nodes.append(text)
        return self._equal[text]

    def _bytes(self, content: bytes) -> list[int]:
        """Where some bytes stand after the first line, and how many they are."""
        if content not in self._places:
            self._places[content] = self._size
            self._size += len(content)
            self._tail.append(content)
        return [self._places[content], len(content)]

    def _node(self, thing: Any) -> list[Any]:
        kind = type(thing)
        if kind in _PLAIN:
            items = [self._item(one) for one in thing]
            ordered = sorted(items, key=json.dumps) if kind in (set, frozenset) else items
            return [kind.__name__, *ordered]
        if kind is dict:
            return ["dict", *(self._item(one) for pair in thing.items() for one in pair)]
        if kind is float:
            return ["float", struct.pack("<d", thing).hex()]
        if kind is bytes:
            return ["bytes", *self._bytes(thing)]
        if kind is date:
            return ["date", thing.isoformat()]
        if self._classes.get(_class_name(kind)) is kind:
            return [
                _class_name(kind),
                *(self._item(getattr(thing, f.name)) for f in dataclasses.fields(kind)),
            ]
        return self._table(thing)

    def _table(self, thing: Any) -> list[Any]:
        import numpy as np
        import pandas as pd

        kind = type(thing)
        if isinstance(thing, np.generic) and thing.dtype.kind in _NUMBERS:
            return ["number", thing.dtype.str, thing.tobytes().hex()]
        if kind is np.ndarray:
            return self._array(thing)
        if kind is pd.RangeIndex:
            return ["range", self._item(thing.name), thing.start, thing.stop, thing.step]
        if kind is pd.Index:
            return ["index", self._item(thing.name), self._item(self._values(thing))]
        if kind is pd.Series and not thing.attrs:
            values = self._item(self._values(thing))
            return ["series", self._item(thing.name), self._item(thing.index), values]
        if kind is pd.DataFrame and not thing.attrs:
            return self._frame(thing)
        if isinstance(thing, pd.api.extensions.ExtensionArray):
            return self._extension(thing)
        raise TypeError(
            f"a {_class_name(kind)} is neither a plain value, nor an array or a table that is known, nor of the type that "
            "the function says that it returns"
        )

    def _array(self, thing: Any) -> list:
        if thing.dtype.kind == "O" and thing.ndim == 1:
            return ["objects", *map(self._item, thing.tolist())]
        if thing.dtype.kind not in _NUMBERS:
            raise TypeError(f"an array of {thing.dtype}")
        order = "F" if thing.flags.f_contiguous and not thing.flags.c_contiguous else "C"
        return ["array", thing.dtype.str, order, *self._bytes(thing.tobytes(order)), *thing.shape]

    @staticmethod
    def _values(thing: Any) -> Any:
        """The values of a column or an index: an array of numpy's, or one of pandas' own."""
        import numpy as np

        return thing.to_numpy() if isinstance(thing.dtype, np.dtype) else thing.array

    def _extension(self, thing: Any) -> list:
        import pandas as pd

        dtype = thing.dtype
        if isinstance(dtype, pd.StringDtype) and dtype.na_value is not pd.NA:
            texts = [None if missing else text for text, missing in zip(thing, thing.isna(), strict=True)]
            return ["texts", dtype.storage, *texts]
        if isinstance(dtype, pd.CategoricalDtype):
            return ["category", dtype.ordered, self._item(thing.categories), self._item(thing.codes)]
        if isinstance(dtype, pd.PeriodDtype):
            return ["period", str(dtype).removeprefix("period[").removesuffix("]"), self._item(thing.asi8)]
        raise TypeError(f"a column of {dtype}")

    def _frame(self, thing: Any) -> list:
        """Columns of one type of numpy's are kept together, as they lie in memory; others one by one."""
        import numpy as np

        head = [self._item(thing.index), self._item(thing.columns)]
        kinds = set(thing.dtypes)
        if len(kinds) == 1 and isinstance(kind := kinds.pop(), np.dtype) and kind.kind in _NUMBERS:
            return ["matrix", *head, self._item(thing.to_numpy())]
        return ["frame", *head, *(self._item(self._values(thing.iloc[:, i])) for i in range(thing.shape[1]))]


# -------------------------------------------------------------------------------------------------------------- reading


class _Reader:
    """Makes things of nodes, from the first to the last."""

    def __init__(self, gives: object, tail: bytes) -> None:
        self._gives = gives
        self._tail = tail
        self._fits = expected.Fits()
        self._kinds: dict[str, Callable[[list], object]] = {
            **_KINDS,
            "bytes": self._bytes,
            "array": self._array,
            **{name: partial(self._object, kind) for name, kind in expected.classes(gives).items()},
        }

    def result(self, nodes: list) -> object:
        """The thing that the last node holds."""
        made: list[Any] = []
        kinds = self._kinds
        for kind, *items in nodes:
            made.append(kinds[kind]([made[i[0]] if type(i) is list else i for i in items]))
        (result,) = made[-1]
        if not self._fits(result, self._gives):
            raise TypeError(f"a {type(result).__name__}, expected {self._gives}")
        return result

    def _object(self, kind: type, items: list) -> object:
        """A frozen dataclass with its fields, as they were: what its constructor checks was checked when it was made."""
        hints = expected.fields(kind)
        made: Any = object.__new__(kind)
        for (name, hint), value in zip(hints.items(), items, strict=True):
            if not self._fits(value, hint):
                raise TypeError(f"{kind.__name__}.{name} is a {type(value).__name__}, expected {hint}")
            made.__dict__[name] = value
        return made

    def _slice(self, start: int, length: int) -> bytes:
        if not 0 <= start <= start + length <= len(self._tail):
            raise ValueError("bytes that are not there")
        return self._tail[start : start + length]

    def _bytes(self, items: list) -> bytes:
        return self._slice(*items)

    def _array(self, items: list) -> object:
        import numpy as np

        dtype, order, start, length, *shape = items
        flat = np.frombuffer(self._slice(start, length), _number_type(dtype))
        if min(shape, default=0) < 0 or order not in ("C", "F"):
            raise ValueError(f"an array of {shape}")
        return flat.reshape(shape, order=order).copy(order=order)


def _number_type(name: object) -> Any:
    """A type of numbers by its name in numpy; any other is refused."""
    import numpy as np

    dtype = np.dtype(name) if isinstance(name, str) else None
    if dtype is None or dtype.kind not in _NUMBERS or not dtype.itemsize:
        raise TypeError(f"{name!r} names no type of numbers")
    return dtype


def _number(items: list) -> object:
    import numpy as np

    name, content = items
    (number,) = np.frombuffer(bytes.fromhex(content), _number_type(name))
    return number


def _objects(items: list) -> object:
    import numpy as np

    made = np.empty(len(items), dtype=object)
    for place, item in enumerate(items):
        made[place] = item
    return made


def _range(items: list) -> object:
    import pandas as pd

    name, start, stop, step = items
    return pd.RangeIndex(start, stop, step, name=name)


def _index(items: list) -> object:
    import pandas as pd

    name, values = items
    return pd.Index(values, dtype=values.dtype, name=name)


def _series(items: list) -> object:
    import pandas as pd

    name, index, values = items
    return pd.Series(_along(index, values), index=index, dtype=values.dtype, name=name)


def _texts(items: list) -> object:
    import numpy as np
    import pandas as pd

    storage, *texts = items
    if not all(text is None or type(text) is str for text in texts):
        raise TypeError("a column of texts that holds something else")
    return pd.array(texts, dtype=pd.StringDtype(storage, na_value=np.nan))


def _category(items: list) -> object:
    import pandas as pd

    ordered, categories, codes = items
    return pd.Categorical.from_codes(codes, dtype=pd.CategoricalDtype(_of(categories, pd.Index), ordered))


def _period(items: list) -> object:
    import pandas as pd

    freq, ordinals = items
    return pd.PeriodIndex.from_ordinals(ordinals, freq=freq).array  # type: ignore[attr-defined] # not in the stubs


def _matrix(items: list) -> object:
    import numpy as np
    import pandas as pd

    index, columns, values = items
    if _of(values, np.ndarray).shape != (len(_of(index, pd.Index)), len(_of(columns, pd.Index))):
        raise ValueError("a table whose figures are not as many as its rows and columns")
    return pd.DataFrame(values, index=index, columns=columns, copy=False)


def _frame(items: list) -> object:
    import pandas as pd

    index, columns, *values = items
    parts = {
        place: pd.Series(_along(index, one), index=index, dtype=one.dtype) for place, one in enumerate(values)
    }
    made = pd.DataFrame(parts, index=_of(index, pd.Index))
    made.columns = _of(columns, pd.Index)
    return made


def _along(index: object, values: Any) -> Any:
    """Values, one for each row of an index: a single one would be repeated as often as it says."""
    import pandas as pd

    if values.ndim != 1 or len(values) != len(_of(index, pd.Index)):
        raise ValueError("a column that is not as long as its table")
    return values


def _of(thing: object, kind: type) -> Any:
    if not isinstance(thing, kind):
        raise TypeError(f"a {type(thing).__name__}, expected {kind.__name__}")
    return thing


def _float(items: list) -> float:
    return struct.unpack("<d", bytes.fromhex(items[0]))[0]


_KINDS: dict[str, Callable[[list], object]] = {
    **{kind.__name__: kind for kind in _PLAIN},
    "dict": lambda items: dict(zip(items[::2], items[1::2], strict=True)),
    "float": _float,
    "date": lambda items: date.fromisoformat(*items),
    "number": _number,
    "objects": _objects,
    "range": _range,
    "index": _index,
    "series": _series,
    "texts": _texts,
    "category": _category,
    "period": _period,
    "matrix": _matrix,
    "frame": _frame,
}
"""How each kind of node is made of its items. Nothing else is ever called for what a file says."""
