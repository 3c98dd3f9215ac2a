import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium", app_title="Model training: which model do you ship?"
)

with app.setup(hide_code=True):
    import inspect

    import marimo as mo
    import numpy as np
    import optuna
    import polars as pl
    from cardshop import world
    from cardshop.training.tracking import store
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
    from lessons import curves, experiments, reading, surfaces, tracking_page
    from lessons.experiments import STATS
    from sklearn.tree import DecisionTreeClassifier
    from xgboost import DMatrix, XGBClassifier


@app.cell(hide_code=True)
def _():
    UNIT = next(
        _unit for _unit in course().units if _unit.name == "03_model_training"
    )
    cards = world.load("cards")
    labels = cards["card_type"].to_numpy()
    mo.md(f"""
    <p class="d-kicker">Unit {int(UNIT.number)} · Lesson · about {UNIT.minutes.lesson} minutes</p>

    # {UNIT.question}

    <div class="d-lead">Two forests want to sort the shop's cards. Both learned from the same cards and saw the same six stats.
    On two hundred held-out cards, one of them looks clearly better. The shop can run only one.</div>
    """)
    return UNIT, cards, labels


@app.cell(hide_code=True)
def _():
    with mo.status.spinner("Training twenty forests", remove_on_exit=True):
        twins = experiments.same_forest()
    _best, _worst = twins[:, 0].argmax(), twins[:, 0].argmin()
    pair = {"Forest A": twins[_worst], "Forest B": twins[_best]}
    mo.hstack(
        [
            mo.stat(
                f"{_scores[0]:.1%}",
                label=_name,
                caption="right, of 200 held-out cards",
                bordered=True,
            )
            for _name, _scores in pair.items()
        ],
        widths="equal",
        wrap=True,
    )
    return pair, twins


@app.cell(hide_code=True)
def _(pair):
    guess_pair = predict(
        f"Forest B leads by {100 * (pair['Forest B'][0] - pair['Forest A'][0]):.1f} points. By how many points does B lead on the other thousand held-out "
        "cards? Commit to a guess. You'll see the answer in *Is B better than A?*",
        low=-5,
        high=15,
        step=1,
        unit="points",
        key="03-two-forests",
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

    You need a little polars and numpy, and four ideas of [module 2](?file=notebooks/02_eda_and_features.py): held-out rows, a
    baseline, cross-validation, a leak. You don't need the features that you wrote there: `cardshop.features` has a set that you
    can use instead.
    ///

    **First, from memory.** These questions are about the two modules before this one.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("03_model_training", group="review")
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## What is an experiment?

    **You changed a setting and the score went up. What do you know now?** Not much, unless you wrote four things down:

    | part | question | for the shop's tree |
    |---|---|---|
    | {term("hypothesis")} | which change, which effect, why? | a deeper tree gains at least five points, because eight types need more than a few questions |
    | metric | which number decides, on which rows? | accuracy, on five folds of the cards |
    | budget | when do you stop? | three depths, one minute |
    | record | could somebody else repeat it? | settings, seed, data, score of *every* run |

    The hypothesis comes before the run, so that it can be wrong. The budget also comes before the run, so that you don't stop
    at the first number you like. The record contains the failures too: three months later somebody will want to try the same idea.

    Here is a whole experiment, with its record in a table.
    """)
    return


@app.function
def accuracy_of_depth(depth: int, cards: pl.DataFrame, pairs: list) -> float:
    """Return the mean accuracy of a tree over `pairs` of training and test rows."""
    X, labels = cards.select(STATS).to_numpy(), cards["card_type"].to_numpy()
    tree = DecisionTreeClassifier(max_depth=depth, random_state=0)
    scores = [
        tree.fit(X[train], labels[train]).score(X[test], labels[test])
        for train, test in pairs
    ]
    return float(np.mean(scores))


@app.cell
def _(cards, labels):
    five_folds = experiments.stratified(labels, k=5, seed=0)
    HYPOTHESIS = "depth 6 gains at least 5 points over depth 2"
    record = pl.DataFrame(
        {
            "depth": depth,
            "seed": 0,
            "cards": cards.height,
            "accuracy": accuracy_of_depth(depth, cards, five_folds),
        }
        for depth in (2, 6, 12)
    )
    small_table(record)
    return HYPOTHESIS, five_folds, record


@app.cell(hide_code=True)
def _(labels, record):
    _usual = max((labels == _one).mean() for _one in np.unique(labels))
    _two, _six, _twelve = record["accuracy"]
    mo.md(f"""
    Always answering the most frequent type gets {_usual:.1%}. Depth six gains {100 * (_six - _two):.1f} points over depth two, so the hypothesis
    **{"survives" if _six - _two >= 0.05 else "does not survive"}** this experiment. Depth twelve stands at {_twelve:.1%}.

    A table in a notebook is a good record for one person and one afternoon. It stops working when a team runs hundreds of
    experiments: the table doesn't know which code made a row, who ran it, or where the fitted model is. An
    **{term("experiment tracker")}** keeps all of that. The most widely used open one is MLflow. Its words:

    | MLflow | meaning |
    |---|---|
    | experiment | a folder of runs that answer one question |
    | run | one training, with a start, an end and a status |
    | parameter | what you chose before the run: depth, seed |
    | metric | what came out: accuracy, seconds |
    | tag | any other text: the hypothesis, the author |
    | store | the database with all of it; here a SQLite file in your own folder |
    """)
    return


@app.cell(hide_code=True)
def _():
    log_runs = mo.ui.run_button(label="Log the three runs with MLflow")
    log_runs
    return (log_runs,)


@app.cell
def _(HYPOTHESIS, cards, log_runs, record):
    mo.stop(not log_runs.value)
    with mo.status.spinner("Writing to the store", remove_on_exit=True):
        import mlflow

        mlflow.set_tracking_uri(store())
        mlflow.set_experiment("lesson 3: depth of a tree")
        for row in record.iter_rows(named=True):
            with mlflow.start_run(run_name=f"depth {row['depth']}"):
                mlflow.set_tag("hypothesis", HYPOTHESIS)
                mlflow.log_params({"depth": row["depth"], "seed": row["seed"]})
                mlflow.log_param("cards", cards.height)
                mlflow.log_metric("accuracy", row["accuracy"])
    mo.md("Three runs are in the store. Start the page below and look at them.")
    return


@app.cell(hide_code=True)
def _():
    start_page = mo.ui.run_button(label="Start MLflow's page")
    stop_page = mo.ui.run_button(label="Stop it")
    mo.hstack([start_page, stop_page], justify="start", wrap=True)
    return start_page, stop_page


@app.cell(hide_code=True)
def _(start_page, stop_page):
    if stop_page.value:
        tracking_page.stop(store())
        _shown = mo.md("The page is stopped. Your runs stay in the store.")
    elif start_page.value:
        with mo.status.spinner(
            "Starting MLflow, ten to thirty seconds", remove_on_exit=True
        ):
            try:
                _address = tracking_page.started(store())
                _shown = mo.md(
                    f'<a href="{_address}" target="dojo-mlflow">Open MLflow in a tab of its own</a>. At the top left choose *Model training*, then the experiment *lesson 3: depth of a tree*; '
                    "tick the three runs, and press *Compare*. The runs of your exercises will appear there too."
                )
            except RuntimeError as _error:
                _shown = mo.callout(str(_error), kind="warn")
    else:
        _shown = mo.md(
            "The page is a program of its own. It runs on your machine only, sends nothing anywhere, and ends with this notebook."
        )
    _shown
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Your turn.** Change the depths in the cell of the experiment, or the hypothesis, and press *Log* again. MLflow adds runs and overwrites none.

    /// attention | A logged number is a claim
    MLflow stores what your code says. Log the score of the training rows under the name `accuracy`, and the page shows it beside the
    honest ones. Whoever decides by such a number has to be able to compute it again.
    ///

    You can now turn "I tried something" into a record that a colleague can repeat.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Is B better than A?

    **How large must a difference be before you believe it?** Back to the two forests on the first screen.
    """)
    return


@app.cell(hide_code=True)
def _(guess_pair, pair):
    guess_pair.reveal(
        round(100 * (pair["Forest B"][1] - pair["Forest A"][1])),
        "A and B are the same model. They differ in `random_state` and in nothing else. We fitted the forest with twenty seeds, and showed you the worst and the best.",
    )
    return


@app.cell(hide_code=True)
def _(guess_pair, twins):
    guess_pair.gate()
    curves.seeds(twins, "Twenty forests, one recipe, twenty seeds")
    return


@app.cell(hide_code=True)
def _(guess_pair, twins):
    guess_pair.gate()
    mo.md(f"""
    On two hundred cards the twenty scores spread over {100 * np.ptp(twins[:, 0]):.1f} points. With many more cards the spread shrinks to
    {100 * np.ptp(twins[:, 1]):.1f}, and the winner falls back into the crowd. This is the **{term("winner's curse")}**: whoever wins a noisy
    contest was probably lucky, so expect less next time. The more candidates you compare, the luckier the winner.

    Three habits protect you:

    1. **Pair.** Score both models on the *same* folds and look at the difference on each fold. A fold with hard cards is hard for both, and the
       difficulty cancels.
    2. **Give an interval.** A mean without a spread can't be compared with anything.
    3. **Put the baseline into the table.** It costs one line.

    The interval for $k$ differences $d_1 … d_k$ with mean $\\bar d$ and standard deviation $s$ is

    $$\\bar d \\pm t \\cdot s \\cdot \\sqrt{{\\frac{{1}}{{k}} + \\frac{{n_\\text{{test}}}}{{n_\\text{{train}}}}}}$$

    Here $t$ is the `0.975` quantile of Student's distribution with $k - 1$ degrees of freedom. The textbook has only $1/k$ under the root. That would be right for
    independent folds, and folds are not: with five folds, two training sets share three quarters of their rows. The second term, by
    [Nadeau and Bengio](https://doi.org/10.1023/A:1024068626366) (2003), makes up for the overlap. With five folds it makes the interval
    {np.sqrt(1 / 5 + 1 / 4) / np.sqrt(1 / 5):.1f} times as wide. It is a good approximation; no formula is exact here.
    """)
    return


@app.function
def paired_interval(a: list, b: list, n_train: int, n_test: int) -> tuple:
    """Return mean, low and high of b - a over the same folds, 95 % by Nadeau and Bengio."""
    from scipy import stats

    difference = np.asarray(b) - np.asarray(a)
    k = len(difference)
    error = difference.std(ddof=1) * np.sqrt(1 / k + n_test / n_train)
    reach = stats.t.ppf(0.975, k - 1) * error
    return difference.mean(), difference.mean() - reach, difference.mean() + reach


@app.cell
def _(cards, five_folds):
    sizes = len(five_folds[0][0]), len(five_folds[0][1])
    shallow, deep = (
        [100 * accuracy_of_depth(depth, cards, [fold]) for fold in five_folds]
        for depth in (6, 8)
    )
    depth_8_over_6 = paired_interval(shallow, deep, *sizes)
    return deep, depth_8_over_6, shallow


@app.cell(hide_code=True)
def _(deep, depth_8_over_6, shallow):
    _mean, _low, _high = depth_8_over_6
    _verdict = (
        "The interval contains zero, so this experiment can't tell the two apart. That is a result too. Take the simpler model, or pay for more data."
        if _low < 0 < _high
        else "The interval doesn't contain zero, so the difference is larger than what these folds do by accident."
    )
    mo.md(f"""
    | fold | {" | ".join(str(_at) for _at in range(1, 6))} |
    |---|---|---|---|---|---|
    | depth `6` | {" | ".join(f"{_one:.1f}" for _one in shallow)} |
    | depth `8` | {" | ".join(f"{_one:.1f}" for _one in deep)} |
    | difference | {" | ".join(f"{_b - _a:+.1f}" for _a, _b in zip(shallow, deep, strict=True))} |

    Depth eight gains {_mean:.1f} points, with an interval from {_low:.1f} to {_high:.1f}. {_verdict} Try another pair of depths in the cell above.

    You can now compare two models on paired folds and say whether the difference means anything.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("03_model_training", "which-interval")
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Five models, five assumptions

    **Which model fits which problem?** Every model draws borders of a certain shape, whatever the data say. Two features are enough to
    see that. Below, the orange and blue points are `150` training rows with two features. The area shows what each model would answer
    anywhere on the plane, pale where it is unsure. The number beside each name is its accuracy on two thousand fresh points.

    The five:

    - **linear** (*logistic regression*): adds the features up, each with a weight, and draws one straight line;
    - **tree**: asks about one feature at a time, and draws boxes;
    - **forest**: lets many trees vote, each grown on a random part of the rows;
    - **{term("boosting")}** (*XGBoost*): adds many small trees, each repairing the errors of the sum so far;
    - **network** (*multilayer perceptron*): bends many lines and adds them up, and draws smooth curves.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_slope = predict(
        "The true border is a straight, diagonal line: `x + y > 0`. By how many points does the linear model beat the tree on fresh points?",
        low=-5,
        high=20,
        step=1,
        unit="points",
        key="03-linear-on-slope",
    )
    guess_slope
    return (guess_slope,)


@app.cell(hide_code=True)
def _(guess_slope):
    guess_slope.gate()
    _found = surfaces.drawn("a slope")[2]
    guess_slope.reveal(
        round(100 * (_found["linear"] - _found["tree"])),
        "A tree can only cut straight across one feature. It approximates the diagonal by a staircase, and has few rows for each step. "
        "The linear model draws the diagonal with three numbers.",
    )
    return


@app.cell(hide_code=True)
def _(guess_slope):
    guess_slope.gate()
    shape = mo.ui.radio(
        list(surfaces.SHAPES),
        value="a slope",
        label="The true border:",
        inline=True,
    )
    shape
    return (shape,)


@app.cell(hide_code=True)
def _(shape):
    with mo.status.spinner("Fitting five models", remove_on_exit=True):
        _grid, _dots, _found = surfaces.drawn(shape.value)
    _best = max(list(surfaces.MODELS), key=_found.get)
    mo.vstack(
        [
            curves.surfaces(_grid, _dots, _found),
            mo.md(
                f"**{shape.value.capitalize()}**: {surfaces.SHAPES[shape.value]}. The baseline is {_found['baseline']:.0%}, the best of these five is "
                f"**{_best}** with {_found[_best]:.0%}. One training label in twenty is wrong on purpose: look for islands that a model has drawn around a single point."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    | model | made for | weak where | cost |
    |---|---|---|---|
    | linear | effects that add up; few rows; many rare categories | features act together | tiny: one row takes less time than its features |
    | tree | rules that a person must read | smooth borders; small changes of the data | tiny |
    | forest | tables of mixed columns, with little tuning | extrapolation; model size | medium, hundreds of trees per row |
    | boosting | large tables with interactions, when you can tune | few rows and noisy labels, if it runs too long | medium: many small trees, each correcting a part of what is still wrong; the *learning rate* says how large a part |
    | network | raw signals (pixels, sound, text), smooth borders | small tables; unscaled inputs | large, and many settings |

    Now the real problem: eight card types, the shop's eleven features, the same five folds for every model. Boosting wins many
    competitions on tables. Least squares, the first linear model, is older than computers.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_boosting = predict(
        "By how many points does boosting beat the linear model on the cards?",
        low=-10,
        high=20,
        step=1,
        unit="points",
        key="03-boosting-over-linear",
    )
    guess_boosting
    return (guess_boosting,)


@app.cell(hide_code=True)
def _(guess_boosting):
    guess_boosting.gate()
    with mo.status.spinner(
        "Five models on five folds, about fifteen seconds", remove_on_exit=True
    ):
        zoo_scores, zoo_folds = experiments.zoo()
    comparison = experiments.compared(zoo_scores, zoo_folds, "linear")
    return (comparison,)


@app.cell(hide_code=True)
def _(comparison, guess_boosting):
    guess_boosting.reveal(
        round(comparison.filter(model="boosting")["difference"].item()),
        "The features already divide each stat by that of the species, so what is left is mostly additive: a linear problem. Module 2 did the work that a complicated "
        "model would otherwise have to do.",
    )
    return


@app.cell(hide_code=True)
def _(comparison):
    _rows = [
        f"| {_row['model']} | {_row['accuracy']:.1%} | {_row['difference']:+.1f} | {_row['low']:+.1f} to {_row['high']:+.1f} | {_row['seconds']:.2f} |"
        for _row in comparison.iter_rows(named=True)
    ]
    _gap = chr(10) + "    "
    mo.vstack(
        [
            mo.md(f"""
    | model | accuracy | points more than linear | interval | seconds to fit |
    |---|---|---|---|---|
    {_gap.join(_rows)}
    """),
            curves.intervals(
                comparison.filter(~pl.col("model").is_in(["linear", "baseline"])),
                "What do you gain over the linear model?",
                "linear",
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(comparison):
    _tied = comparison.filter((pl.col("low") < 0) & (pl.col("high") > 0))[
        "model"
    ].to_list()
    mo.md(f"""
    The intervals of {" and ".join(f"**{_name}**" for _name in _tied)} contain zero: these folds can't tell them from the linear model. Then other
    reasons decide: what does a prediction cost, who has to explain it, how does it fail, who will maintain it?

    A tie in this shop is not a law either. Compare again whenever the features change.

    You can now say what each of five models assumes, and start every comparison with the simplest of them.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## What did the model learn?

    **Can you say why it answered that?** Each kind of model has its own way to be read:

    | way | works for | says |
    |---|---|---|
    | coefficients | linear models | how the score moves when one feature moves by `1` |
    | the rules | one tree | which questions lead to the answer |
    | {term("permutation importance")} | any model | how much the score drops when a column is shuffled |
    | {term("SHAP values")} | any model, exact and fast for trees | how one prediction is put together, feature by feature |

    SHAP values come from game theory: the features are players, the prediction is what they win together, and each gets its
    average contribution over all orders in which the players could join. They add up to the prediction. XGBoost computes
    them itself.
    """)
    return


@app.cell
def _(cards, labels):
    X = cards.select(STATS).to_numpy()
    fighting = XGBClassifier(n_estimators=60, max_depth=3, n_jobs=1)
    fighting.fit(X, labels == "Fighting")
    parts = fighting.get_booster().predict(DMatrix(X), pred_contribs=True)
    margin = fighting.predict(X, output_margin=True)
    # the last column is the base value: what the model says about no card in particular
    largest_gap = np.abs(parts.sum(axis=1) - margin).max()
    mo.md(
        f"The parts add up to the prediction. The largest gap is {largest_gap:.6f}."
    )
    return margin, parts


@app.cell(hide_code=True)
def _(cards):
    which_card = mo.ui.slider(
        0,
        cards.height - 1,
        1,
        value=186,
        label="The card in row",
        show_value=True,
        full_width=True,
    )
    which_card
    return (which_card,)


@app.cell(hide_code=True)
def _(cards, margin, parts, which_card):
    _at = which_card.value
    _names = [*(f"{_stat} = {cards[_stat][_at]}" for _stat in STATS), "base value"]
    _chance = 1 / (1 + np.exp(-margin[_at]))
    mo.vstack(
        [
            curves.bars(
                pl.DataFrame(
                    {"feature": _names, "log-odds": parts[_at].astype(float)}
                ),
                "feature",
                "log-odds",
                f"Is it Fighting? The model says {_chance:.0%}; it is {cards['card_type'][_at]}",
                "contribution to the log-odds",
            ),
            mo.md(
                f"The bars add up to {margin[_at]:.2f}, the *log-odds*. A sigmoid turns log-odds into a probability: `0` is one half, and each step of `1` multiplies the odds by about `2.7`."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Every way of reading has a trap. Choose one, read the code and its result, say aloud what you conclude, then switch.
    """)
    return


@app.cell(hide_code=True)
def _():
    TRAPS = {
        "coefficients": (
            reading.coefficients_of_units,
            reading.coefficients_scaled,
            "Both columns matter equally, up to noise, and the first got a tiny weight because grams are large numbers. Scale the columns before you compare weights.",
        ),
        "the rules of a tree": (
            reading.one_tree,
            reading.twenty_trees,
            "Three equal columns, and the tree must ask about one first. A few other rows, and it asks about another. A tree's story is one of many stories that fit.",
        ),
        "permutation importance": (
            reading.shuffled_alone,
            reading.shuffled_together,
            "While one twin is shuffled, the model reads the other, so both seem to matter less than they do. Shuffle columns that say the same thing together.",
        ),
        "SHAP values": (
            reading.contributions_of_a_proxy,
            reading.prices_after_buying_views,
            "SHAP explains the *model*. Views follow demand, so the model uses them; buying views changes no price. Only an experiment, or knowledge of causes, says what happens if you act.",
        ),
    }
    trap = mo.ui.dropdown(
        TRAPS, value="permutation importance", label="The trap of:"
    )
    sprung = mo.ui.switch(label="the careful way")
    mo.hstack([trap, sprung], justify="start", gap=2, wrap=True)
    return sprung, trap


@app.cell(hide_code=True)
def _(sprung, trap):
    _run = trap.value[sprung.value]
    mo.md(f"""
```python
{inspect.getsource(_run).rstrip()}

# → {_run()!r}
```

{trap.value[2] if sprung.value else ""}
""")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    You can now read a model in four ways, and name what each of them doesn't say.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("03_model_training", "two-twins")
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Too simple or too nervous?

    **How complex should a model be?** The green curve is the truth, known for once. Draw a sample of noisy points from it, fit a tree, forget it, and
    do that `{experiments.FITS}` times. The red line is the mean of all trees, the grey lines are twelve of them.

    - **{term("Bias")}** is the distance from the red line to the green one. The model is too simple to follow, however many samples you draw.
    - **{term("Variance")}** is the spread of the grey lines around the red one. The model follows the noise of its own sample.

    The expected error is bias², plus variance, plus noise that no model can remove. Drag the depth from one end to the other. Then drag the number of rows.
    """)
    return


@app.cell(hide_code=True)
def _():
    depth = mo.ui.slider(
        1, 10, 1, value=1, label="depth of the tree", show_value=True
    )
    rows = mo.ui.slider(
        steps=[20, 40, 80, 160, 320],
        value=40,
        label="rows in a sample",
        show_value=True,
    )
    mo.hstack([depth, rows], justify="start", gap=2, wrap=True)
    return depth, rows


@app.cell(hide_code=True)
def _(depth, rows):
    _table, _bias, _variance = experiments.refitted(depth.value, rows.value)
    mo.vstack(
        [
            curves.fits(
                _table,
                f"Depth {depth.value}: bias² {_bias:.3f}, variance {_variance:.3f}, sum {_bias + _variance:.3f}",
            ),
            mo.md(
                "More rows shrink the variance. They don't shrink the bias of a tree that is too shallow. So *underfitting* and *overfitting* need opposite medicine, "
                "and the first thing to find out is which of the two you have."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    With real data you don't know the truth, but you have held-out rows. A **{term("validation curve")}** shows training and validation score over one setting. Both
    low means bias. A wide gap means variance.
    """)
    return


@app.cell(hide_code=True)
def _():
    curves.two_lines(
        experiments.depths(),
        "depth",
        "accuracy",
        "A validation curve: one tree on the cards",
        "Training accuracy climbs to one; validation accuracy climbs and flattens.",
        name="greatest depth",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    The gap widens to the right: the tree learns its training cards by heart, and validation stops improving.

    A **{term("learning curve")}** answers the manager's question: *would more labelled cards help?* It shows both scores over the number of training rows, here the mean of five
    draws, because a single draw moves by several points. Take a tree that may ask two questions in a row.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_more = predict(
        "The tree of depth two is trained on `400` cards, then on `1400`. By how many points does its validation accuracy change?",
        low=-5,
        high=25,
        step=1,
        unit="points",
        key="03-more-data",
    )
    guess_more
    return (guess_more,)


@app.cell(hide_code=True)
def _(guess_more):
    guess_more.gate()
    with mo.status.spinner(
        "Two models at five sizes, five draws each", remove_on_exit=True
    ):
        learning = experiments.sizes()
    return (learning,)


@app.cell(hide_code=True)
def _(guess_more, learning):
    _at = dict(
        learning.filter(model="tree of depth 2", rows="validation")
        .select("size", "accuracy")
        .iter_rows()
    )
    guess_more.reveal(
        round(100 * (_at[1400] - _at[400])),
        "Two questions give at most four answers, and there are eight types. Bias doesn't shrink with more rows.",
    )
    return


@app.cell(hide_code=True)
def _(learning):
    curves.two_lines(
        learning,
        "size",
        "accuracy",
        "Learning curves",
        "For a shallow tree both lines meet low; for a forest they stay apart, and high.",
        name="training cards, log axis",
        log=True,
        facet="model",
    )
    return


@app.cell(hide_code=True)
def _(guess_more, learning):
    guess_more.gate()
    _forest = learning.filter(model="forest", rows="validation")["accuracy"]
    mo.md(f"""
    | if the lines … | then … |
    |---|---|
    | meet, and too low | the model is too simple, or the features are too poor. More rows won't help |
    | stay apart, and validation still climbs | more rows will help; extend the line by eye and price them |
    | stay apart, and validation is flat | constrain the model, or improve features and labels |

    From `400` to `1400` cards the forest changes by {100 * (_forest[-1] - _forest[2]):+.1f} points. Before you buy labels, compare that with their price.

    For models that are trained in rounds there is a curve for free. Boosting adds a tree in each round and watches the *loss* on validation rows: the mean of $-\\log p$, where $p$ is the
    probability that it gave to the true type. **{term("early stopping")}** ends the training when that hasn't improved for a while.
    """)
    return


@app.cell(hide_code=True)
def _():
    learning_rate = mo.ui.radio(
        {"0.05": 0.05, "0.3": 0.3, "1.0": 1.0},
        value="0.3",
        label="learning rate",
        inline=True,
    )
    learning_rate
    return (learning_rate,)


@app.cell(hide_code=True)
def _(learning_rate):
    with mo.status.spinner("Boosting, round after round", remove_on_exit=True):
        _table, _best = experiments.rounds(rate=learning_rate.value)
    _last = _table["round"].max()
    _at = dict(_table.filter(rows="validation").select("round", "loss").iter_rows())
    _says = (
        f"Training on to round {_last} raises the validation loss to {_at[_last] / _at[_best]:.1f} times its lowest value, while the training loss keeps falling."
        if _best < _last
        else "With so small a step the loss is still falling at the last round: give it more rounds, and more time."
    )
    mo.vstack(
        [
            curves.two_lines(
                _table,
                "round",
                "loss",
                f"Validation loss is lowest in round {_best}",
                "Log loss by round: training falls, validation falls and then rises.",
                name="rounds of boosting",
                marked=_best,
            ),
            mo.md(
                f"{_says} In XGBoost: `XGBClassifier(early_stopping_rounds=10).fit(X, y, eval_set=[(X_val, y_val)])`. The stopping round is *chosen* on those validation rows, so "
                "judge the model on others.\n\nYou can now tell bias from variance by two curves, and say whether more data would help."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Which rows may judge?

    **Why three parts, when two seemed enough?** Each part of the table has one job:

    | part | its job | how often you look |
    |---|---|---|
    | training | the model learns its *parameters*: weights, splits | always |
    | validation | you choose *{term("hyperparameter", "hyperparameters")}*: depth, learning rate, which model | often |
    | test | you say what the chosen model is worth | once |

    Whatever you choose by a score, that score flatters. The twenty forests showed it: the winner's score was luck. So the rows that chose can't also judge. With
    few rows, cross-validation takes the place of one validation part. The test part stays aside.

    How to cut depends on *what production meets for the first time*:

    | rows are … | production meets … | cut |
    |---|---|---|
    | independent (i.i.d.) | more of the same | at random, or *stratified*: each label spread evenly |
    | grouped | new sellers, customers, cards | whole groups on one side |
    | ordered in time | the future | train before, test after |
    """)
    return


@app.cell(hide_code=True)
def _():
    KINDS = {
        "random": "Each row is tested once, and nothing else is promised. A rare label may be missing from a test part.",
        "stratified": "The letters are labels. Each test part has its share of both, so a rare label is never missing.",
        "grouped": "The letters are sellers. No letter is on both sides of a pair, so the score is about *new* sellers.",
        "ordered": "Row numbers follow time. Training always comes before testing, and the first rows are never tested.",
    }
    kind = mo.ui.dropdown(list(KINDS), value="random", label="The cut:")
    kind
    return KINDS, kind


@app.cell(hide_code=True)
def _(KINDS, kind):
    from sklearn.model_selection import (
        GroupKFold,
        KFold,
        StratifiedKFold,
        TimeSeriesSplit,
    )

    _marks = list("aaaabbbccddd")
    _cut = {
        "random": KFold(4, shuffle=True, random_state=1),
        "stratified": StratifiedKFold(3, shuffle=True, random_state=1),
        "grouped": GroupKFold(4),
        "ordered": TimeSeriesSplit(3),
    }[kind.value]
    _labels = list("xxxxxxxxxyyy")
    _named = {"stratified": _labels, "grouped": _marks}.get(kind.value)
    _groups = _marks if kind.value == "grouped" else None
    _pairs = list(_cut.split(_marks, _labels, groups=_groups))
    mo.vstack(
        [
            curves.splits(_pairs, 12, f"Twelve rows, {kind.value}", _named),
            mo.md(KINDS[kind.value]),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    In the exercises you write such splitters by hand. They all have one shape: they return a *list of pairs (train, test)*, and each part is an array of row
    numbers. Here is a complete one. It draws a random test part, several times.
    """)
    return


@app.function
def random_holdouts(rows: int, share: float, times: int, seed: int) -> list:
    """Return `times` pairs (train, test) of sorted row numbers; test has `share` of the rows."""
    if not 0 < share < 1 or rows < 2:
        raise ValueError(
            "share must lie between 0 and 1, and there must be two rows"
        )
    rng = np.random.default_rng(seed)  # the same seed gives the same pairs
    size = max(1, round(share * rows))  # at least one row to test
    size = min(size, rows - 1)  # and one to learn from
    pairs = []
    for _ in range(times):
        order = rng.permutation(rows)
        pairs.append((np.sort(order[size:]), np.sort(order[:size])))
    return pairs


@app.cell
def _():
    holdouts = random_holdouts(rows=12, share=0.25, times=3, seed=0)
    curves.splits(holdouts, 12, "Three random hold-outs")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Ask four questions of any splitter. Do train and test overlap? Is each row tested as often as promised? Does the same seed give the same pairs? What happens at awkward sizes,
    such as two rows?

    These are properties: you can test them without knowing one right answer. `random_holdouts` promises nothing about the second question. Some rows are tested twice and some
    never, which is what $k$ *folds* repair: shuffle once, cut into $k$ parts, and let each part be the test part once. `np.array_split(order, k)` cuts into parts whose sizes differ by one at most.

    | splitter | the idea, without code |
    |---|---|
    | stratified | shuffle the rows of each label, then deal them out to the folds like playing cards: first, second, third, first … Go on dealing where the last label stopped |
    | grouped | shuffle the groups. Give each whole group to the fold that has the fewest rows so far |
    | ordered | sort the different *days* and cut them into $k + 1$ blocks. The first block is only trained on. Each later block is tested once, with training on strictly earlier days |

    Two details of time cause accidents. Rows of one day must stay on one side, so cut the list of days and not the list of rows. And labels arrive late: if a wrong box is noticed
    after three days, the model that works today can't know the labels of yesterday. A *gap* leaves those last days out of the training part.

    **Your turn.** *Leave one group out* tests on one group at a time. One line is missing.
    """)
    return


@app.function
def one_group_out(groups: list) -> list:
    """Return a pair (train, test) of row numbers for each group, in sorted order of the groups."""
    groups = np.asarray(groups)
    pairs = []
    for group in np.unique(groups):
        test = np.flatnonzero(groups == group)
        # your line: the row numbers of all other groups
        train = np.array([], dtype=int)
        pairs.append((train, test))
    return pairs


@app.cell(hide_code=True)
def _():
    _groups = list("aabbbcaddc")
    try:
        _pairs = one_group_out(_groups)
        _trains = [set(map(int, _train)) for _train, _ in _pairs]
        _tests = [set(map(int, _test)) for _, _test in _pairs]
        if not any(_trains):
            _text = "*Every training part is empty. Write your line, and your pairs are checked here.*"
        elif any(_a & _b for _a, _b in zip(_trains, _tests, strict=True)):
            _text = "A row is in train and in test of the same pair. Which rows do *not* belong to `group`?"
        elif any(
            len(_a | _b) < len(_groups)
            for _a, _b in zip(_trains, _tests, strict=True)
        ):
            _text = "Some rows are in neither part. Training should have all other groups."
        else:
            _text = "That is right: no group is on both sides, and each row is tested once."
        _shown = mo.vstack(
            [
                curves.splits(_pairs, len(_groups), "Your pairs", _groups),
                mo.md(_text),
            ]
        )
    except Exception as _error:
        _shown = mo.md(f"Your line raised `{type(_error).__name__}: {_error}`.")
    _shown
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Cross-validation does **not** protect from:

    - *a leak upstream*: a column that is filled in later is late in every fold;
    - *the wrong cut*: random folds of grouped rows give a precise estimate of the wrong thing;
    - *a world that changes*: every fold comes from the past;
    - *the wrong metric*: five scores of a number that nobody needs;
    - *you*: choose among enough candidates by their scores, and the best score is luck.

    You can now write a splitter, test its properties, and choose the cut that production calls for.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("03_model_training", "choose-the-cut")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Tuning without fooling yourself

    **Who picks the settings?** Optuna can. You write a function that takes a *trial*, asks it for settings and returns a score. Optuna calls the function
    again and again, and its sampler (*TPE*) proposes settings near those that went well. The search has a space, a budget and a seed.
    """)
    return


@app.cell
def _(cards, five_folds):
    X_cards, y_cards = cards.select(STATS).to_numpy(), cards["card_type"].to_numpy()

    def objective(trial: optuna.Trial) -> float:
        tree = DecisionTreeClassifier(
            max_depth=trial.suggest_int("max_depth", 2, 20),
            min_samples_leaf=trial.suggest_int("min_samples_leaf", 1, 50, log=True),
            random_state=0,
        )
        folds = five_folds[:3]  # three are enough to rank settings
        fits = ((tree.fit(X_cards[a], y_cards[a]), b) for a, b in folds)
        return np.mean([fit.score(X_cards[b], y_cards[b]) for fit, b in fits])

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.TPESampler(seed=0)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    with mo.status.progress_bar(total=25, remove_on_exit=True) as bar:
        study.optimize(objective, 25, callbacks=[lambda *_: bar.update()])
    small_table([{**study.best_params, "accuracy": study.best_value}])
    return (study,)


@app.cell(hide_code=True)
def _(study):
    _first, _best = study.trials[0].value, study.best_value
    mo.md(f"""
    The first of {len(study.trials)} trials scored {_first:.1%}, the best {_best:.1%}. Search a learning rate, or the strength of a penalty on large weights, on a log scale (`log=True`):
    from `0.01` to `0.1` is as far as from `0.1` to `1`. Start with few trials and settings drawn at random (`RandomSampler`): they show which settings matter. Then buy more.

    Now the trap. A colleague has `120` rows whose labels are **coin flips**. There are twelve columns of noise. The colleague tries sixty settings of a
    nearest-neighbour model, cross-validates each one correctly, and reports the best.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_coins = predict(
        "Which accuracy does your colleague report?",
        low=30,
        high=100,
        step=1,
        unit="%",
        key="03-coin-flips",
    )
    guess_coins
    return (guess_coins,)


@app.cell(hide_code=True)
def _(guess_coins):
    guess_coins.gate()
    with mo.status.spinner("Tuning on coin flips, ten times", remove_on_exit=True):
        flips = pl.DataFrame(
            [experiments.coin_flips(_seed) for _seed in range(10)],
            schema=["tuned", "nested"],
            orient="row",
        )
    return (flips,)


@app.cell(hide_code=True)
def _(flips, guess_coins):
    guess_coins.reveal(
        round(100 * flips["tuned"][0]),
        "Every single score is honest. Their *maximum* is not: with sixty tickets in a lottery, one of them does well.",
    )
    return


@app.cell(hide_code=True)
def _(flips):
    mo.md(f"""
    Over ten repetitions the reported score is {flips["tuned"].mean():.1%} on average, for labels that nobody can predict. **{term("nested cross-validation", "Nested cross-validation")}** repeats
    the *whole search* inside each outer training part, and scores its winner on the outer test part. Its average is {flips["nested"].mean():.1%}. Chance is `50` %.

    **Your turn.** The function below nests a search, except for one line: as it stands, `search` gets every row.
    """)
    return


@app.function
def nested(pairs: list, search, score) -> list[float]:
    """Return a score for each outer pair (train, test) of row numbers.

    `search(rows)` tunes on these rows and returns the winning settings;
    `score(settings, train, test)` fits them on train and scores on test.
    """
    scores = []
    for train, test in pairs:
        # your line: the rows that the search may see
        rows = np.union1d(train, test)
        scores.append(score(search(rows), train, test))
    return scores


@app.cell(hide_code=True)
def _(guess_coins):
    guess_coins.gate()
    try:
        _seen, _score = experiments.nested_coin_flips(nested)
        if any(np.isin(_test, _rows).any() for _rows, _, _test in _seen):
            _text = f"On coin flips its average is {_score:.1%}, still above chance: each search sees rows of its own outer test part, and keeps what fits them."
        elif not all(np.isin(_train, _rows).all() for _rows, _train, _ in _seen):
            _text = (
                "Some training rows are left out. The search may see all of them."
            )
        else:
            _text = f"That is right: no search sees a row that scores its winner. On coin flips its average is {_score:.1%}."
    except Exception as _error:
        _text = f"Your line raised `{type(_error).__name__}: {_error}`."
    mo.md(_text)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    | if … | then … |
    |---|---|
    | you need a model, and a test part lies aside | tune by cross-validation on the rest, look at the test part once |
    | rows are too few for a test part | nest: it judges the *procedure* |
    | you compare two tuned methods | nest, on the same outer folds |
    | you report `study.best_value` as what users will see | don't |

    You can now run a search with a budget and a seed, and say which score its winner will keep.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What will it cost?

    **How long will it take?** Answer before you press the button. Time one fit on a tenth of the rows and one on a fifth, see how the time grows, extrapolate, then
    multiply by everything that repeats. A prediction has a price too: `%timeit model.predict(cards[:1])` times a single card, features included. The numbers multiply, so a harmless change in each of three places is a large change of the bill.
    """)
    return


@app.cell(hide_code=True)
def _():
    trials = mo.ui.slider(
        steps=[10, 20, 50, 100, 200, 500],
        value=100,
        label="trials",
        show_value=True,
    )
    inner = mo.ui.slider(1, 10, 1, value=5, label="inner folds", show_value=True)
    outer = mo.ui.slider(1, 10, 1, value=5, label="outer folds", show_value=True)
    seconds = mo.ui.slider(
        steps=[1, 10, 60, 600, 3600, 28800],
        value=60,
        label="seconds a fit",
        show_value=True,
    )
    price = mo.ui.slider(
        steps=[0.1, 0.5, 1, 3, 10, 30],
        value=1,
        label="EUR an hour",
        show_value=True,
    )
    mo.vstack(
        [
            mo.hstack([trials, inner, outer], justify="start", wrap=True),
            mo.hstack([seconds, price], justify="start", wrap=True),
        ]
    )
    return inner, outer, price, seconds, trials


@app.cell(hide_code=True)
def _(inner, outer, price, seconds, trials):
    _fits = {"trials": trials.value, "inner": inner.value, "outer": outer.value}
    _hours, _euros = experiments.cost(_fits, seconds.value, price.value)
    _half = experiments.cost(
        {**_fits, "inner": 1, "rows": 0.2}, seconds.value, price.value
    )
    mo.vstack(
        [
            mo.hstack(
                [
                    mo.stat(
                        f"{np.prod(list(_fits.values())):,}",
                        label="fits",
                        bordered=True,
                    ),
                    mo.stat(
                        f"{_hours:,.1f} h"
                        if _hours < 48
                        else f"{_hours / 24:,.0f} days",
                        label="on one machine",
                        bordered=True,
                    ),
                    mo.stat(
                        f"{_euros:,.0f} EUR", label="for the machine", bordered=True
                    ),
                ],
                widths="equal",
                wrap=True,
            ),
            mo.md(
                f"With one inner fold, and a fifth of the rows for the search, it is {_half[0]:,.1f} hours, if time grows in step with the rows. Then confirm the two best candidates at full size."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(
        """
    Your own time belongs into the sum, and so does the yearly cost of running the winner. A model that is ten times as slow pays that factor with every prediction.

    You can now say what a search will cost before you start it, and which factor to cut first.

    ## What it costs elsewhere

    - **A prize-winning model that was not used.** Netflix paid one million dollars in 2009 for an ensemble of many models. In
      [2012](https://netflixtechblog.com/netflix-recommendations-beyond-the-5-stars-part-1-55838468f429) its engineers wrote that the additional accuracy did not seem to justify the effort to bring it
      into production. An earlier, simpler result of the competition was in use.
    - **Improvements that were not there.** A study of [metric learning](https://arxiv.org/abs/2003.08505), which learns what images look alike (2020), repeated a dozen methods under equal conditions. Papers had often claimed
      twice the performance of ten-year-old methods. With the same network and tuning for everyone, the newest methods were about as good as the oldest.
    - **Trees on tables.** On [45 datasets](https://arxiv.org/abs/2207.08815) of medium size, with the same search budget for everyone, tree-based models were ahead of networks (2022).

    Companies answer with habits: a baseline in every report, a fixed test set that a second team guards, a tracker for runs, and a budget for a search that somebody has signed.
    """.replace("[45 datasets]", "[forty-five datasets]")
    )
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
        "Your validation accuracy is twenty points higher than your test accuracy. What happened, and what do you check first?",
        "First, chance: how many test rows are there, and how wide is the interval? Then selection: how many candidates did validation choose from? Twenty points are too many for that alone, unless "
        "the validation part is tiny. Then the split: twins or groups on both sides of training and validation, a test part from a later time, or preprocessing that was fitted before the split. Compare the "
        "columns of validation and test rows as in module 1. Don't tune on the test part to close the gap.",
        key="03-validation-test-gap",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "When do you choose logistic regression although XGBoost is more accurate?",
        "When the difference is inside the interval, or smaller than what it costs. Reasons to pay a point or two: someone has to explain each decision; a prediction must take microseconds; there are few rows; inputs will drift "
        "outside the training range, where trees stay constant; the team is small and the model must be maintained for years. Say the price in the unit of the business: so many cards in the wrong box per evening.",
        key="03-linear-over-boosting",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "You are tuning. May the test set select the best model, if you look only at the final ten candidates?",
        "No. Choosing the largest of ten noisy scores picks luck along with quality, so the winning test score is too high, and no rows are left that could say by how much. Choose with cross-validation, freeze the model, then look at the test set once. "
        "If you did look: say so in the report, and collect fresh rows.",
        key="03-test-selects",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Your model is right in nine of ten cases, and the product manager is unhappy. What might you be missing?",
        "The baseline: perhaps nine of ten cases have the same label. The costs: the tenth case may be the expensive one. The slice: perhaps a whole card type is always wrong. The question: the manager may need a ranking, a probability or a quick answer, not a label. "
        "Ask which decision the number should support; module 4 starts there.",
        key="03-unhappy-manager",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "One training takes eight hours. How do you still run ten experiments a day?",
        "Make the experiment smaller, not the thinking: a sample of the rows, fewer rounds, a smaller model, one fold. Check on old runs that the small experiment *ranks* candidates as the large one does. Stop runs that fall behind (early stopping, Optuna's pruners). Cache features. "
        "Write the hypothesis first; half of the runs turn out to be unnecessary. Let the full training run overnight, for the two best.",
        key="03-eight-hours",
    )
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Over to you

    The [exercises](?file=exercises/{UNIT.name}.py) are checked while you type:

    {chr(10).join(f"- **{task.id}** {task.title}, {task.points:g} points" for task in UNIT.tasks)}

    Then the [checkpoint](?file=assessments/checkpoints/{UNIT.name}.py): {UNIT.checkpoint.title.lower()}. The
    {link(UNIT.name, "cheat sheet")} has every call of this lesson on one page. The [drill page](?file=notebooks/drill.py) has questions on splits and curves, and a
    clock for the timed skills below.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What to remember

    Write hypothesis, metric and budget down before the run, and every run afterwards. Compare on paired folds, with an interval, beside the baseline. Start with the simplest model. Two curves tell
    bias from variance. Cut the rows as production will. Whatever chose can't judge.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("03_model_training", group="lesson")
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Teach.** Explain to a colleague, aloud and without notes, why the best of sixty honest scores is too high. How well could you?",
        key="03-teach",
    )
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Apply.** Take the last model comparison you saw. Could you pair the folds, and put an interval on the difference?",
        key="03-apply",
    )
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Debug.** Validation is far below training. Could you say which curve to draw, and what each shape of it means?",
        key="03-debug",
    )
    return


@app.cell(hide_code=True)
def _():
    aha(
        [
            "Two models that differ only in their seed can look clearly different.",
            "The best of many honest scores is not an honest score.",
            "Good features can make the simplest model as good as the strongest.",
            "More rows cure variance. They don't cure bias.",
            "An explanation of the model is not an explanation of the world.",
            "Hyperparameters decide how a model learns; parameters are what it learned.",
        ],
        key="03-aha",
    )
    return


@app.cell(hide_code=True)
def _():
    mastery(
        {
            "Write a k-fold splitter from scratch, and test that it partitions the rows": 10,
            "Compare two models on paired folds, with baseline and interval": 15,
            "Draw a learning curve and say whether more data would help": 10,
            "Estimate hours and money of a search before starting it": 5,
            "Explain to a product manager why the simpler model was chosen": None,
        },
        key="03-mastery",
    )
    return


@app.cell(hide_code=True)
def _():
    journal(
        "Which comparison that you once believed would you like to repeat on paired folds? What would you write down before your next experiment?",
        key="03-journal",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Further reading**

    - Nadeau and Bengio, [Inference for the generalization error](https://doi.org/10.1023/A:1024068626366) (2003): the interval of this lesson
    - Cawley and Talbot, [On over-fitting in model selection](https://www.jmlr.org/papers/v11/cawley10a.html) (2010): why tuning needs nesting
    - Lundberg and others, [From local explanations to global understanding](https://doi.org/10.1038/s42256-019-0138-9) (2020): SHAP values of trees
    - Molnar, [Interpretable Machine Learning](https://christophm.github.io/interpretable-ml-book/), free online

    Library pages: scikit-learn on [cross-validation](https://scikit-learn.org/stable/modules/cross_validation.html), [learning and validation curves](https://scikit-learn.org/stable/modules/learning_curve.html) and
    [permutation importance](https://scikit-learn.org/stable/modules/permutation_importance.html); [XGBoost's Python package](https://xgboost.readthedocs.io/en/stable/python/python_intro.html);
    [MLflow tracking](https://mlflow.org/docs/latest/ml/tracking/); [Optuna](https://optuna.readthedocs.io/en/stable/).
    """)
    return


if __name__ == "__main__":
    app.run()
