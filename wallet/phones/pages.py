"""The pages that get a real phone going: where it begins, the certificate it may trust, and what it can do.

All of them are open to everybody, over plain http too: whoever needs them is not signed in yet, or on a bad page.
"""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, render_template, request, url_for

from shared.errors import NotFound
from shared.web import certificates, security, sessions
from shared.web.certificates import Authority
from wallet import page, service
from wallet.phones import profile

pages = Blueprint("phones_pages", __name__)

Page = str | Response


def _authority() -> Authority | None:
    """What phones may trust; None while the LAN is not served."""
    config = service.config()
    return certificates.authority(config.data_dir / "tls") if config.is_lan else None


def _show(template: str, **values: object) -> str:
    """A page for anybody, signed in or not; `is_mine` says which."""
    return render_template(template, facts=page.facts_of_phone(), is_mine=sessions.current() is not None, **values)


@pages.get("/start")
def start() -> Page:
    """Where a phone of this network begins: over plain http, so that the secure page's warning is explained first."""
    if request.is_secure or not service.config().is_lan:
        return redirect(url_for("history_pages.home"))  # type: ignore[return-value]
    security.may_ask(service.config().wallet_url)
    secure = service.config().wallet_url + url_for("history_pages.home")
    return _show("phones/start.html", origin=service.config().wallet_url, secure=secure)


@pages.get("/ca")
def certificate() -> str:
    """The certificate to install, how, what it can do, and how to be rid of it."""
    agent = request.headers.get("User-Agent", "")
    is_android = "Android" in agent
    is_apple = not is_android and any(name in agent for name in ("iPhone", "iPad", "Macintosh"))
    secure = service.config().wallet_url + request.script_root
    return _show("phones/ca.html", authority=_authority(), is_android=is_android, is_apple=is_apple, secure=secure)


@pages.get("/ca.crt")
def certificate_file() -> Response:
    """The certificate in DER: what Android and computers install."""
    authority = _authority()
    if not authority:
        raise NotFound()
    headers = {"Content-Disposition": "attachment; filename=saoma.crt"}
    return Response(authority.der, mimetype="application/x-x509-ca-cert", headers=headers)


@pages.get("/ca.mobileconfig")
def certificate_profile() -> Response:
    """The certificate as a profile: what iPhones and iPads install."""
    authority = _authority()
    if not authority:
        raise NotFound()
    made = profile.of(authority, title=g.say("ca.profile"), about=g.say("ca.can"))
    return Response(made, mimetype="application/x-apple-aspen-config")


@pages.get("/doctor")
def doctor() -> str:
    """What this phone can do here, and one thing to do about each gap."""
    return _show("phones/doctor.html")
