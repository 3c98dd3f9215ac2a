"""What a submission's overlay renders is somebody else's text."""

from decimal import Decimal

import pytest

from grader.engine import Mismatch

manifests = pytest.importorskip("checks.shared.manifests", reason="the extra `cluster` is not installed")
ONE = "apiVersion: v1\nkind: Service\nmetadata: {name: one}\n"


@pytest.mark.parametrize(
    "text",
    [
        ONE + "a: &a [1, 1]\nb: &b [*a, *a]\nc: [*b, *b]\n",
        ONE + "a: " + "[" * 1_000 + "]" * 1_000,
        ONE + "a: [" + "1," * 30_000 + "]",
        ONE + "a: !!python/object/apply:os.system [true]\n",
        ONE + "---\n" + ONE,
        "kind: Service\n",
        "- 1\n",
        "a: [\n",
        "apiVersion: 1\nkind: Service\nmetadata: {name: one}\n",
    ],
    ids=["aliases", "deep", "many", "tag", "twice", "no name", "a list", "no YAML", "a number"],
)
def test_what_is_no_object_is_refused(text):
    with pytest.raises(Mismatch):
        manifests.objects(text)


@pytest.mark.parametrize(
    ("kind", "more"), [("Service", "spec: {port: 80}\n"), ("../../Service", ""), ("Nothing", "")]
)
def test_what_kubernetes_does_not_know_is_refused(kind, more):
    with pytest.raises(Mismatch):
        manifests.validated(manifests.objects(ONE.replace("Service", kind) + more))
    manifests.validated(manifests.objects(ONE))


def test_quantities_are_compared_by_value():
    assert manifests.quantity("0.7") == manifests.quantity("700m") == Decimal("0.7")
    assert manifests.quantity("1Gi") == manifests.quantity("1024Mi") != manifests.quantity("1G")
    assert [manifests.quantity(one) for one in ("480mi", "", "1e99", True, None)] == [None] * 5


@pytest.mark.parametrize(
    ("budget", "going"),
    [
        ({"maxUnavailable": 1}, [1, 1, 1]),
        ({"minAvailable": 2}, [0, 1, 6]),
        ({"minAvailable": "50%"}, [1, 1, 4]),
        ({"maxUnavailable": "10%"}, [1, 1, 1]),
        ({"minAvailable": "100%"}, [0, 0, 0]),
    ],
)
def test_a_budget_lets_go_what_kubernetes_would(budget, going):
    assert [manifests.may_go(budget, replicas) for replicas in (2, 3, 8)] == going


def test_the_order_of_named_things_is_no_difference():
    before = {"env": [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}], "args": ["x", "y"]}
    after = {"env": before["env"][::-1], "args": ["y", "x"]}
    (told,) = manifests.differences(manifests.by_name(before), manifests.by_name(after))
    assert "`args`" in told
