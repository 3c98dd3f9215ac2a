import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Checkpoint: model review board [CP-4]")

with app.setup(hide_code=True):
    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop import world
    from cardshop.training import classifier
    from grader import check, mine, small_table, title
    from scipy.stats import binomtest
    from sklearn.pipeline import Pipeline

    SEED = (
        1  # your own world: the number that your instructor gave you, or any other
    )
    SLICED = ["rarity", "stage", "legendary"]  # what the head of sorting asks about
    LEAST = 20  # cards in a slice that the board discusses
    GAP = 0.1  # how far below the accuracy of all cards a weak slice is
    BAR = 0.8  # agreed before training: the lower end of the accuracy


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # {title("CP-4")}

    The board meets on Monday and decides whether your model of exercise `3.3` sorts cards with nobody beside it. Where you haven't
    written it, the shop's own model takes its place.

    **Start here:** look at the model's answers, then state its numbers in {title("CP-4a")}. Agreed before training: the lower end of
    the accuracy is at least {BAR:.0%}.
    """)
    return


@app.function
def board_model(cards: pl.DataFrame, labels: np.ndarray) -> Pipeline:
    """Return your model of exercise 3.3, fitted on these cards. The grader fits it in the same way."""
    return mine("3.3")(cards, labels)


@app.function
def answers(train: pl.DataFrame, cards: pl.DataFrame) -> np.ndarray:
    """Return the type that your model, fitted on `train`, gives to each of `cards`."""
    model = board_model(train.drop("card_type"), train["card_type"].to_numpy())
    return np.asarray(model.predict(cards.drop("card_type")))


@app.cell
def _():
    train, test = classifier.split(world.load("cards", SEED))
    said = answers(train, test)
    return said, test, train


@app.cell(hide_code=True)
def _(said, test):
    mo.ui.table(
        test.select("name", *SLICED, "card_type").with_columns(
            said=pl.Series(said)
        ),
        page_size=5,
        selection=None,
        show_column_summaries=False,
        label="Held-out cards, and what the model says",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-4a")}

    Each number in a model card is a **claim** that somebody else can recompute. All claims have the same form:

    ```python
    {{"metric": "accuracy", "slice": {{"card_type": "Dragon"}}, "rows": 31, "value": 0.7097, "low": 0.5341, "high": 0.8392}}
    ```

    The claim says: `22` of `31` Dragon cards are recognised, and luck alone moves the share between `low` and `high`. `interval(22, 31)` computed the two ends. It
    is the Wilson interval. A bootstrap interval is fine where mistakes and right answers both occur.

    The grader passes cards of other worlds, some to fit your model on and some that it hasn't seen. It fits the model itself, asks it
    for the types, and compares.
    """)
    return


@app.function
def interval(right: int, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a share, right of rows."""
    found = binomtest(right, rows).proportion_ci(method="wilson")
    return found.low, found.high


@app.function
def card_claims(train: pl.DataFrame, cards: pl.DataFrame) -> list[dict]:
    """Return the claims of the model card, about `cards`, for your model fitted on `train`.

    Both tables are labelled, and have no card in common. A claim has the keys `metric`, `slice`, `rows`, `value`, `low` and
    `high`. Each of these appears once:

    - the `accuracy` of all cards, with the slice `{}`;
    - the `baseline`, with the slice `{}`: the share of the most frequent
      type in `cards`;
    - the `accuracy` of each type in `cards`, with the slice `{"card_type":
      type}`. It is the recall of that type.

    `rows` are the cards in the slice. `value` is exact to 0.001 and lies
    between `low` and `high`. They are a 95 % interval: the grader
    accepts between 0.6 and 1.6 times the width of Wilson's.
    """
    # TODO 1: fit, predict once, then one claim for each slice (about 12
    # lines)
    ### BEGIN SOLUTION
    truth = cards["card_type"].to_numpy()
    right = answers(train, cards) == truth
    names, sizes = np.unique(truth, return_counts=True)
    return [
        claim("accuracy", {}, int(right.sum()), len(right)),
        claim("baseline", {}, int(sizes.max()), len(right)),
        *(
            claim(
                "accuracy",
                {"card_type": str(name)},
                int(right[truth == name].sum()),
                int(size),
            )
            for name, size in zip(names, sizes, strict=True)
        ),
    ]
    ### END SOLUTION


@app.function
def claim(metric: str, slice: dict, right: int, rows: int) -> dict:
    """Return a claim about a share, right of rows; yours to use or to delete."""
    low, high = interval(right, rows)
    return {
        "metric": metric,
        "slice": slice,
        "rows": rows,
        "value": right / rows,
        "low": low,
        "high": high,
    }


@app.cell(hide_code=True)
def _():
    report_4a = check("CP-4a", lambda: card_claims)
    report_4a
    return (report_4a,)


@app.cell(hide_code=True)
def _(report_4a, test, train):
    report_4a.gate("Your model card appears here when CP-4a passes.")
    small_table(
        [
            {**_claim, "slice": " ".join(_claim["slice"].values()) or "all cards"}
            for _claim in card_claims(train, test)
        ],
        "The numbers of your model card:",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-4b")}

    A good average can hide a group of cards for which the model is of no use. Name every weak slice, and nothing else: a slice that is
    missing from your list is a surprise in production, and a slice that isn't weak costs somebody a week.

    In the grader's cards some values are **null**, because a scan was blurred. Null is a slice like any other: `{{"rarity": None}}`.
    """)
    return


@app.function
def weak_slices(train: pl.DataFrame, cards: pl.DataFrame) -> list[dict]:
    """Return a claim for each weak slice of `cards`, in any order, for your model fitted on `train`.

    A slice is one value of one column of SLICED, null included. It is
    weak if it has LEAST cards or more, and its accuracy is at least GAP
    below the accuracy of all cards.

    The metric is `accuracy`, and `slice` is `{column: value}`. The list
    is empty if there is no weak slice.
    """
    # TODO 2: fit, predict once, group by each column, keep the weak ones
    # (about 12 lines)
    ### BEGIN SOLUTION
    judged = cards.with_columns(
        right=pl.Series(answers(train, cards)) == pl.col("card_type")
    )
    bar = judged["right"].mean() - GAP
    found = []
    for column in SLICED:
        parts = judged.group_by(column).agg(
            pl.col("right").cast(int).sum(), rows=pl.len()
        )
        for value, right, rows in parts.iter_rows():
            if rows >= LEAST and right / rows <= bar:
                found.append(claim("accuracy", {column: value}, right, rows))
    return found
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_4b = check("CP-4b", lambda: weak_slices)
    report_4b
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-4c")}

    One page for the board, <span data-literal>80</span> words or more, in the cell `recommendation` (keep its name): a summary, the recommendation **deploy**, **iterate** or **abandon**, intended and unintended
    use, risks with an owner each, fairness between slices, and what nobody knows. A reviewer reads it beside your claims. Where the recommendation
    seems to contradict the numbers, the grader leaves a note for the reviewer, and takes no points.

    | points | does it follow from the numbers? | can somebody act on uses and risks? | what does nobody know? |
    |---|---|---|---|
    | none | “The model is good, so we deploy”, with a lower end below the bar | “The model can make mistakes.” | everything is known |
    | half | “We should iterate, because the model can be improved.” | “Dragon cards are often wrong.” | “More tests are needed.” |
    | all | “Iterate: the lower end is {0.76:.0%}, the bar {BAR:.0%}. We deploy when it is above.” | “One Dragon card in three lands in a wrong box; sorting checks that box by hand. Not for prices.” | “No scan of the new set was judged. Fifty labelled cards would tell.” |
    """)
    return


@app.cell
def recommendation():
    # TODO 3: one page of Markdown between the quotation marks
    ### BEGIN SOLUTION
    written = mo.md("""
    **Recommendation: iterate.** The bar that we agreed on for the lower end of the accuracy is not reached: the card states a lower end
    below it. We deploy when the lower end on fresh cards reaches the bar and each type is recognised more often than not.

    **Intended use.** Naming the type of a card from our own scanner, so that a machine can choose a box. **Not intended:** prices, forgeries, cards
    in other languages, and any decision about a customer.

    **Risks.** Types that overlap are mixed up; the worst type of the card lands in a wrong box most often. The head of sorting checks
    that box by hand every evening. Blurred scans give null values, and accuracy falls there; the scanner team sends such cards to a
    clerk. If a weekly sample of fifty cards falls below the bar, the head of sorting switches the model off.

    **Fairness.** No person is judged, but collectors of rare cards pay for mistakes with the value of their cards. The weak slices
    are listed with their intervals.

    **What nobody knows.** No card of the next set was judged, and no other scanner was tried. Fifty labelled cards of each would tell,
    within a week.
    """)
    ### HANDED OUT
    # written = mo.md("""
    # *Your page appears here.*
    # """)
    ### END SOLUTION
    written
    return (written,)


@app.cell(hide_code=True)
def _(written):
    report_4c = check("CP-4c", lambda: written)
    report_4c
    return


if __name__ == "__main__":
    app.run()
