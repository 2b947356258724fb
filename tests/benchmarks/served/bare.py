"""The yardstick: Starlette and orjson, which read the same request and write the same answer."""

import sys
from pathlib import Path

import numpy as np
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.settings import Settings
from scripts.commands.serve import listen, url_of


async def answer(request: Request) -> Response:
    """Read a body of JSON, and answer with what is at hand."""
    orjson.loads(await request.body())
    content = request.app.state.held[request.path_params["place"]]
    return Response(
        orjson.dumps(content, option=orjson.OPT_SERIALIZE_NUMPY), media_type="application/json"
    )


def open_answers(folder: Path) -> dict[str, object]:
    """Hold each answer as a program has it: objects, and years as columns of numbers."""
    return {path.stem: _hold(orjson.loads(path.read_bytes())) for path in folder.glob("*.json")}


def _hold(content: object) -> object:
    if isinstance(content, dict):
        return {key: _hold(value) for key, value in content.items()}
    if isinstance(content, list):
        is_column = bool(content) and isinstance(content[0], float)
        return np.array(content) if is_column else [_hold(each) for each in content]
    return content


def serve(folder: Path) -> None:
    """Serve the answers of a folder, one file each, as ``reparto serve`` does."""
    app = Starlette(routes=[Route("/{place}", answer, methods=["POST"])])
    app.state.held = open_answers(folder)
    with listen(Settings(port=0)) as listener:
        sys.stdout.write(f"URL {url_of(listener)}\n")
        sys.stdout.flush()
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
