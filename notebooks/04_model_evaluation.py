import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium", app_title="Evaluation: what does an error cost, and whom?"
)

with app.setup(hide_code=True):
    import inspect

    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop import world
    from cardshop.features import CardFeatures
    from cardshop.training import classifier
    from cardshop.training.encoding import Encoder
    from grader import aha, journal, mastery, mine, predict, quiz, rate, reveal
    from grader.course.manifest import course
    from grader.page.charts import AMBER, BLUE, GREEN, RED
    from grader.page.shelf import link, term
    from lessons import error_plots, fairness, metric_traps, payments, plots, robust
    from lessons import evaluation as measure
    from lessons.figures import table
    from scipy.stats import hypergeom
    from sklearn.calibration import CalibratedClassifierCV
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.frozen import FrozenEstimator
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import (
        average_precision_score,
        confusion_matrix,
        fbeta_score,
        log_loss,
        precision_score,
        recall_score,
        roc_auc_score,
    )
    from sklearn.pipeline import make_pipeline
    from sklearn.tree import DecisionTreeClassifier, export_text

    MISS, FALSE_ALARM = 40, 1  # EUR, for an order paid with a stolen card


@app.cell(hide_code=True)
def _():
    UNIT = next(
        unit for unit in course().units if unit.name == "04_model_evaluation"
    )
    mo.md(f"""
    # {UNIT.question}

    <div class="d-lead">Your model can sort cards. Next week a board decides whether it may run with nobody beside it. The board won't
    ask for one score. It will ask what a mistake costs, who pays for it, and how sure you are.</div>

    <p>Start with a smaller case. Each dot is an order from the web shop, five hundred in all. Ten of them were paid with a stolen card.</p>
    """)
    return (UNIT,)


@app.cell(hide_code=True)
def _():
    paid = payments.scored()
    _honest, _stolen = paid.filter(~pl.col("stolen")), paid.filter("stolen")
    few = pl.concat(
        [_honest.sample(490, seed=4), _stolen.sample(10, seed=4)]
    ).sample(fraction=1, shuffle=True, seed=4)
    error_plots.crowd(
        {"": ["stolen" if _one else "honest" for _one in few["stolen"]]},
        {"honest": BLUE, "stolen": RED},
        "",
        "Five hundred dots in lines of fifty; ten of them are red.",
    )
    return few, paid


@app.cell(hide_code=True)
def _():
    guess_found = predict(
        f"Model A says *stolen* or *honest* for each order, and is right on {490 / 500:.0%} of the five hundred. How many of the ten stolen cards must it find for that?",
        low=0,
        high=10,
        step=1,
        key="04-found",
    )
    guess_found
    return (guess_found,)


@app.cell(hide_code=True)
def _(few, guess_found):
    _flags = (few["score"] >= 0.05).to_numpy()
    flagged_few = {"Model A": np.zeros(few.height, bool), "Model B": _flags}
    _right = (_flags == few["stolen"].to_numpy()).mean()
    guess_found.reveal(
        0,
        "Model A says *honest* for every order. That is right for the honest ones, and there are so many of them that the ten misses hardly count. "
        f"Model B below is right on {_right:.0%}, so it looks worse.",
    )
    return (flagged_few,)


@app.cell(hide_code=True)
def _(few, flagged_few, guess_found):
    guess_found.gate()
    _names = {
        (False, False): "honest, let through",
        (False, True): "honest, stopped",
        (True, True): "stolen, stopped",
        (True, False): "stolen, missed",
    }
    outcomes = {
        _model: [_names[_pair] for _pair in zip(few["stolen"], _flags, strict=True)]
        for _model, _flags in flagged_few.items()
    }
    error_plots.crowd(
        outcomes,
        dict(zip(_names.values(), (BLUE, AMBER, GREEN, RED), strict=True)),
        "The same orders, two models",
        "Two blocks of dots. Model A misses all ten stolen cards. Model B stops most of them, and some honest orders.",
    )
    return (outcomes,)


@app.cell(hide_code=True)
def _(outcomes):
    _count = {_model: _cases.count for _model, _cases in outcomes.items()}
    _cost = {
        _model: MISS * _of("stolen, missed") + FALSE_ALARM * _of("honest, stopped")
        for _model, _of in _count.items()
    }
    mo.md(f"""
    A missed order costs the shop {MISS} EUR: the money goes back to the owner of the card, and the goods are gone. A false alarm
    costs one call of {FALSE_ALARM} EUR. So Model A costs {_cost["Model A"]} EUR, and Model B costs {_cost["Model B"]} EUR. It stops {_count["Model B"]("stolen, stopped")} of the ten stolen
    cards and {_count["Model B"]("honest, stopped")} honest orders. **Accuracy prefers A, and the shop should run B.**
    """)
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Before you start

    This lesson takes about {UNIT.minutes.lesson} minutes and the exercises about {UNIT.minutes.exercises}. You can change
    anything on the page, and whatever depends on it updates.

    /// details | What you will be able to do, and what you need

    Afterwards you can:

    {chr(10).join(f"    - {objective}" for objective in UNIT.objectives).strip()}

    You need the ideas of module 2 (features, held-out rows, a score beside its baseline) and of module 3 (a model as a
    pipeline, cross-validation). If you skipped exercise 3.3, the shop's own model takes the place of yours.
    ///

    **First, from memory.** You remember a fact longer when you recall it than when you read it again.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("04_model_evaluation", group="review")
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Which mistakes does a number count?

    **How do you choose a metric?** Start from the decision, not from the model. Who acts on the answer, on how many rows, and what does
    each kind of mistake cost them? A yes-or-no model makes two kinds of mistakes:

    | | flagged | not flagged |
    |---|---|---|
    | **stolen** | hit, TP (true positive) | miss, FN (false negative) |
    | **honest** | false alarm, FP (false positive) | let through, TN (true negative) |

    Most metrics divide some of these four cells by others. Say what you divide by, and you know what the number leaves out.

    | metric | definition | the question it answers |
    |---|---|---|
    | {term("precision and recall", "precision")} | $TP / (TP + FP)$ | how many of the orders we stopped were stolen? |
    | {term("precision and recall", "recall")} | $TP / (TP + FN)$ | how many of the stolen cards did we stop? |
    | false positive rate | $FP / (FP + TN)$ | how many honest customers did we bother? |
    | {term("F-beta")} | $(1 + \\beta^2) \\cdot P \\cdot R / (\\beta^2 \\cdot P + R)$ | precision $P$ and recall $R$ in one number, with recall counted $\\beta$ times as important |
    | {term("expected cost")} | $FN \\cdot c_{{miss}} + FP \\cdot c_{{alarm}}$ | what do the mistakes cost? |

    The model that flags nothing has no precision at all: zero hits of zero flags. A metric of your own has to say what it
    returns there. Here are precision, recall and F-beta, written from their definitions.
    """)
    return


@app.function
def rates(
    labels: np.ndarray, flags: np.ndarray, beta: float = 1
) -> dict[str, float]:
    """Return precision, recall and F-beta of boolean `flags`; 0 where nothing can be divided."""
    hits = (labels & flags).sum()
    precision = hits / flags.sum() if flags.any() else 0.0
    recall = hits / labels.sum() if labels.any() else 0.0
    below = beta**2 * precision + recall
    f_beta = (1 + beta**2) * precision * recall / below if below else 0.0
    return {
        "precision": float(precision),
        "recall": float(recall),
        "F-beta": float(f_beta),
    }


@app.cell
def _(paid):
    stolen, scores = paid["stolen"].to_numpy(), paid["score"].to_numpy()
    flags = scores >= 0.05
    found = rates(stolen, flags, beta=2)
    # scikit-learn agrees
    assert np.isclose(found["precision"], precision_score(stolen, flags))
    assert np.isclose(found["recall"], recall_score(stolen, flags))
    assert np.isclose(found["F-beta"], fbeta_score(stolen, flags, beta=2))
    table(pl.DataFrame([found]))
    return flags, found, scores, stolen


@app.cell(hide_code=True)
def _(flags, found, paid, stolen):
    _b = (1 + 4) * stolen.mean() / (4 * stolen.mean() + 1)
    mo.md(f"""
    These are {paid.height:,} orders, every second one of the log. The model has learned from the others. Read each number beside a baseline. Flagging *every* order would
    have a precision of {stolen.mean():.1%}, a recall of {1:.0%} and an $F_2$ of {_b:.2f}. Model B has {found["precision"]:.1%}, {found["recall"]:.0%} and {found["F-beta"]:.2f}. A
    precision of {found["precision"]:.0%} sounds poor. It means {flags.sum() / (flags & stolen).sum():.0f} calls for each stolen card, at a price of {FALSE_ALARM} EUR a call.

    **Your turn.** Two clerks have time for a hundred calls a day. What counts then is how many of the hundred orders *with the highest scores* are
    stolen: the {term("precision at k")}. Fill in the line.
    """)
    return


@app.function
def precision_at(labels: np.ndarray, scores: np.ndarray, k: int) -> float | None:
    """Return the share of true labels among the `k` rows with the highest scores; 1 <= k <= rows."""
    # np.argsort(-scores, kind="stable") has the row numbers, highest score first
    # your line: the mean of the labels in the first k of these rows
    return None


@app.cell(hide_code=True)
def _(scores, stolen):
    def said_about(answer) -> str:
        """A sentence about what the learner's function returned for a hundred calls."""
        right = stolen[np.argsort(-scores, kind="stable")[:100]].mean()
        if answer is None:
            return "*Replace `None`, and your function is tried here.*"
        if not isinstance(answer, int | float | np.number):
            return f"`precision_at` returned a {type(answer).__name__}; it should be one number between `0` and `1`."
        if not np.isclose(answer, right):
            return f"`precision_at(stolen, scores, 100)` is {answer:.3g}, and it should be {right:.3g}. Take the first `k` row numbers, then the labels in these rows."
        lift = right / stolen.mean()
        return f"Right: {right:.0%} of the hundred highest scores are stolen cards. That is {lift:.0f} times the {stolen.mean():.1%} that random calls would find. The ratio is called *lift*."

    try:
        _text = said_about(precision_at(stolen, scores, 100))
    except Exception as _error:
        _text = f"Your `precision_at` raised `{type(_error).__name__}`: {_error}"
    mo.md(_text)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Which metric fits follows from who acts and what is scarce:

    | the decision | what is scarce, or what hurts | a metric that fits |
    |---|---|---|
    | call the customers behind suspicious orders | calls | precision at $k$, lift |
    | recall a toy that may be dangerous | a child gets hurt | recall, at a precision you can pay for |
    | delete mail that looks like spam | a lost letter | precision, at a recall worth having |
    | stop an order automatically | money, on both sides | expected cost |
    | set the price of an insurance | the probability itself enters the price | log loss, calibration |
    | estimate how many cards will be sold | units on the wrong shelf | mean absolute error |

    /// note | What breaks in companies
    A team agrees on "AUC above `0.9`" in January and learns in June that the clerks can call ten customers a day. Agree on
    the metric, its bar and the people who act on it *before* training, with those people in the room.
    ///

    You can now write a metric from its definition, say what it divides by, and choose one from the decision. That is exercise 4.1.
    """)
    return


@app.cell(hide_code=True)
def _(scores, stolen):
    mo.md(f"""
    ## What happens when the event gets rarer?

    **Is a good ranking enough?** A score becomes a flag at a {term("threshold")}. Two curves show all thresholds at once.

    - The {term("ROC curve")} draws recall against the false positive rate. The area under it is the AUC of module 2: `0.5` is chance.
    - The {term("precision-recall curve")} draws precision against recall. The area under it is the **{term("average precision")}**, and its
      baseline is the share of stolen cards. Written as a sum: $\\sum_n (R_n - R_{{n-1}}) \\cdot P_n$, where $R_n$ and $P_n$ are recall and precision at
      the $n$-th highest score. Rows with the same score are one step.

    The payment model has an AUC of {roc_auc_score(stolen, scores):.2f} and an average precision of {average_precision_score(stolen, scores):.2f}. In the log {stolen.mean():.1%} of the orders are
    stolen.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_rare = predict(
        "For a demonstration a colleague throws away most honest orders at random, until half of the table is stolen cards. The model stays the same. What is its average precision on that table, in per cent?",
        low=0,
        high=100,
        step=1,
        unit="%",
        key="04-balanced",
    )
    guess_rare
    return (guess_rare,)


@app.cell(hide_code=True)
def _(guess_rare, scores, stolen):
    _half = measure.average_precision(
        measure.curves(stolen, scores, 0.5).fill_nan(0)
    )
    guess_rare.reveal(
        round(100 * _half),
        f"On the real mix it was {average_precision_score(stolen, scores):.0%}. False alarms come from honest orders, and there are hardly any left. The AUC doesn't notice: "
        "it compares one stolen with one honest order, however many there are of each.",
    )
    return


@app.cell(hide_code=True)
def _(guess_rare, stolen):
    guess_rare.gate()
    _log = round(float(stolen.mean()), 3)
    mix = mo.ui.slider(
        steps=[0.002, 0.005, 0.01, _log, 0.05, 0.1, 0.2, 0.5],
        value=_log,
        show_value=True,
        label="share of stolen cards",
    )
    cut = mo.ui.slider(
        steps=[0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3],
        value=0.05,
        show_value=True,
        label="threshold",
    )
    mo.hstack([mix, cut], justify="start", gap=2, wrap=True)
    return cut, mix


@app.cell(hide_code=True)
def _(cut, guess_rare, mix, scores, stolen):
    guess_rare.gate()
    _curve = measure.curves(stolen, scores, mix.value)
    _here = _curve.filter(pl.col("cut") >= cut.value).row(-1, named=True)
    mo.vstack(
        [
            mo.hstack(
                [
                    error_plots.roc(
                        _curve,
                        cut.value,
                        "ROC curve with the chosen threshold; it is the same for every mix.",
                    ),
                    error_plots.precision_recall(
                        _curve,
                        cut.value,
                        mix.value,
                        "Precision-recall curve with the chosen threshold; it sinks when the event gets rarer.",
                    ),
                ],
                justify="start",
                gap=2,
                wrap=True,
            ),
            mo.md(
                f"AUC {roc_auc_score(stolen, scores):.2f}, whatever the mix. Average precision {measure.average_precision(_curve.fill_nan(0)):.2f}, baseline {mix.value:.3f}. "
                f"At this threshold the shop stops {_here['recall']:.0%} of the stolen cards and {_here['false_alarms']:.1%} of the honest orders, so a flag is right in "
                f"**{_here['precision']:.0%}** of the cases."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(guess_rare):
    guess_rare.gate()
    mo.md(r"""
    The same model, the same threshold, and a flag means something else. Precision follows from recall $r$, the false positive rate $f$ and the
    share $s$ of stolen cards:

    $$\text{precision} = \frac{s \cdot r}{s \cdot r + (1 - s) \cdot f}$$

    So report precision on the mix that production has. If your test set has another one, *weight* its rows: each stolen order by
    $s / s_{\text{test}}$, each honest one by $(1 - s) / (1 - s_{\text{test}})$. Most of scikit-learn's metrics take `sample_weight`.

    You can now read both curves, and say what a precision becomes where the event is rarer.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("04_model_evaluation", "precision-elsewhere")
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Can you believe a probability?

    **What does it mean that a model is {0.8:.0%} confident?** From here on the case is your own model of exercise 3.3, or the shop's if you haven't
    written one. It learns from three quarters of the cards, and the other quarter judges it.
    """)
    return


@app.cell(hide_code=True)
def _():
    cards = world.load("cards")
    train, test = classifier.split(cards)
    labels, truth = (part["card_type"].to_numpy() for part in (train, test))
    with mo.status.spinner(
        "Your model learns from the training cards", remove_on_exit=True
    ):
        model = mine("3.3")(train.drop("card_type"), labels)
        said = model.predict_proba(test.drop("card_type"))
    classes = [str(_name) for _name in model.classes_]
    answers, confidence = np.array(classes)[said.argmax(axis=1)], said.max(axis=1)
    right = answers == truth
    return (
        answers,
        classes,
        confidence,
        labels,
        model,
        right,
        said,
        test,
        train,
        truth,
    )


@app.cell(hide_code=True)
def _(labels, model, right, test, truth):
    _usual = max(set(labels), key=list(labels).count)
    mo.md(f"""
    Your model (`{type(model[-1]).__name__ if hasattr(model, "__getitem__") else type(model).__name__}`) gets **{right.mean():.1%}** of the {test.height} held-out cards right. Always saying {_usual}
    would get {(truth == _usual).mean():.1%}.

    `predict_proba` gives a probability for each type. The highest one is called the model's **confidence**. A model is **calibrated** if its
    confidence comes true: of all cards with a confidence of {0.7:.0%}, about {0.7:.0%} are right. A model can rank well and be badly calibrated, because
    `fit` rarely asks for it.

    Take a forest with the features of module 2. A hundred trees vote on each card, and the confidence is the mean of their votes.
    """)
    return


@app.cell
def _(labels, train):
    # two thirds to learn from; one third is set aside for a repair
    aside = np.arange(train.height) % 3 == 0
    forest = make_pipeline(
        CardFeatures(),
        Encoder(),
        RandomForestClassifier(100, min_samples_leaf=2, random_state=0),
    ).fit(train.filter(~aside), labels[~aside])
    return aside, forest


@app.cell(hide_code=True)
def _():
    guess_band = predict(
        f"Take the held-out cards on which the forest's confidence is between {0.6:.0%} and {0.8:.0%}. What percentage of them does it get right?",
        low=0,
        high=100,
        step=1,
        unit="%",
        key="04-band",
    )
    guess_band
    return (guess_band,)


@app.cell(hide_code=True)
def _(forest, guess_band, test, truth):
    guess_band.gate()
    _said = forest.predict_proba(test)
    _sure, _hit = _said.max(axis=1), forest.classes_[_said.argmax(axis=1)] == truth
    _band = (_sure >= 0.6) & (_sure < 0.8)
    guess_band.reveal(
        round(100 * _hit[_band].mean()),
        f"These are {_band.sum()} cards with a mean confidence of {_sure[_band].mean():.0%}. A few of the hundred trees vote for something else on nearly every card, so the "
        "mean of the votes rarely comes near certainty. This forest is *less* confident than it should be. Other models are too confident.",
    )
    return


@app.cell
def _(aside, forest, guess_band, labels, train):
    guess_band.gate()
    repaired = {
        method: CalibratedClassifierCV(FrozenEstimator(forest), method=method).fit(
            train.filter(aside), labels[aside]
        )
        for method in ("temperature", "sigmoid", "isotonic")
    }
    return (repaired,)


@app.cell(hide_code=True)
def _(confidence, forest, repaired, right, test, truth):
    def judged(model) -> pl.DataFrame:
        """The reliability of a model's confidence on the held-out cards."""
        said = model.predict_proba(test)
        hit = model.classes_[said.argmax(axis=1)] == truth
        return measure.reliability(said.max(axis=1), hit)

    error_plots.reliability(
        {
            "forest": judged(forest),
            "repaired": judged(repaired["temperature"]),
            "your model": measure.reliability(confidence, right),
        },
        "What was said, and what came true",
        "Three lines against the diagonal: the forest lies above it, the repaired forest near it.",
    )
    return


@app.cell(hide_code=True)
def _(aside, classes, confidence, forest, repaired, right, said, test, truth):
    _models = {f"forest, {_m}": _r for _m, _r in repaired.items()}
    _rows = measure.losses({"forest": forest} | _models, test, truth)
    _own = log_loss(truth, said, labels=classes), confidence.mean(), right.mean()
    _rows.append(("your model", *_own))
    _base = -np.mean([np.log((truth == _one).mean()) for _one in truth])
    _classes = repaired["isotonic"].classes_
    _true = repaired["isotonic"].predict_proba(test)[truth[:, None] == _classes]
    _gap = 100 * (confidence.mean() - right.mean())
    mo.md(f"""
    This is a **{term("reliability diagram")}**. A point above the line means "right more often than it says". The repair leaves the trees alone.
    `FrozenEstimator` wraps the fitted forest so that `fit` doesn't touch it, and `CalibratedClassifierCV` learns a curve from stated to true
    probabilities, on cards that the forest has not seen. Older tutorials write `cv="prefit"` for this. That is an error today.

    **{term("log loss", "Log loss")}** judges probabilities with one number: $-\\log p$ of the true type, averaged over the cards. Saying {0.8:.0%} and being right costs
    {-np.log(0.8):.2f}. Being wrong costs {-np.log(0.2):.2f} if {0.2:.0%} were left for the truth, and {-np.log(0.01):.2f} if {0.01:.0%} was left. Being certain and wrong costs an infinity.
    The {term("Brier score")}, the mean of $(p - y)^2$ for two classes, is milder: a row costs one at most.

    | model | log loss | mean confidence | accuracy |
    |---|---|---|---|
    | the share of each type, for every card | {_base:.2f} | | |
    {chr(10).join(f"    | {_name} | {_loss:.2f} | {_sure:.0%} | {_acc:.0%} |" for _name, _loss, _sure, _acc in _rows).strip()}

    The three methods bend the curve in different ways. *Temperature* has one number for all types and never changes which type is on top. *Sigmoid* has two numbers for each type.
    *Isotonic* follows any rising curve, and with only {aside.sum()} cards it follows the noise too: on {(_true == 0).sum()} of the {len(truth)} held-out cards it gives the true type a probability of zero. By the
    definition its loss is infinite; scikit-learn puts a tiny number in place of the zero.

    Your model is {abs(_gap):.0f} points {"more" if _gap > 0 else "less"} sure than it is right. On the same cards a repair of the forest changed its log loss from {_rows[0][1]:.2f} to {_rows[1][1]:.2f}.
    """)
    return


@app.cell(hide_code=True)
def _():
    reveal(
        f"A colleague at the counter asks: “The screen says the model is {0.8:.0%} confident that this is a Fire card. What do I do with that?” Answer in two sentences, without the word *probability*.",
        "“Think of a hundred cards with the same number on the screen: about eighty are in the right box, and twenty are not. If putting one into the wrong box costs you more than five times the minute it takes to look, then look.” "
        "The answer names a group of cards, a count of errors, and what to do. It is true only if the model is calibrated on cards like these, so say when that was last measured.",
        key="04-eighty",
    )
    return


@app.cell(hide_code=True)
def _(guess_band):
    guess_band.gate()
    mo.md("""
    You can now read a reliability diagram, judge probabilities with log loss, and repair a model without training it again.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Where do you put the threshold?

    **From which probability on do you act?** An order is on the screen, and the model's probability that the card is stolen is calibrated. Letting a stolen one through costs
    {MISS} EUR, stopping an honest one costs {FALSE_ALARM} EUR.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_cut = predict(
        "From which probability on is it cheaper to stop the order?",
        low=0,
        high=100,
        step=1,
        unit="%",
        key="04-threshold",
    )
    guess_cut
    return (guess_cut,)


@app.cell(hide_code=True)
def _(guess_cut):
    guess_cut.reveal(
        round(100 * FALSE_ALARM / (FALSE_ALARM + MISS)),
        f"With probability $p$, letting the order through costs $p \\cdot {MISS}$ on average, and stopping it costs $(1 - p) \\cdot {FALSE_ALARM}$. The two are equal at "
        f"$p = {FALSE_ALARM} / ({FALSE_ALARM} + {MISS})$, or {FALSE_ALARM / (FALSE_ALARM + MISS):.1%}. The threshold of one half in `predict` is right only where both mistakes cost the same.",
    )
    return


@app.cell(hide_code=True)
def _(guess_cut):
    guess_cut.gate()
    mo.md(r"""
    The formula is $t = c_{\text{alarm}} / (c_{\text{alarm}} + c_{\text{miss}})$, as long as right answers cost nothing. It needs calibrated probabilities. Where you have
    scores of another kind, try every threshold on rows with known labels and take the cheapest. Between two neighbouring scores
    nothing changes, so the scores themselves are all the candidates, and *flag nobody* is one more.
    """)
    return


@app.function
def cheapest(
    labels: np.ndarray,
    scores: np.ndarray,
    miss: float,
    false_alarm: float,
    weights: np.ndarray | None = None,
) -> float:
    """Return the cheapest threshold: a row is flagged if its score reaches it. Infinity flags nobody."""
    weights = np.ones(len(labels)) if weights is None else weights
    cuts = np.append(np.unique(scores), np.inf)
    costs = [
        miss * (weights * labels * (scores < cut)).sum()
        + false_alarm * (weights * ~labels * (scores >= cut)).sum()
        for cut in cuts
    ]
    return float(cuts[np.argmin(costs)])


@app.cell
def _(guess_cut, scores, stolen):
    guess_cut.gate()
    by_trying = cheapest(stolen, scores, MISS, FALSE_ALARM)
    cost = {
        name: MISS * (stolen & ~flag).sum() + FALSE_ALARM * (~stolen & flag).sum()
        for name, flag in {
            "stop nobody": scores >= np.inf,
            "stop from one half": scores >= 0.5,
            "the formula": scores >= FALSE_ALARM / (FALSE_ALARM + MISS),
            "the cheapest": scores >= by_trying,
            "stop everybody": scores >= 0,
        }.items()
    }
    return by_trying, cost


@app.cell(hide_code=True)
def _(by_trying, cost, guess_cut):
    guess_cut.gate()
    mo.md(f"""
    | threshold | cost of the mistakes |
    |---|---|
    {chr(10).join(f"    | {_name} | {_cost:,} EUR |" for _name, _cost in cost.items()).strip()}

    The cheapest threshold of these orders is {by_trying:.3f}; the formula says {FALSE_ALARM / (FALSE_ALARM + MISS):.3f}. Of several equally cheap thresholds `argmin` takes the first. It is the lowest, which stops the most customers, so write the rule
    down. And rows with the *same* score fall on the same side: no threshold can separate them.

    **Now your own model.** A collector pays for a box of Dragon cards. Each other card in it annoys them, and each Dragon card
    left out is money lost. A card goes into the box if your model's probability for Dragon reaches the threshold. Move the four sliders. Which of them move the cheapest threshold?
    """)
    return


@app.cell(hide_code=True)
def _(guess_cut):
    guess_cut.gate()
    price_miss = mo.ui.slider(
        1, 20, 1, value=2, show_value=True, label="a Dragon left out, EUR"
    )
    price_alarm = mo.ui.slider(
        1, 20, 1, value=8, show_value=True, label="another card in the box, EUR"
    )
    dragons = mo.ui.slider(
        steps=[0.01, 0.03, 0.07, 0.15, 0.3, 0.5],
        value=0.07,
        show_value=True,
        label="share of Dragon cards tonight",
    )
    yours = mo.ui.slider(
        0, 1, 0.05, value=0.5, show_value=True, label="your threshold"
    )
    mo.vstack([price_miss, price_alarm, dragons, yours])
    return dragons, price_alarm, price_miss, yours


@app.cell(hide_code=True)
def _(classes, dragons, guess_cut, price_alarm, price_miss, said, truth, yours):
    guess_cut.gate()
    _is, _p = truth == "Dragon", said[:, classes.index("Dragon")]
    _w = measure.balance_weights(_is, dragons.value) * 1000 / len(_is)
    _cuts = np.arange(0, 1.001, 0.01)
    _table = pl.DataFrame(
        {
            "cut": _cuts,
            "misses": [
                price_miss.value * _w[_is & (_p < _c)].sum() for _c in _cuts
            ],
            "false alarms": [
                price_alarm.value * _w[~_is & (_p >= _c)].sum() for _c in _cuts
            ],
        }
    ).with_columns(total=pl.col("misses") + pl.col("false alarms"))
    _best = _table.row(_table["total"].arg_min(), named=True)
    _mine = _table.row(round(100 * yours.value), named=True)
    mo.vstack(
        [
            error_plots.cost_areas(
                _table.drop("total"),
                _best["cut"],
                yours.value,
                f"{_mine['total']:.0f} EUR with yours, {_best['total']:.0f} EUR at best",
                "Areas of the cost of false alarms and misses by threshold, with the cheapest and the chosen one.",
            ),
            mo.md(
                f"The cheapest threshold is {_best['cut']:.2f}. The formula says {price_alarm.value / (price_alarm.value + price_miss.value):.2f} for probabilities that are calibrated *on tonight's mix*. "
                f"Your model learned on a mix with {_is.mean():.0%} Dragon cards, so a mix with fewer of them needs a higher threshold. Only {((_p > 0.05) & (_p < 0.95)).sum()} of the {len(_p)} cards have a probability between {0.05:.0%} and {0.95:.0%}: your model is sure of the others, so the cheapest threshold moves in few and large steps."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(guess_cut):
    guess_cut.gate()
    mo.md("""
    The costs and the mix move the threshold; your own choice doesn't. None of them needs another model. **Your turn.** `cheapest` takes weights. Write those that turn the mix of the
    log into another one.
    """)
    return


@app.function
def weights_for(labels: np.ndarray, share: float) -> np.ndarray | None:
    """Return a weight for each row, so that the true labels have `share` of the total weight."""
    # your line: np.where(labels, …, …); labels.mean() is the share that they have now
    return None


@app.cell(hide_code=True)
def _(by_trying, guess_cut, scores, stolen):
    guess_cut.gate()

    def said_about_weights(weights) -> str:
        """A sentence about the learner's weights, for a share of one in five hundred."""
        if weights is None:
            return "*Replace `None`, and your weights are tried here with a share of `0.002`.*"
        if np.shape(weights) != stolen.shape:
            return f"`weights_for` returned something of shape {np.shape(weights)}; it should be {stolen.shape}, a number for each row."
        share = weights[stolen].sum() / np.sum(weights)
        if not np.isclose(share, 0.002):
            return f"With your weights the stolen orders have a share of {share:.4f}, and it should be `0.002`. Divide the share that you want by the share that you have, in both classes."
        there = cheapest(stolen, scores, MISS, FALSE_ALARM, weights)
        return f"Right. Where one order in five hundred is stolen, the cheapest threshold is {there:.3f}; on the log it was {by_trying:.3f}. The same score means less where stolen cards are rarer."

    try:
        _text = said_about_weights(weights_for(stolen, 0.002))
    except Exception as _error:
        _text = f"Your `weights_for` raised `{type(_error).__name__}`: {_error}"
    mo.md(
        _text
        + "\n\nYou can now derive a threshold from two costs, find it by trying where scores are no probabilities, and move it to another mix. That is exercise 4.3."
    )
    return


@app.cell(hide_code=True)
def _():
    quiz("04_model_evaluation", "threshold-by-hand")
    return


@app.cell(hide_code=True)
def _(right):
    mo.md(f"""
    ## How sure are you of the number?

    **Is {right.mean():.1%} the accuracy of your model?** It is the accuracy on these {len(right)} cards. Another {len(right)} cards would give another number. You don't have them, but you can
    imitate them: draw {len(right)} cards from your own {len(right)}, *with replacement*, so that some come twice and some not at all. Do it two thousand times. This is the
    **{term("bootstrap")}**.
    """)
    return


@app.cell(hide_code=True)
def _(right):
    guess_wide = predict(
        f"Between which two values do the middle {0.95:.0%} of the two thousand accuracies lie? Guess the distance between the two, in points.",
        low=0,
        high=20,
        step=1,
        unit="points",
        key="04-width",
    )
    guess_wide
    return (guess_wide,)


@app.cell
def _(guess_wide, right):
    guess_wide.gate()
    rng = np.random.default_rng(0)
    draws = [
        rng.choice(right, size=len(right)).mean()  # with replacement
        for _ in range(2000)
    ]
    low, high = np.quantile(draws, [0.025, 0.975])
    return draws, high, low


@app.cell(hide_code=True)
def _(guess_wide, high, low, right):
    guess_wide.reveal(
        round(100 * (high - low)),
        f"The interval goes from {low:.1%} to {high:.1%}. Half of its width is about two standard errors, and one is $\\sqrt{{p (1 - p) / n}}$, here {100 * np.sqrt(right.mean() * (1 - right.mean()) / len(right)):.1f} points. "
        "A quarter of the width takes sixteen times the cards.",
    )
    return


@app.cell(hide_code=True)
def _(draws, high, low):
    error_plots.draws(
        np.array(draws),
        low,
        high,
        "The accuracy, two thousand times",
        "Bars of two thousand bootstrap accuracies; the middle 95 % are marked.",
        name="accuracy",
    )
    return


@app.cell(hide_code=True)
def _(guess_wide):
    guess_wide.gate()
    mo.md("""
    **When do two models really differ?** Don't compare their two intervals. Both models were asked about the *same* cards, and a card that is
    hard for one is mostly hard for the other. Compare them card by card, and draw the differences: a *paired* comparison.
    """)
    return


@app.cell(hide_code=True)
def _(guess_wide, labels, test, train, truth):
    guess_wide.gate()
    _logistic = make_pipeline(
        CardFeatures(), Encoder(), LogisticRegression(max_iter=2000)
    )
    _plain = make_pipeline(
        Encoder(), RandomForestClassifier(60, min_samples_leaf=2, random_state=0)
    )
    with mo.status.spinner(
        "Two rivals learn from the same cards", remove_on_exit=True
    ):
        rivals = {
            "logistic regression": _logistic.fit(train, labels).predict(test)
            == truth,
            "forest on plain columns": _plain.fit(
                train.select(classifier.GIVEN), labels
            ).predict(test.select(classifier.GIVEN))
            == truth,
        }
    return (rivals,)


@app.cell
def _(right, rivals):
    def interval(better: np.ndarray, worse: np.ndarray, paired: bool) -> np.ndarray:
        """The middle 95 % of the differences of two accuracies, in points."""
        rng, rows = np.random.default_rng(0), len(better)
        one = rng.integers(rows, size=(2000, rows))
        other = one if paired else rng.integers(rows, size=(2000, rows))
        differences = better[one].mean(axis=1) - worse[other].mean(axis=1)
        return 100 * np.quantile(differences, [0.025, 0.975])

    compared = {
        (name, paired): interval(right, rival, paired)
        for name, rival in rivals.items()
        for paired in (True, False)
    }
    return (compared,)


@app.cell(hide_code=True)
def _(compared, right, rivals):
    _middle = {
        _name: 100 * (right.mean() - _rival.mean())
        for _name, _rival in rivals.items()
    }
    error_plots.intervals(
        pl.DataFrame(
            {
                "what": f"{_name}, {'same' if _paired else 'other'} cards",
                "low": _low,
                "middle": _middle[_name],
                "high": _high,
            }
            for (_name, _paired), (_low, _high) in compared.items()
        ),
        "Your model against two rivals",
        "Intervals of the difference in accuracy, with the same cards and as if each model had its own.",
        name="points your model is ahead",
        baseline={"no difference": 0},
        percent=False,
    )
    return


@app.cell(hide_code=True)
def _(compared):
    def verdict(name: str) -> str:
        """What the paired interval says about a rival."""
        low, high = compared[name, True]
        if low > 0:
            return f"Against the {name}, the paired interval goes from {low:.1f} to {high:.1f} points. Zero is outside, so your model is better."
        if high < 0:
            return f"Against the {name}, the paired interval goes from {low:.1f} to {high:.1f} points. Zero is outside, so your model is worse."
        return f"Against the {name}, the paired interval goes from {low:.1f} to {high:.1f} points. Zero is inside, so these cards can't tell which is better. That is not a proof that the two are equal."

    _narrower = np.diff(compared["logistic regression", True])[0]
    _wider = np.diff(compared["logistic regression", False])[0]
    mo.md(f"""
    {" ".join(verdict(_name) for _name in ("logistic regression", "forest on plain columns"))}

    With the same cards the first interval is {_narrower:.1f} points wide, and {_wider:.1f} with separate ones. The pairing costs nothing and is worth as much as
    {_wider**2 / _narrower**2 if _narrower else 1:.1f} times the cards. The bootstrap has a limit: it knows nothing about cards unlike these. If several rows belong to one customer, draw customers, not rows.

    You can now put an interval around any metric, and say whether a difference is more than luck.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## How wrong is a number?

    **What do you count when the answer is a price?** A mistake is now a distance, and a metric decides how distances add up. The usual three:

    | metric | definition | what it cares about |
    |---|---|---|
    | {term("mean absolute error")}, MAE | mean of $\\lvert y - \\hat y \\rvert$ | every euro counts the same |
    | {term("root mean squared error")}, RMSE | root of the mean of $(y - \\hat y)^2$ | one large miss counts more than many small ones |
    | mean absolute percentage error, MAPE | mean of $\\lvert y - \\hat y \\rvert / y$ | a cent on a cheap card counts like a euro on an expensive one |

    Each of them has a favourite answer. Suppose you may name only *one* price for every listing in the shop. RMSE is smallest for the mean, and MAE for the median.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_price = predict(
        "Which one price makes the mean absolute percentage error smallest?",
        options=["less than the median", "the median", "more than the median"],
        key="04-percentage",
    )
    guess_price
    return (guess_price,)


@app.cell(hide_code=True)
def _(guess_price):
    guess_price.gate()
    _asked = world.load("listings")["asking_price"].to_numpy()
    wrong_by = measure.regression_errors(_asked, np.geomspace(0.3, 20, 120))
    _least = wrong_by.filter(pl.col("metric").str.contains("percentage")).sort(
        "error"
    )
    guess_price.reveal(
        "less than the median",
        f"It is {_least['constant'][0]:.2f} EUR, and the median is {np.median(_asked):.2f}. A guess that is too low is never off by more than {1:.0%}. A guess that is too high can be off by any percentage, so the "
        "metric pays for guessing low. A model that is trained or chosen by it learns to do so.",
    )
    return (wrong_by,)


@app.cell(hide_code=True)
def _(wrong_by):
    error_plots.valleys(
        wrong_by,
        "Three metrics, three favourite answers",
        "Three valleys: the percentage error is least at a low price, the absolute error at the median, the squared error at the mean.",
    )
    return


@app.cell(hide_code=True)
def _(guess_price):
    guess_price.gate()
    mo.md("""
    None of the three is wrong. Choose the one that adds mistakes up as your costs do, and always read it beside the error of its own favourite
    constant: a model that doesn't beat it has learned nothing.

    You can now choose a metric for numbers, and say which answer it favours.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Which types get mixed up?

    **Can you predict your model's mistakes before you see them?** Look at three pairs of types, each seen from the direction that separates its two types best. These are
    *training* cards, with the features of module 2. Where the two clouds lie on top of each other, it is hard for any model to tell the types from these features.
    """)
    return


@app.cell(hide_code=True)
def _(labels, train):
    PAIRS = [("Fighting", "Psychic"), ("Grass", "Water"), ("Fire", "Lightning")]
    seen = make_pipeline(CardFeatures(), Encoder()).fit_transform(train, labels)
    error_plots.clouds(
        {
            f"{_one} / {_other}": (
                (_one, _other),
                measure.apart(seen, labels, (_one, _other)),
            )
            for _one, _other in PAIRS
        },
        "Three pairs of types",
        "For each of three pairs of types two densities, which overlap more or less.",
    )
    return PAIRS, seen


@app.cell(hide_code=True)
def _(PAIRS):
    guess_mixed = predict(
        "Which pair does your model mix up most often on the held-out cards?",
        options=[f"{_one} / {_other}" for _one, _other in PAIRS],
        key="04-mixed-up",
    )
    guess_mixed
    return (guess_mixed,)


@app.cell(hide_code=True)
def _(PAIRS, answers, classes, guess_mixed, labels, seen, truth):
    mixed = measure.mixed_up(truth, answers, classes)
    overlap = measure.overlaps(seen, labels)
    _three = {f"{_one} / {_other}": mixed[_one, _other] for _one, _other in PAIRS}
    guess_mixed.reveal(
        max(_three, key=_three.get),
        "The mix-ups are "
        + ", ".join(f"{_pair}: {_count}" for _pair, _count in _three.items())
        + ". Two things count: how much the clouds overlap, and how many cards of the two types there are to be mixed up.",
    )
    return mixed, overlap


@app.cell(hide_code=True)
def _(mixed, overlap):
    _ranks = [
        pl.Series(list(_found.values())).rank().to_numpy()
        for _found in (overlap, {_pair: mixed[_pair] for _pair in overlap})
    ]
    mo.vstack(
        [
            error_plots.pairs(
                overlap,
                mixed,
                "All pairs: overlap predicts confusion",
                "A dot for each pair of types: pairs that overlap more are mixed up more often.",
            ),
            mo.md(
                f"The overlap comes from training cards and knows nothing about your model. Its rank correlation with the mix-ups is {np.corrcoef(*_ranks)[0, 1]:.2f}. "
                "So confusion is mostly a property of the *features*: to tell two types apart, give the model something in which they differ."
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(answers, classes, guess_mixed, truth):
    guess_mixed.gate()
    error_plots.confusion(
        confusion_matrix(truth, answers, labels=classes),
        classes,
        "Confusion matrix of your model",
        "A grid of counts by true and stated type; errors are shaded by their share of the true type.",
    )
    return


@app.cell(hide_code=True)
def _(answers, classes, guess_mixed, truth):
    guess_mixed.gate()
    _of = dict(
        zip(
            classes,
            recall_score(truth, answers, average=None, labels=classes),
            strict=True,
        )
    )
    _worst = min(_of, key=_of.get)
    _rare = min(classes, key=list(truth).count)
    _f1 = measure.averages(truth, answers, _rare)
    mo.md(f"""
    Read the **{term("confusion matrix")}** line by line: of all {_worst} cards, {_of[_worst]:.0%} are recognised. One number for eight types is an average, and each average answers another question:

    | average of $F_1$ (F-beta with $\\beta = 1$) | your model | if it missed every {_rare} card | who counts |
    |---|---|---|---|
    | micro | {_f1["micro"][0]:.3f} | {_f1["micro"][1]:.3f} | every card the same; for one label a card this is the accuracy |
    | weighted | {_f1["weighted"][0]:.3f} | {_f1["weighted"][1]:.3f} | every type by its number of cards |
    | macro | {_f1["macro"][0]:.3f} | {_f1["macro"][1]:.3f} | every type the same, however rare |

    {_rare} is the rarest type. When it fails, the micro average falls by {100 * (_f1["micro"][0] - _f1["micro"][1]):.0f} points and the macro average by {100 * (_f1["macro"][0] - _f1["macro"][1]):.0f}. If a collector of {_worst} cards is as good a customer as any other, look at the macro average, and at the line itself.

    You can now predict confusion from features, read the matrix, and choose an average.
    """)
    return


@app.cell(hide_code=True)
def _(right):
    mo.md(f"""
    ## Is there a pattern in the mistakes?

    **What do you do with {(~right).sum()} wrong cards?** Read them, before you think about another model. Start with the worst: those on which the model was most certain.
    """)
    return


@app.cell(hide_code=True)
def _(answers, confidence, right, test, train):
    _usual = train.group_by("species_number").agg(
        usual=pl.col("card_type").mode().sort().first()
    )
    judged_cards = test.join(
        _usual, on="species_number", how="left", maintain_order="left"
    ).with_columns(
        said=pl.Series(answers),
        confidence=pl.Series(confidence),
        wrong=pl.Series(~right),
    )
    fifty = judged_cards.filter("wrong").sort("confidence", descending=True)[:50]
    mo.ui.table(
        fifty.select(
            "name",
            "usual",
            "card_type",
            "said",
            pl.col("confidence").cast(pl.Float64).round(2),
            "text",
        ),
        selection=None,
        page_size=8,
        show_column_summaries=False,
        label="Your fifty worst: how the species is usually printed, what the card is, what your model said",
    )
    return fifty, judged_cards


@app.cell(hide_code=True)
def _(fifty, judged_cards):
    _alike = (fifty["said"] == fifty["usual"]).mean()
    _wrong = dict(
        judged_cards.drop_nulls("usual")
        .group_by(pl.col("usual") == pl.col("card_type"))
        .agg(pl.col("wrong").mean())
        .iter_rows()
    )
    mo.md(f"""
    Reading gives you ideas. On {_alike:.0%} of these cards your model said what the species is *usually* printed as, and this card was printed as something else. Is that a lot? Count on all held-out
    cards: of those that are printed as usual {_wrong[True]:.0%} are wrong, of the others {_wrong[False]:.0%}. An idea becomes a finding when you write it down so that somebody can recompute it. A claim
    about mistakes has three parts:

    - the **slice**: which rows, as in module 2;
    - its **size**: how many rows it has;
    - the **effect**: the share of mistakes inside minus the share outside.
    """)
    return


@app.function
def pattern(table: pl.DataFrame, slice: dict) -> dict:
    """Return the claim that a slice of `table` makes about its column `wrong`."""
    inside = table.filter(**slice)
    outside = table.join(inside, on="card_id", how="anti")
    return {
        "slice": slice,
        "size": inside.height,
        "effect": round(inside["wrong"].mean() - outside["wrong"].mean(), 3),
    }


@app.cell
def _(judged_cards):
    mo.md(f"`{pattern(judged_cards, {'card_type': 'Dragon'})}`")
    return


@app.cell(hide_code=True)
def _(judged_cards):
    _of = pattern(judged_cards, {"card_type": "Dragon"})
    mo.md(f"""
    Dragon cards are wrong {100 * _of["effect"]:.0f} points more often than others, and there are {_of["size"]} of them. **Your turn.** Is a *Secret* card more often wrong than others? Before you look, how
    many cards would convince you?
    """)
    return


@app.cell
def _():
    your_pattern = {
        "slice": {"rarity": "Secret"},
        # your lines: the number of cards, and the difference of two shares
        "size": None,
        "effect": None,
    }
    return (your_pattern,)


@app.cell(hide_code=True)
def _(judged_cards, your_pattern):
    def said_about_pattern(claim) -> str:
        """A sentence about the learner's claim."""
        size, effect = claim.get("size"), claim.get("effect")
        if size is None or effect is None:
            return "*Replace both `None`. Numbers are fine, and so is an expression with `judged_cards` or `pattern`.*"
        if not all(
            isinstance(one, int | float | np.number) for one in (size, effect)
        ):
            return "`size` and `effect` should be plain numbers."
        inside = judged_cards.filter(rarity="Secret")
        if size != inside.height:
            return (
                f"`size` is {size}, and {inside.height} held-out cards are Secret."
            )
        outside = judged_cards.filter(pl.col("rarity") != "Secret")
        true = inside["wrong"].mean() - outside["wrong"].mean()
        if abs(effect - true) > 0.006:
            return f"`size` is right. `effect` is {effect:.3g}, and the table says {true:.3f}: the share of mistakes inside, minus the share *outside*, not the share of all."
        return f"The claim holds, and it is no finding. {inside['wrong'].sum()} of {size} cards are wrong; a share of {outside['wrong'].mean():.0%}, as outside, would give {size * outside['wrong'].mean():.0f}. One card more or less changes the effect by {100 / size:.0f} points."

    mo.md(said_about_pattern(your_pattern))
    return


@app.cell(hide_code=True)
def _(judged_cards):
    mo.md(f"""
    How easy is it to find a pattern that isn't there? Put a sticker on each of the {judged_cards.height} held-out cards, one of forty colours, at random. The model never sees the stickers. Of all cards
    {judged_cards["wrong"].mean():.0%} are wrong.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_sticker = predict(
        "What percentage of the cards is wrong in the worst of the forty colours?",
        low=0,
        high=100,
        step=1,
        unit="%",
        key="04-sticker",
    )
    guess_sticker
    return (guess_sticker,)


@app.cell(hide_code=True)
def _(guess_sticker, judged_cards):
    _cards, _bad = measure.worst_sticker(judged_cards["wrong"].to_numpy(), 40)
    _all = judged_cards.height, judged_cards["wrong"].sum()
    _luck = hypergeom.sf(_bad - 1, *_all, _cards)  # rows, mistakes, drawn
    guess_sticker.reveal(
        round(100 * _bad / _cards),
        f"It has {_cards} cards, {_bad} of them wrong. Draw {_cards} cards at random, and so many are wrong with a probability of {_luck:.1%} (`hypergeom.sf`). But there are forty colours, and "
        f"one of them looks like that with a probability of {1 - (1 - _luck) ** 40:.0%}. So divide your bar by the number of slices that you search: {0.05 / 40:.2%} in place of {0.05:.0%}.",
    )
    return


@app.cell(hide_code=True)
def _(guess_sticker, judged_cards):
    guess_sticker.gate()

    def error_interval(cards: pl.DataFrame) -> tuple[float, float]:
        """The middle 95 % of the share of mistakes, by bootstrap."""
        wrong = cards["wrong"].to_numpy()
        drawn = measure.resampled(len(wrong), lambda rows: wrong[rows].mean())
        return tuple(np.quantile(drawn, [0.025, 0.975]))

    _parts = {
        f"{_kind} ({_cards.height})": _cards
        for (_kind,), _cards in judged_cards.group_by("card_type")
    }
    _shown = pl.DataFrame(
        {
            "what": _what,
            "low": _low,
            "middle": _cards["wrong"].mean(),
            "high": _high,
        }
        for _what, _cards in _parts.items()
        for _low, _high in [error_interval(_cards)]
    ).sort("middle", descending=True)
    error_plots.intervals(
        _shown,
        "Mistakes by type, with the number of cards",
        "For each type the share of its cards that are wrong, with an interval.",
        name="share of the cards that are wrong",
        baseline={"all cards": judged_cards["wrong"].mean()},
    )
    return


@app.cell(hide_code=True)
def _(guess_sticker):
    guess_sticker.gate()
    mo.md("""
    Three habits keep false patterns away. Ask for a *size*: a slice of a dozen cards proves nothing. Put an *interval* around the effect, a wider one
    the more slices you tried. And test the pattern on *new* rows, as in module 2, before anybody acts on it.

    A machine can search for you: a small decision tree that predicts **wrong or right** groups the mistakes. Treat what it finds as an idea, too.
    """)
    return


@app.cell
def _(guess_sticker, judged_cards, right):
    guess_sticker.gate()
    described = judged_cards.select(
        "confidence",
        "print_run",
        "legendary",
        unusual=(pl.col("card_type") != pl.col("usual")).fill_null(True),
    )
    groups = DecisionTreeClassifier(max_depth=2, min_samples_leaf=25)
    groups.fit(described.to_numpy(), ~right)
    tree = export_text(groups, feature_names=described.columns, show_weights=True)
    return (tree,)


@app.cell(hide_code=True)
def _(tree):
    mo.md(f"""
```
{tree.replace(" class: True", "").replace(" class: False", "").strip()}
```

The two weights are cards that are right and wrong. `unusual` is true where a card was printed as another type than most training cards of its species. You know it only from the true label, so
it explains mistakes and can't be a feature.

You can now state a pattern as slice, size and effect, and say how many patterns you would have found by accident. That is exercise 4.2.
""")
    return


@app.cell(hide_code=True)
def _():
    quiz("04_model_evaluation", "worst-of-many")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What if the input is a little off?

    **How far is a right answer from a wrong one?** The scanner sometimes misreads a digit. Take cards that your model gets right, and let one of the six stats be off by up to ten points. If
    the stat and the amount are random, few answers change.

    Now let somebody choose them who *wants* another answer: for each card, the one stat and the amount that do most. That is an **adversarial example**.
    """)
    return


@app.cell(hide_code=True)
def _(model, right, test):
    easy = test.drop("card_type").filter(pl.Series(right))[:80]
    _kinds = model.predict(easy)
    by_chance = np.mean(
        [
            (model.predict(robust.misread(easy, 10, _seed)) != _kinds).mean()
            for _seed in range(5)
        ]
    )
    return by_chance, easy


@app.cell(hide_code=True)
def _(by_chance):
    guess_flip = predict(
        f"Random misreadings of up to ten points change {by_chance:.0%} of the answers. What percentage can somebody change who chooses the stat and the amount?",
        low=0,
        high=100,
        step=1,
        unit="%",
        key="04-flips",
    )
    guess_flip
    return (guess_flip,)


@app.cell(hide_code=True)
def _(by_chance, easy, guess_flip, model):
    guess_flip.gate()
    with mo.status.spinner(
        "Trying every change of one stat, on eighty cards", remove_on_exit=True
    ):
        flipped = robust.flips(model, easy, 15)
    _near = flipped.filter(pl.col("off").abs() <= 10).height / easy.height
    guess_flip.reveal(
        round(100 * _near),
        f"The worst case is {_near / by_chance if by_chance else 0:.0f} times as frequent as an accident. In one of six directions most cards lie near a border, and an adversary looks in all of them.",
    )
    return (flipped,)


@app.cell(hide_code=True)
def _(guess_flip):
    guess_flip.gate()
    reach = mo.ui.slider(
        1, 15, 1, value=5, show_value=True, label="points that one stat may be off"
    )
    reach
    return (reach,)


@app.cell(hide_code=True)
def _(easy, flipped, reach):
    _near = flipped.filter(pl.col("off").abs() <= reach.value)
    mo.vstack(
        [
            mo.md(
                f"With up to {reach.value} points, **{_near.height / easy.height:.0%}** of the right answers can be changed. These need the least:"
            ),
            table(_near.sort(pl.col("off").abs()).head(5).drop("card_id"))
            if _near.height
            else mo.md("*none*"),
        ]
    )
    return


@app.cell(hide_code=True)
def _(guess_flip):
    guess_flip.gate()
    mo.md("""
    Would a seller change a stat? If Dragon cards bring more money, yes. Test for the people who profit from a wrong answer. The rest is everyday trouble: nulls, zeros, species that nobody has seen. Write such
    **edge cases** down as a table, and run it before each release. Add a case of your own.
    """)
    return


@app.cell
def _(guess_flip, model, test):
    guess_flip.gate()
    scan = test.drop("card_type")[:1]
    EDGES = {
        "as it is": scan,
        "attack not read": scan.with_columns(attack=pl.lit(None, pl.Int32)),
        "attack read as 0": scan.with_columns(attack=pl.lit(0, pl.Int32)),
        "unknown species": scan.with_columns(species_number=pl.lit(999, pl.Int32)),
        "nothing but an id": scan.select(
            pl.col(name) if name == "card_id" else pl.lit(None, kind).alias(name)
            for name, kind in scan.schema.items()
        ),
    }

    def asked(card: pl.DataFrame) -> tuple[str, float | None]:
        try:
            sure = float(model.predict_proba(card).max())
            return str(model.predict(card)[0]), sure
        except Exception as error:
            return f"raised {type(error).__name__}", None

    edges = pl.DataFrame(
        [(case, *asked(card)) for case, card in EDGES.items()],
        schema=["case", "answer", "confidence"],
        orient="row",
    )
    return (edges,)


@app.cell(hide_code=True)
def _(edges):
    mo.vstack(
        [
            table(edges),
            mo.md("""
            Most models answer whatever you ask, even if you send them nothing. They can't say "I have never seen a card like this". Saying so is the job of the
            contract of module 1, in front of the model.

            You can now measure what a misreading does by accident and on purpose, and keep a table of edge cases.
            """),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    applications = world.load("applications")
    _rate = dict(
        applications.group_by("birthplace")
        .agg(pl.col("approved").mean())
        .iter_rows()
    )
    mo.md(f"""
    ## Whom does it hurt?

    **Is a model fair if it is right for most people?** The shop gives credit. For fourteen months its clerks decided on {applications.height:,} applications, and somebody wants to train a model on their decisions.
    The table knows where an applicant was born. That is a {term("protected attribute")}: a decision must not depend on it.

    Of the applicants born in this country, {_rate["domestic"]:.0%} got the credit.
    """)
    return (applications,)


@app.cell(hide_code=True)
def _():
    guess_abroad = predict(
        "What percentage of the applicants born abroad got the credit?",
        low=0,
        high=100,
        step=1,
        unit="%",
        key="04-abroad",
    )
    guess_abroad
    return (guess_abroad,)


@app.cell(hide_code=True)
def _(applications, guess_abroad):
    by_birthplace = {
        _place: (_approved, _bad, _rows)
        for _place, _approved, _bad, _rows in applications.group_by("birthplace")
        .agg(pl.col("approved", "bad").mean(), pl.len())
        .iter_rows()
    }
    guess_abroad.reveal(
        round(100 * by_birthplace["abroad"][0]),
        "A gap alone proves nothing: one group could be a greater risk. So look at how the loans went.",
    )
    return (by_birthplace,)


@app.cell(hide_code=True)
def _(by_birthplace, guess_abroad):
    guess_abroad.gate()
    _home, _away = by_birthplace["domestic"], by_birthplace["abroad"]
    mo.md(f"""
    | born | applications | approved | approved loans that went bad |
    |---|---|---|---|
    | in this country | {_home[2]:,} | {_home[0]:.0%} | {_home[1]:.1%} |
    | abroad | {_away[2]:,} | {_away[0]:.0%} | {_away[1]:.1%} |

    The approved loans of people born abroad went bad *less* often. That is a hint that they had to be better risks to get one, and no proof. For refused applications the table
    doesn't know the outcome, because there was no loan. Such labels are called **selective**: the old decision chose what you can learn from.

    A model that imitates these decisions learns the gap. Leaving out the column `birthplace` is not enough, because other columns can stand in for it: they are **{term("proxy", "proxies")}**.
    So keep the column for the *audit*, out of the model, and measure.

    | measure | equal across groups means | it speaks for |
    |---|---|---|
    | {term("demographic parity")} | the same share is approved | everybody who applies |
    | {term("equal opportunity")} | of those who would pay back, the same share is approved | good payers |
    | {term("predictive parity")} | of the approved, the same share pays back | the lender |

    Can you have all three? Below is a puzzle with two made-up groups. The model is perfect: it knows the true risk of each applicant, and group B has more people in difficulties. Choose the highest risk that you
    approve in each group, and bring the pairs of dots together.
    """)
    return


@app.cell(hide_code=True)
def _(guess_abroad):
    guess_abroad.gate()
    cut_a = mo.ui.slider(
        0.02,
        0.5,
        0.01,
        value=0.15,
        show_value=True,
        label="highest risk in group A",
    )
    cut_b = mo.ui.slider(
        0.02,
        0.5,
        0.01,
        value=0.15,
        show_value=True,
        label="highest risk in group B",
    )
    mo.hstack([cut_a, cut_b], justify="start", gap=2, wrap=True)
    return cut_a, cut_b


@app.cell(hide_code=True)
def _(cut_a, cut_b):
    _table = fairness.table({"group A": cut_a.value, "group B": cut_b.value})
    _gaps = {
        _row["measure"]: 100 * abs(_row["group A"] - _row["group B"])
        for _row in _table.iter_rows(named=True)
    }
    _closed = [_name for _name, _gap in _gaps.items() if _gap < 1.5]
    mo.vstack(
        [
            plots.dumbbells(
                _table.fill_nan(0),
                "measure",
                ["group A", "group B"],
                "Three kinds of equality",
                "For each of three measures the share in group A and in group B.",
                name="share",
            ),
            mo.md(
                (
                    "Closed: " + ", ".join(_closed) + ". "
                    if _closed
                    else "No gap is closed. "
                )
                + "The three gaps are "
                + ", ".join(f"{_gap:.0f}" for _gap in _gaps.values())
                + " points. "
                + (
                    "The bar is the same for everybody here, and the shares are not."
                    if cut_a.value == cut_b.value
                    else "The bar differs between the groups: of two people with the same risk, one may get the credit and the other not."
                )
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _(guess_abroad):
    guess_abroad.gate()
    mo.md("""
    You can close the first two together. Then more of group B's loans go bad, and the third gap is open. Close the third, and the first two open. Unless nearly everybody or nearly nobody gets a loan, you never close all three.
    This is not the model's fault: where the groups' risks differ, the measures contradict each other, even for a perfect model. [Kleinberg](https://arxiv.org/abs/1609.05807) and [Chouldechova](https://arxiv.org/abs/1703.00056) proved versions of it in 2016 and 2017. So somebody has to *choose* a measure, say why, and sign. That is a decision for people, and
    often for the law.

    **Where does unfairness come from?** Six places to look, from the data to the decision:

    | place | what happens | how you find it |
    |---|---|---|
    | the label | past decisions, or a stand-in such as cost for need | ask who wrote the label, and when |
    | who is in the table | outcomes only where somebody said yes before | count the rows without an outcome, by group |
    | a small group | the model learns mostly from the others | error by group, with the number of rows |
    | measurement | a column means something else in each group | calibration by group |
    | a proxy | another column stands in for the attribute | predict the attribute from your features |
    | the use | one bar for all, or a bar for each group | the puzzle above |

    You can now measure a gap in three ways, say what each speaks for, and say where to look for its cause.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("04_model_evaluation", "same-bar")
    return


@app.cell(hide_code=True)
def _(high, low, right):
    _agreed = 0.8
    mo.md(f"""
    ## What does the board read?

    **How do you tell the truth about a model on one page?** Agree on the bar *before* training, with the people who act on the model. Afterwards every number looks good
    enough. For the sorting machine the agreement could be:

    | agreed before training | the bar | today |
    |---|---|---|
    | success: cards in the right box | at least {_agreed:.0%}, with the lower end of the interval | {right.mean():.1%}, from {low:.1%} to {high:.1%}: **{"passed" if low >= _agreed else "not passed"}** |
    | guard: the worst type | at least {0.6:.0%} of its cards recognised, with the lower end | see the card below |
    | guard: time for one card | less than a person needs | exercise 3.3 |
    | stop: who switches it off | the head of sorting, if a sample of fifty cards a week falls below the bar | agreed |

    A **{term("model card")}** is that page. Each number in it is a claim: metric, value, interval, rows. Here is the short form for your model; it is computed from what you have seen.
    """)
    return


@app.cell(hide_code=True)
def _(
    answers,
    by_chance,
    classes,
    confidence,
    edges,
    flipped,
    high,
    low,
    model,
    right,
    test,
    train,
    truth,
):
    _by_type = dict(
        zip(
            classes,
            recall_score(truth, answers, average=None, labels=classes),
            strict=True,
        )
    )
    _worst = min(_by_type, key=_by_type.get)
    _usual = max((truth == _name).mean() for _name in classes)
    _near = flipped.filter(pl.col("off").abs() <= 10).height / 80
    mo.md(f"""
    /// admonition | Model card: card types

    **What it does.** Names one of {len(classes)} types for a scanned card, so that a machine can put it into a box. Not for prices, not for telling forgeries.

    **Made from.** {train.height:,} cards of the catalogue; judged on {test.height} others that it never saw. Learned by `{type(model[-1]).__name__ if hasattr(model, "__getitem__") else type(model).__name__}`.

    **How good.** Accuracy {right.mean():.1%} ({low:.1%} to {high:.1%}, bootstrap); the most frequent type alone: {_usual:.1%}. It says {confidence.mean():.0%} on average, so its confidence is {"too low" if confidence.mean() < right.mean() - 0.03 else "too high" if confidence.mean() > right.mean() + 0.03 else "about right"}.

    **Where it fails.** {_worst}: {_by_type[_worst]:.0%} of {(truth == _worst).sum()} cards. Types that overlap in their features are mixed up.

    **Robustness.** A stat misread by up to ten points changes {by_chance:.0%} of the right answers; chosen on purpose, {_near:.0%}. Of {edges.height} edge cases {edges["answer"].str.starts_with("raised").not_().sum()} got an answer.

    **Not known.** New sets, other scanners, cards in other languages. Nobody has looked at them.
    ///

    What makes a card readable? It begins with the use, it names what the model is *not* for, each number has its baseline and its rows, and the last paragraph says what nobody knows. A board
    can then choose between three answers: **deploy**, **iterate**, **abandon**.
    """)
    return


@app.cell(hide_code=True)
def _(answers, classes, truth):
    _small = min(
        classes, key=lambda _name: (answers == _name)[truth == _name].mean()
    )
    mo.md(f"""
    **Your turn.** The sentence about a slice is half done. Complete it for {_small}, the type that is recognised least: the share, and an interval. Is the guard of the agreement met?
    """)
    return


@app.cell
def _(answers, classes, truth):
    by_type = {name: (answers == name)[truth == name] for name in classes}
    worst = min(by_type, key=lambda name: by_type[name].mean())
    recognised = by_type[worst]
    # your line: np.quantile of 2000 means, each of `recognised` drawn with replacement
    interval_of_it = None
    guard = interval_of_it is not None and bool(min(interval_of_it) >= 0.6)
    mo.plain_text(
        f"{worst}: {recognised.mean():.0%} of {recognised.size}, {interval_of_it}; guard met: {guard if interval_of_it is not None else None}"
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    With so few cards the interval is wide, so the value can be above the bar and the lower end below it. The agreement decides which of the two counts.

    You can now agree on a bar, write a card with claims that somebody can recompute, and say what nobody knows. That is the checkpoint.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What it costs elsewhere

    - **An alarm that nobody could follow.** A model that warns of sepsis ran in hundreds of US hospitals. An [independent test in 2021](https://doi.org/10.1001/jamainternmed.2021.2626) found an AUC of
      <span data-literal>0.63</span>, where the maker had reported <span data-literal>0.76</span> to <span data-literal>0.83</span>. It missed two thirds of the patients with sepsis and raised an alarm for
      <span data-literal>18</span> % of all patients.
    - **The wrong label.** A model used for millions of patients predicted *cost* where *need* was meant. Less had been spent on Black patients with the same illness, so they looked healthier. Repairing it
      would have raised their share among those who get extra help from <span data-literal>17.7</span> % to <span data-literal>46.5</span> %, says a [study of 2019](https://doi.org/10.1126/science.aax2342).
    - **The cost of a price.** Zillow bought houses at prices that its models helped to set. In 2021 it closed the business, wrote down more than
      <span data-literal>400</span> million dollars on the houses and cut about a quarter of its jobs ([annual report](https://www.sec.gov/Archives/edgar/data/1617640/000161764022000013/z-20211231.htm)).

    What do companies do about it? They test a bought model on their own cases. They write down who acts on an alarm, and how many alarms a day are too many. They ask who wrote the label. And they
    let somebody who didn't build the model sign the card.
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
        "Answers in place of scores": (
            metric_traps.answers_for_scores,
            metric_traps.scores_themselves,
            "`roc_auc_score` wants scores. Given yes and no, it judges one threshold only, and no error is raised.",
        ),
        "Nothing was flagged": (
            metric_traps.nothing_flagged,
            metric_traps.nothing_flagged_is_said,
            "Zero of zero has no value. scikit-learn returns `0.0` with a warning that a nightly job doesn't read. `zero_division` says what you want.",
        ),
        "Judged where it was chosen": (
            metric_traps.judged_where_chosen,
            metric_traps.judged_on_others,
            "The scores are noise. The best threshold of forty rows fits their noise, and looks better than chance until it meets other rows.",
        ),
    }
    trap = mo.ui.dropdown(
        TRAPS, value="Answers in place of scores", label="The pitfall:"
    )
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
        f"A spam filter is {0.95:.0%} accurate. Is that good?",
        f"Nobody can say without the baseline. If {0.02:.0%} of the mail is spam, *nothing is spam* is {0.98:.0%} accurate, so this filter does worse than no filter. If half of the mail is spam, it is a good start. Ask for "
        "precision and recall on the mix that the mailbox has, and for the cost of a lost letter beside the cost of reading an advertisement.",
        key="04-spam",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Precision or recall: which would you rather have high in a first test for cancer, in a spam filter, and in a model that blocks credit cards?",
        "A first test for cancer: recall. A miss can cost a life, and a false alarm costs a second test, and some sleepless nights. A spam filter: precision. A lost letter is worse than an advertisement. Credit cards: it depends on what happens next. If a clerk calls, calls are "
        "scarce, so take precision among the highest scores. If the card is blocked at once, put both mistakes into money and take the cheapest threshold. Whatever you choose, state the other one too: each is easy to have alone.",
        key="04-precision-or-recall",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "A model is perfect on its training rows and mediocre on the test rows. Name five possible causes, and what you'd look at for each.",
        "It **overfits**: compare a smaller model, and the learning curve. There are **too few rows**: does the test score rise with more? The test rows **come from elsewhere**: compare the columns' distributions. A column **leaks** the label in training and is "
        "empty or different in the test: look at the most important column. The **labels are noisy**: have somebody label fifty test rows again. Two more: features are computed differently for the two tables, or the test is so small that its interval reaches up to the training score.",
        key="04-five-causes",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Your model is unfair to a group of people. Name three ways in which this can have happened.",
        "The **labels** repeat earlier decisions: clerks refused more of them, and the model imitates the clerks. The **sample**: few of them are in the table, or their outcomes are known only where somebody had said yes. A **proxy**: the attribute was removed, and a district or a first name "
        "says the same. Others: a column is measured differently for them, or one threshold meets groups with different risks. For each way there is a number to look at: the rate of labels by group, the number of rows by group, how well your features predict the attribute.",
        key="04-unfair",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Your model has a better log loss than the one in production, and a worse accuracy. Which one do you deploy?",
        "That depends on what is done with the answer. If a machine takes the top answer and nothing else, count its mistakes, at their cost. If a person sees the confidence, or a threshold is set by cost, the probabilities matter, and log loss judges them. Check first whether the difference in accuracy "
        "is more than luck: compare the two card by card. Then look whether the old model can be repaired with a calibration; that costs an afternoon.",
        key="04-log-loss-or-accuracy",
    )
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Over to you

    The [exercises](?file=exercises/{UNIT.name}.py) are checked while you type:

    {chr(10).join(f"    - **{task.id}** {task.title}, {task.points:g} points" for task in UNIT.tasks).strip()}

    Then the [checkpoint](?file=assessments/checkpoints/{UNIT.name}.py): {UNIT.checkpoint.title[0].lower() + UNIT.checkpoint.title[1:]}. The {link(UNIT.name, "cheat sheet")} has every call of this lesson on one page. The
    [drill page](?file=notebooks/drill.py) asks you about metrics, and has a clock for the timed skills below.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What to remember

    Start from the decision: who acts, and what does each mistake cost? Read every metric beside its baseline, on the mix that production has. Repair probabilities before you put a threshold on them. Give each number an interval, and
    compare models row by row. A pattern is a slice, a size and an effect, tested on new rows. Fairness is a choice that somebody signs. And say what nobody knows.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("04_model_evaluation", group="lesson")
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Teach.** Explain to a colleague, aloud and without notes, why the same model has another precision in another shop. How well could you?",
        key="04-teach",
    )
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Apply.** Take a model at your work. Could you say what each of its mistakes costs, and which threshold follows?",
        key="04-apply",
    )
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Debug.** Your model has a good AUC, and the people who act on it complain. Could you name three things to measure?",
        key="04-debug",
    )
    return


@app.cell(hide_code=True)
def _():
    aha(
        [
            "The more accurate model can be the more expensive one.",
            "I can predict which types will be confused by looking at how their features overlap.",
            "A probability is a claim, and I can check it.",
            "Some mistakes cost forty times as much as others, and the threshold knows.",
            "Forty slices, and one of them always looks bad.",
            "Even a perfect model can't be fair in every sense at once.",
        ],
        key="04-aha",
    )
    return


@app.cell(hide_code=True)
def _():
    mastery(
        {
            "Choose a metric for a decision that a colleague describes, and say what it leaves out": 5,
            "Write precision, recall and average precision from their definitions": 15,
            "Conduct an error analysis: read fifty mistakes, state three patterns, reject the ones that luck explains": 30,
            "Write a model card that a board can decide on": 45,
            "Explain the limits of your model without being asked": None,
        },
        key="04-mastery",
    )
    return


@app.cell(hide_code=True)
def _():
    journal(
        "Think of a model, or a rule, that decides something about you. Which mistakes does it make, what does each cost, and who pays? What would you want its model card to say?",
        key="04-journal",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Further reading**

    - Mitchell and others, [Model cards for model reporting](https://arxiv.org/abs/1810.03993) (2019): the original, with two examples
    - Barocas, Hardt and Narayanan, [Fairness and machine learning](https://fairmlbook.org/), free online
    - Guo and others, [On calibration of modern neural networks](https://arxiv.org/abs/1706.04599) (2017): temperature scaling
    - Saito and Rehmsmeier, [Precision-recall and ROC on imbalanced data](https://doi.org/10.1371/journal.pone.0118432) (2015)
    - Ribeiro and others, [Beyond accuracy: behavioral testing with CheckList](https://arxiv.org/abs/2005.04118) (2020): tables of edge cases, grown up

    Library pages: scikit-learn on [metrics](https://scikit-learn.org/stable/modules/model_evaluation.html), [calibration](https://scikit-learn.org/stable/modules/calibration.html) and
    [decision thresholds](https://scikit-learn.org/stable/modules/classification_threshold.html). `TunedThresholdClassifierCV` chooses a threshold by cross-validation.
    """)
    return


if __name__ == "__main__":
    app.run()
