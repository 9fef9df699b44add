"""All doors of the operator's console."""

from __future__ import annotations

from merchant.operating import pages, views_books, views_disputes, views_settlement, views_shops, views_users

DOORS = (
    pages.doors, views_shops.doors, views_users.doors, views_disputes.doors, views_settlement.doors, views_books.doors,
)  # fmt: skip
