"""The launcher's picture: Ana's phone is about to pay the code on the till, and the drawer has taken it apart."""

from __future__ import annotations

from PIL import Image

from tests.screens import sheets
from tests.screens.cast import Cast

WINDOW = {"width": 1440, "height": 900}


def picture(cast: Cast) -> Image.Image:
    """The launcher after the till has charged, with Ana's phone at its confirm page."""
    page = cast.pages["launcher"]
    page.set_viewport_size(WINDOW)  # type: ignore[arg-type]
    page.goto(cast.address("launcher"))
    ana, li = (page.frame_locator(f"iframe[src*='/w/{who}/']") for who in ("ana", "li"))
    till = page.frame_locator(f"iframe[src*=':{cast.services.config.merchant_port}/']")
    for phone in (ana, li):
        phone.locator("#amount").wait_for()
    page.locator("#restart").click()
    till.locator(".good-tile").first.click()
    till.locator("#charge").click()
    till.locator("#checkout[data-state=waiting]").wait_for()
    page.locator("[data-point=ana][data-at=till]").click()
    ana.locator("#go").wait_for()
    till.locator("#checkout[data-state=scanned]").wait_for()
    page.locator("[data-who=ana] .device.lit").wait_for()
    page.locator("#status:empty").wait_for(state="attached")
    return sheets.opened(page.screenshot())
