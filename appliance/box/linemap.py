"""Where everything of a TOML text is.

tomllib keeps no positions; the tree-sitter grammar for TOML does. Its tree is walked once into
a map from path to line (1 is the first). The text is valid TOML by then.
"""

import tomllib
from collections.abc import Iterator

import tree_sitter_toml
from tree_sitter import Language, Node, Parser

from appliance.model.findings import FieldPath

_LANGUAGE = Language(tree_sitter_toml.language())
_KEYS = {"bare_key", "quoted_key", "dotted_key"}


def line_map(text: bytes) -> dict[FieldPath, int]:
    """The line of each table and key."""
    return _Walk(text).lines


class _Walk:
    def __init__(self, text: bytes) -> None:
        self.lines: dict[FieldPath, int] = {}
        self._length: dict[FieldPath, int] = {}
        for node in Parser(_LANGUAGE).parse(text).root_node.children:
            if node.type == "pair":
                self._walk((), node)
            elif node.type in ("table", "table_array_element"):
                self._table(node)

    def _table(self, node: Node) -> None:
        header = next(_keys(node))
        keys = self._resolve(_names(header))
        if node.type == "table_array_element":
            place = self._length.get(keys, 0)
            self._length[keys] = place + 1
            self._note(keys, node)
            keys = (*keys, place)
        self._note(keys, node)
        for child in node.children:
            if child.type == "pair":
                self._walk(keys, child)

    def _resolve(self, names: list[str]) -> FieldPath:
        """``[queue.overflow]`` belongs to the last ``[[queue]]`` above it."""
        path: FieldPath = ()
        for place, name in enumerate(names):
            path = (*path, name)
            if path in self._length and place < len(names) - 1:
                path = (*path, self._length[path] - 1)
        return path

    def _walk(self, prefix: FieldPath, pair: Node) -> None:
        # A stack of its own: deep nesting must not end in a RecursionError.
        todo: list[tuple[FieldPath, Node]] = [(prefix, pair)]
        while todo:
            path, node = todo.pop()
            if node.type == "pair":
                path = path + tuple(_names(next(_keys(node))))
                self._note(path, node)
                todo.append((path, node.named_children[-1]))
            elif node.type == "inline_table":
                todo += [(path, child) for child in node.named_children]
            elif node.type == "array":
                items = [child for child in node.named_children if child.type != "comment"]
                for place, item in enumerate(items):
                    self._note((*path, place), item)
                    todo.append(((*path, place), item))

    def _note(self, path: FieldPath, node: Node) -> None:
        """The first line wins; a table that is only implied has the line of what implies it."""
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], node.start_point.row + 1)


def _keys(node: Node) -> Iterator[Node]:
    return (child for child in node.children if child.type in _KEYS)


def _names(node: Node) -> list[str]:
    """The parts of a key, unquoted, from left to right."""
    names: list[str] = []
    todo = [node]
    while todo:
        key = todo.pop()
        if key.type == "dotted_key":
            todo += list(_keys(key))
        else:
            names.append(_unquoted(key))
    return names[::-1]


def _unquoted(key: Node) -> str:
    text = (key.text or b"").decode()
    if key.type == "bare_key":
        return text
    if text.startswith("'"):
        return text[1:-1]
    return next(iter(tomllib.loads(f"{text} = 0")))
