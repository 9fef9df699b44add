"""Batches closed before there were disputes stay as they were, on either engine, and take disputes from now on."""

from __future__ import annotations

from sqlalchemy import text

from shared.db.engine import migration_engine
from shared.db.migrate import upgrade

BATCH = (
    "INSERT INTO settlement_batch (id, shop_id, state, cutoff_at, currency, sales, refunds, basis_points, fixed_minor,"
    " gross_minor, refunds_minor, fee_minor, carried_in_minor, net_minor, created_at, carried_to)"
    " VALUES (:id, 'shp_1', 'closed', 5, 'CNY', 1, 1, 100, 0, 300, 300, 3, 0, -3, 6, :carried_to)"
)
LINE = (
    "INSERT INTO settlement_line (source_id, batch_id, kind, transfer_id, amount_minor, fee_minor, happened_at)"
    " VALUES ('pi_1', 'bat_1', 'sale', 'trf_1', 300, 3, 4)"
)


def test_what_was_settled_before_stays_as_it_was(empty_url: str) -> None:
    with migration_engine(empty_url).connect() as connection, connection.begin():
        upgrade(connection, to="0009")
        connection.execute(
            text(
                "INSERT INTO identity_party (id, kind, handle, display_name, created_at)"
                " VALUES ('shp_1', 'shop', 'tea', 'Tea', 1)"
            )
        )
        for id, carried_to in (("bat_2", None), ("bat_1", "bat_2")):
            connection.execute(text(BATCH), {"id": id, "carried_to": carried_to})
        connection.execute(text(LINE))
        upgrade(connection)
        rows = connection.execute(
            text("SELECT id, net_minor, adjustments, adjustments_minor, carried_to FROM settlement_batch ORDER BY id")
        )
        assert [tuple(row) for row in rows] == [("bat_1", -3, 0, 0, "bat_2"), ("bat_2", -3, 0, 0, None)]
        connection.execute(
            text(
                "UPDATE settlement_batch SET adjustments = 1, adjustments_minor = 40, net_minor = -43"
                " WHERE id = 'bat_2'"
            )
        )
        assert connection.execute(text("SELECT kind, batch_id FROM settlement_line")).all() == [("sale", "bat_1")]
