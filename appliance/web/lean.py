"""The library `aiohttp` without its client, which nobody in the office asks for.

The package's own start loads both halves; the client and its connector stay in the memory of a
process that only serves (4 MB). Its submodules import each other by name, so an unexecuted
package with the same path does for the server. Whoever asks it for anything else, say
``aiohttp.ClientSession``, gets the whole package then.
"""

import importlib
import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

_NAME = "aiohttp"
_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


def _leave_client_unloaded() -> None:
    spec = importlib.util.find_spec(_NAME)
    if _NAME in sys.modules or spec is None or spec.loader is None or spec.origin is None:
        return
    found = _VERSION.search(Path(spec.origin).read_text(encoding="utf-8"))
    if found is None:  # not the aiohttp that we know: it may do as it likes
        return
    package = importlib.util.module_from_spec(spec)
    package.__dict__["__version__"] = found[1]  # aiohttp.http names it to clients
    package.__dict__["__getattr__"] = lambda name: _asked(package, name)
    sys.modules[_NAME] = package


def _asked(package: ModuleType, name: str) -> Any:
    """A submodule, else whatever the whole package has under this name."""
    if name.startswith("__"):
        raise AttributeError(name)
    if importlib.util.find_spec(f"{_NAME}.{name}") is not None:
        return importlib.import_module(f"{_NAME}.{name}")
    if package.__dict__.pop("__getattr__", None) is not None:
        assert package.__spec__ is not None
        assert package.__spec__.loader is not None
        package.__spec__.loader.exec_module(package)
    return getattr(package, name)


_leave_client_unloaded()
