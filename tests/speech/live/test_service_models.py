"""Models that cannot be used, that are put right, and that take the place of others."""

import asyncio
import os
import shutil
from pathlib import Path

import msgspec
import pytest

from appliance.model.hearing import SpeechOff
from appliance.model.ids import LegId
from appliance.speech.live import crew
from tests.speech.live.conftest import (
    MENU,
    Open,
    nurseries,
    until,
    workers,
)

DAMAGES = {
    "cut off": lambda folder: os.truncate(folder / "am/final.mdl", 100_000),
    "empty": lambda folder: os.truncate(folder / "am/final.mdl", 0),
    "no graph": lambda folder: shutil.rmtree(folder / "graph"),
    "no network": lambda folder: (folder / "am/final.mdl").unlink(),
    "another rate": lambda folder: (folder / "conf/mfcc.conf").write_text(
        "--sample-frequency=16000\n"
    ),
    "a wrong description": lambda folder: (folder / "callfloor-model.json").write_text("{"),
}


@pytest.mark.parametrize("damage", DAMAGES)
async def test_a_damaged_model_is_a_trouble_and_no_more(
    floor: Open, model: Path, tmp_path: Path, damage: str
) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(model, broken, copy_function=shutil.copyfile)
    for one in broken.rglob("*"):
        one.chmod(0o755 if one.is_dir() else 0o644)
    DAMAGES[damage](broken)
    async with floor(models={"en": model, "de": broken}) as f:
        (trouble,) = f.troubles
        assert "broken" in trouble.what
        f.listen("a", hearing=msgspec.structs.replace(MENU, language="de"))
        (off,) = await until(lambda: f.reports)
        assert (off.why, off.listen) == ("broken", 1)
        f.reports.clear()
        assert (await f.ask("b", "sales")).choice == "sales"


async def test_a_missing_folder_too(floor: Open, tmp_path: Path) -> None:
    async with floor(models={"en": tmp_path / "none"}) as f:
        assert "none" in f.troubles[0].what
        f.listen("a")
        (off,) = await until(lambda: f.reports)
        assert off.why == "broken"


async def test_a_model_that_is_put_right_is_found_by_itself(
    floor: Open, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tried again and again, told once, and once that it is over."""
    monkeypatch.setattr(crew, "PAUSES_S", (0.05,))
    later = tmp_path / "later"
    async with floor(models={"en": later}) as f:
        tried = {one.pid for one in nurseries()}
        await until(lambda: {one.pid for one in nurseries()} - tried)
        assert [one.over for one in f.troubles] == [False]
        shutil.copytree(model, tmp_path / "copy")
        (tmp_path / "copy").rename(later)
        await until(lambda: len(f.troubles) > 1)
        assert [one.over for one in f.troubles] == [False, True]
        assert (await f.ask("a", "sales")).choice == "sales"


async def test_other_settings_leave_running_questions_alone(
    floor: Open, model: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(model, other)
    async with floor() as f:
        f.listen("a")
        old = nurseries()[0]
        settings = msgspec.structs.replace(f.settings, models={"en": other}, recognisers=2)
        await f.service.configure(settings)
        assert len(nurseries()) == 2
        assert (await f.hear("a", "sales")).choice == "sales"
        assert (await f.ask("b", "billing")).choice == "billing"
        f.service.stop(LegId("a"))
        await until(lambda: not old.is_running())
        assert f.service.busy() == (0, 2)


@pytest.mark.parametrize("same_folder", [True, False])
async def test_an_unfit_model_takes_no_recogniser_away(
    floor: Open,
    model: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    same_folder: bool,
) -> None:
    """The one before listens on, until the other is put right."""
    monkeypatch.setattr(crew, "PAUSES_S", (0.05,))
    first = tmp_path / "first"
    shutil.copytree(model, first, copy_function=shutil.copyfile)
    other = first if same_folder else tmp_path / "other"
    async with floor(models={"en": first}) as f:
        (old,) = nurseries()
        other.mkdir(exist_ok=True)
        (other / "callfloor-model.json").write_text("{")
        await f.service.configure(msgspec.structs.replace(f.settings, models={"en": other}))
        assert [one.meaning for one in f.troubles] == [
            "Callers are heard by the model from before."
        ]
        assert (await f.ask("a", "sales")).choice == "sales"
        shutil.copytree(model, other, copy_function=shutil.copyfile, dirs_exist_ok=True)
        if not (model / "callfloor-model.json").exists():
            (other / "callfloor-model.json").unlink()
        await until(lambda: f.troubles[-1].over)
        f.service.stop(LegId("a"))
        await until(lambda: not old.is_running())
        assert (await f.ask("b", "billing")).choice == "billing"


async def test_a_model_that_is_taken_away_while_it_listens_is_told_of_as_it_is(
    floor: Open, model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It listens on as long as its processes live; then keys are all there is, and the trouble
    says what is missing."""
    monkeypatch.setattr(crew, "PAUSES_S", (0.05,))
    other = tmp_path / "other"
    shutil.copytree(model, other)
    async with floor() as f:
        (old,) = nurseries()
        await f.service.configure(msgspec.structs.replace(f.settings, models={"en": other}))
        await until(lambda: not old.is_running())
        shutil.rmtree(other)
        assert (await f.ask("a", "sales")).choice == "sales"
        f.service.stop(LegId("a"))
        nurseries()[0].kill()
        await until(lambda: [one for one in f.troubles if "final.mdl is missing" in one.what])
        open_ = [one for one in f.troubles if not one.over]
        over = [one.what for one in f.troubles if one.over]
        (standing,) = [one for one in open_ if one.what not in over]
        assert "final.mdl is missing" in standing.what
        assert standing.meaning == "Callers can use keys only where this model would listen."
        f.listen("b")
        (off,) = await until(lambda: [one for one in f.reports if one.leg == "b"])
        assert "model other: " in off.detail, "the name that callfloor models list has"


async def test_while_another_model_loads_the_one_before_listens(
    floor: Open, model: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(model, other)
    async with floor() as f:
        (old,) = nurseries()
        settings = msgspec.structs.replace(f.settings, models={"en": other})
        change = asyncio.create_task(f.service.configure(settings))
        (new,) = await until(lambda: [one for one in nurseries() if one != old])
        new.suspend()
        assert (await f.ask("a", "sales")).choice == "sales"
        f.service.stop(LegId("a"))
        new.resume()
        await change
        await until(lambda: not old.is_running())
        assert (await f.ask("a", "billing")).choice == "billing"


async def test_a_question_that_waits_for_its_recogniser_gets_it_from_the_old_settings(
    floor: Open, model: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    shutil.copytree(model, other)
    async with floor() as f:
        (worker,) = await until(workers)
        worker.kill()
        await until(lambda: not worker.is_running())
        f.listen("a")
        await f.service.configure(msgspec.structs.replace(f.settings, models={"en": other}))
        assert (await f.hear("a", "sales")).choice == "sales"
        assert not [one for one in f.reports if isinstance(one, SpeechOff)]


async def test_fewer_recognisers_and_none_at_all(floor: Open) -> None:
    async with floor(recognisers=3) as f:
        await until(lambda: len(workers()) == 3)
        await f.service.configure(msgspec.structs.replace(f.settings, recognisers=1))
        await until(lambda: len(workers()) == 1)
        await f.service.configure(msgspec.structs.replace(f.settings, enabled=False))
        await until(lambda: not nurseries())
        assert f.service.busy() == (0, 0)
        f.listen("a")
        (off,) = await until(lambda: f.reports)
        assert off.why == "no_model"
        await f.service.configure(f.settings)
        assert (await f.ask("a", "sales", listen=2)).choice == "sales"
