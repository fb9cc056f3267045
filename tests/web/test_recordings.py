"""Recordings over the interface: listed, heard, read, searched, and gone when they are gone."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import requests
import soundfile

from appliance.model import events as ev
from appliance.recording.files import FOLDER
from tests.web.house import House, until
from tests.web.recorded import finished, transcribed


@pytest.fixture(scope="module")
def taped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Nine recordings, three of them with a text; transcribing is on for voicemail only."""
    more = '[speech]\ntranscribe = ["voicemail"]\ntranscribe_models = { en = "nothing" }'
    folder = tmp_path_factory.mktemp("taped")
    poor = folder / "var" / "models" / "test-model"
    poor.mkdir(parents=True)
    (poor / "callfloor-model.json").write_text('{"kind": "commands", "language": "xx"}')
    house = House(folder, more=more)
    for n in range(9):
        talk = (
            ev.QueueEntered(call=f"c{n}", queue="q1"),
            ev.TalkStarted(call=f"c{n}", agent="agent-2", queue="q1"),
            ev.TalkStarted(call=f"c{n}", agent="agent-gone", role="consult"),
        )
        mail = (ev.VoicemailLeft(call=f"c{n}", mailbox="office", recording=f"c{n}-1",
                                 duration_s=2),)  # fmt: skip
        kind = "voicemail" if n == 4 else "call"
        form = "opus" if n == 5 else "flac"
        made = finished(
            house.core, f"c{n}", kind=kind, form=form, before=mail if n == 4 else talk, seconds=2
        )
        if n in (1, 2, 5):
            lines = (("caller", 0.2, f"the invoice number {n}"), ("floor", 1.0, "one moment"))
            transcribed(house.core, f"c{n}", *made, *lines)
        if n == 3:
            house.core.append(
                ev.TranscriptFailed(
                    call="c3", recording="c3-1", model="old", cause="c3-1.flac is damaged"
                )
            )
    house.settle()
    until(lambda: len(listed(house)) == 9)
    yield house
    house.end()


def listed(house: House, query: str = "limit=100") -> list[str]:
    reply = house.get(f"/recordings?{query}")
    return [one["recording"] for one in reply.json()["recordings"]] if reply.ok else []


def test_they_are_listed_newest_first_with_who_and_what(taped: House) -> None:
    page = taped.get("/recordings").json()
    rows = {one["recording"]: one for one in page["recordings"]}
    assert list(rows) == [f"c{n}-1" for n in range(8, -1, -1)]
    site = taped.core.loaded.site.site
    assert page["site"] == {"name": site.name, "language": "en", "timezone": site.timezone}
    one = rows["c1-1"]
    assert (one["caller"], one["call"], one["kind"]) == ("+4930123456", "c1", "call")
    assert one["agents"] == [
        {"id": "agent-2", "name": "Agent 2"},
        {"id": "agent-gone", "name": "agent-gone"},
    ]
    assert one["queues"] == [{"id": "q1", "name": "Sales"}]
    assert (one["text"], one["model"], one["words"]) == ("done", "test-model", 6)
    assert one["poor"]
    assert not rows["c3-1"]["poor"]
    assert rows["c4-1"]["mailbox"] == "office"
    states = [rows[f"c{n}-1"]["text"] for n in range(5)]
    assert states == ["off", "done", "done", "failed", "no_model"]
    assert rows["c3-1"]["cause"] == "c3-1.flac is damaged"


def test_pages_of_recordings_have_no_gap(taped: House) -> None:
    found, after = list[str](), ""
    while True:
        page = taped.get(f"/recordings?limit=2{after}").json()
        found += [one["recording"] for one in page["recordings"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert found == listed(taped)


def test_what_was_said_is_found_with_its_moment(taped: House) -> None:
    page = taped.get("/transcripts?q=invoice").json()
    assert [one["recording"] for one in page["results"]] == ["c5-1", "c2-1", "c1-1"]
    one = page["results"][2]
    assert one["agents"][0]["name"] == "Agent 2"
    assert (one["count"], len(one["places"])) == (1, 1)
    place = one["places"][0]
    assert place["parts"] == ["the ", "invoice", " number 1"]
    assert (place["channel"], place["start_s"]) == ("caller", 0.2)
    both = taped.get('/transcripts?q=moment "number 2"').json()["results"]
    assert [one["recording"] for one in both] == ["c2-1"]
    first = taped.get("/transcripts?q=inv*&limit=2").json()
    assert len(first["results"]) == 2
    rest = taped.get(f"/transcripts?q=inv*&limit=2&after={first['next']}").json()
    assert [one["recording"] for one in rest["results"]] == ["c1-1"]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("q", "why"),
    [('"open', "open"), ("-not", "excluded"), ("*", "star"), ("", "empty"), ("a " * 9, "many")],
)
def test_what_cannot_be_searched_is_said(taped: House, q: str, why: str) -> None:
    page = taped.get(f"/transcripts?q={q}").json()
    assert page["results"] == []
    assert page["wrong"].startswith("This finds nothing: ")
    assert page["why"] == why


@pytest.mark.parametrize("q", ["%FF", "%ED%A0%80", "%00", "_", "NEAR(a b)", "';--", "%22 *", "ß"])
def test_no_query_is_too_much(taped: House, q: str) -> None:
    assert taped.get(f"/transcripts?q={q}").status_code in (200, 400)


SECRETS = [
    "/recordings",
    "/transcripts?q=invoice",
    "/recordings/c1-1/transcript",
    "/recordings/c1-1/audio",
    "/recordings/nobody/audio",
]


@pytest.mark.parametrize("path", SECRETS)
def test_nobody_but_who_leads_hears_reads_or_searches(taped: House, path: str) -> None:
    """Nor learns which recordings there are; an agent not those of his own calls either."""
    refused = [taped.get(path, "kiosk"), taped.get(path, "agent", "agent-2")]
    assert [each.status_code for each in refused] == [403, 403]
    refused.append(taped.get(path, None))
    assert refused[-1].status_code == 401
    for each in refused:
        assert "invoice" not in each.text
        assert "+4930" not in each.text
    expected = 404 if "nobody" in path else 200
    for role in ("supervisor", "technician"):
        assert taped.get(path, role).status_code == expected


@pytest.mark.parametrize(
    "path", ["/transcripts?q=" + "x" * 101, "/transcripts?q=a&limit=101", "/recordings?after=x"]
)
def test_limits_are_kept(taped: House, path: str) -> None:
    assert taped.get(path).status_code == 400


def test_a_text_comes_word_by_word(taped: House) -> None:
    text = taped.get("/recordings/c1-1/transcript").json()
    assert text["recording"]["recording"] == "c1-1"
    caller, floor = text["utterances"]
    assert (caller["channel"], floor["channel"]) == ("caller", "floor")
    assert caller["words"][1] == {"word": "invoice", "start": 0.6, "end": 0.95, "confidence": 0.9}
    without = taped.get("/recordings/c0-1/transcript").json()
    assert (without["recording"]["text"], without["utterances"]) == ("off", [])


@pytest.mark.parametrize("id", ["nobody", "..%2F..%2Fevents.db", "%00", "c1", "c1-1.flac"])
def test_a_recording_that_there_is_not(taped: House, id: str) -> None:
    for what in ("transcript", "audio"):
        reply = taped.get(f"/recordings/{id}/{what}")
        assert reply.status_code == 404
        assert set(reply.json()) == {"error", "meaning", "remedy"}


def test_sound_comes_as_it_lies_there_whole_and_in_ranges(taped: House) -> None:
    whole = taped.get("/recordings/c1-1/audio")
    assert whole.headers["Content-Type"] == "audio/flac"
    assert whole.headers["Cache-Control"] == "no-store"
    samples, rate = soundfile.read(io.BytesIO(whole.content), dtype="int16")
    assert (rate, samples.shape) == (8000, (16000, 2))
    assert int(np.abs(samples).max()) > 1900
    headers = {**taped.headers("supervisor"), "Range": "bytes=100-199"}
    url = f"{taped.origin}/api/v1/recordings/c1-1/audio"
    part = requests.get(url, headers=headers, timeout=10)
    assert (part.status_code, part.content) == (206, whole.content[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.content)}"
    past = requests.get(url, headers={**headers, "Range": "bytes=99999999-"}, timeout=10)
    assert past.status_code == 416
    assert taped.get("/recordings/c5-1/audio").headers["Content-Type"] == "audio/ogg"


def test_who_listens_stands_in_the_log_once(taped: House) -> None:
    before = taped.told().count("listens to recording c7-1")
    url = f"{taped.origin}/api/v1/recordings/c7-1/audio"
    for range_ in ("bytes=1-", "bytes=0-", "bytes=0-", "bytes=100-"):
        headers = {**taped.headers("technician"), "Range": range_}
        assert requests.get(url, headers=headers, timeout=10).status_code == 206
    told = until(lambda: (log := taped.told()).count("listens to recording c7-1") > before and log)
    assert told.count("listens to recording c7-1") == before + 1
    assert "technician " in told
    assert taped.secret("technician") not in told


def test_who_reads_stands_in_the_log_once_too(taped: House) -> None:
    for _ in range(3):
        assert taped.get("/recordings/c5-1/transcript").ok
    told = until(lambda: (log := taped.told()).count("reads the text of recording c5-1") and log)
    assert told.count("reads the text of recording c5-1") == 1


def test_a_session_of_a_browser_hears_too(taped: House) -> None:
    with requests.Session() as browser:
        token = {"token": taped.secret("supervisor")}
        browser.post(f"{taped.origin}/api/v1/session", json=token, timeout=10)
        url = f"{taped.origin}/api/v1/recordings/c1-1/audio"
        assert browser.get(url, timeout=10).status_code == 200


def test_a_model_that_is_not_there_is_told_in_the_log(taped: House) -> None:
    assert "recordings wait for their text: There is no speech model nothing." in taped.told()


def test_a_text_that_is_damaged_is_told_as_one_that_is_to_come(taped: House) -> None:
    """Not as a recording in which nobody says anything."""
    text = taped.core.loaded.data_dir / FOLDER / "2026/11/23/c1-1.transcript.json"
    body = text.read_bytes()
    text.write_bytes(body[:50])
    reply = taped.get("/recordings/c1-1/transcript").json()
    assert reply["recording"]["text"] in ("waiting", "no_model", "off")
    text.write_bytes(body)
    assert "c1-1" not in str(taped.get("/transcripts?q=invoice").json()["results"])


def test_a_recording_that_is_deleted_is_nowhere(taped: House) -> None:
    """Last: it takes one away."""
    data = taped.core.loaded.data_dir
    (data / FOLDER / "2026/11/23/c2-1.flac").unlink()
    assert "c2-1" not in listed(taped)
    found = taped.get("/transcripts?q=invoice").json()["results"]
    assert [one["recording"] for one in found] == ["c5-1"]
    assert taped.get("/recordings/c2-1/transcript").status_code == 404
    text = Path(data / FOLDER / "2026/11/23/c2-1.transcript.json")
    taped.close()
    taped.open()  # each start, and each hour
    until(lambda: not text.exists())
    until(lambda: "recordings deleted: 1;" in taped.told())


def test_a_text_goes_with_its_recording_while_nothing_becomes_text(tmp_path: Path) -> None:
    """Speech was switched off, and nobody asks for texts any more."""
    house = House(tmp_path)
    try:
        made = finished(house.core, "old", seconds=1)
        transcribed(house.core, "old", *made, ("caller", 0.2, "abracadabra"))
        until(lambda: house.get("/transcripts?q=abracadabra").json().get("results"))
        data = house.core.loaded.data_dir
        file = data / FOLDER / made[1]
        file.unlink()
        house.close()
        house.open()
        until(lambda: not file.with_name("old-1.transcript.json").exists())
        until(lambda: "recordings deleted: 1;" in house.told())
    finally:
        house.end()
    left = b"".join(each.read_bytes() for each in data.glob("transcripts.db*"))
    assert b"abracadabra" not in left
