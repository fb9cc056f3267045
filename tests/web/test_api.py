"""The REST interface of a real office over a core that answers with real events."""

import http.client
import socket
from typing import Any

import pytest
import requests

from appliance.model import commands as cmd
from appliance.model import events as ev
from appliance.web.app import BASE, ROUTES
from appliance.web.http import Route
from tests.web.floors import agent, ended, waiting
from tests.web.house import House, until


def test_status_counts_the_floor(house: House) -> None:
    status = house.get("/status").json()
    assert status["core"] == "up"
    assert status["site"] == "Callfloor Demo"
    assert status["waiting"] == 5
    assert status["lines"] == {"up": 1, "down": 1}
    assert status["agents"]["talking"] == 2


def test_queues_agents_calls_and_one_of_each(house: House) -> None:
    queues = house.get("/queues").json()["queues"]
    assert [(queue["id"], queue["waiting"]) for queue in queues] == [("q1", 1), ("q2", 4)]
    assert house.get("/queues/q2").json()["callers"][0]["place"] == 1
    assert len(house.get("/agents").json()["agents"]) == 6
    assert house.get("/agents/agent-3").json()["state"] == "ringing"
    assert len(house.get("/calls").json()["calls"]) == 7
    assert house.get("/calls/flow-0").json()["stage"] == "flow"


@pytest.mark.parametrize(
    "path", ["/queues/x", "/agents/x", "/calls/x", "/interactions/x", "/nothing", "/queues/%00"]
)
def test_what_is_not_there_is_a_problem_in_words(house: House, path: str) -> None:
    reply = house.get(path)
    assert reply.status_code == 404
    assert set(reply.json()) == {"error", "meaning", "remedy"}


def test_interactions_come_in_pages_without_gap_or_duplicate(house: House) -> None:
    until(lambda: len(house.get("/interactions?limit=500").json()["interactions"]) >= 34)
    everything = [
        row["call"] for row in house.get("/interactions?limit=500").json()["interactions"]
    ]
    paged: list[str] = []
    after = ""
    while True:
        page = house.get(f"/interactions?limit=7{after}").json()
        paged += [row["call"] for row in page["interactions"]]
        house.core.append(*ended(f"new-{len(paged)}", "q1", 3))  # new calls shift nothing
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert paged == everything
    assert house.get("/interactions/past-1-0").json()["outcome"] == "answered"
    only = house.get("/interactions?outcome=abandoned&queue=q2&limit=500").json()["interactions"]
    assert only
    assert all(row["outcome"] == "abandoned" for row in only)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=501",
        "limit=000000001501",
        "limit=x",
        "after=-1",
        "limit=1&limit=2",
        "colour=red",
    ],
)
def test_a_wrong_parameter_is_named(house: House, query: str) -> None:
    reply = house.get(f"/interactions?{query}")
    assert reply.status_code == 400
    assert query.partition("=")[0] in reply.json()["error"]


# -- who may what ---------------------------------------------------------------------------


def _example(route: Route) -> tuple[str, Any]:
    bodies = {
        "StateChange": {"state": "ready"},
        "Target": {"kind": "queue", "target": "q2"},
        "RecordingChange": {"action": "pause"},
        "Login": {"token": "cf_x"},
    }
    path = route.path.format(queue="q1", agent="agent-1", call="flow-0", recording="taped-1")
    return path, bodies.get(getattr(route.body, "__name__", ""))


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_each_route_is_for_its_roles_only(house: House, route: Route) -> None:
    path, body = _example(route)
    for role in ("kiosk", "agent", "supervisor", "technician"):
        if not route.roles:
            break
        headers = house.headers(role, "agent-1" if role == "agent" else "")
        reply = requests.request(
            route.method, f"{house.origin}{BASE}{path}", json=body, headers=headers, timeout=10
        )
        own = role == "agent" and path.startswith("/calls/") and route.method == "POST"
        assert (reply.status_code == 403) == (role not in route.roles or own), reply.text
        nobody = requests.request(
            route.method, f"{house.origin}{BASE}{path}", json=body, timeout=10
        )
        assert nobody.status_code == 401
        assert nobody.headers["WWW-Authenticate"] == "Bearer"


def test_an_agent_acts_for_itself_only(house: House) -> None:
    own = house.post("/agents/agent-1/state", {"state": "ready"}, "agent", "agent-1")
    assert own.status_code == 200
    other = house.post("/agents/agent-2/state", {"state": "ready"}, "agent", "agent-1")
    assert other.status_code == 403
    assert "agent-1" in other.json()["error"]


def test_an_agent_acts_on_own_calls_only(house: House) -> None:
    house.core.append(
        *waiting("mine", "q1"),
        ev.QueueLeft(call="mine", queue="q1", reason="answered", waited_s=1),
        ev.TalkStarted(call="mine", agent="agent-2", queue="q1"),
    )
    house.settle()
    house.core.commands.clear()
    assert house.post("/calls/mine/hangup", role="agent", agent="agent-1").status_code == 403
    assert house.core.commands == []
    assert house.post("/calls/mine/hangup", role="agent", agent="agent-2").status_code == 200
    assert house.core.commands == [cmd.CallHangup(call="mine", by="agent agent-2")]


def test_numbers_are_masked_for_those_who_need_not_see_them(house: House) -> None:
    house.core.append(
        *waiting("secret", "q1", "+49301234567"),
        ev.OfferMade(call="secret", offer="o9", agent="agent-3", queue="q1"),
    )
    house.settle()
    assert house.get("/calls/secret", "supervisor").json()["caller"] == "+49301234567"
    assert house.get("/calls/secret", "agent", "agent-3").json()["caller"] == "+49301234567"
    assert house.get("/calls/secret", "agent", "agent-1").json()["caller"] == "••••••67"
    listed = house.get("/queues/q1", "agent", "agent-1").json()["callers"]
    assert all(row["caller"].startswith("•") for row in listed)


# -- changes --------------------------------------------------------------------------------


def test_agent_states_become_commands_and_events_come_back(house: House) -> None:
    house.core.append(agent(4, "logged_out"))
    house.settle()
    house.core.commands.clear()
    for state, reason in [("ready", ""), ("paused", "lunch"), ("ready", ""), ("logged_out", "")]:
        reply = house.post("/agents/agent-4/state", {"state": state, "reason": reason})
        assert reply.status_code == 200, reply.text
        row = until(
            lambda wanted=state: (
                (row := house.get("/agents/agent-4").json())["state"] == wanted and row
            )
        )
        assert row["reason"] == reason
    assert [type(command) for command in house.core.commands] == [
        cmd.AgentLogin,
        cmd.AgentPause,
        cmd.AgentReady,
        cmd.AgentLogout,
    ]
    assert house.core.commands[0].by.startswith("supervisor ")


@pytest.mark.parametrize(
    ("path", "body", "command"),
    [
        ("hold", None, cmd.CallHold(agent="agent-1", by="agent agent-1")),
        ("resume", None, cmd.CallResume(agent="agent-1", by="agent agent-1")),
        (
            "transfer",
            {"kind": "queue", "target": "q2"},
            cmd.CallTransfer(agent="agent-1", target_kind="queue", target="q2", by="agent agent-1"),
        ),
        (
            "consult",
            {"kind": "number", "target": "+4930"},
            cmd.CallConsult(
                agent="agent-1", target_kind="number", target="+4930", by="agent agent-1"
            ),
        ),
        ("consult/complete", None, cmd.ConsultComplete(agent="agent-1", by="agent agent-1")),
        ("consult/cancel", None, cmd.ConsultCancel(agent="agent-1", by="agent agent-1")),
        ("consult/conference", None, cmd.ConsultConference(agent="agent-1", by="agent agent-1")),
    ],
)
def test_each_act_on_a_call_is_its_command(
    house: House, path: str, body: Any, command: cmd.Command
) -> None:
    house.core.commands.clear()
    reply = house.post(f"/agents/agent-1/call/{path}", body, "agent", "agent-1")
    assert reply.status_code == 200, reply.text
    assert house.core.commands == [command]


def test_recording_control(house: House) -> None:
    house.core.commands.clear()
    assert house.post("/calls/flow-0/recording", {"action": "pause"}).status_code == 200
    assert isinstance(house.core.commands[0], cmd.RecordingControl)


def test_a_refusal_of_the_core_is_passed_on_in_its_words(house: House) -> None:
    house.core.refuse = "Agent 1 has no call. Take one first."
    reply = house.post("/agents/agent-1/call/hold")
    house.core.refuse = ""
    assert reply.status_code == 409
    assert reply.json()["error"] == "Agent 1 has no call. Take one first."


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "body"),
        (b"{", "body"),
        (b"\xff\xfe", "body"),
        (b"[" * 60_000, "body"),
        (b'{"state":"asleep"}', "state"),
        (b'{"state":"ready","more":1}', "more"),
        (b'{"state":"paused","reason":7}', "reason"),
        (b'{"state":"paused","reason":"' + b"x" * 81 + b'"}', "reason"),
    ],
)
def test_a_wrong_body_names_the_field_and_changes_nothing(
    house: House, body: bytes, word: str
) -> None:
    house.core.commands.clear()
    reply = requests.post(
        f"{house.origin}{BASE}/agents/agent-1/state",
        data=body,
        headers=house.headers("supervisor") | {"Content-Type": "application/json"},
        timeout=10,
    )
    assert reply.status_code == 400
    assert word in reply.json()["error"]
    assert house.core.commands == []


# -- the browser's session ------------------------------------------------------------------


def test_login_keeps_the_token_out_of_reach_of_scripts(house: House) -> None:
    browser = requests.Session()
    url = f"{house.origin}{BASE}"
    secret = house.secret("agent", "agent-1")
    assert browser.post(f"{url}/session", json={"token": "cf_no"}, timeout=10).status_code == 401
    reply = browser.post(f"{url}/session", json={"token": secret}, timeout=10)
    cookie = reply.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert secret not in reply.text
    browser.cookies.clear()
    browser.headers["Cookie"] = cookie.partition(";")[0]
    assert browser.get(f"{url}/session", timeout=10).json() == {
        "role": "agent",
        "agent": "agent-1",
    }
    act = f"{url}/agents/agent-1/state"
    body = {"state": "ready"}
    assert browser.post(act, json=body, timeout=10).status_code == 403
    evil = {"Origin": "https://evil.example"}
    assert browser.post(act, json=body, headers=evil, timeout=10).status_code == 403
    own = {"Origin": house.origin}
    assert browser.post(act, json=body, headers=own, timeout=10).status_code == 200
    out = browser.delete(f"{url}/session", timeout=10)
    assert out.status_code == 204
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    foreign = requests.post(f"{url}/session", json={"token": secret}, headers=evil, timeout=10)
    assert foreign.status_code == 403


def test_a_withdrawn_token_stops_at_once(house: House) -> None:
    token, secret = house.tokens.create("supervisor")
    headers = {"Authorization": f"Bearer {secret}"}
    url = f"{house.origin}{BASE}/queues"
    assert requests.get(url, headers=headers, timeout=10).status_code == 200
    house.tokens.revoke(token.id)
    assert requests.get(url, headers=headers, timeout=10).status_code == 401


# -- limits and headers ---------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/login", "/api/v1/status", "/api/v1/nothing", "/x"])
def test_every_answer_carries_the_security_headers(house: House, path: str) -> None:
    headers = requests.get(house.origin + path, timeout=10).headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in headers


def test_a_body_over_the_limit_is_refused(house: House) -> None:
    reply = house.post("/agents/agent-1/state", {"state": "paused", "reason": "x" * 70_000})
    assert reply.status_code == 413


def test_a_header_over_the_limit_is_refused(house: House) -> None:
    reply = requests.get(house.origin, headers={"X-Long": "x" * 20_000}, timeout=10)
    assert reply.status_code == 400


def test_the_api_takes_no_file_names_out_of_its_folder(house: House) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", house.port, timeout=10)
    for path in ("/assets/../../../tokens.json", "/assets/%2e%2e/%2e%2e/app.py", "/../site.toml"):
        connection.request("GET", path)
        reply = connection.getresponse()
        reply.read()
        assert reply.status in (400, 403, 404)


def test_the_office_listens_on_localhost_only(house: House) -> None:
    with socket.socket(socket.AF_INET6) as probe:
        assert probe.connect_ex(("::1", house.port)) != 0
    rows = [line.split() for line in open("/proc/net/tcp").readlines()[1:]]  # noqa: SIM115, PTH123
    local = [row[1] for row in rows if row[3] == "0A" and row[1].endswith(f":{house.port:04X}")]
    assert local == [f"0100007F:{house.port:04X}"]


def test_secrets_stay_out_of_the_log(house: House) -> None:
    requests.get(f"{house.origin}/api/v1/status?token=cf_in_url", timeout=10)
    told = house.told()
    assert "cf_" not in told
    assert all(secret not in told for secret in house.secrets.values())


def test_reading_works_while_events_pour_in(house: House) -> None:
    """A page asks for the queues while 2,000 events arrive."""
    for number in range(500):
        house.core.append(*ended(f"flood-{number}", "q2", 2.0)[:4])
    for _ in range(20):
        assert house.get("/queues").status_code == 200
    house.settle()
