"""The document of WeChat Pay's doors has every code that they refuse by, under its status."""

from __future__ import annotations

import re
from pathlib import Path

from merchant.wechatpay import refusals

ROOT = Path(__file__).parents[3]
RAISED = re.compile(r'Refusal\(\s*(\d{3}),\s*"([A-Z_]+)"')


def test_every_code_stands_in_the_table_under_its_status() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "merchant" / "wechatpay").glob("*.py"))
    raised = {(status, code) for status, code in RAISED.findall(source)}
    raised |= {(str(status), code) for status, code, _ in refusals.TRANSLATED.values()}

    text = (ROOT / "docs" / "wechatpay.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d{3}) \| (.*) \|$", text, re.MULTILINE)
    told = {(status, code) for status, codes in rows for code in re.findall(r"`([A-Z_]+)`", codes)}

    assert raised == told
