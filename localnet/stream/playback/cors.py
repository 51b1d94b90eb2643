"""CORS of the playback host: any page may ask, and may read `Location` and `Retry-After`.

Promises: every answer of the playback host has it, a refusal and the answer of a fault too; none of
the API has.
Assumes: Cloudflare's own browser tutorial needs it; some clients report that it was missing on WHEP
(not confirmed). Which headers a page may read is a guess.
"""

from aiohttp import web
from aiohttp.typedefs import Handler

_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "Location, ETag, Link, Retry-After, protocol-version",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type, If-Match, protocol-version",
    "Access-Control-Max-Age": "86400",
}
_ELSEWHERE = ("/client/v4", "/_standin")


@web.middleware
async def cors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers preflights and marks every answer of the playback host."""
    if request.path.startswith(_ELSEWHERE):
        return await handler(request)
    response: web.StreamResponse
    if request.method == "OPTIONS":
        response = web.Response(status=204, headers=_PREFLIGHT)
    else:
        try:
            response = await handler(request)
        except web.HTTPException as error:
            response = web.Response(status=error.status, text=error.text, headers=error.headers)
    return readable(request, response)


def readable(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """The answer as any page may read it, if it comes from the playback host."""
    if not request.path.startswith(_ELSEWHERE):
        response.headers.update(_HEADERS)
    return response
