"""A preview as a page's head has it: title, description, Open Graph, canonical link.

Promises: pure functions; every value is escaped, so none ends its attribute. Crawlers want absolute
addresses: without a public URL there are none, since what a request says of where it went (`Host`)
must not get into what caches keep.
"""

from __future__ import annotations

from html import escape

from api.previews.contents import SITE, Language, Preview

WIDTH, HEIGHT = 1200, 630
_LOCALES: dict[Language, str] = {"en": "en_US", "vi": "vi_VN"}


def head_of(preview: Preview, public_url: str | None) -> str:
    """What stands in the place of the page's title."""
    title = preview.title if preview.title == SITE else f"{preview.title} · {SITE}"
    tags = [
        f"<title>{escape(title)}</title>",
        _named("description", preview.description),
        _property("og:site_name", SITE),
        _property("og:type", "website"),
        _property("og:title", preview.title),
        _property("og:description", preview.description),
        _property("og:locale", _LOCALES[preview.language]),
    ]
    tags += [
        _property("og:locale:alternate", locale)
        for language, locale in _LOCALES.items()
        if preview.path == "/" and language != preview.language
    ]
    if not preview.findable:
        tags.append(_named("robots", "noindex"))
    if public_url is None:
        tags.append(_named("twitter:card", "summary"))
    else:
        if preview.path is not None:
            url = f"{public_url}{preview.path}"
            tags += [
                f'<link rel="canonical" href="{escape(url)}" />',
                _property("og:url", url),
            ]
        picture = preview.picture
        shown = picture.headline or picture.name
        tags += [
            _property("og:image", f"{public_url}{picture_path(preview)}"),
            _property("og:image:type", "image/png"),
            _property("og:image:width", str(WIDTH)),
            _property("og:image:height", str(HEIGHT)),
            _property("og:image:alt", f"{shown} · {picture.state}" if picture.state else shown),
            _named("twitter:card", "summary_large_image"),
        ]
    return "\n    ".join(tags)


def picture_path(preview: Preview) -> str:
    """Where its picture is; another picture is elsewhere, so that crawlers fetch it anew."""
    return f"/preview/{preview.picture_of}/{preview.picture.digest}.png"


def _property(name: str, value: str) -> str:
    return f'<meta property="{name}" content="{escape(value)}" />'


def _named(name: str, value: str) -> str:
    return f'<meta name="{name}" content="{escape(value)}" />'
