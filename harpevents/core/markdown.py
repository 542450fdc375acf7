"""Organisers' texts: Markdown that knows Japanese, made safe HTML."""

from __future__ import annotations

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup
from mdit_py_cjk_friendly import cjk_friendly

TAGS = {
    "p",
    "br",
    "strong",
    "em",
    "ul",
    "ol",
    "li",
    "a",
    "h2",
    "h3",
    "h4",
    "blockquote",
    "code",
    "hr",
}


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).use(cjk_friendly)


@lru_cache(maxsize=512)
def to_html(text: str) -> Markup:
    """The text as HTML with only harmless tags; links carry rel=noopener nofollow."""
    return Markup(  # noqa: S704 -- cleaned by nh3 in the same expression
        nh3.clean(
            _parser().render(text),
            tags=TAGS,
            attributes={"a": {"href"}},
            url_schemes={"http", "https", "mailto"},
            link_rel="noopener noreferrer nofollow",
        )
    )
