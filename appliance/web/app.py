"""The office's web application, and how it listens."""

import time

from aiohttp import web

from appliance.web import acts, api, recordings
from appliance.web.access import Access, Attempts
from appliance.web.http import problems, serve
from appliance.web.live import live
from appliance.web.openapi import document
from appliance.web.pages import add_pages, headers
from appliance.web.services import Services

BASE = "/api/v1"
ROUTES = [*api.ROUTES, *recordings.ROUTES, *acts.ROUTES]


def make_app(services: Services) -> web.Application:
    """Everything that is served, over the given services."""
    limits = services.limits
    access = Access(services.tokens, Attempts(limits.failures, limits.failures_s), time.monotonic)
    app = web.Application(middlewares=[problems], client_max_size=limits.body)
    app.on_response_prepare.append(headers)
    for route in ROUTES:
        app.router.add_route(route.method, BASE + route.path, serve(route, services, access))
    app.router.add_get(BASE + "/live", live(services, access))
    app.router.add_get(BASE + "/openapi.json", _description())
    add_pages(app, services.pages)
    return app


def _description() -> "web.Handler":  # type: ignore[name-defined]
    described = document(BASE, ROUTES)

    async def handle(request: web.Request) -> web.Response:
        return web.json_response(described)

    return handle
