"""From a field of site.toml to its line, so that an error can be found."""

from functools import cached_property

from appliance.model.findings import FieldPath


class Lines:
    """Line numbers of one TOML text, found out when one is asked for: a file without a fault
    needs none, and the parser and its map would stay in memory for as long as the box runs."""

    def __init__(self, text: bytes) -> None:
        self._text = text

    @cached_property
    def _line(self) -> dict[FieldPath, int]:
        from appliance.box.linemap import line_map

        return line_map(self._text)

    def of(self, path: FieldPath) -> int:
        """The line of the field, else of the innermost table around it that is in the file."""
        for end in range(len(path), 0, -1):
            line = self._line.get(path[:end])
            if line is not None:
                return line
        return 1
