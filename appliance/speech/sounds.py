"""Recorded phrases that are there: the site's own, and Debian's asterisk-core-sounds.

The site's own lie in ``prompts/<language>/NAME.wav`` beside site.toml and win. The packages
(asterisk-core-sounds-en-wav and others) install to /usr/share/asterisk/sounds/<language>.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from appliance.speech.phrases import SOUND_SUFFIXES, built_in_phrases

PACKAGE_DIR = Path("/usr/share/asterisk/sounds")
_BEST_FIRST = (".wav", ".flac", ".sln16", ".sln", ".ogg", ".opus", ".mp3", ".alaw", ".ulaw", ".gsm")
"""Where a phrase is there in several formats; G.722 files cannot be read."""


@dataclass(frozen=True)
class Sounds:
    """Names to files, by language, as found at one time."""

    own: dict[str, dict[str, Path]] = field(default_factory=dict)
    package: dict[str, dict[str, Path]] = field(default_factory=dict)

    def own_file(self, name: str, language: str) -> Path | None:
        return self.own.get(language, {}).get(name)

    def package_files(self, names: list[str], language: str) -> list[Path]:
        """The files of all names, or none at all: one sentence has one voice."""
        there = self.package.get(language, {})
        return [there[name] for name in names] if all(name in there for name in names) else []

    def names(self) -> set[str]:
        """Every name recorded in any language."""
        tables = (*self.own.values(), *self.package.values())
        return {name for table in tables for name in table}


def find_sounds(own_dir: Path, package_dir: Path, languages: Iterable[str]) -> Sounds:
    """Looks what there is. Folders that do not exist are empty."""
    codes = list(languages)
    return Sounds(
        own={code: _names_in(own_dir / code) for code in codes},
        package={code: _names_in(package_dir / code) for code in codes},
    )


def known_phrases(
    base_dir: Path, languages: Iterable[str], package_dir: Path = PACKAGE_DIR
) -> set[str]:
    """Names of phrases that can be said: built-in or recorded. `base_dir`: of site.toml."""
    return built_in_phrases() | find_sounds(base_dir / "prompts", package_dir, languages).names()


def _names_in(folder: Path) -> dict[str, Path]:
    best: dict[str, tuple[int, Path]] = {}
    for path in sorted(folder.glob("**/*")) if folder.is_dir() else []:
        suffix = path.suffix.lower()
        if suffix not in SOUND_SUFFIXES or not path.is_file():
            continue
        rank = _BEST_FIRST.index(suffix) if suffix in _BEST_FIRST else len(_BEST_FIRST)
        name = path.relative_to(folder).with_suffix("").as_posix()
        if name not in best or rank < best[name][0]:
            best[name] = (rank, path)
    return {name: path for name, (_, path) in best.items()}
