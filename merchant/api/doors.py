"""The doors of the API's own things."""

from __future__ import annotations

from merchant.api import views, views_disputes, views_events, views_openapi, views_refunds, views_settlement

DOORS = (
    views.doors,
    views_refunds.doors,
    views_settlement.doors,
    views_disputes.doors,
    views_events.doors,
    views_openapi.doors,
)
