import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Exercises: inference service")

with app.setup(hide_code=True):
    from pathlib import Path
    from typing import Annotated, Literal

    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop import review
    from cardshop.review import KINDS, pull_request
    from cardshop.scorer import STATS, Scorer
    from fastapi import FastAPI, HTTPException, Request
    from grader import check, title
    from pydantic import BaseModel, ConfigDict, Field, ValidationError

    MOST_BYTES = 20_000  # of a body
    FAULTS = 5  # in a pull request
    SEED = 1  # your own pull request: the number that your instructor gave you, or any other


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # Exercises: what happens when strangers call your model?

    You write a service that refuses what it can't answer, make a slow one quick, raise alarms when the scans drift, and review
    a colleague's pull request.

    **Start here:** read the example in {title("5.1")}, then change the two classes and `make_app`.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("5.1")}

    A phone app, a sorting machine and a partner shop will call your model. Each of them has a bug that nobody has found yet, and
    what it sends must not take the service down for the other two.

    The model is a `Scorer`. `Scorer.read(folder)` reads its file, and raises `FileNotFoundError` where there is none and
    `ValueError` where it is damaged. What you get below answers right requests and breaks at everything else.

    ```
    POST /v1/predict  {{"cards": [{{"card_id": "KND-001", "stage": "Stage 2", "hp": 60, …}}]}}
    200  {{"predictions": [{{"card_id": "KND-001", "card_type": "Water", "probability": 0.81}}], "version": "1"}}

    POST /v1/predict  {{"cards": [{{"card_id": "KND-001", "stage": "Stage 2", "hp": "60", …}}]}}
    422  {{"detail": "cards.0.hp: Input should be a valid integer"}}
    ```
    """)
    return


@app.class_definition
class Card(BaseModel):
    """A card as the service takes it: these fields and no others.

    `card_id` is a text of 1 to 40 characters, `stage` one of STAGES. The
    six stats are whole numbers from 1 to 400. A number in quotes, a number
    with a fraction, true and null are no whole numbers.
    """

    # TODO 1: say all of it with pydantic (about 6 lines)
    ### BEGIN SOLUTION
    model_config = ConfigDict(extra="forbid", strict=True)

    card_id: Annotated[str, Field(min_length=1, max_length=40)]
    stage: Literal["Basic", "Stage 1", "Stage 2"]
    hp: Annotated[int, Field(ge=1, le=400)]
    attack: Annotated[int, Field(ge=1, le=400)]
    defense: Annotated[int, Field(ge=1, le=400)]
    special_attack: Annotated[int, Field(ge=1, le=400)]
    special_defense: Annotated[int, Field(ge=1, le=400)]
    speed: Annotated[int, Field(ge=1, le=400)]
    ### HANDED OUT
    # card_id: str
    # stage: str
    # hp: int
    # attack: int
    # defense: int
    # special_attack: int
    # special_defense: int
    # speed: int
    ### END SOLUTION


@app.class_definition
class Asked(BaseModel):
    """The body of a request: `cards`, a list of 1 to 100 cards, and nothing else."""

    # TODO 2: say this with pydantic, too (2 lines)
    ### BEGIN SOLUTION
    model_config = ConfigDict(extra="forbid")

    cards: Annotated[list[Card], Field(min_length=1, max_length=100)]
    ### HANDED OUT
    # cards: list[Card]
    ### END SOLUTION


@app.function
def told(error: ValidationError) -> str:
    """Return what is wrong in one line, such as "cards.0.hp: …; cards.2.stage: …"; yours to write or to delete."""
    ### BEGIN SOLUTION
    return "; ".join(
        f"{'.'.join(map(str, one['loc'])) or 'body'}: {one['msg']}"
        for one in error.errors(include_url=False)[:10]
    )
    ### END SOLUTION


@app.function
def make_app(folder: Path) -> FastAPI:
    """Return the service that answers with the model in `folder`.

    - `GET /health` answers 200 as long as the process lives. `GET /ready`
      answers 200 if there is a model, and 503 otherwise.
    - `POST /v1/predict` takes a body like `Asked`. It answers 200 with
      `predictions`, what the scorer predicts for the cards, and `version`,
      that of the scorer.
    - Every other answer has a JSON body with a text `detail`, which says
      what was wrong:
      422 if the body is JSON and breaks a rule of `Card` or `Asked`.
      `detail` names the field, and for a field of a card also its place
      in the list, counted from 0. For an unknown stage it names the three
      that there are.
      400 or 422 if the body is not JSON.
      413 if the body has more than MOST_BYTES bytes, whether the header
      `Content-Length` says so or not.
      503 with the header `Retry-After`, a number of seconds, if the model's
      file is missing or damaged. As soon as there is a good one, it answers.
      A model that was read may be kept while its file is damaged.
    - While there is a model, nothing that a client sends gets a 5xx.
    """
    service = FastAPI()
    # TODO 3: three routes; read the body in pieces, and turn what goes
    # wrong into an HTTPException (about 25 lines)
    ### BEGIN SOLUTION

    def scorer() -> Scorer:
        try:
            return Scorer.read(folder)
        except (OSError, ValueError) as error:
            wait = {"Retry-After": "5"}
            raise HTTPException(503, f"no model yet: {error}", wait) from None

    @service.get("/health")
    def health() -> dict:
        return {"status": "alive"}

    @service.get("/ready")
    def ready() -> dict:
        return {"status": "ready", "version": scorer().version}

    @service.post("/v1/predict")
    async def predict(request: Request) -> dict:
        body = bytearray()
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise HTTPException(413, f"send at most {MOST_BYTES} bytes")
        try:
            asked = Asked.model_validate_json(bytes(body))
        except ValidationError as error:
            raise HTTPException(422, told(error)) from None
        cards = [card.model_dump() for card in asked.cards]
        model = scorer()
        return {"predictions": model.predict(cards), "version": model.version}

    ### HANDED OUT
    # @service.post("/v1/predict")
    # async def predict(request: Request) -> dict:
    #     asked = Asked(**await request.json())
    #     cards = [card.model_dump() for card in asked.cards]
    #     model = Scorer.read(folder)
    #     return {"predictions": model.predict(cards), "version": model.version}
    ### END SOLUTION
    return service


@app.cell(hide_code=True)
def _():
    report_5_1 = check("5.1", lambda: make_app)
    report_5_1
    return (report_5_1,)


@app.cell(hide_code=True)
def _(report_5_1):
    report_5_1.gate("Two ways to do it are compared here when 5.1 passes.")
    mo.md("""
    **Two good ways.** Reading the body yourself puts all refusals in one place, and you see how many bytes have come. Taking
    `asked: Asked` as an argument is shorter and documents the call at `/docs`. Then the limit belongs in a middleware, and
    `@service.exception_handler(RequestValidationError)` writes the sentence. The shop's own service does the second
    (`cardshop/serving/`).
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("5.2")}

    `slow_app` is what the sorting machine talks to today. Everything in it was written for a reason, and all of it happens again for
    each card. The machine gives up long before it has an answer.

    Write `quick_app` with the same answers. Requests are right here: checking them was `5.1`. A stat that the scanner couldn't read
    is null, and a null is filled with the stat of the species.
    """)
    return


@app.function
def slow_app(folder: Path) -> FastAPI:
    """The service of today: one file for the model, one with the species."""
    service = FastAPI()

    @service.post("/v1/predict")
    def predict(body: dict) -> dict:
        predictions = []
        for card in body["cards"]:
            row = pl.DataFrame([card], infer_schema_length=None)
            for stat in STATS:
                row = filled(row, stat, folder)
            scorer = Scorer.read(folder)
            predictions += scorer.predict(row.to_dicts())
        return {"predictions": predictions, "version": Scorer.read(folder).version}

    return service


@app.function
def filled(row: pl.DataFrame, stat: str, folder: Path) -> pl.DataFrame:
    """A row whose null in `stat` is filled: one look-up for each feature."""
    species = pl.read_csv(folder / "species.csv")
    found = species.filter(pl.col("number") == row["species_number"][0])
    usual = found[stat][0] if found.height else 70
    return row.clone().with_columns(pl.col(stat).cast(pl.Int64).fill_null(usual))


@app.function
def quick_app(folder: Path) -> FastAPI:
    """Return a service with the answers of `slow_app`, at least ten times as fast.

    - `POST /v1/predict` answers right requests of 1 to 100 cards as
      `slow_app` does: the same types, versions and order, probabilities
      that differ by at most 0.00001.
    - The training replaces the model's file while the service runs. From
      the next request on, the new model answers. `species.csv` never
      changes.
    """
    service = FastAPI()
    # TODO 4: do once what needs to be done once (about 20 lines)
    ### BEGIN SOLUTION
    species = {
        row["number"]: row for row in pl.read_csv(folder / "species.csv").to_dicts()
    }
    nobody = dict.fromkeys(STATS, 70)
    kept: dict[int, Scorer] = {}  # the latest scorer, by the time of its file

    def scorer() -> Scorer:
        changed = (folder / "scorer.json").stat().st_mtime_ns
        if changed not in kept:
            kept.clear()
            kept[changed] = Scorer.read(folder)
        return kept[changed]

    def whole(card: dict) -> dict:
        usual = species.get(card["species_number"], nobody)
        gaps = {stat: usual[stat] for stat in STATS if card[stat] is None}
        return card | gaps

    @service.post("/v1/predict")
    def predict(body: dict) -> dict:
        model = scorer()
        cards = [whole(card) for card in body["cards"]]
        return {"predictions": model.predict(cards), "version": model.version}

    ### END SOLUTION
    return service


@app.cell(hide_code=True)
def _():
    report_5_2 = check("5.2", lambda: quick_app)
    report_5_2
    return (report_5_2,)


@app.cell(hide_code=True)
def _(report_5_2):
    report_5_2.gate("Two ways to do it are compared here when 5.2 passes.")
    mo.md("""
    **Two good ways.** A dict of species and one call of the scorer for all cards is the least code. A table for all cards of a request
    and one join reads like the slow version and is nearly as fast: a table costs a few milliseconds, whether it has one row or a
    hundred. What neither does is to keep answers: the cards of a shop hardly ever come twice with the same gaps.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("5.3a")}

    The service answers `200` all day, also when the scanner has stopped reading HP. So you compare what comes in with what came in when
    all was well. PSI says in one number how far two columns are apart: cut both into the same bins, and compare the shares.

    The lesson has the formula for words. Here it gets everything that a column of scans can hold: numbers, nulls, values that
    nobody has seen before, columns of one value.

    ```python
    >>> reference = pl.Series(["Common", "Common", "Rare", "Rare"])
    >>> round(psi(reference, reference), 4)
    0.0
    >>> round(psi(reference, pl.Series(["Common", "Promo", None, None])), 4)
    1.3412
    ```

    In the second call there are four bins: `Common`, `Rare`, *other* and *null*. Their shares go from `2.5/6, 2.5/6, 0.5/6, 0.5/6` to
    `1.5/6, 0.5/6, 1.5/6, 2.5/6`.
    """)
    return


@app.function
def psi(reference: pl.Series, current: pl.Series) -> float:
    """Return the population stability index of two columns of the same dtype.

    - Numbers have bins between the nine deciles of the reference, which
      `np.quantile` gives; equal deciles are one. A value that equals a
      decile is in the bin below it. NaN counts as null.
    - Of words and booleans, each value of the reference has a bin. All
      values that the reference doesn't have share one more.
    - The nulls have a bin of their own, always.
    - The share of a bin is (rows in it + 0.5) / (all rows + 0.5 * bins), so
      that no share is zero.
    - The result is the sum of (current - reference) * log(current /
      reference) over the shares of all bins.
    - If one of the columns has no rows, the result is NaN. A reference of
      nulls alone has no deciles: all numbers are in one bin.
    """
    # TODO 5: count both columns in the same bins, then the formula (about
    # 16 lines)
    ### BEGIN SOLUTION
    if not len(reference) or not len(current):
        return float("nan")
    if reference.dtype.is_numeric():
        known = reference.cast(pl.Float64).fill_nan(None).drop_nulls()
        tenths = np.arange(1, 10) / 10
        cuts = np.unique(np.quantile(known, tenths)) if len(known) else []
        words = None
    else:
        cuts, words = None, reference.drop_nulls().unique().to_list()
    shares = []
    for column in (reference, current):
        if words is None:
            column = column.cast(pl.Float64).fill_nan(None)
            at = np.searchsorted(cuts, column.drop_nulls(), side="left")
            counts = np.bincount(at, minlength=len(cuts) + 1)
        else:
            counts = np.array([(column == word).sum() for word in words])
            known = len(column) - column.null_count()
            counts = np.append(counts, known - counts.sum())
        counts = np.append(counts, column.null_count()) + 0.5
        shares.append(counts / counts.sum())
    before, now = shares
    return float(((now - before) * np.log(now / before)).sum())
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_5_3a = check("5.3a", lambda: psi)
    report_5_3a
    return (report_5_3a,)


@app.cell(hide_code=True)
def _(report_5_3a):
    report_5_3a.gate("Two ways to do it are compared here when 5.3a passes.")
    mo.md("""
    **Two good ways.** Half a row in each bin keeps all shares above zero and changes large tables hardly at all. The shop's monitor
    puts half a row into *empty* bins alone (`cardshop/monitoring/drift.py`): exact where all bins are filled, and with a jump where
    one becomes empty.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("5.3b")}

    Scans of good days lie in one table. Now a new one arrives each evening, and you decide which features get an alarm. An
    alarm that comes too late costs money. One that comes for nothing costs attention, and after three of those nobody reads the fourth.

    ```
    alarms(reference, [scans of day 0, scans of day 1, …])  →  {{"hp": 17}}
    ```

    From the evening of day `17` on somebody looks at the scanner's HP. You choose the statistic, the window and the bar.
    """)
    return


@app.function
def alarms(reference: pl.DataFrame, days: list[pl.DataFrame]) -> dict[str, int]:
    """Return the features that drifted, each with the day of its alarm: its place in `days`, counted from 0.

    - `reference` has about 2,000 scans of good days, each table of `days`
      the 200 scans of one day. The columns are the features: numbers,
      words and booleans. One in thirty values is null on a good day.
    - On some days nothing was scanned: the table has no rows. Such a day
      is no reason for an alarm.
    - A feature may have no column from some day on, because a client calls
      it otherwise. That is drift, too. Columns that the reference doesn't
      have are no features.
    - An alarm on a day rests on the scans up to that day: tables that come
      later don't change it.

    In months that you haven't seen, at least four drifts in five are found
    within 5 days. Among ten months there is at most one false alarm: a
    feature that hasn't drifted, or not yet.
    """
    # TODO 6: compare the latest days with the reference, evening after
    # evening (about 15 lines)
    ### BEGIN SOLUTION
    found: dict[str, int] = {}
    for evening, today in enumerate(days):
        if not today.height:
            continue
        latest = [one for one in days[: evening + 1] if one.height][-3:]
        for name in reference.columns:
            nothing = pl.Series([None] * 200, dtype=reference[name].dtype)
            column = pl.concat(
                [one[name] if name in one.columns else nothing for one in latest]
            )
            if name not in found and psi(reference[name], column) > 0.2:
                found[name] = evening
    return found
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_5_3b = check("5.3b", lambda: alarms)
    report_5_3b
    return (report_5_3b,)


@app.cell(hide_code=True)
def _(report_5_3b):
    report_5_3b.gate("Two ways to do it are compared here when 5.3b passes.")
    mo.md("""
    **Two good ways.** PSI with a fixed bar measures how large a drift is, whatever the number of rows. A test with a p-value finds
    smaller drifts the more rows it has, so its bar must be far below `0.05`: ten features on thirty evenings are three hundred
    tests. And a test of numbers leaves out nulls, so missing values need a test of their own.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("5.4")}

    A colleague has changed features, training and service, and asks for your review. The tests are green. What you wave through,
    the sorting machine will do tomorrow. What you reject for nothing, your colleague will defend for an hour.

    There are {FAULTS} faults in it, each of another kind. Other changes look odd and are right. Below are the whole files as they would be
    afterwards; green lines are new, red ones are gone.

    A finding names the file, the number of a line that is wrong, and the kind. Two faults of another pull request, for example:

    ```python
    {{
        "seed": SEED,
        "findings": [
            {{"file": "train.py", "line": 28, "kind": "leak"}},
            {{"file": "service.py", "line": 41, "kind": "swallowed"}},
        ],
    }}
    ```

    A false alarm takes away what a find gives. Imports aren't part of the review. `CARDS.validate` raises if the contract is broken, and returns the
    table; `champion()` asks the registry for the version that serves.
    """)
    return


@app.cell(hide_code=True)
def _():
    from grader.page.tables import small_table

    small_table(
        [{"kind": name, "what is wrong": what} for name, what in KINDS.items()]
    )
    return


@app.cell(hide_code=True)
def _():
    from lessons import diffs

    files = pull_request(SEED)
    diffs.all_shown(files)
    return diffs, files


@app.function
def findings() -> dict:
    """Return `seed`, the number of your pull request, and `findings`, a list of dicts.

    - Each finding has `file` and `line`, where the fault is in the new
      file, and `kind`, one of KINDS. Any line of the faulty change is right.
    - Four faults of five are enough. A finding that names no fault takes
      one away; a second finding about the same fault counts nothing.
    """
    # TODO 7: read the four files, and claim what you can defend
    ### BEGIN SOLUTION
    return {
        "seed": SEED,
        "findings": [
            {"file": "features.py", "line": 17, "kind": "skew"},
            {"file": "features.py", "line": 20, "kind": "untested"},
            {"file": "train.py", "line": 22, "kind": "leak"},
            {"file": "service.py", "line": 31, "kind": "stale"},
            {"file": "service.py", "line": 39, "kind": "coercion"},
        ],
    }
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_5_4 = check("5.4", lambda: findings)
    report_5_4
    return (report_5_4,)


@app.cell(hide_code=True)
def _(diffs, files, report_5_4):
    report_5_4.gate("What each change does is explained here when 5.4 passes.")
    mo.vstack(
        [diffs.shown(file, review.notes(SEED, file.name)) for file in files], gap=0
    )
    return


@app.cell(hide_code=True)
def _(report_5_4):
    report_5_4.gate("Two ways to review are compared here when 5.4 passes.")
    mo.md("""
    **Two good ways to review.** Follow one value: a card with a gap, from the scanner through `Scan`, the features and the model to
    the answer, and then the same card through the training. Or go through the list of kinds, one after the other, and read all
    files for each. The first finds skew and stale values, the second what isn't there: the missing test, the missing contract.

    **What you can do now:** write a service that strangers can call, make it quick, notice when its input changes, and say no to a
    change with a reason that holds.
    """)
    return


if __name__ == "__main__":
    app.run()
