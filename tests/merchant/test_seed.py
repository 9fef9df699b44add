"""The demo shop: made once, opened by what `till.json` says."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from merchant import seed
from merchant.catalog import queries as catalog
from merchant.catalog import tea_house
from merchant.keys import queries as api_keys
from merchant.staff import members
from shared.db.store import Store
from shared.identity import keys
from shared.ledger import accounts, chart
from shared.money import currency
from tests.merchant.shop import Shop
from tests.world import SECRET


def till_json(shop: Shop) -> Path:
    return shop.config.data_dir / "till.json"


def test_the_demo_shop_is_verified_has_a_terminal_key_and_an_account(shop: Shop) -> None:
    party = shop.party
    assert (party.kind, party.handle, party.display_name) == ("shop", "corner-tea", "Corner Tea House")
    assert party.verified_at is not None
    own, till = shop.store.read(keys.of_party, party_id=party.id)
    assert {(key.custody, key.may_seal) for key in (own, till)} == {("server", keys.TERMINAL_MAY_SEAL)}
    assert shop.store.read(accounts.balance, code=chart.shop_account(party.id)).balance_minor == 0
    assert len(shop.store.read(catalog.for_sale, shop_id=party.id)) == 6


def test_what_opens_the_till_is_written_for_its_owner_alone(shop: Shop) -> None:
    path = till_json(shop)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert json.loads(path.read_text()) == shop.told
    assert set(shop.told) == {"shop", "handle", "cashier", "pin", "api_key", "staff"}


def test_seeding_again_changes_nothing(shop: Shop) -> None:
    assert seed.seed_shop(shop.store, config=shop.config, secret=SECRET) == shop.told
    assert len(shop.store.read(members.of_shop, shop_id=shop.party.id)) == 3


def test_a_lost_till_json_is_written_anew_with_a_fresh_pin_and_key(shop: Shop) -> None:
    till_json(shop).unlink()
    fresh = seed.seed_shop(shop.store, config=shop.config, secret=SECRET)
    assert fresh["api_key"] != shop.told["api_key"]
    assert shop.program().ask("GET", "/static_code").status_code == 401
    assert shop.program(fresh["api_key"]).ask("GET", "/static_code").status_code == 200
    assert shop.browser(is_signed_in=False).sign_in("corner-tea", "May", fresh["pin"]).status_code == 303


def test_a_till_json_beside_a_fresh_database_is_replaced(
    shop: Shop, tmp_path: Path, sqlite_template: Path, open_store: Callable[[str], Store]
) -> None:
    shutil.copyfile(sqlite_template, tmp_path / "fresh.db")
    fresh = seed.seed_shop(open_store(f"sqlite:///{tmp_path / 'fresh.db'}"), config=shop.config, secret=SECRET)
    assert fresh["api_key"] != shop.told["api_key"]
    assert json.loads(till_json(shop).read_text()) == fresh


def test_an_api_key_is_stored_as_its_hash_only(shop: Shop) -> None:
    stored = shop.store.read(lambda reader: reader.sql.rows("SELECT * FROM keys_key"))
    assert shop.told["api_key"].startswith("sk_test_")
    assert shop.told["api_key"] not in str(stored)
    assert shop.store.read(api_keys.bearer_of, key=shop.told["api_key"]).shop.id == shop.party.id


@pytest.mark.parametrize(
    ("code", "tea", "bun"), [("CNY", 1200, 650), ("JPY", 12, 6), ("EUR", 300, 162), ("KWD", 3000, 1625)]
)
def test_prices_fit_the_currency(code: str, tea: int, bun: int) -> None:
    prices = {item.name: item.price_minor for item in tea_house.items(currency(code))}
    assert (prices["Jasmine tea"], prices["Sesame bun"]) == (tea, bun)
