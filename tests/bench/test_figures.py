"""The arithmetic of the benchmarks; the benchmarks themselves assert nothing."""

import json
import struct
import subprocess
from pathlib import Path

import pytest

from tests.bench import calls, load, place, usage, witness
from tests.bench.__main__ import names, write
from tests.bench.figures import Figure, percentile, table


def test_percentiles_are_values_that_were_measured() -> None:
    values = [5.0, 1.0, 4.0, 2.0, 3.0]
    assert percentile(values, 50) == 3.0
    assert percentile(values, 99) == 5.0
    assert percentile(values, 20) == 1.0
    assert percentile([], 99) == 0.0
    hundred = [float(i) for i in range(1, 101)]
    assert percentile(hundred, 99) == 99.0


def test_the_table_stands_in_columns_and_leaves_out_a_peer_that_is_not_there() -> None:
    lines = table([Figure("a.b", 1234.5, "1/s", 2469.0), Figure("a.longer", 0.5, "s")]).split("\n")
    assert lines[1].split() == ["a.b", "1,234", "1/s", "2,469", "0.5"]
    assert lines[2].split() == ["a.longer", "0.5", "s"]
    assert lines[0].index("unit") == lines[1].index("1/s") == lines[2].index("s", 10)


def test_the_file_keeps_the_figures_of_other_benchmarks(tmp_path: Path) -> None:
    path = tmp_path / "build" / "bench.json"
    write(path, [Figure("a", 1.0, "s"), Figure("b", 2.0, "s", 4.0)], "here")
    write(path, [Figure("b", 3.0, "s", 4.0)], "there")
    kept = json.loads(path.read_text())
    assert kept["a"]["value"] == 1.0 and kept["a"]["machine"] == "here"
    assert kept["b"]["value"] == 3.0 and kept["b"]["ratio"] == 0.75
    assert kept["a"]["peer"] is None and kept["a"]["ratio"] is None


def test_every_benchmark_is_found_by_name() -> None:
    assert {"acd_decisions", "calls", "parts"} <= set(names())


def run(system: str, count: int, cores: float, *, bridged: int | None = None) -> load.Run:
    return load.Run(system, count, cores=cores, bridged=count if bridged is None else bridged)


def test_the_ratio_is_the_median_of_turns_and_not_of_medians() -> None:
    ours = [run("us", 60, cores) for cores in (0.1, 0.2, 0.6)]
    peer = [run("peer", 60, cores) for cores in (0.2, 0.8, 1.0)]
    pair = calls._pair("k", "cores", ours, peer, lambda one: one.cores)
    assert (pair.value, pair.peer, pair.ratio, pair.rounds) == (0.2, 0.8, 0.5, 3)


def test_a_call_that_was_never_bridged_ends_the_clean_ladder() -> None:
    runs = [run("us", 10, 0.1), run("us", 30, 0.1, bridged=29), run("us", 60, 0.1)]
    assert calls._clean(runs) == 10
    assert calls._clean([run("us", 10, 0.1), run("us", 60, 0.1), run("us", 60, 0.1)]) == 60
    assert calls._clean([run("us", 10, 0.1), run("us", 60, 0.1), run("us", 60, 0, bridged=1)]) == 10
    assert calls._clean([]) == 0


def test_failed_calls_are_read_from_the_last_screen() -> None:
    row = "  Failed call            |        {}                  |        {}                 \n"
    assert load.failed_calls(row.format(0, 0) + row.format(1, 3)) == 3
    assert load.failed_calls("") == -1


def test_mu_law_is_that_of_g711() -> None:
    # Values of ITU-T G.711 table 2a for positive and negative samples, 14 bits scaled by 4.
    assert [place.mu_law(sample) for sample in (0, 4 * 8031, -4 * 8031)] == [0xFF, 0x80, 0x00]
    assert place.mu_law(4 * 31) == 0xEF


def udp(source: int, port: int, payload: bytes) -> bytes:
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 28, 0, 0, 64, 17, 0, b"\x7f\0\0\1", b"\x7f\0\0\1")
    return ip + struct.pack("!HHHH", source, port, 8 + len(payload), 0) + payload


def rtp(seq: int, stamp: int, sound: bytes = b"\x12" * 160) -> bytes:
    return struct.pack("!BBHII", 0x80, 0, seq & 0xFFFF, stamp, 7) + sound


def scene() -> witness.Scene:
    return witness.Scene(system=5661, callers=5681, agents=5691, agent_media=17_000)


def test_the_witness_follows_a_call_from_invite_to_the_voice_at_the_agent() -> None:
    seen = scene()
    invite = b"INVITE sip:100@x SIP/2.0\r\nFrom: <sip:c12@y>\r\nCall-ID: one\r\n\r\n"
    seen.packet(udp(5681, 5661, invite), 1.0)
    ok = b"SIP/2.0 200 OK\r\nCall-ID: one\r\nCSeq: 1 INVITE\r\n\r\n"
    seen.packet(udp(5661, 5681, ok), 1.25)
    seen.packet(udp(5661, 5681, ok), 1.75)
    out = b"INVITE sip:a@z SIP/2.0\r\nFrom: <sip:+493012@z>\r\nCall-ID: two\r\n\r\n"
    out += b"m=audio 4444 RTP/AVP 0\r\n"
    seen.packet(udp(5661, 5691, out), 3.5)
    seen.packet(udp(4444, 17_000, rtp(1, 0, b"\xff" * 160)), 3.75)
    seen.packet(udp(4444, 17_000, rtp(2, 160)), 4.0)
    call = seen.calls[12]
    assert (call.invited, call.answered, call.agent_invited, call.heard) == (1.0, 1.25, 3.5, 4.0)
    assert not call.dropped_by_system
    seen.packet(udp(5661, 5681, b"BYE sip:x SIP/2.0\r\nCall-ID: one\r\n\r\n"), 5.0)
    assert call.dropped_by_system


def test_lost_packets_and_jitter_are_those_of_rfc_3550() -> None:
    seen = scene()
    for i in range(100):
        if i not in (40, 41):
            late = 0.004 if i % 2 else 0.0
            seen.packet(udp(25_000, 40_000, rtp(65_500 + i, i * 160)), i * 0.02 + late)
    (stream,) = seen.streams.values()
    assert (stream.packets, stream.lost) == (98, 2)
    assert stream.jitter == pytest.approx(0.004, abs=0.0005)
    assert stream.gap == pytest.approx(0.056)


def test_a_packet_out_of_order_is_not_a_lost_one() -> None:
    seen = scene()
    for i in (0, 2, 1, 3):
        seen.packet(udp(25_000, 40_000, rtp(10 + i, i * 160)), i * 0.02)
    (stream,) = seen.streams.values()
    assert (stream.packets, stream.lost) == (4, 0)


def test_the_filter_jumps_to_its_own_last_instructions() -> None:
    program = witness.packet_filter([1, 2, 3], 4, 10, 20)
    code = [struct.unpack_from("HBBI", program, at) for at in range(0, len(program), 8)]
    assert [one[0] for one in code[-2:]] == [0x06, 0x06] and code[-2][3] == 0 < code[-1][3]
    accept, drop = len(code) - 1, len(code) - 2
    targets = [(at + 1 + one[1], at + 1 + one[2]) for at, one in enumerate(code)]
    assert targets[1][1] == drop
    assert {targets[at][0] for at in range(4, 8)} == {accept}
    assert targets[8][1] == drop and targets[9] == (drop, accept)


def test_cpu_of_a_family_counts_its_children() -> None:
    burn = "import time\nwhile time.process_time() < 0.3: pass\nprint(flush=True); input()"
    command = ["sh", "-c", f"python3 -c '{burn}'; :"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as shell:
        assert shell.stdout is not None and shell.stdin is not None
        shell.stdout.readline()
        family = usage.family([shell.pid])
        assert sum(map(usage.cpu_s, family)) >= 0.25
        assert sum(usage.memory(pid).rss for pid in family) > 4
        shell.stdin.write(b"\n")
