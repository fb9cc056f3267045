"""What the store costs the core beside its own work."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from pathlib import Path
from appliance.store.eventlog import EventLog
EventLog.open(Path(sys.argv[1])).close()
hidden = {"numpy", "pandas"} & set(sys.modules)
import numpy
print("sqlite_utils" in sys.modules, hidden, numpy.ones(3).sum())
"""


def test_a_new_log_is_made_without_numpy_and_numpy_can_be_loaded_afterwards(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("True set() 3.0\n", "")
