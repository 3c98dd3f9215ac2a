import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium", app_title="Incident: break it, find it, mend it [on_call]"
)

with app.setup(hide_code=True):
    import importlib.util
    import os
    import sys
    from pathlib import Path

    import marimo as mo
    import structlog
    from cardshop.incidents import CAUSES, CHANGES, METRICS, SYMPTOMS
    from cardshop.incidents.clock import FASTER
    from fastapi import FastAPI
    from grader import check, small_table, title


@app.cell(hide_code=True)
def _():
    mo.md("""
    # Break it, find it, mend it

    In the checkpoint of unit 5 you were on call for three small services, and the charts were recorded. This time it is your own stack. A command breaks
    it in one way that you aren't told. Traffic runs, an alert of the stack fires, and the cause is in Prometheus, in the monitor, in the logs, in the registry
    or in the files of a release. You find it, mend it with the commands of the stack, and hand in what answers then.

    **Start here:** run these two commands in a terminal. The second one sends healthy cards for a while, and returns when the alert fires.

    ```sh
    cardshop up
    dojo incident start
    ```

    `--symptom latency` chooses what the alert is about, and `--seed 7` which incident it is: the number that your instructor gave you, or any other. The same
    symptom and seed always break the stack in the same way.
    """)
    return


@app.cell(hide_code=True)
def _():
    small_table(
        [
            {
                "symptom": name,
                "what people say": one.sentence,
                "alert": " or ".join(one.alerts),
            }
            for name, one in SYMPTOMS.items()
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    | command | what it does |
    |---|---|
    | `dojo incident status` | says which incident runs, and what its alert does |
    | `dojo incident submit` | copies the release and the version that answer now into `on_call/repair`, and checks everything |
    | `dojo incident stop` | ends the traffic, and puts release, model, journal and rules back as they were before |

    While an incident runs, the clock of the alert rules is {FASTER} times as fast as usual, so that an alert fires within a minute or two. The
    rules are the same otherwise. You can always stop. `stop` deletes the releases of the incident, so hand in before. The seed brings the incident
    back.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## The stack just now

    Each chart shows a metric of the stack, from three minutes before the incident until now. Type a time such as `14:31` to draw a line and to see the
    mean of each metric before it and from it on.
    """)
    return


@app.cell(hide_code=True)
def _():
    clock = mo.ui.refresh(
        options=["5s", "15s", "1m"],
        default_interval="15s",
        label="look again every",
    )
    mark = mo.ui.text(placeholder="14:31", label="a line at (UTC)")
    mo.hstack([clock, mark], justify="start", wrap=True)
    return clock, mark


@app.cell(hide_code=True)
def _(clock, mark):
    from lessons import live_room

    clock
    live_room.view(mark.value)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    | where to look | how | what it tells |
    |---|---|---|
    | alerts | `http://127.0.0.1:9090/classic/alerts` | what each alert measures, and since when it fires |
    | Prometheus | `http://127.0.0.1:9090` | any other query, such as one by `path`, `status` or `card_type` |
    | the monitor | `http://127.0.0.1:8001` | which feature has moved, labels and accuracy |
    | the log | `cardshop logs service` | requests with their times, models that were loaded, errors |
    | releases | `cardshop release list`, files in `data/stack/incident/releases/` | what a release has changed; compare two with `diff` |
    | the registry | `http://127.0.0.1:5000` | versions of the model, with their runs |
    | the journal | `data/stack/incident/journal/` | the cards and labels as they came in |

    Not everything that changed is to blame: in each incident there are changes that do no harm.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("I1a")}

    Say what the cause is, since when, and which metric shows it. A metric is evidence if only this cause, of those that could explain the alert, moves it.
    `p99_seconds` moves in every incident of the symptom `latency`. `release` is evidence if the cause lies in the release, and `model` if it lies in the
    version that serves. If release, model and all other metrics have stayed as they were, the metric of the alert is your evidence.

    Your numbers were live, so nobody can compute them again. The choice of the metric is checked, and whether your two means went where this cause moves it.
    In the full check, symptom and seed have to be those of the incident that `dojo incident submit` has handed in, and `since` is compared with its record.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.accordion(
        {
            "The causes": small_table(
                [
                    {"cause": name, "what it means": what}
                    for name, what in CAUSES.items()
                ]
            ),
            "Where a cause can lie": small_table(
                [
                    {"change": name, "what it means": what}
                    for name, what in CHANGES.items()
                ]
            ),
            "The metrics, as Prometheus is asked for them": small_table(
                [
                    {"metric": name, "query": query}
                    for name, query in METRICS.items()
                ]
            ),
        }
    )
    return


@app.function
def report() -> dict:
    """Return what happened in the incident of `symptom` and `seed`.

    {"symptom": "latency", "seed": 7, "cause": "large", "since": "14:31",
    "metric": "cards_per_batch", "before": 21.5, "after": 640.0}

    - `cause` is one of CAUSES, `since` the minute in which it began (UTC).
    - `metric` is one of METRICS that tells this cause from the others of the
      symptom. `before` and `after` are its means before `since`, and from
      it on until you mended it, as you have seen them.
    """
    # TODO 1: the diagnosis
    raise NotImplementedError("I1a")


@app.cell(hide_code=True)
def _():
    report_a = check("I1a", lambda: report)
    report_a
    return (report_a,)


@app.cell(hide_code=True)
def _(report_a):
    report_a.gate("Two ways to search are compared here when I1a passes.")
    mo.md("""
    **Two good ways.** *What changed?* lists the releases, the versions and the clients of the last minutes, and asks of each whether it explains the symptom. It
    is quick, and blind to what nobody has announced. *Where is it?* splits the symptom until one part is to blame: which path, which status, which
    client, which feature, which type. It is slower, and finds causes that no list of changes names.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("I1b")}

    Mend the running stack. These commands are all you need:

    | command | when |
    |---|---|
    | `cardshop release back` | the release before was sound, and can deal with what comes in now |
    | `cardshop release new --set CARDSHOP_TIMEOUT=5` | a setting is wrong |
    | `cardshop release new service.py` | the code has to change; copy it from `data/stack/incident/releases/` and edit the copy |
    | `cardshop rollout champion 3` | another version of the model has to answer |

    Look at the charts until the alert is quiet. Then run `dojo incident submit`. It copies four texts into `on_call/repair`: `service.py` and
    `settings.env` of the release that answers, `champion` with the number of the version that serves, and `incident.toml` with what your stack has recorded of
    the incident.

    The grader breaks a service by the same symptom and seed and starts your release beside it, with the version that you left as champion. It sends what
    clients send in this incident and what they sent before. Every card has to get the type and the probability that the sound model gives it, and
    every label has to arrive. What the contract of the service forbids is still refused, and nothing else is: a request may have up to `1,000` cards. The
    journal gets what the model saw, so that the monitor can be trusted again. If calls were slow, yours may take at most `40` % of the time of the
    broken service. In other incidents, all requests together may take `2` s, or five times as long as in the sound service. Clients can't be changed at night.
    """)
    return


@app.function
def serve(folder: Path) -> FastAPI:
    """Start a release from a folder with service.py and settings.env, as the grader does. To try yours without a stack."""
    for line in (folder / "settings.env").read_text().splitlines():
        name, equals, value = line.strip().partition("=")
        if equals and name.startswith("CARDSHOP_"):
            os.environ[name] = value.strip()
    os.environ |= {
        "CARDSHOP_REGISTRY": "http://127.0.0.1:9",  # away: the kept copy answers
        "CARDSHOP_KEPT": str(folder / "models"),
        "CARDSHOP_JOURNAL": str(folder / "journal"),
        "CARDSHOP_ROLLOUT": str(folder / "rollout"),
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "0",
    }
    spec = importlib.util.spec_from_file_location("service", folder / "service.py")
    sys.modules["service"] = service = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(service)
    app = service.create_app()
    structlog.configure(logger_factory=structlog.ReturnLoggerFactory())  # no log
    return app


@app.cell(hide_code=True)
def _():
    _repair = mo.notebook_dir() / "on_call" / "repair"
    service_file = mo.watch.file(_repair / "service.py")
    settings_file = mo.watch.file(_repair / "settings.env")
    champion_file = mo.watch.file(_repair / "champion")
    return champion_file, service_file, settings_file


@app.cell(hide_code=True)
def _(champion_file, service_file, settings_file):
    report_b = check("I1b", lambda: (service_file, settings_file, champion_file))
    report_b
    return (report_b,)


@app.cell(hide_code=True)
def _(report_b):
    report_b.gate("Two ways to repair are compared here when I1b passes.")
    mo.md("""
    **Two good ways.** Going back is the repair that you can test least and need to test least: a few minutes ago it worked. Going forward mends the cause and
    keeps what the release was for. Under an alert you go forward only if there is nothing to go back to, because a client, a scanner or a
    label has changed and won't change back tonight.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("I1c")}

    Write the post-mortem of your incident, <span data-literal>80</span> words or more, in the cell `postmortem` (keep its name): what people noticed and for how long, the
    cause and how you know, what you ruled out, what mended it, and what will be changed so that it doesn't happen again or ends sooner. `dojo incident submit`
    says how long the alert took to fire and to end. A reviewer marks it.

    | points | are these your numbers? | does the evidence lead to the cause? | would it have helped? |
    |---|---|---|---|
    | none | “The service was slow for a while.” | “It was the new release.” | “We will be more careful.” |
    | half | “From `14:31` on it was slow.” | “Release `7` went out at `14:31`.” | “We will add a load test.” |
    | all | “From `14:31` to `14:46` one call in a hundred took `2.1` s, and `0.02` s before and afterwards.” | “Each call spent `1.9` s in look-ups. Version `8` was registered at `14:40` and never served.” | “A release whose p99 is above `0.2` s in the smoke test isn't started. Serving, until Friday.” |
    """)
    return


@app.cell
def postmortem():
    # TODO 2: the post-mortem in Markdown between the quotation marks
    story = mo.md("""
    *Your post-mortem appears here.*
    """)
    story
    return (story,)


@app.cell(hide_code=True)
def _(story):
    report_c = check("I1c", lambda: story)
    report_c
    return


if __name__ == "__main__":
    app.run()
