"""A whole office makes texts of recordings while the floor is quiet, with a real recogniser."""

import hashlib
import shutil
import signal
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

from appliance.model import events as ev
from appliance.model.transcript import Transcript, transcript_path
from appliance.recording.files import FOLDER
from tests.speech.transcribe.said import MODEL, Samples, channel, needs_model, record
from tests.web.floors import waiting
from tests.web.house import House, until

# The process gets the processor's idle time only: it is tested where no other test runs.
pytestmark = [needs_model, pytest.mark.peers]

SPEECH = '[speech]\ntranscribe = ["voicemail", "calls"]\nmodels = { en = "hearing" }'
WORKER = "appliance.speech.transcribe.worker"


class Office:
    """A house that makes texts; `tape` adds a finished recording."""

    def __init__(self, folder: Path) -> None:
        shutil.copytree(MODEL, folder / "var" / "models" / "hearing")
        self.house = House(folder, more=SPEECH)
        self.core = self.house.core
        self.folder = self.core.loaded.data_dir / FOLDER

    def tape(self, name: str, *channels: Samples, spoil: bool = False) -> str:
        """Its path."""
        job = record(self.folder, f"{name}-1", *channels)
        path = self.folder / job.audio
        if spoil:
            path.write_bytes(path.read_bytes()[:2000])
        self.core.append(
            ev.CallArrived(call=name, trunk="main"),
            ev.RecordingStarted(
                call=name, recording=job.recording, path="raw.part.wav", kind=job.kind
            ),
            ev.CallEnded(call=name, outcome="answered"),
            ev.RecordingFinished(
                call=name,
                recording=job.recording,
                path=job.audio,
                sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
                duration_s=job.duration_s,
                bytes=path.stat().st_size,
            ),
        )
        return job.audio

    def told(self, kind: type[Any]) -> list[Any]:
        """Events of one kind in the core's log."""
        self.core.log.flush_now()
        return [one.event for one in self.core.log.read() if isinstance(one.event, kind)]

    @property
    def worker(self) -> psutil.Process | None:
        try:
            children = psutil.Process(self.house.office.pid).children()
            return next((one for one in children if WORKER in one.cmdline()), None)
        except psutil.NoSuchProcess:
            return None

    def state(self) -> str:
        worker = self.worker
        try:
            return str(worker.status()) if worker is not None else ""
        except psutil.NoSuchProcess:
            return ""

    def utterances(self, text: ev.RecordingTranscribed) -> int:
        """However well they were understood."""
        made = msgspec.json.decode((self.folder / text.path).read_bytes(), type=Transcript)
        return len(made.utterances)

    def done(self, count: int) -> list[ev.RecordingTranscribed]:
        """Waits for so many texts."""
        found: list[ev.RecordingTranscribed] = until(
            lambda: len(texts := self.told(ev.RecordingTranscribed)) >= count and texts, 60
        )
        return found


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.house.end()


def long() -> Samples:
    """Some seconds of work."""
    return channel(200, *((n * 2.0, "sales") for n in range(98)))


def test_recordings_become_text_one_by_one_voicemail_first(office: Office) -> None:
    left, right = [(1.0, "sales")], [(3.0, "support"), (5.0, "tuesday")]
    call = office.tape("talk", channel(8, *left), channel(8, *right))
    mail = office.tape("mail", channel(8, (2.0, "billing")))
    office.core.append(*waiting("queued", "q1"))  # one caller in a queue is quiet
    texts = office.done(2)
    assert [one.path for one in texts] == [transcript_path(mail), transcript_path(call)]
    assert {(one.language, one.model) for one in texts} == {("en", "hearing")}
    assert [one.words for one in texts] == [1, 3]
    for one in texts:
        path = office.folder / one.path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert hashlib.sha256(path.read_bytes()).hexdigest() == one.sha256
    until(lambda: office.worker is None)  # it is there only while there is work
    house = office.house
    found = until(lambda: house.get("/transcripts?q=support").json()["results"])
    assert found[0]["recording"] == "talk-1"
    assert found[0]["places"][0]["channel"] == "floor"
    assert abs(found[0]["places"][0]["start_s"] - 3.0) < 0.3


def test_a_caller_in_a_flow_stops_it_and_it_goes_on_when_he_waits(office: Office) -> None:
    office.tape("talk", long(), long())
    until(lambda: office.state() in ("running", "sleeping", "disk-sleep"), 30)
    office.core.append(ev.CallArrived(call="x", trunk="main"))
    until(lambda: office.state() == "stopped")
    pid = office.worker.pid
    office.core.append(ev.FlowEntered(call="x", flow="day", version="1"))
    office.core.append(ev.FlowNode(call="x", flow="day", node="menu"))
    office.house.settle()
    assert office.state() == "stopped"
    assert not office.told(ev.RecordingTranscribed)
    office.core.append(
        ev.FlowLeft(call="x", flow="day", to="queue", target="q1"),
        ev.QueueEntered(call="x", queue="q1"),
    )
    until(lambda: office.state() != "stopped")
    assert office.worker is None or office.worker.pid == pid
    (text,) = office.done(1)
    assert office.utterances(text) == 2 * 98


def test_nothing_of_it_outlives_a_killed_office_and_no_text_is_made_twice(
    office: Office,
) -> None:
    office.tape("long", long())
    office.tape("mail", channel(4, (1.0, "yes")))
    worker = until(lambda: office.worker, 30)
    assert office.house.close(signal.SIGKILL) == -signal.SIGKILL
    until(lambda: not psutil.pid_exists(worker.pid) or worker.status() == "zombie")
    office.house.open()
    worker = until(lambda: office.worker, 30)
    office.core.append(ev.CallArrived(call="x", trunk="main"))
    until(lambda: office.state() in ("stopped", ""))
    assert office.house.close() == 0  # in order, while it is held
    until(lambda: not psutil.pid_exists(worker.pid))
    office.core.append(ev.CallEnded(call="x", outcome="served"))
    office.house.open()
    office.done(2)
    office.house.close()
    office.house.open()
    office.tape("last", channel(4, (1.0, "no")))
    texts = office.done(3)
    assert sorted(one.recording for one in texts) == ["last-1", "long-1", "mail-1"]
    assert not list(office.folder.rglob("*.tmp"))


def test_a_killed_worker_costs_nothing(office: Office) -> None:
    office.tape("long", long())
    until(lambda: office.worker, 30).kill()
    (text,) = office.done(1)
    assert office.utterances(text) == 98
    assert not office.told(ev.TranscriptFailed)


def test_a_damaged_recording_fails_once_and_holds_up_nobody(office: Office) -> None:
    office.tape("good", channel(4, (1.0, "yes")))
    office.tape("bad", channel(4, (1.0, "yes")), spoil=True)
    office.done(1)
    (failed,) = until(lambda: office.told(ev.TranscriptFailed))
    assert (failed.recording, failed.model) == ("bad-1", "hearing")
    assert "bad-1.flac is damaged" in failed.cause
    office.house.close()
    office.house.open()
    office.tape("next", channel(4, (1.0, "no")))
    assert [one.recording for one in office.done(2)] == ["good-1", "next-1"]
    assert len(office.told(ev.TranscriptFailed)) == 1
    row = office.house.get("/recordings/bad-1/transcript").json()["recording"]
    assert (row["text"], row["cause"]) == ("failed", failed.cause)


def test_a_recording_that_is_deleted_while_it_is_heard_is_dropped(office: Office) -> None:
    path = office.folder / office.tape("deleted", long())
    until(lambda: office.worker, 30)
    path.unlink()
    office.tape("next", channel(4, (1.0, "yes")))
    assert [one.recording for one in office.done(1)] == ["next-1"]
    until(lambda: office.worker is None)
    assert not office.told(ev.TranscriptFailed)
    assert len(office.told(ev.RecordingTranscribed)) == 1
    assert not list(office.folder.rglob("deleted*"))


def test_a_damaged_model_spoils_no_recording(office: Office) -> None:
    broken = office.core.loaded.data_dir / "models" / "hearing" / "am" / "final.mdl"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:1000])
    office.tape("talk", channel(4, (1.0, "yes")))
    until(lambda: "wait for their text" in office.house.told(), 30)
    assert not office.told(ev.TranscriptFailed)
    broken.write_bytes(whole)
    office.core.append(ev.ConfigApplied(version="1"))  # as `callfloor config reload` does
    assert office.done(1)[0].words == 1


def test_without_a_core_it_is_held(office: Office) -> None:
    """Nobody knows then who is on the phone, and nobody would take the text."""
    for n in range(3):
        office.tape(f"long{n}", long())
    until(lambda: office.worker, 30)
    office.core.stop()
    until(lambda: office.state() == "stopped")
    office.core.start()
    office.done(3)
