"""Models that look right on disk but hold nothing."""

import json
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

Models = Callable[..., Path]
"""The fixture `models`."""
FILES = {
    "am/final.mdl": b"\0B net",
    "conf/mfcc.conf": b"--sample-frequency=8000\n--dither=0\n",
    "conf/model.conf": b"--beam=13.0\n",
    "graph/HCLr.fst": b"graph",
    "graph/Gr.fst": b"",
    "graph/disambig_tid.int": b"7\n",
    "graph/phones/word_boundary.int": b"1 nonword\n",
    "graph/words.txt": b"<eps> 0\nbilling 1\nsales 2\n[unk] 3\n",
}


def fst(words: Iterable[str] | None = None) -> bytes:
    """The head of an OpenFst file, with a table of output symbols where `words` are given."""

    def text(value: str) -> bytes:
        return struct.pack("<i", len(value.encode())) + value.encode()

    head = struct.pack("<i", 2125659606) + text("const") + text("standard")
    head += struct.pack("<iiQqqq", 2, 0 if words is None else 2, 0, 0, 0, 0)
    if words is None:
        return head
    listed = ["<eps>", *words]
    table = struct.pack("<i", 2125658996) + text("words")
    table += struct.pack("<qq", len(listed), len(listed))
    return head + table + b"".join(text(w) + struct.pack("<q", i) for i, w in enumerate(listed))


def write_model(folder: Path, changed: dict[str, bytes | None] | None = None) -> Path:
    """A folder in the layout of Vosk; `changed`: other contents, None for files left out."""
    for name, content in {**FILES, "graph/Gr.fst": fst(), **(changed or {})}.items():
        if content is not None:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return folder


def marker(**fields: object) -> dict[str, bytes | None]:
    return {"callfloor-model.json": json.dumps(fields).encode()}
