"""What every page needs: blueprints with a language, answers to errors, safe ways back."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import brotli
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from werkzeug.exceptions import HTTPException
from werkzeug.routing import AnyConverter, BaseConverter, Map

from harpevents.core import i18n
from harpevents.core.db import db
from harpevents.core.errors import NotFound, RuleBroken, SiteBusy
from harpevents.core.texts import clean_words

LONGEST_TO_SEND_AGAIN = 200_000  # characters of a form that a page about a busy site may hold


def public_blueprint(name: str, import_name: str, prefix: str | None = "/<lang:lang>") -> Blueprint:
    """A blueprint whose pages live below `/<lang>/`; views do not take `lang`.

    With `prefix=None` each rule says for itself whether it stands below a language.
    """
    blueprint = Blueprint(name, import_name, template_folder="templates", url_prefix=prefix)
    blueprint.url_value_preprocessor(_take_language)
    return blueprint


def desk_blueprint(name: str, import_name: str, prefix: str = "/desk") -> Blueprint:
    """A blueprint of staff pages, in the language of the person."""
    return Blueprint(name, import_name, template_folder="templates", url_prefix=prefix)


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    if values and "lang" in values:
        g.language = values.pop("lang")


def _give_language(endpoint: str, values: dict[str, Any]) -> None:
    """Put a language of this installation into the address of a public page."""
    if current_app.url_map.is_endpoint_expecting(endpoint, "lang"):
        values["lang"] = i18n.spoken(values.get("lang") or i18n.current_language())


def converter_of(languages: Sequence[str]) -> type[BaseConverter]:
    """`/<lang:lang>/`: one of these languages; another one is no page."""

    class LanguageConverter(AnyConverter):
        def __init__(self, url_map: Map) -> None:
            super().__init__(url_map, *languages)

    return LanguageConverter


def init_app(app: Flask) -> None:
    app.url_defaults(_give_language)
    app.register_error_handler(NotFound, lambda _error: _problem(404))
    app.register_error_handler(RuleBroken, _rule_broken)
    app.register_error_handler(CSRFError, lambda _error: _problem(400, _stale_form()))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DataError, _unstorable)
    app.register_error_handler(OverflowError, _unstorable)
    app.register_error_handler(IntegrityError, _overtaken)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(NoConnectionFree, _database_away)
    app.register_error_handler(SiteBusy, _busy)
    app.register_error_handler(Exception, _failure)
    app.after_request(_private_unless_said)


def language_left() -> str:
    """The language of the page a form comes from where its reader only changed the language."""
    return request.form.get("language_left", "")


def wants_json() -> bool:
    """Whether the caller is a script rather than a reader."""
    if request.path.startswith("/api/"):
        return True
    return request.accept_mimetypes.best_match(["text/html", "application/json"]) == (
        "application/json"
    )


def _stale_form() -> str:
    text = _("This form was open for too long. Please go back, reload the page and send it again.")
    return str(text)


def _rule_broken(error: RuleBroken) -> ResponseReturnValue:
    return _problem(error.status, str(error))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    return _problem(error.code, allow=getattr(error, "valid_methods", None))


def _rule() -> str:
    """The page for the log, never its address: that may hold a secret link."""
    return f"{request.url_rule or 'no page'}"


def _failure(error: Exception) -> ResponseReturnValue:
    db.session.rollback()
    current_app.logger.exception("a page failed: %s %s", request.method, _rule())
    if current_app.testing:
        raise error
    return _problem(500)


def _unstorable(error: Exception) -> ResponseReturnValue:
    """A value that no column holds (NUL, an integer without end) is the sender's mistake."""
    db.session.rollback()
    current_app.logger.warning("unstorable input: %s %s", request.method, _rule())
    return _problem(400)


def _overtaken(error: IntegrityError) -> ResponseReturnValue:
    """Somebody else wrote the same a moment before: the rules saw no conflict, the database did."""
    db.session.rollback()
    current_app.logger.exception("overtaken: %s %s", request.method, _rule())
    return _problem(409)


def _database_away(error: OperationalError | NoConnectionFree) -> ResponseReturnValue:
    """Locked for too long, full, or not there: nothing was stored, and it may go on soon."""
    db.session.rollback()
    reason = getattr(error, "orig", error)
    current_app.logger.error(
        "the database did not answer: %s %s: %s", request.method, _rule(), reason
    )
    return _problem(503)


def _busy(error: SiteBusy) -> ResponseReturnValue:
    db.session.rollback()
    current_app.logger.warning("others were writing: %s %s", request.method, _rule())
    return _problem(503, str(error))


def _to_send_again() -> list[tuple[str, str]] | None:
    """The fields of the form that was posted, for a page that offers to send it once more.

    None where that must not be: for what did not come from a form of ours, for passwords, which
    stand in no page, and for files, which a page cannot hold.
    """
    if request.method != "POST" or not g.get("csrf_valid", current_app.testing):
        return None
    fields = [one for one in request.form.items(True) if one[0] != "csrf_token"]
    secret = any("password" in name for name, _value in fields)
    files = any(file.filename for file in request.files.values())
    long = sum(len(name) + len(value) for name, value in fields) > LONGEST_TO_SEND_AGAIN
    return None if secret or files or long else fields


def _titles(status: int) -> tuple[str, str]:
    match status:
        case 400:
            return _("This request cannot be read"), _("Please go back and try once more.")
        case 403:
            return _("This is not open to you"), _("Please ask the secretariat for access.")
        case 404:
            return (
                _("This page does not exist"),
                _("The address may be mistyped, or the page was taken down."),
            )
        case 405:
            return _("This address cannot be used in this way"), _("Please go back and try again.")
        case 413:
            return _("This is too large"), _("Please send a smaller file.")
        case 410:
            return _("This link does not work any more"), _("Please ask for a new one.")
        case 429:
            return (
                _("Too many attempts"),
                _("Please wait a few minutes and try again. Nothing you did was lost."),
            )
        case 409 | 422:
            return _("This could not be done"), _("Please go back and try once more.")
        case 503:
            return _("The site is busy"), _("Please try again in a moment.")
        case _ if status < 500:
            return _("This request cannot be read"), _("Please go back and try once more.")
        case _:
            return (
                _("Something went wrong here"),
                _("The fault is ours and has been noted. Please try again in a moment."),
            )


def _problem(status: int, text: str | None = None, allow: Any = None) -> Response:
    title, usual = _titles(status)
    if wants_json():
        answer = jsonify(error=text or title)
    else:
        again = _to_send_again() if status == 503 else None
        answer = _page_or_plain(title, text or usual, status, again)
    answer.status_code = status
    if allow:
        answer.headers["Allow"] = ", ".join(sorted(allow))
    if status == 429:
        answer.headers.setdefault("Retry-After", "60")
    return answer


def _page_or_plain(
    heading: str, text: str, status: int, again: list[tuple[str, str]] | None
) -> Response:
    """A page of ours, or bare words where no page can be made: unknown host, broken template."""
    plain = Response(f"{heading}. {text}\n", mimetype="text/plain")
    if request_ctx.url_adapter is None:
        return plain
    try:
        page = render_template("core/message_page.html", heading=heading, text=text, again=again)
        return make_response(page)
    except Exception:
        if current_app.testing or status < 500:
            raise
        current_app.logger.exception("the page about a failure failed")
        return plain


def _private_unless_said(response: Response) -> Response:
    """Pages that say nothing about caching are nobody else's to keep."""
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store"
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", "60")
    return response


def is_stranger() -> bool:
    """Whether nobody is signed in and nothing waits to be told: the page is the same for all."""
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        return True
    return "_flashes" not in session and not current_user.is_authenticated


def cacheable_page(html: str) -> Response:
    """A page that holds nothing of its reader.

    A stranger's browser may keep it but must ask about it again (ETag), and gets it compressed: it
    holds no secret that could be guessed by its length (BREACH). Every other page goes as it is.
    """
    if not is_stranger():
        return make_response(html)
    encoding = request.accept_encodings.best_match(["br", "gzip"])
    body, tag = _packed(html, encoding)
    response = make_response(body)
    response.headers["Cache-Control"] = "public, no-cache"
    response.headers["Vary"] = "Cookie, Accept-Encoding"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    response.set_etag(tag)
    response.make_conditional(request)
    return response


@lru_cache(maxsize=128)
def _packed(html: str, encoding: str | None) -> tuple[bytes, str]:
    """A page's body in an encoding, and its ETag; made once for as long as it stays the same."""
    body = html.encode()
    tag = hashlib.blake2b(body, digest_size=12).hexdigest()
    if encoding == "br":
        return brotli.compress(body, mode=brotli.MODE_TEXT, quality=5), f"{tag}-br"
    if encoding == "gzip":
        return gzip.compress(body), f"{tag}-gzip"
    return body, tag


def is_safe_path(target: str | None) -> bool:
    """Whether `target` is a path of this site: no host, no scheme, no trick a browser repairs."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return False
    if any(ord(sign) < 0x21 or sign == "\\" for sign in target):
        return False
    parts = urlsplit(target)
    return not parts.netloc and not parts.scheme


def redirect_back(target: str | None, endpoint: str, **values: Any) -> ResponseReturnValue:
    """Go to `target` when it is a path of this site, else to `endpoint`."""
    if target and is_safe_path(target):
        return redirect(target, 303)
    return redirect(url_for(endpoint, **values), 303)


def query_text(name: str = "q") -> str:
    """What a reader looks for by a field of the address or of a posted form, cleaned."""
    return clean_words(request.values.get(name))


def current_query() -> dict[str, str]:
    """The query of this request as values for another link of the same page.

    Left out is what the address of the page says itself, and what `url_for` takes for its own
    ("endpoint", "_method", "_scheme"…): a reader can write such names into an address too.
    """
    own = request.url_rule.arguments if request.url_rule is not None else set()
    return {
        name: value
        for name, value in request.args.items()
        if name != "endpoint" and not name.startswith("_") and name not in own
    }


def see_other(endpoint: str, **values: Any) -> ResponseReturnValue:
    """The answer to a POST that did its work: 303 to the page that shows it."""
    return redirect(url_for(endpoint, **values), 303)


def external_url(endpoint: str, **values: Any) -> str:
    """An absolute link built from the configured base URL, never from the request's Host.

    Works in jobs and commands as well as in requests; public pages need `lang`.
    """
    current_app.inject_url_defaults(endpoint, values)
    base = urlsplit(current_app.config["SETTINGS"].base_url)
    adapter = current_app.url_map.bind(base.netloc, base.path or "/", url_scheme=base.scheme)
    return adapter.build(endpoint, values, force_external=True)
