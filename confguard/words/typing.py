"""What the engine uses of `typing`, under the same names, without loading it: a tenth of a check would go into that.

`typing.NamedTuple` compiles every annotation that is a string, which this one leaves alone; a class made by it is the same named tuple.
"""

from __future__ import annotations

TYPE_CHECKING = False

if TYPE_CHECKING:
    from typing import Any as Any
    from typing import NamedTuple as NamedTuple
    from typing import NoReturn as NoReturn
    from typing import Protocol as Protocol
    from typing import TextIO as TextIO
    from typing import TypeGuard as TypeGuard
else:
    from collections import namedtuple

    Any = NoReturn = Protocol = TextIO = TypeGuard = object  # for annotations, which nothing evaluates

    class _Maker(type):
        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.pop("__annotations__", {})
            defaults = [body.pop(field) for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body.pop("__module__"))
            made.__annotations__ = fields
            for member, value in body.items():
                setattr(made, member, value)
            return made

    NamedTuple = _Maker("NamedTuple", (), {})
