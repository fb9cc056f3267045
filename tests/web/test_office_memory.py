"""What the office must not have in memory: it reads nothing and calls nobody itself."""

import subprocess
import sys

from tests.web.house import ROOT

LOADED = "import sys, appliance.office; print(*sys.modules)"
STARTED = """
import runpy, sys
sys.argv = ["office", "--help"]
try:
    runpy.run_module("appliance.office", run_name="__main__")
except SystemExit:
    print("loaded", *(name for name, module in sys.modules.items() if module))
"""
WHOLE = """
import importlib.metadata, sys
import appliance.web.app
import aiohttp
assert "aiohttp.connector" not in sys.modules
assert aiohttp.__version__ == importlib.metadata.version("aiohttp")
assert aiohttp.ClientSession.__module__ == "aiohttp.client"
assert not hasattr(aiohttp, "no_such_name")
assert aiohttp.web.Application is sys.modules["aiohttp.web"].Application
from aiohttp import ClientTimeout, WSMsgType
"""


def _run(code: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_the_office_loads_neither_the_model_of_the_site_nor_a_client() -> None:
    loaded = set(_run(LOADED).split())
    assert "aiohttp.web" in loaded
    assert not loaded & {
        "pydantic",
        "pydantic_core",
        "appliance.model.site",
        "appliance.box.config",
        "aiohttp.client",
        "aiohttp.connector",
        "holidays",
        "phonenumbers",
        "numpy",
        "sqlite_utils",
    }


def test_who_asks_for_the_client_gets_it() -> None:
    _run(WHOLE)


def test_the_process_has_no_openssl() -> None:
    loaded = set(_run(STARTED).partition("loaded ")[2].split())
    assert {"asyncio", "aiohttp.web", "hashlib"} <= loaded
    assert not loaded & {"ssl", "_ssl", "_hashlib"}


def test_who_imports_the_office_keeps_openssl() -> None:
    _run("import appliance.office, ssl, hashlib; ssl.create_default_context()")
