import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Checkpoint: feature competition")

with app.setup(hide_code=True):
    import altair as alt
    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop import world
    from cardshop.training import classifier
    from grader import check, small_table, title
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, TargetEncoder

    SEED = (
        1  # your own world: the number that your instructor gave you, or any other
    )
    STATS = [
        "hp",
        "attack",
        "defense",
        "special_attack",
        "special_defense",
        "speed",
    ]


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # {title("CP-2")}

    Everybody gets the same model, the forest of `classifier.accuracy`. You decide what it sees.

    **Start here:** look at the tables and at the accuracy to beat, then write the transformer in {title("CP-2a")}.
    """)
    return


@app.cell
def _():
    train, test = classifier.split(world.load("cards", SEED))
    return test, train


@app.cell(hide_code=True)
def _(test, train):
    _tables = {"train": train, "test": test, "species": world.load("species")}
    mo.ui.tabs(
        {
            name: mo.ui.table(
                table, page_size=5, selection=None, show_column_summaries=False
            )
            for name, table in _tables.items()
        }
    )
    return


@app.cell
def _(test, train):
    _labels, _truth = train["card_type"].to_numpy(), test["card_type"].to_numpy()
    _given = classifier.accuracy(
        train.select(classifier.GIVEN),
        _labels,
        test.select(classifier.GIVEN),
        _truth,
    )
    _usual = (_truth == train["card_type"].mode()[0]).mean()
    mo.md(
        f"In your world the columns of `classifier.GIVEN` reach **{_given:.1%}**. Always guessing the most frequent type reaches "
        f"{_usual:.1%}."
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-2a")}

    Write a **transformer**. In `fit_transform` it learns from the training cards and their labels. In `transform` it makes
    the same columns for cards without labels: one card at a time in the shop, or a hundred in one file.

    **The rules.** Your features may use the cards, the shop's tables (`world.load("species")`) and the labels of the training
    cards. Other data is not allowed, neither from outside nor from `cardshop.world.truth`. The grader trains the model on
    your features and nothing else, in worlds that nobody has seen.
    """)
    return


@app.cell(hide_code=True)
def _(test, train):
    _labels, _cards = train["card_type"].to_numpy(), test.drop("card_type")
    _start = FunctionTransformer(
        lambda cards: cards.select(
            is_basic=pl.col("stage") == "Basic",
            attack_over_defense=(pl.col("attack") / pl.col("defense")).round(2),
        )
    )
    _learned, _held_out = (
        _start.fit_transform(train, _labels),
        _start.transform(_cards),
    )
    _reached = classifier.accuracy(
        _learned, _labels, _held_out, test["card_type"].to_numpy()
    )
    mo.vstack(
        [
            small_table(
                _cards.head(3)
                .select("name", "stage", "attack", "defense")
                .hstack(_held_out.head(3)),
                label="An example: three cards, and two features of each",
            ),
            mo.md(
                f"With these two features alone the model reaches {_reached:.1%}. They are not enough, and they break when "
                "`defense` is zero or null."
            ),
        ]
    )
    return


@app.class_definition
class CardFeatures(TransformerMixin, BaseEstimator):
    """The features of a card. `fit` learns from cards of the catalogue, `transform` works for every scan.

    As handed out it learns the median of each stat and fills gaps with
    it. Keep it, or start with a class of your own.
    """

    def fit(self, cards: pl.DataFrame, labels: np.ndarray) -> "CardFeatures":
        self.medians_ = {stat: cards[stat].median() for stat in STATS}
        return self

    def transform(self, cards: pl.DataFrame) -> pl.DataFrame:
        filled = cards.with_columns(
            pl.col(stat).fill_null(median) for stat, median in self.medians_.items()
        )
        # TODO 1: compare the stats, look up the species, use the text
        # (about
        # 15 lines)
        ### BEGIN SOLUTION
        species = world.load("species").rename(
            {stat: f"base_{stat}" for stat in STATS}
        )
        known = filled.select(
            "card_id", "species_number", "text", "rarity", "legendary", *STATS
        ).join(
            species.select(
                "number", "type_1", "type_2", *(f"base_{stat}" for stat in STATS)
            ),
            left_on="species_number",
            right_on="number",
            how="left",
            maintain_order="left",
        )
        # How much more of a stat the card has than its species. The card's overall strength is subtracted below.
        more = {
            stat: (pl.col(stat).clip(1) / pl.col(f"base_{stat}")).log().fill_null(0)
            for stat in STATS
        }
        return known.select(
            *(
                (more[stat] - pl.mean_horizontal(more.values())).alias(
                    f"{stat}_for_its_species"
                )
                for stat in STATS
            ),
            pl.col("type_1").fill_null("unknown"),
            pl.col("type_2").fill_null("none"),
            pl.col("text").fill_null("none"),
            pl.col("rarity").fill_null("unknown"),
            pl.col("legendary").fill_null(False),
        )
        ### HANDED OUT
        # return filled.select(STATS)
        ### END SOLUTION


@app.function
def feature_pipeline() -> TransformerMixin:
    """Return a transformer from cards to features, not fitted.

    It is used like scikit-learn's transformers: `fit_transform(cards,
    labels)` for the training cards, `transform(cards)` for all others.
    `cards` is a polars table without `card_type`, `labels` an array of
    texts.

    - The result is a table or an array with one row for each card and the
      same columns each time, at most 100: finite numbers, booleans, or
      text. The model one-hot encodes text, the 30 most frequent
      categories of each column.
    - `transform` works for everything that the scanner can send: any
      value except `card_id` can be null, a stat can be 0, a species or a
      text can be new. The result has no null, NaN or infinity.
    - What `transform` returns for a card does not depend on the other
      cards of the table.
    - Fitted again on the same cards, the transformer gives the same
      features.
    - A column that learns from `labels` looks at three columns of a card
      at most. A column that looks at more counts as a second model;
      exercise 2.3 says why the line is there.
    - What `fit_transform` returns predicts the types of its own cards no
      better than `transform` predicts those of others.

    What counts is the mean accuracy in twelve held-out worlds, where
    `transform` has to work for the scans too. The given columns reach
    about 0.63. With 0.75 you have enough points to pass the checkpoint;
    0.78 earns the rest.
    """
    # TODO 2: return your transformer (1 line)
    ### BEGIN SOLUTION
    return CardFeatures()
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_2a = check("CP-2a", lambda: feature_pipeline)
    report_2a
    return (report_2a,)


@app.cell(hide_code=True)
def _(report_2a):
    report_2a.gate(
        "When CP-2a passes, your features in three worlds appear here, beside the best that is possible."
    )
    _rows = []
    for _seed in range(SEED, SEED + 3):
        _cards = world.load("cards", _seed)
        _train, _test = classifier.split(_cards)
        _labels, _truth = (
            _train["card_type"].to_numpy(),
            _test["card_type"].to_numpy(),
        )
        _pipeline = feature_pipeline()
        _learned = pl.DataFrame(
            _pipeline.fit_transform(_train.drop("card_type"), _labels)
        )
        _held_out = pl.DataFrame(_pipeline.transform(_test.drop("card_type")))
        _rows += [
            {"world": str(_seed), "features": _name, "accuracy": _accuracy}
            for _name, _accuracy in (
                (
                    "the most frequent type",
                    (_truth == _train["card_type"].mode()[0]).mean(),
                ),
                (
                    "the given columns",
                    classifier.held_out_accuracy(classifier.Given(), _cards),
                ),
                (
                    "yours",
                    classifier.accuracy(_learned, _labels, _held_out, _truth),
                ),
                ("the best possible", world.best_possible(_test)),
            )
        ]
    alt.Chart(pl.DataFrame(_rows), title="Accuracy on held-out cards").mark_point(
        filled=True, size=90
    ).encode(
        alt.X(
            "accuracy:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%")
        ),
        alt.Y("features:N", sort=None, title=None),
        alt.Color("world:N", title="world"),
    ).properties(
        width="container",
        height=150,
        description="One point for each world and set of features: the accuracy on held-out cards.",
    )
    return


@app.cell(hide_code=True)
def _(report_2a):
    report_2a.gate(
        "When CP-2a passes, the limit is explained here, and two ways to reach it are compared."
    )
    mo.md("""
    **The best possible.** In this world the limit is known. Cards of two types can have the same stats, species and text, and then
    the best anybody can do is to guess the likelier type. At work nobody tells you this limit. Let two people label the same
    hundred cards: where they disagree, no model can be right for both.

    **Two good ways to get close.** You can *look up* what is known of a species and subtract it from the card. Or you can *learn* from
    the training cards which type each species mostly has. The first needs a maintained table, the second needs labels and
    cross-fitting. They know different things, so a strong set has both kinds of column.

    **What you can do now:** build a feature set as one object, and know how it behaves on the worst scan of the day.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("CP-2b")}

    A feature set without its history gets rebuilt by the next colleague, dead ends included. Report what you measured: the accuracy
    of the model with some of your columns and no others.

    An experiment is a dict, for example:

    ```python
    {{"columns": ["text"], "accuracy": 0.312, "because": "the text names effects that go with a type"}}
    ```

    The grader computes every accuracy again, with your own `feature_pipeline`, on cards that you have not seen. So compute them from
    the arguments.
    """)
    return


@app.function
def experiments(train: pl.DataFrame, test: pl.DataFrame) -> list[dict]:
    """Return at least four experiments, each a dict with three keys.

    `train` and `test` are cards with `card_type`.

    - `columns` is a list of at least one column that `feature_pipeline`
      makes. No two experiments have the same set of columns, and one
      experiment has all of them.
    - `accuracy` is `classifier.accuracy` on `test`, when
      `feature_pipeline` was fitted on `train` and the model sees these
      columns alone, in this order. It has to agree within 0.005.
    - `because` is a sentence of at least four different words: what you
      expected of these columns, or what you learned.
    """
    # TODO 3: the features of both tables, once (about 4 lines)
    # TODO 4: an experiment for each set of columns (about 8 lines)
    ### BEGIN SOLUTION
    labels, truth = train["card_type"].to_numpy(), test["card_type"].to_numpy()
    pipeline = feature_pipeline()
    learned = pipeline.fit_transform(train.drop("card_type"), labels)
    held_out = pipeline.transform(test.drop("card_type"))
    against_species = [f"{stat}_for_its_species" for stat in STATS]
    tried = {
        "how a card differs from its species should show its type, whatever its strength": against_species,
        "cards mostly have the type of their species": ["type_1", "type_2"],
        "the text names effects that go with a type; most cards have no telling text": [
            "text"
        ],
        "the species says what is likely, the differences say what was printed": [
            *against_species,
            "type_1",
            "type_2",
        ],
        "I expected rarity to help a little, because strong cards are printed less often": learned.columns,
    }
    return [
        {
            "columns": columns,
            "because": because,
            "accuracy": classifier.accuracy(
                learned.select(columns), labels, held_out.select(columns), truth
            ),
        }
        for because, columns in tried.items()
    ]
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_2b = check("CP-2b", lambda: experiments)
    report_2b
    return (report_2b,)


@app.cell(hide_code=True)
def _(report_2b, test, train):
    report_2b.gate(
        "When CP-2b passes, your experiments in your own world appear here."
    )
    mo.vstack(
        [
            small_table(
                [
                    {
                        **_one,
                        "columns": ", ".join(_one["columns"]),
                        "accuracy": f"{_one['accuracy']:.1%}",
                    }
                    for _one in experiments(train, test)
                ],
                label="Your experiments",
            ),
            mo.md("""
    **Two good ways to choose experiments.** You can measure each group of columns *alone*. That shows how much a group knows, but
    two groups can know the same thing. Or you can leave one group *out* at a time. That shows what the set would lose without it,
    and a group whose knowledge is somewhere else too seems worthless. Report both for a group before you drop it.

    **What you can do now:** defend every column of a feature set with a number that a colleague can compute again.
    """),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## The report

    Write half a page for the colleague who takes over: which features are in and why, what you tried that did not work, what you would
    try next, and what would have to change in the shop for a feature to break.

    A reviewer marks the text of the next cell, which is named `report`, by the rubric. No program judges it.
    """)
    return


@app.cell
def report():
    # TODO 5: half a page
    ### BEGIN SOLUTION
    mo.md("""
    **What is in: six differences from the species, the two types of the species, the text, rarity and legendary.**

    Raw stats mix three things: what the species is like, how strong the card is, and its type. I expected the type to
    show once the first two are subtracted. It did: these six columns alone beat all given columns together. The types of the species
    say what is likely before anybody looks at the stats, so the two groups add to each other. The text helps where it names
    an effect, on about one card in three.

    **What is out.** The name of the species, as text: it became thirty columns with too few cards each, and was worth less than
    the two types behind it. The raw stats beside the differences: accuracy fell, because the forest spent splits on
    them. Rarity and legendary are worth nothing that I could measure once strength is subtracted. I would drop them next.

    **What would break it.** A new generation of species. If the species table does not have them before the first scan, six columns
    fall back to zero. Next I would learn from the training cards which type a species mostly has, with cross-fitting, for species that
    the table lacks.
    """)
    ### HANDED OUT
    # mo.md("""
    # Your report.
    # """)
    ### END SOLUTION
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## The leaderboard

    `dojo leaderboard` grades this notebook and puts you on the board, between the given columns and the best possible. With
    several paths (`dojo leaderboard submissions/*`) it ranks a class. Only the accuracy in held-out worlds counts, and these
    worlds are the same for everybody.

    The same code always gets the same score, so handing in again does not help. A changed entry replaces yours only if it is better in
    **at least ten of the twelve worlds**. Equal does not count as better, and pure luck gets that far about once in fifty tries. An
    idea does it more often.
    """)
    return


if __name__ == "__main__":
    app.run()
