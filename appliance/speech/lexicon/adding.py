"""New words for a command model: a copy of the model with a larger graph.

People's names and a site's own words are added when the site is configured; the acoustic network
stays as it is. The model folder carries its lexicon as `lexicon.txt`: a word and its phones a
line, as CMUdict writes them.
"""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from . import graph
from .graph import Lexicon, LexiconError

LEXICON: Final = "lexicon.txt"
MARKER: Final = "callfloor-model.json"
GRAPH: Final = "graph"


def read_lexicon(model: Path) -> dict[str, list[list[str]]]:
    """Words and pronunciations of a model folder. Raises LexiconError where it has none, as the
    official Vosk models: those take no new words."""
    path = model / LEXICON
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LexiconError(
            f"{path} cannot be read ({error}): this model takes no new words."
        ) from None
    words: dict[str, list[list[str]]] = {}
    for line in filter(str.strip, lines):
        word, *way = line.split()
        words.setdefault(word, []).append(way)
    return words


def lexicon_text(lexicon: Lexicon) -> str:
    """The text of lexicon.txt."""
    return "".join(
        f"{word} {' '.join(way)}\n" for word, ways in sorted(lexicon.items()) for way in ways
    )


def spoken_words(lexicon: Lexicon) -> int:
    """How many words people can say; decoys are not counted."""
    return sum(not word.startswith(graph.DECOY) for word in lexicon)


def add_words(model: Path, to: Path, more: Lexicon, name: str = "") -> list[str]:
    """Writes the model folder `to`: `model` with the words of `more` (word -> pronunciations in
    ARPABET). A word that it has already gets the further pronunciations.

    Takes about 50 ms for 1,500 words and 1 s for 20,000. `to` is replaced as a whole, and only
    when all is done. Returns the words that are new. Raises LexiconError, OSError."""
    lexicon = read_lexicon(model)
    fresh = [word for word in more if word not in lexicon]
    for word, ways in more.items():
        known = lexicon.setdefault(word, [])
        known += [list(way) for way in ways if list(way) not in known]
    graph.check(lexicon)
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{to.name}-", dir=to.parent) as place:
        half = Path(place) / to.name
        shutil.copytree(model, half, ignore=shutil.ignore_patterns(GRAPH, LEXICON, MARKER))
        graph.write(half, lexicon)
        (half / LEXICON).write_text(lexicon_text(lexicon), "utf-8")
        told = _marker(model)
        told |= {"id": to.name, "name": name or told.get("name", to.name), "based_on": model.name}
        write_marker(half, told)
        if to.exists():
            to.replace(Path(place) / "old")
        half.replace(to)
    return fresh


def write_marker(folder: Path, told: Mapping[str, Any]) -> None:
    """`callfloor-model.json`: `told`, the number of words and the SHA-256 of each file."""
    made = dict(told)
    made["words"] = spoken_words(read_lexicon(folder))
    made["files"] = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARKER
    }
    (folder / MARKER).write_text(json.dumps(made, indent=1) + "\n", "utf-8")


def _marker(model: Path) -> dict[str, Any]:
    path = model / MARKER
    if not path.exists():
        return {}
    try:
        told = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise LexiconError(f"{path} is no JSON ({error}): this model takes no new words.") from None
    return told if isinstance(told, dict) else {}
