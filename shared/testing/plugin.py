"""Fixtures for the tests of a shop's checkout, by pytest's plugin mechanism: `pip install` of Saoma is all it takes.

`saoma` is an installation that is started once a session; each test gets a `till` (a shop of its own), a `phone`, the
`clock` and `webhooks`. What they are, and a first test: docs/testing.md.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # a session whose tests ask for none of this should not wait for the imports
    from shared.testing.handset import Handset
    from shared.testing.moving import TestClock
    from shared.testing.receiver import Webhooks
    from shared.testing.sandbox import Sandbox
    from shared.testing.shop import Shop
    from shared.testing.wechatpay import Notices, WechatpayMerchant

APART, INSIDE = "processes", "in-process"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Where the services run, and their settings."""
    group = parser.getgroup("saoma", "Saoma, a QR wallet to test a checkout against")
    about = "run Saoma's services as processes of their own (default) or as threads of the tests' process"
    group.addoption("--saoma-services", choices=(APART, INSIDE), default=None, help=about)
    parser.addini("saoma_services", f"{APART} (default) or {INSIDE}", default=APART)
    parser.addini("saoma_environ", "settings of the installation, a line each: SAOMA_CURRENCY=EUR", type="linelist")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test is told what happened at Saoma."""
    report = yield
    fixtures = getattr(item, "funcargs", {})
    if report.when == "call" and report.failed and "till" in fixtures:
        from shared.testing.telling import what_happened

        with suppress(Exception):  # a service that has died must not hide why the test failed
            report.sections.append(("What happened at Saoma", what_happened(fixtures)))
    return report


@pytest.fixture(scope="session")
def saoma(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """A running installation: `merchant_url`, `wallet_url`, `phone(name)`, `shop(name)`, `settle()`, `audit()`."""
    from shared.testing.sandbox import Sandbox

    config = request.config
    where = config.getoption("--saoma-services") or config.getini("saoma_services")
    if where not in (APART, INSIDE):
        raise pytest.UsageError(f"saoma_services is {APART} or {INSIDE}, not {where!r}")
    settings = [line.partition("=") for line in config.getini("saoma_environ")]
    environ = {name.strip(): value.strip() for name, _, value in settings}
    if not all(name.startswith("SAOMA_") for name in environ):
        raise pytest.UsageError("saoma_environ holds lines such as SAOMA_CURRENCY=EUR")
    with Sandbox(tmp_path_factory.mktemp("saoma"), inside=where == INSIDE, environ=environ) as sandbox:
        yield sandbox


@pytest.fixture
def till(saoma: Sandbox) -> Shop:
    """A shop that only this test has: `url` and `api_key` for the program under test, and a till's own verbs."""
    return saoma.shop()


@pytest.fixture
def phone(saoma: Sandbox) -> Handset:
    """Somebody new with a phone: `pay(code)`, `scan(code)`, `show_code()`, `confirm()`, `balance_minor`."""
    return saoma.phone()


@pytest.fixture
def clock(saoma: Sandbox) -> TestClock:
    """The installation's clock: `advance(hours=2)`. It is everybody's, and stays where a test has moved it."""
    return saoma.clock


@pytest.fixture
def webhooks(till: Shop) -> Iterator[Webhooks]:
    """A receiver that the till's webhooks are sent to: `wait_for("intent.captured", intent_id)`."""
    from shared.testing.receiver import Webhooks

    receiver = Webhooks()
    receiver.listen_to(till)
    yield receiver
    till.remove_endpoint(receiver.endpoint)
    receiver.close()


@pytest.fixture
def wechatpay(till: Shop) -> WechatpayMerchant:
    """The till as a merchant of WeChat Pay, for an SDK: `mchid`, `serial_no`, `private_key`, `apiv3_key`, `gateway`."""
    from shared.testing.wechatpay import merchant_of

    return merchant_of(till)


@pytest.fixture
def notices() -> Iterator[Notices]:
    """Where WeChat Pay's notices arrive: `url` is the `notify_url`, `next()` the next one's headers and body."""
    from shared.testing.wechatpay import Notices

    receiver = Notices()
    yield receiver
    receiver.close()
