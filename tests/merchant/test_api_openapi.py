"""The OpenAPI document: it names every door of /v1, and a tool that believes it finds nothing that is otherwise."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis.specs.openapi import checks

from merchant.api import openapi
from shared.db.store import Store
from tests.examples import IS_FULL
from tests.merchant.shop import Shop, open_shop
from tests.merchant.standing import signed_in
from tests.merchant.things import Things
from tests.world import SECRET, World

EXAMPLES = 40 if IS_FULL else 2
JUDGES_WORDS = checks.positive_data_acceptance
"""That whatever a schema allows is done: no schema says which texts read well and which amounts are left."""


THINGS = {
    "/v1/payment_intents/{id}/capture": "held", "/v1/payment_intents/{id}/void": "held",
    "/v1/payment_intents/{id}/charge": "charged", "/v1/payment_intents/{id}": "charged", "/v1/refunds/{id}": "refund",
    "/v1/settlement_batches/{id}": "batch", "/v1/payouts/{id}": "payout", "/v1/disputes/{id}": "dispute",
    "/v1/events/{id}": "event", "/v1/customers/{id}": "customer",
}  # fmt: skip
"""Who makes the thing that an address names."""


@dataclass
class Stand:
    """A shop with something of every kind, and whoever makes more."""

    shop: Shop
    things: Things

    def names(self, path: str) -> dict[str, str]:
        """What fills an address so that it leads to something; nothing where nobody can say."""
        makers = [maker for start, maker in THINGS.items() if path.startswith(start)]
        return {"id": getattr(self.things, makers[0])()["id"]} if makers else {}


@pytest.fixture(scope="module")
def stand(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """One shop for all operations."""
    folder = tmp_path_factory.mktemp("openapi")
    shutil.copyfile(sqlite_template, folder / "saoma.db")
    store = Store(f"sqlite:///{folder / 'saoma.db'}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAOMA_SECRET", SECRET.decode())
        World.install(store)
        shop = open_shop(store, folder / "data", SAOMA_API_RATE="100000")
    payer = shop.world.person("ana", balance_minor=10_000_000)
    things = Things(shop, signed_in(shop, "May"), payer)
    yield Stand(shop, things)
    store.close()


def test_every_door_says_what_it_takes_and_gives(stand: Stand) -> None:
    assert openapi.undescribed(stand.shop.app) == []


def test_every_door_names_its_scope(stand: Stand) -> None:
    assert not [each.path for each in openapi.operations(stand.shop.app) if not each.scope and not each.says.is_public]


def test_operations_have_names_of_their_own(stand: Stand) -> None:
    names = [each.name for each in openapi.operations(stand.shop.app)]
    assert sorted(names) == sorted(set(names))


def test_the_document_is_served_without_a_key_and_names_its_forms(stand: Stand) -> None:
    answer = stand.shop.app.test_client().get("/v1/openapi.json")
    assert (answer.status_code, answer.json["openapi"]) == (200, "3.1.0")
    forms = answer.json["components"]["schemas"]
    for name in (part.split('"')[0] for part in answer.text.split("#/components/schemas/")[1:]):
        assert forms[name]
    assert "x-form" not in answer.text


def test_the_page_shows_every_operation_within_its_budget(stand: Stand) -> None:
    page = stand.shop.app.test_client().get("/developer/api")
    assert page.status_code == 200
    assert len(gzip.compress(page.data)) < 14_000
    for each in openapi.operations(stand.shop.app):
        assert each.says.is_public or f'id="{each.name}"' in page.text


def test_a_tool_that_believes_the_document_finds_nothing(stand: Stand) -> None:
    """schemathesis asks every operation, as the document says and against it, and judges status, form and code."""
    schema = schemathesis.openapi.from_wsgi("/v1/openapi.json", stand.shop.app)
    schema.config.generation.update(with_security_parameters=False)  # every call carries the key
    for found in schema.get_all_operations():
        operation = found.ok()
        real = stand.names(operation.path)
        ask(operation, schemathesis.GenerationMode.POSITIVE, stand.shop.told["api_key"], real)
        ask(operation, schemathesis.GenerationMode.NEGATIVE, stand.shop.told["api_key"], {})


def ask(
    operation: schemathesis.APIOperation, mode: schemathesis.GenerationMode, key: str, real: dict[str, str]
) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=not IS_FULL,
              phases=[Phase.generate], suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def judge(case: schemathesis.Case) -> None:
        assume(all(value not in ([], {}) for value in (case.query or {}).values()))  # nothing would be sent of it
        case.path_parameters = {**case.path_parameters, **real}
        case.call_and_validate(headers={"Authorization": f"Bearer {key}"}, excluded_checks=[JUDGES_WORDS])

    judge()
