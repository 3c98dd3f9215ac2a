import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Exercises: WRITE: the unit's title")

with app.setup(hide_code=True):
    import hashlib
    import math
    from statistics import NormalDist

    import marimo as mo
    from grader import check, title

    LOOKS = 150  # at a canary, at most
    MARGIN = 0.02  # by so much a model that is promoted may be worse


@app.cell(hide_code=True)
def _():
    mo.md("""
    # Exercises: WRITE: the unit's question

    WRITE: what is to be done here, in two sentences.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("6.1a")}

    A new model has passed every gate and has never met a customer. You let it answer a tenth of them, its *canary*, while the
    *champion* answers everybody else. A customer whose prices jump with every click writes to the support.

    `arm` says who answers, whenever a request comes in, in each of the service's processes.

    ```python
    >>> arm("ann@example.org", 0.0, "spring"), arm("ann@example.org", 1.0, "spring")
    ('champion', 'challenger')
    >>> customers = [f"customer {{number}}" for number in range(1_000)]
    >>> arms([(one, 0.1, "spring") for one in customers]).count("challenger")
    90
    ```

    Your number will be another one near 100.
    """)
    return


@app.function
def arm(key: str, share: float, salt: str) -> str:
    """Return which model answers a customer: "champion" or "challenger".

    `key` is the customer's id in any form: a number as text, an email, a
    name in any script. `share`, from 0 to 1, says how many get the
    challenger. `salt` is the name of the canary.

    - The same arguments give the same arm in every process, today and
      after a restart.
    - Of any customers, `share` get the challenger, within chance: also of
      customers with numbers in a row, and also if `share` is 0.004. With 0
      nobody gets it, with 1 everybody.
    - When `share` grows and `salt` stays, nobody who had the challenger
      loses it.
    - Another salt shuffles the customers: of those who have the challenger
      under one salt, `share` have it under another one, too.
    """
    # TODO 1: make a number from 0 to 1 of key and salt, and compare it with
    # the share (3 lines)
    ### BEGIN SOLUTION
    digest = hashlib.sha256(f"{salt} {key}".encode()).digest()
    number = int.from_bytes(digest[:8]) / 2**64
    return "challenger" if number < share else "champion"
    ### END SOLUTION


@app.function
def arms(asked: list[tuple[str, float, str]]) -> list[str]:
    """The arms of many customers. The grader calls it: leave it as it is."""
    return [arm(*one) for one in asked]


@app.cell(hide_code=True)
def _():
    report_6_1a = check("6.1a", lambda: arm)
    report_6_1a
    return (report_6_1a,)


@app.cell(hide_code=True)
def _(report_6_1a):
    report_6_1a.gate("Two ways to do it are compared here when 6.1a passes.")
    mo.md("""
    **Two good ways.** A hash of salt and key needs no memory: ten replicas agree without talking to each other, and so does
    next week's process. A table of who got what is the other way. It can keep a customer's arm when the salt changes and can name
    everybody who had the challenger, and it costs a look-up for each request and a database that must not be down. The shop's own
    service hashes (`draw` in `cardshop/rollout/policies.py`).
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## {title("6.1b")}

    The canary runs, and the numbers come in batch by batch. Whoever looks after every batch sees a bad moment sooner or later, also
    with the best of models; whoever waits for the end lets a bad one answer customers all day.

    `decide` looks at what was counted since the canary began. The labels come hours after the requests, so at first there are none.

    ```python
    >>> champion = {{"requests": 1600, "errors": 5, "slow": 9, "labels": 800, "right": 672}}
    >>> fails = {{"requests": 400, "errors": 31, "slow": 3, "labels": 180, "right": 151}}
    >>> early = {{"requests": 400, "errors": 2, "slow": 2, "labels": 30, "right": 22}}
    >>> decide(champion, fails), decide(champion, early)
    ('rollback', 'wait')
    ```
    """)
    return


@app.function
def decide(champion: dict[str, int], challenger: dict[str, int]) -> str:
    """Return what to do with a canary: "wait", "promote" or "rollback".

    Both dicts count what an arm did since the canary began: `requests`;
    `errors`, requests that failed; `slow`, answers that took more than
    0.5 s; `labels` that came back, and how many of them were `right`. At the
    beginning all are 0.

    It is called after each of at most LOOKS batches, and the first answer
    that isn't "wait" ends the canary. It knows the two dicts and nothing
    else: the same numbers give the same answer. A call takes at most 2 ms.

    Canaries that you haven't seen are replayed. In each group, nine of ten
    have to end as said:

    - A challenger that is right more often, by 4 points or more, is
      promoted.
    - One that is right less often, by 6 points or more, is taken back
      within 100 batches.
    - One that fails or is slow more often, by 4 points or more, is taken
      back within 30 batches.
    - One that is as good as the champion isn't taken back, not even when
      both fail or are slow for an hour. It may be promoted.

    Nobody is promoted before both arms have 50 labels.
    """
    # TODO 2: compare three rates, each with an interval that may be looked
    # at LOOKS times (about 14 lines)
    ### BEGIN SOLUTION
    width = NormalDist().inv_cdf(1 - 0.05 / (2 * 3 * LOOKS))  # Bonferroni

    def gap(what: str, of: str) -> tuple[float, float]:
        """The challenger's rate minus the champion's: the least and the most that it may be."""
        difference, variance = 0.0, 0.0
        for counts, sign in ((challenger, 1), (champion, -1)):
            number = counts[of] + 2  # one of each kind more: a rate is never 0 or 1
            rate = (counts[what] + 1) / number
            difference += sign * rate
            variance += rate * (1 - rate) / number
        error = width * math.sqrt(variance)
        return difference - error, difference + error

    least, most = gap("right", "labels")
    fails = gap("errors", "requests")[0] > 0 or gap("slow", "requests")[0] > 0
    if fails or most < 0:
        return "rollback"
    labels = min(champion["labels"], challenger["labels"])
    return "promote" if labels >= 50 and least > -MARGIN else "wait"
    ### END SOLUTION


@app.function
def decisions(looks: list[tuple[dict, dict]]) -> list[str]:
    """What to do at many looks. The grader calls it: leave it as it is."""
    return [decide(*look) for look in looks]


@app.cell(hide_code=True)
def _():
    report_6_1b = check("6.1b", lambda: decide)
    report_6_1b
    return (report_6_1b,)


@app.cell(hide_code=True)
def _(report_6_1b):
    report_6_1b.gate("Two ways to do it are compared here when 6.1b passes.")
    mo.md("""
    **Two good ways.** Dividing the error by the number of looks (*Bonferroni*) takes one line, and needs to know that number. An
    interval that holds at all looks together, a *confidence sequence*, never needs it: the shop's own judge uses one
    (`cardshop/rollout/sequential.py`), because nobody knows how long a canary will run.
    """)
    return


if __name__ == "__main__":
    app.run()
