import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Exercises: model evaluation [04_model_evaluation]")

with app.setup(hide_code=True):
    from itertools import combinations

    import marimo as mo
    import numpy as np
    import polars as pl
    from cardshop.mistakes import COLUMNS, judged
    from grader import check, title
    from scipy.stats import hypergeom

    EPS = 2**-52  # how near to 0 or 1 a probability may come
    CASES = ["fraud", "churn", "credit"]


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    # Exercises: what does an error cost, and whom?

    You write three metrics for three decisions, find the patterns in fifty mistakes, and compute thresholds that cost least.

    **Start here:** read the example in {title("4.1a")}, then replace the line that raises `NotImplementedError`.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("4.1a")}

    The web shop stops suspicious orders, and nobody has agreed on a threshold yet. One number for all thresholds is the
    average precision: going down from the highest score, each step adds *what recall has gained* times *the precision there*.

    The log keeps every stolen card and one honest order in fifty, so each row has a weight: how many orders it represents.

    ```python
    >>> labels = np.array([True, False, True, False])
    >>> scores = np.array([0.9, 0.8, 0.8, 0.1])
    >>> round(average_precision(labels, scores), 4)
    0.8333
    ```

    The first step, at `0.9`, has recall `1/2` and precision `1`. The second step takes both rows with `0.8`: recall `1`, precision
    `2/3`. The sum is `1/2 * 1 + 1/2 * 2/3`.
    """)
    return


@app.function
def average_precision(
    labels: np.ndarray, scores: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Return the average precision of `scores`.

    `labels` are booleans, `scores` finite numbers, `weights` positive
    numbers, all of one length of at least 1. Without weights every row
    counts 1.

    - The result is the sum of (recall - recall before) * precision over
      the different scores, from the highest down. Rows with the same
      score are one step.
    - Recall and precision are ratios of sums of weights.
    - Where no label is true, the result is 0.0.
    """
    # TODO 1: one step for each different score (about 10 lines)
    raise NotImplementedError("4.1a")


@app.cell(hide_code=True)
def _():
    report_4_1a = check("4.1a", lambda: average_precision)
    report_4_1a
    return (report_4_1a,)


@app.cell(hide_code=True)
def _(report_4_1a):
    report_4_1a.gate("Two ways to do it are compared here when 4.1a passes.")
    mo.md("""
    **Two good ways.** A loop over the different scores reads like the definition, and takes quadratic time. Sorting once and
    adding up with `np.cumsum` is fast, but you then have to keep only the last row of each group of equal scores.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("4.1b")}

    Marketing calls `k` customers who may leave. *Lift* says how many times more leavers are among them than among `k`
    customers drawn at random: the precision at `k`, divided by the share of leavers in the table.

    Often several customers share the score at place `k`, and only some of them get a call. Which ones depends on how the
    table is sorted. Count what is *expected* if they are drawn at random.

    ```python
    >>> labels = np.array([True, False, True, False])
    >>> scores = np.array([0.9, 0.5, 0.5, 0.1])
    >>> lift_at(labels, scores, 2)
    1.5
    ```

    The first call goes to a leaver. The second goes to one of two customers with `0.5`, and one in two of them leaves. So `1.5` of two
    calls reach a leaver, a precision of `0.75`. Half of all customers leave: `0.75 / 0.5`.
    """)
    return


@app.function
def lift_at(labels: np.ndarray, scores: np.ndarray, k: int) -> float:
    """Return the lift of the `k` rows with the highest scores; k is at least 1.

    - Rows that share the score at place `k` share the places that are
      left: the hits among them are counted as expected from a random
      draw. So the result doesn't depend on the order of the rows.
    - Where `k` is larger than the table, all rows are called.
    - Where no label is true, the result is 0.0.
    """
    # TODO 2: rows above the score at place k, and a part of those that
    # have it (about 8 lines)
    raise NotImplementedError("4.1b")


@app.cell(hide_code=True)
def _():
    report_4_1b = check("4.1b", lambda: lift_at)
    report_4_1b
    return (report_4_1b,)


@app.cell(hide_code=True)
def _(report_4_1b):
    report_4_1b.gate("Two ways to do it are compared here when 4.1b passes.")
    mo.md("""
    **Two good ways.** Splitting at the edge gives the expected value in one pass. Replacing each label by the mean label of its
    score and taking the first `k` is shorter: `group_by("score")` does it in polars.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("4.1c")}

    The shop lends money to collectors, and the stated risk sets the interest. Here the probability itself is used, not the order of
    customers. Log loss judges it: the mean of minus the logarithm of the probability given to what happened.

    ```python
    >>> labels = np.array([True, False])
    >>> round(credit_loss(labels, np.array([0.8, 0.4])), 4)
    0.367
    ```

    The bad loan was given `0.8` and the good one `1 - 0.4 = 0.6`. The mean of `-log(0.8)` and `-log(0.6)` is `0.367`.
    """)
    return


@app.function
def credit_loss(
    labels: np.ndarray, risks: np.ndarray, weights: np.ndarray | None = None
) -> float:
    """Return the log loss of `risks`, the stated probabilities that `labels` are true.

    `weights` are positive numbers; the result is the weighted mean.
    Without them every row counts 1.

    - A probability of 0 or 1 may be wrong, and the result is finite:
      probabilities are first clipped to [EPS, 1 - EPS].
    - It works where all labels are equal.
    """
    # TODO 3: clip, choose, take logarithms, average (about 3 lines)
    raise NotImplementedError("4.1c")


@app.cell(hide_code=True)
def _():
    report_4_1c = check("4.1c", lambda: credit_loss)
    report_4_1c
    return (report_4_1c,)


@app.cell(hide_code=True)
def _(report_4_1c):
    report_4_1c.gate("Two ways to do it are compared here when 4.1c passes.")
    mo.md("""
    **Two good ways.** `np.where` chooses the probability and takes one logarithm. The textbook form
    `-(y * log(p) + (1 - y) * log(1 - p))` takes two, and gives NaN for `0 * log(0)` unless you clip first.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("4.1d")}

    For each case there are two models, `a` and `b`. Say which metric fits the decision, compute it for both, and choose a model.

    | case | the decision |
    |---|---|
    | `fraud` | stop orders at a threshold that is agreed later, and may move every week |
    | `churn` | call a hundred customers, once |
    | `credit` | the stated risk is a term in the price of the loan |

    Each table has the columns `label`, `a` and `b`; the last two are the models' probabilities. Each metric is one of
    `"average precision"`, `"lift"`, `"log loss"`, `"accuracy"`.

    ```python
    {{"case": "churn", "metric": "lift", "a": 2.1, "b": 1.7, "choice": "a"}}
    ```
    """)
    return


@app.function
def choices(tables: dict[str, pl.DataFrame]) -> list[dict]:
    """Return one choice for each of `CASES`, in this order.

    A choice has the keys `case`, `metric`, `a`, `b` and `choice`. Each
    metric is used once. `a` and `b` are the values of the metric, exact
    to 0.001; `choice` is the model that is better by this metric, either
    of them where both are equal.
    """
    # TODO 4: a metric for each case, both values, the better model (about
    # 12 lines)
    raise NotImplementedError("4.1d")


@app.cell(hide_code=True)
def _():
    report_4_1d = check("4.1d", lambda: choices)
    report_4_1d
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **The justification.** For each case two or three sentences: who acts on the number, why the metric counts what matters to
    them, and what it leaves out. A reviewer reads the cell `justification` (keep its name).

    | points | why this metric? | what does it leave out? |
    |---|---|---|
    | none | “Average precision is better than accuracy.” | “Log loss covers everything.” |
    | half | “Stolen cards are rare, so I take average precision.” | “Lift ignores the customers that nobody calls.” |
    | all | “The team calls a hundred customers, so only the first hundred places count.” | “Lift ignores how much a customer spends, so we look at the revenue of the hundred as well.” |
    """)
    return


@app.cell
def justification():
    # TODO 5: two or three sentences for each case
    mo.md("""
    *Your justification appears here.*
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("4.2")}

    A machine sorted a thousand cards and fifty went into a wrong box. Are some kinds of cards wrong more often, or was it bad luck?
    The head of sorting repairs what you name, so a false pattern costs as much as a missed one.

    `COLUMNS` has the columns that a slice may use. A pattern is a slice of **one or two** of them, one value each. There
    are none, one or two patterns in a table, and they use different columns. The other mistakes are spread at random.
    """)
    return


@app.cell
def _():
    answers, planted = judged(1)  # try 1 to 9; `planted` is what was planted
    mo.vstack(
        [mo.ui.table(answers, page_size=5, selection=None), mo.md(f"`{planted}`")]
    )
    return (answers,)


@app.cell(hide_code=True)
def _(answers):
    _inside = answers.filter(box="1")
    _outside = answers.filter(pl.col("box") != "1")
    _effect = _inside["wrong"].mean() - _outside["wrong"].mean()
    mo.md(f"""
    **The form of a claim**, here about one box:

    ```python
    {{"slice": {{"box": "1"}}, "size": {_inside.height}, "effect": {_effect:.4f}}}
    ```

    `effect` is the share of mistakes inside minus the share outside, on the whole table. Report the slice as it was planted: if all
    cards of scanner B fail more often, then *B by night* is too narrow, and it is a false discovery. If only *B by night* fails, then *B* is too wide.

    How likely are so many mistakes by luck? Draw `size` rows of a table of `rows` with `wrong` mistakes: `scipy.stats.hypergeom.sf(bad - 1, rows, wrong, size)` is
    the probability that `bad` or more of them are mistakes. There are several hundred slices, so ask for a very small one. polars counts in
    unsigned numbers, where `0 - 1` is a huge number, so cast `wrong` to `int` before you sum it.
    """)
    return


@app.function
def patterns(table: pl.DataFrame) -> list[dict]:
    """Return the patterns in the mistakes of `table`, as claims; an empty list if there are none.

    A claim has the keys `slice` (one or two of `COLUMNS`, one value
    each), `size` (rows of the slice) and `effect` (share of mistakes
    inside minus share outside, exact to 0.001).

    In each table `wrong` is true in fifty rows. The grader calls the
    function with tables that nobody has seen, and compares with what was
    planted. Each false discovery takes away what a found pattern gives.
    """
    # TODO 6: search slices of one and two columns; take the clearest, set
    # its rows aside, search again (about 25 lines)
    raise NotImplementedError("4.2")


@app.cell(hide_code=True)
def _():
    report_4_2 = check("4.2", lambda: patterns)
    report_4_2
    return (report_4_2,)


@app.cell(hide_code=True)
def _(report_4_2):
    report_4_2.gate("Two ways to do it are compared here when 4.2 passes.")
    mo.md("""
    **Two good ways.** A probability of luck with a strict bar needs one table. Shuffling `wrong` a thousand times and
    noting the best slice of each shuffle finds the bar from the data, and stays right when slices overlap.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("4.3a")}

    An order is stopped if its score reaches the threshold. Each of the four outcomes costs something, right ones too: stopping a
    stolen card takes a clerk's time, and letting an honest order through *earns* money, a negative cost.

    ```python
    >>> labels = np.array([False, True, False, True])
    >>> scores = np.array([0.1, 0.4, 0.6, 0.9])
    >>> costs = {{"hit": 2, "miss": 40, "false_alarm": 6, "let_through": -5}}
    >>> best_threshold(labels, scores, costs)
    0.4
    ```

    With `0.4` the cost is `-5 + 2 + 6 + 2 = 5`. With `0.9` it is `-5 + 40 - 5 + 2 = 32`. Any threshold above `0.1` and up to `0.4`
    is right: the grader compares what thresholds cost. 4.3b needs the same search with weights; `cheapest` is the place for it, if
    you want to write it once.
    """)
    return


@app.function
def best_threshold(
    labels: np.ndarray, scores: np.ndarray, costs: dict[str, float]
) -> float:
    """Return a threshold with the smallest total cost: rows with `scores >= threshold` are stopped.

    - `costs` has the cost of a `hit` (true, stopped), a `miss` (true, let
      through), a `false_alarm` (false, stopped) and a `let_through`
      (false, let through). Each can be negative.
    - Stopping everything and stopping nothing are thresholds too;
      `float("inf")` stops nothing.
    - There are one or more rows. Several can have the same score, others
      can be closer together than any grid, and all labels can be equal.
      Any threshold of smallest cost is right; NaN is none.
    """
    # TODO 7: the cost of each threshold that changes something (about 10
    # lines)
    raise NotImplementedError("4.3a")


@app.function
def cheapest(
    labels: np.ndarray,
    scores: np.ndarray,
    costs: dict[str, float],
    weights: np.ndarray,
) -> float:
    """Return the cheapest threshold where each row counts `weights`; yours to write or to delete."""
    raise NotImplementedError("4.3b")


@app.cell(hide_code=True)
def _():
    report_4_3a = check("4.3a", lambda: best_threshold)
    report_4_3a
    return (report_4_3a,)


@app.cell(hide_code=True)
def _(report_4_3a):
    report_4_3a.gate("Two ways to do it are compared here when 4.3a passes.")
    mo.md("""
    **Two good ways.** Trying each score works for any cost matrix and any scores. For calibrated probabilities a formula is
    enough: stop if `p * hit + (1 - p) * false_alarm` is below `p * miss + (1 - p) * let_through`.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("4.3b")}

    The model moves to a shop where stolen cards are rarer. You have no labels there, only the share of stolen cards, and the rows of
    your own shop. What changes is how much each class counts; inside a class the scores stay as they are.

    ```python
    >>> labels = np.array([False, False, True, True])
    >>> scores = np.array([0.1, 0.6, 0.4, 0.9])
    >>> costs = {{"hit": 0, "miss": 10, "false_alarm": 5, "let_through": 0}}
    >>> threshold_elsewhere(labels, scores, costs, 0.5), threshold_elsewhere(labels, scores, costs, 0.1)
    (0.4, 0.9)
    ```
    """)
    return


@app.function
def threshold_elsewhere(
    labels: np.ndarray, scores: np.ndarray, costs: dict[str, float], share: float
) -> float:
    """Return a threshold with the smallest expected cost where `share` of the rows is true, 0 to 1.

    The other arguments, and ties, are as in `best_threshold`. Rows of one
    class all count the same.

    - A class with a share above 0 needs a row in the table. Where it has
      none, raise a ValueError.
    - A class with the share 0 needs no row, and its rows don't count.
    """
    # TODO 8: weights for both classes, then the search of 4.3a (about 8
    # lines)
    raise NotImplementedError("4.3b")


@app.cell(hide_code=True)
def _():
    report_4_3b = check("4.3b", lambda: threshold_elsewhere)
    report_4_3b
    return (report_4_3b,)


@app.cell(hide_code=True)
def _(report_4_3b):
    report_4_3b.gate("Two ways to do it are compared here when 4.3b passes.")
    mo.md("""
    **Two good ways.** Weights change the table and keep the search. Multiplying the costs of each class by the same factor
    changes the costs and keeps the table; the result is the same.

    **What you can do now:** choose a metric from a decision, find patterns that aren't luck, and set a threshold for costs
    and a mix that you are told.
    """)
    return


if __name__ == "__main__":
    app.run()
