"""How a service says that it lives, that it can write, and what it has done."""

from __future__ import annotations

import time
from collections.abc import Iterator

from flask import Flask, Response, g, jsonify, request
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from shared.db.store import Store
from shared.db.unit import UnitOfWork

_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
_BATCH_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)


def install(app: Flask, store: Store, service: str) -> None:
    """Serve `/healthz` (alive), `/readyz` (can it write?) and `/metrics`."""
    registry = CollectorRegistry()
    registry.register(_StoreCollector(store))
    requests = Counter("saoma_http_requests", "Requests answered.", ["route", "method", "status"], registry=registry)
    seconds = Histogram("saoma_http_request_seconds", "Time to answer.", ["route"], registry=registry)

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify({"status": "ok", "service": service})

    @app.get("/readyz")
    def readyz() -> Response:
        store.run(_touch)
        return jsonify({"status": "ready", "service": service})

    @app.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), mimetype="text/plain; version=0.0.4")

    @app.before_request
    def started() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def answered(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule else "none"
        method = request.method if request.method in _METHODS else "other"
        requests.labels(route, method, response.status_code).inc()
        if "started" in g:
            seconds.labels(route).observe(time.perf_counter() - g.started)
        return response


def _touch(_uow: UnitOfWork) -> None:
    """Nothing but a commit: the head is written with every batch."""


class _StoreCollector(Collector):
    """The store's own count: what it committed in how many commits, and what it went through on the way."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        sizes = dict(self._store.batch_sizes)
        actions = sum(size * count for size, count in sizes.items())
        commits = sum(sizes.values())
        yield CounterMetricFamily("saoma_store_actions", "Actions committed.", value=actions)
        yield CounterMetricFamily("saoma_store_commits", "Commits made for them.", value=commits)
        buckets = [
            (str(float(edge)), sum(count for size, count in sizes.items() if size <= edge)) for edge in _BATCH_BUCKETS
        ]
        yield HistogramMetricFamily(
            "saoma_store_batch_size",
            "Actions per commit.",
            buckets=[*buckets, ("+Inf", commits)],
            sum_value=float(actions),
        )
        retries = CounterMetricFamily(
            "saoma_store_retries", "Batches that came to nothing and were run again.", labels=["reason"]
        )
        for reason, count in dict(self._store.retries).items():
            retries.add_metric([reason], count)
        yield retries
        doubts = CounterMetricFamily(
            "saoma_store_doubtful_commits", "Commits without an answer, by what was learnt of them.", labels=["outcome"]
        )
        for outcome in ("committed", "undone", "unknown"):
            doubts.add_metric([outcome], self._store.doubts[outcome])
        yield doubts
