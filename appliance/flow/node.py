"""What all nodes of the flow language have."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from appliance.flow.parts import Path, walk
from appliance.model.site import Shape

Ref = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_-]{0,31})?$")]
"""Id of a node of the same flow; empty: the flow's fallback."""
Key = Annotated[str, Field(pattern=r"^[0-9A-D*#]$")]
Wait = Annotated[float, Field(gt=0, le=600)]
DataKey = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,40}$")]

ONE_PROMPT = ("prompt", "confirm_prompt", "keys_prompt")
PROMPT_LISTS = ("silence_prompts", "wrong_prompts", "unclear_prompts")
"""Fields of nodes that are heard."""


class Node(Shape):
    """What all nodes have."""

    name: str = Field("", max_length=80, description="Shown to people")

    def edges(self) -> Iterator[tuple[Path, str]]:
        """Path inside the node and id of every node that can follow, also the empty ones."""
        for field in type(self).model_fields:
            if field == "next" or field.startswith("on_"):
                yield (field,), getattr(self, field)

    def prompt_values(self) -> Iterator[tuple[Path, Any]]:
        """Path inside the node and value of everything that it can say."""
        for field in type(self).model_fields:
            if field in ONE_PROMPT and getattr(self, field) is not None:
                yield (field,), getattr(self, field)
            elif field in PROMPT_LISTS:
                yield from (((field, i), v) for i, v in enumerate(getattr(self, field)))

    def parts(self) -> Iterator[tuple[Path, str, Any]]:
        """Path, language ('': any) and part of everything that it can say."""
        for path, value in self.prompt_values():
            yield from walk(value, path)
