"""A core that cannot start says why, what it means for calls and what to do; exit 1 or 2."""

import os
import random
import socket
import time
from pathlib import Path

import pytest

from appliance.link import LinkClient, socket_path
from appliance.model import commands as c
from appliance.model import events as ev
from appliance.store.backup import backups, make_backup
from appliance.store.eventlog import FILE, EventLog
from tests.faults.broken import hidden, namespace, small_disk
from tests.faults.crowd import next_event
from tests.faults.faultbox import FaultBox, floor
from tests.faults.saying import a_call_gets_through, board_troubles, refused, trouble
from tests.peers.hearing import hears
from tests.peers.lane import Wishes, moment
from tests.peers.world import MUSIC_HZ

WRONG_FIELDS = (
    ("sip", "port", 70_000, "sip.port"),
    ("recording", "format", "mp3", "recording.format"),
    ("storage", "backup_at", "25:00", "storage.backup_at"),
)


# -- settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("program", ["core", "run"])
async def test_all_that_is_wrong_in_site_toml_is_told_at_once(tmp_path: Path, program: str) -> None:
    async with floor(tmp_path, [Wishes()], start=False) as (box, _):
        for table, field, value, _name in WRONG_FIELDS:
            box.site.setdefault(table, {})[field] = value
        if program == "run":
            box.entry = ("-c", "from appliance.cli import main; main()", "run")
        said = await refused(box, "a stopped box does not start", status=2)
        lines = box.site_path.read_text().splitlines()
        for _table, field, _value, name in WRONG_FIELDS:
            at = next(n for n, line in enumerate(lines, 1) if line.startswith(f"{field} = "))
            assert f"{box.site_path}:{at}: error: {name}: " in said, said
        assert said.count("for calls:") >= 3 and said.count("to do:") >= 3
        assert not box.data.exists()  # nothing was begun


async def test_a_wrong_site_toml_does_not_keep_a_box_down_that_ran_before(tmp_path: Path) -> None:
    """A field, a recording and the password of a line are wrong at once, and the core dies."""
    async with floor(tmp_path, [Wishes(), Wishes(agents=0)], start=False) as (box, lanes):
        secret = box.folder / "secret"
        box.folder.mkdir()
        secret.write_text("hunter2\n")
        secret.chmod(0o600)
        box.site["trunk"].append({
            "id": "other", "host": box.network.host(4), "kind": "register", "username": "box",
            "password_file": "secret",
        })  # fmt: skip
        await box.start()
        await a_call_gets_through(lanes[0])
        await box.kill()
        box.site["sip"]["port"] = 70_000
        secret.unlink()
        music = box.folder.parent / "sounds" / "music.wav"
        music.rename(music.with_suffix(".kept"))
        await box.start()
        lines = box.site_path.read_text().splitlines()
        at = next(n for n, line in enumerate(lines, 1) if line == "port = 70000")
        told = await trouble(box, "config")
        assert f"line {at}: sip.port: 70000" in told.what and "more errors" in told.what
        assert await board_troubles(box, "config") == [told.what]
        assert await board_troubles(box, "prompts") == []
        said = box.said()
        assert f"{box.site_path}:{at}: error: sip.port: " in said and told.what in said
        await a_call_gets_through(lanes[0])
        queued = next_event(lanes[1], ev.QueueEntered)
        waiting = lanes[1].dial()
        await queued()
        hears(waiting, await moment(1.2), MUSIC_HZ)
        await waiting.bye()

        box.site["sip"]["port"] = 5060
        reply = await _reload(box)
        assert not reply.ok and "music.wav" in reply.error
        assert await board_troubles(box, "config") == [told.what]
        music.with_suffix(".kept").rename(music)
        secret.write_text("hunter3\n")
        secret.chmod(0o600)
        assert (await _reload(box)).ok
        assert await board_troubles(box, "config") == []
        await a_call_gets_through(lanes[0])
        kept = box.data / "applied"
        assert "hunter3\n" in {one.read_text() for one in kept.iterdir()}
        assert {one.stat().st_mode & 0o777 for one in kept.iterdir()} == {0o600}
        assert "hunter" not in box.said()


async def _reload(box: FaultBox) -> c.Reply:
    box.write_site()
    return await box.send(c.ConfigReload(by="test"))


async def test_settings_that_were_right_do_not_help_where_nothing_can_be_written(
    tmp_path: Path,
) -> None:
    async with floor(tmp_path, [Wishes()]) as (box, _):
        await box.stop()
        box.site["sip"]["port"] = 70_000
        folder = f"'{box.data}'"
        box.prefix = namespace(f"mount --bind {folder} {folder}",
                               f"mount -o remount,ro,bind {folder}")  # fmt: skip
        await refused(box, "sip.port: 70000", status=2)


async def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        box.site["flow"][lanes[0].flow]["node"]["wait"]["type"] = "play"
        box.site["flow"][lanes[0].flow]["node"]["wait"] = {
            "type": "play", "prompt": {"file": "nowhere.wav"}, "next": "q",
        }  # fmt: skip
        box.site["flow"][lanes[0].flow]["node"]["q"] = {"type": "queue", "queue": lanes[0].queue}
        said = await refused(box, "nowhere.wav", "for calls:", "to do:", status=2)
        assert f"{box.site_path}:" in said


# -- folders, ports, other cores ----------------------------------------------------------------


async def test_a_data_folder_that_cannot_be_written(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes()], start=False) as (box, _):
        box.prefix = namespace(small_disk(box.data, options=",ro"))
        await refused(
            box,
            f"{box.site_path}:",
            f"site.data_dir: Nothing can be written in {box.data}: Read-only file system",
            "The box does not start",
            "the right to write",
            status=2,
        )


async def test_a_taken_sip_port_and_no_false_crash_afterwards(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
            other.bind(box.sip)
            await refused(
                box, f"SIP cannot listen on {box.sip[0]} port 5060", "Address already in use",
                "No call can be taken", "ss -ulpn", "[sip] listen and port",
            )  # fmt: skip
        await box.start()
        assert [e.after for _, e in box.events(ev.CoreStarted)][1:] == ["clean stop"]
        assert not list(box.events(ev.StateRepaired))
        await a_call_gets_through(lanes[0])


async def test_a_second_core_is_refused_and_the_first_takes_calls(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes()]) as (box, lanes):
        second = FaultBox(box.folder, box.network, box.site)
        second.log = box.folder / "second.log"
        await refused(
            second, f"Another core (process {box.pid})", "That one keeps taking calls",
            "Stop the other first",
        )  # fmt: skip
        await a_call_gets_through(lanes[0])


# -- the database -------------------------------------------------------------------------------


async def test_a_damaged_database_starts_on_the_last_good_backup_and_says_so(
    tmp_path: Path,
) -> None:
    async with floor(tmp_path, [Wishes()]) as (box, lanes):
        await a_call_gets_through(lanes[0])
        await box.written()
        backup = make_backup(box.data / FILE, box.data / "backups", 3)
        await a_call_gets_through(lanes[0])
        await box.stop()
        before = {r.seq: r for r in box.on_disk()}
        rot(box.data / FILE)
        await box.start()
        told = await trouble(box, "database")
        assert f"restored from {backup.name}" in told.what
        kept = next(box.data.glob(f"{FILE}.damaged-*[0-9]"))
        assert kept.name in told.remedy
        shown = await board_troubles(box, "database")
        assert shown == [told.what]
        for record in box.records:
            if record.seq in before and not isinstance(record.event, ev.EventLost):
                assert record == before[record.seq]
        await a_call_gets_through(lanes[0])
        assert backups(box.data / "backups") == [backup]
        await box.stop()
        await box.start()  # told once, not at every start
        assert await board_troubles(box, "database") == []


def rot(path: Path) -> None:
    """Bytes of the middle of the file are gone."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = random.Random(1).randbytes(4096)
    path.write_bytes(data)


# -- what calls would miss ------------------------------------------------------------------------


async def test_without_espeak_the_box_starts_and_says_what_callers_miss(tmp_path: Path) -> None:
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        nodes = box.site["flow"][lanes[0].flow]["node"]
        nodes["say"] = {"type": "greeting", "prompt": "Welcome to our firm.", "next": "wait"}
        box.site["flow"][lanes[0].flow]["start"] = "say"
        box.env = {"PATH": str(_path_without("espeak-ng", tmp_path / "bin"))}
        await box.start()
        told = await trouble(box, "prompts")
        assert "espeak-ng is not installed" in told.what
        assert "two short soft tones" in told.meaning and "apt install espeak-ng" in told.remedy
        assert await board_troubles(box, "prompts")
        await a_call_gets_through(lanes[0])
        box.write_site()
        assert (await box.send(c.ConfigReload(by="test"))).ok
        assert await board_troubles(box, "prompts")  # still so


def _path_without(name: str, folder: Path) -> Path:
    """A folder with links to all programs but one."""
    folder.mkdir()
    for place in os.environ["PATH"].split(os.pathsep):
        for program in Path(place).glob("*"):
            if program.name != name and not (folder / program.name).exists():
                (folder / program.name).symlink_to(program)
    return folder


async def test_without_spandsp_keys_sent_as_tones_are_missed_and_it_is_said(tmp_path: Path) -> None:
    found = sorted(Path("/usr/lib").glob("*/libspandsp.so.2*"))
    if not found:
        pytest.skip("libspandsp2 is not installed here")
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        box.site["trunk"][0]["dtmf"] = "inband"
        box.prefix = namespace(hidden(found[0].resolve()))
        await box.start()
        await a_call_gets_through(lanes[0])
        told = await trouble(box, "sip")
        assert "keys sent as tones cannot be heard" in told.what
        assert "apt-get install libspandsp2" in told.remedy
        await a_call_gets_through(lanes[0])
        assert len([t for _, t in box.events(ev.Trouble, where="sip")]) == 1


# -- a long log ----------------------------------------------------------------------------------


async def test_the_start_is_quick_also_with_a_long_log(tmp_path: Path) -> None:
    """100,000 events: what a floor of ten makes in a week."""
    async with floor(tmp_path, [Wishes()], start=False) as (box, lanes):
        with EventLog.open(box.data) as log:
            for number in range(20_000):
                call = f"old{number}"
                log.append(ev.CallArrived(call=call, trunk="line", caller="+4930123"))
                log.append(ev.QueueEntered(call=call, queue=lanes[0].queue))
                log.append(
                    ev.QueueLeft(call=call, queue=lanes[0].queue, reason="abandoned", waited_s=1)
                )
                log.append(ev.CallAnswered(call=call))
                log.append(ev.CallEnded(call=call, outcome="abandoned"))
            log.flush_now(60)
        began = time.monotonic()
        box.write_site()
        await box.spawn()
        box.link = LinkClient(socket_path(box.data))
        await box._ready()
        assert time.monotonic() - began < 25.0
        assert (await box.snapshot())["seq"] >= 100_000
