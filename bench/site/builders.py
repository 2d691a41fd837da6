"""Markup as site builders make it: their menus, styles, scripts, trackers and state around a page's words. Pure."""

# Markup is as long as builders write it.
# ruff: noqa: E501

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from random import Random


@dataclass(frozen=True)
class Business:
    """``staff`` are (name, e-mail); ``words`` the labels Phone, Fax, E-mail, Hours, More, Director, VAT number."""

    name: str
    domain: str
    language: str
    phone: str
    fax: str
    tel: str
    street: str
    city: str
    email: str
    staff: tuple[tuple[str, str], ...]
    words: tuple[str, ...]

    @property
    def emails(self) -> tuple[str, ...]:
        return (self.email, *(email for _, email in self.staff))

    @property
    def handle(self) -> str:
        return self.domain.partition(".")[0].replace("-", "")


@dataclass(frozen=True)
class Page:
    """``menu`` (label, path) of every page; ``sections`` (heading, paragraphs); ``origin`` scheme, host and port;
    ``everywhere`` sections that stand on every page of the site, as its submenus, cards and banners do."""

    kind: str
    title: str
    path: str
    origin: str
    menu: tuple[tuple[str, str], ...]
    sections: Sequence[tuple[str, tuple[str, ...]]]
    everywhere: Sequence[tuple[str, tuple[str, ...]]]
    dice: Random

    @property
    def of_site(self) -> Page:
        """The page as far as it is like all others: the same names and numbers whenever they are made up."""
        return replace(self, dice=Random(self.origin))

    @property
    def url(self) -> str:
        return f"{self.origin}{self.path}"

    @property
    def images(self) -> list[str]:
        return [f"img-{self.dice.randrange(10**6):06d}" for _ in range(8)]

    def token(self, length: int = 7) -> str:
        return f"{self.dice.getrandbits(4 * length):0{length}x}"


@dataclass(frozen=True)
class Builder:
    name: str
    html: Callable[[Page, Business], str]
    path: Callable[[str], str]
    sections: int
    robots: str
    has_sitemap: bool
    is_portable: bool


# What several builders have in common


def _json_ld(page: Page, business: Business, kind: str) -> str:
    data = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "WebSite", "@id": f"{page.origin}/#website", "url": f"{page.origin}/", "name": business.name},
            {"@type": "WebPage", "@id": page.url, "url": page.url, "name": f"{page.title} - {business.name}",
             "isPartOf": {"@id": f"{page.origin}/#website"}, "inLanguage": business.language,
             "datePublished": "2023-05-11T08:12:44+00:00", "dateModified": "2026-02-03T14:20:01+00:00"},
            {"@type": kind, "@id": f"{page.origin}/#organization", "name": business.name, "telephone": business.tel,
             "email": business.email, "url": page.origin,
             "address": {"@type": "PostalAddress", "streetAddress": business.street,
                         "addressLocality": business.city.split(" ", 1)[1], "postalCode": business.city.split(" ", 1)[0]},
             "sameAs": [f"https://www.facebook.com/{business.handle}", f"https://www.instagram.com/{business.handle}/"]},
        ],
    }  # fmt: skip
    return f'<script type="application/ld+json" class="schema-graph">{json.dumps(data, ensure_ascii=False)}</script>'


def _metas(page: Page, business: Business, generator: str) -> str:
    title, about = escape(f"{page.title} - {business.name}"), escape(page.sections[0][1][0][:155])
    return f"""<meta charset="UTF-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><meta name="description" content="{about}">
<link rel="canonical" href="{page.url}"><meta name="generator" content="{generator}">
<meta property="og:locale" content="{business.language}"><meta property="og:type" content="website">
<meta property="og:title" content="{title}"><meta property="og:description" content="{about}">
<meta property="og:url" content="{page.url}"><meta property="og:image" content="{page.origin}/media/og-1200x630.jpg">
<meta name="twitter:card" content="summary_large_image">
<link rel="icon" href="/media/favicon-32x32.png" sizes="32x32"><link rel="apple-touch-icon" href="/media/touch.png">
"""


def _trackers(page: Page) -> str:
    page = page.of_site
    tag, pixel = page.token(10).upper(), page.dice.randrange(10**14, 10**15)
    return f"""<script async src="https://www.googletagmanager.com/gtag/js?id=G-{tag}"></script>
<script>window.dataLayer=window.dataLayer||[];function gtag(){{dataLayer.push(arguments);}}gtag('js',new Date());
gtag('consent','default',{{ad_storage:'denied',analytics_storage:'denied',wait_for_update:500}});gtag('config','G-{tag}',
{{anonymize_ip:true}});</script>
<script>!function(f,b,e,v,n,t,s){{if(f.fbq)return;n=f.fbq=function(){{n.callMethod?n.callMethod.apply(n,arguments):
n.queue.push(arguments)}};if(!f._fbq)f._fbq=n;n.push=n;n.loaded=!0;n.version='2.0';n.queue=[];t=b.createElement(e);
t.async=!0;t.src=v;s=b.getElementsByTagName(e)[0];s.parentNode.insertBefore(t,s)}}(window,document,'script',
'https://connect.facebook.net/en_US/fbevents.js');fbq('init','{pixel}');fbq('track','PageView');</script>
<noscript><img height="1" width="1" style="display:none" src="https://www.facebook.com/tr?id={pixel}&amp;ev=PageView"/></noscript>
<script>window.errorSettings={{dsn:"https://{page.token(32)}@o{page.dice.randrange(10**6)}.ingest.sentry.io/{page.dice.randrange(10**6)}"}};</script>
"""


def _css(page: Page, rules: int, prefix: str) -> str:
    """``rules`` rules, about 130 bytes each, every eighth in a media query; a fifth is the page's own."""
    of_site, found = page.of_site, []
    for number in range(rules):
        page = page if number >= rules - rules // 5 else of_site
        dice = page.dice
        rule = (
            f".{prefix}-{number % 9} .{prefix}-element-{page.token()}>.{prefix}-container{{margin:{dice.randint(0, 60)}px "
            f"0 {dice.randint(0, 60)}px 0;padding:{dice.randint(0, 9)}em;color:#{page.token(6)};font-size:{dice.randint(11, 48)}px}}"
        )
        found.append(f"@media(max-width:{dice.choice((767, 1024))}px){{{rule}}}" if number % 8 == 7 else rule)
    fonts = "@font-face{font-family:Inter;font-display:swap;src:url(/media/inter.woff2) format('woff2')}"
    return f"<style>{fonts}{''.join(found)}</style>"


def _state(page: Page, business: Business, entries: int) -> str:
    """JSON as builders hand to their scripts, about 190 bytes an entry; the same on every page of the site."""
    page = page.of_site
    dice = page.dice
    return json.dumps(
        {
            "site": {"name": business.name, "locale": business.language, "currency": "EUR", "id": page.token(24)},
            "components": {
                f"comp-{page.token(8)}": {
                    "type": dice.choice(("WRichText", "StripColumns", "WPhoto", "LinkBar", "Container")),
                    "skin": f"skins.viewer.{page.token(6)}",
                    "layout": {"x": dice.randrange(980), "y": dice.randrange(4000), "width": dice.randrange(980)},
                    "uri": f"{page.token(12)}~mv2.jpg",
                    "isVisible": True,
                }
                for _ in range(entries)
            },
        },
        ensure_ascii=False,
    )


def _icon(page: Page) -> str:
    page = page.of_site
    curve = " ".join(f"{page.dice.randint(0, 512)}.{page.dice.randint(0, 99)}" for _ in range(24))
    return f'<svg aria-hidden="true" viewBox="0 0 512 512"><path d="M{curve}z"></path></svg>'


def _picture(page: Page, name: str, alt: str, folder: str) -> str:
    sizes = ", ".join(f"{folder}/{name}-{width}x{width * 2 // 3}.jpg {width}w" for width in (300, 768, 1024, 1536))
    return (
        f'<img loading="lazy" decoding="async" width="1024" height="683" src="{folder}/{name}-1024x683.jpg" '
        f'class="attachment-large size-large" alt="{escape(alt)}" srcset="{sizes}" sizes="(max-width:1024px) 100vw, 1024px">'
    )


def _socials(page: Page, business: Business, item: str) -> str:
    """The business's own profiles; ``item`` takes a link."""
    return "".join(
        item.format(
            f'<a class="social social-{name.lower()}" href="{url}{business.handle}" target="_blank" rel="noopener">'
            f'<span class="visually-hidden">{name}</span>{_icon(page)}</a>'
        )
        for name, url in (
            ("Facebook", "https://www.facebook.com/"),
            ("Instagram", "https://www.instagram.com/"),
            ("LinkedIn", "https://www.linkedin.com/company/"),
        )
    )


def _submenu(page: Page, n: int, css: str) -> str:
    """What folds out under entry ``n`` of a menu: every third has parts of its page there."""
    if n % 3:
        return ""
    path = page.menu[n][1]
    entries = "".join(
        f'<li class="{css}"><a href="{path}#{heading.split()[0].lower()}-{part}" class="{css}__link"><span>{heading[:28]}</span></a></li>'
        for part, (heading, _) in enumerate(page.everywhere[:5])
    )
    return f'<ul class="{css}-list" aria-expanded="false">{entries}</ul>'


def _cards(page: Page, business: Business, css: str) -> str:
    """A grid of what is on offer: icon, heading, words, list, link."""
    found, of_site = [], page.of_site
    for n in range(9):
        label, path = page.menu[(n + 2) % len(page.menu)]
        heading, paragraphs = page.everywhere[n % len(page.everywhere)]
        points = "".join(f"<li><span>{point.strip()}</span></li>" for point in paragraphs[0].split(",")[:4])
        found.append(
            f'<div class="{css}-col"><div class="{css}-box"><div class="{css}-icon"><a href="{path}" tabindex="-1"><i class="fas fa-check"></i></a>'
            f'</div><div class="{css}-content"><h4 class="{css}-title"><a href="{path}">{heading[:40]}</a></h4><ul>{points}</ul>'
            f'<a class="{css}-more" href="{path}#{of_site.token(4)}"><span>{business.words[4]}</span> <em>{label}</em></a></div></div></div>'
        )
    return f'<div class="{css}-grid">{"".join(found)}</div>'


def _shares(page: Page) -> str:
    quoted = page.url.replace(":", "%3A").replace("/", "%2F")
    return (
        f'<a href="https://www.facebook.com/sharer/sharer.php?u={quoted}" rel="nofollow">Facebook</a> '
        f'<a href="https://twitter.com/intent/tweet?url={quoted}" rel="nofollow">X</a> '
        f'<a href="https://api.whatsapp.com/send?text={quoted}" rel="nofollow">WhatsApp</a>'
    )


def _mail(address: str) -> str:
    return f'<a href="mailto:{address}">{address}</a>'


def _tel(business: Business) -> str:
    return f'<a href="tel:{business.tel}">{business.phone}</a>'


def _contact(business: Business, line: str = "<p>{}</p>") -> str:
    phone, fax, email, hours, *_ = business.words
    return "".join(
        line.format(part)
        for part in (
            f"<strong>{escape(business.name)}</strong>",
            f"{business.street}<br>{business.city}",
            f"{phone}: {_tel(business)}<br>{fax}: {business.fax}<br>{email}: {_mail(business.email)}",
            f"{hours}: 8:00 - 12:00, 13:30 - 18:00",
        )
    )


def _special(page: Page, business: Business) -> list[str]:
    """What a page of its kind has besides words."""
    director, vat = business.words[5], business.words[6]
    if page.kind == "contact":
        fields = "".join(
            f'<div class="field"><label for="f{n}">{label}</label><input id="f{n}" name="f{n}" type="text" required></div>'
            for n, label in enumerate(("Name", business.words[2], business.words[0]))
        )
        return [
            _contact(business),
            f'<form action="{page.path}" method="post">{fields}<textarea name="message" rows="6"></textarea>'
            f'<input type="hidden" name="token" value="{page.token(32)}"><button type="submit">OK</button></form>',
        ]
    if page.kind == "imprint":
        number = page.dice.randrange(10**8, 10**9)
        return [_contact(business), f"<p>{director}: {business.staff[0][0]}</p><p>{vat}: {number}</p>"]
    if page.kind == "team":
        return [
            f'<div class="member"><h3>{name}</h3><p>{director if n == 0 else page.menu[5][0]}</p><p>{_mail(email)}</p></div>'
            for n, (name, email) in enumerate(business.staff)
        ]
    if page.kind == "news":
        return [
            f'<article><time datetime="2026-0{n + 1}-15">15.0{n + 1}.2026</time><h3>{heading}</h3><p>{words[0]}</p>'
            f'<a href="{page.path}#news-{n}">{business.words[4]}</a></article>'
            for n, (heading, words) in enumerate(page.sections[:4])
        ]
    if page.kind == "prices":
        return [
            "<table>"
            + "".join(
                f"<tr><td>{heading}</td><td>{page.dice.randint(9, 990)},00 €</td></tr>" for heading, _ in page.sections
            )
            + f'</table><p><a href="/media/{page.menu[9][1].strip("/") or "list"}-2026.pdf">PDF</a></p>'
        ]
    return []


def _cookie_banner(page: Page) -> str:
    choices = "".join(
        f'<div class="cc-row"><input type="checkbox" id="cc-{name}"><label for="cc-{name}">{name}</label>'
        f'<p class="cc-text">{escape(page.everywhere[-1][1][0][:180])}</p></div>'
        for name in ("essential", "statistics", "marketing", "external-media")
    )
    link = f'<a href="{page.menu[8][1]}">{page.menu[8][0]}</a>'
    return f'<div id="cc-banner" role="dialog" aria-modal="true" style="display:none">{choices}{link}<button>OK</button></div>'


# The builders


def _wordpress(page: Page, business: Business) -> str:
    def items(css: str) -> str:
        return "".join(
            f'<li id="menu-item-{n + 20}" class="menu-item menu-item-type-post_type menu-item-object-page menu-item-{n + 20}'
            f'{" current-menu-item" if path == page.path else ""}"><a href="{page.origin}{path}" class="{css}">{label}</a>'
            f"{_submenu(page, n, 'sub-menu')}</li>"
            for n, (label, path) in enumerate(page.menu)
        )

    def element(kind: str, inner: str) -> str:
        token = page.token()
        settings = escape('{"_animation":"fadeIn","motion_fx_translateY_effect":"yes"}')
        return (
            f'<div class="elementor-element elementor-element-{token} elementor-widget elementor-widget-{kind}" '
            f'data-id="{token}" data-element_type="widget" data-settings="{settings}" data-widget_type="{kind}.default">'
            f'<div class="elementor-widget-container">{inner}</div></div>'
        )

    def section(inner: str) -> str:
        token = page.token()
        return (
            f'<section class="elementor-section elementor-top-section elementor-element elementor-element-{token} '
            f'elementor-section-boxed elementor-section-height-default" data-id="{token}" data-element_type="section">'
            f'<div class="elementor-container elementor-column-gap-default"><div class="elementor-column elementor-col-100 '
            f'elementor-top-column" data-id="{page.token()}" data-element_type="column"><div class="elementor-widget-wrap '
            f'elementor-element-populated">{inner}</div></div></div></section>'
        )

    images, folder = page.images, f"{page.origin}/wp-content/uploads/2025/03"
    body = []
    for n, (heading, paragraphs) in enumerate(page.sections):
        label, path = page.menu[(n + 1) % len(page.menu)]
        inner = element("heading", f'<h2 class="elementor-heading-title elementor-size-default">{heading}</h2>')
        inner += element("text-editor", "".join(f"<p>{text}</p>" for text in paragraphs))
        if n % 2 == 0:
            name = images[n % len(images)]
            picture = _picture(page, name, heading, folder)
            inner += element("image", f'<a href="{folder}/{name}.jpg" data-elementor-open-lightbox="yes">{picture}</a>')
        else:
            button = f'<a class="elementor-button elementor-button-link" href="{page.origin}{path}">{label}</a>'
            inner += element("button", f'<div class="elementor-button-wrapper">{button}</div>')
        body.append(section(inner))
    body.append(section(element("icon-box", _cards(page, business, "elementor-icon-box"))))
    body.extend(section(element("html", block)) for block in _special(page, business))
    config = json.dumps(
        {"ajaxurl": f"{page.origin}/wp-admin/admin-ajax.php", "nonce": page.token(10), "version": "3.25.4"}
    )
    plugins = "".join(
        f'<link rel="stylesheet" id="{name}-css" href="{page.origin}/wp-content/plugins/{name}/style.min.css?ver=3.{n}.4" media="all">'
        f'<script src="{page.origin}/wp-content/plugins/{name}/app.min.js?ver=3.{n}.4" id="{name}-js" defer></script>'
        for n, name in enumerate(
            ("elementor", "elementor-pro", "contact-form-7", "complianz-gdpr", "wp-rocket", "jquery")
        )
    )
    return f"""<!DOCTYPE html>
<html lang="{business.language}"><head>{_metas(page, business, "WordPress 6.7.1")}
<link rel="alternate" type="application/rss+xml" title="Feed" href="{page.origin}/feed/">
<link rel="https://api.w.org/" href="{page.origin}/wp-json/"><link rel="EditURI" href="{page.origin}/xmlrpc.php?rsd">
{_json_ld(page, business, "LocalBusiness")}{_css(page, 60, "elementor")}{plugins}{_trackers(page)}</head>
<body class="page-template-default page page-id-{page.dice.randrange(999)} wp-custom-logo elementor-default">
<a class="skip-link screen-reader-text" href="#content">{page.title}</a>
<header data-elementor-type="header" class="elementor elementor-27">{
        section(
            element(
                "nav-menu",
                f'<a href="{page.origin}/"><img src="{folder}/logo.png" alt="{escape(business.name)}" class="custom-logo"></a>'
                f'<nav class="elementor-nav-menu--main"><ul class="elementor-nav-menu">{items("elementor-item")}</ul></nav>'
                f'<nav class="elementor-nav-menu--dropdown" aria-hidden="true"><ul>{items("elementor-item")}</ul></nav>',
            )
        )
    }</header>
<main id="content">{"".join(body)}</main>
<footer data-elementor-type="footer" class="elementor elementor-88">{
        section(
            element("text-editor", _contact(business))
            + element("social-icons", _socials(page, business, '<span class="elementor-grid-item">{}</span>'))
            + element("nav-menu", f"<ul>{items('elementor-sub-item')}</ul>")
        )
    }<p>{_shares(page)}</p></footer>
{_cookie_banner(page)}<script id="elementor-frontend-js-before">var elementorFrontendConfig={config};
var stateOfWidgets={_state(page, business, 20)};</script>
<script>document.addEventListener('click',function(e){{if(e.target.matches('.elementor-button'))gtag('event','click')}});</script>
</body></html>"""


def _wix(page: Page, business: Business) -> str:
    def rich(tag: str, inner: str) -> str:
        token = page.token(8)
        return (
            f'<div id="comp-{token}" class="HcOXKn c9GqVL QxJLC3 lq2cno comp-{token} wixui-rich-text" data-testid="richTextElement">'
            f'<{tag} class="font_8 wixui-rich-text__text" style="font-size:16px;line-height:1.6em"><span class="color_15 '
            f'wixui-rich-text__text" style="letter-spacing:normal;font-family:avenir-lt-w01_35-light1475496,sans-serif">'
            f"{inner}</span></{tag}></div>"
        )

    def strip(inner: str) -> str:
        token = page.token(8)
        return (
            f'<section id="comp-{token}" tabindex="-1" class="Oqnisf comp-{token} wixui-section"><div id="bgLayers_comp-{token}" '
            f'data-hook="bgLayers" data-motion-part="BG_LAYER comp-{token}" class="MW5IWV"><div data-testid="colorUnderlay" '
            f'class="LWbAav Kv1aVt"></div><div id="bgMedia_comp-{token}" class="VgO9Yg"></div></div><div data-mesh-id="comp-{token}'
            f'inlineContent" data-testid="inline-content"><div data-mesh-id="comp-{token}inlineContent-gridContainer" '
            f'data-testid="mesh-container-content">{inner}</div></div></section>'
        )

    menu = "".join(
        f'<li id="comp-menu{n}" data-direction="false" data-listposition="center" data-data-id="dataItem-{page.token(8)}" '
        f'class="xTjc1A {"selected" if path == page.path else ""}" data-index="{n}"><a data-testid="linkElement" '
        f'href="{page.origin}{path}" target="_self" class="UT39oG"><div class="JS76Uv"><div class="">'
        f'<div class="aWTgIN"><p class="k_7hFP" id="comp-menu{n}label">{label}</p></div></div></div></a>{_submenu(page, n, "RWdTLi")}</li>'
        for n, (label, path) in enumerate(page.menu)
    )
    body = "".join(
        strip(
            rich("h2", heading)
            + "".join(rich("p", text) for text in paragraphs)
            + f'<a data-testid="linkElement" href="{page.origin}{page.menu[n % len(page.menu)][1]}" target="_self" class="uDW_Qe">'
            f'<span class="l7_2fn wixui-button__label">{page.menu[n % len(page.menu)][0]}</span></a>'
            + f'<wow-image id="img_{page.token(8)}" class="HlRz5e">{_picture(page, name, heading, "https://static.wixstatic.com/media")}'
            "</wow-image>"
        )
        for n, ((heading, paragraphs), name) in enumerate(zip(page.sections, page.images * 2, strict=False))
    )
    body += strip(_cards(page, business, "wixui-repeater"))
    body += "".join(strip(block) for block in _special(page, business))
    return f"""<!DOCTYPE html>
<html lang="{business.language}"><head>{_metas(page, business, "Wix.com Website Builder")}
{_json_ld(page, business, "LocalBusiness")}{_css(page, 35, "comp")}{_trackers(page)}
<script>window.viewerModel={
        _state(page, business, 25)
    };window.fedops={{data:{{site:{{appName:'thunderbolt'}}}}}};</script></head>
<body class="responsive"><div id="SITE_CONTAINER"><div id="main_MF" class="main_MF"><div id="SCROLL_TO_TOP" class="Vd6aQZ">&nbsp;</div>
<header id="SITE_HEADER" class="x4zVYf SITE_HEADER wixui-header"><nav aria-label="Site" class="IcMu85"><ul class="YXlfNd" role="menubar">
{menu}</ul></nav><div class="wixui-dropdown-menu" style="visibility:hidden"><ul>{menu}</ul></div></header>
<main id="PAGES_CONTAINER" tabindex="-1" data-main-content="true">{body}</main>
<footer id="SITE_FOOTER" class="x4zVYf wixui-footer">{
        strip(
            rich("p", f"{business.street}, {business.city}")
            + rich("p", f"{business.words[0]} {_tel(business)}")
            + rich("p", _mail(business.email))
            + _socials(page, business, '<li class="cGWabE">{}</li>')
        )
    }<ul>{menu}</ul></footer></div></div>
<script type="application/json" id="wix-warmup-data">{_state(page, business, 20)}</script>
<script src="https://static.parastorage.com/services/wix-thunderbolt/dist/main.{
        page.token(8)
    }.bundle.min.js" async></script>
</body></html>"""


def _bootstrap(page: Page, business: Business) -> str:
    items = "".join(
        f'<li class="nav-item"><a class="nav-link{" active" if path == page.path else ""}" href="{path}">{label}</a>'
        f"{_submenu(page, n, 'dropdown-item')}</li>"
        for n, (label, path) in enumerate(page.menu)
    )
    cards = "".join(
        f'<div class="col-12 col-md-6 col-lg-4 mb-4"><div class="card h-100 shadow-sm">'
        f'{_picture(page, name, heading, "/img")}<div class="card-body"><h5 class="card-title">{heading}</h5>'
        f'{"".join(f"<p class=card-text>{text}</p>" for text in paragraphs)}<a href="{page.menu[n % 10][1]}" '
        f'class="btn btn-primary btn-sm stretched-link">{business.words[4]} <i class="bi bi-arrow-right"></i></a></div></div></div>'
        for n, ((heading, paragraphs), name) in enumerate(zip(page.sections, page.images * 2, strict=False))
    )
    return f"""<!doctype html>
<html lang="{business.language}"><head>{_metas(page, business, "hand made")}
<link href="https://cdn.jsdelivr.net/npm/bootstrap@5.3.3/dist/css/bootstrap.min.css" rel="stylesheet" integrity="sha384-{page.token(48)}">
<link href="https://cdn.jsdelivr.net/npm/bootstrap-icons@1.11.3/font/bootstrap-icons.min.css" rel="stylesheet">
{_css(page, 15, "bs")}{_trackers(page)}</head><body>
<nav class="navbar navbar-expand-lg sticky-top bg-body-tertiary"><div class="container"><a class="navbar-brand" href="/">
<img src="/img/logo.svg" alt="Logo {escape(business.name)}" height="40"></a><button class="navbar-toggler" type="button"
data-bs-toggle="collapse" data-bs-target="#nav" aria-label="Menu"><span class="navbar-toggler-icon"></span></button>
<div class="collapse navbar-collapse" id="nav"><ul class="navbar-nav ms-auto">{items}</ul></div></div></nav>
<section class="py-5 text-center container"><h1 class="fw-light">{page.title}</h1><p class="lead">{page.sections[0][1][0]}</p></section>
<main class="container"><div class="row">{cards}</div>{_cards(page, business, "feature")}
{"".join(f'<div class="row my-4"><div class="col-lg-8 mx-auto">{block}</div></div>' for block in _special(page, business))}</main>
<footer class="py-5 bg-dark text-light"><div class="container"><div class="row"><div class="col-md-4">{_contact(business)}</div>
<div class="col-md-4"><ul class="list-unstyled">{items}</ul></div><div class="col-md-4">
{_socials(page, business, '<span class="me-3">{}</span>')}<p>{_shares(page)}</p></div></div></div></footer>{_cookie_banner(page)}
<script src="https://cdn.jsdelivr.net/npm/bootstrap@5.3.3/dist/js/bootstrap.bundle.min.js"></script>
<script>(()=>{{'use strict';document.querySelectorAll('.needs-validation').forEach(f=>f.addEventListener('submit',e=>{{
if(!f.checkValidity())e.preventDefault()}}))}})();</script></body></html>"""


def _tables(page: Page, business: Business) -> str:
    menu = "".join(
        f'<tr><td width="12" bgcolor="#CC9900"><img src="pix/spacer.gif" width="12" height="1" border="0" alt=""></td>'
        f'<td height="22" bgcolor="#F5EEDC" onMouseOver="this.bgColor=\'#FFFFFF\'" onMouseOut="this.bgColor=\'#F5EEDC\'">'
        f'<font face="Verdana, Arial, Helvetica, sans-serif" size="2" color="#333333"><a href="{path.strip("/") or "./"}" '
        f'class="nav"><b>{label}</b></a></font></td></tr>'
        for label, path in page.menu
    )
    rows = "".join(
        f'<tr><td colspan="2"><font face="Verdana, Arial, Helvetica, sans-serif" size="4" color="#663300"><b>{heading}</b></font></td></tr>'
        f'<tr><td valign="top" width="160"><a href="pix/{name}.jpg" target="_blank"><img src="pix/{name}_k.jpg" width="150" height="100" '
        f'border="1" hspace="5" vspace="5" alt="{heading}"></a></td><td valign="top">'
        + "".join(
            f'<p align="justify"><font face="Verdana, Arial, Helvetica, sans-serif" size="2">{text}&nbsp;</font></p>'
            for text in paragraphs
        )
        + "</td></tr>"
        '<tr><td colspan="2" background="pix/linie.gif"><img src="pix/spacer.gif" width="1" height="3" border="0" alt=""></td></tr>'
        for (heading, paragraphs), name in zip(page.sections, page.images * 3, strict=False)
    )
    blocks = "".join(
        f'<tr><td colspan="2"><font face="Verdana" size="2">{block}</font></td></tr>'
        for block in _special(page, business)
    )
    return f"""<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=utf-8"><META NAME="GENERATOR" CONTENT="NetObjects Fusion 7">
<TITLE>{escape(business.name)}: {page.title}</TITLE><META NAME="keywords" CONTENT="{escape(business.name)}, {business.city}">
<SCRIPT LANGUAGE="JavaScript"><!--
{"".join(f"function MM_{page.token(6)}(a,b){{var d=document;if(d.images){{if(!d.MM_p)d.MM_p=new Array();var i,j=d.MM_p.length;for(i=0;i<a.length;i++)if(a[i].indexOf('#')!=0){{d.MM_p[j]=new Image;d.MM_p[j++].src=a[i];}}}}}}" + chr(10) for _ in range(8))}
//--></SCRIPT>{_css(page, 12, "txt")}</HEAD>
<BODY BGCOLOR="#FFFFFF" TEXT="#000000" LINK="#993300" LEFTMARGIN="0" TOPMARGIN="0" onLoad="MM_preloadImages('pix/a.gif','pix/b.gif')">
<TABLE WIDTH="960" BORDER="0" CELLSPACING="0" CELLPADDING="0" ALIGN="center"><TR><TD COLSPAN="2" BACKGROUND="pix/kopf.jpg" HEIGHT="120">
<CENTER><FONT SIZE="6" COLOR="#663300"><I>{escape(business.name)}</I></FONT></CENTER></TD></TR><TR><TD VALIGN="top" WIDTH="180">
<TABLE WIDTH="180" BORDER="0" CELLSPACING="1" CELLPADDING="2">{menu}</TABLE></TD><TD VALIGN="top"><H1>{page.title}</H1>
<TABLE WIDTH="100%" BORDER="0" CELLPADDING="4">{rows}{blocks}</TABLE></TD></TR>
<TR><TD COLSPAN="2" ALIGN="center"><FONT SIZE="1">{escape(business.name)} &#8226; {business.street} &#8226; {business.city} &#8226;
{business.words[0]} {business.phone} &#8226; {business.words[1]} {business.fax} &#8226; {_mail(business.email)}<BR>
{" | ".join(f'<a href="{path.strip("/") or "./"}">{label}</a>' for label, path in page.menu)}</FONT></TD></TR></TABLE>
<!-- Counter --><IMG SRC="https://counter.example.net/c.pl?id={page.token(6)}" WIDTH="1" HEIGHT="1"></BODY></HTML>"""


def _typo3(page: Page, business: Business) -> str:
    def items(level: int) -> str:
        return "".join(
            f'<li class="nav__item nav__item--level-{level}{" is-active" if path == page.path else ""}"><a href="{path}" '
            f'title="{label}" target="_self" class="nav__link"><span class="nav__text">{label}</span></a>{_submenu(page, n, "nav__sub")}</li>'
            for n, (label, path) in enumerate(page.menu)
        )

    contents = "".join(
        f'<div id="c{page.dice.randrange(9999)}" class="frame frame-default frame-type-textmedia frame-layout-0 frame-background-none">'
        f'<div class="frame-group-container"><div class="frame-group-inner"><div class="frame-container frame-container-default">'
        f'<div class="frame-inner"><header class="frame-header"><h2 class="element-header"><span>{heading}</span></h2></header>'
        f'<div class="textmedia textmedia-right"><div class="textmedia-item textmedia-gallery"><figure class="image"><a class="lightbox" '
        f'href="/fileadmin/user_upload/{name}.jpg" title="{heading}">{_picture(page, name, heading, "/fileadmin/_processed_")}</a>'
        f'<figcaption class="caption">{heading}</figcaption></figure></div><div class="textmedia-item textmedia-text">'
        + "".join(f"<p>{text}</p>" for text in paragraphs)
        + f'<p><a href="{page.menu[n % 10][1]}" class="internal-link">{page.menu[n % 10][0]}</a></p></div></div></div></div></div></div></div>'
        for n, ((heading, paragraphs), name) in enumerate(zip(page.sections, page.images * 2, strict=False))
    )
    blocks = "".join(
        f'<div class="frame frame-type-html"><div class="frame-inner">{block}</div></div>'
        for block in _special(page, business)
    )
    return f"""<!DOCTYPE html>
<html lang="{business.language}" dir="ltr" class="no-js"><head>{_metas(page, business, "TYPO3 CMS")}
<!-- This website is powered by TYPO3 - inspiring people to share! TYPO3 is a free open source Content Management Framework. -->
<link rel="stylesheet" href="/typo3temp/assets/compressed/merged-{page.token(32)}.css?1700000000" media="all">
{_css(page, 30, "frame")}{_json_ld(page, business, "Organization")}</head>
<body id="p{page.dice.randrange(999)}" class="page-{page.dice.randrange(99)} pagelevel-1 language-0 backendlayout-default layout-default">
<div id="top"></div><div class="body-bg body-bg-top"><a class="visually-hidden-focusable" href="#page-content"><span>{page.title}</span></a>
<header id="page-header" class="bp-page-header navbar navbar-mainnavigation"><div class="container"><a class="navbar-brand" href="/">
<img class="navbar-brand-logo" src="/fileadmin/logo.svg" alt="{escape(business.name)} logo" height="52" width="180"></a>
<nav aria-label="Main" id="mainnavigation"><ul class="navbar-nav">{items(1)}</ul></nav></div></header>
<nav class="breadcrumb-section" aria-label="Breadcrumb"><ol class="breadcrumb"><li><a href="/">{page.menu[0][0]}</a></li>
<li class="active">{page.title}</li></ol></nav><main id="page-content" class="bp-page-content"><h1>{page.title}</h1>
<!--TYPO3SEARCH_begin-->{contents}{_cards(page, business, "card-group")}{blocks}<!--TYPO3SEARCH_end--></main>
<footer id="page-footer"><section class="section footer-section"><div class="container"><div class="column">{_contact(business)}</div>
<div class="column"><ul>{items(2)}</ul></div><div class="column">{_socials(page, business, "<li>{}</li>")}</div></div></section></footer></div>
{_cookie_banner(page)}<script src="/typo3temp/assets/compressed/merged-{page.token(32)}.js?1700000000"></script>
<script>var _paq=window._paq=window._paq||[];_paq.push(['trackPageView']);_paq.push(['enableLinkTracking']);(function(){{var u="/matomo/";
_paq.push(['setTrackerUrl',u+'matomo.php']);_paq.push(['setSiteId','3']);var d=document,g=d.createElement('script'),
s=d.getElementsByTagName('script')[0];g.async=true;g.src=u+'matomo.js';s.parentNode.insertBefore(g,s);}})();</script></body></html>"""


def _shop(page: Page, business: Business) -> str:
    items = "".join(
        f'<li><a id="HeaderMenu-{n}" href="{path}" class="header__menu-item list-menu__item link link--text focus-inset" '
        f"{'aria-current=page' if path == page.path else ''}><span>{label}</span></a>{_submenu(page, n, 'header__submenu')}</li>"
        for n, (label, path) in enumerate(page.menu)
    )
    drawer = "".join(
        f'<li><a href="{path}" class="menu-drawer__menu-item link">{label}</a>{_submenu(page, n, "menu-drawer__submenu")}</li>'
        for n, (label, path) in enumerate(page.menu)
    )
    sections = "".join(
        f'<section id="shopify-section-template--{page.token(12)}__rich_text_{n}" class="shopify-section section">'
        f'<link href="//{business.domain}/cdn/shop/t/4/assets/section-rich-text.css?v={page.token(20)}" rel="stylesheet" media="all">'
        f'<div class="isolate"><div class="rich-text content-container color-scheme-{n % 5} gradient rich-text--full-width"><div class="rich-text__wrapper">'
        f'<div class="rich-text__blocks center"><h2 class="rich-text__heading rte inline-richtext h1 scroll-trigger animate--slide-in">{heading}</h2>'
        f'<div class="rich-text__text rte">{"".join(f"<p>{text}</p>" for text in paragraphs)}</div></div></div></div></div></section>'
        for n, (heading, paragraphs) in enumerate(page.sections)
    )
    products = "".join(
        f'<li class="grid__item"><div class="card-wrapper product-card-wrapper underline-links-hover"><div class="card card--standard card--media" '
        f'style="--ratio-percent: 100%;"><div class="card__inner color-scheme-2 gradient ratio"><div class="card__media"><div class="media '
        f'media--transparent media--hover-effect">{_picture(page, name, heading, "/cdn/shop/files")}</div></div></div><div class="card__content">'
        f'<div class="card__information"><h3 class="card__heading h5" id="title-{page.token(10)}"><a href="{page.menu[5][1]}#{name}" class="full-unstyled-link">'
        f'{heading}</a></h3><div class="price"><span class="price-item price-item--regular">€{page.dice.randint(4, 190)},{page.dice.randint(0, 99):02d} EUR</span>'
        f"</div></div></div></div></div></li>"
        for (heading, _), name in zip(page.sections, page.images, strict=False)
    )
    variants = json.dumps(
        [
            {"id": page.dice.randrange(10**13, 10**14), "title": heading, "price": page.dice.randint(400, 19000), "sku": page.token(8),
             "available": True, "barcode": str(page.dice.randrange(10**12, 10**13)), "weight": page.dice.randint(50, 900)}
            for heading, _ in page.sections * 8
        ],
        ensure_ascii=False,
    )  # fmt: skip
    return f"""<!doctype html>
<html class="no-js" lang="{business.language}"><head>{_metas(page, business, "Shopify")}
<script>window.performance&&window.performance.mark&&window.performance.mark('shopify.content_for_header.start');</script>
<meta id="shopify-digital-wallet" name="shopify-digital-wallet" content="/{page.dice.randrange(10**10)}/digital_wallets/dialog">
<script id="shopify-features" type="application/json">{{"accessToken":"{page.token(32)}","betas":["rich-media-storefront-analytics"]}}</script>
<script>var Shopify=Shopify||{{}};Shopify.shop="{business.handle}.myshopify.com";Shopify.locale="{business.language}";
Shopify.currency={{"active":"EUR","rate":"1.0"}};Shopify.theme={_state(page, business, 25)};</script>
{_css(page, 35, "color")}{_json_ld(page, business, "Store")}{_trackers(page)}</head><body class="gradient">
<a class="skip-to-content-link button visually-hidden" href="#MainContent">{page.title}</a>
<header class="header header--middle-left header--mobile-center"><a href="/" class="header__heading-link link link--text focus-inset">
<img src="/cdn/shop/files/logo.png?v=1700000000&amp;width=600" alt="{escape(business.name)}" class="header__heading-logo"></a>
<nav class="header__inline-menu"><ul class="list-menu list-menu--inline" role="list">{items}</ul></nav>
<div class="menu-drawer"><ul class="menu-drawer__menu has-submenu list-menu">{drawer}</ul></div></header>
<main id="MainContent" class="content-for-layout focus-none" role="main" tabindex="-1"><h1>{page.title}</h1>{sections}
<ul class="grid product-grid grid--2-col-tablet-down grid--4-col-desktop">{products}</ul>{_cards(page, business, "multicolumn")}
{"".join(f'<div class="page-width page-width--narrow section rte">{block}</div>' for block in _special(page, business))}</main>
<footer class="footer color-scheme-1 gradient section-footer-padding"><div class="footer__content-top page-width"><div class="footer__blocks-wrapper grid">
<div class="footer-block grid__item">{_contact(business)}</div><div class="footer-block grid__item"><ul class="footer-block__details-content list-unstyled">{drawer}</ul></div>
<ul class="footer__list-social list-unstyled list-social">{_socials(page, business, '<li class="list-social__item">{}</li>')}</ul></div></div></footer>
<script type="application/json" data-product-json>{variants}</script>{_cookie_banner(page)}
<script>window.shopUrl='{page.origin}';window.routes={{cart_add_url:'/cart/add',cart_url:'/cart',predictive_search_url:'/search/suggest'}};</script>
</body></html>"""


def _joomla(page: Page, business: Business) -> str:
    items = "".join(
        f'<li class="nav-item item-{n + 101}{" default current active" if path == page.path else ""}"><a href="{path}">{label}</a>'
        f"{_submenu(page, n, 'nav-child')}</li>"
        for n, (label, path) in enumerate(page.menu)
    )
    user, _, domain = business.email.partition("@")
    token = page.token(32)
    # Joomla's own way to hide an address from collectors.
    cloaked = (
        f'<span id="cloak{token}">JavaScript!</span><script>document.getElementById("cloak{token}").innerHTML="";'
        f'var prefix="&#109;a"+"i&#108;"+"&#116;o";var path="hr"+"ef"+"=";var addy{token}="{user}"+"&#64;";'
        f'addy{token}=addy{token}+"{domain.replace(".", "&#46;")}";document.getElementById("cloak{token}").innerHTML+='
        f'"<a "+path+"\'"+prefix+":"+addy{token}+"\'>"+addy{token}+"</a>";</script>'
    )
    articles = "".join(
        f'<div class="blog-item" itemprop="blogPost" itemscope itemtype="https://schema.org/BlogPosting"><figure class="left item-image">'
        f'<a href="{page.menu[n % 10][1]}" itemprop="url">{_picture(page, name, heading, "/images")}</a></figure><div class="item-content">'
        f'<div class="page-header"><h2 itemprop="name">{heading}</h2></div>{"".join(f"<p>{text}</p>" for text in paragraphs)}'
        f'<p class="readmore"><a class="btn btn-secondary" href="{page.menu[n % 10][1]}" aria-label="{heading}"><span class="icon-chevron-right" '
        f'aria-hidden="true"></span> {business.words[4]}</a></p></div></div>'
        for n, ((heading, paragraphs), name) in enumerate(zip(page.sections, page.images * 2, strict=False))
    )
    options = json.dumps(
        {
            "csrf.token": token,
            "system.paths": {"root": "", "base": ""},
            "joomla.jtext": {"ERROR": "Error", "CLOSE": "Close"},
        }
    )
    return f"""<!DOCTYPE html>
<html lang="{business.language}" dir="ltr"><head>{_metas(page, business, "Joomla! - Open Source Content Management")}
<link href="/media/vendor/fontawesome-free/css/fontawesome.min.css?5.15.4" rel="stylesheet" lazy="true">{_css(page, 40, "cassiopeia")}
<script type="application/json" class="joomla-script-options new">{options}</script><script src="/media/system/js/core.min.js?{page.token(40)}"></script>
{_trackers(page)}</head><body class="site com_content wrapper-static view-category layout-blog no-task itemid-{page.dice.randrange(200)} has-sidebar-right">
<header class="header container-header full-width"><div class="grid-child"><div class="navbar-brand"><a class="brand-logo" href="/">
<img src="/images/logo.png" alt="{escape(business.name)}" width="210" height="60"></a></div></div><div class="grid-child container-nav">
<ul class="mod-menu mod-list nav">{items}</ul></div></header><div class="site-grid"><div class="grid-child container-component"><main>
<div class="com-content-category-blog blog" itemscope itemtype="https://schema.org/Blog"><h1>{page.title}</h1>{articles}{_cards(page, business, "newsflash")}
{"".join(f'<div class="custom">{block}</div>' for block in _special(page, business))}</div></main></div>
<div class="grid-child container-sidebar-right"><div class="sidebar-right card"><h3 class="card-header">{page.menu[1][0]}</h3><div class="card-body">
<p>{business.street}<br>{business.city}</p><p>{business.words[0]} {business.phone}</p><p>{cloaked}</p></div></div></div></div>
<footer class="container-footer footer full-width"><div class="grid-child"><ul class="mod-menu mod-list nav">{items}</ul>
{_socials(page, business, "<span>{}</span>")}<p>{_shares(page)}</p></div></footer>{_cookie_banner(page)}</body></html>"""


_PLAIN_ROBOTS = "User-agent: *\nDisallow: /admin/\nDisallow: /search\n"
_SHOP_ROBOTS = "User-agent: *\n" + "".join(
    f"Disallow: {path}\n"
    for path in ("/admin", "/cart", "/orders", "/checkouts/", "/checkout", "/carts", "/account", "/collections/*sort_by*",
                 "/*/collections/*sort_by*", "/collections/*+*", "/blogs/*+*", "/*?*oseid=*", "/*preview_theme_id*",
                 "/search", "/apple-app-site-association", "/.well-known/shopify/monorail", "/recommendations/products")
) + "\nUser-agent: adsbot-google\nDisallow: /checkouts/\nDisallow: /carts\n\nUser-agent: Nutch\nDisallow: /\n\n"  # fmt: skip

BUILDERS = (
    Builder("wordpress", _wordpress, lambda slug: f"/{slug}/" if slug else "/", 7,
            "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n\n", True, False),
    Builder("wix", _wix, lambda slug: f"/{slug}", 6, "User-agent: *\nAllow: /\n\nUser-agent: PetalBot\nDisallow: /\n\n", True, False),
    Builder("bootstrap", _bootstrap, lambda slug: f"/{slug}.html" if slug else "/", 11, _PLAIN_ROBOTS, False, True),
    Builder("tables", _tables, lambda slug: f"/{slug}.htm" if slug else "/", 14, "", False, True),
    Builder("typo3", _typo3, lambda slug: f"/{slug}" if slug else "/", 9,
            "User-agent: *\nDisallow: /typo3/\nDisallow: /*?id=*\nDisallow: /*cHash\n\n", True, True),
    Builder("shop", _shop, lambda slug: f"/pages/{slug}" if slug else "/", 7, _SHOP_ROBOTS, True, True),
    Builder("joomla", _joomla, lambda slug: f"/index.php/{slug}" if slug else "/", 8,
            "User-agent: *\n" + "".join(f"Disallow: /{name}/\n" for name in (
                "administrator", "api", "bin", "cache", "cli", "components", "includes", "installation", "language",
                "layouts", "libraries", "logs", "modules", "plugins", "tmp")) + "\n", False, True),
)  # fmt: skip
