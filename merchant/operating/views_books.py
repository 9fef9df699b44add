"""The console's ledger: the trial balance, every account, every transfer with the order it stands on, the audit."""

from __future__ import annotations

from flask import Blueprint, render_template, request

from merchant import service
from merchant.operating import books, pages
from shared.payments import audit

doors = Blueprint("operating_books", __name__, url_prefix="/operator/ledger")
doors.before_request(pages.let_in)
doors.context_processor(pages.furnish)
_LONGEST_SEQ = 18
"""Digits of a number that every database can compare."""


@doors.get("")
def ledger() -> str:
    """The trial balances, how far the chain is sealed, and the accounts."""
    asked = {name: request.args.get(name, "")[:60] for name in ("search", "kind", "after")}
    shown = service.read(books.overview, **asked)
    return render_template("operator/ledger.html", shown=shown, asked=asked, classes=books.CLASSES)


@doors.get("/accounts/<path:code>")
def account(code: str) -> str:
    """One account and its transfers, newest first."""
    before = request.args.get("before", "")
    is_number = before.isascii() and before.isdigit() and len(before) <= _LONGEST_SEQ
    shown = service.read(books.extract, code=code, before_seq=int(before) if is_number else None)
    return render_template("operator/account.html", shown=shown, is_first=not is_number)


@doors.get("/transfers/<id>")
def transfer(id: str) -> str:
    """One transfer: who signed it, what stands beside it, and whether it is sealed."""
    return render_template("operator/transfer.html", shown=service.read(books.entry, id=id))


@doors.post("/audit")
def check() -> str:
    """Re-compute everything from the signed orders, as `run.py audit` does."""
    return render_template("operator/audited.html", report=service.read(audit.run, config=service.config()))
