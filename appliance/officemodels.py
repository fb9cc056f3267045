"""Which model makes the text of recordings in which language. Runs in the process that reads
site.toml for the office."""

from pathlib import Path

from appliance.box.config import LoadedSite
from appliance.speech.transcribe.wanted import Model, Wanted

KINDS = {"voicemail": "voicemail", "calls": "call"}
BUILT_IN = Path(__file__).parent / "speech" / "models"
OWN = {"en": "en-commands"}


def wanted(loaded: LoadedSite) -> Wanted:
    """The model of transcribe_models, else of models, else the built-in one of the language. One
    that is named and not there is waited for: a poorer text would not be made again."""
    speech, found, missing = loaded.site.speech, dict[str, Model](), list[str]()
    for language in {*OWN, *speech.models, *speech.transcribe_models} if speech.transcribe else ():
        name = (
            speech.transcribe_models.get(language)
            or speech.models.get(language)
            or OWN.get(language, "")
        )
        for folder in (loaded.data_dir / "models" / name, BUILT_IN / name):
            if folder.is_dir():
                found[language] = Model(name, str(folder))
                break
        else:
            missing.append(
                f"there is no speech model {name} for '{language}'. `callfloor models fetch "
                f"{name}`, then `callfloor config reload`."
            )
    return Wanted(
        kinds=tuple(KINDS[each] for each in speech.transcribe),
        language=loaded.site.site.language,
        channels=loaded.site.sip.max_calls,
        models=found,
        missing=tuple(missing),
    )
