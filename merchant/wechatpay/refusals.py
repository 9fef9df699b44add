"""How WeChat Pay refuses: a code, a sentence in Chinese, a status; and which of them our own refusals become.

These are another protocol's words and not ours: they are no `DomainError`, and no catalogue translates them.
"""

from __future__ import annotations

from typing import Any

from shared.errors import DomainError


class Refusal(Exception):
    """A refusal as WeChat Pay's users know it. Nothing moved. `detail` says which field, where and why."""

    def __init__(self, status: int, code: str, message: str, detail: dict[str, Any] | None = None) -> None:
        super().__init__(code, message)
        self.status = status
        self.code = code
        self.message = message
        self.detail = detail

    def as_json(self) -> dict[str, Any]:
        """The body of the answer."""
        told: dict[str, Any] = {"code": self.code, "message": self.message}
        return told | ({"detail": self.detail} if self.detail else {})


def bad_field(field: str, issue: str, *, value: object = "", location: str = "body") -> Refusal:
    """A field that is missing, of the wrong type, or beyond its limits; `field` is a JSON pointer or a name."""
    detail = {"location": location, "field": field, "value": _short(value), "issue": issue}
    return Refusal(400, "PARAM_ERROR", f"参数错误：{field} {issue}", detail)


def bad_signature(message: str, issue: str, information: dict[str, Any] | None = None) -> Refusal:
    """A request that nobody known has signed."""
    detail: dict[str, Any] = {"field": "signature", "location": "authorization", "detail": {"issue": issue}}
    return Refusal(401, "SIGN_ERROR", message, detail | ({"sign_information": information} if information else {}))


def invalid_request(message: str) -> Refusal:
    """A request that is well-formed and does not fit what stands."""
    return Refusal(400, "INVALID_REQUEST", message)


def already_paid() -> Refusal:
    """The order is paid."""
    return Refusal(*TRANSLATED["already_paid"])


def order_closed() -> Refusal:
    """The order is closed or revoked."""
    return Refusal(*TRANSLATED["intent_canceled"])


def unknown_order() -> Refusal:
    """No such order of this merchant."""
    return Refusal(404, "ORDER_NOT_EXIST", "订单不存在")


def unknown_thing(message: str = "查询的资源不存在") -> Refusal:
    """No such refund, bill or address."""
    return Refusal(404, "RESOURCE_NOT_EXISTS", message)


def other_content() -> Refusal:
    """A number that was used came again with other content."""
    return Refusal(403, "OUT_TRADE_NO_USED", "商户订单号重复：与首次请求的参数不一致")


def no_authority(message: str) -> Refusal:
    """The merchant may not do this."""
    return Refusal(403, "NO_AUTH", message)


def in_trouble(status: int = 500) -> Refusal:
    """Saoma is in trouble, or cannot say yet: the same request may be sent again."""
    return Refusal(status, *_IN_TROUBLE)


def too_often() -> Refusal:
    """More requests than are answered."""
    return Refusal(429, "FREQUENCY_LIMITED", "频率超限，请降低请求频率")


_IN_TROUBLE = "SYSTEM_ERROR", "系统异常，请用相同参数重新调用"
TRANSLATED: dict[str, tuple[int, str, str]] = {
    "already_paid": (400, "ORDERPAID", "该订单已支付"),
    "intent_canceled": (400, "ORDER_CLOSED", "该订单已关闭"),
    "intent_closed": (400, "INVALID_REQUEST", "订单状态不允许此操作"),
    "awaits_confirmation": (400, "USERPAYING", "需要用户确认支付"),
    "insufficient_funds": (403, "NOT_ENOUGH", "余额不足"),
    "payer_insufficient_funds": (403, "NOT_ENOUGH", "用户账户余额不足"),
    "daily_limit_reached": (403, "RULE_LIMIT", "超出用户单日支付限额"),
    "refund_exceeds_captured": (400, "INVALID_REQUEST", "退款金额超过可退金额"),
    "party_frozen": (403, "NO_AUTH", "商户或用户已被冻结"),
    "self_frozen": (403, "USER_ACCOUNT_ABNORMAL", "用户账户已被本人冻结"),
    "no_server_key": (403, "NO_AUTH", "商户没有可用的密钥"),
    "code_spent": (400, "INVALID_REQUEST", "付款码已被使用"),
    "counter_went_back": (400, "INVALID_REQUEST", "付款码已过期，请用户刷新后重试"),
    "code_expired": (400, "AUTH_CODE_EXPIRED", "付款码已过期，请用户刷新后重试"),
    "amount_above_cap": (403, "RULE_LIMIT", "金额超过付款码的上限"),
    "not_a_payer_code": (400, "AUTH_CODE_ERROR", "不是付款码"),
    "unknown_number": (400, "AUTH_CODE_INVALID", "付款码无效"),
    "too_many_attempts": (429, "FREQUENCY_LIMITED", "频率超限，请稍后再试"),
    "store_unavailable": (500, *_IN_TROUBLE),
    "outcome_unknown": (500, *_IN_TROUBLE),
    "request_too_large": (400, "PARAM_ERROR", "请求包体过大"),
}


def translated(error: DomainError) -> Refusal:
    """What a refusal of ours is called by WeChat Pay."""
    known = TRANSLATED.get(error.code)
    if known:
        return Refusal(*known, {"issue": error.code})
    if error.status >= 500:
        return in_trouble()
    if error.status == 422:
        return Refusal(400, "AUTH_CODE_ERROR", "付款码错误", {"issue": error.code})
    code = {403: "NO_AUTH", 404: "RESOURCE_NOT_EXISTS", 429: "FREQUENCY_LIMITED"}.get(error.status, "PARAM_ERROR")
    return Refusal(error.status if code != "PARAM_ERROR" else 400, code, error.code, {"issue": error.code})


def _short(value: object) -> str:
    return str(value).encode("utf-8", "replace").decode()[:64]
