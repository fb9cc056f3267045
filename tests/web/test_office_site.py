"""What the office learns of site.toml from a process of its own."""

import asyncio
import sys
import time
from pathlib import Path

import pytest

from appliance import officesite
from appliance.box.config import load_site
from appliance.box.kept import keep
from appliance.history.boardrows import BoardSite
from appliance.officesite import SiteRefused, read_apart
from tests.web.floors import write_site


async def test_it_is_what_the_file_says(tmp_path: Path) -> None:
    path = write_site(tmp_path)
    loaded = load_site(path)
    site = await read_apart(path)
    assert site.data_dir == str(loaded.data_dir)
    assert (site.listen, site.port) == (loaded.site.web.listen, 8080)
    assert site.board == BoardSite.of(loaded.site)
    assert site.trouble is None


async def test_a_wrong_file_is_refused_or_what_was_kept_is_taken(tmp_path: Path) -> None:
    path = write_site(tmp_path)
    keep(load_site(path), {}, 0.0)
    right = await read_apart(path)
    path.write_text("[site]\nnam = 1\n")
    with pytest.raises(SiteRefused, match="nam"):
        await read_apart(path)
    site = await read_apart(path, data=Path(right.data_dir), kept=True)
    assert site.board == right.board
    assert site.trouble is not None
    assert "nam" in site.trouble.what


async def test_a_process_that_does_not_answer_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_site(tmp_path)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SiteRefused, match="ended with status 1"):
        await read_apart(path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    with pytest.raises(SiteRefused, match="No such file"):
        await read_apart(path)


async def test_one_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hung = tmp_path / "hangs"
    hung.write_text("#!/bin/sh\nexec sleep 60\n")
    hung.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(hung))
    monkeypatch.setattr(officesite, "TIMEOUT_S", 0.2)
    began = time.monotonic()
    with pytest.raises(SiteRefused, match="more than"):
        async with asyncio.timeout(30):
            await read_apart(tmp_path / "site.toml")
    assert time.monotonic() - began < 30
