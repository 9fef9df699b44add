// The shop's own tests, against a running Saoma: SAOMA_URL and SAOMA_KEY say which. A test payer plays the phone.
//
//   SAOMA_KEY=sk_test_… node --test examples/node

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';

import { isGenuine, Shop } from './shop.mjs';

const shop = new Shop({ saomaUrl: process.env.SAOMA_URL ?? 'http://localhost:5002', apiKey: process.env.SAOMA_KEY });
const soon = () => ({ signal: AbortSignal.timeout(20_000) });
let here, endpoint;

before(async () => {
  shop.server.listen(0, '127.0.0.1');
  await once(shop.server, 'listening');
  here = `http://127.0.0.1:${shop.server.address().port}`;
  endpoint = await shop.saoma('POST', '/v1/webhook_endpoints', { url: `${here}/webhooks` });
  shop.webhookSecret = endpoint.secret;
});

after(async () => {
  await shop.saoma('DELETE', `/v1/webhook_endpoints/${endpoint.id}`);
  shop.server.close();
  shop.server.closeAllConnections();
});

async function buy() {
  const sent = await fetch(`${here}/orders`, { method: 'POST', redirect: 'manual' });
  assert.equal(sent.status, 303);
  return { order: [...shop.orders.values()].at(-1), page: sent.headers.get('location') };
}

test('an order ships when the phone has paid', async () => {
  const { order, page } = await buy();
  assert.match(await (await fetch(page)).text(), /48\.00/);
  const shipped = once(shop, 'shipped', soon());
  await shop.saoma('POST', '/v1/test_payers/test-pays/pay', { payment_intent: order.intent });
  assert.equal((await shipped)[0], order);
  assert.match(await (await fetch(`${here}/orders/${order.id}`)).text(), /shipped/);
});

test('an order that nobody can pay any more is not shipped', async () => {
  const { order } = await buy();
  const over = once(shop, 'not paid', soon());
  await shop.saoma('POST', `/v1/payment_intents/${order.intent}/cancel`, {});
  assert.equal((await over)[0], order);
});

test('a webhook that is not ours is refused', async () => {
  assert.equal(isGenuine(endpoint.secret, {}, Buffer.from('{}')), false);
  const answer = await fetch(`${here}/webhooks`, { method: 'POST', body: '{}' });
  assert.equal(answer.status, 401);
});
