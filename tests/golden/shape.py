"""A named way of printing a report's tables, and the register that it is kept in."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.build.report import STATUTORY, Flow, Report

Make = Callable[[Report], Flow]


@dataclass(frozen=True)
class Shape:
    """`make` bends a report of one of `editions`.

    `loses` says what need not be read; nothing may ever be read wrong.
    """

    name: str
    make: Make
    editions: tuple[str, ...] = STATUTORY
    loses: str = ""
    about: str = ""


def shape(
    register: dict[str, Shape], name: str, editions: tuple[str, ...] = STATUTORY, loses: str = ""
) -> Callable[[Make], Make]:
    """Put a function into `register` under `name`."""

    def keep(make: Make) -> Make:
        if name in register:
            raise ValueError(f"two shapes are called {name}")
        about = " ".join((make.__doc__ or "").split())
        register[name] = Shape(name, make, editions, loses, about)
        return make

    return keep
