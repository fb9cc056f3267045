"""What should be heard in a file: by ``labels.tsv``, by its folder's name, or by its own."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from appliance.model.hearing import Hearing
from appliance.speech.live.grammar import plain
from appliance.speech.phrases import SOUND_SUFFIXES

LABELS = "labels.tsv"
MEANS_NOTHING = frozenset(
    ("none", "nothing", "foreign", "other", "unknown", "noise", "silence", "garbage", "unk")
)
_FORMS = {"digits": r"[0-9]+", "number": r"[0-9]+", "day": r"\d{4}-\d{2}-\d{2}"}


class BadLabel(Exception):
    """A label that means nothing at this question; says where."""


class Labels:
    """Reads labels at one question. `names`: value -> what people call it."""

    def __init__(self, hearing: Hearing, names: Mapping[str, str]) -> None:
        self._form = _FORMS.get(hearing.kind)
        self._values: dict[str, str] = {}
        if hearing.kind == "yes_no":
            self._values |= {"yes": "yes", "no": "no"}
        for value, phrases in hearing.choices.items():
            for name in (names.get(value, ""), *phrases, value):
                self._values[_spoken(name)] = value
        self._values.pop("", None)

    def value(self, label: str) -> str | None:
        """'' for a label that says that nothing is to be heard; None for one that says
        nothing."""
        text = label.strip()
        if self._form and re.fullmatch(self._form, text):
            return text
        found = self._values.get(_spoken(text))
        return "" if found is None and _spoken(text) in MEANS_NOTHING else found

    def of_file_name(self, stem: str) -> str | None:
        """``billing-3`` and ``billing_anna`` are billing; the longest name counts."""
        words = re.split(r"[-_ ]+", stem)
        for count in range(len(words), 0, -1):
            begin = " ".join(words[:count])
            for text in (begin, begin.rstrip("0123456789")):
                if text and (found := self.value(text)) is not None:
                    return found
        return None

    def known(self) -> str:
        """The labels there are, for a message."""
        return ", ".join(sorted(self._values)) or (self._form or "")


def _spoken(text: str) -> str:
    return plain(re.sub(r"[-_]+", " ", text))


def expected(files: Iterable[Path], root: Path, labels: Labels) -> dict[Path, str | None]:
    """For each file the value that should be heard. Raises `BadLabel`."""
    listed: dict[Path, dict[str, str]] = {}
    found = {}
    for file in files:
        for folder in {file.parent, root if root.is_dir() else root.parent}:
            if folder not in listed:
                listed[folder] = dict(_listed(folder, labels))
        own = listed[file.parent].get(file.name)
        if own is None and root.is_dir():
            own = listed[root].get(str(file.relative_to(root)))
        found[file] = own if own is not None else _guessed(file, root, labels)
    return found


def _guessed(file: Path, root: Path, labels: Labels) -> str | None:
    if root.is_dir():
        for folder in file.relative_to(root).parts[-2::-1]:
            if (value := labels.value(folder)) is not None:
                return value
        if file.parent == root and (value := labels.value(root.name)) is not None:
            return value
    return labels.of_file_name(file.stem)


def _listed(folder: Path, labels: Labels) -> Iterator[tuple[str, str]]:
    """Lines of a file name, a tab, a label; those that begin with # are passed over."""
    try:
        lines = (folder / LABELS).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        raise BadLabel(f"{folder / LABELS} cannot be read: {error}.") from None
    for number, line in enumerate(lines, 1):
        name, tab, label = line.partition("\t")
        if not line.strip() or line.startswith("#"):
            continue
        value = labels.value(label) if tab else None
        if value is None:
            raise BadLabel(
                f"{folder / LABELS}:{number}: '{(label or name).strip()[:60]}' is nothing that can "
                f"be said at this question. There are: {labels.known()}; and 'none'. A line is "
                "the name of a file, a tab, and one of these."
            )
        yield name.strip(), value


def sounds(root: Path) -> list[Path]:
    """The sound files of a folder and the folders in it, or the one file."""
    if root.is_dir():
        found = (one for one in root.rglob("*") if one.suffix.lower() in SOUND_SUFFIXES)
        return sorted(one for one in found if one.is_file())
    return [root]
