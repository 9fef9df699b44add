"""What an owner does with the shop's WeChat Pay merchant, each with its entry in the shop's log."""

from __future__ import annotations

from merchant.activity import log
from merchant.standing import At
from merchant.wechatpay import merchants
from merchant.wechatpay.certificates import Certified
from shared.db.unit import UnitOfWork


def enlist(uow: UnitOfWork, *, at: At, mchid: str, certified: Certified, api_key: str, secret: bytes) -> None:
    """Make the shop a merchant."""
    merchants.enlist(uow, shop_id=at.shop.id, mchid=mchid, certified=certified, api_key=api_key, secret=secret)
    _note(uow, at, "wechatpay.enlisted")


def renew_certificate(uow: UnitOfWork, *, at: At, certified: Certified) -> None:
    """Give the merchant another key and certificate."""
    merchants.renew_certificate(uow, shop_id=at.shop.id, certified=certified)
    _note(uow, at, "wechatpay.certified")


def renew_api_key(uow: UnitOfWork, *, at: At, api_key: str, secret: bytes) -> None:
    """Give the merchant another API v3 key."""
    merchants.renew_api_key(uow, shop_id=at.shop.id, api_key=api_key, secret=secret)
    _note(uow, at, "wechatpay.rekeyed")


def _note(uow: UnitOfWork, at: At, what: str) -> None:
    log.note(uow, shop_id=at.shop.id, member_id=at.member.id, terminal_id=at.terminal.id, what=what)
