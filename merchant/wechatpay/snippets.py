"""Settings to copy: how the known SDKs are pointed at this installation, each with the merchant's own values in it.

Pure text. An SDK that takes another address gets the one of these doors; one whose host is written into it keeps its
host in what it signs, and its requests are sent here by its own HTTP client.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Settings:
    """What stands in the settings: `till` is this service's address, without `/wechatpay`."""

    till: str
    mchid: str
    appid: str
    serial: str
    api_key: str
    platform_serial: str
    public_key_id: str

    @property
    def gateway(self) -> str:
        """What takes the place of `https://api.mch.weixin.qq.com`."""
        return f"{self.till}/wechatpay"


@dataclass(frozen=True, slots=True)
class Snippet:
    """One SDK's settings; `name` is what its users call it."""

    id: str
    name: str
    text: str


def for_all(settings: Settings) -> list[Snippet]:
    """Every SDK's settings."""
    return [
        Snippet("python", "Python · wechatpayv3", _filled(_PYTHON, settings)),
        Snippet("java", "Java · wechatpay-java", _filled(_JAVA, settings)),
        Snippet("go", "Go · wechatpay-go", _filled(_GO, settings)),
        Snippet("php", "PHP · wechatpay-php", _filled(_PHP, settings)),
        Snippet("node", "Node.js · wechatpay-axios-plugin", _filled(_NODE, settings)),
    ]


def fixed_host(port: int, merchant_port: int) -> str:
    """The commands for an SDK whose host cannot be changed: its host's name leads to this computer."""
    to = f" --to http://localhost:{merchant_port}" if merchant_port != _USUAL_PORT else ""
    return f"""echo "127.0.0.1 api.mch.weixin.qq.com" | sudo tee -a /etc/hosts
sudo python3 run.py wechatpay --port {port}{to}

# {_TRUSTED}
export SSL_CERT_FILE=var/wechatpay/ca.pem          # Go, Ruby, Python with httpx
export REQUESTS_CA_BUNDLE=var/wechatpay/ca.pem     # Python with requests
export NODE_EXTRA_CA_CERTS=var/wechatpay/ca.pem    # Node.js
php -d openssl.cafile=var/wechatpay/ca.pem -d curl.cainfo=var/wechatpay/ca.pem shop.php
keytool -importcert -alias saoma -file var/wechatpay/ca.pem -cacerts -storepass changeit   # Java
"""


_USUAL_PORT = 5002
_TRUSTED = "one of these, so that the SDK trusts the certificate"


def _filled(text: str, settings: Settings) -> str:
    address = urlsplit(settings.till)
    values = {
        "GATEWAY": settings.gateway,
        "SCHEME": address.scheme,
        "HOST": address.hostname or "",
        "PORT": str(address.port or (443 if address.scheme == "https" else 80)),
        "MCHID": settings.mchid,
        "APPID": settings.appid,
        "PLATFORM_SERIAL": settings.platform_serial,
        "SERIAL": settings.serial,
        "API_KEY": settings.api_key,
        "PUBLIC_KEY_ID": settings.public_key_id,
    }
    for name, value in values.items():
        text = text.replace(f"«{name}»", value)
    return text


_PYTHON = """from pathlib import Path

from wechatpayv3 import WeChatPay, WeChatPayType

wxpay = WeChatPay(
    wechatpay_type=WeChatPayType.NATIVE,
    mchid="«MCHID»",
    private_key=Path("apiclient_key.pem").read_text(),
    cert_serial_no="«SERIAL»",
    appid="«APPID»",
    apiv3_key="«API_KEY»",
    notify_url="http://localhost:8000/notify",
    public_key=Path("pub_key.pem").read_text(),
    public_key_id="«PUBLIC_KEY_ID»",
)
# the one line for Saoma
wxpay._core._gate_way = "«GATEWAY»"

code, answer = wxpay.pay(
    description="Two cups of tea",
    out_trade_no="order-1042",
    amount={"total": 1250},
)
print(code, answer)
"""
_JAVA = """// The SDK signs for its own host; this sends what it signed to Saoma.
OkHttpClient http = new OkHttpClient.Builder().addInterceptor(chain -> {
  HttpUrl url = chain.request().url().newBuilder()
      .scheme("«SCHEME»").host("«HOST»").port(«PORT»).build();
  return chain.proceed(chain.request().newBuilder().url(url).build());
}).build();

Config config = new RSAPublicKeyConfig.Builder()
    .merchantId("«MCHID»")
    .privateKeyFromPath("apiclient_key.pem")
    .merchantSerialNumber("«SERIAL»")
    .publicKeyFromPath("pub_key.pem")
    .publicKeyId("«PUBLIC_KEY_ID»")
    .apiV3Key("«API_KEY»")
    .build();
HttpClient client = new DefaultHttpClientBuilder().config(config).okHttpClient(http).build();
NativePayService service = new NativePayService.Builder().httpClient(client).build();

Amount amount = new Amount();
amount.setTotal(1250);
PrepayRequest request = new PrepayRequest();
request.setAppid("«APPID»");
request.setMchid("«MCHID»");
request.setDescription("Two cups of tea");
request.setOutTradeNo("order-1042");
request.setNotifyUrl("http://localhost:8000/notify");
request.setAmount(amount);
System.out.println(service.prepay(request).getCodeUrl());
"""
_GO = """// The SDK signs for its own host; this sends what it signed to Saoma.
type saoma struct{}

func (saoma) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = "«SCHEME»", "«HOST»:«PORT»", ""
	return http.DefaultTransport.RoundTrip(r)
}

privateKey, err := utils.LoadPrivateKeyWithPath("apiclient_key.pem")
publicKey, err := utils.LoadPublicKeyWithPath("pub_key.pem")
client, err := core.NewClient(ctx,
	option.WithWechatPayPublicKeyAuthCipher("«MCHID»", "«SERIAL»", privateKey,
		"«PUBLIC_KEY_ID»", publicKey),
	option.WithHTTPClient(&http.Client{Transport: saoma{}}),
)
svc := native.NativeApiService{Client: client}
answer, _, err := svc.Prepay(ctx, native.PrepayRequest{
	Appid:       core.String("«APPID»"),
	Mchid:       core.String("«MCHID»"),
	Description: core.String("Two cups of tea"),
	OutTradeNo:  core.String("order-1042"),
	NotifyUrl:   core.String("http://localhost:8000/notify"),
	Amount:      &native.Amount{Total: core.Int64(1250)},
})
"""
_PHP = """<?php
use WeChatPay\\Builder;
use WeChatPay\\Crypto\\Rsa;

$wxpay = Builder::factory([
    'base_uri'   => '«GATEWAY»/',  // the one line for Saoma
    'mchid'      => '«MCHID»',
    'serial'     => '«SERIAL»',
    'privateKey' => Rsa::from('file://' . __DIR__ . '/apiclient_key.pem', Rsa::KEY_TYPE_PRIVATE),
    'certs'      => [
        '«PLATFORM_SERIAL»' =>
            Rsa::from('file://' . __DIR__ . '/wechatpay_cert.pem', Rsa::KEY_TYPE_PUBLIC),
    ],
]);

$answer = $wxpay->chain('v3/pay/transactions/native')->post(['json' => [
    'appid'        => '«APPID»',
    'mchid'        => '«MCHID»',
    'description'  => 'Two cups of tea',
    'out_trade_no' => 'order-1042',
    'notify_url'   => 'http://localhost:8000/notify',
    'amount'       => ['total' => 1250],
]]);
echo $answer->getBody();
"""
_NODE = """const { readFileSync } = require('node:fs');
const { Wechatpay } = require('wechatpay-axios-plugin');

const wxpay = new Wechatpay({
  baseURL: '«GATEWAY»/', // the one line for Saoma
  mchid: '«MCHID»',
  serial: '«SERIAL»',
  privateKey: readFileSync('apiclient_key.pem'),
  certs: { '«PLATFORM_SERIAL»': readFileSync('wechatpay_cert.pem') },
});

wxpay.v3.pay.transactions.native.post({
  appid: '«APPID»',
  mchid: '«MCHID»',
  description: 'Two cups of tea',
  out_trade_no: 'order-1042',
  notify_url: 'http://localhost:8000/notify',
  amount: { total: 1250 },
}).then(({ data }) => console.log(data.code_url));
"""
