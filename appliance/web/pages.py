"""The built pages: plain files, no secret in them. Script names carry a hash of their content."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

PAGES = {"/": "index.html", "/login": "login.html", "/recordings": "recordings.html"}
MISSING = (
    "<!doctype html><title>Callfloor</title><h1>The pages are not built</h1>"
    "<p>Calls and API work. Build them with <code>make setup</code>, or "
    "<code>npm ci</code> and <code>npm run build</code> in <code>web/</code>."
)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; media-src 'self'; connect-src 'self'; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def page(folder: Path, name: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        path = folder / name
        if not path.is_file():
            return web.Response(text=MISSING, content_type="text/html", status=503)
        return web.FileResponse(path, headers={"Cache-Control": "no-cache"})

    return handle


def add_pages(app: web.Application, folder: Path) -> None:
    for address, name in PAGES.items():
        app.router.add_get(address, page(folder, name))
    app.router.add_get("/favicon.svg", page(folder, "favicon.svg"))
    if (folder / "assets").is_dir():
        app.router.add_static("/assets", folder / "assets")


async def headers(request: web.Request, response: web.StreamResponse) -> None:
    """For every response, also of errors."""
    response.headers.update(HEADERS)
    if request.path.startswith("/assets/") and response.status == 200:
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    elif request.path.startswith("/api/"):
        response.headers["Cache-Control"] = "no-store"
    response.headers.pop("Server", None)
