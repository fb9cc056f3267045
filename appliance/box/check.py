"""Everything that can be wrong with a site.toml although each field is right by itself."""

from collections.abc import Iterator
from pathlib import Path

from appliance.box.checks import files, names, network, overflow, phrases, place, transcripts
from appliance.box.config import FieldErrors, LoadedSite, SiteError, located, parse_site, read
from appliance.box.mending import beyond
from appliance.flow.check import check_flows
from appliance.model.findings import Finding
from appliance.model.site import SiteFile


def check_site(site: SiteFile, base_dir: Path, *, advice: bool = False) -> list[Finding]:
    """All findings, without lines. `base_dir`: what relative file names are relative to.

    `advice`: also what a person should know of the words that callers may say. It is never an
    error, and costs more memory than a core has to spare.
    """
    sayable = phrases.known(site, base_dir)
    return [
        *place.check(site),
        *network.check(site),
        *names.check(site),
        *overflow.check(site),
        *files.check(site, base_dir),
        *phrases.check(site, sayable),
        *transcripts.check(site, base_dir),
        *_speech(site, base_dir, advice),
        *check_flows(site, base_dir, sayable),
    ]


def _speech(site: SiteFile, base_dir: Path, advice: bool) -> Iterator[Finding]:
    if site.speech.words or advice:
        from appliance.box.checks import speech  # 4 MB, only where it is wanted

        yield from speech.pronunciations(site)
        yield from speech.advice(site, base_dir) if advice else ()


def check_loaded(loaded: LoadedSite, *, advice: bool = False) -> list[Finding]:
    """All findings of a file that could be read, with lines, in the file's order."""
    return located(check_site(loaded.site, loaded.base_dir, advice=advice), loaded.lines)


def load_checked(path: Path | str, *, advice: bool = False) -> tuple[LoadedSite, list[Finding]]:
    """A site that may be used, and its warnings. Raises `SiteError` with all errors."""
    path = Path(path).absolute()
    return parse_checked(path, read(path), advice=advice)


def parse_checked(
    path: Path, content: bytes, *, advice: bool = False
) -> tuple[LoadedSite, list[Finding]]:
    """As `load_checked`, for bytes that are not (yet) in the file."""
    try:
        loaded = parse_site(path, content)
    except FieldErrors as error:
        raise _with_the_rest(error) from None
    found = check_loaded(loaded, advice=advice)
    if any(one.severity == "error" for one in found):
        raise SiteError(loaded.path, found, loaded.site.model_dump())
    return loaded, found


def _with_the_rest(error: FieldErrors) -> SiteError:
    """Whoever corrects a field learns at once what else is wrong."""
    rest = beyond(error.data, error.errors, lambda site: check_site(site, error.path.parent))
    return SiteError(error.path, located([*error.findings, *rest], error.lines), error.data)
