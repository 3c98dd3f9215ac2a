import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium", app_title="Checkpoint: from a script to a service [CP-6]"
)

with app.setup(hide_code=True):
    import hmac
    import re
    import time
    from pathlib import Path
    from typing import Annotated, Literal
    from uuid import uuid4

    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop import pilot, recordings
    from cardshop.scorer import Scorer
    from fastapi import FastAPI, HTTPException, Request, Response
    from grader import check, small_table, title
    from prometheus_client import (
        CollectorRegistry,
        Counter,
        Gauge,
        Histogram,
        generate_latest,
    )
    from pydantic import BaseModel, ConfigDict, Field, ValidationError

    MOST_BYTES = 20_000  # of a body
    BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5)  # seconds
    IMAGE = "registry.example.com/sorter@sha256:4c1f9a2e7b60d853f1a4c7e90b2d6538e7f10a9c4b3d2e1f0a9b8c7d6e5f4a3b"
    # your own pilot: the number that your instructor gave you, or any other
    SEED = 1


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # {title("CP-6")}

    A colleague has left. Their script sorts the cards of a partner shop, on a computer under a desk, and on Monday the whole partner network will call it. You
    take it to production: a service that can be operated, alerts, a manifest, and a decision that you sign.

    **Start here:** read the script and list what would hurt you in the first week. Which of these would you notice, and who would tell you?
    This checkpoint is longer than the others: {title("CP-6a")} is a sitting of its own.
    """)
    return


@app.cell(hide_code=True)
def _():
    _script = mo.notebook_dir() / "06_production_stack" / "sorter.txt"
    mo.md(f"```python\n{_script.read_text(encoding='utf-8')}```")
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-6a")}

    The model has been converted into a `Scorer`, so nothing is unpickled any more. Training and rollout write files; your service follows them.

    ```
    folder/champion                   7
    folder/versions/6/scorer.json
    folder/versions/7/scorer.json

    POST /v1/predict
    X-API-Key: …
    X-Request-ID: scan-31
    {{"cards": [{{"card_id": "KND-001", "stage": "Stage 2", "hp": 60, …}}]}}

    200
    X-Request-ID: scan-31
    {{"predictions": [{{"card_id": "KND-001", "card_type": "Water", …}}], "version": "7"}}
    ```

    The contract of cards is that of exercise 5.1, and your own answer to it is a good start. What is new: a key, ids, metrics, and a champion that changes while
    the service runs. A version can be broken, and the service must outlive it.

    | metric | what it is |
    |---|---|
    | `sorter_requests_total` | counter by `status`: the answers to `POST /v1/predict`. The series for `200`, `401`, `422`, `500` and `503` are there from the start, at `0` |
    | `sorter_request_seconds` | histogram: the seconds of each of these answers, in the buckets of `BUCKETS` |
    | `sorter_cards_total` | counter by `card_type`: the predicted cards |
    | `sorter_model_info` | gauge by `version`: `1` for the one that answers; other versions have no series |
    | `sorter_champion_broken` | gauge: `1` while `champion` can't be followed, `0` otherwise |
    """)
    return


@app.class_definition
class Card(BaseModel):
    """A card as in 5.1: these fields and no others.

    `card_id` is a text of 1 to 40 characters, `stage` one of the three. The
    six stats are whole numbers from 1 to 400, and no text is converted.
    """

    # TODO 1: the contract of 5.1 (about 6 lines; copy yours)
    card_id: str
    stage: str
    hp: int
    attack: int
    defense: int
    special_attack: int
    special_defense: int
    speed: int


@app.class_definition
class Asked(BaseModel):
    """The body of a request: `cards`, a list of 1 to 100 cards, and nothing else."""

    # TODO 2: this one, too (2 lines)
    cards: list[Card]


@app.function
def told(error: ValidationError) -> str:
    """Return what is wrong in one line, such as "cards.0.hp: …"; yours to write or to delete."""
    raise NotImplementedError("CP-6a")


@app.class_definition
class Champion:
    """The model that answers: the one that `champion` names, or the last good one; yours to write or to delete."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model: Scorer | None = None  # the last good one
        self.broken = False  # whether `champion` can't be followed

    def latest(self) -> Scorer | None:
        """Look at the folder again, and return the model that answers now."""
        # TODO 3: follow the file, and keep what is good (about 14 lines)
        name = (self.folder / "champion").read_text().strip()
        return Scorer.read(self.folder / "versions" / name)


@app.function
def make_app(folder: Path, key: str) -> FastAPI:
    """Return the service that answers with the champion of `folder`.

    Model
    - The file `folder/champion` has the name of a version; spaces and line
      breaks around it don't count. Its model is the Scorer in
      `folder/versions/NAME`. A version is good if `Scorer.read` reads it, its
      `version` is NAME, and its weights and biases are finite numbers. A good
      version never changes.
    - When `champion` names another good version, that one answers from the
      next request on: a promotion and a rollback need no restart.
    - While `champion` can't be followed, because the file is missing or
      empty or not text, or the version that it names is missing or not good,
      the last good model answers. As soon as the version is good, it answers.

    Routes
    - `GET /health`: 200 as long as the process lives.
    - `GET /ready`: 200 if a model answers. `GET /version`: 200 with `version`,
      that of the model that answers. Both 503 before there was a good model.
    - `POST /v1/predict`: 200 with `predictions` (what the scorer predicts)
      and `version`, both of the same model.
    - `GET /metrics`: the table above in Prometheus' text format, with
      `# TYPE` lines and a content type that begins with `text/plain`. The
      two gauges are true at the moment of the request.

    Every other answer has a JSON body with a text `detail`: what was wrong
    - 401 if the header `X-API-Key` isn't `key`, whatever the body is.
    - 413 if the body has more than MOST_BYTES bytes, announced or not.
    - 400 or 422 if the body is not JSON; 422 if it breaks the contract:
      `detail` names the field and, for a card, its place, counted from 0.
      For an unknown stage it names the three that there are.
    - 503 with the header `Retry-After`, a number of seconds, before there
      was a good model. While there is a model, nothing that a client sends
      gets a 5xx.

    Always
    - Every answer has the header `X-Request-ID`: that of the request, if it
      is 1 to 64 characters of a-z, A-Z, 0-9, `-` and `_`; otherwise a new
      one of this form.
    - No answer shows the key, a path of the server, or a traceback. Nothing
      that a client sends becomes the label of a metric.
    - Two apps in one process don't share counts or models.
    """
    service = FastAPI(openapi_url=None)
    champion = Champion(folder)
    # TODO 4: routes, metrics, key, ids (about 70 lines)
    @service.post("/v1/predict")
    async def predict(request: Request) -> dict:
        asked = Asked(**await request.json())
        model = champion.latest()
        cards = [card.model_dump() for card in asked.cards]
        return {"predictions": model.predict(cards), "version": model.version}
    return service


@app.cell(hide_code=True)
def _():
    report_6a = check("CP-6a", lambda: make_app)
    report_6a
    return (report_6a,)


@app.cell(hide_code=True)
def _(report_6a):
    report_6a.gate(
        "Two good ways to follow a champion are compared here when CP-6a passes."
    )
    mo.md("""
    **Two good ways.** Looking at the file for each request is the least code, and a rollback holds from the next request on; it costs some microseconds. Looking every few seconds in the
    background takes the file system out of the answer's way, and for a moment two replicas answer with two versions. The shop's own service does the second, because its registry is on the other side of
    a network (`cardshop/serving/holder.py`).
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-6b")}

    Two replicas of the service run, and Prometheus reads them once a minute. The promises are those of exercise 6.2a: `99.9` % of the calls don't fail (no `5xx`), `99` % take at most half a
    second. Your metrics also know what no promise covers: refused partners, a champion that can't be followed, cards that all look alike.

    Edit **`06_production_stack/alerts.yaml`** beside this notebook. As in 6.2a, the verdict takes longer than the chart, because it plays most of the recordings. Each alert has the label `severity`: a `page` gets somebody out of bed, a `ticket` waits for the morning.

    {recordings.table(pilot.ALERTS)}

    By day hundreds of calls come in a minute, and at night one or two. On a good day one call in {1 / recordings.FAIL:,.0f} fails, one in {1 / recordings.ARE_SLOW:,.0f} is slow, one in a hundred is refused, and
    no type gets more than `60` % of the cards. Fewer than ten bad calls in an hour are never a reason for a page. A page ends at most {recordings.ENDS} minutes after its cause.

    The metrics are those of {title("CP-6a")}, each with `job="sorter"` and `instance`. A call may also end with `504`, which a proxy counts. `up` is `1` if Prometheus got an answer.
    In recordings of a day the rules are evaluated every four minutes, so give `rate` a window of `5m` at least; shorter ones hold too few values.
    """)
    return


@app.cell(hide_code=True)
def _():
    from lessons import alert_room

    rules_file = mo.watch.file(
        mo.notebook_dir() / "06_production_stack" / "alerts.yaml"
    )
    kind, seed = alert_room.controls(pilot.ALERTS)
    mo.hstack([kind, seed], justify="start", wrap=True)
    return alert_room, kind, rules_file, seed


@app.cell(hide_code=True)
def _(alert_room, rules_file):
    rules = alert_room.text(rules_file)
    return (rules,)


@app.cell(hide_code=True)
def _(alert_room, kind, rules, seed):
    alert_room.shown(rules, pilot.recording(kind.value, seed.value))
    return


@app.cell(hide_code=True)
def _(rules):
    report_6b = check("CP-6b", lambda: rules)
    report_6b
    return (report_6b,)


@app.cell(hide_code=True)
def _(report_6b):
    report_6b.gate(
        "Two good ways to find a wrong model are compared here when CP-6b passes."
    )
    mo.md("""
    **Two good ways.** A share of one type above `0.8` is a bar that you can explain at three in the morning, and it misses a model that confuses only two types. The difference to the same hour of
    yesterday (`offset 1d`) finds smaller shifts, and it fires when a partner scans a crate of one type.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-6c")}

    The image has been built from your service. It starts `make_app(Path(SORTER_FOLDER), SORTER_KEY)` with these two environment variables, at port `8000`. The cluster already has a Secret
    `sorter-key` with the entry `key`, and a PersistentVolumeClaim `models` with `champion` and `versions/`.

    Edit **`06_production_stack/sorter.yaml`** beside this notebook: a Deployment, a Service and a PodDisruptionBudget, each called `sorter`, and nothing else.

    - Three replicas of `{IMAGE}` run, each with one container `sorter` and its port `http`, `8000`.
    - While a new release replaces them, three replicas answer at any moment. `strategy` says how many may be missing (`maxUnavailable`) and how many may be too many (`maxSurge`).
    - `SORTER_FOLDER` is `/models`. The claim `models` is mounted there, read-only.
    - `SORTER_KEY` comes from the Secret, by `valueFrom` and `secretKeyRef`, and not from this file.
    - Calls come only while `GET /ready` answers; a pod is restarted when `GET /health` doesn't.
    - The container requests `500m` of CPU and `300Mi` of memory; its limits are `1` core and `512Mi`.
    - It doesn't run as root, can't get more privileges, has no capabilities, and can't write to its root file system.
    - The Service leads from its port `80` to these pods, inside of the cluster.
    - When nodes are drained, one pod may go at a time: not more, and not less.

    Everything else is up to you. Kubernetes `1.33` to `1.37` has to know every field.
    """)
    return


@app.cell(hide_code=True)
def _():
    manifest = mo.watch.file(
        mo.notebook_dir() / "06_production_stack" / "sorter.yaml"
    )
    report_6c = check("CP-6c", lambda: manifest)
    report_6c
    return (report_6c,)


@app.cell(hide_code=True)
def _(report_6c):
    report_6c.gate(
        "Two good ways to hand over a key are compared here when CP-6c passes."
    )
    mo.md("""
    **Two good ways.** A key in an environment variable is the least to write; a new key needs new pods. A Secret that is mounted as a file changes under a running pod, and a
    service that reads the file again needs no restart. Both keep the key out of the image and out of the repository.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-6d")}

    For thirty days the service answered the partner's calls as a pilot. The table has a row for each hour: how many `calls` came, how many of them `failed` (a status of
    `500` or more), how many took longer than half a second (`slow`). The objectives are those of the lesson: `99.9` % of the calls don't fail, `99` % are not slow.
    """)
    return


@app.cell(hide_code=True)
def _():
    hours = pilot.hours(SEED)
    small_table(hours.slice(6, 4))
    return (hours,)


@app.function
def numbers() -> dict:
    """Return what the pilot says, as numbers: `seed`, that of your pilot, and

    - `budget`: how many calls may fail in these thirty days
    - `used`: the share of the budget that is used, 1 for all of it
    - `worst`: the hour that used the most of it
    - `burn`: the burn rate of this hour
    - `pages`: the number of hours that used more than 2 % of the budget
    - `pace`: the burn rate of the last seven days
    - `slow`: the share of slow calls, of all calls
    - `minutes`: how many minutes of a complete outage the rest of the
      budget covers, in the busiest hour (the one with the most calls)
    - `go`: True if at least a quarter of the budget is left, `pace` is at
      most 1, and `slow` is at most 0.01

    A burn rate is the share of failed calls, divided by the share that may
    fail. Numbers are right to 1 %. A budget that is overspent has a rest
    of 0.
    """
    # TODO 5: nine numbers (about 16 lines)
    raise NotImplementedError("CP-6d")


@app.cell(hide_code=True)
def _():
    report_6d = check("CP-6d", lambda: numbers)
    report_6d
    return (report_6d,)


@app.cell(hide_code=True)
def _(report_6d):
    report_6d.gate("Your pilot's numbers appear here when CP-6d passes.")
    _said = numbers()
    mo.md(f"""
    Your pilot has used **{_said["used"]:.0%}** of its budget. In its worst hour the budget burned **{_said["burn"]:.0f}** times too fast, in the last seven days
    **{_said["pace"]:.2f}** times. **{_said["slow"]:.2%}** of the calls were slow.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-6e")}

    Write in the cell `launch` (keep its name), in <span data-literal>150</span> words or more: go or no-go, with the numbers of your pilot; a runbook for whoever is on call when one
    of your alerts pages; and what neither the pilot nor the alerts can show. A reviewer marks it.

    | points | the numbers force it | a stranger can follow it | what isn't covered |
    |---|---|---|---|
    | none | “It works well, so go.” | “Find out why it is slow and fix it.” | “The service is ready.” |
    | half | “We used `64` % of the budget, so no-go.” | “If there are errors, roll back.” | “The model could get worse.” |
    | all | “`64` % of the budget is used, which would do. The last seven days burn it `2.3` times too fast; the limit is `1`. Go after seven days below `1`.” | “Errors since a promotion: write the name of the version before into `champion`; it helped when fewer than `0.1` % of the calls fail for five minutes.” | “Wrong types look like right ones to all these alerts. Sorting labels `200` cards a week from Monday on.” |
    """)
    return


@app.cell
def launch():
    # TODO 6: decision and runbook in Markdown between the quotation marks
    written = mo.md("""
    *Your decision and your runbook appear here.*
    """)
    written
    return (written,)


@app.cell(hide_code=True)
def _(written):
    report_6e = check("CP-6e", lambda: written)
    report_6e
    return


if __name__ == "__main__":
    app.run()
