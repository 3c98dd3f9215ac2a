import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Checkpoint: on call [CP-5]")

with app.setup(hide_code=True):
    from pathlib import Path

    import marimo as mo
    import polars as pl
    from cardshop import oncall
    from cardshop.oncall import ALERTS, CAUSES, LIMIT, LOST, METRICS, WRONG
    from fastapi import FastAPI
    from grader import check, small_table, title

    SEED = 1  # your own incidents: the number that your instructor gave you, or any other


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # {title("CP-5")}

    It is your night. Within a few hours three alerts come in, each about a service of its own. You find out what happened and since when, mend
    the service, say what the night has cost, and write to the people who read about it in the morning.

    **Start here:** choose an alert below and look at its charts. Which of them moved, and which of these can't be a mere effect?
    """)
    return


@app.cell(hide_code=True)
def _():
    small_table(
        [{"alert": name, "what it says": what} for name, what in ALERTS.items()]
    )
    return


@app.cell(hide_code=True)
def _():
    alert = mo.ui.dropdown(list(ALERTS), value="latency", label="alert")
    mark = mo.ui.slider(
        0, 59, 1, value=0, show_value=True, label="a line at minute"
    )
    mo.hstack([alert, mark], justify="start", wrap=True)
    return alert, mark


@app.cell(hide_code=True)
def _(alert, mark):
    from lessons import incident_room

    incident = oncall.incidents(SEED)[alert.value]
    incident_room.metrics(incident, mark.value or None)
    return incident, incident_room


@app.cell(hide_code=True)
def _(incident, incident_room):
    mo.accordion(
        {
            "The log, and two requests": incident_room.records(incident),
            "The code, with what the release of this hour has changed, and the settings": incident_room.code(
                incident
            ),
            "What each metric means": small_table(
                [
                    {"metric": name, "what it is": what}
                    for name, what in METRICS.items()
                ]
            ),
        }
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-5a")}

    For each alert: the cause, the first minute of it, and a metric that tells this cause from the others, with its mean before that minute and from it
    on. `oncall.shift` computes both means.

    Not every metric that moved is evidence. When requests are slow, `p95_ms` moves whatever the cause; `queue_ms` moves only if they wait for each
    other. Not every change in the log did harm, either. The number of a release, of the settings or of the model is evidence if that change is the cause.
    """)
    return


@app.cell(hide_code=True)
def _():
    small_table(
        [{"cause": name, "what it means": what} for name, what in CAUSES.items()]
    )
    return


@app.cell
def _(incident):
    # change metric and minute: the mean before the minute, and from it on
    oncall.shift(incident.metrics, "p95_ms", 30)
    return


@app.function
def reports() -> dict:
    """Return `seed`, the number of your incidents, and for each of ALERTS what happened.

    {"seed": 7, "latency": {"cause": "wait", "since": 31,
    "metric": "queue_ms", "before": 5.01, "after": 1880.2}, "confidence":
    ..., "fire": ...}

    - `cause` is one of CAUSES, `since` its first minute, give or take one.
    - `metric` is one of METRICS that tells the cause from the other causes
      of this alert. `before` and `after` are its means before `since` and
      from it on, to 2 %.
    """
    # TODO 1: three diagnoses
    raise NotImplementedError("CP-5a")


@app.cell(hide_code=True)
def _():
    report_5a = check("CP-5a", lambda: reports)
    report_5a
    return (report_5a,)


@app.cell(hide_code=True)
def _(report_5a):
    report_5a.gate("Two ways to search are compared here when CP-5a passes.")
    mo.md("""
    **Two good ways.** *What changed?* reads the log first and asks of each change whether it explains the symptom; it is quick, and blind to what clients
    do. *Where is it?* follows a request through its stages and asks which of them takes the time or makes the answer odd; it is slower, and finds causes that no log
    names.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-5b")}

    Mend each service with the smallest change that you would dare to deploy at night. A change is a list of edits: an old text, which occurs once in the
    file, and a new one. All new texts for an alert together have at most `600` characters. Both `service.py` and `settings.json` can be edited; the folder also has the models and `species.json`.

    ```python
    {{"settings.json": [('"wait_ms": 1900', '"wait_ms": 5')]}}
    ```

    The grader starts your service and sends what the clients sent last night, and requests that nobody has seen. All cards have to get the type
    that `model-6.json` gives them. The model expects the stats in points, and a gap is filled with the stat of the species. Requests from before the incident must still be answered. If
    requests were slow, yours may take at most a third of the time. Clients can't be changed tonight; only a request of more than
    `100` cards may be refused, with a status of `413` or `422`.
    """)
    return


@app.function
def repairs() -> dict:
    """Return `seed`, and for each of ALERTS its edits: a dict from file to pairs of an old text and a new one."""
    # TODO 2: three repairs
    raise NotImplementedError("CP-5b")


@app.function
def serve(code: str, folder: Path) -> FastAPI:
    """Start a service from its code, as the grader does. To try your edits."""
    names = {"__name__": "service"}
    exec(compile(code, "service.py", "exec"), names)
    return names["make_app"](folder)


@app.cell(hide_code=True)
def _():
    report_5b = check("CP-5b", lambda: repairs)
    report_5b
    return (report_5b,)


@app.cell(hide_code=True)
def _(report_5b):
    report_5b.gate("Two ways to repair are compared here when CP-5b passes.")
    mo.md("""
    **Two good ways.** Going back is the repair that you can test least and need to test least: yesterday it worked. Going forward mends the cause and keeps what the
    release was for; at night you do it only if going back isn't possible, because a client has changed and won't change back before morning.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-5c")}

    In the morning somebody asks what it cost. A request that takes more than {LIMIT:,} ms is given up and costs {LOST:.2f} EUR. A card in a wrong box
    costs {WRONG:.2f} EUR. Some of that happens every day, so you count what an ordinary hour would have cost, and take it off.

    ```python
    >>> requests = pl.DataFrame({{"minute": [0, 2, 3], "ms": [30.0, 1500.0, 40.0], "wrong": [1, 0, 5]}})
    >>> impact(requests, since=2, minutes=4)
    8.5
    ```

    The two minutes before cost `2.00` and `0.00`, a mean of `1.00`. The two from minute `2` on cost `0.50` and `10.00`. That is `10.50 - 2 * 1.00`.
    """)
    return


@app.function
def impact(requests: pl.DataFrame, since: int, minutes: int) -> float:
    """Return what an incident has cost, in EUR, beyond what is usual.

    - `requests` has a row for each request: `minute`, `ms`, and `wrong`, the
      number of its cards that landed in a wrong box. There may be more
      columns. Minutes are counted from 0 to `minutes` - 1, and `since` is
      at least 1.
    - A request with more than LIMIT ms costs LOST, each wrong card WRONG.
    - The result is the cost of all minutes from `since` on, less their
      number times the mean cost of a minute before `since`. A minute without
      requests costs nothing, and counts as a minute.
    """
    # TODO 3: the cost of both parts (about 6 lines)
    raise NotImplementedError("CP-5c")


@app.cell(hide_code=True)
def _():
    report_5c = check("CP-5c", lambda: impact)
    report_5c
    return (report_5c,)


@app.cell(hide_code=True)
def _(incident, report_5c):
    report_5c.gate(
        "What the chosen incident has cost appears here when CP-5c passes."
    )
    _since = reports()[incident.alert]["since"]
    mo.md(
        f"The incident *{incident.alert}* has cost **{impact(incident.requests, _since, incident.metrics.height):,.2f} EUR** from minute {_since} to the end of the hour."
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-5d")}

    Choose one of your incidents and write the post-mortem, <span data-literal>80</span> words or more, in the cell `postmortem` (keep its name): what happened and whom it hurt, the
    cause and how you know, what mended it, and what will be changed so that it doesn't happen again or is noticed sooner. A reviewer marks it.

    | points | does the evidence lead to the cause? | would it have helped? | can everybody read it? |
    |---|---|---|---|
    | none | “The service was slow because of a bug.” | “We will be more careful.” | “Anna deployed without looking.” |
    | half | “The release of minute `38` made it slow.” | “We will add tests.” | “p95 went up; look-ups were the reason.” |
    | all | “From minute `38` on a request spent `1,880` ms in look-ups and none before; the processor was idle. A release went out in that minute.” | “A test in the pipeline fails when a request of twenty cards takes over 200 ms. Until Friday, owner: serving.” | “For 22 minutes nine requests of ten were given up. The model and the scanners were sound; a release asked another data centre about each card.” |
    """)
    return


@app.cell
def postmortem():
    # TODO 4: the post-mortem in Markdown between the quotation marks
    written = mo.md("""
    *Your post-mortem appears here.*
    """)
    written
    return (written,)


@app.cell(hide_code=True)
def _(written):
    report_5d = check("CP-5d", lambda: written)
    report_5d
    return


if __name__ == "__main__":
    app.run()
