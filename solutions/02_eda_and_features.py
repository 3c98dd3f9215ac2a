import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Exercises: exploration and features")

with app.setup(hide_code=True):
    import altair as alt
    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop import world
    from cardshop.leakage import LEAKS
    from cardshop.market import market_table
    from cardshop.training import classifier
    from grader import check, small_table, title
    from sklearn.base import BaseEstimator, TransformerMixin
    from sklearn.feature_selection import SelectKBest
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
    from sklearn.model_selection import (
        GroupKFold,
        KFold,
        TimeSeriesSplit,
        cross_val_score,
    )
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import (
        FunctionTransformer,
        StandardScaler,
        TargetEncoder,
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
    # Exercises: what does the model need to know?

    You look for facts about the market, correct a biased sample, build features that help a model sort cards, and find
    out which of your colleagues' scores are real.

    **Start here:** read the example in {title("2.0a")}, then write your first claim.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("2.0a")}

    The shop's buyer asks: "What do you know about this market that I can use?" Give her three findings that she can check.

    The table `market` has one row for each listing: columns of the card, its `condition`, the `asking_price` in euros and
    the day of the offer, `listed_at`. `sold` says whether the card found a buyer. If it did, `channel` is where,
    `days_to_sale` is how many days after the offer, and `discount` is the share of the asking price that the buyer got
    off: `0.1` is ten percent. For cards that nobody bought, these three are null.
    """)
    return


@app.cell
def _():
    market = market_table(
        world.load("cards"), world.load("listings"), world.load("sales")
    )
    mo.ui.table(market, page_size=5, selection=None)
    return (market,)


@app.cell(hide_code=True)
def _(market):
    _secret = market.filter(rarity="Secret")["print_run"].mean()
    _others = market.filter(pl.col("rarity") != "Secret")["print_run"].mean()
    mo.md(f"""
    **An example.** A *claim* is a number together with the rule that computes it:

    ```python
    {{
        "statistic": "mean(print_run)",
        "table": "market",
        "slice": {{"rarity": "Secret"}},
        "value": {_secret:.1f},
        "tolerance": 1,
    }}
    ```

    The grader computes `mean(print_run)` of the rows in the slice and compares it with `value`. It also computes the mean of
    all *other* rows, which is {_others:,.0f}. That comparison makes the claim a **finding**: Secret cards are printed
    {_others / _secret:.0f} times less often than the others.

    Your function gets `market` as an argument. The grader also calls it with the markets of other worlds, where the numbers
    differ, so compute each value from the argument.
    """)
    return


@app.function
def market_findings(market: pl.DataFrame) -> list[dict]:
    """Return three findings about the market, as a list of three claims.

    A claim is a dict with five keys:

    - `statistic`: `"mean(column)"` or `"median(column)"`; the column
      holds numbers, or yes and no (then the mean is a share)
    - `table`: `"market"`
    - `slice`: one column, with a value (`{"rarity": "Secret"}`), a list
      of values (`{"rarity": ["Holo", "Ultra"]}`), or a range with both
      ends included (`{"hp": {"min": 100, "max": 150}}`; one end is
      enough, and an end may be a date)
    - `value`: the statistic of the rows in the slice, a float; nulls do
      not count
    - `tolerance`: how far `value` may be off, at most 2 % of it

    Three claims are three findings if, in every world:

    - in the slice the statistic is at least 20 % higher or lower than in
      the other rows. A row with a null in the slice's column or in the
      statistic's column is in neither of the two;
    - the slice and the other rows have at least 100 rows each;
    - they answer different questions: no two of them are about the same
      two columns, whichever of the two is in the slice. No column is
      sliced by itself. The example, `print_run` by `rarity`, does not
      count.
    """
    # TODO 1: for each finding, filter the slice and compute its statistic
    # (about 10 lines)
    ### BEGIN SOLUTION
    findings = []
    for of, column, by, wanted in (
        # May a seller at the counter expect the asking price?
        ("mean", "discount", "channel", "store"),
        # Which cards need insurance?
        ("median", "asking_price", "legendary", True),
        # What is left on the shelf?
        ("median", "asking_price", "sold", False),
    ):
        values = market.filter(pl.col(by) == wanted)[column]
        value = float(values.mean() if of == "mean" else values.median())
        findings.append(
            {
                "statistic": f"{of}({column})",
                "table": "market",
                "slice": {by: wanted},
                "value": value,
                "tolerance": 0.01 * value,
            }
        )
    return findings
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_2_0a = check("2.0a", lambda: market_findings)
    report_2_0a
    return (report_2_0a,)


@app.cell(hide_code=True)
def _(market, report_2_0a):
    report_2_0a.gate(
        "When 2.0a passes, your findings appear here, and two ways to look for them are compared."
    )
    mo.vstack(
        [
            small_table(
                [
                    {_key: str(_part) for _key, _part in _claim.items()}
                    for _claim in market_findings(market)
                ],
                label="Your three findings, in your own world",
            ),
            mo.md("""
    **Two good ways to find them.** You can start from a *decision*: the buyer sets a price for the counter, so you ask
    what sells there and at which discount. You look at few numbers, and each of them matters to somebody. Or you can start from
    the *table*: compute every statistic for every slice and sort by the difference. That finds things nobody asked about. It
    also finds differences that are luck, so you need a second world, or held-out rows, to test them.

    **What you can do now:** turn "I think legendary cards are more expensive" into a number, a baseline and a rule that
    anybody can recompute.
    """),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("2.0b")}

    Sellers choose what they list, so rare cards fill more of the listings than of the catalogue. You know each rarity's
    share of the catalogue. Use these shares to correct the mean.
    """)
    return


@app.cell(hide_code=True)
def _():
    _sample = pl.DataFrame(
        {"group": ["Common", "Holo", "Holo", "Holo"], "value": [1.0, 4.0, 6.0, 8.0]}
    )
    _shares = {"Common": 0.75, "Holo": 0.25}
    _common, _holo = 1.0, 6.0
    _estimate = _shares["Common"] * _common + _shares["Holo"] * _holo
    mo.vstack(
        [
            small_table(_sample, label="An example: `sample`"),
            mo.md(f"""
    With `shares = {_shares}` the answer is **{_estimate:g}**. The plain mean of the sample, {_sample["value"].mean():g}, is too
    high: three of its four rows are Holo, but only {_shares["Holo"]:.0%} of the population are.
    """),
        ]
    )
    return


@app.function
def reweighted(sample: pl.DataFrame, shares: dict[str, float]) -> float:
    """Return an estimate of the mean of `value` in the population.

    `sample` has the columns `group` (text) and `value` (numbers, or yes
    and no; then the mean is a share). It over-represents some groups.
    `shares` gives the share of each group in the population. The shares
    add up to 1.

    - Each group counts as much as its share says, however many rows the
      sample has of it.
    - Rows with a null in `value` are left out before anything is counted.
      So are rows whose `group` is null or is not in `shares`.
    - If a group with a share above 0 has no rows left, raise a ValueError
      whose message names the group, and none of the groups that have
      rows: without a value there is no honest estimate.
    - `sample` and `shares` are not changed.
    """
    # TODO 2: leave out the rows that do not count (about 1 line)
    # TODO 3: raise if a group is missing (about 3 lines)
    # TODO 4: combine the means of the groups (about 2 lines)
    ### BEGIN SOLUTION
    rows = sample.filter(
        pl.col("group").is_in(list(shares)), pl.col("value").is_not_null()
    )
    means = dict(
        rows.group_by("group")
        .agg(pl.col("value").cast(pl.Float64).mean())
        .iter_rows()
    )
    missing = sorted(
        group for group, share in shares.items() if share > 0 and group not in means
    )
    if missing:
        raise ValueError(f"the sample has no values for {', '.join(missing)}")
    return sum(share * means[group] for group, share in shares.items() if share > 0)
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_2_0b = check("2.0b", lambda: reweighted)
    report_2_0b
    return (report_2_0b,)


@app.cell(hide_code=True)
def _(report_2_0b):
    report_2_0b.gate(
        "When 2.0b passes, your function corrects the listings here, and two ways to do it are compared."
    )
    _cards = world.load("cards")
    _listings = world.load("listings").join(_cards, on="card_id")
    _shares = dict(_cards["rarity"].value_counts(normalize=True).iter_rows())
    mo.vstack(
        [
            small_table(
                [
                    {
                        "mean of": _column,
                        "in the listings": round(
                            _listings[_column].cast(pl.Float64).mean(), 3
                        ),
                        "reweighted by rarity": round(
                            reweighted(
                                _listings.select(group="rarity", value=_column),
                                _shares,
                            ),
                            3,
                        ),
                        "in the catalogue": round(
                            _cards[_column].cast(pl.Float64).mean(), 3
                        ),
                    }
                    for _column in ("hp", "speed", "legendary", "print_run")
                ],
                label="Here the truth is known, so you can see how far reweighting gets",
            ),
            mo.md("""
    **Two good ways to compute it.** You can take the mean of each group and add the means up, each multiplied by its share. Or
    you can give each *row* a weight, the group's share divided by the group's rows, and take the weighted mean. Both give the
    same number. The first is shorter. The second leaves you with weights that you can hand to a plot, a median, or a model
    (`sample_weight` in scikit-learn).

    Both rest on one assumption: *within* a rarity, the listed cards are like the cards that nobody lists. No reweighting can
    check this for you.

    **What you can do now:** estimate what a biased sample hides, and refuse when the sample knows nothing about a group.
    """),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("2.1a")}

    A camera scans every card that comes into the shop, and a model decides which of eight **card types** it is. Everybody says
    "the model needs more features". Build five that exist for every card, even when the scan went wrong.

    The catalogue has the type of each card, in `card_type`. A scan has all the other columns, on a bad day with gaps in them.

    The model has always been given the columns of `classifier.GIVEN`, as they are in the catalogue:
    {", ".join(f"`{_name}`" for _name in classifier.GIVEN)}. Your features are to say something that none of these says.
    """)
    return


@app.cell
def _():
    train, test = classifier.split(world.load("cards"))
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


@app.cell(hide_code=True)
def _(test):
    small_table(
        test.head(3).select(
            "name",
            "attack",
            "defense",
            attack_over_defense=(
                pl.col("attack").clip(1) / pl.col("defense").clip(1)
            )
            .log()
            .round(3),
        ),
        label="An example: three cards, and a feature `attack_over_defense` that may be one of your five",
    )
    return


@app.function
def five_features(train: pl.DataFrame, cards: pl.DataFrame) -> pl.DataFrame:
    """Return five features of `cards`: five numeric columns, rows in order.

    `train` holds cards of the catalogue, without gaps and with
    `card_type`. `cards` has the same columns without `card_type`, as the
    scanner sends them: any value except `card_id` can be null, a stat can
    be 0, and the species can be one that no card of `train` has.

    - Every value is a finite number, whatever the scanner sends: no null,
      no NaN, no infinity.
    - A card's features depend on that card and on `train`, not on the
      other cards of the table.
    - At least one feature learns something from `train` (a mean, a count,
      a share) and ranks cards without gaps by it: with another `train`
      their order is different. A value that only fills gaps does not
      count, nor a constant that is added to all cards or multiplies them.
    - No two of the five rank the cards alike, and none ranks them like a
      numeric column of `classifier.GIVEN`: the rank correlation
      (Spearman) is between -0.95 and 0.95.
    - `train` and `cards` are not changed. The same call gives the same
      numbers.

    You may use `world.load("species")`. No other table is there while
    your answer is graded.
    """
    # TODO 5: fill the gaps and zeros of the stats, with something learned
    # from `train` (about 3 lines)
    # TODO 6: four features that compare the numbers of a card with each
    # other (about 5 lines)
    # TODO 7: one feature that looks up what `train` knows about cards of
    # the same species (about 5 lines)
    # TODO 8: put the five side by side (about 2 lines)
    ### BEGIN SOLUTION
    filled = cards.select(
        pl.col("species_number"),
        *(
            pl.col(stat).fill_null(train[stat].median()).clip(1).log().alias(stat)
            for stat in STATS
        ),
    )
    # The mean is one of logarithms, where a ratio becomes a difference.
    strength = pl.mean_horizontal(STATS)
    # Smoothed towards the overall share, as if ten more cards had been seen: two cards of a species prove little.
    overall = (train["card_type"] == "Grass").mean()
    grass = train.group_by("species_number").agg(
        grass_of_species=((pl.col("card_type") == "Grass").sum() + 10 * overall)
        / (pl.len() + 10)
    )
    return filled.join(
        grass, on="species_number", how="left", maintain_order="left"
    ).select(
        attack_share=pl.col("attack") - strength,
        speed_over_hp=pl.col("speed") - pl.col("hp"),
        special_over_attack=pl.col("special_attack") - pl.col("attack"),
        defense_share=pl.col("defense") - strength,
        grass_of_species=pl.col("grass_of_species").fill_null(overall),
    )
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_2_1a = check("2.1a", lambda: five_features)
    report_2_1a
    return (report_2_1a,)


@app.cell(hide_code=True)
def _(report_2_1a, test, train):
    report_2_1a.gate(
        "When 2.1a passes, a chart of your features by card type appears here."
    )
    from grader.page import charts as _charts

    _features = five_features(train, test.drop("card_type"))
    _long = _features.with_columns(card_type=test["card_type"]).unpivot(
        index="card_type"
    )
    _charts.panels(
        [
            _charts.framed(
                alt.Chart(_one)
                .mark_boxplot(extent=0, outliers=False)
                .encode(
                    alt.Y("card_type:N", title=None),
                    alt.X("value:Q", title=None).scale(zero=False),
                ),
                f"{_name}: median and middle half",
                "One box per card type. A feature helps where the boxes do not overlap.",
                230,
            )
            for (_name,), _one in _long.partition_by(
                "variable", as_dict=True, maintain_order=True
            ).items()
        ],
        columns=2,
        least=240,
    )
    return


@app.cell(hide_code=True)
def _(report_2_1a):
    report_2_1a.gate("When 2.1a passes, two ways to do it are compared here.")
    mo.md("""
    **Two good ways to compare two stats.** A *ratio* (`attack / defense`) fails when `defense` is zero, and it is lopsided:
    half as strong is close to one, twice as strong is far from it. A *difference of logarithms* is symmetrical, and
    `clip(1)` takes care of the zeros. A forest of trees only asks whether a value lies above or below a threshold, so it
    sees the same in both. A linear model does not.

    **Two good ways to fill a gap.** A *median* makes a bad scan look like an ordinary card. A *constant* that no card has, such as
    `-1`, tells the model that the scan failed. If scans of one type fail more often, the model learns from that, and it is
    wrong as soon as somebody repairs the scanner.

    **What you can do now:** write a feature that has a value on every row that production can send.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("2.1b")}

    A feature without a reason is a lottery ticket. For each of your five features, commit to one sentence that can turn out to
    be wrong: *cards of this type have higher (or lower) values than the others, because …*

    The test is the **AUC**, the area under the ROC curve. Take a card of that type and a card of any other type: how often does the
    first one have the higher value? A tie counts half, and for `"lower"` the lower value wins. An AUC of
    <span data-literal>0.5</span> is chance.

    Your feature has to beat every numeric column of `classifier.GIVEN` for that type, taken alone and in its better direction, by at
    least <span data-literal>0.01</span>. What counts is the average over six catalogues that you have not seen.
    """)
    return


@app.cell(hide_code=True)
def _(test):
    _fire = test["card_type"] == "Fire"
    _example = auc((test["attack"].clip(1) / test["defense"].clip(1)).log(), _fire)
    _numbers = [
        name for name in classifier.GIVEN if name not in ("rarity", "stage")
    ]
    _areas = {name: auc(test[name], _fire) for name in _numbers}
    _best = max(_areas, key=lambda name: abs(_areas[name] - 0.5))
    _given = 0.5 + abs(_areas[_best] - 0.5)
    mo.md(f"""
    **An example.** For the feature `attack_over_defense` of 2.1a:

    ```python
    "attack_over_defense": ("Fire", "higher", "fire cards trade defense for attack")
    ```

    On the test cards of your world its AUC is {_example:.2f}. The best given column for Fire, `{_best}`, has {_given:.2f}
    {"(lower for Fire)" if _areas[_best] < 0.5 else ""}. The hypothesis {"holds" if _example >= _given + 0.01 else "fails"} here.
    """)
    return


@app.function
def hypotheses() -> dict[str, tuple[str, str, str]]:
    """Return a hypothesis for each of your features: column -> three texts.

    The texts are the card type, `"higher"` or `"lower"`, and the reason.
    "Higher" says that cards of this type have higher values than all
    other cards. The reason is a sentence of at least four different
    words. No check can say whether a reason is a good one: it is for the
    colleague who has to believe you. The five hypotheses name at least
    three different card types.
    """
    # TODO 9: one line for each feature
    ### BEGIN SOLUTION
    return {
        "attack_share": (
            "Psychic",
            "lower",
            "psychic cards win by their special attack, so the plain attack is weak for their strength",
        ),
        "speed_over_hp": (
            "Lightning",
            "higher",
            "electric species are fast and fragile, however strong the card is",
        ),
        "special_over_attack": (
            "Fighting",
            "lower",
            "fighters hit with the body, so attack is high and special attack low",
        ),
        "defense_share": ("Fire", "lower", "fire cards trade defense for attack"),
        "grass_of_species": (
            "Grass",
            "higher",
            "a species that was printed as Grass before is mostly printed as Grass again",
        ),
    }
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_2_1b = check("2.1b", lambda: hypotheses)
    report_2_1b
    return (report_2_1b,)


@app.function
def auc(values: pl.Series, of_type: pl.Series, direction: str = "higher") -> float:
    """Return how often a card of the type has the higher (lower) value of two."""
    area = float(
        roc_auc_score(of_type.to_numpy(), values.cast(pl.Float64).to_numpy())
    )
    return area if direction == "higher" else 1 - area


@app.cell(hide_code=True)
def _(report_2_1b, test, train):
    report_2_1b.gate(
        "When 2.1b passes, your hypotheses are measured on your own world here."
    )
    _features = five_features(train, test.drop("card_type"))
    _numbers = [
        name for name in classifier.GIVEN if name not in ("rarity", "stage")
    ]
    _rows = []
    for _name, (_type, _direction, _because) in hypotheses().items():
        _is = test["card_type"] == _type
        _best = max(_numbers, key=lambda name: abs(auc(test[name], _is) - 0.5))
        _rows.append(
            {
                "feature": _name,
                "says": f"{_direction} for {_type}",
                "AUC": round(auc(_features[_name], _is, _direction), 3),
                "best given column": _best,
                "its AUC": round(0.5 + abs(auc(test[_best], _is) - 0.5), 3),
                "because": _because,
            }
        )
    mo.vstack(
        [
            small_table(
                _rows, label="Your hypotheses, on the test cards of your own world"
            ),
            mo.md("""
    **Two good ways to get a hypothesis.** *From knowledge*: you know that electric creatures are fast, and build the feature
    that shows it. *From a chart*: you see two boxes that do not overlap, and look for the reason. The second way needs more care,
    because with five features and eight types some boxes are apart by luck. So test the idea on cards that you did not
    look at when you had it.

    **What these checks can't see.** Five shares of a species, one for each of five types, pass both tasks, whatever their reasons say.
    They are one idea five times: *a species keeps to its type*. A reviewer would ask for the other four.

    **What you can do now:** say what a feature claims about the world, and test the claim before any model is trained.
    """),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.callout(
        mo.md(f"""
    **A good place for a break.** You have explored, reweighted, and built five features with a reason each. Next come six
    short tasks about leakage, about 30 min together. Then {title("2.3")}, about 40 min.
    """)
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Whose score is real?

    Six colleagues report an accuracy each. All six functions below run, and all six scores look good in a meeting. For each one:

    1. **Name the leak.** Set `leak` to a key of `LEAKS`. `"none"` is one of the keys, and a key can fit several functions or none.
    2. **Repair the function**, so that it returns the accuracy that production will see. Code that is right stays as it is.

    Each function gets a table, of which you see the first rows, and returns two things, for example `("train_test", 0.61)`.

    The grader calls your function with two kinds of new tables. In the first, the labels are *random*: coin flips that nothing
    in production could predict. An honest score is then about <span data-literal>0.5</span>, and a higher one has seen the answer. In the
    second, the labels can be learned, and your score has to match the accuracy on thousands of new rows.
    """)
    return


@app.cell(hide_code=True)
def _():
    small_table(
        [{"leak": _name, "what it is": _text} for _name, _text in LEAKS.items()],
        label="The keys of LEAKS",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.vstack(
        [
            mo.md(f"""
    ### {title("2.2a")}

    An export of old offers says which were sold. The model should say *on the day of listing* which new offers will sell.
    """),
            small_table(world.sample("offers").head(3)),
        ]
    )
    return


@app.function
def score_sold(offers: pl.DataFrame) -> tuple[str, float]:
    """Return the leak, and the accuracy of predicting what will be sold.

    Each row is an offer, exported two months after it was listed.
    `asking_price` and `photos` (how many were uploaded) are as on the day
    of listing; `fair_price` is what the shop's price list said that day.
    `days_online` is how long the offer was online, at most 60 days.
    `sold` is the outcome. Production gets new offers on their first day.
    """
    # TODO 10: name the leak, and repair the code if it has one
    ### BEGIN SOLUTION
    leak = "target"  # `days_online` is filled in after the outcome: an offer that sold was taken down early
    known = offers.select("asking_price", "fair_price", "photos").to_numpy()
    ### HANDED OUT
    # leak = "?"
    # known = offers.select("asking_price", "fair_price", "photos", "days_online").to_numpy()
    ### END SOLUTION
    model = make_pipeline(StandardScaler(), LogisticRegression())
    return leak, cross_val_score(
        model, known, offers["sold"].to_numpy(), cv=5
    ).mean()


@app.cell(hide_code=True)
def _():
    report_2_2a = check("2.2a", lambda: score_sold)
    report_2_2a
    return (report_2_2a,)


@app.cell(hide_code=True)
def _():
    mo.vstack(
        [
            mo.md(f"""
    ### {title("2.2b")}

    Marketing wants to know before it publishes an advert whether people will click on it.
    """),
            small_table(
                world.sample("adverts")
                .head(3)
                .select("word_000", "word_001", "word_499", "clicked")
            ),
        ]
    )
    return


@app.function
def score_clicks(adverts: pl.DataFrame) -> tuple[str, float]:
    """Return the leak, and the accuracy of predicting clicks.

    Each row is an advert. `word_000` to `word_499` count words, and are
    known before the advert is published; `clicked` is the outcome.
    Marketing only wants to see the twenty most telling words. Production
    gets new adverts with the same words.
    """
    # TODO 11: name the leak, and repair the code if it has one
    ### BEGIN SOLUTION
    leak = "preprocessing"  # the words were chosen with the labels of the rows that were scored later
    words, clicked = (
        adverts.drop("clicked").to_numpy(),
        adverts["clicked"].to_numpy(),
    )
    model = make_pipeline(SelectKBest(k=20), LogisticRegression())
    return leak, cross_val_score(model, words, clicked, cv=5).mean()
    ### HANDED OUT
    # leak = "?"
    # words, clicked = adverts.drop("clicked").to_numpy(), adverts["clicked"].to_numpy()
    # telling = SelectKBest(k=20).fit_transform(words, clicked)
    # return leak, cross_val_score(LogisticRegression(), telling, clicked, cv=5).mean()
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_2_2b = check("2.2b", lambda: score_clicks)
    report_2_2b
    return (report_2_2b,)


@app.cell(hide_code=True)
def _():
    mo.vstack(
        [
            mo.md(f"""
    ### {title("2.2c")}

    Some sellers send cards that come back. The model uses each seller's share of returned parcels.
    """),
            small_table(world.sample("parcels").head(3)),
        ]
    )
    return


@app.function
def score_returns(parcels: pl.DataFrame) -> tuple[str, float]:
    """Return the leak, and the accuracy of predicting what comes back.

    Each row is a parcel: its seller, its weight, and whether it was
    `returned`. The encoder replaces each seller by a share of returned
    parcels. Production gets tomorrow's parcels from the same forty
    sellers.
    """
    # TODO 12: name the leak, and repair the code if it has one
    ### BEGIN SOLUTION
    leak = "none"  # inside the pipeline, the encoder learns from the training folds alone
    ### HANDED OUT
    # leak = "?"
    ### END SOLUTION
    model = make_pipeline(TargetEncoder(), LogisticRegression())
    return leak, cross_val_score(
        model,
        parcels.select("seller_id").to_numpy(),
        parcels["returned"].to_numpy(),
        cv=5,
    ).mean()


@app.cell(hide_code=True)
def _():
    report_2_2c = check("2.2c", lambda: score_returns)
    report_2_2c
    return (report_2_2c,)


@app.cell(hide_code=True)
def _():
    mo.vstack(
        [
            mo.md(f"""
    ### {title("2.2d")}

    An expert judged which cards were played with. The model should judge new cards from six measurements of a scan.
    """),
            small_table(world.sample("scans").sort("card_id").head(5)),
        ]
    )
    return


@app.function
def score_played(scans: pl.DataFrame) -> tuple[str, float]:
    """Return the leak, and the accuracy of predicting the expert's judgement.

    Each row is a scan. Every card was scanned four times, from slightly
    different angles. A scan has six measurements and `played`, the
    expert's judgement of the card. Production gets cards that were never
    scanned before.
    """
    # TODO 13: name the leak, and repair the code if it has one
    ### BEGIN SOLUTION
    leak = "group"  # three scans of a card were in the training folds, the fourth was scored
    folds, cards = GroupKFold(5), scans["card_id"].to_numpy()
    ### HANDED OUT
    # leak = "?"
    # folds, cards = KFold(5, shuffle=True, random_state=0), None
    ### END SOLUTION
    measured, played = (
        scans.drop("card_id", "played").to_numpy(),
        scans["played"].to_numpy(),
    )
    return leak, cross_val_score(
        KNeighborsClassifier(5), measured, played, cv=folds, groups=cards
    ).mean()


@app.cell(hide_code=True)
def _():
    report_2_2d = check("2.2d", lambda: score_played)
    report_2_2d
    return (report_2_2d,)


@app.cell(hide_code=True)
def _():
    mo.vstack(
        [
            mo.md(f"""
    ### {title("2.2e")}

    The shop plans its staff. Every evening the model says whether tomorrow will be busy.
    """),
            small_table(world.sample("demand").head(4)),
        ]
    )
    return


@app.function
def score_staff(demand: pl.DataFrame) -> tuple[str, float]:
    """Return the leak, and the accuracy of predicting busy days.

    Each row is a day, in order: the cards `sold` on it, and whether that
    made it `busy` (more than 100). The features are the sales of the day
    before and the mean of the three days before. Production asks for
    tomorrow, every evening.
    """
    # TODO 14: name the leak, and repair the code if it has one
    ### BEGIN SOLUTION
    leak = "none"  # after `shift(1)` a day sees only earlier days, and the later half is scored
    ### HANDED OUT
    # leak = "?"
    ### END SOLUTION
    before = pl.col("sold").shift(1)
    days = demand.with_columns(
        yesterday=before, lately=before.rolling_mean(3)
    ).drop_nulls()
    seen, busy = (
        days.select("yesterday", "lately").to_numpy(),
        days["busy"].to_numpy(),
    )
    start = len(busy) // 2
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(
        seen[:start], busy[:start]
    )
    return leak, model.score(seen[start:], busy[start:])


@app.cell(hide_code=True)
def _():
    report_2_2e = check("2.2e", lambda: score_staff)
    report_2_2e
    return (report_2_2e,)


@app.cell(hide_code=True)
def _():
    mo.vstack(
        [
            mo.md(f"""
    ### {title("2.2f")}

    A second colleague answers the same question, and smooths the sales first because single days jump up and down.
    """),
            small_table(world.sample("demand").head(4)),
        ]
    )
    return


@app.function
def score_trend(demand: pl.DataFrame) -> tuple[str, float]:
    """Return the leak, and the accuracy of predicting busy days.

    The table is the one of `score_staff`. The feature is a mean of the
    sales over three days. Production asks for tomorrow, every evening.
    """
    # TODO 15: name the leak, and repair the code if it has one
    ### BEGIN SOLUTION
    leak = "temporal"  # a centred window contains the day itself and the day after
    smooth = pl.col("sold").shift(1).rolling_mean(3)
    ### HANDED OUT
    # leak = "?"
    # smooth = pl.col("sold").rolling_mean(3, center=True)
    ### END SOLUTION
    days = demand.with_columns(smooth=smooth).drop_nulls()
    model = make_pipeline(StandardScaler(), LogisticRegression())
    folds = TimeSeriesSplit(5)  # train on the past, score what follows
    return leak, cross_val_score(
        model, days.select("smooth").to_numpy(), days["busy"].to_numpy(), cv=folds
    ).mean()


@app.cell(hide_code=True)
def _():
    report_2_2f = check("2.2f", lambda: score_trend)
    report_2_2f
    return (report_2_2f,)


@app.cell(hide_code=True)
def _(report_2_2a, report_2_2b, report_2_2c, report_2_2d, report_2_2e, report_2_2f):
    for _report in (
        report_2_2a,
        report_2_2b,
        report_2_2c,
        report_2_2d,
        report_2_2e,
        report_2_2f,
    ):
        _report.gate(
            "When all six pass, what the leaks have in common is explained here."
        )
    mo.md("""
    **What the leaks have in common.** No line of code was wrong. Each was a right line in the wrong *place*: before the split
    instead of inside it, or after the outcome instead of before it.

    **Two good ways to repair one.** You can *remove* what production does not know: drop the column, shift the window. Or you can
    *move the border*: split by card or by day, put the step into the pipeline. Moving the border keeps more information, but you
    have to know what production looks like, and no code tells you. If the shop scanned the same cards again and again, a split by card
    would be too strict, and its score too low.

    **What you can do now:** read a colleague's evaluation, say what production knows at that moment, and test your suspicion with
    random labels.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("2.3")}

    The team wants a bigger model. You have a day, and the model stays as it is: a random forest, in `classifier.accuracy`. Give it
    **one column** more than `classifier.GIVEN`, so good that accuracy rises by at least seven points. One point is one card of a hundred.

    Why seven? A column without an idea gains something too: the text as it is, the first letter of the name, the lesson's
    `SpeciesHabit` for one type. On average over worlds none of them gains seven, and the checks take the average of twelve.
    The idea is yours to add.

    Two things are not features. The labels of the training cards are a leak. The prediction of a second model is the bigger model
    in disguise; no check can see one whose numbers are typed in, so that rule is yours to keep.
    """)
    return


@app.cell(hide_code=True)
def _(train):
    _cells = train.group_by("species_number", "text", "rarity").len()["len"].mean()
    mo.accordion(
        {
            "Why is a column that learns from labels limited to three columns of a card?": mo.md(f"""
    A column that learns from the labels and looks at all stats at once is a model, whatever you call it. The course draws the line
    at three columns. That is enough for an encoding: three columns such as species, text and rarity already split the training
    cards into groups of {_cells:.1f} cards on average, and a mean over so few cards says little.

    The rule also refuses some honest encodings of four columns, because no check can tell these from a model. Build such a
    feature from two smaller ones, or from a table of the shop: what does not learn from labels may look at every column.
    """)
        }
    )
    return


@app.cell
def _(test, train):
    example = FunctionTransformer(
        lambda cards: cards.select(
            bulk=(pl.col("hp") + pl.col("defense")).fill_null(0)
        )
    )
    cards = pl.concat([train, test])
    before = classifier.held_out_accuracy(classifier.Given(), cards)
    after = classifier.held_out_accuracy(WithGiven(example), cards)
    usual = test["card_type"].value_counts(sort=True)[0]
    return after, before, example, usual


@app.cell(hide_code=True)
def _(after, before, example, test, usual):
    mo.vstack(
        [
            small_table(
                test.head(3)
                .select("name", "hp", "defense")
                .hstack(example.transform(test.head(3))),
                label="An example: the column `bulk` for three cards",
            ),
            mo.md(f"""
    In your world the given columns reach {before:.1%}. Together with `bulk` it is {after:.1%}, a change of
    {100 * (after - before):+.1f} points. Always guessing the most frequent type, {usual["card_type"][0]}, reaches
    {usual["count"][0] / test.height:.1%}.
    """),
        ]
    )
    return


@app.function
def one_feature() -> TransformerMixin:
    """Return a transformer that makes one feature, a value for each card.

    The feature is a column of numbers or of categories (text).

    It is used like scikit-learn's transformers: `fit_transform(cards,
    labels)` for the training cards, `transform(cards)` for held-out ones.
    `cards` is a polars table without `card_type`, `labels` an array of
    texts. A `FunctionTransformer`, a pipeline or an object of your own
    class will do. The result is a table with one column, or an array.

    - The forest with `classifier.GIVEN` and your column is right at least
      seven points more often than with `classifier.GIVEN` alone, on
      average over twelve held-out worlds.
    - `transform` works for everything that the scanner can send (see
      2.1a), without nulls, NaN or infinities. A card's value does not
      depend on the other cards of the table.
    - The column says something new. A column of the catalogue, unchanged
      or with renamed values, does not count.
    - It has at most 30 different categories, if it holds text. The model
      one-hot encodes them.
    - If it learns from `labels`, it looks at three columns of a card at
      most, for example the species. Otherwise it counts as a second
      model.
    - What `fit_transform` returns predicts the types of its own cards no
      better than `transform` predicts those of others.

    You may use `world.load("species")`. No other table is there while
    your answer is graded.
    """
    # TODO 16: a function from cards to one column, or a class with fit and
    # transform (about 10 lines)
    ### BEGIN SOLUTION
    base = world.load("species").select(
        "number", base_attack="attack", base_special="special_attack"
    )

    def leaning(cards: pl.DataFrame) -> pl.DataFrame:
        """How much more the card leans towards plain attack than its species does; 0 where that is unknown."""
        table = cards.join(
            base,
            left_on="species_number",
            right_on="number",
            how="left",
            maintain_order="left",
        )
        own = (pl.col("attack").clip(1) / pl.col("special_attack").clip(1)).log()
        usual = (pl.col("base_attack") / pl.col("base_special")).log()
        return table.select(leaning=(own - usual).fill_null(0))

    return FunctionTransformer(leaning)
    ### END SOLUTION


@app.cell(hide_code=True)
def _():
    report_2_3 = check("2.3", lambda: one_feature)
    report_2_3
    return (report_2_3,)


@app.class_definition
class WithGiven(TransformerMixin, BaseEstimator):
    """The columns of `classifier.GIVEN` and the columns of another transformer, side by side."""

    def __init__(self, more: TransformerMixin):
        self.more = more

    def fit_transform(
        self, cards: pl.DataFrame, labels: np.ndarray
    ) -> pl.DataFrame:
        return self._beside(cards, self.more.fit_transform(cards, labels))

    def transform(self, cards: pl.DataFrame) -> pl.DataFrame:
        return self._beside(cards, self.more.transform(cards))

    def _beside(self, cards: pl.DataFrame, columns: object) -> pl.DataFrame:
        if isinstance(columns, np.ndarray):
            columns = pl.DataFrame(columns.reshape(cards.height, -1))
        columns = pl.DataFrame(columns)
        return cards.select(classifier.GIVEN).hstack(
            columns.rename({name: f"new {name}" for name in columns.columns})
        )


@app.cell(hide_code=True)
def _(report_2_3):
    report_2_3.gate(
        "When 2.3 passes, the gain from your column in three worlds appears here."
    )
    _rows = []
    for _seed in range(3):
        _cards = world.load("cards", _seed)
        _before = classifier.held_out_accuracy(classifier.Given(), _cards)
        _after = classifier.held_out_accuracy(WithGiven(one_feature()), _cards)
        _rows.append(
            {
                "world": _seed,
                "given columns": f"{_before:.1%}",
                "and yours": f"{_after:.1%}",
                "points": round(100 * (_after - _before), 1),
            }
        )
    small_table(_rows, label="Accuracy on held-out cards")
    return


@app.cell(hide_code=True)
def _(report_2_3):
    report_2_3.gate("When 2.3 passes, two ways to do it are compared here.")
    mo.md("""
    **Two good ways.** You can *bring knowledge*: a strong species has strong cards whatever their type, so compare each card with its own
    species and keep the difference. Somebody has to maintain the species table. In return the feature works for the first card of a
    new set.

    Or you can *let the data speak*: which type did cards of this species have so far? This needs labels and follows the data
    when fashions change, but it knows nothing about a new species. It also has to encode each training card with the labels of
    *other* cards, as `TargetEncoder.fit_transform` does. With many cards per species the difference is small. With few, the
    training cards see their own label.

    **What you can do now:** measure what a column is worth before anybody pays for a bigger model.
    """)
    return


if __name__ == "__main__":
    app.run()
