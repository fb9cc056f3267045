"""How well a Vosk model hears commands; prints the table.

    python image/speech-model/evaluate.py [MODEL] [--json FILE] [--errors]

MODEL is any Vosk model folder; default is the one that ships. Needs Debian's
asterisk-core-sounds (human recordings) and, for the held-out voices, festival, festvox-kdlpc16k
and espeak-ng; what is missing is left out of the table.
"""

import argparse
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]

from commandmodel.evaluation import (  # noqa: E402
    CONDITIONS,
    Examination,
    as_json,
    false_accept_human,
    menu_accuracy_human,
    printed,
    table,
    trials,
)

MODEL = HERE.parents[1] / "appliance" / "speech" / "models" / "en-commands"
__all__ = ["MODEL", "false_accept_human", "menu_accuracy_human"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path, nargs="?", default=MODEL)
    parser.add_argument("--json", type=Path, help="write the table here, too")
    parser.add_argument("--errors", action="store_true", help="name each trial that went wrong")
    parser.add_argument("--condition", choices=CONDITIONS, action="append")
    wish = parser.parse_args()
    gate = Examination(wish.model).gate
    found = trials(wish.model, wish.condition or CONDITIONS)
    rows = table(found, gate)
    print(printed(rows, gate))
    if wish.errors:
        for t in found:
            if not t.right and (t.text or t.heard.taken(0.0)):
                heard = f"{t.heard.text!r} {t.heard.confidence:.2f}"
                print(f"{t.group} ({t.half}) {t.condition} {t.category}: {t.text!r} -> {heard}")
    if wish.json:
        wish.json.write_text(json.dumps(as_json(rows, gate), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
