"""``python -m tests.bench [name ...]``: measures, prints a table, writes build/bench.json.

The file keeps the figures of benchmarks that were not run this time. A benchmark that fails
is named at the end and makes the exit code 1.
"""

import importlib
import json
import pkgutil
import sys
import time
import traceback
from pathlib import Path

import tests.bench
from tests.bench import figures
from tests.bench.figures import Figure

OUT = Path(__file__).resolve().parent.parent.parent / "build" / "bench.json"


def main(wanted: list[str]) -> int:
    """Runs the benchmarks named (all without names); returns the exit code."""
    known = [name for name in names() if not wanted or name in wanted]
    if unknown := sorted(set(wanted) - set(known)):
        print(f"No such benchmark: {', '.join(unknown)}. There are: {', '.join(names())}.")
        return 2
    where = figures.machine()
    print(where, flush=True)
    measured: list[Figure] = []
    failed: list[str] = []
    for name in known:
        print(f"== {name}", flush=True)
        began = time.monotonic()
        try:
            measured += figures.of(importlib.import_module(f"tests.bench.{name}").measure())
        except Exception:
            traceback.print_exc()
            failed.append(name)
        print(f"   {time.monotonic() - began:.0f} s", flush=True)
    write(OUT, measured, where)
    print(f"\n{figures.table(measured)}\n\nWritten to {OUT.relative_to(Path.cwd())}")
    if failed:
        print(f"FAILED: {', '.join(failed)}")
    return 1 if failed else 0


def names() -> list[str]:
    """Modules here that have something to measure."""
    modules = (info.name for info in pkgutil.iter_modules(tests.bench.__path__))
    here = Path(tests.bench.__path__[0])
    return sorted(
        name
        for name in modules
        if (here / f"{name}.py").exists() and "\ndef measure(" in (here / f"{name}.py").read_text()
    )


def write(path: Path, measured: list[Figure], where: str) -> None:
    """Merges the figures into the file, key -> value, unit, peer, ratio, machine."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    kept.update({one.key: one.as_json(where) for one in measured})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(dict(sorted(kept.items())), indent=2) + "\n")
    partial.replace(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
