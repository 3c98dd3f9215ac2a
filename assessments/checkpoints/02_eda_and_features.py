import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Checkpoint: feature competition [CP-2]")

with app.setup(hide_code=True):
    import altair as alt
    import marimo as mo
    import numpy as np
    import polars as pl
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, TargetEncoder

    from cardshop import world
    from cardshop.training import classifier
    from grader import check, title

    SEED = 1  # your own world: the number that your instructor gave you, or any other
    STATS = ["hp", "attack", "defense", "special_attack", "special_defense", "speed"]


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # {title("CP-2")}

    One model, the same for everybody: the forest of `classifier.accuracy`. What it sees is up to you. The columns of
    `classifier.GIVEN` have served so far; replace them, keep them, add to them.

    **The rules.** Your code makes features from cards, the shop's tables (`world.load("species")`) and the labels of the training cards. No other
    data: none from outside, none from `cardshop.world.truth`. A column that learns from the labels looks at three
    columns of a card at most: one that looks at more is a second model. The model is trained by the grader, with your
    features and nothing else, in worlds that nobody has seen. There is a leaderboard, `dojo leaderboard`; how it counts stands at the end.
    """)
    return


@app.cell
def _():
    train, test = classifier.split(world.load("cards", SEED))
    mo.ui.tabs({"train": train, "test": test, "species": world.load("species")})
    return test, train


@app.cell
def _(test, train):
    _labels, _truth = train["card_type"].to_numpy(), test["card_type"].to_numpy()
    _given = classifier.accuracy(
        train.select(classifier.GIVEN), _labels, test.select(classifier.GIVEN), _truth
    )
    _usual = (_truth == train["card_type"].mode()[0]).mean()
    mo.md(
        f"In your world the given columns reach **{_given:.1%}**. Always saying the most frequent type reaches {_usual:.1%}."
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-2a")}

    You write a **transformer**: what it learns, it learns in `fit_transform` from the training cards, and `transform` makes the
    same columns of cards without labels, one at a time in the shop, a hundred at a time at night.
    """)
    return


@app.class_definition
class CardFeatures(TransformerMixin, BaseEstimator):
    """The features of a card. `fit` learns from cards of the catalogue, `transform` works for every scan.

    This one is a start that you may throw away: it learns the median of each stat and fills gaps with it.
    """

    def fit(self, cards: pl.DataFrame, labels: np.ndarray) -> "CardFeatures":
        self.medians_ = {stat: cards[stat].median() for stat in STATS}
        return self

    def transform(self, cards: pl.DataFrame) -> pl.DataFrame:
        filled = cards.with_columns(pl.col(stat).fill_null(median) for stat, median in self.medians_.items())
        # TODO 1: what would you look at? Compare, look up, read (about 15 lines)
        return filled.select(STATS)


@app.function
def feature_pipeline() -> TransformerMixin:
    """Return a transformer from cards to features, not fitted.

    It is used as scikit-learn's transformers are: `fit_transform(cards, labels)` for the training cards,
    `transform(cards)` for all others. `cards` is a polars table without `card_type`, `labels` an array of texts.

    - What comes back is a table (or an array) with a row for each card, the same columns each time, at most 100 of
      them: finite numbers, booleans, or words (one-hot encoded by the model, the 30 most frequent of each column).
    - `transform` works for all that the scanner sends: any value but `card_id` can be null, a stat can be 0, a species
      or a text can be one that was never seen. What comes back has no null, NaN or infinity.
    - What a card gets from `transform` does not depend on the other cards that it is asked with.
    - A column that learns from `labels` looks at three columns of a card at most, and says no more about the type of the
      training cards than about that of others.

    Judged by the mean accuracy in twelve held-out worlds, where `transform` has to work for the scans too. The given
    columns reach about 0.63; with 0.75 there are points enough to pass the checkpoint, and 0.78 earns the last ones.
    """
    # TODO 2: return your transformer (1 line)
    raise NotImplementedError("CP-2a")


@app.cell(hide_code=True)
def _():
    report_2a = check("CP-2a", lambda: feature_pipeline)
    report_2a
    return (report_2a,)


@app.cell(hide_code=True)
def _(report_2a):
    report_2a.gate(
        "Your features in three worlds of your own, beside what is possible at best, appear here when CP-2a passes."
    )
    _rows = []
    for _seed in range(SEED, SEED + 3):
        _cards = world.load("cards", _seed)
        _train, _test = classifier.split(_cards)
        _labels, _truth = _train["card_type"].to_numpy(), _test["card_type"].to_numpy()
        _pipeline = feature_pipeline()
        _learned = pl.DataFrame(_pipeline.fit_transform(_train.drop("card_type"), _labels))
        _held_out = pl.DataFrame(_pipeline.transform(_test.drop("card_type")))
        _rows += [
            {"world": str(_seed), "features": _name, "accuracy": _accuracy}
            for _name, _accuracy in (
                ("the most frequent type", (_truth == _train["card_type"].mode()[0]).mean()),
                ("the given columns", classifier.held_out_accuracy(classifier.Given(), _cards)),
                ("yours", classifier.accuracy(_learned, _labels, _held_out, _truth)),
                ("nobody can do better", world.best_possible(_test)),
            )
        ]
    alt.Chart(pl.DataFrame(_rows), title="Accuracy on held-out cards").mark_point(
        filled=True, size=90
    ).encode(
        alt.X("accuracy:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")),
        alt.Y("features:N", sort=None, title=None),
        alt.Color("world:N", title="world"),
    ).properties(
        width="container", height=150, description="Points: accuracy by feature set, in three worlds."
    )
    return


@app.cell(hide_code=True)
def _(report_2a):
    report_2a.gate("What nobody can beat, and why, stands here when CP-2a passes.")
    mo.md("""
    **Nobody can do better**, since the shop's world is known: the same stats, species and text can belong to cards of two
    types, and the best that anybody can do is to say the likelier one. At your work nobody tells you this limit. Two
    people who label the same hundred cards give a first idea of it: where they disagree, a model cannot be right for both.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-2b")}

    A feature set without its history gets rebuilt by the next colleague, dead ends included. Report what you measured: for
    each set of columns the accuracy of the model with these columns and no others. The numbers are computed again, from your own
    `feature_pipeline`, on cards that you have not seen; so compute them, never type them.
    """)
    return


@app.function
def experiments(train: pl.DataFrame, test: pl.DataFrame) -> list[dict]:
    """Return at least four experiments, each `{"columns": […], "accuracy": 0.71, "because": "…"}`.

    `train` and `test` are cards with `card_type`. `columns` are names of
    columns that `feature_pipeline` makes, at least one, and no set of columns occurs twice; one experiment has all of
    them. `accuracy` is that of `classifier.accuracy` on `test` when `feature_pipeline` has been fitted on `train` and the
    model has seen these columns alone, in this order; it has to agree within 0.005. `because` is a sentence of
    four different words or more: what you expected of these columns, or what you learned.
    """
    # TODO 3: the features of both tables, once (about 4 lines)
    # TODO 4: an experiment for each set of columns (about 8 lines)
    raise NotImplementedError("CP-2b")


@app.cell(hide_code=True)
def _():
    report_2b = check("CP-2b", lambda: experiments)
    report_2b
    return (report_2b,)


@app.cell(hide_code=True)
def _(report_2b, test, train):
    report_2b.gate("Your experiments, in your own world, appear here when CP-2b passes.")
    mo.ui.table(
        [
            {**_one, "columns": ", ".join(_one["columns"]), "accuracy": f"{_one['accuracy']:.1%}"}
            for _one in experiments(train, test)
        ],
        selection=None,
        label="What was tried",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## The report

    Half a page for the colleague who takes over: which features are in and why, what you tried that did not work and what
    you would try next, and what would have to change in the shop for a feature to break. A person reads it, beside
    the rubric; no program judges it.
    """)
    return


@app.function
def report() -> str:
    """Return your report, in Markdown."""
    # TODO 5: half a page
    raise NotImplementedError("CP-2b")


@app.cell(hide_code=True)
def _(report_2b):
    report_2b.gate("Your report is shown here when CP-2b passes.")
    mo.md(report())
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## The leaderboard

    `dojo leaderboard` grades this notebook and puts you on the board, between the given columns and what is possible at best; with several
    paths (`dojo leaderboard submissions/*`) it ranks a class. It counts accuracy in **held-out worlds** alone, the same twelve for
    everybody. What you measure on worlds of your own is for you.

    Handing in again and again does not climb it. The features draw no lots, so the same code has the same score. A changed entry takes the
    place of your last one only when it is better in **at least ten of the twelve worlds** (equal does not count): by luck alone that happens once in
    fifty tries, and each such step has to be taken from the last one. Small tricks tuned to the board do not get that far; an idea does.
    """)
    return


if __name__ == "__main__":
    app.run()
