"""Which crew listens in which language, also while another model is being loaded."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from appliance.model.events.box import Trouble
from appliance.speech.live.crew import Crew


class Staff:
    """A crew for each model folder. One that takes the place of another listens once its model
    is loaded; until then, and where that is unfit, the one before does."""

    def __init__(self, trouble: Callable[[Trouble], None]) -> None:
        self._trouble = trouble
        self._models: Mapping[str, Path] = {}
        self._marks: Mapping[Path, object] = {}
        self._size = 0
        self._wanted: dict[Path, Crew] = {}
        self._serving: dict[str, Crew] = {}
        self._all: list[Crew] = []

    def __bool__(self) -> bool:
        return bool(self._serving)

    def serving(self, language: str) -> Crew | None:
        return self._serving.get(language)

    def change(self, models: Mapping[str, Path], marks: Mapping[Path, object], size: int) -> None:
        """`models`: language to folder. `marks`: of each folder, another one where its files have
        changed. `size`: workers of each crew."""
        before, self._models, self._size = self._marks, models, size
        self._wanted = {
            folder: crew
            if (crew := self._wanted.get(folder)) and before.get(folder) == marks[folder]
            else self._hire(folder)
            for folder in sorted(set(models.values()))
        }
        self._marks = marks
        self._assign()

    async def settled(self) -> None:
        """Each model is loaded, or cannot be."""
        for crew in list(self._wanted.values()):
            await crew.settled.wait()

    def close(self) -> None:
        """Ends all at once; no question is told."""
        self._wanted, self._serving = {}, {}
        for crew in self._all:
            crew.close()

    async def gone(self) -> None:
        """After `close`: the processes have ended."""
        await asyncio.gather(*(crew.gone() for crew in self._all))

    def _hire(self, folder: Path) -> Crew:
        languages = (language for language, one in self._models.items() if one == folder)
        before = [self._serving.get(language) for language in languages]
        crew = Crew(folder, self._size, self._trouble)
        crew.replaces = all(one is not None and not one.fault for one in before)
        crew.on_awake = self._assign
        self._all.append(crew)
        crew.start()
        return crew

    def _assign(self) -> None:
        self._serving = {
            language: self._listener(self._wanted[folder], self._serving.get(language))
            for language, folder in self._models.items()
        }
        needed = (*self._wanted.values(), *self._serving.values())
        for crew in self._all:
            if crew in needed:
                crew.resize(self._size)
            else:
                crew.retire()
        self._all = [crew for crew in self._all if not crew.closed]

    @staticmethod
    def _listener(crew: Crew, before: Crew | None) -> Crew:
        return before if before and crew.fault and not before.fault else crew
