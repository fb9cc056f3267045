"""Makes the English command model, from sentences to the folder that the product ships.

    python image/speech-model/train.py all             # into appliance/speech/models/en-commands
    python image/speech-model/train.py all --tiny      # the smallest run, to see the parts work

What is finished is kept in the work folder and not made again; an interrupted training goes on.
"""

import argparse
import os
import shutil
import sys
from pathlib import Path

# Read by libraries as a process begins. Idle threads must sleep: spinning ones take the cores from
# the other process. Freed memory stays with the process: giving it back for each batch costs more
# than the batch's sums.
SWIFT = {
    "OMP_WAIT_POLICY": "PASSIVE",
    "GOMP_SPINCOUNT": "0",
    "MALLOC_MMAP_THRESHOLD_": str(4 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(16 << 30),
    "MALLOC_TOP_PAD_": str(256 << 20),
    "MALLOC_ARENA_MAX": "2",
}
HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

WORK = Path("/var/tmp/callfloor-speech/work")
MODEL = HERE.parents[1] / "appliance" / "speech" / "models" / "en-commands"


PACKAGES = "flite festival festvox-us-slt-hts festvox-kallpc16k festvox-kdlpc16k espeak-ng"
VOICES = Path("/usr/share/festival/voices")
NEEDED = ["us/cmu_us_slt_arctic_hts", "english/kal_diphone", "english/ked_diphone"]


def check_voices() -> None:
    """Ends with what to install when a voice is missing: its sentences would be missing, too."""
    engines = all(shutil.which(name) for name in ("flite", "festival", "espeak-ng"))
    if not engines or not all((VOICES / name).is_dir() for name in NEEDED):
        raise SystemExit(f"Voices are missing. Install them: apt-get install {PACKAGES}")


def be_swift() -> None:
    """Begins this program again where an environment variable that makes it faster is missing."""
    if any(name not in os.environ for name in SWIFT):
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], SWIFT | os.environ)


def main() -> None:
    be_swift()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("stage", choices=["speak", "train", "all"])
    parser.add_argument("--work", type=Path, default=WORK, help="where stages are kept")
    parser.add_argument("--out", type=Path, default=MODEL, help="the model folder to write")
    parser.add_argument("--tiny", action="store_true", help="seconds instead of hours")
    parser.add_argument("--workers", type=int, default=2, help="processes")
    parser.add_argument("--threads", type=int, default=2, help="of the training itself")
    wish = parser.parse_args()
    check_voices()
    import torch  # after the environment is set
    from commandmodel import stages

    torch.set_num_threads(wish.threads)
    shop = stages.Workshop(stages.TINY if wish.tiny else stages.Recipe(), wish.work, wish.workers)
    if wish.stage == "speak":
        print(f"{len(shop.shards)} shards in {wish.work}")
        return
    network = shop.network()
    if wish.stage == "all":
        from commandmodel import finish

        finish.make(network, wish.out, calibrated=not wish.tiny)


if __name__ == "__main__":
    main()
