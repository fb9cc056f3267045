"""image/pjsua2/build.py: takes what is there, asks nobody twice, and says what to do."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECIPE = ROOT / "image/pjsua2"
NOWHERE = "http://127.0.0.1:9/debian"  # the discard port: nobody answers


def build(*options: object, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(RECIPE / "build.py"), *map(str, options)]
    return subprocess.run(
        command, env={**os.environ, **env}, capture_output=True, text=True, check=False
    )


@pytest.fixture
def aptsource(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(RECIPE))
    return __import__("aptsource")


DEB822 = """\
# Debian repository
Types: deb
# URIs: http://old.example/debian
URIs: http://mirror.example/debian/
Suites: trixie
Components: main
"""
SECURITY = "Types: deb\nURIs: http://mirror.example/debian-security\nSuites: trixie-security\n"
ONE_LINE = """\
# deb http://old.example/debian trixie main
deb [arch=amd64] https://vendor.example/apt stable main
deb [signed-by=/usr/share/keyrings/x.gpg] http://line.example/debian trixie main
"""


@pytest.mark.parametrize(
    ("files", "mirror"),
    [
        ({"sources.list.d/debian.sources": DEB822}, "http://mirror.example/debian"),
        ({"sources.list": ONE_LINE}, "http://line.example/debian"),
        (
            {"sources.list.d/a.sources": SECURITY, "sources.list.d/b.list": ONE_LINE},
            "http://line.example/debian",
        ),
        ({"sources.list.d/a.sources": SECURITY}, None),
        ({}, None),
    ],
)
def test_the_mirror_is_the_machines_own(
    aptsource: ModuleType, tmp_path: Path, files: dict[str, str], mirror: str | None
) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert aptsource.machine_mirror(tmp_path) == mirror


def test_only_an_old_index_is_taken_without_its_date(aptsource: ModuleType) -> None:
    old = "E: Release file for x is expired (invalid since 3d). Updates are not applied."
    ahead = "E: Release file for x is not valid yet (invalid for another 1h)."
    other = "E: The repository 'x sid Release' is not signed."
    assert aptsource._only_out_of_date(old) and aptsource._only_out_of_date(ahead)
    assert not aptsource._only_out_of_date(f"{old}\n{other}")
    assert not aptsource._only_out_of_date("")


def test_without_network_and_cache_it_names_the_three_ways(tmp_path: Path) -> None:
    done = build(CALLFLOOR_CACHE=str(tmp_path), CALLFLOOR_DEBIAN_MIRROR=NOWHERE)
    assert done.returncode == 1 and done.stdout == ""
    for way in ("CALLFLOOR_DEBIAN_MIRROR", "CALLFLOOR_PJPROJECT_TARBALL", "CALLFLOOR_PJSUA2_WHEEL"):
        assert way in done.stderr
    assert "Traceback" not in done.stderr


def test_a_ready_wheel_is_taken_as_it_is(tmp_path: Path) -> None:
    wheel = tmp_path / "pjsua2-1-cp311-cp311-linux_x86_64.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("pjsua2.py", "")
    done = build("--out", tmp_path / "out", CALLFLOOR_PJSUA2_WHEEL=str(wheel))
    assert done.stdout.splitlines() == [str(tmp_path / "out" / wheel.name)]
    assert (tmp_path / "out" / wheel.name).read_bytes() == wheel.read_bytes()
    missing = build("--wheel", tmp_path / "none.whl")
    assert missing.returncode == 1 and "no such wheel" in missing.stderr


def test_a_tarball_that_is_none_is_refused_in_words(tmp_path: Path) -> None:
    tarball = tmp_path / "empty.tar"
    tarball.write_bytes(bytes(10240))
    done = build("--tarball", tarball, CALLFLOOR_CACHE=str(tmp_path / "cache"))
    assert done.returncode == 1
    assert "no pjproject source" in done.stderr and "Traceback" not in done.stderr


def test_the_packages_are_named() -> None:
    names = build("--apt-packages").stdout.split()
    assert {"swig", "libsrtp2-dev", "libopus0"} <= set(names)


@pytest.mark.peers
@pytest.mark.timeout(1800)  # a first build on a busy machine
def test_the_second_time_needs_no_network_and_builds_nothing(wheel_python: Path) -> None:
    done = build("--asserts", CALLFLOOR_DEBIAN_MIRROR=NOWHERE)
    wheel = Path(done.stdout.splitlines()[-1])
    assert wheel.is_file()
    made = wheel.stat().st_mtime_ns
    assert build("--asserts", CALLFLOOR_DEBIAN_MIRROR=NOWHERE).stdout == done.stdout
    assert wheel.stat().st_mtime_ns == made
    key = build("--asserts", "--print-hash").stdout.strip()
    assert wheel.parent.name == key
    assert build("--print-hash").stdout.strip() != key, "the variants are two wheels"


@pytest.mark.peers
@pytest.mark.timeout(1800)
def test_the_wheel_says_what_it_is(wheel_python: Path) -> None:
    code = (
        "import importlib.metadata as m, json, pjsua2;"
        "print(json.dumps([m.version('pjsua2'), m.metadata('pjsua2')['License']]))"
    )
    out = subprocess.run([wheel_python, "-c", code], capture_output=True, text=True, check=True)
    version, licence = json.loads(out.stdout)
    assert re.fullmatch(r"\d+\.\d+(\.\d+)?\+callfloor\.\d+\.h[0-9a-f]{8}\.asserts", version)
    assert licence == "GPL-2.0-or-later"


@pytest.mark.peers
@pytest.mark.timeout(1800)
def test_a_patch_that_does_not_fit_is_named(wheel_python: Path, tmp_path: Path) -> None:
    """As when upstream moves on."""
    where = subprocess.run(
        [sys.executable, "-c", "import cache; print(cache.Cache().remembered().path)"],
        env={**os.environ, "PYTHONPATH": str(RECIPE)},
        capture_output=True,
        text=True,
        check=True,
    )
    recipe = tmp_path / "recipe"
    shutil.copytree(RECIPE, recipe)
    (recipe / "patches/99-gone.patch").write_text(
        "What upstream has changed\n\n--- a/version.mak\n+++ b/version.mak\n"
        "@@ -1,1 +1,1 @@\n-a line that is not there\n+another\n"
    )
    done = subprocess.run(
        [sys.executable, recipe / "build.py", "--tarball", where.stdout.strip()],
        env={**os.environ, "CALLFLOOR_CACHE": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Patch 99-gone.patch" in done.stderr and "last known good" in done.stderr
    assert not list((tmp_path / "cache/pjsua2").glob("work-*")), "nothing is left lying about"
