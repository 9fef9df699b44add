"""A test's shop as a merchant of WeChat Pay: what an SDK is set up with, and where its notices arrive.

Whether a notice is genuine is the SDK's to say: that is what the shop under test does with it.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, fields

from shared.testing.listening import Listener
from shared.testing.shop import Shop


@dataclass(frozen=True, slots=True)
class WechatpayMerchant:
    """The settings of an SDK, by the names that WeChat Pay gives them. `gateway` is the address to call instead."""

    mchid: str
    appid: str
    serial_no: str
    private_key: str
    apiv3_key: str
    gateway: str
    platform_serial_no: str
    platform_certificate: str
    platform_public_key_id: str
    platform_public_key: str


def merchant_of(shop: Shop) -> WechatpayMerchant:
    """Make a shop a merchant; asked again, it has new keys, and the old ones are worthless."""
    told = shop.ask("POST", "/v1/wechatpay_merchant", {})
    return WechatpayMerchant(**{field.name: told[field.name] for field in fields(WechatpayMerchant)})


class Notices(Listener):
    """A `notify_url` that takes every notice, and gives them out in the order in which they came."""

    def __init__(self) -> None:
        self._came: deque[tuple[dict[str, str], bytes]] = deque()
        self._refusals: list[int] = []
        super().__init__()

    def next(self, *, timeout_s: float = 15) -> tuple[dict[str, str], bytes]:
        """The next notice that was taken, its headers and its body, as an SDK's `callback` wants them."""
        give_up_at = time.monotonic() + timeout_s
        with self.news:
            while not self._came:
                if not self.news.wait(give_up_at - time.monotonic()):
                    raise AssertionError(f"no further notice came within {timeout_s:g} s")
            return self._came.popleft()

    def refuse_next(self, *, times: int = 1, status: int = 500) -> None:
        """Answer the next notices with an error, as a shop in trouble does; they come again."""
        with self.news:
            self._refusals += [status] * times

    def take(self, headers: Mapping[str, str], body: bytes) -> int:
        """Keep a notice, or refuse it."""
        with self.news:
            if self._refusals:
                return self._refusals.pop(0)
            self._came.append((dict(headers), body))
            self.news.notify_all()
        return 204
