"""What went wrong while prompts were made, as findings: each cause once."""

from pathlib import Path

from appliance.model.findings import FieldPath, Finding
from appliance.speech.tts import NoEngine
from appliance.speech.whole import SoundError

TONE = "Callers hear two short soft tones in its place."


class Troubles:
    """Gathers errors with the fields that they concern. `folder`: where prompts are written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sounds: dict[tuple[FieldPath, str], Finding] = {}
        self._unspoken: list[FieldPath] = []
        self._unwritten: list[tuple[FieldPath, BaseException]] = []

    def add(self, path: FieldPath, error: BaseException) -> None:
        if isinstance(error, NoEngine):
            self._unspoken.append(path)
        elif isinstance(error, SoundError):
            what, _, to_do = str(error).partition(". ")
            found = Finding(path, f"{what}.", TONE, to_do or "Correct it.")
            self._sounds.setdefault((path, what), found)
        else:
            self._unwritten.append((path, error))

    def findings(self) -> list[Finding]:
        found = sorted(self._sounds.values(), key=lambda one: str(one.path))
        if self._unspoken:
            found.append(self._no_engine())
        if self._unwritten:
            found.append(self._not_written())
        return found

    def _no_engine(self) -> Finding:
        return Finding(
            _first(self._unspoken),
            f"espeak-ng is not installed, so {len(self._unspoken)} texts cannot be spoken.",
            TONE,
            "Install it (apt install espeak-ng), then reload; or record the prompts as files.",
        )

    def _not_written(self) -> Finding:
        """Also for what nobody thought of: the box must start without a prompt."""
        path, error = self._unwritten[0]
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        return Finding(
            path,
            f"Prompts cannot be written to {self._folder}: {reason}.",
            TONE,
            "Free space, or give the user that Callfloor runs as the right to write there.",
        )


def _first(paths: list[FieldPath]) -> FieldPath:
    """A field of site.toml rather than the box's own phrases, which have none."""
    return next((path for path in paths if path), ())
