"""Every answer speaks the language that its caller prefers, or else the installation's."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from api.spoken_language import choose_language, speak
from models.values.language import Language


class CallerLanguage:
    """Note the language of a request before anything can fail.

    It is not taken back at the end: each request has a task, and so a context, of its own, and
    whoever answers for the program's own faults stands outside of this.
    """

    def __init__(self, app: ASGIApp, default: Language) -> None:
        self.app = app
        self.default = default

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Watch one request or connection."""
        if scope["type"] in ("http", "websocket"):
            wanted = Headers(scope=scope).get("accept-language")
            speak(choose_language(wanted, self.default))
        await self.app(scope, receive, send)
