"""Keys on both engines: those of an older schema stay good, and answers under keys are forgotten in time."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from merchant import sweeper
from merchant.keys import queries
from shared import clock
from shared.db import once
from shared.db.engine import migration_engine
from shared.db.migrate import migrate, upgrade
from shared.db.store import Store
from shared.ids import is_id
from tests.conftest import REALM
from tests.merchant.shop import open_shop
from tests.world import SECRET, World

OLD_KEY = "INSERT INTO shops_api_key VALUES (:hash, 'shp_1', :label, :at, :revoked_at)"


def test_keys_of_an_older_schema_stay_what_they_were(empty_url: str) -> None:
    with migration_engine(empty_url).connect() as connection, connection.begin():
        upgrade(connection, to="0011")
        connection.execute(
            text(
                "INSERT INTO identity_party (id, kind, handle, display_name, created_at)"
                " VALUES ('shp_1', 'shop', 'tea', 'Tea', 1)"
            )
        )
        for key, at, revoked_at in (("sk_test_good", 5, None), ("sk_test_gone", 6, 7)):
            row = {"hash": queries.hash_of(key), "label": key[-4:], "at": at, "revoked_at": revoked_at}
            connection.execute(text(OLD_KEY), row)
    migrate(empty_url, realm=REALM)
    store = Store(empty_url)
    found = store.read(queries.bearer_of, key="sk_test_good")
    assert (found.shop.handle, found.scopes) == ("tea", None)
    with pytest.raises(queries.BadApiKey):
        store.read(queries.bearer_of, key="sk_test_gone")
    listed = store.read(queries.of_shop, shop_id="shp_1")
    assert [(key.name, key.revoked_at, key.last_four) for key in listed] == [("gone", 7, ""), ("good", None, "")]
    assert all(is_id(key.id, "key") for key in listed)
    store.close()


def test_a_shops_keys_and_their_repetitions_are_alike(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAOMA_SECRET", SECRET.decode())
    shop = open_shop(world.store, tmp_path / "data")
    browser = shop.browser()
    made = browser.post("/api/keys", {"name": "Web shop", "scopes": ["payment_intents:write"], "life_s": 3600}).json
    program = shop.program(made["key"])
    page = {"return_url": "https://shop.example/", "embed_origin": "https://shop.example"}
    first = program.create(1250, key="k-1", **page)
    assert program.create(1250, key="k-1", **page).data == first.data
    assert shop.app.test_client().get(f"/pay/{first.json['id']}/state").json["state"] == "waiting"
    assert browser.post(f"/api/keys/{made['id']}/rotate", {"overlap_s": 60}).status_code == 201
    shop.app.extensions["saoma_key_uses"].write()
    used = {key.id: key.last_used_at for key in shop.store.read(queries.of_shop, shop_id=shop.party.id)}
    assert used[made["id"]]
    now = clock.system_now() + once.KEPT_MS
    monkeypatch.setattr(clock, "system_now", lambda: now)
    assert program.ask("GET", "/payment_intents").json["code"] == "api_key_expired"
    assert shop.store.read(once.has_old)
    sweeper.sweep(shop.store)
    assert not shop.store.read(once.has_old)
