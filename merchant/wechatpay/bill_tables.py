"""The bills as WeChat Pay's merchants know them: comma-separated text, a backtick before each value, totals at the end.

Pure text from values, so that it can be tried with any. The column names are the real bills' own and are never
translated: programs look for them. Amounts are in major units here, times in China's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from shared import money
from shared.settlement.fees import WHOLE, Rate

CHINA_MS = 8 * 3_600_000
"""How far China's clocks are ahead of UTC, all year."""
DAY_MS = 86_400_000
_PAYMENT = (
    "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,"
    "交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额"
)
_REFUND = "微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态"
_GOODS = "商品名称,商户数据包,手续费,费率,订单金额"
TRADE_COLUMNS = {
    "ALL": f"{_PAYMENT},{_REFUND},{_GOODS},申请退款金额,费率备注",
    "SUCCESS": f"{_PAYMENT},{_GOODS},费率备注",
    "REFUND": f"{_PAYMENT},退款申请时间,退款成功时间,{_REFUND},{_GOODS},申请退款金额,费率备注",
}
"""The heading of each type of trade bill."""
TRADE_TOTALS = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
FLOW_COLUMNS = (
    "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,"
    "收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"
)
FLOW_TOTALS = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
_END = "\r\n"


class NotADay(ValueError):
    """A text that is not a day of the calendar, written as four digits, two and two."""


@dataclass(frozen=True, slots=True)
class Payment:
    """An order that was paid at `at` (ms), as the bill tells it; amounts in minor units."""

    at: int
    transaction_id: str
    out_trade_no: str
    openid: str
    trade_type: str
    amount_minor: int
    description: str
    attach: str
    device_id: str = ""


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund of a payment, done at `at` (ms); `state` is REVOKED where the merchant took the whole order back."""

    at: int
    payment: Payment
    refund_id: str
    out_refund_no: str
    amount_minor: int
    state: str = "REFUND"


@dataclass(frozen=True, slots=True)
class Movement:
    """What changed the account at `at` (ms): `changed_minor` is signed, `balance_minor` is what was there after it."""

    at: int
    business_id: str
    flow_id: str
    name: str
    kind: str
    changed_minor: int
    balance_minor: int
    by: str
    note: str
    voucher: str


@dataclass(frozen=True, slots=True)
class Heading:
    """Whose bill it is: what stands in each row alike."""

    appid: str
    mchid: str
    unit: money.Currency
    rate: Rate


def day_of(date: str) -> int:
    """The first moment (ms) of a day such as `2026-11-21` in China; `NotADay` for anything else."""
    try:
        moment = datetime.strptime(date if len(date) == 10 and date.isascii() else "", "%Y-%m-%d")
    except ValueError:
        raise NotADay(date) from None
    return int(moment.replace(tzinfo=UTC).timestamp()) * 1000 - CHINA_MS


def china_time(at_ms: int) -> str:
    """A moment as the bills write it: `2026-11-21 18:09:00`, China's time."""
    return (datetime.fromtimestamp(at_ms / 1000, UTC) + timedelta(milliseconds=CHINA_MS)).strftime("%Y-%m-%d %H:%M:%S")


def trade_bill(head: Heading, of_type: str, payments: Sequence[Payment], refunds: Sequence[GivenBack]) -> bytes:
    """The trade bill of a day, of type ALL, SUCCESS or REFUND, in the order in which things happened."""
    rows: list[tuple[int, list[str]]] = []
    if of_type != "REFUND":
        rows += [(paid.at, _payment_row(head, of_type, paid)) for paid in payments]
    if of_type != "SUCCESS":
        rows += [(back.at, _refund_row(head, of_type, back)) for back in refunds]
    rows.sort(key=lambda row: row[0])
    paid_minor = sum(paid.amount_minor for paid in payments) if of_type != "REFUND" else 0
    back_minor = sum(back.amount_minor for back in refunds) if of_type != "SUCCESS" else 0
    fees = sum((_exact_fee(head, paid) for paid in payments), Decimal(0)) if of_type != "REFUND" else Decimal(0)
    paid, back = _major(head, paid_minor), _major(head, back_minor)
    totals = [str(len(rows)), paid, back, _major(head, 0), _fine(fees), paid, back]
    return _text(TRADE_COLUMNS[of_type], (row for _, row in rows), TRADE_TOTALS, totals)


def flow_bill(head: Heading, movements: Sequence[Movement]) -> bytes:
    """The fund-flow bill of a day."""
    came = [moved.changed_minor for moved in movements if moved.changed_minor > 0]
    went = [-moved.changed_minor for moved in movements if moved.changed_minor < 0]
    sums = [str(len(came)), _major(head, sum(came)), str(len(went)), _major(head, sum(went))]
    return _text(
        FLOW_COLUMNS, (_flow_row(head, moved) for moved in movements), FLOW_TOTALS, [str(len(movements)), *sums]
    )


def _payment_row(head: Heading, of_type: str, paid: Payment) -> list[str]:
    amount, nothing = _major(head, paid.amount_minor), _major(head, 0)
    refund = ["0", "0", nothing, nothing, "", ""] if of_type == "ALL" else []
    applied = [nothing] if of_type == "ALL" else []
    fee = _fine(_exact_fee(head, paid))
    start = _start(head, paid, paid.at, "SUCCESS", amount)
    return [*start, *refund, paid.description, paid.attach, fee, _percent(head), amount, *applied, ""]


def _refund_row(head: Heading, of_type: str, back: GivenBack) -> list[str]:
    """A refund's row; the all-day bill says when it was given back, the refund bill also when the order was paid."""
    amount, nothing, paid = _major(head, back.amount_minor), _major(head, 0), back.payment
    start = _start(head, paid, back.at if of_type == "ALL" else paid.at, back.state, nothing)
    times = [china_time(back.at)] * 2 if of_type == "REFUND" else []
    refund = [back.refund_id, back.out_refund_no, amount, nothing, "ORIGINAL", "SUCCESS"]
    goods = [paid.description, paid.attach, _fine(Decimal(0)), _percent(head), nothing]
    return [*start, *times, *refund, *goods, amount, ""]


def _start(head: Heading, paid: Payment, at: int, state: str, due: str) -> list[str]:
    whose = [head.appid, head.mchid, "0", paid.device_id, paid.transaction_id, paid.out_trade_no, paid.openid]
    return [china_time(at), *whose, paid.trade_type, state, "OTHERS", head.unit.code, due, _major(head, 0)]


def _flow_row(head: Heading, moved: Movement) -> list[str]:
    way = "收入" if moved.changed_minor > 0 else "支出"
    amounts = [_major(head, abs(moved.changed_minor)), _major(head, moved.balance_minor)]
    ids = [moved.business_id, moved.flow_id, moved.name, moved.kind]
    return [china_time(moved.at), *ids, way, *amounts, moved.by, moved.note, moved.voucher]


def _text(columns: str, rows: Iterable[list[str]], totals: str, sums: list[str]) -> bytes:
    lines = [columns, *(_line(row) for row in rows), totals, _line(sums)]
    return (_END.join(lines) + _END).encode()


def _line(values: list[str]) -> str:
    """One row. Nothing is quoted in a real bill, so what would break a row in two becomes a space."""
    return ",".join("`" + value.translate(_PLAIN) for value in values)


_PLAIN = str.maketrans(",`\r\n\t", "     ")


def _major(head: Heading, minor: int) -> str:
    return money.to_major(minor, head.unit)


def _exact_fee(head: Heading, paid: Payment) -> Decimal:
    """A sale's exact share of the fee, in major units: a batch rounds the sum of them, so the rows must not."""
    minor = Decimal(paid.amount_minor * head.rate.basis_points) / WHOLE + head.rate.fixed_minor
    return min(minor, Decimal(paid.amount_minor)).scaleb(-head.unit.exponent)


def _fine(major: Decimal) -> str:
    return f"{major:.5f}"


def _percent(head: Heading) -> str:
    return f"{Decimal(head.rate.basis_points) / 100:.2f}%"
