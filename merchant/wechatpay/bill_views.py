"""The doors of the bills: ask for one, then fetch it at the address that was answered.

As with the real service, what is fetched is a file and not signed: its hash stands in the first answer, which is.
"""

from __future__ import annotations

import gzip
import hashlib
from urllib.parse import urlsplit

from flask import Response, request

from merchant import service
from merchant.wechatpay import bill_tables, bills, downloads, entry, refusals
from merchant.wechatpay.downloads import Bill
from shared.db.unit import Reader

doors = entry.doors_of("wechatpay_bills")
_ACCOUNTS = ("BASIC", "OPERATION", "FEES")
_REAL_HOST = ".mch.weixin.qq.com"


@doors.get("/bill/tradebill")
def trade_bill() -> Response:
    """Where the trade bill of a day can be fetched."""
    return _offered(downloads.TRADE, _choice("bill_type", tuple(bill_tables.TRADE_COLUMNS)))


@doors.get("/bill/fundflowbill")
def flow_bill() -> Response:
    """Where the fund-flow bill of a day can be fetched."""
    return _offered(downloads.FLOW, _choice("account_type", _ACCOUNTS))


@doors.get("/billdownload/file")
def fetch_bill() -> Response:
    """The bill itself, packed when it was asked for so."""
    bill = service.read(_opened, token=request.args.get("token", "")[:400])
    if bill.mchid != entry.merchant().mchid:
        raise refusals.no_authority("账单不属于本商户")
    content = service.read(_made, bill=bill)
    if not bill.is_packed:
        return entry.unsigned(Response(content, content_type="text/plain; charset=utf-8"))
    return entry.unsigned(Response(gzip.compress(content, mtime=0), content_type="application/x-gzip"))


def _offered(kind: str, of_type: str) -> Response:
    is_packed = bool(_choice("tar_type", ("", "GZIP")))
    bill = Bill(entry.merchant().mchid, kind, request.args.get("bill_date", "")[:20], of_type, is_packed)
    content = service.read(_made, bill=bill)
    token = service.read(_token, bill=bill)
    tail = "&tartype=gzip" if is_packed else ""
    return entry.answer({
        "hash_type": "SHA1",
        "hash_value": hashlib.sha1(content).hexdigest(),
        "download_url": f"{_base()}/v3/billdownload/file?token={token}{tail}",
    })  # fmt: skip


def _choice(name: str, known: tuple[str, ...]) -> str:
    """One of the known words, the first of them where none is given."""
    given = request.args.get(name) or known[0]
    if given not in known:
        raise refusals.bad_field(name, f"应为 {', '.join(filter(None, known))}", value=given, location="query")
    return given


def _base() -> str:
    """The address in front of `/v3`; https where a client was led here under the real service's name."""
    base = urlsplit(entry.base_url())
    is_real = (base.hostname or "").endswith(_REAL_HOST)
    return base._replace(scheme="https").geturl() if is_real else base.geturl()


def _made(reader: Reader, *, bill: Bill) -> bytes:
    if bill.kind == downloads.TRADE:
        return bills.trade(
            reader, merchant=entry.merchant(), date=bill.date, of_type=bill.of_type, secret=service.secret()
        )
    return bills.flow(reader, merchant=entry.merchant(), date=bill.date, account=bill.of_type)


def _token(reader: Reader, *, bill: Bill) -> str:
    return downloads.token(bill, now=reader.now, secret=service.secret())


def _opened(reader: Reader, *, token: str) -> Bill:
    return downloads.opened(token, now=reader.now, secret=service.secret())
