import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Exercises: production stack [06_production_stack]")

with app.setup(hide_code=True):
    import hashlib
    import math
    from statistics import NormalDist

    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop import capacity, recordings
    from cardshop.capacity import GROWTH, P99
    from grader import check, title

    LOOKS = 150  # at a canary, at most
    SEED = 6  # of the load test that you see
    IMAGE = (
        "registry.example.com/cardshop@sha256:"
        "8f2e1c0b5d7a49638e1f0c2b4a6d8e9f7c5b3a1908d6e4f2c0b1a39587d6e4f1"
    )
    MARGIN = 0.02  # by so much a model that is promoted may be worse


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # Exercises: can you keep it running?

    You decide who gets a new model and when its canary ends, what may wake you at night, how many replicas there are, and what
    production does differently from staging.

    **Start here:** read the example in {title("6.1a")}, then write `arm`.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("6.1a")}

    A new model has passed every gate and has never met a customer. You let it answer a tenth of them, its *canary*, while the
    *champion* answers everybody else. A customer whose prices jump with every click writes to the support.

    `arm` says who answers, whenever a request comes in, in each of the service's processes.

    ```python
    >>> arm("ann@example.org", 0.0, "spring"), arm("ann@example.org", 1.0, "spring")
    ('champion', 'challenger')
    >>> customers = [f"customer {{number}}" for number in range(1_000)]
    >>> arms([(one, 0.1, "spring") for one in customers]).count("challenger")
    90
    ```

    Your number will be another one near `100`.
    """)
    return


@app.function
def arm(key: str, share: float, salt: str) -> str:
    """Return which model answers a customer: "champion" or "challenger".

    `key` is the customer's id in any form: a number as text, an email, a
    name in any script. `share`, from 0 to 1, says how many get the
    challenger. `salt` is the name of the canary.

    - The same arguments give the same arm in every process, today and
      after a restart.
    - Of any customers, `share` get the challenger, within chance: also of
      customers with numbers in a row, and also if `share` is 0.004. With 0
      nobody gets it, with 1 everybody.
    - When `share` grows and `salt` stays, nobody who had the challenger
      loses it.
    - Another salt shuffles the customers: of those who have the challenger
      under one salt, `share` have it under another one, too.
    """
    # TODO 1: make a number from 0 to 1 of key and salt, and compare it with
    # the share (3 lines)
    raise NotImplementedError("6.1a")


@app.function
def arms(asked: list[tuple[str, float, str]]) -> list[str]:
    """The arms of many customers. The grader calls it: leave it as it is."""
    return [arm(*one) for one in asked]


@app.cell(hide_code=True)
def _():
    report_6_1a = check("6.1a", lambda: arm)
    report_6_1a
    return (report_6_1a,)


@app.cell(hide_code=True)
def _(report_6_1a):
    report_6_1a.gate("Two ways to do it are compared here when 6.1a passes.")
    mo.md("""
    **Two good ways.** A hash of salt and key needs no memory: ten replicas agree without talking to each other, and so does
    next week's process. A table of who got what is the other way. It can keep a customer's arm when the salt changes and can name
    everybody who had the challenger, and it costs a look-up for each request and a database that must not be down. The shop's own
    service hashes (`draw` in `cardshop/rollout/policies.py`).
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("6.1b")}

    The canary runs, and every ten minutes a batch of numbers comes in, at most {LOOKS} of them. If you look after each batch, chance shows
    you a bad moment sooner or later, even with the best of models. If you wait for the end, a bad model answers customers all day.

    `decide` gets what was counted since the canary began. Labels come hours after the requests, so at first there are none. A
    challenger is good enough if it is surely not right less often than the champion by more than `MARGIN`, which is {MARGIN:g}.

    ```python
    >>> champion = {{"requests": 1600, "errors": 5, "slow": 9, "labels": 800, "right": 672}}
    >>> fails = {{"requests": 400, "errors": 31, "slow": 3, "labels": 180, "right": 151}}
    >>> early = {{"requests": 400, "errors": 2, "slow": 2, "labels": 40, "right": 27}}
    >>> decide(champion, fails), decide(champion, early)
    ('rollback', 'wait')
    ```

    An ordinary interval of `95 %` would take back the second one, too.
    """)
    return


@app.function
def decide(champion: dict[str, int], challenger: dict[str, int]) -> str:
    """Return what to do with a canary: "wait", "promote" or "rollback".

    Both dicts count what an arm did since the canary began: `requests`;
    `errors`, requests that failed; `slow`, answers that took more than
    0.5 s; `labels` that came back; `right`, labels that were as predicted.
    At first all are 0.

    - It is called after each of LOOKS batches. The first answer that isn't
      "wait" ends the canary.
    - The same numbers get the same answer, whatever was asked before.
    - Nobody is promoted while an arm has fewer than 20 labels.
    - 10,000 calls take at most two minutes.

    Canaries that you haven't seen are replayed. In a batch the challenger
    answers about 40 requests. Points are percentage points:

    - Of challengers that are right more often, by 4 points or more, at
      least nine in ten are promoted.
    - Of those that are right less often, by 6 points or more, at least nine
      in ten are taken back within 100 batches.
    - Of those that are right less often, by 3 points, at least nine in ten
      aren't promoted.
    - Of those that fail more often, or are slow more often, by 4 points or
      more, at least nine in ten are taken back within 30 batches.
    - Some are as good as the champion, and for an hour many requests of
      both fail or are slow. At least three in four aren't taken back.
    - Some are as good as the champion and look worse for a while, by
      chance. At least half aren't taken back. An ordinary 95 % interval
      after each batch takes back nearly all of these.
    """
    # TODO 2: compare three rates, each with an interval that holds at LOOKS
    # looks together (about 14 lines)
    raise NotImplementedError("6.1b")


@app.function
def decisions(looks: list[tuple[dict, dict]]) -> list[str]:
    """What to do at many looks. The grader calls it: leave it as it is."""
    return [decide(*look) for look in looks]


@app.cell(hide_code=True)
def _():
    report_6_1b = check("6.1b", lambda: decide)
    report_6_1b
    return (report_6_1b,)


@app.cell(hide_code=True)
def _(report_6_1b):
    report_6_1b.gate("Two ways to do it are compared here when 6.1b passes.")
    mo.md("""
    **Two good ways.** Dividing the error by the number of looks (*Bonferroni*) takes one line, and needs to know that number. An
    interval that holds at all looks together, a *confidence sequence*, never needs it: the shop's own judge uses one
    (`cardshop/rollout/sequential.py`), because nobody knows how long a canary will run. Both are wider than an ordinary interval, so a
    small difference takes more labels.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("6.2a")}

    Last week the only rule of your service woke somebody on five nights: each time one call had failed, and the next one had not.
    On the sixth night nobody looked any more, and half of the calls failed until breakfast.

    Your service promises two things for every month. Of the calls under `/v1/`, {1 - recordings.MAY_FAIL:.1%} are answered without a `5xx`. Of
    the predictions, which are the calls to `/v1/predict`, {1 - recordings.MAY_BE_SLOW:.0%} take at most `0.5` seconds. Write rules that say when
    a promise is in danger. A `page` gets somebody out of bed, a `ticket` waits for the next morning.

    Edit the file **`06_production_stack/alerts/service.yaml`** beside this notebook with any editor. When you save it, the chart
    follows within a second or two. The verdict takes longer: it plays more than half of the recordings below over your rules, minute by minute,
    and each costs a second of computing. *Run every check* plays all of them, and as many again. What has to fire, and what must not:
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(recordings.table(recordings.SERVICE))
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    A call is *bad* if it fails with a `5xx` or, at `/v1/predict`, is *slow*: it takes longer than `0.5` seconds. On a good day one
    call in {1 / recordings.FAIL:,.0f} fails and one prediction in {1 / recordings.ARE_SLOW:,.0f} is slow. By day hundreds of calls come in a minute, and at night one or two.

    - Fewer than ten bad calls in an hour are no reason for a page.
    - A page ends at most {recordings.ENDS} minutes after its cause: it says what is wrong now.
    - Each alert has the label `severity`, with `page` or `ticket`. Any names will do, as long as alerts with the same
      labels have different ones, and you may write as many alerts and recording rules as you like.
    - Prometheus reads the metrics and evaluates the rules once a minute, in recordings of a day every four minutes. So give `rate` a
      window of five minutes or more. What fires while the windows fill up is not counted: in the first {recordings.SETTLED} minutes, and in
      recordings of a day in the first {recordings.SETTLED_DAY // 60} hours. A window that is longer than a recording holds what there is.

    | metric | kind | labels |
    |---|---|---|
    | `cardshop_requests_total` | counter | `instance`, `path` (`/v1/predict`, `/v1/explain`, `/ready`), `status` |
    | `cardshop_request_seconds_bucket`, `_count`, `_sum` | histogram | `instance`, `path`; the buckets also `le` (`0.05`, `0.1`, `0.2`, `0.5`, `1.0`, `2.0`, `5.0`, `+Inf`) |
    | `up` | gauge: `1` if Prometheus could read the metrics, else `0` | `job` (`service`), `instance` |

    Two replicas answer, `service-1` and `service-2`. A counter begins at `0` when its replica starts; the series of `500`, `503` and
    `504` under `/v1/` are there from then on. A call to `/v1/explain` takes a second, and nobody has promised that it's
    quicker. `/ready` answers `503` while a replica starts.
    """)
    return


@app.cell(hide_code=True)
def _(alert_room):
    service_file = mo.watch.file(
        mo.notebook_dir() / "06_production_stack" / "alerts" / "service.yaml"
    )
    service_kind, service_seed = alert_room.controls(recordings.SERVICE)
    mo.hstack([service_kind, service_seed], justify="start")
    return service_file, service_kind, service_seed


@app.cell(hide_code=True)
def _(alert_room, service_file):
    service_rules = alert_room.text(service_file)
    return (service_rules,)


@app.cell(hide_code=True)
def _(alert_room, service_kind, service_rules, service_seed):
    alert_room.shown(
        service_rules, recordings.service(service_kind.value, service_seed.value)
    )
    return


@app.cell(hide_code=True)
def _(service_rules):
    report_6_2a = check("6.2a", lambda: service_rules)
    report_6_2a
    return (report_6_2a,)


@app.cell(hide_code=True)
def _(report_6_2a):
    report_6_2a.gate("Two ways to do it are compared here when 6.2a passes.")
    mo.md("""
    **Two good ways.** One window of five minutes and a patient `for` is the least to read: `… [5m]) > 0.01`, `for: 10m`. The two windows of
    Google's SRE workbook hardly need a `for`: the hour says how much of the budget is gone, and five minutes say that it is still
    going. A pause of six minutes between two bursts of errors sets the clock of `for` back. It doesn't set the hour back.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("6.2b")}

    The service answers `200` to every call, within half a second, and is of no use: the scanner is cut off, or a client's update has
    renamed a field, or every third card is sorted wrongly. The promises of `6.2a` are kept all the time.

    Edit **`06_production_stack/alerts/model.yaml`**. What is said about labels, names and windows in `6.2a` holds here, too.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(recordings.table(recordings.MODEL))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    By day hundreds of calls come in a minute, and on a good day one in fifty is refused. Fewer than ten refused calls in an hour are no
    reason for a page.

    | metric | kind | labels |
    |---|---|---|
    | `cardshop_requests_total` | counter of the service | `instance`, `path`, `status` |
    | `cardshop_model` | gauge of the service: `1`; the series ends with its model | `instance`, `alias` (`champion`, `challenger`), `version` |
    | `cardshop_drift_psi` | gauge of the monitor | `feature` (`hp`, `attack`, `rarity`, `predicted_type`, `confidence`) |
    | `cardshop_accuracy` | gauge of the monitor: the share of labelled predictions that are right | none |
    | `cardshop_accuracy_low`, `cardshop_accuracy_high` | gauges of the monitor: the ends of its interval | none |
    | `cardshop_labels` | gauge of the monitor: labels that the accuracy rests on | none |
    | `cardshop_last_prediction_timestamp_seconds`, `cardshop_last_label_timestamp_seconds` | gauges of the monitor: times, to be compared with `time()` | none |
    | `up` | gauge: `1` if Prometheus could read the metrics, else `0` | `job` (`service`, `monitor`), `instance` |

    All series also have the labels `job` and `instance`. While the monitor is away, its gauges are missing.
    """)
    return


@app.cell(hide_code=True)
def _(alert_room):
    model_file = mo.watch.file(
        mo.notebook_dir() / "06_production_stack" / "alerts" / "model.yaml"
    )
    model_kind, model_seed = alert_room.controls(recordings.MODEL)
    mo.hstack([model_kind, model_seed], justify="start")
    return model_file, model_kind, model_seed


@app.cell(hide_code=True)
def _(alert_room, model_file):
    model_rules = alert_room.text(model_file)
    return (model_rules,)


@app.cell(hide_code=True)
def _(alert_room, model_kind, model_rules, model_seed):
    alert_room.shown(
        model_rules, recordings.model(model_kind.value, model_seed.value)
    )
    return


@app.cell(hide_code=True)
def _(model_rules):
    report_6_2b = check("6.2b", lambda: model_rules)
    report_6_2b
    return (report_6_2b,)


@app.cell(hide_code=True)
def _(report_6_2b):
    report_6_2b.gate("Two ways to do it are compared here when 6.2b passes.")
    mo.md("""
    **Two good ways.** `time() - cardshop_last_prediction_timestamp_seconds > 7200` asks the monitor when the last card came.
    `sum(increase(cardshop_requests_total{path="/v1/predict", status="200"}[2h])) == 0` asks the service, and works while the monitor
    is away. The first says in its value how long it has been quiet, which the person who gets up wants to know.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("6.3a")}

    On the evening when new cards came out, both replicas of the service were too slow. Then one was killed for its memory, and the
    other got its calls as well. Now you say how large a replica is, and how many there are.

    A replica has `workers` processes. Each computes on one core at a time, and calls wait in one queue for a free worker. The load test
    of one replica held each rate for forty minutes: `rate` is calls a second, `p50` and `p99` are in seconds, memory is in MiB, and
    `cores` is what the replica used on average. `hours` has the calls of each hour in four weeks. For the service that is shown
    below, this is a right answer:

    ```
    sizing(load_test, hours, 2)  →  {{"cpu_request": 1196, "cpu_limit": 2000, "memory_request": 828, "memory_limit": 1035,
                                     "min_replicas": 2, "max_replicas": 11, "target": 50}}
    ```

    `1196` is the lesson's `per_call` times the highest rate that was quick enough. The table's own `cores` at that rate are
    `1.194`, from one row instead of all: `1194` is as right.

    In each hour the autoscaler sets as many replicas as bring what they use to `target` per cent of what they request,

    ```
    replicas = ceil(cores that all calls of the hour use / (cpu_request / 1000 * target / 100))
    ```

    but at least `min_replicas` and at most `max_replicas`. The calls of an hour come at random times, and each goes to a random replica.
    """)
    return


@app.cell(hide_code=True)
def _(capacity_plots):
    example = capacity.shop(SEED)
    capacity_plots.shown(example)
    return (example,)


@app.function
def sizing(
    load_test: pl.DataFrame, hours: pl.DataFrame, workers: int
) -> dict[str, int]:
    """Return seven whole numbers: how large a replica is, and how many there are.

    `load_test` has `rate`, `p50`, `p99`, `cores`, `memory_mean` and
    `memory_most`, sorted by `rate`. In the last rows the replica gets more
    than it can compute. `hours` has `hour` and `calls`.

    - `min_replicas`, `max_replicas` and `target` (a per cent): in each hour
      99 of 100 calls are answered within P99 seconds, also while one
      replica is gone and the others get its calls. This holds for `hours`,
      and for weeks in which each hour has GROWTH times as many calls.
      `max_replicas` is at most twice what the busiest of those hours needs.
    - `cpu_request` (thousandths of a core): in each of those hours at least
      what a replica uses on average, also while one is gone.
    - `cpu_limit` (thousandths of a core): at least one core for each worker,
      because a container at its limit is stopped for the rest of each tenth
      of a second. It is not below the request.
    - `memory_request` (MiB): at least the most that the load test has seen.
      `memory_limit` (MiB): at least 1.25 times and at most twice that,
      because a container above its limit is killed.
    - What is reserved, `cpu_request` times the replicas of all `hours`, is
      at most 1.75 times that of the cheapest sizing that keeps these rules.
    """
    # TODO 3: how many calls one replica can take; from there to how many
    # replicas, and to what each of them gets (about 13 lines)
    raise NotImplementedError("6.3a")


@app.cell(hide_code=True)
def _():
    report_6_3a = check("6.3a", lambda: sizing)
    report_6_3a
    return (report_6_3a,)


@app.cell(hide_code=True)
def _(capacity_plots, example, report_6_3a):
    report_6_3a.gate(
        "What your sizing does in the four weeks is shown here when 6.3a passes."
    )
    capacity_plots.scaled(example, sizing(*example))
    return


@app.cell(hide_code=True)
def _(report_6_3a):
    report_6_3a.gate("Two ways to do it are compared here when 6.3a passes.")
    mo.md("""
    **Two good ways.** Two replicas at half of what they can do are the simplest sizing. Three at two thirds need fewer cores by day,
    and one replica more at night: count both over your own hours.

    The last rate of the load test that was quick enough needs no theory, and everything that you didn't think of was measured with it. A queue formula, Erlang C for example, gives p99 between and beyond the rates that were tried, and says what
    another worker would change. It needs the spread of the calls' times, and it is wrong where calls wait for something else than a core.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("6.3b")}

    In staging the service runs as `base/` says. A colleague copied that folder for production, and half a year later a repair of the base
    had never reached it. You write what differs, an *overlay*, and nothing else.

    Edit the files in **`06_production_stack/overlay/`** beside this notebook with any editor. When you save one of the four that are
    there, what differs and the verdict below follow. Add, rename or remove files as you like, but `kustomization.yaml` has to be
    there, and `base/` remains as it is. In production

    - all objects are in the namespace `cardshop-production`
    - service and monitor run the image `{IMAGE}`
    - the container of the service requests `700m` of CPU and `480Mi` of memory, and its limits are `1` core and `640Mi`
    - it gets calls only while `GET /ready` at its port `http` answers. The liveness probe stays at `/health`
    - its variable `CARDSHOP_RATE` is `"100"`
    - it doesn't run as root, can't get more privileges, has no capabilities, and can't write to its root file system
    - a HorizontalPodAutoscaler `service` keeps the Deployment `service` at `3` to `8` replicas, aiming at `66` % of the requested
      CPU and at nothing else. Nobody else sets the number of replicas
    - a PodDisruptionBudget `service` lets one pod of the service go at a time when nodes are drained, however many there are

    Everything else comes out as in the base, also after the next repair of it: a copy of the base in the overlay doesn't pass. Times and thresholds of the readiness probe, labels of the two new objects, the
    autoscaler's `behavior` and other fields of a security context are up to you. Every version of Kubernetes from `1.33` to `1.37`
    has to know every field.
    """)
    return


@app.cell(hide_code=True)
def _():
    folder = mo.notebook_dir() / "06_production_stack"
    kustomization = mo.watch.file(folder / "overlay" / "kustomization.yaml")
    patch = mo.watch.file(folder / "overlay" / "service.yaml")
    autoscaler = mo.watch.file(folder / "overlay" / "autoscaler.yaml")
    budget = mo.watch.file(folder / "overlay" / "budget.yaml")
    return autoscaler, budget, folder, kustomization, patch


@app.cell(hide_code=True)
def _(autoscaler, budget, folder, kustomization, overlays, patch):
    overlays.difference(
        folder / "base",
        folder / "overlay",
        (kustomization, patch, autoscaler, budget),
    )
    return


@app.cell(hide_code=True)
def _(autoscaler, budget, kustomization, patch):
    report_6_3b = check("6.3b", lambda: (kustomization, patch, autoscaler, budget))
    report_6_3b
    return (report_6_3b,)


@app.cell(hide_code=True)
def _(report_6_3b):
    report_6_3b.gate("Two ways to do it are compared here when 6.3b passes.")
    mo.md("""
    **Two good ways.** A strategic merge patch is a piece of the object as it is to be, and finds containers, variables and mounts by their
    names. A JSON patch names a path, as in `{op: remove, path: /spec/replicas}`: it says that something goes, and it fails where the
    path isn't there. Its `containers/0/env/1` is another variable as soon as somebody adds one to the base.
    """)
    return


@app.cell(hide_code=True)
def _():
    from lessons import alert_room, capacity_plots, overlays

    return alert_room, capacity_plots, overlays


if __name__ == "__main__":
    app.run()
