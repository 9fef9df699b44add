"""Who may come in at WeChat Pay's doors: whoever signs this very request, now, and not twice; and how we sign."""

from __future__ import annotations

import base64
import json
import secrets
import time
from dataclasses import replace
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate
from werkzeug.test import TestResponse

from merchant.wechatpay import certificates, merchants, platform, refusals, signing
from shared import errors
from tests.house.test_sentences import import_all
from tests.merchant.shop import Shop
from tests.merchant.standing import other_shop
from tests.merchant.wechatpay.clerk import Clerk
from tests.world import SECRET

QUERY = "/v3/pay/transactions/out-trade-no/order-0001"


def ask(clerk: Clerk, *, method: str = "GET", path: str = "", body: str = "", **other: Any) -> TestResponse:
    """A request that is right, but for what is given: what is sent instead of, or signed besides, what it should."""
    path = path or f"{QUERY}?mchid={clerk.mchid}"
    said = {
        "mchid": clerk.mchid, "nonce_str": secrets.token_hex(16),
        "timestamp": str(int(time.time()) + other.get("late_s", 0)), "serial_no": clerk.serial,
    } | {name: other[name] for name in ("mchid", "nonce_str", "timestamp", "serial_no") if name in other}  # fmt: skip
    address = other.get("signed_path", path)
    message = signing.lines(method, address, said["timestamp"], said["nonce_str"], other.get("signed_body", body))
    said["signature"] = other.get("signature", signing.signed(other.get("key", clerk.key), message))
    told = ",".join(f'{name}="{value}"' for name, value in said.items())
    headers = {"Authorization": other.get("header", f"{signing.SCHEME} {told}")} | other.get("headers", {})
    top = other.get("top", "/wechatpay")
    return clerk.client.open(top + path, method=method, data=body.encode(), headers=headers)


def code_of(answer: TestResponse) -> tuple[int, str]:
    """The status and the code of an answer."""
    return answer.status_code, answer.get_json()["code"]


UNPLACED = (404, "ORDER_NOT_EXIST")
"""What whoever is let in hears of an order that nobody has placed."""


@pytest.mark.parametrize("top", ["/wechatpay", ""])
@pytest.mark.parametrize("spelt", ["/wechatpay", ""])
def test_a_signature_counts_under_both_addresses_however_the_client_spelt_its_own(
    knocking: Clerk, top: str, spelt: str
) -> None:
    path = f"{QUERY}?mchid={knocking.mchid}"
    assert code_of(ask(knocking, path=path, top=top, signed_path=spelt + path)) == UNPLACED


@pytest.mark.parametrize("spelt", ["a|b*c-_1", "a%7Cb*c-_1", "a%7Cb%2Ac-_1"])
def test_a_number_with_strange_characters_may_be_spelt_as_the_client_likes(knocking: Clerk, spelt: str) -> None:
    path = f"/v3/pay/transactions/out-trade-no/{{}}?mchid={knocking.mchid}"
    answer = ask(knocking, path=path.format("a%7Cb*c-_1"), signed_path=path.format(spelt))
    assert code_of(answer) == UNPLACED


@pytest.mark.parametrize(
    "other",
    [
        {"header": ""},
        {"header": "Bearer sk_test_1"},
        {"header": f'{signing.SCHEME} mchid="1"'},
        {"header": f'{signing.SCHEME} mchid="1",mchid="1",nonce_str="a",timestamp="1",serial_no="1"'},
        {"header": f'{signing.SCHEME} mchid="1",nonce_str="a",timestamp="x",serial_no="1",signature="a"'},
        {"timestamp": "9" * 30},
        {"serial_no": "5157F09EFDC096DE15EBE81A47057A7232F1B8E1"},
        {"signature": "no base 64!"},
        {"signature": base64.b64encode(b"x" * 256).decode()},
        {"signed_path": "/v3/pay/transactions/out-trade-no/order-0002"},
        {"signed_body": "something else"},
        {"nonce_str": ""},
        {"nonce_str": "n" * 129},
        {"late_s": -3600},
        {"late_s": 3600},
    ],
    ids=str,
)
def test_a_request_that_its_merchant_did_not_sign_so_is_refused(knocking: Clerk, other: dict[str, Any]) -> None:
    assert code_of(ask(knocking, **other)) == (401, "SIGN_ERROR")


def test_a_body_that_was_altered_on_the_way_is_refused_and_nothing_is_placed(knocking: Clerk) -> None:
    path, body = "/v3/pay/transactions/native", json.dumps({"mchid": knocking.mchid, "amount": {"total": 1}})
    answer = ask(knocking, method="POST", path=path, body=body.replace("1}", "100}"), signed_body=body)
    assert code_of(answer) == (401, "SIGN_ERROR")
    told = answer.get_json()["detail"]["sign_information"]
    assert (told["method"], told["url"]) == ("POST", path)


def test_another_merchants_signature_is_refused_and_an_unknown_merchant_named_so(clerk: Clerk, shop: Shop) -> None:
    foreign = certificates.certified("another")
    other = other_shop(shop)
    made = shop.store.run(
        merchants.enlist, shop_id=other.id, mchid="1699999999", certified=foreign, api_key="k" * 32, secret=SECRET
    )
    key = certificates.private_key(foreign.private_key.encode())
    assert code_of(ask(clerk, key=key)) == (401, "SIGN_ERROR")
    assert code_of(ask(clerk, key=key, serial_no=made.serial)) == (401, "SIGN_ERROR")
    theirs = replace(clerk, mchid=made.mchid, serial=made.serial, key=key)
    assert code_of(ask(theirs)) == UNPLACED
    assert code_of(ask(theirs, path=f"{QUERY}?mchid={clerk.mchid}")) == (400, "PARAM_ERROR")
    assert code_of(ask(clerk, mchid="1600000000")) == (401, "MCH_NOT_EXISTS")


def test_a_request_that_comes_twice_is_answered_once(knocking: Clerk) -> None:
    assert code_of(ask(knocking, nonce_str="once")) == UNPLACED
    assert code_of(ask(knocking, nonce_str="once")) == (401, "SIGN_ERROR")
    assert code_of(ask(knocking, nonce_str="twice")) == UNPLACED


def test_whoever_cannot_sign_spends_nobodys_nonce(knocking: Clerk) -> None:
    assert code_of(ask(knocking, nonce_str="mine", signature="AAAA")) == (401, "SIGN_ERROR")
    assert code_of(ask(knocking, nonce_str="mine")) == UNPLACED


def test_both_clocks_count_when_the_test_clock_was_moved(clerk: Clerk, shop: Shop) -> None:
    shop.world.pass_time(3 * 86_400)
    assert code_of(ask(clerk)) == UNPLACED
    assert code_of(ask(clerk, timestamp=str(int(time.time()) + 3 * 86_400))) == UNPLACED
    assert code_of(ask(clerk, timestamp=str(int(time.time()) + 86_400))) == (401, "SIGN_ERROR")


def test_a_new_certificate_makes_the_old_one_worthless(clerk: Clerk, shop: Shop) -> None:
    fresh = merchants.new_certificate(clerk.mchid)
    shop.store.run(merchants.renew_certificate, shop_id=shop.party.id, certified=fresh)
    assert code_of(ask(clerk)) == (401, "SIGN_ERROR")
    now = replace(clerk, serial=fresh.serial, key=certificates.private_key(fresh.private_key.encode()))
    assert code_of(ask(now)) == UNPLACED


@pytest.mark.parametrize("by_public_key", [False, True])
def test_every_answer_is_signed_by_the_platform(clerk: Clerk, shop: Shop, by_public_key: bool) -> None:
    signer = shop.store.read(platform.find, secret=SECRET)
    assert signer is not None
    named = {"Wechatpay-Serial": signer.platform.public_key_id} if by_public_key else {}
    for answer in (
        ask(clerk, path="/v3/certificates", headers=named),
        ask(clerk, headers=named),
        ask(clerk, headers=named, signature="AAAA"),
        ask(clerk, path="/v3/marketing/favor/stocks", headers=named),
    ):
        headers = answer.headers
        message = f"{headers['Wechatpay-Timestamp']}\n{headers['Wechatpay-Nonce']}\n{answer.text}\n".encode()
        key: Any = load_pem_x509_certificate(signer.platform.certificate.encode()).public_key()
        key.verify(base64.b64decode(headers["Wechatpay-Signature"]), message, PKCS1v15(), SHA256())
        expected = signer.platform.public_key_id if by_public_key else signer.platform.serial
        assert headers["Wechatpay-Serial"] == expected
        assert headers["Wechatpay-Signature-Type"] == "WECHATPAY2-SHA256-RSA2048"
        assert abs(int(headers["Wechatpay-Timestamp"]) - time.time()) < 60


def test_the_platforms_certificate_is_read_with_the_api_key_alone(clerk: Clerk, shop: Shop) -> None:
    [told] = ask(clerk, path="/v3/certificates").get_json()["data"]
    sealed = told["encrypt_certificate"]
    found = shop.store.read(merchants.of_shop, shop_id=shop.party.id)
    parts = sealed["nonce"].encode(), base64.b64decode(sealed["ciphertext"]), sealed["associated_data"].encode()
    pem = AESGCM(found.api_key(SECRET).encode()).decrypt(*parts)
    assert f"{load_pem_x509_certificate(pem).serial_number:040X}" == told["serial_no"]
    shop.store.run(merchants.renew_api_key, shop_id=shop.party.id, api_key="k" * 32, secret=SECRET)
    with pytest.raises(InvalidTag):
        AESGCM(b"k" * 32).decrypt(*parts)


def test_what_saoma_does_not_do_is_said(knocking: Clerk) -> None:
    assert code_of(ask(knocking, path="/v3/profitsharing/orders", method="POST")) == (404, "RESOURCE_NOT_EXISTS")


def test_every_refusal_that_has_a_name_at_wechat_pay_exists_here() -> None:
    import_all()
    codes = errors.all_codes() | {"request_too_large": errors.DomainError}
    assert not [code for code in refusals.TRANSLATED if code not in codes]
