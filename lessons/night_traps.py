"""Pitfalls of a production stack: each in its innocent form and in a careful one."""

import hashlib
import subprocess
import sys

from prometheus_client import CollectorRegistry, Counter, generate_latest

from lessons.counters import calls, increase

NIGHT = [(5_000, 5), (5_000, 4), (8, 1)]  # calls of an hour, and how many failed


def asked(program):
    """What a fresh Python process says."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    return done.stdout.strip()


def hash_of_a_process():
    return [asked("print(hash('ann@example.org') % 100)") for _ in range(2)]


def hash_of_the_text():
    digest = hashlib.sha256(b"ann@example.org").digest()
    return [int.from_bytes(digest[:8]) % 100 for _ in range(2)]


def _series(labels):
    registry = CollectorRegistry()
    counter = Counter("shop_requests", "Answers.", ["who"], registry=registry)
    for label in labels:
        counter.labels(label).inc()
    return generate_latest(registry).decode().count("shop_requests_total{")


def series_for_customers():
    return _series(f"customer {at % 900}" for at in range(1_000))


def series_for_statuses():
    return _series("200" if at % 50 else "422" for at in range(1_000))


def last_minus_first():
    values = calls()
    return values[-1] - values[0]


def with_the_restart():
    return increase(calls())


def mean_of_the_shares():
    shares = [failed / calls for calls, failed in NIGHT]
    return f"{sum(shares) / len(shares):.2%}"


def share_of_the_sums():
    failed = sum(failed for _, failed in NIGHT)
    return f"{failed / sum(calls for calls, _ in NIGHT):.2%}"
