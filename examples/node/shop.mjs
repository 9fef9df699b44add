// A small web shop on Node that takes QR wallets through Saoma: it makes a payment intent, sends the buyer to the hosted
// page, hears of the payment by webhook, and ships. Node 20 or newer, no packages.
//
//   SAOMA_KEY=sk_test_… SAOMA_WEBHOOK_SECRET=whsec_… node examples/node/shop.mjs

import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const PRICE_MINOR = 4800;

export class Shop extends EventEmitter {
  orders = new Map(); // a real shop has a database
  #heard = new Set();

  constructor({ saomaUrl, apiKey, webhookSecret = '' }) {
    super();
    Object.assign(this, { saomaUrl, apiKey, webhookSecret });
    this.server = createServer((request, response) => {
      this.#answer(request, response).catch((error) => this.#end(response, error.status ?? 500, error.message));
    });
  }

  /** One call of Saoma's API. */
  async saoma(method, path, body, headers = {}) {
    const answer = await fetch(this.saomaUrl + path, {
      method,
      headers: { Authorization: `Bearer ${this.apiKey}`, 'Content-Type': 'application/json', ...headers },
      body: body && JSON.stringify(body),
    });
    const told = answer.status === 204 ? {} : await answer.json();
    if (!answer.ok) throw Object.assign(new Error(`${told.code}: ${told.detail}`), { status: 502 });
    return told;
  }

  async #answer(request, response) {
    const body = await read(request);
    if (request.method === 'POST' && request.url === '/orders') return this.#buy(request, response);
    if (request.method === 'POST' && request.url === '/webhooks') return this.#hear(request, response, body);
    const order = this.orders.get(request.url.split('?')[0].replace('/orders/', ''));
    return this.#end(response, order ? 200 : 404, order ? `Your order: ${order.state}` : 'No such order');
  }

  async #buy(request, response) {
    const id = randomUUID().slice(0, 13);
    const wanted = { amount_minor: PRICE_MINOR, reference: id, return_url: `http://${request.headers.host}/orders/${id}` };
    const intent = await this.saoma('POST', '/v1/payment_intents', wanted, { 'Idempotency-Key': id });
    this.orders.set(id, { id, intent: intent.id, state: 'waiting' });
    response.setHeader('Location', intent.hosted_url);
    this.#end(response, 303, '');
  }

  #hear(request, response, body) {
    if (!isGenuine(this.webhookSecret, request.headers, body)) return this.#end(response, 401, 'Not from Saoma');
    const event = JSON.parse(body);
    if (!this.#heard.has(event.id)) this.#settle(event.type, event.data.object); // they come at least once
    this.#heard.add(event.id);
    return this.#end(response, 204, '');
  }

  #settle(type, thing) {
    const order = [...this.orders.values()].find((each) => each.intent === thing.id);
    if (!order || order.state !== 'waiting') return;
    if (type === 'intent.captured' && thing.amount_captured_minor >= PRICE_MINOR) order.state = 'shipped';
    if (['intent.expired', 'intent.canceled', 'intent.declined'].includes(type)) order.state = 'not paid';
    if (order.state !== 'waiting') this.emit(order.state, order);
  }

  #end(response, status, text) {
    response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8' }).end(text);
  }
}

/** Whether Saoma sent it, and lately: https://www.standardwebhooks.com says how it is signed. */
export function isGenuine(secret, headers, body, toleranceS = 300) {
  const { 'webhook-id': id = '', 'webhook-timestamp': sentAt = '', 'webhook-signature': signatures = '' } = headers;
  if (!/^\d+$/.test(sentAt) || Math.abs(Date.now() / 1000 - Number(sentAt)) > toleranceS) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const wanted = createHmac('sha256', key).update(`${id}.${sentAt}.`).update(body).digest();
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
    return signature.startsWith('v1,') && given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

async function read(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { SAOMA_URL = 'http://localhost:5002', SAOMA_KEY = '', SAOMA_WEBHOOK_SECRET = '' } = process.env;
  const shop = new Shop({ saomaUrl: SAOMA_URL, apiKey: SAOMA_KEY, webhookSecret: SAOMA_WEBHOOK_SECRET });
  shop.server.listen(8000, '127.0.0.1', () => console.log('http://localhost:8000'));
}
