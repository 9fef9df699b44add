"""The one table of the API's error codes says neither more nor less than the doors do."""

from __future__ import annotations

import re

from merchant.api import openapi
from shared.errors import all_codes
from tests.house.plan import ROOT
from tests.merchant.shop import Shop

ROW = re.compile(r"^\| (\d{3}) \| `([a-z_]+)` \| \S", re.M)


def meaning(code: str) -> str:
    """What the refusal's own class says, to be put into the table."""
    return getattr(all_codes().get(code), "__doc__", None) or ""


def test_the_table_has_every_code_of_the_doors_with_its_status_and_no_other(shop: Shop) -> None:
    said = {(status, code) for status, codes in openapi.common().items() for code in codes}
    for operation in openapi.operations(shop.app):
        said |= {(status, code) for status, codes in operation.refusals().items() for code in codes}
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8").partition('<a id="errors"></a>')[2]
    rows = [(int(status), code) for status, code in ROW.findall(text)]
    assert len(rows) == len(set(rows))
    missing = [f"| {status} | `{code}` | {meaning(code)} |" for status, code in sorted(said - set(rows))]
    assert not missing, "\n".join(["docs/api.md lacks:", *missing])
    assert set(rows) == said
