import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Exercises: model training [03_model_training]")

with app.setup(hide_code=True):
    import altair as alt
    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop import world
    from cardshop.features import feature_pipeline
    from cardshop.training import classifier
    from cardshop.training.boosting import Boosting
    from cardshop.training.contenders import BASELINE, contenders
    from cardshop.training.encoding import Encoder
    from grader import check, title
    from scipy import stats
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import Pipeline, make_pipeline


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # Exercises: which model, and how do you know?

    Every comparison of models rests on a split: which rows may a model learn from, and which rows judge it? You write four
    splits that production needs. scikit-learn has relatives of all four; afterwards you know what they promise, and what not.

    **Start here:** read the example in {title("3.1a")}, then write `folds`.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("3.1a")}

    One held-out part is one draw of luck. In k-fold cross-validation each row is held out once, so k scores come from the same
    table. At work you call `KFold` of scikit-learn. Write it yourself once, and you know what each row is used for.

    Ten rows in three folds:

    ```python
    for train, test in folds(10, 3, seed=1):
        print(sorted(test.tolist()), len(train))
    ```

    prints three lines. Each of the numbers `0` to `9` is in one of the three lists, one list has four numbers and two lists have
    three.
    """)
    return


@app.function
def folds(rows: int, k: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split the row numbers 0 to rows - 1 into k folds.

    Returns k pairs (train, test) of arrays of row numbers, in any order.

    - Each row is in the test set of one pair, and in the training set of
      all other pairs.
    - Two test sets differ in size by one row at most.
    - Chance decides which row goes where. The same seed gives the same
      folds, another seed gives others.
    - A ValueError is raised if k is smaller than 2 or larger than rows.
    """
    # TODO 1: shuffle the row numbers, cut them into k parts, and pair each
    # part with the other rows (about 5 lines)
    raise NotImplementedError("3.1a")


@app.cell(hide_code=True)
def _():
    report_3_1a = check("3.1a", lambda: folds)
    report_3_1a
    return (report_3_1a,)


@app.cell(hide_code=True)
def _(report_3_1a):
    report_3_1a.gate(
        "When 3.1a passes, your folds are drawn here, and two ways to make them are compared."
    )
    _rows = pl.DataFrame(
        [
            {"row": int(row), "fold": number, "used for": "test"}
            for number, (_, test) in enumerate(folds(40, 5, 1), 1)
            for row in test
        ]
    )
    mo.vstack(
        [
            alt.Chart(_rows)
            .mark_rect(height=14)
            .encode(
                alt.X("row:O", axis=alt.Axis(labels=False, ticks=False)),
                alt.Y("fold:O"),
                color=alt.Color("fold:N", legend=None),
                tooltip=["row", "fold"],
            )
            .properties(
                width="container",
                height=120,
                title="Which of 40 rows does each of your folds test?",
            ),
            mo.md("""
    **Two good ways.** You can *shuffle and cut*, as `np.array_split(rng.permutation(rows), k)` does. Or you can *deal*: shuffle
    the row numbers and give number i to fold `i % k`. Cutting is easier to read. Dealing is the one that carries over to the
    next task, where each class is dealt by itself.
    """),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    _labels = world.load("cards")["card_type"]
    _rare = _labels.value_counts(sort=True)
    mo.md(f"""
    ## {title("3.1b")}

    The catalogue has {_rare[-1, "count"]} {_rare[-1, "card_type"]} cards and {_rare[0, "count"]} {_rare[0, "card_type"]} cards.
    In random folds the rare type is in one fold more than in another, so part of the difference between two scores comes from
    the mix. A *stratified* split gives each fold the same mix.

    Six Fire cards and four Water cards in two folds, `stratified_folds(np.array(["Fire"] * 6 + ["Water"] * 4), 2, seed=1)`: each
    test set has three Fire cards and two Water cards.
    """)
    return


@app.function
def stratified_folds(
    labels: np.ndarray, k: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split the rows of `labels` into k folds with the same mix of labels.

    `labels` is an array of texts, one for each row. Returns k pairs
    (train, test) of arrays of row numbers, in any order.

    - Each row is in the test set of one pair, and in the training set of
      all other pairs.
    - For each label, the numbers of its rows in two test sets differ by one
      at most. A label with fewer than k rows is in some test sets only.
    - Two test sets differ in size by one row at most.
    - Chance decides which row goes where. The same seed gives the same
      folds, another seed gives others.
    - A ValueError is raised if k is smaller than 2 or larger than the
      number of rows.
    """
    # TODO 2: shuffle the rows, sort them by label, deal them to the folds in
    # turn (about 6 lines)
    raise NotImplementedError("3.1b")


@app.cell(hide_code=True)
def _():
    report_3_1b = check("3.1b", lambda: stratified_folds)
    report_3_1b
    return (report_3_1b,)


@app.cell(hide_code=True)
def _(report_3_1b):
    report_3_1b.gate(
        "When 3.1b passes, both kinds of folds are compared here on the rarest card type."
    )
    _labels = world.load("cards")["card_type"].to_numpy()
    _names, _sizes = np.unique(_labels, return_counts=True)
    _rarest = _names[_sizes.argmin()]
    _counts = {
        "random": [
            int((_labels[test] == _rarest).sum())
            for _, test in folds(len(_labels), 5, 1)
        ],
        "stratified": [
            int((_labels[test] == _rarest).sum())
            for _, test in stratified_folds(_labels, 5, 1)
        ],
    }
    mo.md(f"""
    **What it changes.** Number of {_rarest} cards in each of five test sets: random {_counts["random"]}, stratified
    {_counts["stratified"]}.

    **Two good ways.** You can *sort and deal*, one list for all labels. Or you can *deal each label by itself*, and start each at
    the fold with the fewest rows so far. The second is longer, and shows its two rules as two lines of code.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("3.1c")}

    In exercise 2.2 four scans of one card were on both sides of a split, and the score was too good: production gets cards that
    were never scanned before. Rows that belong together are a *group*, and a group belongs in one fold.

    Six scans of three cards in two folds, `grouped_folds(np.array(["a", "a", "a", "b", "b", "c"]), 2, seed=1)`: card a is the test
    set of one pair, and cards b and c are that of the other.
    """)
    return


@app.function
def grouped_folds(
    groups: np.ndarray, k: int, seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split rows into k folds so that no group is in two of them.

    `groups` is an array of texts: the group of each row. Returns k pairs
    (train, test) of arrays of row numbers, in any order.

    - Each row is in the test set of one pair, and in the training set of
      all other pairs.
    - All rows of a group are in the same test set.
    - No test set is empty, and none has more rows than rows / k plus the
      size of the largest group.
    - Chance decides which group goes where. The same seed gives the same
      folds, another seed gives others.
    - A ValueError is raised if k is smaller than 2 or larger than the
      number of groups.
    """
    # TODO 3: put the groups, in a random order, each into the fold that has
    # the fewest rows so far (about 9 lines)
    raise NotImplementedError("3.1c")


@app.cell(hide_code=True)
def _():
    report_3_1c = check("3.1c", lambda: grouped_folds)
    report_3_1c
    return (report_3_1c,)


@app.cell(hide_code=True)
def _(report_3_1c):
    report_3_1c.gate(
        "When 3.1c passes, two ways to fill the folds are compared here."
    )
    mo.md("""
    **Two good ways.** You can place the groups *in a random order*, as here, or *the largest first*, as scikit-learn's `GroupKFold` does
    at work. The largest first gives folds of more equal size, but the same ones for every seed. The random order gives others, and
    that shows how much of a score depends on the split.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("3.1d")}

    The shop trains a model tonight, and it predicts the days that come. Random folds train on next week and test on this week,
    and that is a test that production cannot pass.

    The label of a day comes later: whether an offer sells is known after `gap` days. So a training day has to be more than `gap`
    days older than the first day that is tested.

    Ten days in three folds, `ordered_folds(np.arange(1, 11), 3, gap=1)`. The days are cut into four blocks: `1` to `3`, `4` to `6`, `7` and `8`,
    `9` and `10`. The first block is never tested, so there are three pairs:

    | train on the days | test on the days |
    |---|---|
    | `1, 2` | `4, 5, 6` |
    | `1` to `5` | `7, 8` |
    | `1` to `7` | `9, 10` |
    """)
    return


@app.function
def ordered_folds(
    days: np.ndarray, k: int, gap: int = 0
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Split rows by time into k folds, each tested on days after its training.

    `days` is an array of whole numbers: the day of each row, in any order;
    a day may have many rows. Returns k pairs (train, test) of arrays of row
    numbers, the earliest test first.

    - The different days, in their order, are cut into k + 1 blocks, whose
      numbers of days differ by one at most. The first block is never
      tested; each of the others is the test set of one pair, with all rows
      of its days.
    - The training set has every row whose day is before the first day of
      the test set by more than `gap` days, and no other row.
    - A ValueError is raised if k is smaller than 2, if gap is negative, if
      there are fewer than k + 1 different days, or if a training set would
      be empty.
    """
    # TODO 4: cut the different days into blocks; for each block but the
    # first find its rows, and the rows before it (about 8 lines)
    raise NotImplementedError("3.1d")


@app.cell(hide_code=True)
def _():
    report_3_1d = check("3.1d", lambda: ordered_folds)
    report_3_1d
    return (report_3_1d,)


@app.cell(hide_code=True)
def _(report_3_1d):
    report_3_1d.gate(
        "When 3.1d passes, two ways to choose the training days are compared here."
    )
    mo.md("""
    **Two good ways.** A training set can *grow*, as yours does: later folds learn from more days. Or it can be a *window of fixed
    length* that moves along. The window is right when old days mislead, because the market has changed. scikit-learn's
    `TimeSeriesSplit` does both (`max_train_size`), but it counts rows, not days: two rows of one day can land on both sides of its
    cut.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("3.2a")}

    Five models want to sort the shop's cards, and one of them just names the most frequent type. `contenders()` returns them by
    name, not fitted. They take a table of cards and an array of types: `model.fit(cards, labels)`, `model.predict(cards)`.

    Compare them as the lesson's `paired_interval` does: on the same folds, each with its gain over the baseline.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(
        "\n".join(
            f"- **{name}**: `{model[-1]}`" for name, model in contenders().items()
        )
    )
    return


@app.function
def compare(
    cards: pl.DataFrame,
    labels: np.ndarray,
    splits: list[tuple[np.ndarray, np.ndarray]],
) -> pl.DataFrame:
    """Return how well each of `contenders()` does on the same splits.

    `labels` has the type of each row of `cards`. `splits` are pairs (train,
    test) of arrays of row numbers. The result has a row for each contender
    and these columns:

    - `model`: its name
    - `accuracy`: the mean over the splits of the share of test rows that it
      gets right; in each split a new model is fitted on the training rows
      alone
    - `gain`: the mean over the splits of its accuracy minus that of the
      baseline on the same split
    - `low`, `high`: the ends of the 95 % interval of the gain. With k
      splits and s the standard deviation of the k differences
      (`std(ddof=1)`), the interval reaches t * s * sqrt(1 / k + test / train) to
      each side, where t is `stats.t.ppf(0.975, k - 1)` and test / train
      are the numbers of rows in the first split.
    """
    # TODO 5: fit and score each contender on each split; then compute the
    # four numbers from the differences to the baseline (about 14 lines)
    raise NotImplementedError("3.2a")


@app.cell(hide_code=True)
def _():
    report_3_2a = check("3.2a", lambda: compare)
    report_3_2a
    return (report_3_2a,)


@app.cell(hide_code=True)
def _(report_3_2a):
    report_3_2a.gate(
        "When 3.2a passes, your comparison of the five models is drawn here."
    )
    with mo.status.spinner(
        "Fitting five models on five splits", remove_on_exit=True
    ):
        _cards = world.load("cards")
        _labels = _cards["card_type"].to_numpy()
        compared = pl.DataFrame(
            compare(
                _cards.drop("card_type"), _labels, stratified_folds(_labels, 5, 1)
            )
        )
    _base = alt.Chart(compared).encode(alt.Y("model:N", sort="-x", title=None))
    mo.vstack(
        [
            alt.layer(
                _base.mark_rule(strokeWidth=3).encode(
                    alt.X("low:Q", title="gain over the baseline"), x2="high:Q"
                ),
                _base.mark_point(filled=True, size=80).encode(x="gain:Q"),
            ).properties(width="container", height=160),
            mo.md("""
    **Two good ways.** You can loop over *splits, then models*, as above: every model of a split sees the same rows, and a slow model
    can be left out by one line. Or you can call `cross_val_score(model, cards, labels, cv=splits)` for each model: shorter, and right,
    because the splits are a fixed list. With `cv=5` instead, you would compare on folds that you haven't seen.
    """),
        ]
    )
    return (compared,)


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("3.2b")}

    A table in a notebook is gone tomorrow. Log the comparison with MLflow, one run for each model, so that somebody can find it
    and repeat it. MLflow's page from the lesson shows the runs.
    """)
    return


@app.function
def log_comparison(table: pl.DataFrame, store: str, hypothesis: str) -> None:
    """Log a comparison of models to MLflow, one run for each row of `table`.

    `table` is what `compare` returns. `store` is the URI of the store, as
    `mlflow.set_tracking_uri` takes it.

    - The runs are in the experiment `four models and a baseline`.
    - A run has the model's name as its run name and as its parameter
      `model`.
    - It has four metrics, each logged once: `accuracy`, `gain`, `low` and
      `high`.
    - It has the tag `hypothesis` with the given text.
    - All runs are finished afterwards, and the store has no other runs.
    """
    # TODO 6: set the store and the experiment, then start a run for each
    # row of the table (about 7 lines)
    raise NotImplementedError("3.2b")


@app.cell(hide_code=True)
def _():
    report_3_2b = check("3.2b", lambda: log_comparison)
    report_3_2b
    return (report_3_2b,)


@app.cell(hide_code=True)
def _(compared, report_3_2b):
    report_3_2b.gate(
        "When 3.2b passes, your comparison goes into the store of the lesson."
    )
    from cardshop.training.tracking import store

    with mo.status.spinner("Writing to the store", remove_on_exit=True):
        log_comparison(
            compared,
            store(),
            "boosted trees gain at least five points on a linear model",
        )
    mo.md("""
    Your runs are in the store: start MLflow's page in the lesson, choose the experiment *four models and a baseline*, tick the
    runs and press *Compare*.

    **Two good ways.** `with mlflow.start_run()` ends a run also when your code raises, and marks it as failed. `MlflowClient` takes no
    global state, and is what a service should use.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("3.2c")}

    The product manager has five minutes. Which of the models do you put into production? Write <span data-literal>40</span> to <span data-literal>200</span> words: your
    choice, the numbers that decide it, what it costs, and what would change your mind. She doesn't know what an interval is.
    """)
    return


@app.cell
def choice():
    # TODO 7: your note in Markdown between the quotation marks
    written = mo.md("""
    *Your text appears here.*
    """)
    written
    return (written,)


@app.cell(hide_code=True)
def _(written):
    report_3_2c = check("3.2c", lambda: written)
    report_3_2c
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("3.3")}

    The scanner waits for an answer before it moves the card on. The forest below is right on most cards, and it takes so long for
    one card that the belt stops.

    Find a model that is as good and answers a single card at least eight times as fast. Choose it on the cards that you get: split
    them yourself, as in the tasks above. The cards that judge it are not among them.
    """)
    return


@app.function
def card_model(cards: pl.DataFrame, labels: np.ndarray) -> Pipeline:
    """Return a model of card types, fitted on these cards.

    `cards` is a table as the catalogue has it, without `card_type`;
    `labels` has the type of each row. The result has `predict(cards)`,
    `predict_proba(cards)` and `classes_`, as every classifier of
    scikit-learn.

    - On newly generated catalogues it is right at most two points less
      often than the forest that is handed out.
    - For a single card, `predict` takes at most an eighth of the time of
      that forest.
    - Fitted again on the same cards it gives the same predictions.
    - Fitting takes at most 30 seconds.
    """
    # TODO 8: replace the forest by a model that is as good and quicker.
    # Measure both before you decide (about 3 lines)
    model = RandomForestClassifier(600, min_samples_leaf=2, random_state=0)
    return make_pipeline(feature_pipeline(), Encoder(), model).fit(cards, labels)


@app.cell(hide_code=True)
def _():
    report_3_3 = check("3.3", lambda: card_model)
    report_3_3
    return (report_3_3,)


@app.cell(hide_code=True)
def _(report_3_3):
    report_3_3.gate(
        "When 3.3 passes, ways to make a model quick are compared here."
    )
    mo.md("""
    **Two good ways.** You can choose *another kind of model*: boosting needs fewer and smaller trees than a forest, and a linear model
    needs one multiplication. Or you can *make the same model smaller*: it costs accuracy, so compare both on your own splits.
    Measure where the time goes before you choose: for one card, preparing the features can take longer than the model.
    """)
    return


if __name__ == "__main__":
    app.run()
