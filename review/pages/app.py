"""The application: which address shows what.

`create_app(site)` gives a Starlette application; `site` has everything that it calls and knows.
Without a warehouse it checks drafts and nothing else. Whatever goes wrong gives a page in the
visitor's language, and a traceback goes to the log alone.
"""

import logging
import secrets
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import duckdb
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from load.errors import WarehouseError
from review.pages import (
    agency_page,
    board_page,
    cell_page,
    check_page,
    findings_page,
    report_page,
    rule_page,
)
from review.pages.board_page import arrange_coverage
from review.pages.finding_index import arrange_findings
from review.pages.queue import Queue
from review.pages.render import problem
from review.pages.security import Guard
from review.pages.site import Site
from review.pages.warehouse import Warehouse
from transform.form.forms import load_forms
from transform.rules.load import load_rules

_STATIC: Final = Path(__file__).parent / "static"
_LOG: Final = logging.getLogger("nianbao.pages")
_CHECK_ROUTES: Final = (
    Route("/", check_page.show_form),
    Route("/check", check_page.take_drafts, methods=["POST"]),
    Route("/check/{batch}", check_page.show_batch),
    Route("/check/{batch}/progress", check_page.tell_progress),
    Route("/check/{batch}/table.csv", check_page.download_table),
    Route("/check/{batch}/annotated.zip", check_page.download_all_annotated),
    Route("/check/{batch}/{number:int}", check_page.show_draft),
    Route("/check/{batch}/{number:int}/annotated", check_page.download_annotated),
)
_WAREHOUSE_ROUTES: Final = (
    Route("/board", board_page.show_board),
    Route("/findings", findings_page.show_findings),
    Route("/findings.csv", findings_page.download_findings),
    Route("/agency/{agency}", agency_page.show_agency),
    Route("/rule/{rule}", rule_page.show_rule),
    Route("/cell/{report}/{table}/{row}/{col}", cell_page.show_cell),
    Route("/report/{report}", report_page.show_report),
    Route("/report/{report}/page/{number:int}.png", report_page.show_page_image),
    Route("/report/{report}/decide", report_page.decide, methods=["POST"]),
)


def create_app(site: Site) -> Starlette:
    """The application for `site`."""
    queue = Queue(site.check, site.at_once)
    warehouse = None if site.database is None else Warehouse(site.database, _arrange)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        if warehouse is not None:
            threading.Thread(target=_open, args=(warehouse,), daemon=True).start()
        yield
        queue.close()
        if warehouse is not None:
            warehouse.close()

    routes: list[BaseRoute] = [*_CHECK_ROUTES, Mount("/static", _CachedFiles(directory=_STATIC))]
    if warehouse is not None:
        routes += _WAREHOUSE_ROUTES
    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[Middleware(Guard, allowed_hosts=site.allowed_hosts)],
        exception_handlers={
            HTTPException: _refuse,
            WarehouseError: _tell_of_warehouse,
            Exception: _tell_of_mistake,
        },
    )
    app.state.site = site
    app.state.queue = queue
    app.state.warehouse = warehouse
    app.state.secret = secrets.token_bytes(32)
    return app


def _arrange(con: duckdb.DuckDBPyConnection) -> None:
    """What the pages keep in memory of a warehouse."""
    arrange_findings(con)
    arrange_coverage(con)


def _open(warehouse: Warehouse) -> None:
    """Make everything ready before anybody asks for it."""
    load_rules(load_forms())
    try:
        warehouse.open()
    except WarehouseError:
        return  # each page that needs it says what is wrong


class _CachedFiles(StaticFiles):
    """Static files that a browser keeps, asking each time whether they have changed."""

    def file_response(self, *args: object, **more: object) -> Response:
        response = super().file_response(*args, **more)  # type: ignore[arg-type]  # as it is given
        response.headers["cache-control"] = "no-cache"
        return response


async def _refuse(request: Request, error: Exception) -> Response:
    """An address that is not there, or a way of asking that is none."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    return problem(request, status, "page.not_found" if status == 404 else "page.refused")


async def _tell_of_warehouse(request: Request, error: Exception) -> Response:
    """The warehouse is missing, locked, of another schema or damaged."""
    values: Mapping[str, object] = {"error": str(error)}
    return problem(request, 503, _message_of(error), values)


def _message_of(error: Exception) -> str:
    known = {
        "WarehouseMissing": "page.warehouse_missing",
        "WarehouseLocked": "page.warehouse_locked",
        "SchemaMismatch": "page.warehouse_schema",
    }
    return known.get(type(error).__name__, "page.warehouse_broken")


async def _tell_of_mistake(request: Request, error: Exception) -> Response:
    """A mistake of ours: its place is in the log."""
    _LOG.error("%s %s", request.method, request.url.path, exc_info=error)
    return problem(request, 500, "page.mistake")
