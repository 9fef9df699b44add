"""The test that docs/testing.md shows to a shop that was written for WeChat Pay, run as it stands there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from shared.testing.sandbox import Sandbox
from shared.testing.wechatpay import Notices, merchant_of
from tests.testing.installed import ROOT

SHOWN = re.compile(r"```python\n(import json\n.*?)```", re.DOTALL)


@pytest.fixture
def notices() -> Iterator[Notices]:
    """A `notify_url`."""
    made = Notices()
    yield made
    made.close()


def test_a_shop_written_for_wechat_pay_is_tested_as_the_page_says(sandbox: Sandbox, notices: Notices) -> None:
    found = SHOWN.search((ROOT / "docs" / "testing.md").read_text(encoding="utf-8"))
    assert found
    shown: dict[str, Any] = {}
    exec(found[1], shown)
    phone = sandbox.phone()
    shown["test_a_customer_pays"](merchant_of(sandbox.shop()), notices, phone)
    assert phone.balance_minor == 98_750


def test_a_notice_that_is_refused_is_not_given_out(notices: Notices) -> None:
    notices.refuse_next(status=503)
    assert [httpx.post(notices.url, content=each).status_code for each in ("a", "b")] == [503, 204]
    assert notices.next()[1] == b"b"
    with pytest.raises(AssertionError, match="no further notice"):
        notices.next(timeout_s=0)
