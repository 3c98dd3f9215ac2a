import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Exploration and features: what does the model need to know?")

with app.setup(hide_code=True):
    import inspect
    import textwrap

    import altair as alt
    import marimo as mo
    import numpy as np
    import polars as pl
    from scipy.stats import chi2_contingency
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
    from sklearn.feature_selection import SelectKBest
    from sklearn.impute import SimpleImputer
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import GroupKFold, KFold, StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder

    from cardshop import world
    from cardshop.quality import RARITIES
    from cardshop.training import classifier
    from cardshop.world.truth.listings import WEB_PREFERENCE
    from grader import aha, journal, mastery, predict, quiz, reveal
    from grader.course.manifest import course

    STATS = ["hp", "attack", "defense", "special_attack", "special_defense", "speed"]


@app.cell(hide_code=True)
def _():
    UNIT = course().units[1]
    mo.md(f"""
    # {UNIT.question}

    The table is sound, you have seen to that. Now somebody wants a model, and the first one is disappointing. What is cheapest to
    change is not the model: it is **what the model gets to see**. This lesson is about finding that out (exploration), writing
    it down so that it works at night as well (features), and not fooling yourself about its worth (leakage).

    About {UNIT.minutes.lesson} minutes to read and play, {UNIT.minutes.exercises} for the exercises. Afterwards you can

    {chr(10).join(f"- {objective}" for objective in UNIT.objectives)}
    """)
    return (UNIT,)


@app.cell(hide_code=True)
def _():
    mo.md("""
    **First, from memory:** two questions on module 1, so that it stays.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("02_eda_and_features", group="review")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Questions before plots

    A plot without a question is decoration. Start from a **decision**, and say which answer would change it. Three are due:

    | decision | question | it changes if |
    |---|---|---|
    | one buying price for "an average card" | what does a card cost, on average? | the cards that are *listed* are not the cards that *exist* |
    | the price list goes by rarity and condition, added up | do the two work independently? | a scratch costs more on a rare card |
    | a camera sorts cards by type | what in a scan tells the type? | nothing does, or only something that the scan lacks |

    The first one. The shop knows asking prices from its listings, and would pay the average of them for any card that
    comes in.
    """)
    return


@app.cell(hide_code=True)
def _():
    _rare = world.load("cards")["rarity"].is_in(["Holo", "Ultra", "Secret"]).mean()
    guess_rare = predict(
        f"{_rare:.0%} of the cards in the catalogue are Holo, Ultra or Secret. What share of the listings is about such a card?",
        low=0,
        high=100,
        step=5,
        unit="%",
        key="02-share-listed",
    )
    guess_rare
    return (guess_rare,)


@app.cell(hide_code=True)
def _(guess_rare):
    guess_rare.gate()
    _cards, _listings, _sales = world.load("cards"), world.load("listings"), world.load("sales")
    _tables = {
        "the catalogue": _cards,
        "the listings": _listings.join(_cards, on="card_id"),
        "sales on the web": _sales.filter(channel="web").join(_cards, on="card_id"),
        "sales in the store": _sales.filter(channel="store").join(_cards, on="card_id"),
    }
    shares = pl.concat(
        [
            table.group_by("rarity")
            .len("rows")
            .with_columns(share=pl.col("rows") / pl.col("rows").sum(), table=pl.lit(name))
            for name, table in _tables.items()
        ]
    )
    alt.Chart(shares, title="Whose cards are these? Shares of the rarities in four tables").mark_bar().encode(
        alt.X("share:Q", title="share", axis=alt.Axis(format="%", tickCount=5)),
        alt.Y("table:N", sort=None, title=None),
        alt.Color("rarity:N", sort=RARITIES, scale=alt.Scale(scheme="viridis"), title="rarity"),
        alt.Order("rank:Q"),
    ).transform_calculate(rank=f"indexof({list(RARITIES)}, datum.rarity)").properties(
        width="container",
        height=130,
        description="Stacked bars: shares of six rarities in catalogue, listings and sales.",
    )
    return (shares,)


@app.cell(hide_code=True)
def _(guess_rare, shares):
    _rare = (
        shares.filter(pl.col("rarity").is_in(["Holo", "Ultra", "Secret"]))
        .group_by("table")
        .agg(pl.col("share").sum())
    )
    _of = dict(_rare.iter_rows())
    mo.md(f"""
    {_of["the listings"]:.0%} of the listings; you said {guess_rare.value:.0f}%. Web sales have {_of["sales on the web"]:.0%},
    the counter {_of["sales in the store"]:.0%}. Somebody *chooses* what gets listed, and does so with the price in mind.
    This is **selection bias**: the table is complete, every value in it is right, and its average answers another question
    than yours. No check of module 1 can see it. What helps is to ask of every table *how did a row get in here?*, and
    a second table to compare it with.

    If you know what the selection goes by, you can undo it: average within each rarity, then weigh the rarities as they
    are where you decide.
    """)
    return


@app.cell
def _():
    cards, listings = world.load("cards"), world.load("listings")
    by_rarity = listings.join(cards, on="card_id").group_by("rarity").agg(price=pl.col("asking_price").mean())
    priced = cards.join(by_rarity, on="rarity")
    means = {
        "as listed": listings["asking_price"].mean(),
        "one of each": priced["price"].mean(),
        "as printed": (priced["price"] * priced["print_run"]).sum() / priced["print_run"].sum(),
    }
    {name: round(mean, 2) for name, mean in means.items()}
    return cards, listings, means


@app.cell(hide_code=True)
def _(means):
    mo.md(f"""
    As listed {means["as listed"]:.2f} €; one of each card in the catalogue {means["one of each"]:.2f} €. And people bring neither, they
    bring what they *have*: weighed by how many copies were printed it is {means["as printed"]:.2f} €, so the shop would have paid
    {means["as listed"] / means["as printed"]:.1f} times what they are worth. Which weights are right is not a question of statistics. It is decided by what you decide about.

    Was rarity the right thing to weigh by? In this world somebody wrote down how it was made, and you may look, now that you have
    searched: web sellers over-represent the rarities by the factors {", ".join(f"{rarity} {times:g}" for rarity, times in WEB_PREFERENCE.items())}, and
    counter sellers bring what was printed most. At work nobody wrote it down, which is why the second table matters.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Shapes, gaps, relations

    The second decision: a price list with a surcharge for rarity and a discount for condition. First the shape of a price.
    """)
    return


@app.cell(hide_code=True)
def _():
    scale = mo.ui.radio(["EUR", "logarithm of EUR"], value="EUR", label="Asking price in", inline=True)
    scale
    return (scale,)


@app.cell(hide_code=True)
def _(cards, listings, scale):
    _log = scale.value != "EUR"
    _offers = listings.join(cards, on="card_id").with_columns(
        value=pl.col("asking_price").log10() if _log else pl.col("asking_price")
    )
    _width = 0.1 if _log else 2.0
    _bins = (
        _offers.filter(pl.col("value") < 60)
        .group_by(low=(pl.col("value") / _width).floor() * _width)
        .len("listings")
        .with_columns(high=pl.col("low") + _width)
    )
    mo.vstack(
        [
            alt.Chart(_bins, title="Asking prices" + ("" if _log else " below 60 €"))
            .mark_bar()
            .encode(
                alt.X(
                    "low:Q", bin="binned", title="decimal logarithm of the price" if _log else "price (EUR)"
                ),
                alt.X2("high"),
                alt.Y("listings:Q"),
            )
            .properties(width="container", height=150, description="Histogram of asking prices."),
            mo.md(
                f"The mean, {_offers['asking_price'].mean():.2f} €, is far from the median, {_offers['asking_price'].median():.2f} €: a few dear "
                "cards pull it up, and every plot in EUR shows them and nothing else. "
                + (
                    "In logarithms the hill is nearly symmetrical, and equal steps are equal *percentages*, which is how people think about prices."
                    if _log
                    else "Switch to the logarithm."
                )
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    guess_wear = predict(
        "A damaged common card is offered far below a mint one. How does that discount look for Holo, Ultra and Secret cards?",
        options=[
            "about the same, in per cent",
            "smaller: rarity makes up for it",
            "greater: collectors mind",
        ],
        key="02-wear",
    )
    guess_wear
    return (guess_wear,)


@app.cell(hide_code=True)
def _(cards, guess_wear, listings):
    guess_wear.gate()
    _order = ["Mint", "Near Mint", "Played", "Damaged"]
    wear = (
        listings.join(cards, on="card_id")
        .group_by(
            "condition",
            kind=pl.when(pl.col("rarity").is_in(["Holo", "Ultra", "Secret"]))
            .then(pl.lit("Holo and rarer"))
            .otherwise(pl.lit("others")),
        )
        .agg(price=pl.col("asking_price").log().mean().exp())
    )
    alt.Chart(wear, title="Do rarity and condition add up?").mark_line(point=True).encode(
        alt.X("condition:N", sort=_order, title=None, axis=alt.Axis(labelAngle=0)),
        alt.Y("price:Q", scale=alt.Scale(type="log"), title="typical price (EUR, log scale)"),
        alt.Color("kind:N", title=None),
    ).properties(
        width="container",
        height=200,
        description="Two lines of typical price by condition; the one of rare cards falls more steeply.",
    )
    return (wear,)


@app.cell(hide_code=True)
def _(cards, wear):
    _price = {(kind, condition): price for condition, kind, price in wear.iter_rows()}
    _left = {kind: _price[kind, "Damaged"] / _price[kind, "Mint"] for kind in ("others", "Holo and rarer")}
    _table = (
        cards.select(gap=pl.col("text").is_null(), type="card_type")
        .group_by("type", "gap")
        .len()
        .pivot("gap", index="type", values="len")
    )
    _p = chi2_contingency(_table.drop("type").fill_null(0).to_numpy()).pvalue
    mo.md(f"""
    A damaged card keeps {_left["others"]:.0%} of the mint price, a damaged *rare* one {_left["Holo and rarer"]:.0%}. On
    a log scale effects that add up would be parallel lines; these are not. That is an **interaction**: each column has its
    effect, and together they have one more. A table of correlations, column by column, cannot show it.

    And gaps are columns too. {cards["text"].is_null().mean():.0%} of the cards have no text. Does *that* tell the type? Count it: if gap and type
    had nothing to do with each other, a table at least as uneven as this one would come about with probability {_p:.2f}
    (a chi-square test). {"So nothing speaks against chance here" if _p > 0.05 else "So chance alone hardly makes it"}; test it all the same, since where forms are left
    empty on purpose the gap is the best column of all.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## A feature is an assumption

    The third decision is this module's model: a scan comes in, a card type has to come out. A **feature** is a column made for a model, and
    says what may be compared with what. A strong Water card has more attack than a weak Fighting card. Fighting shows in the
    attack *for what the card is*.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_form = predict(
        "Which number tells Fighting cards from all others best?",
        options=["attack", "attack / defense", "attack / mean of all six stats"],
        key="02-which-form",
    )
    guess_form
    return (guess_form,)


@app.function
def auc(values: pl.Series, inside: pl.Series) -> float:
    """Return how often a value inside is higher than one outside, ties counting half: 0.5 is chance."""
    return float(roc_auc_score(inside.to_numpy(), values.cast(pl.Float64).to_numpy()))


@app.cell
def _():
    mean = pl.mean_horizontal(STATS)
    FORMS = {
        "the stat": lambda stat: pl.col(stat).cast(pl.Float64),
        "stat / defense": lambda stat: pl.col(stat) / pl.col("defense"),
        "stat / mean of all six": lambda stat: pl.col(stat) / mean,
        "stat - mean of all six": lambda stat: pl.col(stat) - mean,
    }
    return (FORMS,)


@app.cell(hide_code=True)
def _(FORMS, cards):
    stat = mo.ui.dropdown(STATS, value="attack", label="Stat:")
    of_type = mo.ui.dropdown(sorted(cards["card_type"].unique()), value="Fighting", label="Type:")
    form = mo.ui.dropdown(list(FORMS), value="the stat", label="Form:")
    mo.hstack([stat, of_type, form], justify="start", wrap=True)
    return form, of_type, stat


@app.cell(hide_code=True)
def _(FORMS, cards, form, guess_form, of_type, stat):
    guess_form.gate()
    _shown = cards.select(
        value=FORMS[form.value](stat.value),
        kind=pl.when(pl.col("card_type") == of_type.value)
        .then(pl.lit(of_type.value))
        .otherwise(pl.lit("others")),
    )
    _all = {
        name: auc(cards.select(make(stat.value)).to_series(), cards["card_type"] == of_type.value)
        for name, make in FORMS.items()
    }
    _best = max(_all, key=lambda name: abs(_all[name] - 0.5))
    mo.vstack(
        [
            alt.Chart(
                _shown, title=f"{form.value.replace('stat', stat.value, 1)}: {of_type.value} and the others"
            )
            .transform_density("value", as_=["value", "density"], groupby=["kind"])
            .mark_area(opacity=0.5)
            .encode(
                alt.X("value:Q", title=None),
                alt.Y("density:Q", axis=None, stack=None),
                alt.Color("kind:N", title=None),
            )
            .properties(
                width="container",
                height=150,
                description="Two overlapping densities: cards of the type and others.",
            ),
            mo.md(
                f"Take a {of_type.value} card and another one: the first has the higher value in **{_all[form.value]:.0%}** of such pairs "
                f"(chance: {0.5:.0%}; far below it is as good as far above). Of the four, *{_best}* tells most: {_all[_best]:.0%}. (On Fighting by attack, you said *{guess_form.value}*.)"
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    The number below the picture is the **AUC**, the area under the ROC curve. Each form assumes something:

    | form | it assumes | it breaks when |
    |---|---|---|
    | the stat | all cards are on one scale | a set is printed stronger than the last |
    | stat / another stat | the two grow together, and the lower one is never `0` | a scan misses a digit |
    | stat / mean of all six | strength hits all six alike | one of the six is missing |
    | stat - mean of all six | a difference of ten means the same on weak and strong cards | it does not |
    | what cards of this species were so far | species keep their habits | a species is new, or fashions change |

    The second row is the famous one. What is attack / defense for a scan whose defense was read as `0`?
    """)
    return


@app.cell
def _():
    scan = pl.DataFrame({"attack": [80, 80, 0, None], "defense": [40, 0, 0, 40]})
    scan.with_columns(
        ratio=pl.col("attack") / pl.col("defense"),
        log_difference=pl.col("attack").clip(1).log() - pl.col("defense").clip(1).log(),
        filled=(pl.col("attack").clip(1).log() - pl.col("defense").clip(1).log()).fill_null(0),
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    An infinity, a NaN and a null. The difference of logarithms says the same as the ratio (double and half are equally far from zero)
    and is defined as soon as the stats are clipped at `1`; what a gap becomes you decide: here `0`, "nothing unusual". (And a zero? The second row is now the most extreme of all. If a `0` means *not read*, make it a gap
    first.) Write these decisions into the feature. What is left to the model is decided at night, by a library's default.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## A hypothesis for each feature

    "Let us try everything and keep what works" is a lottery. Here are forty columns of pure noise. Of all pairs of a column and
    a card type we take the one that looks best on one half of the catalogue, and look at it on the other half:
    """)
    return


@app.cell
def _(cards):
    rng = np.random.default_rng(3)
    noise = pl.DataFrame({f"noise_{at}": rng.normal(size=cards.height) for at in range(40)})
    half = cards.height // 2
    tickets = [
        (auc(noise[name][:half], (cards["card_type"] == kind)[:half]), name, kind)
        for name in noise.columns
        for kind in cards["card_type"].unique().sort()
    ]
    luck, name, kind = max(tickets)
    afterwards = auc(noise[name][half:], (cards["card_type"] == kind)[half:])
    return afterwards, kind, luck, tickets


@app.cell(hide_code=True)
def _(afterwards, kind, luck, tickets):
    mo.md(f"""
    The best of {len(tickets)} tickets "tells {kind}" with an AUC of {luck:.2f}. On the other half: {afterwards:.2f}. Nothing was there, and
    searching found it. Three habits protect you. Say **before** you look for which type a feature should be high or low, and why.
    Test on cards that took no part in the idea. And compare with what is there: a feature that tells Psychic is worth nothing if
    `special_attack` tells it as well, or puts the cards into nearly the same order (a *rank correlation* near one). Exercise 2.1 does it.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Pipelines: polars in, polars out

    Whatever a feature *learns* (a median, a share, a list of words) it must learn from training cards, and remember. In scikit-learn that is
    a **transformer**: `fit` learns, `transform` applies. Those of the library can be told to give polars tables; one of your
    own needs two methods, and a third one, the names of its columns, to be combined with them. (What learns nothing needs no class:
    `FunctionTransformer(f)` makes a transformer of a function from table to table.) Medians, words and habits of a species, side by side:
    """)
    return


@app.class_definition
class SpeciesHabit(TransformerMixin, BaseEstimator):
    """How often cards of the species were of one type, shrunk towards the overall share.

    A species with few cards proves little: it counts as if `weight` more cards with the overall share had been seen.
    """

    def __init__(self, card_type: str = "Grass", weight: float = 10):
        self.card_type, self.weight = card_type, weight

    def fit(self, cards: pl.DataFrame, labels: np.ndarray) -> "SpeciesHabit":
        seen = cards.select("species_number", hit=pl.Series(labels == self.card_type))
        self.overall_ = seen["hit"].mean()
        self.habits_ = seen.group_by("species_number").agg(
            habit=(pl.col("hit").sum() + self.weight * self.overall_) / (pl.len() + self.weight)
        )
        return self

    def transform(self, cards: pl.DataFrame) -> pl.DataFrame:
        found = cards.join(self.habits_, on="species_number", how="left", maintain_order="left")
        return found.select(pl.col("habit").fill_null(self.overall_).alias(f"{self.card_type}_of_species"))

    def get_feature_names_out(self, names: list[str] | None = None) -> list[str]:
        return [f"{self.card_type}_of_species"]


@app.cell
def _(cards):
    train, test = classifier.split(cards)
    labels, truth = train["card_type"].to_numpy(), test["card_type"].to_numpy()
    columns = make_column_transformer(
        (SimpleImputer(strategy="median"), STATS),
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["rarity", "stage"]),
        (SpeciesHabit("Grass"), ["species_number"]),
        verbose_feature_names_out=False,
    ).set_output(transform="polars")
    learned = columns.fit_transform(train.drop("card_type"), labels)
    columns.transform(test.drop("card_type")).head(4)
    return labels, learned, test, train, truth


@app.cell(hide_code=True)
def _(learned):
    mo.md(f"""
    {learned.width} columns, the same ones for the catalogue and for a single scan at night, and nothing about held-out cards
    went into them. What the parts are for:

    - `SimpleImputer` remembers the medians of the training cards. Computed anew from what comes in tonight, a gap would be filled
      with another number every night.
    - `OneHotEncoder(handle_unknown="ignore")` remembers the words. Without the argument the first unknown word stops the
      service; `to_dummies` of the incoming table would make *other columns*.
    - `maintain_order="left"` in the join: without it polars promises no order of the rows, and features change owners.
    - `fill_null(self.overall_)`: the species that nobody has seen.

    `SpeciesHabit` is a **target encoding**: it puts what is known about the label in the place of a word. It is strong, and dangerous in one
    way. Encoded with its own label, a training card tells the model the answer, and the model believes the column more than
    it deserves. Take a column that means *nothing*, the number of the card in its set:
    """)
    return


@app.cell
def _(labels, test, train, truth):
    given = train.select(classifier.GIVEN), test.select(classifier.GIVEN)
    number, number_held_out = (part.select("number").cast(pl.String).to_numpy() for part in (train, test))
    own = TargetEncoder(smooth=0.01).fit(number, labels)  # encodes each card with its own label, too
    crossed = TargetEncoder(smooth=0.01, cv=StratifiedKFold(5, shuffle=True, random_state=0))

    def with_encoding(encoded: np.ndarray, held_out: np.ndarray) -> float:
        """The accuracy on held-out cards of the given columns and an encoding of the number."""
        beside = [
            table.hstack(pl.DataFrame(extra)) for table, extra in zip(given, (encoded, held_out), strict=True)
        ]
        return classifier.accuracy(beside[0], labels, beside[1], truth)

    encodings = {
        "no encoding": classifier.accuracy(given[0], labels, given[1], truth),
        "fit, then transform": with_encoding(own.transform(number), own.transform(number_held_out)),
        "fit_transform": with_encoding(
            crossed.fit_transform(number, labels), crossed.transform(number_held_out)
        ),
    }
    {name: round(accuracy, 3) for name, accuracy in encodings.items()}
    return (encodings,)


@app.cell(hide_code=True)
def _(encodings):
    mo.md(f"""
    The given columns alone: {encodings["no encoding"]:.1%}. With the meaningless number, encoded with each card's own label:
    {encodings["fit, then transform"]:.1%}. scikit-learn's `TargetEncoder.fit_transform` is not `fit` and then `transform`: it encodes every card with the
    labels of *other* cards (it cross-fits), and the same useless column costs far less: {encodings["fit_transform"]:.1%}. Where a column says much, as
    the species does, a card's own label adds little to it, and the difference is small; the less it says, and the fewer rows a value has, the more of the
    encoding is the row's own label. `SpeciesHabit` above does *not* cross-fit:
    `TransformerMixin` made its `fit_transform` from `fit` and `transform`. If you need it, write `fit_transform` yourself. (`TargetEncoder`
    divides the cards by lot, another way at each call, unless you hand it a `cv` with a `random_state`.)
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Leakage in five disguises

    A model **leaks** when it knows, while it is judged, what it will not know at work. The code runs, the score is splendid, and production is
    a disappointment. All five, on the shop's tables: the score that the leak fakes, and what the model is worth in production.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_leak = predict(
        "A colleague picks the twenty best of two thousand columns of noise, then cross-validates a model of Fire cards against others on those, with equally "
        "many of both. The honest score is one half. What does the colleague report?",
        low=0,
        high=100,
        step=5,
        unit="%",
        key="02-noise-selected",
    )
    guess_leak
    return (guess_leak,)


@app.cell(hide_code=True)
def _(cards, listings):
    _forest = RandomForestClassifier(40, min_samples_leaf=2, random_state=0)

    def after_the_fact(leak: bool) -> float:
        shelf = pl.col("card_type").rank("dense") + 100
        seen = cards.select(*STATS, "card_type").with_columns(shelf=shelf if leak else 0).drop("card_type")
        return cross_val_score(_forest, seen.to_numpy(), cards["card_type"].to_numpy(), cv=3).mean()

    def rows_twice(leak: bool) -> float:
        april = cards.sample(fraction=0.5, seed=2)
        both = pl.concat([cards, april]) if leak else cards
        folds = KFold(3, shuffle=True, random_state=0)
        return cross_val_score(
            _forest, both.select(STATS).to_numpy(), both["card_type"].to_numpy(), cv=folds
        ).mean()

    def later_prices(leak: bool) -> float:
        offers = (
            listings.sort("listed_at")
            .with_columns(
                all=pl.col("asking_price").mean().over("card_id"),
                earlier=(
                    (pl.col("asking_price").cum_sum() - pl.col("asking_price")) / (pl.int_range(pl.len()))
                ).over("card_id"),
            )
            .filter(pl.int_range(pl.len()).over("card_id") == 1)
        )
        known = offers["all" if leak else "earlier"]
        usual = known > known.median()
        return (usual == (offers["asking_price"] > offers["asking_price"].median())).mean()

    def same_sellers(leak: bool) -> float:
        sales = (
            world.load("sales").join(listings.select("listing_id", "seller_id"), on="listing_id").head(4000)
        )
        model = make_pipeline(TargetEncoder(), LogisticRegression())
        folds = KFold(5, shuffle=True, random_state=0) if leak else GroupKFold(5)
        groups = None if leak else sales["seller_id"].to_numpy()
        return cross_val_score(
            model,
            sales.select("seller_id").to_numpy(),
            (sales["channel"] == "store").to_numpy(),
            cv=folds,
            groups=groups,
            scoring="balanced_accuracy",
        ).mean()

    def chosen_first(leak: bool) -> float:
        fire = cards.filter(card_type="Fire").head(120)
        pair = pl.concat([fire, cards.filter(pl.col("card_type") != "Fire").sample(fire.height, seed=1)])
        noise, is_fire = (
            np.random.default_rng(0).normal(size=(pair.height, 2000)),
            (pair["card_type"] == "Fire").to_numpy(),
        )
        if leak:
            return cross_val_score(
                LogisticRegression(), SelectKBest(k=20).fit_transform(noise, is_fire), is_fire, cv=5
            ).mean()
        return cross_val_score(
            make_pipeline(SelectKBest(k=20), LogisticRegression()), noise, is_fire, cv=5
        ).mean()

    DISGUISES = {
        "target": (
            after_the_fact,
            "The number of the shelf is in the table, since the table was exported after the cards had been sorted. At "
            "the camera the shelf is empty. **Ask of each column: when is it known, and who writes it?**",
        ),
        "train–test": (
            rows_twice,
            "Half of the catalogue came again with April's delivery, so cards to be scored have a twin in the training rows. "
            "**Remove what came twice before you split.**",
        ),
        "temporal": (
            later_prices,
            "Is this offer of a card an expensive one, judged by the average price of the same card? The average over *all* offers holds the "
            "price in question and those that came later. **Only what lay before: cumulated, without the row itself; and splits in the order of time, as `TimeSeriesSplit` makes them.**",
        ),
        "group": (
            same_sellers,
            "Will a sale be made in the store? Each seller has habits, and the model knows the seller. That is honest as long as production has the same sellers, "
            "and worthless for a new one. **Split by what production will meet for the first time: `GroupKFold` keeps all rows of a seller on one side.**",
        ),
        "preprocessing": (
            chosen_first,
            "The twenty best columns were chosen with the labels of all rows, the scored ones included. "
            "**Whatever learns belongs in the pipeline, so that each fold repeats it.**",
        ),
    }
    scores = {name: (run(True), run(False)) for name, (run, _) in DISGUISES.items()}
    return DISGUISES, scores


@app.cell(hide_code=True)
def _(DISGUISES):
    disguise = mo.ui.dropdown(list(DISGUISES), value="preprocessing", label="The disguise:")
    disguise
    return (disguise,)


@app.cell(hide_code=True)
def _(DISGUISES, disguise, guess_leak, scores):
    guess_leak.gate()
    _run, _text = DISGUISES[disguise.value]
    _rows = [
        {"disguise": _name, "score": _score, "as": _kind}
        for _name, _pair in scores.items()
        for _kind, _score in zip(("reported", "in production"), _pair, strict=True)
    ]
    mo.vstack(
        [
            alt.Chart(pl.DataFrame(_rows), title="What the leak fakes, and what is left")
            .mark_bar()
            .encode(
                alt.X("score:Q", scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="%"), title="accuracy"),
                alt.Y("disguise:N", sort=list(DISGUISES), title=None),
                alt.YOffset("as:N", sort=["reported", "in production"]),
                alt.Color("as:N", sort=["reported", "in production"], title=None),
                alt.Opacity("chosen:N", scale=alt.Scale(domain=["yes", "no"], range=[1, 0.35]), legend=None),
            )
            .transform_calculate(chosen=f"datum.disguise == '{disguise.value}' ? 'yes' : 'no'")
            .properties(
                width="container",
                height=220,
                description="Pairs of bars for five leaks: the reported score and the one in production.",
            ),
            mo.md(
                f"**{disguise.value}**: reported {scores[disguise.value][0]:.0%}, in production {scores[disguise.value][1]:.0%}. {_text}"
            ),
            mo.accordion({"The code": mo.md(f"```python\n{textwrap.dedent(inspect.getsource(_run))}\n```")}),
        ]
    )
    return


@app.cell(hide_code=True)
def _(guess_leak, scores):
    guess_leak.gate()
    mo.md(f"""
    Your colleague reports {scores["preprocessing"][0]:.0%} on columns in which there is nothing; you said {guess_leak.value:.0f}%. One test finds most
    leaks without reading any code: **draw the labels by lot** and run everything again, from the first
    line. Whatever is better than chance then has seen the answer. (People also call it a permutation test, or shuffled labels. A *target* leak is found only if the leaking column
    is made anew from the drawn labels, as in the exercises; if it still tells the true ones it looks innocent. And a group that production will not have
    passes as well. For these you have to know when a column is filled and whom you will meet.)
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Better features or a better model?

    The shop's forest is not good enough at sorting. There is money for a better model, or for a day of your time. The
    features of that day would be: each stat as a share of the card's strength, and the text as words.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_model = predict(
        "From the shop's small forest to the best of three other models, on the same columns: how many points of accuracy does it bring?",
        low=-10,
        high=20,
        step=1,
        unit="points",
        key="02-model-gain",
    )
    guess_model
    return (guess_model,)


@app.cell
def _():
    strength = pl.mean_horizontal(pl.col(STATS).log())
    shares_of_strength = [(pl.col(stat).log() - strength).alias(f"{stat}_share") for stat in STATS]
    COLUMNS = {
        "given columns": lambda cards: cards.select(classifier.GIVEN),
        "and shares": lambda cards: cards.select(*classifier.GIVEN, *shares_of_strength),
        "and text": lambda cards: cards.select(
            *classifier.GIVEN, *shares_of_strength, pl.col("text").fill_null("none")
        ),
    }
    MODELS = {
        "logistic regression": make_pipeline(StandardScaler(), LogisticRegression(max_iter=500)),
        "the shop's forest, 60 trees": RandomForestClassifier(60, min_samples_leaf=2, random_state=0),
        "a forest of 200 trees": RandomForestClassifier(200, min_samples_leaf=2, random_state=0),
        "gradient boosting": HistGradientBoostingClassifier(max_iter=40, random_state=0),
    }
    return COLUMNS, MODELS


@app.cell(hide_code=True)
def _(COLUMNS, MODELS, guess_model, labels, test, train, truth):
    guess_model.gate()
    duel = []
    with mo.status.spinner("Training four models on three sets of columns"):
        for _columns, _make in COLUMNS.items():
            _tables = [_make(table) for table in (train, test)]
            _words = [name for name, dtype in _tables[0].schema.items() if dtype == pl.String]
            _encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(
                _tables[0].select(_words).to_numpy()
            )
            _x, _z = (
                np.hstack(
                    [
                        table.drop(_words).cast(pl.Float64).to_numpy(),
                        _encoder.transform(table.select(_words).to_numpy()),
                    ]
                )
                for table in _tables
            )
            duel += [
                {"model": name, "columns": _columns, "accuracy": model.fit(_x, labels).score(_z, truth)}
                for name, model in MODELS.items()
            ]
    alt.Chart(pl.DataFrame(duel), title="The same cards: four models, three sets of columns").mark_point(
        filled=True, size=110
    ).encode(
        alt.X("accuracy:Q", scale=alt.Scale(zero=False), axis=alt.Axis(format="%", tickCount=6)),
        alt.Y("model:N", sort=None, title=None),
        alt.Color("columns:N", sort=list(COLUMNS), title=None),
        alt.Shape("columns:N", sort=list(COLUMNS), title=None),
    ).properties(
        width="container",
        height=170,
        description="Points: accuracy of four models with given columns and with better ones.",
    )
    return (duel,)


@app.cell(hide_code=True)
def _(duel, guess_model, test, train):
    _score = {(one["model"], one["columns"]): one["accuracy"] for one in duel}
    _shop = "the shop's forest, 60 trees"
    _best = max(value for (model, columns), value in _score.items() if columns == "given columns")
    _usual = (test["card_type"] == train["card_type"].mode()[0]).mean()
    mo.md(f"""
    The best model brings {100 * (_best - _score[_shop, "given columns"]):+.1f} points on the same columns (you said {guess_model.value:+.0f}). The shares bring
    the shop's forest {100 * (_score[_shop, "and shares"] - _score[_shop, "given columns"]):+.1f}, shares and text together {100 * (_score[_shop, "and text"] - _score[_shop, "given columns"]):+.1f}. (Always the most frequent type: {_usual:.0%}. One held-out
    part of {test.height} cards is good to about two points, so the first two of these gains could be luck; the last could not.) Two kinds of
    work are in there. The shares say *the same in another way*: a forest cuts one column at a time, and draws with many cuts the diagonal that a share
    draws in one; a logistic regression gains most. The text is *news*: what is not in the columns no model will ever find.

    It is not a law. Work on the **model** first when the columns are raw signals in great number (pixels, sound, text: networks
    find the features), when nobody knows the domain, or when the columns already say what can be known. And work on
    neither when the labels are wrong: then both only learn the errors.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## A worked example, and one for you

    People who know cards think in three kinds of features: the *match-up* (a card against what it is compared with: its species, its
    opponents), the *rank within something* (rarity within a set) and the *history*. The last one first: what did offers of this card
    ask **so far**? Only earlier ones may count, the first has none, and another order of the rows must not matter.
    """)
    return


@app.function
def price_so_far(listings: pl.DataFrame) -> pl.DataFrame:
    """Return `listing_id`, `price_so_far` (mean of the card's earlier asking prices, or null) and `offers_so_far`."""
    before = pl.int_range(pl.len()).over("card_id")
    spent = pl.col("asking_price").cum_sum().over("card_id") - pl.col(
        "asking_price"
    )  # without the row itself
    return (
        listings.sort("listed_at", "listing_id")
        .with_columns(offers_so_far=before, price_so_far=pl.when(before > 0).then(spent / before))
        .select("listing_id", "price_so_far", "offers_so_far")
    )


@app.cell(hide_code=True)
def _(listings):
    _mixed = price_so_far(listings.sample(fraction=1.0, shuffle=True, seed=1)).sort("listing_id")
    _known = listings.join(price_so_far(listings), on="listing_id").filter(pl.col("offers_so_far") >= 3)
    _logs = _known.select(pl.corr(pl.col("asking_price").log(), pl.col("price_so_far").log())).item()
    mo.md(f"""
    Shuffled first, it gives {"the same table" if _mixed.equals(price_so_far(listings).sort("listing_id"), null_equal=True) else "another table"}. From the fourth offer of a card on, the correlation of price and history (both
    as logarithms) is {_logs:.2f}. `offers_so_far` stands beside it: a mean of one offer is worth less than a mean of twenty.

    Now you: how special is a card *within its set*? Finish the feature, about one line.
    """)
    return


@app.function
def share_as_rare(cards: pl.DataFrame) -> pl.Series | None:
    """Return for each card the share of its set's cards that have the same rarity, itself included, in the order of `cards`."""
    return None  # your line: cards of the same set and rarity, over cards of the same set


@app.cell(hide_code=True)
def _(cards):
    _given = share_as_rare(cards)
    _counts = {}
    for _key in cards.select("set_code", "rarity").iter_rows():
        _counts[_key] = _counts.get(_key, 0) + 1
    _sizes = dict(cards.group_by("set_code").len().iter_rows())
    _true = [_counts[_key] / _sizes[_key[0]] for _key in cards.select("set_code", "rarity").iter_rows()]
    if _given is None:
        _text = "*Your answer is tried here as soon as the function returns one.*"
    elif len(_given) == len(_true) and np.allclose(_given.to_numpy(), _true):
        _text = "Right. Is it known for a single scan at night, when the other cards of the set are not in the table? What would have to be remembered?"
    else:
        _text = f"Not yet: for {cards['card_id'][0]} it should be {_true[0]:.3f}. Look at `over`, with one column and with two."
    mo.md(_text)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What it costs elsewhere

    - **A number that knew the answer.** In a public competition of 2008 on finding breast cancer in X-ray images the numbers
      of the patients told who was ill, most likely because the data had been put together from several sources. The team
      that noticed, and said so, won.
    - **Children and adults.** A review of 2021 looked through <span data-literal>2,212</span> papers on machine learning for COVID-19 in lung
      images, kept <span data-literal>62</span> for a close look and found none fit for use at the bedside. Among the reasons: healthy images from a
      collection of children, ill ones from adults, and collections that had been made of each other, so that the same images stood on both sides.
    - **A crisis on paper.** A survey of 2023 found that leakage had touched at least <span data-literal>294</span> papers in
      <span data-literal>17</span> fields of science. In the one that its authors computed again, on civil wars, the complicated models
      lost their lead over logistic regression once the leaks were repaired.

    What companies do about it is dull again: data cards say when each column is known, one piece of code computes features for training and
    serving, splits are written down before anybody looks, and a score that is too good stops the work.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Three pitfalls

    Each looks innocent. See what it does, then do it the careful way.
    """)
    return


@app.cell(hide_code=True)
def _():
    def words_of_tonight():
        catalogue, tonight = (
            pl.DataFrame({"rarity": ["Common", "Rare", "Ultra"]}),
            pl.DataFrame({"rarity": ["Rare"]}),
        )
        return catalogue.to_dummies().width, tonight.to_dummies().width

    def words_remembered():
        catalogue, tonight = (
            pl.DataFrame({"rarity": ["Common", "Rare", "Ultra"]}),
            pl.DataFrame({"rarity": ["Rare"]}),
        )
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(catalogue)
        return encoder.transform(catalogue).shape[1], encoder.transform(tonight).shape[1]

    def mean_of_tonight():
        def filled(scans):
            return scans.fill_null(scans.mean())

        return filled(pl.Series([40, None, 60]))[1], filled(pl.Series([None, 120, 130]))[0]

    def mean_remembered():
        catalogue = pl.Series([40, 50, 60, 120, 130])

        def filled(scans):
            return scans.fill_null(catalogue.median())

        return filled(pl.Series([40, None, 60]))[1], filled(pl.Series([None, 120, 130]))[0]

    def outlier_rules():
        prices = pl.Series([2.0, 2.5, 3.0, 900.0])
        scaled = (prices - prices.mean()) / prices.std()
        return [round(value, 2) for value in scaled]

    def outlier_tamed():
        prices = pl.Series([2.0, 2.5, 3.0, 900.0])
        scaled = prices.log() - prices.log().median()
        return [round(value, 2) for value in scaled]

    PITFALLS = {
        "Words of tonight": (
            words_of_tonight,
            words_remembered,
            "A table of one word makes one column, and the model was trained on three. What learned the words has to remember them.",
        ),
        "A mean of whatever comes in": (
            mean_of_tonight,
            mean_remembered,
            "The same gap becomes two numbers, by who else is in the table. A single scan has no mean at all.",
        ),
        "One value that rules": (
            outlier_rules,
            outlier_tamed,
            "Mean and standard deviation are made by the most expensive card; all others become the same number. Logarithm and median withstand it.",
        ),
    }
    return (PITFALLS,)


@app.cell(hide_code=True)
def _(PITFALLS):
    pitfall = mo.ui.dropdown(PITFALLS, value="Words of tonight", label="The pitfall:")
    careful = mo.ui.switch(label="the careful way")
    mo.hstack([pitfall, careful], justify="start", gap=2, wrap=True)
    return careful, pitfall


@app.cell(hide_code=True)
def _(careful, pitfall):
    _run = pitfall.value[careful.value]
    mo.md(f"""
```python
{textwrap.dedent(inspect.getsource(_run)).rstrip()}

# → {_run()!r}
```

{pitfall.value[2] if careful.value else ""}
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
        "Your model is right in ninety-nine cases of a hundred, on the first evening. You are suspicious. What do you look at first?",
        "At the baseline: perhaps nearly all cases are of one kind. Then at the column that matters most: when is it filled in, and "
        "by whom? Then at the split: are rows of the same card, customer or day on both sides? Last, draw the labels by lot and "
        "run everything again. If it is still better than chance, the code has seen the answer.",
        key="02-too-good",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "You make a feature attack / defense. What happens where defense is zero, and what should happen?",
        "A float division gives infinity (or NaN, for zero by zero), most models refuse it, and the request fails. What should happen depends on "
        "what the zero means: a true zero, a digit that was not read, a card without defense. Decide it in the feature: clip, "
        "use a difference of logarithms, or treat it as missing and say so in a second column.",
        key="02-power-ratio",
    )
    return


@app.cell(hide_code=True)
def _():
    _x = np.array([-2, -1, 0, 1, 2])
    reveal(
        "An expert suggests a feature that has no correlation with the target. Do you take it in?",
        "Correlation sees straight lines, one column at a time. "
        f"The squares of {', '.join(map(str, _x))} have a correlation of {np.corrcoef(_x, _x**2)[0, 1]:.1f} with the numbers they were made of. And a column can work only "
        "together with another: condition matters more for rare cards. So test it in the model, on held-out rows, with the "
        "expert's reason written beside it; throw it out if nothing comes of it.",
        key="02-no-correlation",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Two features say almost the same. Does it hurt to keep both?",
        "The accuracy of a forest hardly minds. What suffers is reading the model: importance is split between the two, and each looks unimportant; in a "
        "linear model their weights can grow large with opposite signs. And each column is code that has to run every night. Keep "
        "the one that is easier to explain and more often there.",
        key="02-correlated",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Why can a split by lot be wrong, though it is fair to every row?",
        "Because production does not draw rows by lot. It sends tomorrow's rows, of customers that you do not have yet. The "
        "held-out part has to differ from the training part in the way in which production will: later, other cards, another shop.",
        key="02-split",
    )
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Over to you

    The [exercises](?file=exercises/{UNIT.name}.py) are checked while you type:

    {chr(10).join(f"- **{task.id}** {task.title}, {task.points:g} points" for task in UNIT.tasks)}

    Then the [checkpoint](?file=assessments/checkpoints/{UNIT.name}.py): {UNIT.checkpoint.title.lower()}, with a leaderboard.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What to remember

    Ask how a row got into the table before you average it. A feature is a claim: test it where nobody looked, and decide what it is when
    something is missing. Whatever learns, learns from training rows, inside the pipeline. Split as production will.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("02_eda_and_features", group="lesson")
    return


@app.cell(hide_code=True)
def _():
    aha(
        [
            "A complete and correct table can answer the wrong question.",
            "Good columns were worth more than a better model.",
            "Choosing columns is learning, and belongs inside the split.",
            "A feature has to exist on the worst scan of the year.",
            "Labels drawn by lot find a leak without reading the code.",
        ],
        key="02-aha",
    )
    return


@app.cell(hide_code=True)
def _():
    mastery(
        {
            "Write down ten feature ideas for a table you know": 5,
            "Find the leak in a colleague's evaluation": 10,
            "Write a transformer with fit and transform that survives nulls and unknown words": 20,
            "Explain to a stakeholder why the score went down after the repair": None,
            "Say for each column of a table when it is known": 10,
        },
        key="02-mastery",
    )
    return


@app.cell(hide_code=True)
def _():
    journal(
        "Which score at your work would you run again with labels drawn by lot, and what do you expect to see?",
        key="02-journal",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Further reading.** scikit-learn on [common pitfalls](https://scikit-learn.org/stable/common_pitfalls.html), the
    [target encoder](https://scikit-learn.org/stable/modules/preprocessing.html#target-encoder),
    [cross-validation by group and time](https://scikit-learn.org/stable/modules/cross_validation.html) and
    [`set_output`](https://scikit-learn.org/stable/auto_examples/miscellaneous/plot_set_output.html) · polars on
    [window functions](https://docs.pola.rs/user-guide/expressions/window-functions/) · Kapoor and Narayanan,
    [Leakage and the reproducibility crisis](https://reproducible.cs.princeton.edu/) · the data cards of this shop, in
    `datasets/cards/`
    """)
    return


if __name__ == "__main__":
    app.run()
