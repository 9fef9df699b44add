"""All doors of the operator's console."""

from __future__ import annotations

from merchant.operating import pages, views_books, views_settlement, views_shops, views_users

DOORS = (pages.doors, views_shops.doors, views_users.doors, views_settlement.doors, views_books.doors)
