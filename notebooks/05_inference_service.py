import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Inference: what happens when strangers call your model?",
)

with app.setup(hide_code=True):
    import hashlib
    import inspect
    from typing import Annotated, Literal

    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop import review, world
    from cardshop.review import KINDS, pull_request
    from fastapi import FastAPI, HTTPException, Request
    from grader import (
        aha,
        journal,
        mastery,
        predict,
        quiz,
        rate,
        reveal,
        small_table,
    )
    from grader.course.manifest import course
    from grader.page.shelf import link, term
    from lessons import diffs, drifting, formats, milliseconds, strangers
    from pydantic import BaseModel, ConfigDict, Field, ValidationError


@app.cell(hide_code=True)
def _():
    UNIT = next(
        unit for unit in course().units if unit.name == "05_inference_service"
    )
    mo.md(f"""
    # {UNIT.question}

    <div class="d-lead">The board has said <em>deploy</em>. From tomorrow on, a phone app, a sorting machine and a partner shop call your model over HTTP. None of
    their programmers has read your notebook.</div>

    <p>Here are six requests of the first day. The service behind them is eight lines long and believes everything.</p>
    """)
    return (UNIT,)


@app.cell(hide_code=True)
def _():
    small_table(
        [
            {
                "who sends what": who,
                "body": body
                if isinstance(body, str)
                else f"hp: {body['cards'][0]['hp']!r}, stage: {body['cards'][0]['stage']!r}",
            }
            for who, body in strangers.BODIES.items()
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    guess_first = predict(
        "Which of these answers does the most harm?",
        options=[
            "the service is down for everybody",
            "a 500 with a traceback in the log",
            "a 200 with a wrong type",
        ],
        key="05-first",
    )
    guess_first
    return (guess_first,)


@app.cell(hide_code=True)
def _(guess_first):
    first_day = strangers.outcomes()
    _fine = first_day.filter(status=200).height
    guess_first.reveal(
        "a 200 with a wrong type",
        f"{_fine} of the six got a 200, and only the first deserved it. A damaged lens made a Lightning card with full certainty, and a gap got a type without any probability. A 500 wakes somebody. "
        "A wrong 200 fills boxes until a customer complains.",
    )
    return (first_day,)


@app.cell(hide_code=True)
def _(first_day, guess_first):
    guess_first.gate()
    small_table(first_day)
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Before you start

    This lesson takes about {UNIT.minutes.lesson} minutes and the exercises about {UNIT.minutes.exercises}. You can change anything on the page, and whatever
    depends on it updates.

    /// details | What you will be able to do, and what you need

    Afterwards you can:

    {chr(10).join(f"    - {objective}" for objective in UNIT.objectives).strip()}

    You need functions and classes of Python, and from earlier modules: contracts and drift (module 1), a model as a pipeline (module 3). You don't need to
    have written a web service.
    ///

    **First, from memory.** You remember a fact longer when you recall it than when you read it again.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("05_inference_service", group="review")
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## How does a model leave the notebook?

    **What is in the file?** A fitted model is an object in the memory of one process. To serve it, you write it down ({term("serialisation")}), and
    another process reads it. The usual way is a {term("pickle")}. It doesn't hold values; it holds *instructions* for building objects, and one of the
    instructions is: call this function.

    Below is the pickle of an object with a method `__reduce__`. Nothing of the object is in it.
    """)
    return


@app.cell(hide_code=True)
def _():
    instructions, printed = formats.opened()
    mo.md(
        "```text\n"
        + "\n".join(
            _line for _line in instructions if not _line.startswith("BINPUT")
        )
        + "\n```"
    )
    return (printed,)


@app.cell(hide_code=True)
def _():
    guess_pickle = predict(
        "A colleague sends you this file and asks for the accuracy of the model in it. You only read it, with pickle.load. What happens?",
        options=[
            "nothing, until I call predict",
            "an error, because there is no model in it",
            "it prints a greeting",
        ],
        key="05-pickle",
    )
    guess_pickle
    return (guess_pickle,)


@app.cell(hide_code=True)
def _(guess_pickle, printed):
    guess_pickle.reveal(
        "it prints a greeting",
        f"Reading it printed “{printed}”. `GLOBAL` names a function, `REDUCE` calls it, and it could as well have been one that deletes your files. So a pickle is a program: read only those that you or your pipeline have written.",
    )
    return


@app.cell(hide_code=True)
def _(guess_pickle):
    guess_pickle.gate()
    mo.md("""
    Four other formats hold no instructions. Here a linear model was written in four ways and a boosted one in XGBoost's own; then another process would read
    them and answer for all cards. Times are of this machine, just now.
    """)
    return


@app.cell(hide_code=True)
def _(guess_pickle):
    guess_pickle.gate()
    small_table(formats.table())
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    | format | what reading it needs | what it loses |
    |---|---|---|
    | pickle, joblib | the same libraries, in versions that fit; trust in whoever wrote it | safety |
    | skops | the same libraries; types it doesn't know must be named before it reads them | speed, a little |
    | XGBoost's own (`ubj`, `json`) | XGBoost; newer versions read older files | everything around the model: encoders, features, names of labels |
    | ONNX | a runtime in nearly any language | Python code in the pipeline; numbers become `32` bits, so a tie can fall the other way |
    | numbers | code of your own that multiplies | whatever that code doesn't do |

    A file alone doesn't say what it is. Beside it belong a **version** that never changes its meaning, the hash of the **data** it learned from, its
    **metrics**, and a **signature**: which columns, of which types, come in and go out. A {term("registry", "model registry")} keeps all of it. In module 6 you use MLflow's; this
    is the smallest one that works.
    """)
    return


@app.cell
def _():
    cards = world.load("cards")
    card_model = strangers.scorer()
    said = card_model.predict(cards.to_dicts())
    right = [one["card_type"] for one in said] == cards["card_type"].to_numpy()
    entry = {
        "name": "card-types",
        "version": card_model.version,
        "data": hashlib.sha256(cards.write_csv().encode()).hexdigest()[:12],
        "accuracy on its own cards": float(np.mean(right)),
        "columns": "6 stats: whole numbers; stage: 3 words",
    }
    small_table([entry])
    return card_model, cards


@app.cell(hide_code=True)
def _(cards):
    mo.md(f"""
    Always naming the most frequent type would be right for {cards["card_type"].value_counts()["count"].max() / cards.height:.0%}. This linear model of six stats is no masterpiece; it is small, and everything in this
    module is about what is around it.

    /// note | What breaks in companies
    In 2024 researchers of JFrog [reported about a hundred models](https://jfrog.com/blog/data-scientists-targeted-by-malicious-hugging-face-ml-models-with-silent-backdoor/) on a public hub whose files ran
    code on the machine that loaded them. Most were pickles.
    ///

    You can now say what each format costs, and which of them you may read.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## What does the service promise?

    **Who is responsible for a malformed request?** The client made the mistake, and the service decides what becomes of it. So the
    service states a {term("contract")} and keeps its side: a right request gets a right answer, and any other gets a status and a sentence from which the
    client's programmer can mend it.

    | status | meaning | who has to act |
    |---|---|---|
    | `200` | here is the answer | nobody |
    | `400` or `422` | I can't read this; pydantic and FastAPI mostly say `422` | the client |
    | `413` | too large | the client |
    | `422` | it breaks the contract | the client |
    | `429`, `503` | not now; `Retry-After` says when | nobody: come back |
    | `500` | my mistake | the service |

    With pydantic a contract is a class. This one is for offers; that of the task has more fields. `strict=True` turns off conversions: a text stays a text.
    `extra="forbid"` refuses fields that nobody knows, so a renamed field can't vanish.
    """)
    return


@app.class_definition
class Offer(BaseModel):
    """An offer in the shop: these fields and no others."""

    model_config = ConfigDict(extra="forbid", strict=True)

    card_id: Annotated[str, Field(min_length=1, max_length=40)]
    condition: Literal["Mint", "Near Mint", "Played"]
    price_cents: Annotated[int, Field(ge=1, le=5_000_000)]


@app.cell
def _():
    def offers_app() -> FastAPI:
        service = FastAPI()

        @service.post("/v1/offers")
        async def take(request: Request) -> dict:
            body = bytearray()
            async for piece in request.stream():  # count while it comes
                body += piece
                if len(body) > 2_000:
                    raise HTTPException(413, "send at most 2000 bytes")
            try:
                offer = Offer.model_validate_json(bytes(body))
            except ValidationError as error:
                first = error.errors()[0]
                where = ".".join(map(str, first["loc"])) or "body"
                raise HTTPException(422, f"{where}: {first['msg']}") from None
            return {"taken": offer.card_id}

        return service

    return (offers_app,)


@app.cell(hide_code=True)
def _():
    OFFERS = {
        "a right offer": {
            "card_id": "KND-001",
            "condition": "Mint",
            "price_cents": 250,
        },
        "a price in quotes": {
            "card_id": "KND-001",
            "condition": "Mint",
            "price_cents": "250",
        },
        "a condition of their own": {
            "card_id": "KND-001",
            "condition": "good",
            "price_cents": 250,
        },
        "a field too many": {
            "card_id": "KND-001",
            "condition": "Mint",
            "price_cents": 250,
            "currency": "EUR",
        },
        "no JSON": "price_cents=250",
        "far too long": {
            "card_id": "K" * 3000,
            "condition": "Mint",
            "price_cents": 250,
        },
    }
    sent = mo.ui.dropdown(list(OFFERS), value="a price in quotes", label="Send")
    sent
    return OFFERS, sent


@app.cell(hide_code=True)
def _(OFFERS, offers_app, sent):
    _status, _text = strangers.ask(offers_app(), OFFERS[sent.value], "/v1/offers")
    mo.md(f"**{_status}**\n\n```json\n{_text}\n```")
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    Read the code once more for what isn't in it. No `except Exception`: an error that you don't know should be a `500` with a traceback in the log and not a `422` that blames
    the client. And no header is believed: `Content-Length` can be missing or wrong, so the bytes are counted as they come.

    **Idempotence.** A client that got no answer sends the request again. For a prediction that is harmless. For "take this offer" it is not, so such a request
    carries an id, and the service remembers the ids that it has seen: the second time it gives the first answer ({term("idempotent", "idempotence")}).

    **Your turn.** A seller's rating is a number from `0` to `5`, and halves are allowed; `true` and `"4"` are not. Complete the field.
    """)
    return


@app.class_definition
class Rating(BaseModel):
    """A rating: `stars`, from 0 to 5."""

    model_config = ConfigDict(extra="forbid", strict=True)

    # your line: a float between 0 and 5, both included, in place of `object`
    stars: object


@app.cell(hide_code=True)
def _():
    def _takes(value: object) -> bool:
        try:
            Rating.model_validate_json(f'{{"stars": {value}}}')
        except ValidationError:
            return False
        return True

    _wrong = [
        _value
        for _value, _right in (
            ("4.5", True),
            ("0", True),
            ("5", True),
            ("5.5", False),
            ("-1", False),
            ('"4"', False),
            ("true", False),
            ("null", False),
        )
        if _takes(_value) != _right
    ]
    mo.md(
        f"Not yet: `{_wrong[0]}` is {'refused' if not _takes(_wrong[0]) else 'taken'}, and should be {'taken' if not _takes(_wrong[0]) else 'refused'}."
        if _wrong
        else "Right: eight values were tried, and each ended as it should. That is exercise 5.1 with one field."
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## What happens when many call at once?

    **Why is p99 the number?** A page that makes twenty calls is as slow as the slowest of them. So the mean hides what users feel. {term("percentile", "p99")} is the time that
    only one request in a hundred exceeds. If the twenty calls are independent, {1 - 0.99**20:.0%} of the pages have at least one such call: all are quick in $0.99^{{20}}$ of the pages.

    Requests that come while the service works wait in line. Here each takes `10` ms on average, and they come at random.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_queue = predict(
        "The service is busy half of the time. Then nearly twice as many requests come: it is busy almost all of the time, and can still keep up. What becomes of p99?",
        options=[
            "it doubles",
            "it becomes many times as long",
            "it grows without end",
        ],
        key="05-queue",
    )
    guess_queue
    return (guess_queue,)


@app.cell(hide_code=True)
def _(guess_queue):
    _half, _full = milliseconds.queue(0.5)["p99"], milliseconds.queue(0.97)["p99"]
    guess_queue.reveal(
        "it becomes many times as long",
        f"p99 goes from {_half:.0f} ms to {_full:,.0f} ms, because waiting grows faster than load. Above {1:.0%} it would grow without end: more comes in than goes out.",
    )
    return


@app.cell(hide_code=True)
def _(guess_queue):
    guess_queue.gate()
    limit = mo.ui.slider(
        0, 40, 5, value=0, show_value=True, label="longest queue (0: no limit)"
    )
    limit
    return (limit,)


@app.cell(hide_code=True)
def _(limit):
    milliseconds.queues(limit.value or None)
    return


@app.cell(hide_code=True)
def _(limit):
    _over = milliseconds.queue(1.1, limit.value or None)
    mo.md(f"""
    At {1.1:.0%} of what it can answer, {_over["refused"]:.0%} of the requests are refused at once, and those that are answered have a p99 of {_over["p99"]:,.0f} ms. **Move the limit.** A queue without end answers everybody too late; a short one answers most in
    time and tells the others when to come back. That is {term("back-pressure")}: status `503` or `429` with the header `Retry-After`.

    Five more promises of a service that others depend on:

    - **Timeouts on both sides.** A client that waits for ever holds a connection for ever. Whoever calls another service says how long it may take.
    - **Health is not readiness.** `/health` says: the process lives, don't restart it. `/ready` says: send me requests. While the model is missing or being loaded, the first is `200` and the second `503`.
    - **A missing model is an ordinary state.** It comes when the training has finished, and half a file may be there meanwhile. Look again at each request, or when the file has changed.
    - **Warm-up.** The first prediction imports and fills caches. Make it before `/ready` says yes.
    - **Graceful shutdown.** Stop being ready, finish what you have taken, then go. Otherwise each release loses the requests that are under way.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Where do the milliseconds go?

    **What does a slow service do all the time?** Mostly things that it has done before. This one answers requests of five cards. Each of its habits was reasonable
    on the day it was written.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_slow = predict(
        "Which habit costs most?", options=list(milliseconds.CAUSES), key="05-slow"
    )
    guess_slow
    return (guess_slow,)


@app.cell(hide_code=True)
def _(guess_slow):
    with mo.status.spinner("Measuring", remove_on_exit=True):
        alone = {
            _name: float(np.median(milliseconds.measured(frozenset([_cause]))))
            for _name, _cause in milliseconds.CAUSES.items()
        }
    guess_slow.reveal(
        max(alone, key=alone.get),
        "Alone, each habit makes half of the requests take "
        + ", ".join(f"{_ms:.2f} ms ({_name})" for _name, _ms in alone.items())
        + f"; without any it is {np.median(milliseconds.measured(frozenset())):.2f} ms. Guessing is no substitute for measuring: a *profiler* says the same without changing the code.",
    )
    return


@app.cell(hide_code=True)
def _(guess_slow):
    guess_slow.gate()
    habits = mo.ui.dictionary(
        {_name: mo.ui.checkbox(True, label=_name) for _name in milliseconds.CAUSES}
    )
    mo.vstack([mo.md("Take one habit away after the other:"), habits.vstack()])
    return (habits,)


@app.cell(hide_code=True)
def _(habits):
    with mo.status.spinner("Measuring forty requests", remove_on_exit=True):
        everything = milliseconds.measured(frozenset(milliseconds.CAUSES.values()))
        times = milliseconds.measured(
            frozenset(
                _cause
                for _name, _cause in milliseconds.CAUSES.items()
                if habits.value[_name]
            )
        )
    milliseconds.histogram(times, float(everything.max()))
    return everything, times


@app.cell(hide_code=True)
def _(everything, times):
    mo.md(f"""
    p50 is {np.quantile(times, 0.5):.2f} ms and p99 {np.quantile(times, 0.99):.2f} ms; with all four habits they are {np.quantile(everything, 0.5):.2f} and {np.quantile(everything, 0.99):.2f} ms.

    Where requests come in quick succession, **batching** helps too: predicting forty cards in one call takes a fraction of forty calls, because each call has a price of its own. The shop's
    service waits a moment for others and predicts them together (`cardshop/serving/batcher.py`).

    **Caching** is the quickest way to be fast and the quickest way to be wrong. A cache needs a key with *everything* that the answer depends on. The model is one of these things: the training
    replaces its file while the service runs. The time of the file is a cheap question:
    """)
    return


@app.cell
def _():
    class Kept:
        """The content of a file, read again when the file has changed."""

        def __init__(self, path):
            self.path, self.changed, self.content = path, None, None

        def get(self) -> str:
            changed = self.path.stat().st_mtime_ns
            if changed != self.changed:
                self.content, self.changed = self.path.read_text(), changed
            return self.content

    return (Kept,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Your turn.** A page shows the stats of a species, and filters the table of species for each of them. `prepared` should do the work once and return a dict from number to row, so that a
    look-up takes a fraction of the time.
    """)
    return


@app.function
def prepared(species: pl.DataFrame) -> dict[int, dict] | None:
    """Return each row of `species` as a dict, by its `number`."""
    # species.to_dicts() has the rows
    # your line: a dict from row["number"] to row
    return None


@app.cell(hide_code=True)
def _(Kept):
    import tempfile
    import time
    from pathlib import Path

    _file = Path(tempfile.mkdtemp()) / "model.txt"
    _file.write_text("one")
    _kept = Kept(_file)
    _first = _kept.get()
    time.sleep(0.05)
    _file.write_text("two")
    _species = world.load("species")
    try:
        _table = prepared(_species)
        if _table is None:
            _text = "*Replace `None`, and your line is tried here.*"
        elif not isinstance(_table, dict) or _table.get(25) != _species.row(
            24, named=True
        ):
            _text = (
                "`prepared(species)[25]` should be the row of species 25 as a dict."
            )
        else:
            _start = time.perf_counter()
            for _number in range(1, 152):
                _species.filter(pl.col("number") == _number)["hp"][0]
            _slow = time.perf_counter() - _start
            _start = time.perf_counter()
            for _number in range(1, 152):
                _table[_number]["hp"]
            _quick = time.perf_counter() - _start
            _text = f"Right: {151} look-ups take {1e6 * _quick:.0f} µs, and {1e6 * _slow:,.0f} µs with a filter each. That is exercise 5.2 with one habit."
    except Exception as _error:
        _text = f"Your `prepared` raised `{type(_error).__name__}`: {_error}"
    mo.md(
        f"{_text}\n\n`Kept` said `{_first!r}` and, after the file was replaced, `{_kept.get()!r}`."
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Is anything wrong with what comes in?

    **How do you notice a service that answers `200` and is wrong?** You keep what was asked and answered in a {term("prediction log")}: the request's id, the card as it
    came, the answer, its probability, the model's version. When a person finds the true type, days later, the label is joined by the id ({term("delayed labels")}). Until then
    all you can compare is what comes in with what came in when all was well.

    **PSI** compares the shares of bins. For a column of words:

    $$\\sum_b (c_b - r_b) \\ln \\frac{{c_b}}{{r_b}}$$

    with $r_b$ and $c_b$ the shares of bin $b$ in reference and current scans. Half a row in each bin keeps every share above zero. A usual rule of thumb: below `0.1` nothing happened, above
    `0.2` look at it.
    """)
    return


@app.cell
def _(cards):
    words = cards["rarity"].unique().sort().to_list()
    rare = cards["rarity"].is_in(["Ultra", "Secret"])
    # a collector sells: rare cards come three times as often
    tonight = pl.concat([cards, cards.filter(rare), cards.filter(rare)])["rarity"]
    before, now = (
        drifting.shares(part, words) for part in (cards["rarity"], tonight)
    )
    psi_of_rarity = float(((now - before) * np.log(now / before)).sum())
    small_table(
        [
            {
                "bin": word,
                "reference": a,
                "current": b,
                "adds": (b - a) * np.log(b / a),
            }
            for word, a, b in zip(words, before, now, strict=True)
        ]
    )
    return psi_of_rarity, words


@app.cell(hide_code=True)
def _(psi_of_rarity):
    mo.md(f"""
    The sum is {psi_of_rarity:.2f}. Numbers are first cut into bins, at the deciles of the reference (`np.quantile`, then `np.searchsorted`), so that each bin has a tenth of it.

    **Your turn.** One bin is missing in this table: the values that could *not* be read. Complete the line. The third of these scans has no rarity.
    """)
    return


@app.function
def counted(column: pl.Series, words: list[str]) -> list[int]:
    """Return how often each of `words` is in the column, then all other words, then the nulls."""
    known = [int((column == word).sum()) for word in words]
    # your line: two more numbers, in place of the zeros
    others, nulls = 0, 0
    return [*known, others, nulls]


@app.cell(hide_code=True)
def _(words):
    _scans = pl.Series(["Common", "Promo", None, "Common", "Promo"])
    try:
        _found = counted(_scans, words)
        _right = [int((_scans == _word).sum()) for _word in words] + [2, 1]
        _text = (
            "Right. With these two bins no row is lost, whatever comes in: exercise 5.3a needs them."
            if _found == _right
            else f"`counted` gives `{_found}` for five scans of which two have a word that nobody knows and one is null; the sum should be `5`."
        )
    except Exception as _error:
        _text = f"Your `counted` raised `{type(_error).__name__}`: {_error}"
    mo.md(_text)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    **KS**, the {term("KS distance", "Kolmogorov–Smirnov test")}, needs no bins: it is the largest distance between the two lines that say which share of the values is below $x$. **Chi-square** compares counts of words. Both give
    a p-value: how often pure chance would move the column so far. Move the factor.
    """)
    return


@app.cell(hide_code=True)
def _():
    worn = mo.ui.slider(
        0.8,
        1.5,
        0.05,
        value=1.2,
        show_value=True,
        label="the scanner reads HP times",
    )
    worn
    return (worn,)


@app.cell(hide_code=True)
def _(cards, worn):
    _hp = cards["hp"].drop_nulls().to_numpy().astype(float)
    drifting.steps(_hp[::2], np.round(_hp[1::2] * worn.value), "hp")
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    Which of them should wake you? A p-value answers *could this be chance?* With thousands of rows even a harmless shift can't be, so it gets small. And ten features on thirty evenings are three hundred tests: at
    `0.05` about {300 * 0.05:.0f} of them alarm for nothing. PSI answers *how far?*, whatever the number of rows. A few days together make less noise than one.

    A column that is gone is a column of nulls. A day without scans is no drift, though somebody should hear of it.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_harm = predict(
        "In one shop twice as many copies of each card are printed, and the print run is a feature. In another, two boxes swap their labels, and no feature changes. Which model gets worse?",
        options=["the first", "the second", "both"],
        key="05-harm",
    )
    guess_harm
    return (guess_harm,)


@app.cell(hide_code=True)
def _(guess_harm):
    two = drifting.two_drifts()
    guess_harm.reveal(
        "the second",
        f"The print run has a PSI of {two['largest PSI'][0]:.2f} and says little about the type, so accuracy goes from {two['accuracy before'][0]:.0%} to {two['after'][0]:.0%}. In the second shop the largest PSI is {two['largest PSI'][1]:.2f} and accuracy falls to {two['after'][1]:.0%}: what changed is "
        "the relation between cards and labels. Only labels show that.",
    )
    return (two,)


@app.cell(hide_code=True)
def _(guess_harm, two):
    guess_harm.gate()
    small_table(two)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    So drift is a reason to look and no proof of harm, and silence is no proof of health. Watch inputs because they are there at once, and labels because they are the truth.

    The shop's monitor computes the same statistics every few seconds (`cardshop/monitoring/drift.py`, module 6). Evidently is a library that makes a report of them: a test for each column, chosen by dtype and size, as a page to
    click through. It takes `190` MB, and leaves out missing values, so the shop gives it a column more for each feature that says whether it was missing.

    You can now compare what comes in with what came in, and say what the comparison can't see. That is exercise 5.3.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## When do you train again?

    **On a schedule, when accuracy falls, when data drift, or when there are enough new labels?** Each policy costs something: wrong cards until it acts, and trainings that weren't
    needed. Here is a simulated year. Twice, in weeks that nobody knows beforehand, a lens wears out and a stat is read wrongly. A third of the scans gets a label, two weeks late. Each training uses the catalogue and the latest labels. The model is a quick linear
    one, so that a year takes a second.
    """)
    return


@app.cell(hide_code=True)
def _():
    ready = mo.ui.run_button(label="Play the year under five policies")
    ready
    return (ready,)


@app.cell(hide_code=True)
def _(ready):
    mo.stop(
        not ready.value,
        mo.md(
            "*Before you press the button: which policy would you choose, if a wrong card costs a euro and a training five hundred?*"
        ),
    )
    with mo.status.spinner("Playing five years", remove_on_exit=True):
        for _policy in drifting.POLICIES:
            drifting.year(_policy)
    played = True
    return (played,)


@app.cell(hide_code=True)
def _(played):
    assert played
    price_wrong = mo.ui.slider(
        0.1, 3, 0.1, value=1, show_value=True, label="EUR for a wrong card"
    )
    price_training = mo.ui.slider(
        0, 3000, 100, value=500, show_value=True, label="EUR for a training"
    )
    policy = mo.ui.dropdown(
        list(drifting.POLICIES[1:]), value="a feature drifts", label="draw"
    )
    mo.vstack([price_wrong, price_training, policy])
    return policy, price_training, price_wrong


@app.cell(hide_code=True)
def _(price_training, price_wrong):
    _table = drifting.years(price_wrong.value, price_training.value)
    _best = _table.sort("cost")["policy"][0]
    mo.vstack(
        [
            small_table(_table),
            mo.md(
                f"At these prices the cheapest is **{_best}**. Move them: the more a training costs, the fewer of them pay, until *never* wins. In another year, with other drifts, another policy wins."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(policy):
    drifting.weeks(policy.value)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    What the table doesn't show: a retrained model has learned to live with a broken lens. Somebody should mend the lens. Read *why* a trigger has fired before you thank the machine, and let every new model pass the same gates as the
    first.

    You can now compare policies by what they cost, and say which two prices decide.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What do you look for in a pull request?

    **What can go wrong with code whose tests are green?** In a model's code, the result is a number that looks like a number. These kinds of faults leave no trace in the tests:
    """)
    return


@app.cell(hide_code=True)
def _():
    small_table(
        [{"kind": _name, "what is wrong": _what} for _name, _what in KINDS.items()]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Read a change with four questions. *Who else computes this?* (skew). *What happens at a bad value?* (coercion, validation, swallowed). *Would it be the same tomorrow?* (seed, stale). *Which test runs this line, and what has this
    row to do with the rows that judge?* (untested, leak). Here is a change with answers. Green lines are new, red ones are gone.
    """)
    return


@app.cell(hide_code=True)
def _():
    EXAMPLE = 12  # another pull request than that of the exercise
    example = {_file.name: _file for _file in pull_request(EXAMPLE)}
    diffs.shown(example["train.py"], review.notes(EXAMPLE, "train.py"))
    return EXAMPLE, example


@app.cell(hide_code=True)
def _(EXAMPLE, example):
    guess_review = predict(
        "And the service of the same pull request: how many of its changes are faults?",
        low=0,
        high=4,
        step=1,
        key="05-review",
    )
    faults_there = sum(
        not _note.startswith("Right")
        for _note in review.notes(EXAMPLE, "service.py").values()
    )
    mo.vstack([diffs.shown(example["service.py"]), guess_review])
    return faults_there, guess_review


@app.cell(hide_code=True)
def _(faults_there, guess_review):
    guess_review.reveal(
        faults_there,
        "the notes below say of each change what it does. A change that looks odd can be right, and a review that rejects it has a price, too.",
    )
    return


@app.cell(hide_code=True)
def _(EXAMPLE, example, guess_review):
    guess_review.gate()
    diffs.shown(example["service.py"], review.notes(EXAMPLE, "service.py"))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    You can now read a change to a model's code by its effects. That is exercise 5.4.

    ## What it costs elsewhere

    - **A release that woke old code.** In 2012 a trading firm, Knight Capital, rolled out a change to seven of eight servers. On the eighth, the new flag switched on code that had been unused for years. It lost
      [more than <span data-literal>460</span> million dollars](https://www.sec.gov/newsroom/press-releases/2013-222) in <span data-literal>45</span> minutes.
    - **One expression, all processors.** In 2019 a rule with a costly regular expression took nearly all processor time of Cloudflare's web servers. For [<span data-literal>27</span> minutes](https://blog.cloudflare.com/details-of-the-cloudflare-outage-on-july-2-2019/) the sites behind them answered `502`.
      Every test was green; none of them measured processor time.

    What do companies do about it? They release to one server, then to a tenth, and look at the numbers before they go on. They can go back with one command, and have tried it. They have a test that fails when something gets
    slow. And they write down what happened, without names.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Three pitfalls

    Each piece of code looks innocent. Read it, predict the result, then switch to the careful way.
    """)
    return


@app.cell(hide_code=True)
def _():
    TRAPS = {
        "True is a number": (
            strangers.true_is_one,
            strangers.true_is_no_number,
            "pydantic converts what it can. `strict=True` takes a whole number as a whole number and nothing else.",
        ),
        "NaN is JSON, for Python": (
            strangers.nan_is_json,
            strangers.nan_is_refused,
            "Python's own parser takes NaN, and NaN is neither above 400 nor below 1, so a range test lets it pass. pydantic's parser refuses it where an integer is meant.",
        ),
        "The answer was kept": (
            strangers.kept_answer,
            strangers.kept_by_version,
            "The key of a cache needs everything that the answer depends on. The version of the model is part of it.",
        ),
    }
    trap = mo.ui.dropdown(TRAPS, value="True is a number", label="The pitfall:")
    with_care = mo.ui.switch(label="the careful way")
    mo.hstack([trap, with_care], justify="start", gap=2, wrap=True)
    return trap, with_care


@app.cell(hide_code=True)
def _(trap, with_care):
    _run = trap.value[with_care.value]
    mo.md(f"""
```python
{inspect.getsource(_run).rstrip()}

# → {_run()!r}
```

{trap.value[2] if with_care.value else ""}
""")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Think first

    Write a line or two for yourself, then open the model answer and rate yours.
    """)
    return


@app.cell(hide_code=True)
def _():
    reveal(
        f"A week after the release accuracy has dropped from {0.85:.0%} to {0.6:.0%}. What do you look at first?",
        "Whether the number is true: how many labels is it made of, and whose? Then *since when*: a drop in one hour is a release, a setting or a client; a slow one is drift. Then compare what comes in with what came in: nulls, units, names of fields, the mix of clients. Then the version that answers. "
        "Only when all of these are as before is it the world that has changed, and only then does training again help.",
        key="05-dropped",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "A training takes an hour, and an answer must come within a tenth of a second. How do you go about it?",
        "The two have nothing to do with each other: do the expensive things before anybody asks. Load the model once, prepare tables, warm up. Measure where the time goes before you change anything. Then, in this order: fewer calls for each request, fewer conversions, a smaller model, another format. If the "
        "same few thousand cards come again and again, compute all answers in the night and serve a table.",
        key="05-hour",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "A user sends a malformed request, and your service crashes. Who is responsible?",
        "The service, for the crash. What strangers send is not under your control, and what becomes of it is. The client is responsible for mending the request, and can do that only if your answer says what was wrong and where. A crash also takes the answers of everybody else down with it.",
        key="05-responsible",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Your model learned from last year's data. What can have changed by now that breaks it?",
        "What comes in: new sets, new scanners, other units, a field that a client has renamed. Who asks: another mix of clients. What the labels mean: a type was split, a box was moved. What the answer does: the shop has trusted the model, and its own answers have become labels. And the ground under it: "
        "libraries, and the code of the features. For each there is something to watch, and only some of it shows in the inputs.",
        key="05-last-year",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Do you train again on a schedule, when accuracy falls, or when data drift?",
        "It depends on two prices and one delay. If labels come within hours, accuracy is the best trigger: it sees the harm itself. If they come after weeks, drift is all you have in time, with false alarms. A schedule is simple and can be planned, and it trains in calm weeks and waits in bad ones. Most shops take a "
        "schedule as the floor and a trigger on top, with a limit on how often it may fire.",
        key="05-retrain",
    )
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Over to you

    The [exercises](?file=exercises/{UNIT.name}.py) are checked while you type:

    {chr(10).join(f"    - **{task.id}** {task.title}, {task.points:g} points" for task in UNIT.tasks).strip()}

    Then the [checkpoint](?file=assessments/checkpoints/{UNIT.name}.py): {UNIT.checkpoint.title[0].lower() + UNIT.checkpoint.title[1:]}. The {link(UNIT.name, "cheat sheet")} has every call of this lesson on one page. The
    [drill page](?file=notebooks/drill.py) asks you about services, and has a clock for the timed skills below.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What to remember

    A pickle is a program. State the contract, refuse with a sentence, and never answer `200` to what you don't understand. Queues make p99; measure before you guess, and give a cache everything it depends on as its key. Drift is a
    reason to look, labels are the truth. Two prices decide when to train. And read a change by its effects.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("05_inference_service", group="lesson")
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Teach.** Explain to a colleague, aloud and without notes, why a service that is busy nine tenths of the time is slow. How well could you?",
        key="05-teach",
    )
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Apply.** Take a service at your work. Could you say what it answers to a text where a number is meant, and how you would notice?",
        key="05-apply",
    )
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Debug.** All requests take two seconds since noon. Could you name five causes, and the number that tells each from the others?",
        key="05-debug",
    )
    return


@app.cell(hide_code=True)
def _():
    aha(
        [
            "Production is a different beast than a notebook: others decide what comes in.",
            "The dangerous answer is a wrong one with a status that says all is well.",
            "Reading a file can run a program.",
            "A service that is nearly always busy is nearly always late.",
            "A feature can drift and harm nobody, and a model can rot while every feature stays.",
            "Models get worse without anybody touching them.",
        ],
        key="05-aha",
    )
    return


@app.cell(hide_code=True)
def _():
    mastery(
        {
            "Write a pydantic contract for a request with five fields, and the sentence for each refusal": 10,
            "Find the slowest habit of a service with a clock, and remove it": 20,
            "Write PSI for a column with nulls and new words": 15,
            "Review a diff of a hundred lines, and defend each finding": 20,
            "Explain health, readiness and back-pressure to somebody who calls your service": None,
        },
        key="05-mastery",
    )
    return


@app.cell(hide_code=True)
def _():
    journal(
        "Think of a program that you depend on and that was down. What did it answer, what would you have needed to know, and what would you want its authors to change first?",
        key="05-journal",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Further reading**

    - Google, [Site Reliability Engineering](https://sre.google/sre-book/table-of-contents/): on call, overload, and post-mortems without blame; free online
    - Dean and Barroso, [The tail at scale](https://research.google/pubs/the-tail-at-scale/) (2013): why the slowest request decides
    - Breck and others, [The ML test score](https://research.google/pubs/the-ml-test-score-a-rubric-for-ml-production-readiness-and-technical-debt-reduction/) (2017): what to test before production
    - Nottingham and others, [Problem details for HTTP APIs](https://www.rfc-editor.org/rfc/rfc9457): a form for the sentence in an error

    Library pages: pydantic on [strict mode](https://docs.pydantic.dev/latest/concepts/strict_mode/), FastAPI on [handling errors](https://fastapi.tiangolo.com/tutorial/handling-errors/), scikit-learn on
    [model persistence](https://scikit-learn.org/stable/model_persistence.html), skops on [secure persistence](https://skops.readthedocs.io/en/stable/persistence.html).
    """)
    return


if __name__ == "__main__":
    app.run()
