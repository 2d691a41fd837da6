"""URLs of one site: canonical form, which belong to it, which are worth reading. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import parse_qsl, quote, unquote, urlencode, urljoin, urlsplit, urlunsplit

import idna
from publicsuffixlist import PublicSuffixList

MAX_URL = 2048

_DEFAULT_PORTS = {"http": 80, "https": 443}
# Says who came and from where, never what the page is.
_TRACKING = re.compile(
    r"utm_\w+|gclid|fbclid|msclkid|yclid|dclid|igshid|mc_[ce]id|_ga|_gl|_hs\w+|ref_?src|"
    r"phpsessid|jsessionid|s_?id|sess(?:ion)?_?(?:id|key)?|aspsessionid\w*|cftoken|cfid|oscsid|xtcsid|zenid|osadcid",
    re.IGNORECASE,
)
# ;jsessionid=… and ASP.NET's /(S(…))/
_PATH_SESSION = re.compile(
    r";(?:jsession|phpsess|s)id=[^/?#]*|/\((?:[A-Z]\([0-9A-Za-z_-]{8,}\))+\)(?=/)", re.IGNORECASE
)
# Spelt as ``canonical`` would spell it, but for a fragment.
_CANONICAL = re.compile(
    r"(https?://[a-z0-9](?:[a-z0-9-]|\.(?=[a-z0-9]))*(?::(?!80(?!\d)|443(?!\d))(?:[1-9]\d{0,3}|[1-5]\d{4}))?"
    r"/(?![./])(?:[A-Za-z0-9!$&'()*+,=:@~_-]|[./](?![./]))*)(?:#.*)?"
)
_NOT_SEEN = "".join(map(chr, range(33))) + "\x7f\x85\xa0"
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:")
_DOTS = re.compile(r"/\.{1,2}(?:/|$)")
_NOT_A_PAGE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|svg|ico|bmp|tiff?|css|m?js|json|xml|rss|atom|txt|map|woff2?|ttf|eot|otf|"
    r"pdf|docx?|xlsx?|pptx?|odt|ods|rtf|csv|ics|vcf|epub|zip|rar|7z|t?gz|bz2|tar|dmg|exe|msi|apk|iso|"
    r"mp3|mp4|m4[av]|avi|mov|wmv|flv|webm|og[gv]|wav|mkv|swf|jar)$",
    re.IGNORECASE,
)
_TRAP = re.compile(
    r"/(?:wp-json|wp-admin|wp-login|wp-content|xmlrpc|cgi-bin|feed|trackback|login|logout|signin|signup|register|"
    r"cart|checkout|basket|warenkorb|panier|carrito|wishlist|my-account|account|cdn-cgi|print|calendar-\d+)(?:[/.?]|$)|"
    r"[?&](?:add-to-cart|replytocom|share|print|format|sort|order(?:by)?|dir|filter\w*|action|do)=",
    re.IGNORECASE,
)
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}")
_SAFE = "!$&'()*+,;=:@/~-._"


@lru_cache(maxsize=1)
def _public_suffixes() -> PublicSuffixList:
    return PublicSuffixList(accept_unknown=False)


@lru_cache(maxsize=4_096)
def registrable_domain(host: str) -> str:
    """The domain its owner registered (``shop.example.co.uk`` -> ``example.co.uk``); an address, a single label or
    a host under no known suffix stands for its last two labels."""
    name = host.lower().rstrip(".")
    if is_address(name):
        return name
    known: str | None = _public_suffixes().privatesuffix(name)
    return known or ".".join(name.split(".")[-2:])


def has_known_suffix(domain: str) -> bool:
    """Does ``domain`` end in a suffix of the public suffix list and is more than that suffix?"""
    return _public_suffixes().privatesuffix(domain) is not None


def is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def host_of(url: str) -> str:
    """Lower-case host; "" when there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def site_key(url: str) -> str:
    """What requests are slowed down by: the lower-case host without ``www.``."""
    return host_of(url).removeprefix("www.")


def site_of(url: str) -> str:
    """What makes two URLs the same site: the registrable domain, or address and port when the host is an address."""
    end = url.find("/", url.find("//") + 2)
    return _site(url if end < 0 else url[:end])


@lru_cache(maxsize=4096)
def _site(origin: str) -> str:
    parts = urlsplit(origin)
    host = parts.hostname or ""
    return parts.netloc.rpartition("@")[2] if is_address(host) else registrable_domain(host)


def origin(url: str) -> str:
    """scheme://host[:port], what a robots.txt speaks for."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def path_of(url: str) -> str:
    """The path of a canonical URL, from its slash on."""
    found = url.partition("?")[0]
    return found[found.index("/", 8) :]


def canonical(url: str, base: str | None = None) -> str | None:
    """One spelling for one page: absolute http(s), lower-case IDNA host, no default port, fragment, user, tracking or
    session parameters, escapes and dots in the path resolved. None for what is not a fetchable URL."""
    url = url.strip(_NOT_SEEN)
    if (same := _CANONICAL.fullmatch(url)) and "/(" not in url:
        return same[1] if len(same[1]) <= MAX_URL else None
    try:
        # Browsers take a backslash for a slash.
        url = url.replace("\\", "/")
        parts = urlsplit(urljoin(base, url) if base else url)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        return None
    if scheme not in _DEFAULT_PORTS or not host:
        return None
    name = _host(host)
    if name is None:
        return None
    netloc = name if port in (None, _DEFAULT_PORTS[scheme]) else f"{name}:{port}"
    path = _escaped(_PATH_SESSION.sub("", parts.path)) or "/"
    if _DOTS.search(path):
        path = urlsplit(urljoin("http://x/", path)).path or "/"
    found = urlunsplit((scheme, netloc, path, _query(parts.query), ""))
    return found if len(found) <= MAX_URL else None


def join(href: str, base: str) -> str | None:
    """``canonical(href, base)`` for the ``href`` of a link and a canonical ``base``, at a fraction of the cost."""
    href = href.strip(_NOT_SEEN)
    if not href or href[0] == "#" or len(href) > 2 * MAX_URL:
        return None
    if href[0] == "/" and href[1:2] not in ("/", "\\"):
        return canonical(f"{base[: base.index('/', 8)]}{href}")
    if href.startswith(("http://", "https://")):
        return canonical(href)
    if _SCHEME.match(href) and not href[:5].lower().startswith("http"):
        return None
    if href[0] in "?/\\" or ":" in href.partition("/")[0]:
        return canonical(href, base)
    return canonical(f"{base.partition('?')[0].rpartition('/')[0]}/{href}")


@lru_cache(maxsize=4096)
def _host(host: str) -> str | None:
    name = unquote(host).rstrip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode()
        except idna.IDNAError:
            return None
    if ":" in name:
        return f"[{name}]" if is_address(name) else None
    return name if re.fullmatch(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?", name) and ".." not in name else None


def _escaped(text: str) -> str:
    if text.isascii() and "%" not in text and " " not in text:
        return quote(text, safe=_SAFE)
    # Keep what is escaped, escape what must be: unquoting would turn %2F into a path separator.
    pieces = _ESCAPED.split(text)
    escapes = [escape.upper() for escape in _ESCAPED.findall(text)] + [""]
    return "".join(
        quote(piece, safe=_SAFE, errors="replace") + escape for piece, escape in zip(pieces, escapes, strict=True)
    )


def _query(query: str) -> str:
    if not query:
        return ""
    pairs = [(name, value) for name, value in parse_qsl(query, keep_blank_values=True) if not _TRACKING.fullmatch(name)]
    return urlencode(pairs, errors="replace")


def is_worth_reading(url: str) -> bool:
    """False for files, feeds, shop carts, sort orders and other places that hold no page of their own."""
    path = url.partition("?")[0]
    return not (_NOT_A_PAGE.search(path) or _TRAP.search(url) or _repeats(path))


def _repeats(path: str) -> bool:
    # /a/b/a/b/a/b: a relative link that a server answers everywhere.
    if path.count("/") < 5:
        return False
    segments = [segment for segment in path.split("/")[3:] if segment]
    return len(segments) > 12 or any(segments.count(segment) > 2 for segment in set(segments))
