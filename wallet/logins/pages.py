"""The page that shows a sign-in code, and the page on which a phone answers it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, url_for

from shared.web import sessions
from wallet import page

pages = Blueprint("logins_pages", __name__)

Page = str | Response


@pages.get("/login")
def show() -> Page:
    """A code for a phone that is in already; whoever is in goes home."""
    if sessions.current():
        return redirect(url_for("history_pages.home"))  # type: ignore[return-value]
    return render_template("login.html", facts=page.facts_of_phone())


@pages.get("/l")
def answer() -> str:
    """Say yes or no to a browser that asks to come in. The code stands in the fragment, which only the script sees."""
    return page.visit().show("approve.html", "scan")
