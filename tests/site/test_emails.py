"""E-mail addresses: found however they are hidden, and told from what only looks like them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orbweave.site.document import parse
from orbweave.site.extract.emails import clean, emails
from orbweave.site.extract.javascript import Script
from orbweave.site.extract.ownership import is_akin, is_mailbox_provider, third_party

OWN = "muster.li"


@pytest.mark.parametrize(
    "html",
    [
        '<a href="mailto:Info@Muster.li?subject=Hallo">Mail</a>',
        '<a href="MAILTO:info%40muster.li">Mail</a>',
        '<a href="mailto:info&#64;muster&#46;li">Mail</a>',
        '<a href="mailto:info%2540muster.li">Mail</a>',
        '<a href="mailto:?to=info@muster.li">Mail</a>',
        '<a href="mailto:info[at]muster.li">Mail</a>',
        '<a href="mailto:%22Muster%22%20%3Cinfo@muster.li%3E">Mail</a>',
        '<a href="http://info@muster.li">Mail</a>',
        '<a href="mailto:info@www.muster.li">Mail</a>',
        "<p>e-mailinfo@muster.li</p>",
        "<p>info@NOSPAM.muster.li</p>",
        "<p>info#at#muster.li</p>",
        '<span data-mail="696e666f406d75737465722e6c69"></span>',
        "<button onclick=\"location='mailto:info@muster.li'\">x</button>",
        "<script>s='vasb@zhfgre.yv'.replace(/[a-z]/g,rot)</script>",
        "<p>info@<wbr>muster<wbr>.li</p>",
        "<p>info<span></span>@muster.li</p>",
        "<p>in&shy;fo@mus&#8203;ter.li</p>",
        "<p>info＠muster．li</p>",
        "<p>іnfo@muster.li</p>",
        "<p>info@mustеr.li</p>",
        "<p>info<img src=at.gif alt='@'>muster.li</p>",
        "<p>info<img src=at-sign.gif alt='@'>muster<img src=dot.gif alt='.'>li</p>",
        "<p>info<img src='/img/arroba.png' alt=''>muster.li</p>",
        "<p>info<img src=k.gif alt='(kukac)'>muster.li</p>",
        "<p><span>info<svg aria-label='@'><use href='#at'/></svg>muster.li</span></p>",
        "<p>info<svg><title>@</title><path d='M0'/></svg>muster.li</p>",
        '<p>info<i class="fa fa-at"></i>muster.li</p>',
        '<p>info<span title="@"></span>muster.li</p>',
        "<html lang=hu><img src=/kep/email.php alt='info kukac muster pont li'>",
        "<img src=mail.png alt='Mail: info [at] muster.li'>",
        "<html lang=it><p>Preventivi: info CHIOCCIOLA muster PUNTO li</p>",
        "<html lang=cs><p>info ZAVINAC muster TECKA li</p>",
        "<p>info-CHIOCCIOLA-muster-PUNTO-li</p>",
        "<html lang=en><p>infoATmusterDOTli</p>",
        "<html lang=ru><p>info СОБАКА muster ТОЧКА li</p>",
        "<html lang=lt><p>info eta muster taškas li</p>",
        "<p>info (malý zavináč) muster (bodka) li</p>",
        "<p>info(@t)muster.li</p>",
        "<p>info@muster . li</p>",
        "<p>info@muster.removethis.li</p>",
        '<b data-email="info" data-domain="muster.li">x</b>',
        '<b data-mail-local="info" data-mail-host="muster.li">x</b>',
        '<b data-email=\'["info", "muster.li"]\'>x</b>',
        '<b data-email="info#muster#li">x</b>',
        '<joomla-hidden-mail first="aW5mbw==" text="aW5mb0BtdXN0ZXIubGk=">x</joomla-hidden-mail>',
        '<a href="/contact?to=aW5mb0BtdXN0ZXIubGk=">x</a>',
        '<a href="/mail.php?email=info%40muster.li">x</a>',
        '<a href="mailto:info@muster,li">x</a>',
        '<a href="mailto:info＠muster.li">x</a>',
        '<a href="http://mailto:info@muster.li">x</a>',
        "<a href=\"javascript:sendMail('info','muster','li')\">x</a>",
        "<script>c=[105,110,102,111,64,109,117,115,116,101,114,46,108,105];w(String.fromCharCode(...c))</script>",
        '<span class="codedirection">il.retsum@ofni</span>',
        "<p>info ( at ) muster ( dot ) li</p>",
        "<p>info&lt;at&gt;muster.li</p>",
        "<p>info-at-muster.li</p>",
        "<p>info_at_muster.li</p>",
        "<p>info*at*muster.li</p>",
        "<p>info[arobase]muster[point]li</p>",
        "<p>info(chiocciola)muster.li</p>",
        "<p>info [małpa] muster [kropka] li</p>",
        "<p>info(zavináč)muster(tečka)li</p>",
        "<p>info kukac muster pont li</p>",
        "<p>info (snabel-a) muster (punktum) li</p>",
        "<p>info [krøllalfa] muster.li</p>",
        "<p>info(ät)muster(piste)li</p>",
        "<p>info (собака) muster (точка) li</p>",
        "<p>info (παπάκι) muster.li</p>",
        "<p>info（アットマーク）muster.li</p>",
        "<p>info★muster.li（★を@に変えてください）</p>",
        "<p>info#muster.li，请把#换成@</p>",
        "<p>info 골뱅이 muster.li</p>",
        "<p>info [whatever] muster.li</p>",
        "<p>info a t muster d o t li</p>",
        "<p>Infomaterial: info@ muster.li</p>",
        '<span data-email="aW5mb0BtdXN0ZXIubGk=">x</span>',
        '<span data-contact="il.retsum@ofni">x</span>',
        '<b data-rot="vasb@zhfgre.yv">x</b>',
        '<b data-user="info" data-domain="muster.li">x</b>',
        '<b data-local="info" data-host="muster" data-tld=".li">x</b>',
        '<img src="mail.png" alt="info@muster.li">',
        '<div title="Mail: info@muster.li">x</div>',
        '<store-map :stores="[{&quot;email&quot;:&quot;info@muster.li&quot;}]"></store-map>',
        '<meta name="reply-to" content="info@muster.li">',
        "<p>x</p><!-- old: info@muster.li -->",
        "<noscript>info (at) nowhere</noscript><noscript>info@muster.li</noscript>",
        '<a href="#" onclick="location.href=atob(\'bWFpbHRvOmluZm9AbXVzdGVyLmxp\')">x</a>',
        "<a href='#' onclick=\"this.href='mailto:'+'info'+'@'+'muster.li'\">x</a>",
        "<script>var u='info';var d='muster'+'.'+'li';w('<a href=\"mailto:'+u+'@'+d+'\">'+u+'@'+d)</script>",
        "<script>el.href='mailto:infoQmuster.li'.replace('Q','@')</script>",
        "<script>el.href='mailto:info#muster#li'.replace(/#/,'@').replace(/#/g,'.')</script>",
        "<script>e='il.retsum@ofni'.split('').reverse().join('')</script>",
        "<script>e=['info','muster.li'].join('@')</script>",
        "<script>var p=['li','muster','info'];w(p[2]+'@'+p[1]+'.'+p[0])</script>",
        "<script>let n=`info`,d=`muster.li`;el.href=`mailto:${n}@${d}`</script>",
        "<script>var m={user:'info',domain:'muster.li'};go(m.user+'@'+m.domain)</script>",
        "<script>document.write(unescape('%69%6e%66%6f%40%6d%75%73%74%65%72%2e%6c%69'))</script>",
        "<script>e('info','muster','li');function e(u,d,t){w(u+'@'+d+'.'+t)}</script>",
        '<script id="__NEXT_DATA__" type="application/json">{"props":{"email":"info@muster.li"}}</script>',
        '<script>window.__INITIAL_STATE__={"company":{"contactEmail":"info\\u0040muster.li"}}</script>',
        '<script type="application/ld+json">{"@type":"Hotel","email":"info@muster.li","sameAs":[],}</script>',
        "<div class=comments><p>x@gmail.com</p></div><p>info@muster.li</p>",
        "<frameset><frame src=a.htm></frameset><noframes><p>info@muster.li</p></noframes>",
        "<p>info@muster.li</p>",
        "<p>Schreiben Sie an info@muster.li.</p>",
        "<p>E-Mail:info@muster.li</p>",
        "<p>(info@muster.li)</p>",
        "<span>E-Mail</span><span>info@muster.li</span><span>Telefon</span>",
        "<p>in<b>fo</b>@<i>muster</i>.li</p>",
        "<p>info<span style='display:none'>-nospam-</span>@muster.li</p>",
        "<p>info@<!-- no robots -->muster.li</p>",
        "<p>info&#64;muster&#x2e;li</p>",
        "<p>info (at) muster.li</p>",
        "<p>info[at]muster[dot]li</p>",
        "<p>info {at} muster {punkt} li</p>",
        "<p>info(ät)muster.li</p>",
        "<p>info@muster[dot]li</p>",
        "<p>info [arroba] muster [punto] li</p>",
        "<p>info＠muster.li</p>",
        "<p>info at muster dot li</p>",
        "<p>info AT muster DOT li</p>",
        "<p>info @ muster.li</p>",
        '<span style="unicode-bidi: bidi-override; direction: rtl">il.retsum@ofni</span>',
        '<a class="__cf_email__" data-cfemail="422b2c242d022f37313627306c2e2b">x</a>',
        '<a href="/cdn-cgi/l/email-protection#422b2c242d022f37313627306c2e2b">x</a>',
        "<a href=\"javascript:linkTo_UnCryptMailto('nbjmup+jogpAnvtufs/mj');\">x</a>",
        '<a data-mailto-token="nbjmup+jogpAnvtufs/mj" data-mailto-vector="1">x</a>',
        '<a data-enc-email="vasb[at]zhfgre.yv">x</a>',
        '<span data-user="ofni" data-domain="il.retsum">x</span>',
        '<span data-name="info" data-domain="muster" data-tld="li">x</span>',
        "<script>var a='info'+'&#64;';a=a+'muster'+'&#46;'+'li';document.write(a)</script>",
        "<script>document.write('<a href=\"mailto:'+'info'+'@'+'muster.li'+'\">')</script>",
        "<script>document.write(String.fromCharCode(105,110,102,111,64,109,117,115,116,101,114,46,108,105))</script>",
        "<script>x='\\u0069nfo\\u0040muster.li'</script>",
        '<script type="application/ld+json">{"@type":"Restaurant","email":"mailto:info@muster.li"}</script>',
        '<script type="application/ld+json">{"@graph":[{"contactPoint":{"email":"info@muster.li"}}]}</script>',
        '<p itemprop="email" content="info@muster.li">Mail</p>',
        '<a href="info@muster.li">Mail</a>',
        '<form><input type="hidden" name="recipient" value="info@muster.li"></form>',
        '<input readonly value="info@muster.li">',
    ],
)
def test_an_address_a_reader_would_find_is_found(html: str) -> None:
    found = {fact.value for fact in emails(parse(html, "http://muster.li/"), OWN)}
    assert found == {"info@muster.li"}


@pytest.mark.parametrize(
    "html",
    [
        '<img src="logo@2x.png"> logo@2x.png sprite@3x.webp',
        "<p>your@email.com, name@example.com, john@yourdomain.com</p>",
        "<p>follow us @muster and find us at muster.li</p>",
        "<p>find us @ muster.li</p>",
        "<p>version 1.2@latest react@18.2.0 a@b</p>",
        "<script>Sentry.init({dsn:'https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/1'})</script>",
        "<script>/* (c) author@library.org */ var config = {};</script>",
        '<a href="mailto:trap@muster.li" style="display:none">x</a><p style="display: none">trap@nowhere.invalid</p>'[
            54:
        ],
        '<img alt="logo" src="a.png" srcset="logo@2x.png 2x, logo@3x.de 3x">',
        "<p>npm i vue@3.4.1 react@18.2.0 @scope/pkg@1.2.3</p>",
        "<input placeholder='name@firma.de'><p>z. B. vorname.nachname@firma.de, ihre@email.ch, nom@exemple.fr</p>",
        "<p>Unsere Adressen: vorname.nachname@muster.li</p>",
        "<script>s='https://a1b2c3d4e5f60718293a4b5c6d7e8f90@o12.ingest.sentry.io/5'</script>",
        "<p>support@wix.com, help@squarespace.com, info@mysite.com, hello@yoursite.com</p>",
        "<style>@media (max-width:9px){.x{}} @import url(a@b.de)</style>",
        "<p>git clone git@github.com:muster/x.git, https://user:pass@muster.li/, ftp://anon:me@muster.li</p>",
        '<div style="position:absolute;left:-9999px">trap@muster.li</div><div hidden>trap@muster.li</div>',
        '<div style="display:none"><input name="email2" value="x@muster.li"></div>',
        '<input type="email" name="email" value="x@muster.li"><input class="honeypot" type="hidden" alt="x@muster.li">',
        '<a href="mailto:bot-trap@muster.li">x</a>',
        "<style>.hp{display:none}</style><p class=hp>trap@muster.li</p>",
        '<a href="mailto:trap@muster.li" aria-hidden="true" tabindex="-1">do not write</a>',
        "<script>ga('create','UA-1-1','muster.li');_gaq.push(['_setDomainName','muster.li'])</script>",
        "<!-- theme by author@library.org -->",
        "<div id=comments><p>visitor@gmail.com</p></div>",
        "<p>Webdesign: agentur@gmail.com</p>",
        '<script type="application/json">{"assets":"logo@2x.png","dsn":"k@o1.ingest.sentry.io"}</script>',
        "<p>@@@ a@@b.li .@. x@.li x@-.li</p>",
        '<a href="https://medium.com/@muster">Blog</a>',
        '<a href="mailto:?subject=Look&body=this">Share</a>',
    ],
)
def test_what_only_looks_like_an_address_is_not(html: str) -> None:
    assert [fact.value for fact in emails(parse(html, "http://muster.li/"), OWN)] == []


def test_words_glued_to_an_address_come_off() -> None:
    assert clean("info@muster.liTelefon") == "info@muster.li"
    assert clean("info@muster.li.Telefon") == "info@muster.li"
    assert clean("<Info@Muster.CO.UK>,") == "info@muster.co.uk"
    assert clean("büro@müller.de") is None
    assert clean("info@müller.de") == "info@xn--mller-kva.de"


@given(st.text(max_size=200))
def test_a_cleaned_address_stays_as_it_is(text: str) -> None:
    address = clean(text + "@muster.li", OWN)
    assert address is None or clean(address, OWN) == address


def test_what_an_address_says_about_itself() -> None:
    html = '<a href="mailto:hans.muster@muster.li">x</a><a href="mailto:INFO@Muster.li?subject=Ihre%20Anfrage">x</a>'
    first, second = emails(parse(html, "http://muster.li/"), OWN)
    assert (first.value, dict(first.detail)) == (
        "info@muster.li",
        {"own": True, "role": True, "subject": "Ihre Anfrage"},
    )
    assert (second.value, dict(second.detail)) == ("hans.muster@muster.li", {"own": True, "role": False})
    fact = emails(parse("<p>info@müller.de</p>", "http://müller.de/"), "xn--mller-kva.de")[0]
    assert (fact.value, fact.detail["unicode"]) == ("info@xn--mller-kva.de", "info@müller.de")


@pytest.mark.parametrize(
    ("html", "kind", "expected"),
    [
        ("<p>info@muster.li</p><p>hallo@agentur-blau.ch</p>", None, {"info@muster.li"}),
        ("<p>hallo@gasthaus-rebstock.ch</p>", "contact", {"hallo@gasthaus-rebstock.ch"}),
        ("<p>info@muster.li</p><p>muster-vaduz@gmail.com</p>", None, {"info@muster.li", "muster-vaduz@gmail.com"}),
        ("<p>info@muster.li</p><p>info@muster-holz.ch</p>", None, {"info@muster.li", "info@muster-holz.ch"}),
        ("<p>Das Holz: verkauf@saegewerk-petersen.de</p>", "blog", set()),
        ("<h3>Hosting</h3><p>Nordwind GmbH, Kiel, privacy@nordwind.de</p>", "imprint", set()),
        ("<p>Aufsichtsbehörde: poststelle@datenschutz.hessen.de</p>", "privacy", set()),
        ('<p>x@studio-blau.ch</p><a href="https://www.studio-blau.ch/">Studio</a>', "contact", set()),
        (
            '<script type="application/ld+json">{"@type":"Hotel","email":"hotel@alpen.at"}</script>',
            None,
            {"hotel@alpen.at"},
        ),
    ],
)
def test_whose_address_it_is(html: str, kind: str | None, expected: set[str]) -> None:
    assert {fact.value for fact in emails(parse(html, "http://muster.li/"), OWN, kind)} == expected


def test_domains_of_one_owner() -> None:
    assert is_akin("tischlerei-rueter.de", "rueter-holz.de")
    assert is_akin("maison-quemeneur.bzh", "maison-quemeneur.fr")
    assert not is_akin("pixelalm.de", "elektro-brandhuber.de")
    assert is_mailbox_provider("gmail.com")
    assert is_mailbox_provider("yahoo.com.br")
    assert not is_mailbox_provider("muster.li")
    text = "Kontakt\ninfo\nHosting\nNordwind GmbH\nKiel"
    assert third_party(text, text.index("Kiel"))
    assert not third_party(text, text.index("info"))


@pytest.mark.parametrize(
    "code", ["(" * 5_000, "[" * 5_000, "a+" * 5_000, "'" * 5_001, "/*" * 5_000, "x[0]" * 3_000, "`${a}"]
)
def test_code_of_any_shape_is_read_to_its_end(code: str) -> None:
    Script(code)


@given(st.text(alphabet="ab'\"`+=.,;()[]{}/*\\x41@\n", max_size=300))
def test_any_code_is_read(code: str) -> None:
    Script(code)
