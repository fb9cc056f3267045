"""The OpenAPI 3.1 document, made from the routes and the shapes of their handlers."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from appliance import __version__
from appliance.web.http import Route
from appliance.web.models import Problem

_BINARY = {"type": "string", "format": "binary"}
REF = "#/components/schemas/{name}"
_WHY = {
    400: "The request is wrong; the text names the field",
    401: "No valid token",
    403: "This token may not do that",
    404: "There is no such thing",
    408: "The body did not arrive in time",
    409: "The core refused: the state does not allow it",
    413: "The body is too large",
    415: "The body is not JSON",
    429: "Too many failed attempts",
    500: "A fault of the office",
    503: "The core, the history or the tokens cannot be reached",
}


def document(base: str, routes: Sequence[Route]) -> dict[str, Any]:
    """The whole document as plain dicts."""
    shapes = [shape for route in routes for shape in (route.reply, route.body) if shape]
    distinct = list({id(shape): shape for shape in [*shapes, Problem]}.values())
    schemas, components = msgspec.json.schema_components(distinct, ref_template=REF)
    by_shape = {id(shape): schema for shape, schema in zip(distinct, schemas, strict=True)}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        operation = _operation(route, by_shape)
        paths.setdefault(base + route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Callfloor", "version": __version__},
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(route: Route, schemas: dict[int, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "description": f"Roles: {', '.join(route.roles) or 'everybody, without a token'}.",
        "operationId": _name(route),
        "parameters": _parameters(route),
        "responses": _responses(route, schemas),
        "security": [{"token": []}] if route.roles else [],
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[id(route.body)]}},
        }
    return operation


def _name(route: Route) -> str:
    words = re.sub(r"[^a-z]+", "_", f"{route.method}{route.path}".lower())
    return words.strip("_")


def _parameters(route: Route) -> list[dict[str, Any]]:
    path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    query = [
        {
            "name": param.name,
            "in": "query",
            "required": False,
            "schema": param.schema,
            "description": param.help,
        }
        for param in route.query
    ]
    return [*path, *query]


def _responses(route: Route, schemas: dict[int, Any]) -> dict[str, Any]:
    done: dict[str, Any] = {"description": "Done"}
    if route.reply is not None:
        done["content"] = {"application/json": {"schema": schemas[id(route.reply)]}}
    sent: dict[str, Any] = {}
    if route.media:
        done["content"] = {each: {"schema": _BINARY} for each in route.media}
        sent = {
            "206": {**done, "description": "The asked range"},
            "304": {"description": "It has not changed"},
            "416": {"description": "There is no such range"},
        }
    codes = {*route.errors, 500}
    if route.roles:
        codes |= {401, 403, 429, 503}
    if route.body is not None:
        codes |= {400, 408, 413, 415}
    problem = {"application/json": {"schema": schemas[id(Problem)]}}
    return {
        str(route.status): done,
        **sent,
        **{str(code): {"description": _WHY[code], "content": problem} for code in sorted(codes)},
    }
