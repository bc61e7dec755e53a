"""Templates to answers: the language of the visitor, the words, and what every page needs.

The language is what the address asks for (`?lang=en`, remembered in a cookie), else what was asked
for before, else the browser's. Everything that templates print is escaped; they are given data and
never markup.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from review.messages import say
from review.pages.equations import plain
from review.pages.security import FIELD, token_of

_COOKIE: Final = "nianbao-lang"
_YEAR_SECONDS: Final = 365 * 24 * 3600
_LANGUAGES: Final = ("zh", "en")
_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["plain"] = plain


def language_of(request: Request) -> str:
    """zh or en."""
    asked = request.query_params.get("lang") or request.cookies.get(_COOKIE, "")
    if asked in _LANGUAGES:
        return asked
    first = request.headers.get("accept-language", "zh").partition(",")[0].lower()
    return "en" if first.startswith("en") else "zh"


def number_of_page(request: Request) -> int:
    """Which page of many the address asks for; the first where it asks for no number."""
    asked = request.query_params.get("page", "")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1


def page(request: Request, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:
    """The page made of a template."""
    lang = language_of(request)

    def t(name: str, /, **inner: object) -> str:
        return say(name if "." in name else f"page.{name}", lang, **inner)

    others = [pair for pair in request.query_params.multi_items() if pair[0] != "lang"]
    other = "en" if lang == "zh" else "zh"
    text = _TEMPLATES.get_template(template).render(
        lang=lang,
        t=t,
        token_field=FIELD,
        token=token_of(request),
        other_language="?" + urlencode([*others, ("lang", other)]),
        has_warehouse=request.app.state.site.database is not None,
        path=request.url.path,
        **values,
    )
    response = HTMLResponse(text, status)
    if request.query_params.get("lang") in _LANGUAGES:
        response.set_cookie(_COOKIE, lang, max_age=_YEAR_SECONDS, httponly=True, samesite="strict")
    return response


def problem(
    request: Request, status: int, message: str, values: Mapping[str, object] | None = None
) -> HTMLResponse:
    """A page that says what went wrong and what to do; `message` is an entry of the messages."""
    lang = language_of(request)
    return page(request, "problem.html", status, said=say(message, lang, **(values or {})))
