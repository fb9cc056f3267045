"""The library `holidays`, each country loaded when it is asked for.

Its package of countries imports all 250 of them at the first question: 9 MB of the core's memory
and a third of a second, in the middle of a call. The package only gathers names and the library
itself asks its submodules, so an unexecuted package with the same path does for us.
Import `holidays` from here.
"""

import importlib.util
import sys

import holidays

_NAME = "holidays.countries"


def _leave_countries_unloaded() -> None:
    spec = importlib.util.find_spec(_NAME)
    if _NAME not in sys.modules and spec is not None:
        sys.modules[_NAME] = importlib.util.module_from_spec(spec)


_leave_countries_unloaded()

__all__ = ["holidays"]
