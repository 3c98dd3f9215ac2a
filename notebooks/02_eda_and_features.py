import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium",
    app_title="Exploration and features: what does the model need to know?",
)

with app.setup(hide_code=True):
    import inspect

    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop import world
    from cardshop.quality import ISSUES, RARITIES
    from cardshop.training import classifier
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
    from grader.course.manifest import ROOT, course
    from grader.page.charts import BLUE, RED
    from grader.page.shelf import link, term
    from lessons import changes, leaky, pitfalls, plots
    from lessons.leak_map import leak_map
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.impute import SimpleImputer
    from sklearn.metrics import roc_auc_score, roc_curve
    from sklearn.model_selection import KFold, StratifiedKFold, cross_val_score
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler, TargetEncoder

    STATS = [
        "hp",
        "attack",
        "defense",
        "special_attack",
        "special_defense",
        "speed",
    ]
    SPECIAL = ["Holo", "Ultra", "Secret"]


@app.cell(hide_code=True)
def _():
    UNIT = course().units[1]
    cards, listings = world.load("cards"), world.load("listings")
    mo.md(f"""
    <p class="d-kicker">Unit {int(UNIT.number)} · Lesson · about {UNIT.minutes.lesson} minutes</p>

    # {UNIT.question}

    <div class="d-lead">A camera scans every card that comes into the shop, and a model has to say which type the card is.
    The model only knows the numbers you show it. This lesson is about choosing those numbers, and about noticing when a
    score is too good to be true.</div>

    <p>Here are two scans with the type covered. One is a Fighting card, the other is a Water card.</p>
    """)
    return UNIT, cards, listings


@app.cell(hide_code=True)
def _(cards):
    PAIR = {"Card A": "NOC-186", "Card B": "CAN-155"}
    _two = pl.concat(
        cards.filter(card_id=_id).select(*STATS, card=pl.lit(_label))
        for _label, _id in PAIR.items()
    )
    plots.side_by_side(
        _two,
        "card",
        STATS,
        "The six stats of two cards; card A is higher in all of them.",
    )
    return (PAIR,)


@app.cell(hide_code=True)
def _():
    guess_pair = predict(
        "Which one is the Fighting card? Commit to a guess. You'll see the answer in *A feature is an assumption*.",
        options=["Card A", "Card B"],
        key="02-pair",
    )
    guess_pair
    return (guess_pair,)


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Before you start

    This lesson takes about {UNIT.minutes.lesson} minutes and the exercises about {UNIT.minutes.exercises}. You can change
    anything on the page, and whatever depends on it updates.

    /// details | What you will be able to do, and what you need

    Afterwards you can:

    {chr(10).join(f"- {objective}" for objective in UNIT.objectives)}

    You need Python, a little polars (`select`, `filter`, `group_by`, `join`) and the ideas of
    [module 1](?file=notebooks/01_data_engineering.py): a contract, a null, why a value is missing. You don't need any
    machine learning. The section *A model in ten lines* explains what a model is and how it is judged.
    ///

    **First, from memory.** You remember a fact longer when you recall it than when you read it again.
    """)
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Module 1 named six kinds of issue that a delivery of data can carry. Write down as many as you can.",
        "\n".join(f"- **{_kind}**: {_text}" for _kind, _text in ISSUES.items()),
        key="02-six-kinds",
    )
    return


@app.cell(hide_code=True)
def _():
    quiz("02_eda_and_features", group="review")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Questions before plots

    **What should you plot first?** You can draw hundreds of plots of a table, and most of them change nothing. So start
    from a decision, and ask which result would change it. Three decisions are due in the shop:

    | decision | question | the plan changes if |
    |---|---|---|
    | pay one price for any card that comes in | what does a card cost on average? | the average describes other cards than those that come in |
    | give one discount for wear, the same for all rarities | what percentage does a damaged card lose? | the percentage depends on the rarity |
    | let a camera sort cards by type | which numbers on a scan separate the types? | no number on a scan separates them |

    Take the second decision. It is about prices, so look at the shape of a price first. Switch between the two axes.
    """)
    return


@app.cell(hide_code=True)
def _():
    scale = mo.ui.radio(
        ["EUR", "EUR, log axis"], value="EUR", label="Asking price in", inline=True
    )
    scale
    return (scale,)


@app.cell(hide_code=True)
def _(listings, scale):
    _log, _prices = scale.value != "EUR", listings["asking_price"]
    mo.vstack(
        [
            plots.histogram(
                _prices,
                0.1 if _log else 2,
                "What sellers ask" + ("" if _log else ", up to 60 EUR"),
                "asking price, EUR",
                "Histogram of asking prices with their mean and median.",
                log=_log,
            ),
            mo.md(
                "On this axis equal distances are equal *percentages*: from `1` to `10` is as far as from `10` to `100`. "
                "The long tail has become a gentle slope, and you see cheap and expensive cards in one picture."
                if _log
                else f"The mean is {_prices.mean() / _prices.median():.1f} times the median, because a few expensive cards pull it up. "
                f"{(_prices > 60).mean():.1%} of the listings ask more than `60` EUR and are not even in this picture, and the bulk is "
                f"squeezed into the first bars. This shape is called a **{term('long tail')}**. Now switch to the log axis."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    The log axis also helps with the discount. If damage took the *same percentage* off every card, a line for common
    cards and a line for rare cards would run parallel on a log axis, because equal percentages are equal distances there.
    Amounts in euros are different: `5` EUR off every card is a huge step for a cheap card and a tiny one for an
    expensive card.
    """)
    return


@app.cell(hide_code=True)
def _(cards, listings):
    CONDITIONS = ["Mint", "Near Mint", "Played", "Damaged"]
    wear = (
        listings.join(cards, on="card_id")
        .group_by(
            "condition",
            kind=pl.when(pl.col("rarity").is_in(SPECIAL))
            .then(pl.lit("Holo, Ultra, Secret"))
            .otherwise(pl.lit("Common, Uncommon, Rare")),
        )
        .agg(price=pl.col("asking_price").log().mean().exp())
        .with_columns(
            kept=pl.col("price")
            / pl.col("price").filter(condition="Mint").first().over("kind")
        )
    )
    kept = dict(wear.filter(condition="Damaged").select("kind", "kept").iter_rows())
    return CONDITIONS, kept, wear


@app.cell(hide_code=True)
def _(kept):
    guess_wear = predict(
        f"A damaged card of the ordinary rarities (Common, Uncommon, Rare) is offered for {kept['Common, Uncommon, Rare']:.0%} of the price of a "
        "mint one. What share of the mint price does a damaged Holo, Ultra or Secret card keep?",
        low=0,
        high=100,
        step=1,
        unit="%",
        key="02-wear-share",
    )
    guess_wear
    return (guess_wear,)


@app.cell(hide_code=True)
def _(guess_wear, kept):
    guess_wear.reveal(
        round(100 * kept["Holo, Ultra, Secret"]),
        "A likely reason: rare cards are bought by collectors, and collectors pay for condition. The percentage depends on the rarity, "
        "so one discount would be wrong. If the percentage were the same, the two lines below would be one.",
    )
    return


@app.cell(hide_code=True)
def _(CONDITIONS, guess_wear, wear):
    guess_wear.gate()
    plots.profiles(
        wear,
        "condition",
        CONDITIONS,
        "kept",
        "kind",
        "Wear costs rare cards more",
        "Two lines of price by condition, relative to mint: the line of the rare cards falls further.",
        name="share of the mint price, log axis",
    )
    return


@app.cell(hide_code=True)
def _(cards):
    _pairs = cards.select(STATS).corr().to_numpy()[np.triu_indices(6, 1)]
    mo.md(f"""
    Two columns whose effects depend on each other have an **{term("interaction")}**. No table of single columns shows it.
    You have to look at the columns together.

    The usual way to look at two columns is a **scatter plot**, and the usual number is the **{term("correlation")}**. It runs
    from $-1$ to $1$, and $0$ means that no straight line helps. For HP and defense it is
    {np.corrcoef(cards["hp"], cards["defense"])[0, 1]:.2f}. The other pairs of stats lie between {_pairs.min():.2f} and {_pairs.max():.2f}.
    """)
    return


@app.cell(hide_code=True)
def _():
    across = mo.ui.dropdown(STATS, value="hp", label="Across:")
    upwards = mo.ui.dropdown(STATS, value="defense", label="Up:")
    mo.hstack([across, upwards], justify="start", wrap=True)
    return across, upwards


@app.cell(hide_code=True)
def _(across, cards, upwards):
    mo.vstack(
        [
            plots.scatter(
                cards,
                across.value,
                upwards.value,
                f"Correlation {np.corrcoef(cards[across.value], cards[upwards.value])[0, 1]:.2f}",
                f"Scatter plot of {across.value} and {upwards.value} of all cards.",
            ),
            mo.md(
                "A correlation has three limits. It sees straight lines only. A few extreme cards can make or break it. And it "
                "compares two columns over *all* cards, so it misses what holds within one type or one rarity."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Write down what you found so that somebody can check it.** "Rare cards suffer more from wear" is an opinion. A **claim**
    is a number with the rule that computes it: *statistic*, *table*, *slice* of the rows and *value*. Anybody can recompute it,
    and in the exercises the grader does.
    """)
    return


@app.function
def recomputed(claim: dict, table: pl.DataFrame) -> float:
    """Return the number that a claim is about: a mean or median of a column in its slice, or the slice's share of the rows."""
    part = table
    for column, wanted in claim["slice"].items():
        if isinstance(wanted, dict):
            inside = pl.col(column).is_between(wanted["min"], wanted["max"])
        else:
            inside = pl.col(column).is_in(
                wanted if isinstance(wanted, list) else [wanted]
            )
        part = part.filter(inside)
    name, _, column = claim["statistic"].rstrip(")").partition("(")
    return (
        part.height / table.height
        if name == "share"
        else getattr(part[column], name)()
    )


@app.cell
def _(cards, listings):
    offers = listings.join(cards, on="card_id")
    claim = {
        "statistic": "median(asking_price)",
        "table": "offers",
        "slice": {"rarity": "Secret", "condition": "Damaged"},
        "value": 6.92,
        "tolerance": 0.13,
    }
    recomputed(claim, offers)
    return claim, offers


@app.cell(hide_code=True)
def _(claim, offers):
    _found = recomputed(claim, offers)
    _others = offers.filter(
        ~((pl.col("rarity") == "Secret") & (pl.col("condition") == "Damaged"))
    )
    mo.md(f"""
    The claim says `{claim["value"]}` and the table says {_found:.2f}, so the claim
    **{"holds" if abs(_found - claim["value"]) <= claim["tolerance"] else "does not hold"}**. The median of all other offers is {_others["asking_price"].median():.2f}. A claim becomes
    a **finding** when its number differs from that of the other rows: then it says something about the slice.

    The tolerance says how far the value may be off. Keep it narrow, or the claim says nothing: two per cent of the value at most, and
    `0.005` for a share. A slice can hold a list of values, or a range: `{{"hp": {{"min": 100, "max": 150}}}}`.

    **Your turn.** What share of all offers is in Mint condition? Put your number into the claim.
    """)
    return


@app.cell
def _():
    your_claim = {
        "statistic": "share",
        "table": "offers",
        "slice": {"condition": "Mint"},
        "value": None,  # your number, between 0 and 1
        "tolerance": 0.005,
    }
    return (your_claim,)


@app.cell(hide_code=True)
def _(offers, your_claim):
    _value = your_claim.get("value")
    if _value is None:
        _text = "*Replace `None`, and your claim is recomputed here. An expression with `offers` is fine, too.*"
    elif not isinstance(_value, int | float) or isinstance(_value, bool):
        _text = f"`value` is a {type(_value).__name__}. A claim needs a plain number, such as `0.31`."
    elif _value > 1:
        _text = f"`value` is {_value:g}. A share lies between `0` and `1`; did you write a percentage?"
    else:
        _true = (offers["condition"] == "Mint").mean()
        _text = (
            f"It holds: the table says {_true:.4f}. Is it a finding? Add the share of one of the other conditions, and you have something to compare it with."
            if abs(_value - _true) <= 0.005
            else f"You said {_value:g}, and the table disagrees by more than `0.005`. Count the rows with `offers.filter(condition='Mint').height`, then divide."
        )
    mo.md(
        f"{_text}\n\nYou can now start from a decision, choose an axis that shows the whole column, and state what you "
        "found as a claim that somebody else can recompute."
    )
    return


@app.cell(hide_code=True)
def _(cards, listings):
    mo.md(f"""
    ## Who is missing from the table

    **Does your table speak about the cards you decide about?** The first decision was one price for any card that comes in.
    The shop has {listings.height:,} asking prices in its listings. Somebody suggests paying their average.

    Compare the listings with the catalogue. In the catalogue, {cards["rarity"].is_in(SPECIAL).mean():.0%} of the cards are Holo, Ultra
    or Secret.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_rare = predict(
        "What share of the listings offers a Holo, Ultra or Secret card?",
        low=0,
        high=100,
        step=1,
        unit="%",
        key="02-share-listed",
    )
    guess_rare
    return (guess_rare,)


@app.cell(hide_code=True)
def _(guess_rare, offers):
    guess_rare.reveal(
        round(100 * offers["rarity"].is_in(SPECIAL).mean()),
        "Somebody *chooses* what to list, and it pays to list the cards that are worth the trouble.",
    )
    return


@app.cell(hide_code=True)
def _(cards, guess_rare, offers):
    guess_rare.gate()
    _asked = pl.format("mean {} EUR", pl.col("asking_price").mean().round(2))
    plots.dumbbells(
        cards.group_by("rarity")
        .agg(catalogue=pl.len() / cards.height)
        .join(
            offers.group_by("rarity").agg(
                listings=pl.len() / offers.height, asked=_asked
            ),
            on="rarity",
        )
        .sort(pl.col("rarity").cast(pl.Enum(RARITIES))),
        "rarity",
        ["catalogue", "listings"],
        "The listings are not the catalogue",
        "For each rarity its share in the catalogue and in the listings, with the mean price beside it.",
        name="share of the rows",
        note="asked",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    This is **{term("selection bias")}**: the table is complete, every value in it is right, and its average answers another
    question than yours. No check of module 1 can see it. Two things help. Ask of every table *how did a row get in
    here?*, and look for a second table to compare with.

    If you know what decided the selection, you can undo it. Take the mean within each group, then weight the groups
    as they are where you decide:

    $$\\text{{mean}} = \\sum_g w_g \\cdot \\bar x_g$$

    Here $\\bar x_g$ is the mean of group $g$ in your sample, and $w_g$ is the share that the group *should* have. The
    weights add up to $1$. This is called **{term("reweighting")}**, or post-stratification.
    """)
    return


@app.function
def reweighted_mean(
    sample: pl.DataFrame, column: str, by: str, shares: dict[str, float]
) -> float:
    """Return the mean of `column`, with the groups of `by` weighted by their known `shares`, which add up to 1."""
    means = dict(sample.group_by(by).agg(pl.col(column).mean()).iter_rows())
    return sum(share * means[group] for group, share in shares.items())


@app.cell
def _(cards, offers):
    printed = cards.group_by("rarity").agg(pl.col("print_run").sum())
    one_of_each = {
        rarity: rows / cards.height
        for rarity, rows in cards.group_by("rarity").len().iter_rows()
    }
    as_printed = {
        rarity: run / cards["print_run"].sum()
        for rarity, run in printed.iter_rows()
    }
    means = {
        "as listed": offers["asking_price"].mean(),
        "one of each card": reweighted_mean(
            offers, "asking_price", "rarity", one_of_each
        ),
        "as many as were printed": reweighted_mean(
            offers, "asking_price", "rarity", as_printed
        ),
    }
    return (means,)


@app.cell(hide_code=True)
def _(means):
    _as = means["as listed"] / means["as many as were printed"]
    mo.md(f"""
    | whose cards? | mean asking price |
    |---|---|
    {chr(10).join(f"    | {_name} | {_mean:.2f} EUR |" for _name, _mean in means.items()).strip()}

    Statistics can't tell you which weights are right. That depends on the decision. Do you price a box with one of each
    card, or whatever people carry in through the door? If people bring cards as often as they were printed, the suggested price
    would have been {_as:.1f} times the mean asking price of the cards that they bring. Count what comes in for a week, and you know.

    /// attention | Weights can't invent rows
    A group that is missing from the sample stays missing, whatever its weight. A selection that you did not think of
    stays as well: here the means are still *asking* prices, and the sellers chose those.
    ///

    You can now ask how a row got into a table, find the difference with a second table, and reweight a mean.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("02_eda_and_features", "reweight-by-hand")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## A model in ten lines

    **What does it mean that a model is good?** The third decision needs a model: a scan comes in, a card type comes out. You
    don't have to know how models work inside. You do have to know how they are judged, because everything below depends
    on it.

    | term | meaning here |
    |---|---|
    | label | what the model must say: the card type |
    | feature | a column that the model may look at |
    | training rows | cards whose label the model sees while it learns |
    | held-out rows | cards that it never saw, kept to judge it |
    | accuracy | the share of cards that it gets right |
    | baseline | the accuracy of a trivial answer, such as always saying the most frequent type |

    The model of this module is a **random forest**. It grows many decision trees, each on a random part of the training
    rows. A tree asks questions like "is attack above `71`?", one column at a time, and the trees vote. The shop's own forest
    sees the columns of `classifier.GIVEN`: the six stats, height, weight, print run, legendary, rarity and stage.
    """)
    return


@app.cell
def _(cards):
    # three quarters to learn from, one quarter held out
    train, test = classifier.split(cards)
    labels, truth = train["card_type"].to_numpy(), test["card_type"].to_numpy()
    forest = RandomForestClassifier(60, min_samples_leaf=2, random_state=0)
    forest.fit(train.select(STATS), labels)
    on_training = forest.score(train.select(STATS), labels)
    return forest, labels, on_training, test, train, truth


@app.cell(hide_code=True)
def _(on_training):
    guess_held_out = predict(
        f"Asked about the cards that it learned from, the forest gets {on_training:.0%} right. What percentage of the held-out cards does it get right?",
        low=0,
        high=100,
        step=1,
        unit="%",
        key="02-held-out",
    )
    guess_held_out
    return (guess_held_out,)


@app.cell
def _(forest, guess_held_out, labels, on_training, test, truth):
    guess_held_out.gate()
    most_frequent = max(set(labels), key=list(labels).count)
    scores = {
        "training rows": on_training,
        "held-out rows": forest.score(test.select(STATS), truth),
        "baseline": (truth == most_frequent).mean(),
    }
    return most_frequent, scores


@app.cell(hide_code=True)
def _(guess_held_out, scores):
    guess_held_out.reveal(
        round(100 * scores["held-out rows"]),
        "A forest can learn its training cards almost by heart, noise included. Nobody will ever ask about those cards again, so only "
        "the score on held-out cards says what the model is worth.",
    )
    return


@app.cell(hide_code=True)
def _(most_frequent, scores, test):
    mo.md(f"""
    Read every score beside its baseline. Always saying "{most_frequent}" gets {scores["baseline"]:.0%} of the held-out
    cards right, without looking at them. The forest gets {scores["held-out rows"]:.0%}. The gap between training and held-out rows has
    a name: **{term("overfitting")}**.

    The score also depends on which {test.height} cards happened to be held out. Other cards would give another number. **Cross-validation** uses every
    row once as a held-out row: cut the table into five *folds*, train five times on four of them, and score on the fifth.
    """)
    return


@app.cell(hide_code=True)
def _(guess_held_out):
    guess_held_out.gate()
    plots.folds(5)
    return


@app.cell
def _(cards, forest, guess_held_out):
    guess_held_out.gate()
    folds = KFold(5, shuffle=True, random_state=0)
    five = cross_val_score(
        forest, cards.select(STATS), cards["card_type"].to_numpy(), cv=folds
    )
    return (five,)


@app.cell(hide_code=True)
def _(five):
    mo.md(f"""
    The five accuracies are {", ".join(f"{_one:.1%}" for _one in five)}, on average {five.mean():.1%}. Their spread is a warning.
    If a change of yours moves the score by less than the spread, one split can't tell you whether it helped.

    **Chance** is the score of a model that knows nothing about the rows it is asked about. For accuracy, chance is about the share of the most frequent label.
    When one label is very frequent that share is high: if <span data-literal>95</span> % of the customers pay, "everybody pays" is
    <span data-literal>95</span> % accurate and useless.

    **{term("balanced accuracy", "Balanced accuracy")}** repairs this. It computes the accuracy within each label and
    averages those. "Everybody pays" gets `1` for those who pay and `0` for those who don't, so `0.5`. With $k$ labels, chance is $1/k$.

    You can now train a model, score it on held-out rows, and say what the score is compared with.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("02_eda_and_features", "training-score", "everybody-pays")
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## A feature is an assumption

    **Which numbers should the model see?** Every feature claims that two cards with the same value are alike in some
    respect. Take one type, and ask how well a number separates it from all the others.

    The yardstick is the **{term("AUC")}**. Pick a random Fighting card and a random other card: how often does the Fighting card have
    the higher value? `0.5` is chance and `1` is perfect. A value far below `0.5` is useful too, because you can use its negative.
    AUC is short for *area under the ROC curve*, a curve that you don't need here: the pairs say the same.

    One catalogue could favour a number by luck. So the answer below comes from twelve **worlds**: the same shop, each time with a
    new catalogue that is drawn by the same rules.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_form = predict(
        "Which number separates Fighting cards best from all other cards?",
        options=["attack", "attack / defense", "attack / mean of the six stats"],
        key="02-which-form",
    )
    guess_form
    return (guess_form,)


@app.function
def auc(values: pl.Series, inside: pl.Series) -> float:
    """Return how often a value inside is higher than one outside; ties count half, 0.5 is chance."""
    return float(
        roc_auc_score(inside.to_numpy(), values.cast(pl.Float64).to_numpy())
    )


@app.cell
def _(guess_form):
    guess_form.gate()
    FORMS = {
        "attack": pl.col("attack"),
        "attack / defense": pl.col("attack") / pl.col("defense"),
        "attack / mean of the six stats": pl.col("attack")
        / pl.mean_horizontal(STATS),
    }
    WORLDS = [world.load("cards", seed) for seed in range(12)]
    areas = pl.DataFrame(
        {
            "form": name,
            "AUC": auc(
                table.select(form).to_series(), table["card_type"] == "Fighting"
            ),
        }
        for table in WORLDS
        for name, form in FORMS.items()
    )
    return (areas,)


@app.cell(hide_code=True)
def _(areas, guess_form):
    _mean = dict(areas.group_by("form").agg(pl.col("AUC").mean()).iter_rows())
    guess_form.reveal(
        max(_mean, key=_mean.get),
        "Fighting cards have a high attack *for what else they can do*. Raw attack mixes this with the strength of the card: a strong "
        "Water card out-attacks a weak Fighting card. Dividing by the mean of all six takes the strength out. Dividing by defense takes "
        "out too much, because Fighting cards have a good defense as well.",
    )
    return


@app.cell(hide_code=True)
def _(areas):
    plots.dots(
        areas,
        "form",
        "AUC",
        "One dot for each of twelve worlds",
        "Dots for three forms of a feature in twelve worlds, with their mean and chance.",
        baseline={"chance": 0.5},
        name="AUC for Fighting",
    )
    return


@app.cell(hide_code=True)
def _(areas):
    _wide = areas.with_columns(world=pl.int_range(pl.len()) // 3).pivot(
        "form", index="world", values="AUC"
    )
    _wins = (_wide["attack / mean of the six stats"] > _wide["attack"]).sum()
    mo.md(f"""
    Each dot is one world. The share beats raw attack in {_wins} of {_wide.height}. At work you rarely have twelve worlds, but you have folds and months.
    """)
    return


@app.cell(hide_code=True)
def _(PAIR, cards, guess_pair):
    _a, _b = (
        cards.row(by_predicate=pl.col("card_id") == _id, named=True)
        for _id in PAIR.values()
    )
    _share = [
        _card["attack"] / (sum(_card[_stat] for _stat in STATS) / 6)
        for _card in (_a, _b)
    ]
    guess_pair.reveal(
        "Card B",
        f"Card A is {_a['name']}, a {_a['rarity']} card printed as {_a['card_type']}. Its attack is higher, {_a['attack']} against {_b['attack']}, but that is only "
        f"{_share[0]:.1f} times the mean of its own stats. Card B is {_b['name']}, with {_share[1]:.1f} times.",
    )
    return


@app.cell(hide_code=True)
def _(cards, guess_form):
    guess_form.gate()
    _points = cards.select(
        "attack",
        mean_stat=pl.mean_horizontal(STATS),
        kind=pl.when(pl.col("card_type") == "Fighting")
        .then(pl.lit("Fighting"))
        .otherwise(pl.lit("other types")),
    )
    _is, _x = (
        (_points["kind"] == "Fighting").to_numpy(),
        _points.select("mean_stat", "attack").to_numpy(),
    )
    _small = RandomForestClassifier(
        60, min_samples_leaf=15, class_weight="balanced", random_state=0
    ).fit(_x, _is)
    _false, _true, _cuts = roc_curve(_is, _x[:, 1] / _x[:, 0])
    plots.borders(
        _points,
        "mean_stat",
        "attack",
        "kind",
        "Fighting",
        _small.predict,
        float(_cuts[np.argmax(_true - _false)]),
        "A staircase and a diagonal",
        "Attack against the mean stat: Fighting cards lie above a diagonal, which a forest approximates by steps.",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    This picture shows why the feature helps a forest that knows all six stats already. A tree splits on one column at a
    time, so its borders are horizontal and vertical. It can only approximate a diagonal with a staircase, and every
    further step has fewer training rows to learn from. The share *is* the diagonal: one split follows it.

    Each way of writing a feature assumes something, and breaks when the assumption does:

    | form | it assumes | when that fails |
    |---|---|---|
    | the stat | all cards are on one scale | a new set is printed stronger, and every old card looks weak |
    | stat / another stat | the two grow together, and the lower one is never `0` | a zero gives an infinity |
    | stat / mean of all six | strength raises all six alike | a null: polars' `mean_horizontal` silently takes the mean of five |
    | log stat - log other stat | twice and half are equally far | a zero has no logarithm |
    | what this species was so far | a species keeps its habits | a species is new, or habits change |

    What is attack / defense on a scan whose defense was read as `0`?
    """)
    return


@app.cell
def _(guess_form):
    guess_form.gate()
    log_attack, log_defense = (
        pl.col("attack").clip(1).log(),
        pl.col("defense").clip(1).log(),
    )
    four = pl.DataFrame({"attack": [80, 80, 0, None], "defense": [40, 0, 0, 40]})
    small_table(
        four.with_columns(
            ratio=pl.col("attack") / pl.col("defense"),
            log_difference=(log_attack - log_defense).fill_null(0),
        )
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    The ratio gives an infinity, a NaN and a null. scikit-learn's models refuse an infinity, and some refuse the other two. The difference
    of logarithms says the same as the ratio. It has a value on every row, once the stats are clipped at `1` and a null becomes `0`, which
    means "nothing unusual".

    Clipping hides the zero but makes row two the most extreme card in the table. If `0` means "not read", turn it into a
    null first. Decide this in the feature; otherwise some library's default will decide it for you, in production.

    **Give each feature a hypothesis that can fail.** Say *before* you look for which type it is high or low, and why. Then
    compute the AUC on cards you did not look at when you had the idea. Compare it with the columns you already have, too: a feature that
    separates Psychic is worth nothing if `special_attack` does it as well, or if it puts the cards into nearly the same
    order (a *rank correlation* near `1` or `-1`).

    ```python
    {
        "attack_share": (
            "Psychic",
            "lower",
            "psychic cards attack with the mind: plain attack is low",
        )
    }
    ```
    """)
    return


@app.cell(hide_code=True)
def _(cards):
    stat = mo.ui.dropdown(STATS, value="attack", label="Stat:")
    of_type = mo.ui.dropdown(
        sorted(cards["card_type"].unique()), value="Psychic", label="Type:"
    )
    share = mo.ui.switch(value=True, label="as a share of the mean stat")
    return of_type, share, stat


@app.cell(hide_code=True)
def _(cards, guess_form, of_type, share, stat):
    guess_form.gate()
    _shown = cards.select(
        value=pl.col(stat.value)
        / (pl.mean_horizontal(STATS) if share.value else 1),
        kind=pl.when(pl.col("card_type") == of_type.value)
        .then(pl.lit(of_type.value))
        .otherwise(pl.lit("other types")),
    )
    _area = auc(_shown["value"], _shown["kind"] == of_type.value)
    mo.vstack(
        [
            mo.md("Try a hypothesis of your own. Say it first, then choose."),
            mo.hstack([stat, of_type, share], justify="start", wrap=True),
            plots.densities(
                _shown,
                "value",
                "kind",
                of_type.value,
                f"AUC for {of_type.value}: {_area:.2f} if higher, {1 - _area:.2f} if lower",
                "Two overlapping densities: cards of the type and all others.",
                name=stat.value
                + (" / mean of the six stats" if share.value else ""),
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    You can now say what a feature assumes, keep it defined on every scan, and test its hypothesis with an AUC. That is
    exercises 2.1a and 2.1b.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Target encoding

    **How does a model use a category with a hundred and fifty values?** A card has a species, and a species has habits: a
    Tentacool is mostly printed as Water. *One-hot encoding* would make a column for each species,
    with `1` for its own cards and `0` for all others. **{term("target encoding", "Target encoding")}** makes
    one column for each label instead: it replaces the category by what is known about the label. For Water: *which share of
    this species' cards was Water?* To get that column alone, encode the label "Water or not".

    Two dangers come with it. A species with two cards proves little, so its share is *shrunk* towards the overall share. The other
    danger is worth a guess. Take a category that means nothing: the number of the card in its set. Encode it for Water,
    and let each training card's own label take part in its share.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_own = predict(
        "Take a Water card and another card, both from the training rows. In what percentage of such pairs does the Water card have the higher encoded value? If the number told nothing, it would be fifty.",
        low=0,
        high=100,
        step=1,
        unit="%",
        key="02-own-label",
    )
    guess_own
    return (guess_own,)


@app.cell
def _(guess_own, labels, test, train, truth):
    guess_own.gate()
    number, number_held_out = (
        part.select(pl.col("number").cast(pl.String)).to_numpy()
        for part in (train, test)
    )
    water, water_held_out = labels == "Water", truth == "Water"
    # each share includes the card's own label
    own = TargetEncoder().fit(number, water)
    crossed = TargetEncoder(cv=StratifiedKFold(5, shuffle=True, random_state=0))
    encoded = {
        ("own label", "training rows"): (own.transform(number), water),
        ("own label", "held-out rows"): (
            own.transform(number_held_out),
            water_held_out,
        ),
        ("cross-fitted", "training rows"): (
            crossed.fit_transform(number, water),
            water,
        ),
        ("cross-fitted", "held-out rows"): (
            crossed.transform(number_held_out),
            water_held_out,
        ),
    }
    return (encoded,)


@app.cell(hide_code=True)
def _(encoded, guess_own, train):
    _values, _label = encoded["own label", "training rows"]
    _own = roc_auc_score(_label, _values[:, 0])
    guess_own.reveal(
        round(100 * _own),
        f"That is an AUC of {_own:.2f}. With about {train.height / train['number'].n_unique():.0f} training cards for each number, a card's own label makes up a good part "
        "of the share. The feature tells the model a piece of the answer.",
    )
    return


@app.cell(hide_code=True)
def _(encoded):
    _shown = pl.concat(
        pl.DataFrame(
            {"value": _values[:, 0], "kind": np.where(_is, "Water", "other types")}
        ).with_columns(way=pl.lit(_way), rows=pl.lit(_part))
        for (_way, _part), (_values, _is) in encoded.items()
    )
    plots.density_grid(
        _shown,
        "value",
        "kind",
        "Water",
        "way",
        "rows",
        "Encoded values by label: with own labels the training rows are apart, the held-out rows are not.",
        name="encoded value",
    )
    return


@app.cell(hide_code=True)
def _(guess_own, labels, test, train, truth):
    guess_own.gate()

    def accuracy_with(column: str, cross: bool) -> float:
        """The accuracy of the shop's model on held-out cards, with an encoded column beside the given ones."""
        seen, asked = (
            part.select(pl.col(column).cast(pl.String)).to_numpy()
            for part in (train, test)
        )
        encoder = TargetEncoder(
            cv=StratifiedKFold(5, shuffle=True, random_state=0)
        ).fit(seen, labels)
        learned = (
            encoder.fit_transform(seen, labels)
            if cross
            else encoder.transform(seen)
        )
        known, held_out = (
            part.select(classifier.GIVEN).hstack(pl.DataFrame(extra))
            for part, extra in ((train, learned), (test, encoder.transform(asked)))
        )
        return classifier.accuracy(known, labels, held_out, truth)

    cost = {
        (_column, _cross): accuracy_with(_column, _cross)
        for _column in ("number", "species_number")
        for _cross in (False, True)
    }
    cost["without"] = classifier.accuracy(
        train.select(classifier.GIVEN), labels, test.select(classifier.GIVEN), truth
    )
    return (cost,)


@app.cell(hide_code=True)
def _(cost, labels, truth):
    _chance = (truth == max(set(labels), key=list(labels).count)).mean()
    mo.md(f"""
    In training the two clouds are apart, so the model trusts the column. On held-out rows they lie on top of each other. Accuracy on
    held-out cards falls from {cost["without"]:.1%} to {cost["number", False]:.1%}, because of a column without any content. The baseline is {_chance:.0%}.

    The repair is **{term("cross-fitting")}**: encode each row with the labels of *other* rows. scikit-learn's `TargetEncoder` does it in
    `fit_transform`, which is *not* the same as `fit` and then `transform`. The useless column then costs far less:
    {cost["number", True]:.1%}.

    With the species instead of the number, the two ways differ by only {100 * abs(cost["species_number", True] - cost["species_number", False]):.1f} points. A species really says
    something about the type, so a card's own label adds little to it.

    /// note | Give the folds a seed
    `TargetEncoder()` shuffles the rows into folds, differently at each call. Pass `cv=StratifiedKFold(5, shuffle=True, random_state=0)` and
    two runs agree.
    ///

    Now the encoder for the species, written by hand. A **transformer** is a class with two methods: `fit` learns from training rows and keeps
    what it learned in attributes that end with `_`; `transform` only applies it.
    """)
    return


@app.class_definition
class SpeciesHabit(TransformerMixin, BaseEstimator):
    """How often cards of this species were of one type, as if `weight` more cards with the overall share had been seen."""

    def __init__(self, card_type: str = "Grass", weight: float = 10):
        self.card_type, self.weight = card_type, weight

    def fit(self, cards: pl.DataFrame, labels: np.ndarray) -> "SpeciesHabit":
        seen = cards.select(
            "species_number", hit=pl.Series(labels == self.card_type)
        )
        self.overall_ = seen["hit"].mean()
        self.habits_ = seen.group_by("species_number").agg(
            habit=(pl.col("hit").sum() + self.weight * self.overall_)
            / (pl.len() + self.weight)
        )
        return self

    def transform(self, cards: pl.DataFrame) -> pl.DataFrame:
        found = cards.join(
            self.habits_, on="species_number", how="left", maintain_order="left"
        )
        return found.select(
            pl.col("habit")
            .fill_null(self.overall_)
            .alias(f"{self.card_type}_of_species")
        )

    def get_feature_names_out(self, names: list[str] | None = None) -> list[str]:
        return [f"{self.card_type}_of_species"]


@app.cell
def _(guess_own, labels, test, train):
    guess_own.gate()
    water_of_species = SpeciesHabit("Water").fit(train, labels).transform(test)
    small_table(test.select("name", "card_type").hstack(water_of_species).head(4))
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Three lines in it prevent accidents:

    - `maintain_order="left"`: without it polars may return the rows in any order. A Pikachu then gets Onix's feature, and no error
      is raised.
    - `fill_null(self.overall_)`: a species that nobody has seen gets the overall share, instead of a null that stops the model.
    - `weight`: a species with one card, which was Grass, does not become "always Grass".

    `SpeciesHabit` doesn't cross-fit. It inherits `fit_transform` from `TransformerMixin`, which calls `fit` and then `transform`, so
    each training card's own label is in its share. For a species that does little harm, as you have seen. If you need cross-fitting, write `fit_transform` yourself: encode each fold with what the other
    folds have learned.

    **Your turn.** Learn the same for a *rarity within a set*. `transform` is given; fill in `fit`. The two keys are
    `set_code` and `rarity`.
    """)
    return


@app.class_definition
class RarityHabit(TransformerMixin, BaseEstimator):
    """How often cards of this rarity in this set were of one type, shrunk like `SpeciesHabit`."""

    def __init__(self, card_type: str = "Grass", weight: float = 10):
        self.card_type, self.weight = card_type, weight

    def fit(self, cards: pl.DataFrame, labels: np.ndarray) -> "RarityHabit":
        self.overall_ = None  # your line: the overall share of the type, a number
        self.habits_ = (
            None  # your lines: a table with the columns set_code, rarity and habit
        )
        return self

    def transform(self, cards: pl.DataFrame) -> pl.DataFrame:
        found = cards.join(
            self.habits_,
            on=["set_code", "rarity"],
            how="left",
            maintain_order="left",
        )
        return found.select(
            pl.col("habit")
            .fill_null(self.overall_)
            .alias(f"{self.card_type}_of_rarity")
        )


@app.cell(hide_code=True)
def _(guess_own, labels, train):
    guess_own.gate()

    def said_about(habit) -> str:
        """A sentence about the learner's `fit`."""
        try:
            habit.fit(train, labels)
        except Exception as error:
            return f"Your `fit` raised `{type(error).__name__}`: {error}"
        overall, habits = (
            getattr(habit, "overall_", None),
            getattr(habit, "habits_", None),
        )
        hits = train.select(
            "set_code", "rarity", hit=pl.Series(labels == habit.card_type)
        )
        if overall is None and habits is None:
            return "*Fill in `fit`, and your class is tried here.*"
        if not isinstance(overall, int | float):
            return f"`overall_` is a {type(overall).__name__}; it should be one number, the share of `{habit.card_type}` among all training cards."
        if abs(overall - hits["hit"].mean()) > 1e-6:
            return f"`overall_` is {overall:.3f}, and {hits['hit'].mean():.3f} of the training cards are {habit.card_type}."
        if not isinstance(habits, pl.DataFrame):
            return f"`overall_` is right. `habits_` is a {type(habits).__name__}; it should be a polars DataFrame."
        if missing := {"set_code", "rarity", "habit"} - set(habits.columns):
            return (
                f"`habits_` has no column {', '.join(map(repr, sorted(missing)))}."
            )
        for name, kind in {
            "set_code": pl.String,
            "rarity": pl.String,
            "habit": pl.Float64,
        }.items():
            if habits.schema[name] != kind:
                return f"The column `{name}` of `habits_` holds {habits.schema[name]}; it should hold {kind}."
        right = hits.group_by("set_code", "rarity").agg(
            right=(pl.col("hit").sum() + habit.weight * overall)
            / (pl.len() + habit.weight)
        )
        both = right.join(habits, on=["set_code", "rarity"], how="left")
        wrong = both.filter(
            ((pl.col("habit") - pl.col("right")).abs() > 1e-6).fill_null(True)
        )
        if wrong.height:
            row = wrong.row(0, named=True)
            return f"For {row['rarity']} cards in {row['set_code']}, `habit` should be {row['right']:.3f} and is {row['habit']}. Is `weight` in the sum and in the number of cards?"
        return "Right. The class now takes what it has learned to any other table. Exercise 2.3 asks for a column of your own. It has to say more than the share of one type."

    mo.md(
        said_about(RarityHabit())
        + "\n\nYou can now encode a category by its label without telling a training row its own answer, and write the encoder as a class."
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Pipelines

    **How do the features get from your notebook into production?** As one object. A scikit-learn **pipeline** holds every
    step from the raw table to the prediction. You `fit` it on training rows, once, and it carries everything it has learned:
    medians, categories, habits, trees.
    """)
    return


@app.cell
def _():
    columns = make_column_transformer(
        # fills nulls with the training medians
        (SimpleImputer(strategy="median"), STATS),
        (
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            ["rarity", "stage"],
        ),
        (SpeciesHabit("Grass"), ["species_number"]),
        verbose_feature_names_out=False,
    ).set_output(transform="polars")
    sorter = Pipeline(
        [
            ("columns", columns),
            (
                "model",
                RandomForestClassifier(60, min_samples_leaf=2, random_state=0),
            ),
        ]
    )
    return columns, sorter


@app.cell
def _(labels, sorter, test, train, truth):
    sorter.fit(train.drop("card_type"), labels)
    accuracy = sorter.score(test.drop("card_type"), truth)
    bad_scan = test[:1].with_columns(
        attack=None, rarity=pl.lit("Promo"), species_number=999
    )
    answer = sorter.predict(bad_scan.drop("card_type"))
    return accuracy, answer


@app.cell(hide_code=True)
def _(accuracy, answer, columns, sorter, truth, test):
    _wide = (
        sorter.named_steps["columns"].transform(test.drop("card_type")[:1]).width
    )
    _usual = max((truth == _type).mean() for _type in set(truth))
    mo.md(f"""
    The raw table goes in, {_wide} columns reach the forest, and a type comes out. On held-out cards {accuracy:.1%} are right; the most
    frequent type alone would give {_usual:.0%}. The scan without an attack, with an unknown rarity and an unknown species gets
    an answer too: `{answer[0]}`.

    | part | what it remembers | the accident it prevents |
    |---|---|---|
    | `SimpleImputer` | the medians of the training cards | the same gap is filled with another number every night |
    | `OneHotEncoder(handle_unknown="ignore")` | the categories of the training cards | the first new rarity stops the service |
    | `set_output(transform="polars")` | nothing; the parts return polars tables with names | you debug a matrix without column names |
    | `Pipeline` | the order of the steps | training and production compute a feature differently |

    A part that learns nothing needs no class: `FunctionTransformer(f)` turns a function from table to table into a transformer.

    Why must a scaler or an imputer be fitted on training rows only? Try the alternative: scale whatever comes in tonight
    by its own mean and spread. Tonight one strong card comes in, alone.
    """)
    return


@app.cell
def _(test, train):
    tonight = test.filter(pl.col("attack") == pl.col("attack").max()).select(
        "attack"
    )[:1]
    by_itself = StandardScaler().fit_transform(tonight)[0, 0]
    by_training = (
        StandardScaler().fit(train.select("attack")).transform(tonight)[0, 0]
    )
    return by_itself, by_training, tonight


@app.cell(hide_code=True)
def _(by_itself, by_training, tonight):
    mo.md(f"""
    The attack is {tonight["attack"][0]}. Scaled by itself it becomes `{by_itself:.1f}`, exactly average, like every card that comes alone. Scaled by what the
    training cards taught, it becomes `{by_training:.1f}`: far above the mean. The model was trained on the second kind of number.

    There is a second reason, the subject of the next section. If a scaler learns from held-out rows, the score profits from
    rows that production won't have.

    You can now build a pipeline from raw table to prediction, and say for each part what it remembers.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Leakage in five disguises

    **Why is the score in the notebook better than the one in production?** Often because the model **leaks**: while it is judged, it knows
    something that it won't know at work. The code runs, nothing fails, and the number is wonderful. The term to search for is
    **{term("data leakage")}**.

    Leakage wears five disguises. Switch through them. The red arrows carry information to a place where it won't be in production; the
    switch shows the repair.
    """)
    return


@app.cell(hide_code=True)
def _():
    DISGUISES = {
        "target": (
            "The number of the shelf is in the table, because the table was exported after the cards had been sorted. At the camera nobody knows the shelf yet.",
            "Ask of each column: when is it filled in, and by whom? Leave out what comes after the outcome.",
        ),
        "train–test": (
            "Half of the catalogue was delivered again in April, so many held-out cards have a twin among the training cards.",
            "Remove duplicates before you split.",
        ),
        "temporal": (
            "Is an offer expensive? The feature is the mean price of *all* offers of that card. It contains later prices, and the price in question itself.",
            "Use earlier rows only: accumulate, take the row itself out, and split in the order of time (`TimeSeriesSplit`).",
        ),
        "group": (
            "Will a sale happen in the store? Each seller has habits, and the model has met the sellers of the held-out sales. Production meets new sellers.",
            "Split by what production meets for the first time: `GroupKFold` keeps all rows of a seller on one side.",
        ),
        "preprocessing": (
            "The best twenty of two thousand columns were chosen with the labels of all rows, held-out rows included.",
            "Whatever learns belongs inside the pipeline, so that every fold learns it again from its training rows.",
        ),
    }
    disguise = mo.ui.dropdown(
        list(DISGUISES), value="train–test", label="The disguise:"
    )
    repaired = mo.ui.switch(label="repaired")
    mo.hstack([disguise, repaired], justify="start", gap=2, wrap=True)
    return DISGUISES, disguise, repaired


@app.cell(hide_code=True)
def _(DISGUISES, disguise, repaired):
    mo.md(f"""
    <figure class="d-figure">{leak_map(disguise.value, repaired.value)}</figure>

    **{disguise.value}** · {DISGUISES[disguise.value][1] if repaired.value else DISGUISES[disguise.value][0]}
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    The repairs, as code. The exercises use most of these lines:

    ```python
    # train–test: before the split
    table.unique(subset=["card_id"])

    # temporal: the mean of the rows before; centred, it looks into the next row
    pl.col("sold").shift(1).rolling_mean(3)
    pl.col("sold").rolling_mean(3, center=True)

    # temporal: train on the past only
    cross_val_score(model, X, y, cv=TimeSeriesSplit(5))

    # group: all rows of a seller on one side
    cross_val_score(model, X, y, groups=seller, cv=GroupKFold(5))

    # preprocessing: columns are chosen again in each fold
    make_pipeline(SelectKBest(k=20), LogisticRegression())
    ```

    `SelectKBest` keeps the columns that separate the labels best. `LogisticRegression` is a small model: it adds up the columns with weights.

    The last disguise hides in code that looks clean. A colleague has `120` Fire cards and as many others, and two
    thousand columns of pure noise. The colleague picks the twenty columns that separate Fire best, then cross-validates a model on those twenty.
    An honest score would be about `50` %, which is chance.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_leak = predict(
        "Which accuracy does your colleague report?",
        low=0,
        high=100,
        step=1,
        unit="%",
        key="02-noise-selected",
    )
    guess_leak
    return (guess_leak,)


@app.cell(hide_code=True)
def _(cards, guess_leak):
    guess_leak.gate()
    _usual = cards["card_type"].value_counts()["count"].max() / cards.height
    with mo.status.spinner(
        "Measuring five leaks, three ways each", remove_on_exit=True
    ):
        leaks = pl.DataFrame(
            {
                "disguise": _name,
                "reported": _run(True),
                "honest": _run(False),
                "shuffled": _run(True, leaky.shuffled),
                "chance": _usual if _name in ("target", "train–test") else 0.5,
            }
            for _name, _run in leaky.LEAKING.items()
        )
    return (leaks,)


@app.cell(hide_code=True)
def _(guess_leak, leaks):
    guess_leak.reveal(
        round(100 * leaks.filter(disguise="preprocessing")["reported"].item()),
        "Among two thousand columns of noise, twenty fit the labels of these rows by accident, held-out rows included. Choosing columns is learning, "
        "so it belongs inside the split.",
    )
    return


@app.cell(hide_code=True)
def _(disguise, leaks):
    _code = inspect.getsource(leaky.LEAKING[disguise.value])
    mo.vstack(
        [
            plots.dumbbells(
                leaks,
                "disguise",
                ["honest", "reported"],
                "What the leak fakes, and what is left",
                "For each disguise the reported score, the honest score and chance.",
                name="score",
                baseline="chance",
                colours=(BLUE, RED),
            ),
            mo.accordion(
                {
                    f"The code of the {disguise.value} leak": mo.md(
                        f"```python\n{_code}\n```"
                    )
                }
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(leaks):
    _scores = ["reported", "honest", "chance", "shuffled"]
    _said = {
        _row["disguise"]: " | ".join(f"{_row[_one]:.0%}" for _one in _scores)
        for _row in leaks.iter_rows(named=True)
    }
    _found = leaks.filter(pl.col("shuffled") > pl.col("chance") + 0.1)[
        "disguise"
    ].to_list()
    mo.md(f"""
    All scores are accuracies, except in the *group* row, which is a balanced accuracy. "Honest" is what the repaired evaluation says.

    Is there a test that finds leaks? The famous one is the **{term("permutation test")}**: shuffle the label column, so that nothing can be learned, and run
    everything again. If the score is still better than chance, the code has seen the answers. Here is what it says about our five:

    | disguise | reported | honest | chance | with shuffled labels |
    |---|---|---|---|---|
    {chr(10).join(f"    | {_name} | {_numbers} |" for _name, _numbers in _said.items()).strip()}

    It finds {len(_found)} of {leaks.height}: **{", ".join(_found)}**. The test finds everything that *your own code* learned from the labels
    before the split: selecting columns, encoding, and
    *oversampling*, which copies rows of a rare label.

    It can't see what happened upstream. A column that was filled in after the outcome still describes the *true*
    outcome, so on shuffled labels it looks innocent. Twins get different labels, and shuffled sellers have no habits. For those leaks you need the
    data card, a search for duplicates, and the right split.

    | if … | then … |
    |---|---|
    | a column may be filled in late | ask who writes it and when, in the data card |
    | rows may repeat | count duplicates before you split |
    | rows have an order in time | split by time, and give windows only earlier rows |
    | production meets new customers, cards or shops | split by group |
    | anything learns from data | put it into the pipeline, then shuffle the labels once |
    """)
    return


@app.cell(hide_code=True)
def _(guess_leak):
    guess_leak.gate()
    columns_tried = mo.ui.slider(
        1, 40, 1, value=40, show_value=True, label="columns of noise that you try"
    )
    mo.vstack(
        [
            mo.md("""
            There is a leak that no code shows: you. "Let's try everything and keep what works" is a lottery, and you are the one
            who selects. Each dot below is one pair of a noise column and a card type. Its AUC on one half of the catalogue is
            across, its AUC on the other half is up. The winner of the first half has a colour of its own.
            """),
            columns_tried,
        ]
    )
    return (columns_tried,)


@app.cell(hide_code=True)
def _(cards):
    _noise = np.random.default_rng(3).normal(size=(cards.height, 40))
    _types, _half = cards["card_type"].to_numpy(), cards.height // 2
    halves = (
        changes.areas(_noise[:_half], _types[:_half]),
        changes.areas(_noise[_half:], _types[_half:]),
    )
    return (halves,)


@app.cell(hide_code=True)
def _(columns_tried, guess_leak, halves):
    guess_leak.gate()
    _first, _second = (_half[:, : columns_tried.value].ravel() for _half in halves)
    _win = int(_first.argmax())
    _kind = np.where(np.arange(len(_first)) == _win, "the winner", "the others")
    mo.vstack(
        [
            plots.scatter(
                pl.DataFrame(
                    {
                        "AUC where you looked": _first,
                        "AUC on the other half": _second,
                        "kind": _kind,
                    }
                ),
                "AUC where you looked",
                "AUC on the other half",
                f"The best of {len(_first)}: AUC {_first[_win]:.2f} where you looked, {_second[_win]:.2f} where you didn't",
                "A round cloud of AUCs of noise; the winner is far to the right, and not far up.",
                label="kind",
                marked="the winner",
                domains=[(0.38, 0.62), (0.38, 0.62)],
            ),
            mo.md(
                "The cloud is round: the first half says nothing about the second. The more columns you try, the better the winner looks, and it is still noise. "
                "This is why a hypothesis comes first, and why it is tested where nobody looked.\n\n"
                "You can now name a leak from a description, choose its repair, and say what a permutation test proves and what it doesn't."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Better features or a better model?

    **There is money for a bigger model, or for a day of your time. Which one do you take?** The bigger model is a forest with `200` trees
    instead of `60`. The day of your time buys two kinds of features: each stat as a share of the card's strength, or the text
    on the card as a category.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_best = predict(
        "Which change adds most to the accuracy on held-out cards, on average over twelve worlds?",
        options=["200 trees", "shares of strength", "the text"],
        key="02-best-change",
    )
    guess_best
    return (guess_best,)


@app.cell(hide_code=True)
def _(guess_best):
    guess_best.gate()
    measure = mo.ui.run_button(label="Measure it in twelve worlds")
    measure
    return (measure,)


@app.cell(hide_code=True)
def _(measure):
    mo.stop(not measure.value)
    gains = pl.DataFrame(
        changes.gains(world.load("cards", _seed))
        for _seed in mo.status.progress_bar(
            range(12), title="Twelve worlds", remove_on_exit=True
        )
    )
    return (gains,)


@app.cell(hide_code=True)
def _(gains, guess_best):
    _mean = {_name: gains[_name].mean() for _name in changes.CHANGES}
    _best = max(_mean, key=_mean.get)
    guess_best.reveal(
        _best,
        f"On average it adds {_mean[_best]:.1f} points. The others add "
        + " and ".join(
            f"{_mean[_name]:.1f} ({_name})"
            for _name in changes.CHANGES
            if _name != _best
        )
        + ". Compare the three with their spread below.",
    )
    return


@app.cell(hide_code=True)
def _(gains):
    plots.dots(
        gains.unpivot(changes.CHANGES, variable_name="change", value_name="points"),
        "change",
        "points",
        "The same cards, three changes, twelve worlds",
        "Dots for the gain of each change in each of twelve worlds, and a tick for the mean.",
        baseline={"no gain": 0},
        name="points of accuracy gained on held-out cards",
    )
    return


@app.cell(hide_code=True)
def _(gains):
    _won = {_name: (gains[_name] > 0).sum() for _name in changes.CHANGES}
    mo.md(f"""
    The shop's forest starts at {gains["now"].mean():.1%} on average. In one world a change can look good or bad by accident, so count the
    worlds with a gain: {", ".join(f"{_name} {_won[_name]} of {gains.height}" for _name in changes.CHANGES)}.

    The two kinds of features do different work. Shares say *the same thing in another way*: they are the diagonal that the trees approximate
    with a staircase. The text is *new information*. No model, however large, can learn what its columns don't contain.

    That is what these three changes did in this shop; it is not a law. Work on the model first when the columns are raw signals in
    great number, such as pixels or sound, where networks find the features themselves. Work on neither when the labels are wrong.

    You can now measure what a feature is worth, with its spread, before you ask for a bigger model.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What it costs elsewhere

    - **A number that knew the answer.** In the [KDD Cup of 2008](https://doi.org/10.1145/2382577.2382579) on breast cancer in X-ray images,
      the patients' id numbers predicted who was ill. The data had most likely been put together from several sources. The team that noticed, and
      said so, won.
    - **Children and adults.** A [review of 2021](https://www.nature.com/articles/s42256-021-00307-0) searched
      <span data-literal>2,212</span> papers on machine learning for COVID-19 in lung images, kept <span data-literal>62</span> for a close look
      and found none fit for clinical use. Among the reasons: healthy images of children against ill adults, and collections that
      contained each other, so the same images were on both sides of the split.
    - **A crisis on paper.** A [survey of 2023](https://doi.org/10.1016/j.patter.2023.100804) found leakage in at least
      <span data-literal>294</span> papers from <span data-literal>17</span> fields. The authors recomputed one line of work, on civil
      wars. Once the leaks were repaired, the complicated models lost their lead over logistic regression.

    What do companies do about it? Data cards say when each column is known. One piece of code computes features for training and for production.
    The split is written down before anybody looks at a score. And a score that is too good stops the work until somebody has explained it.
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
    PITFALLS = {
        "Dummies of tonight": (
            pitfalls.categories_of_tonight,
            pitfalls.categories_remembered,
            "Tonight's table has one category, so it becomes one column, and the model was trained on three. The encoder remembers the three.",
        ),
        "A mean of whatever comes in": (
            pitfalls.mean_of_tonight,
            pitfalls.median_remembered,
            "The same gap is filled with two different numbers, depending on who else came in. A remembered median is one number.",
        ),
        "One value that rules": (
            pitfalls.one_value_rules,
            pitfalls.one_value_tamed,
            "The most expensive card decides what mean and standard deviation are, so the other three become nearly equal. Logarithm and median keep them apart.",
        ),
    }
    pitfall = mo.ui.dropdown(
        PITFALLS, value="Dummies of tonight", label="The pitfall:"
    )
    careful = mo.ui.switch(label="the careful way")
    mo.hstack([pitfall, careful], justify="start", gap=2, wrap=True)
    return careful, pitfall


@app.cell(hide_code=True)
def _(careful, pitfall):
    _run = pitfall.value[careful.value]
    mo.md(f"""
```python
{inspect.getsource(_run).rstrip()}

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
def _(cards):
    reveal(
        "You found that HP and defense are correlated. Should you remove one of the two?",
        f"Not because of the number. Here it is {np.corrcoef(cards['hp'], cards['defense'])[0, 1]:.2f}: most of what defense says, HP doesn't. Even two columns that say almost "
        "the same rarely hurt a forest's accuracy. They hurt your reading of it, because the importance is split between them and both look unimportant; in a linear model "
        "their weights can grow large with opposite signs. And every column is code that has to run in production. If you drop one, keep the "
        "column that is easier to explain and more often filled, and measure what the loss costs on held-out rows.",
        key="02-correlated",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Your model is right in 99 % of the cases on its first evening. You are suspicious. What do you check first?".replace(
            "99 %", "ninety-nine per cent"
        ),
        "The baseline: perhaps nearly all cases have the same label. Then the most important column: when is it filled in, and by whom? Then the split: are rows "
        "of the same card, customer or day on both sides, or rows that occur twice? Last, shuffle the labels and run everything again. If the score stays above chance, the code has seen "
        "the answers; if it drops, the leak may still be upstream.",
        key="02-too-good",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Why do you fit a scaler on training rows only, and not on all rows?",
        "Because held-out rows play the part of production, and production's rows are not there when you train. A scaler that has seen them lets a little of their distribution into the "
        "model, so the score is a little better than it should be. For a scaler that is often small; for a selection of columns or an encoding of labels it is huge. The "
        "habit costs nothing: put the scaler into the pipeline, and every fold fits it again.",
        key="02-scaler",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "You build a feature attack / defense. What happens where defense is zero, and what should happen?",
        "Division of floats gives an infinity, or a NaN for zero by zero. scikit-learn refuses the infinity, and the request fails. What *should* happen depends on "
        "what the zero means: a true zero, a digit that was not read, or a card without defense. Decide it in the feature: make it a null and fill it, clip and use a difference of logarithms, "
        'or add a second column that says "was not read".',
        key="02-power-ratio",
    )
    return


@app.cell(hide_code=True)
def _():
    _x = np.array([-2, -1, 0, 1, 2])
    reveal(
        "An expert suggests a feature that has zero correlation with the label. Do you include it?",
        "Correlation sees straight lines, one column at a time. "
        f"The numbers {', '.join(map(str, _x))} and their squares have a correlation of {abs(np.corrcoef(_x, _x**2)[0, 1]):.1f}, although the second column follows from the first. A column can also work only "
        "together with another one, as condition and rarity do. So write the expert's reason down, test the feature in the model on held-out rows, and leave it out if nothing comes of it.",
        key="02-no-correlation",
    )
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Over to you

    The [exercises](?file=exercises/{UNIT.name}.py) are checked while you type:

    {chr(10).join(f"- **{task.id}** {task.title}, {task.points:g} points" for task in UNIT.tasks)}

    Then the [checkpoint](?file=assessments/checkpoints/{UNIT.name}.py): {UNIT.checkpoint.title.lower()}, with a leaderboard. The
    {link(UNIT.name, "cheat sheet")} has every call of this lesson on one page. The [drill page](?file=notebooks/drill.py) has questions on leaks, and a
    clock for the timed skills below.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What to remember

    Ask how a row got into the table before you average it. Read every score beside its baseline. A feature is an assumption: test it where nobody
    looked, and decide in the feature what happens when something is missing. Whatever learns, learns from training rows, inside the
    pipeline. Split as production will.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("02_eda_and_features", group="lesson")
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Teach.** Explain to a colleague, aloud and without notes, why a target encoding needs cross-fitting. How well could you?",
        key="02-teach",
    )
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Apply.** Take a table from your work. Could you say which rows are missing from it, and reweight a mean?",
        key="02-apply",
    )
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Debug.** A score fell by ten points between the notebook and production. Could you name three leaks to look for, and a test for each?",
        key="02-debug",
    )
    return


@app.cell(hide_code=True)
def _():
    aha(
        [
            "A complete and correct table can answer the wrong question.",
            "I can predict which features will matter before I train, and check it.",
            "A single good column can be worth more than a bigger model.",
            "Choosing columns is learning, so it belongs inside the split.",
            "Shuffled labels find my own leaks; they don't find the ones upstream.",
        ],
        key="02-aha",
    )
    return


@app.cell(hide_code=True)
def _():
    mastery(
        {
            "Write down ten feature ideas for a table you know, each with a reason": 5,
            "Build a pipeline from raw table to prediction from scratch: impute, encode, one transformer of your own, a model": 20,
            "Find the leak in a colleague's evaluation": 10,
            "Explain to a stakeholder why the score went down after the repair": None,
        },
        key="02-mastery",
    )
    return


@app.cell(hide_code=True)
def _():
    journal(
        "Before you trained anything today, which features did you expect to matter, and which of your expectations were wrong? Which score at work would you like to run again with shuffled labels?",
        key="02-journal",
    )
    return


@app.cell(hide_code=True)
def _():
    CHECKLIST = ROOT / "cheatsheets" / "leakage_checklist.md"
    mo.vstack(
        [
            mo.md("""
            **Take this to work on Monday.** A checklist of ten questions for the review of any score.
            """),
            mo.download(
                CHECKLIST.read_bytes(),
                filename=CHECKLIST.name,
                label="leakage_checklist.md",
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Further reading**

    - Kaufman and others, [Leakage in data mining](https://doi.org/10.1145/2382577.2382579) (2012): a definition, and ways to detect it
    - Kapoor and Narayanan, [Leakage and the reproducibility crisis](https://reproducible.cs.princeton.edu/) (2023): a taxonomy, with cases
    - Micci-Barreca, [A preprocessing scheme for high-cardinality categorical attributes](https://doi.org/10.1145/507533.507538) (2001): target encoding and its smoothing
    - Kuhn and Johnson, [Feature Engineering and Selection](http://www.feat.engineering/), free online
    - Huyen, [Designing Machine Learning Systems](https://github.com/chiphuyen/dmls-book), chapter five

    Library pages: scikit-learn on [common pitfalls](https://scikit-learn.org/stable/common_pitfalls.html), the
    [target encoder](https://scikit-learn.org/stable/modules/preprocessing.html#target-encoder) and
    [cross-validation](https://scikit-learn.org/stable/modules/cross_validation.html); polars on
    [window functions](https://docs.pola.rs/user-guide/expressions/window-functions/).
    """)
    return


if __name__ == "__main__":
    app.run()
