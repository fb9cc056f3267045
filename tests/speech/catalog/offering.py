"""Models on offer at a server on loopback."""

import shutil
from collections.abc import Callable
from pathlib import Path

from appliance.speech.catalog import placing
from appliance.speech.catalog.download import Patience
from appliance.speech.catalog.fetch import Fetched
from appliance.speech.catalog.official import Official
from tests.speech.catalog.modelfiles import write_model

QUICK = Patience(silence_s=2.0, tries=2, pause_s=0.0)
NAME = "vosk-model-small-xx-0.1"


def model_zip(tmp_path: Path, name: str = NAME, **changed: bytes | None) -> bytes:
    files = {key.replace("__", "."): value for key, value in changed.items()}
    mdl = {"am/final.mdl": files["mdl"]} if "mdl" in files else {}
    folder = tmp_path / "making"
    write_model(folder / name, mdl)
    archive = shutil.make_archive(str(tmp_path / "made"), "zip", folder)
    shutil.rmtree(folder)
    return Path(archive).read_bytes()


def offer(content: bytes, address: str, sha256: str = "") -> Official:
    class Here(Official):
        @property
        def address(self) -> str:
            return address

    return Here(NAME, "xx", len(content), sha256)


Get = Callable[..., Fetched]


def shown(data_dir: Path) -> list[str]:
    """What lies in the folder of models; nothing half done may."""
    work = data_dir / "models" / placing.WORK
    assert sorted(one.name for one in work.iterdir() if one.is_dir()) == []
    return sorted(one.name for one in (data_dir / "models").iterdir() if one != work)
