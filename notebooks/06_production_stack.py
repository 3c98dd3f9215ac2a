import marimo

__generated_with = "0.25.2"
app = marimo.App(
    width="medium", app_title="Production stack: can you keep it running?"
)

with app.setup(hide_code=True):
    import hashlib
    import inspect
    import math
    import time
    from collections import Counter as Tally
    from itertools import pairwise
    from statistics import NormalDist
    from uuid import uuid4

    import marimo as mo
    import polars as pl
    from cardshop import capacity
    from fastapi import FastAPI
    from grader import (
        aha,
        journal,
        mastery,
        mine,
        predict,
        quiz,
        rate,
        reveal,
        small_table,
    )
    from grader.course.manifest import course
    from grader.page.charts import panels
    from grader.page.shelf import link, term
    from lessons import (
        budgets,
        canaries,
        counters,
        dashboards,
        manifests,
        night_traps,
        peeking,
        replicas,
        stack_room,
        strangers,
    )
    from prometheus_client import (
        CollectorRegistry,
        Counter,
        Gauge,
        Histogram,
        generate_latest,
    )


@app.cell(hide_code=True)
def _():
    UNIT = next(
        unit for unit in course().units if unit.name == "06_production_stack"
    )
    mo.md(f"""
    # {UNIT.question}

    <div class="d-lead">Friday, 15:00. A new model has passed every gate, and your colleague gives it to all customers at once. It is right for {canaries.WORSE:.0%} of the cards. The one
    before was right for {canaries.RIGHT:.0%}.</div>

    Nobody sees a wrong answer on the day. People find the true types of a third of the cards, some hours later. The shop has {canaries.AN_HOUR:,} customers an hour.
    How late the labels come decides how many of them meet the bad model:
    """)
    return (UNIT,)


@app.cell(hide_code=True)
def _():
    late = mo.ui.slider(
        0,
        24,
        1,
        value=3,
        show_value=True,
        label="hours until a label comes",
        full_width=True,
    )
    late
    return (late,)


@app.cell(hide_code=True)
def _(late):
    canaries.chart(late.value, 0.1, canaries.WAYS[:1])
    return


@app.cell(hide_code=True)
def _():
    guess_canary = predict(
        "Labels come after three hours. Had your colleague given the model to a tenth of the customers, how many would have met it before it was taken back?",
        options=["a tenth as many", "between a tenth and a half", "as many"],
        key="06-canary",
    )
    guess_canary
    return (guess_canary,)


@app.cell(hide_code=True)
def _(guess_canary):
    _all, _canary, _ = canaries.ends(3).rows(named=True)
    guess_canary.reveal(
        "between a tenth and a half",
        f"{_all['have met it']:,} met it when it went to everybody, and {_canary['have met it']:,} of a tenth. A tenth of the customers give a tenth of the labels, so the numbers take longer: {_canary['taken back after, hours']:.1f} hours against {_all['taken back after, hours']:.1f}.",
    )
    return


@app.cell(hide_code=True)
def _(guess_canary):
    guess_canary.gate()
    portion = mo.ui.slider(
        0.05,
        0.5,
        0.05,
        value=0.1,
        show_value=True,
        label="share of the canary",
        full_width=True,
    )
    portion
    return (portion,)


@app.cell(hide_code=True)
def _(late, portion):
    canaries.chart(late.value, portion.value)
    return


@app.cell(hide_code=True)
def _(late, portion):
    _now = canaries.ends(late.value, portion.value)["have met it"]
    _soon = canaries.ends(0, portion.value)["have met it"]
    mo.md(f"""
    With these sliders the canary is met by {_now[1]:,} customers, and by {_now[1] / _now[0]:.0%} as many as the release to everybody. If labels came at once, it would be {_soon[1] / _soon[0]:.0%}: **a canary
    protects you from what you can't see yet**. A {term("shadow")} is met by nobody, because nobody hears what it says.
    """)
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Before you start

    This lesson takes about {UNIT.minutes.lesson} minutes and the exercises about {UNIT.minutes.exercises}. Everything works while no stack runs on your machine; some cells show more when one does.

    /// details | What you will be able to do, and what you need

    Afterwards you can:

    {chr(10).join(f"    - {objective}" for objective in UNIT.objectives).strip()}

    You need module 3 and module 5: a model as a pipeline, a service with health and readiness, queues, drift, delayed labels. You don't need Docker or a cluster.
    ///

    **First, from memory.** You remember a fact longer when you recall it than when you read it again.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("06_production_stack", group="review")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What is there to keep running?

    **Which programs stand between a trained model and a customer?** Four, and each answers one question.

    ```text
    cardshop train ──▶ registry ──▶ service ──▶ customers
                       (MLflow)        │ ▲
                          ▲            │ └── who gets which model: rollout
            labels ──▶ monitor ◀───────┘ journal
                          │            │
                          └──▶ Prometheus ◀── /metrics
                                   └──▶ alerts ──▶ you
    ```

    | component | its question | while it is away |
    |---|---|---|
    | registry | which version serves, and which served before? | the service keeps the model that it has |
    | service | which type is this card? | customers get nothing: somebody gets up |
    | monitor | does what comes in look as before, and are the answers right? | the model can rot unseen |
    | Prometheus | how often, how long, how many failed, since when? | nobody is woken |

    `cardshop up` starts all four as processes of your machine, trains a first model, and returns when everything is ready. The button does the same. The first start
    takes about a minute. Nothing of it can be reached from another machine.
    """)
    return


@app.cell(hide_code=True)
def _():
    start_stack = mo.ui.run_button(label="Start my stack")
    stop_stack = mo.ui.run_button(label="Stop it")
    look_again = mo.ui.refresh(options=["2s", "10s"], label="look again every")
    mo.hstack([start_stack, stop_stack, look_again], justify="start", wrap=True)
    return look_again, start_stack, stop_stack


@app.cell(hide_code=True)
def _(start_stack, stop_stack):
    launched = start_stack.value or stop_stack.value  # the table below looks again
    try:
        if stop_stack.value:
            with mo.status.spinner("Stopping the stack", remove_on_exit=True):
                stack_room.stop()
            _shown = mo.md(
                "No process of the stack is left. Models, runs and logs stay in `data/stack/`."
            )
        elif start_stack.value:
            with mo.status.spinner(
                "Starting the stack, about a minute", remove_on_exit=True
            ) as _spinner:
                stack_room.start(lambda said: _spinner.update(said))
            _shown = mo.md(
                "Everything is ready. The stack goes on when you close this page: the button or `cardshop down` stops it."
            )
        else:
            _shown = mo.md(
                "*Watching your own stack is practice: nothing of it is graded.*"
            )
    except stack_room.Refused as _error:
        _shown = mo.callout(str(_error), kind="warn")
    _shown
    return (launched,)


@app.cell(hide_code=True)
def _(launched, look_again):
    look_again.value, launched
    small_table(stack_room.status())
    return


@app.cell(hide_code=True)
def _():
    send_cards = mo.ui.run_button(label="Send 100 cards to my stack")
    send_cards
    return (send_cards,)


@app.cell(hide_code=True)
def _(launched, look_again, send_cards):
    look_again.value, launched
    try:
        if send_cards.value:
            with mo.status.spinner("Sending", remove_on_exit=True):
                _said = f"The service answered {stack_room.send(100)}."
        else:
            _said = ""
        _shown = (
            small_table(stack_room.numbers(), _said)
            if stack_room.runs()
            else mo.md(
                "While no stack runs, there is nothing to measure. With one, five numbers of it appear here: the version that answers, calls, calls a second, p99, and alerts that fire."
            )
        )
    except stack_room.Refused as _error:
        _shown = mo.callout(str(_error), kind="warn")
    _shown
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    Open a terminal in the course's folder and run `source .venv/bin/activate` once. Then `cardshop status` shows the same table, `cardshop logs service` the end of a log, and `cardshop traffic --seed 10`
    sends forty days of scans, a day a second. The pages behind the addresses are worth a look: the monitor draws what drifts, and Prometheus has a line for each query.

    Kill the service's process, and look again after a moment: the *supervisor* has started another one. On a cluster that is the work of Kubernetes.

    You can now start the stack, and say for each part what breaks without it.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## How does a model get to the service, and back?

    **What is a rollback?** In a folder of files it is a search for the right file. In a {term("registry")} it moves a pointer. Versions are numbered and never change. An {term("alias")} is a name that points at
    a version; the service follows the alias `champion` and looks every few seconds.

    This is all of the idea. MLflow's registry adds a database, files, and runs with parameters and metrics.
    """)
    return


@app.cell
def _():
    class Registry:
        """Versions that never change, and names that point at them."""

        def __init__(self):
            self.versions, self.aliases, self.log = [], {}, []

        def register(self, model: str) -> int:
            self.versions.append(model)
            return len(self.versions)

        def point(self, alias: str, version: int) -> None:
            before = self.aliases.get(alias)
            self.aliases[alias] = version
            self.log.append({"alias": alias, "from": before, "to": version})

        def find(self, alias: str) -> str:
            return self.versions[self.aliases[alias] - 1]

    return (Registry,)


@app.cell(hide_code=True)
def _():
    history = mo.ui.radio(
        ["release 2", "release 2, then go back", "release 2, go back, release 3"],
        value="release 2",
        label="What happened",
    )
    history
    return (history,)


@app.cell(hide_code=True)
def _(Registry, history):
    _registry = Registry()
    _registry.register("forest of March")
    _registry.point("champion", 1)
    _registry.register("boosting of April")
    _registry.point("champion", 2)
    if "back" in history.value:
        _registry.point("champion", 1)
    if "3" in history.value:
        _registry.register("boosting of May")
        _registry.point("champion", 3)
    _rows = [
        {
            "version": number,
            "model": model,
            "alias": "champion" if _registry.aliases["champion"] == number else "",
        }
        for number, model in enumerate(_registry.versions, 1)
    ]
    mo.vstack(
        [
            small_table(_rows, "The registry:"),
            small_table(
                _registry.log, "Its log, which says who served from when to when:"
            ),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    A rollback moves the alias. It deletes nothing and trains nothing, so it takes seconds. It also brings back only the *model*: if the code of a feature or the schema of a request has changed
    since, the old model meets inputs that it has never seen. Try a rollback before you need it.

    | the idea | MLflow's client |
    |---|---|
    | register a version | `mlflow.sklearn.log_model(…)`, then `client.create_model_version(…)` |
    | point an alias | `client.set_registered_model_alias("card-type", "champion", 7)` |
    | find it | `client.get_model_version_by_alias("card-type", "champion")` |
    | load it | `mlflow.sklearn.load_model("models:/card-type@champion")` |

    **Ship your own.** The button fits your `card_model` of exercise 3.3, or the shop's if you have none. The model goes through two of the shop's gates, gets the next version, and becomes `challenger`. It answers
    nobody yet.
    """)
    return


@app.cell(hide_code=True)
def _():
    ship_mine = mo.ui.run_button(label="Ship my model to the registry")
    ship_mine
    return (ship_mine,)


@app.cell(hide_code=True)
def _(ship_mine):
    mo.stop(
        not ship_mine.value,
        mo.md(
            "*Takes about fifteen seconds. Where no stack runs, the registry is one in a temporary folder, with a champion of the shop.*"
        ),
    )
    try:
        with mo.status.spinner("Training, gates, registering", remove_on_exit=True):
            shipped = stack_room.ship(mine("3.3"))
        _shown = mo.vstack(
            [
                mo.md(
                    f"Version {shipped.version} is in {shipped.where}. {' '.join(gate.sentence for gate in shipped.gates)}"
                ),
                small_table(shipped.versions),
            ]
        )
    except stack_room.Refused as _error:
        _shown = mo.callout(str(_error), kind="warn")
    _shown
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    With your stack running, these commands take it to the customers and back:

    ```sh
    cardshop rollout start shadow               # it predicts beside, unheard
    cardshop rollout start canary --share 0.1   # it answers a tenth
    cardshop traffic --seed 10                  # calls, and labels for some
    cardshop rollout status                     # what runs, and every decision
    cardshop rollout promote                    # or: rollback
    cardshop rollout champion 1                 # back, after a promotion
    ```

    The stack decides by itself when the numbers are clear. Numbers come from calls and labels, so without traffic nothing happens. Two models that are about equally good stay undecided for
    tens of thousands of labels, and `status` shows no new line meanwhile. Then `promote` and `rollback` are for a person who knows more than the numbers. Every decision, by whomever, is a line of an **audit log** with its
    reason. The table above, *version that answers*, shows who serves.

    Compare versions before they meet anybody (*offline*: held-out cards, the gates) and while they do (*online*: {term("canary")}, {term("A/B test")}). Offline is cheap and safe, and judges the data you have. Online judges what
    customers do, and costs whatever the worse model costs.

    You can now say what a promotion moves, what a rollback brings back, and what it doesn't.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## Who gets the new model?

    **Why isn't it a coin for each request?** A collector looks at the same card three times and sees three prices. So each customer keeps the model that they got: {term("sticky assignment")}. Ten replicas answer
    and share no memory. What they have in common is the customer's id, and arithmetic.

    A hash turns a text into a number that looks random and is always the same. Divided by the largest possible value, it lies between `0` and `1`:
    """)
    return


@app.function
def number(text: str) -> float:
    """Return a number in [0, 1) that is always the same for the same text."""
    digest = hashlib.sha256(text.encode()).digest()  # 32 bytes
    return int.from_bytes(digest[:8]) / 2**64  # eight of them are enough


@app.cell(hide_code=True)
def _():
    guess_hash = predict(
        "Python has a function for it already: `hash(text) % 100`. Two replicas of a service use it to choose a tenth of the customers. What happens?",
        options=[
            "both choose the same customers",
            "each chooses a tenth, and not the same one",
            "one of them chooses nobody",
        ],
        key="06-hash",
    )
    guess_hash
    return (guess_hash,)


@app.cell(hide_code=True)
def _(guess_hash):
    guess_hash.reveal(
        "each chooses a tenth, and not the same one",
        f"Two fresh processes give {' and '.join(night_traps.hash_of_a_process())} for the same text. Python draws a new seed for the hashes of texts in each process, so that nobody can send texts that all collide. `hashlib` has no such seed.",
    )
    return


@app.cell(hide_code=True)
def _(guess_hash):
    guess_hash.gate()
    canaries.arms(number)
    return


@app.cell(hide_code=True)
def _(guess_hash):
    guess_hash.gate()
    mo.md(f"""
    Everybody to the left of a line gets the challenger. **When the share grows, the line moves to the right**, and nobody who had the challenger loses it. That is why one compares the number with the share, and doesn't draw again for each
    share.

    The picture would look the same in the next test, with the same customers on the left: those who suffered from the last canary would be the first in the next one, and what you measure in one test would depend on the other.
    A {term("salt")}, hashed together with the id, shuffles them.

    **Your turn.** A shop logs every detail for a few of its orders, and shows a new page to a few of its customers. Complete the line, so that the draw depends on `salt` *and* `key`.
    """)
    return


@app.function
def salted(key: str, salt: str) -> float:
    """Return a number in [0, 1) for a key; another salt gives independent numbers."""
    # your line: hash both, with something between them
    return number(key)


@app.cell(hide_code=True)
def _(guess_hash):
    guess_hash.gate()
    _people = [f"customer {_at}" for _at in range(2_000)]
    try:
        _first = [_one for _one in _people if salted(_one, "log") < 0.2]
        _both = sum(salted(_one, "page") < 0.2 for _one in _first)
        _share = _both / max(len(_first), 1)
        if not 300 < len(_first) < 500:
            _text = f"A fifth of {2000:,} customers is about {400}; yours are {len(_first)}."
        elif _share > 0.3:
            _text = f"Not yet: of the {len(_first)} customers whose numbers are below {0.2} for the log, {_share:.0%} have one for the page, too."
        elif salted("12", "3") == salted("2", "31"):
            _text = "Nearly: `salted('12', '3')` and `salted('2', '31')` are equal. Put something between the two, such as a space."
        else:
            _text = f"Right: of the {len(_first)} customers below {0.2} for the log, {_share:.0%} are so for the page, as in any group. Exercise 6.1a makes an arm of it."
    except Exception as _error:
        _text = f"Your `salted` raised `{type(_error).__name__}`: {_error}"
    mo.md(_text)
    return


@app.cell(hide_code=True)
def _(guess_hash):
    guess_hash.gate()
    mo.md("""
    Five ways of bringing a challenger to customers. The pictures show the share that it answers, over time, while all goes well.
    """)
    return


@app.cell(hide_code=True)
def _(guess_hash):
    guess_hash.gate()
    panels(canaries.ways(), columns=5, least=140)
    return


@app.cell(hide_code=True)
def _(guess_hash):
    guess_hash.gate()
    mo.md(f"""
    | way | answers the question | its price |
    |---|---|---|
    | {term("shadow")} | does it fail, is it slow, where does it disagree? | twice the computing; says nothing about what customers do |
    | {term("canary")} | may it go on? | a few meet a bad model, and for longer |
    | {term("A/B test")} | which is better, and by how much? | half of the customers have the worse one until the end |
    | {term("blue-green", "blue–green")} | can I go back in seconds? | two of everything; a bad model meets everybody |
    | {term("bandit")} | how do I lose least while I learn? | the groups change while you measure, so it is hard to say afterwards how much better |

    A release usually takes several: shadow for a day, canary for a week, then everybody, with the old version ready. Batch predictions have the same choice: compute both, compare, then switch the table.

    You can now give each customer one model without remembering any of them. That is exercise 6.1a.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## When do you decide?

    **May you stop as soon as the numbers look clear?** Two thousand canaries are simulated here. In each of them both models are *equally good*, right for {peeking.RATE:.0%} of the cards. After each batch of
    {peeking.LABELS} labels you compute a {0.95:.0%} interval for the difference, and stop when zero isn't in it.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_peek = predict(
        f"You look after each of {peeking.LOOKS} batches. In how many of the canaries do you see a difference that doesn't exist?",
        low=0,
        high=100,
        step=1,
        unit="per cent",
        key="06-peek",
    )
    guess_peek
    return (guess_peek,)


@app.cell(hide_code=True)
def _(guess_peek):
    guess_peek.reveal(
        round(100 * peeking.fired(peeking.WIDTHS[0])[-1]),
        f"Each look is wrong with {0.05:.0%}, and there are {peeking.LOOKS} of them. They are alike, because each contains the labels of the last; otherwise it would be nearly certain. Looking early and often and stopping at a good moment is called *peeking*.",
    )
    return


@app.cell(hide_code=True)
def _(guess_peek):
    guess_peek.gate()
    peeking.alarms()
    return


@app.cell(hide_code=True)
def _(guess_peek):
    guess_peek.gate()
    mo.md(f"""
    Two intervals keep the promise. Both are wider than the ordinary one, which is the price of looking.

    - **Bonferroni**: you know how often you will look at most. Each look gets its part of the {0.05:.0%}. It needs one line, and is wider than it has to be.
    - A **{term("confidence sequence")}** holds at all looks together, however many there are. The formula is longer; the shop's own judge uses it (`cardshop/rollout/sequential.py`).

    The worked example compares how often two arms *fail*, with Bonferroni. `inv_cdf` says how many standard errors an interval needs.
    """)
    return


@app.cell
def _():
    LOOKS = 150

    def gap(champion: dict, challenger: dict, what: str, of: str) -> tuple:
        """The challenger's rate minus the champion's: least and most."""
        width = NormalDist().inv_cdf(1 - 0.05 / (2 * LOOKS))  # two sides
        (a, n), (b, m) = ((arm[what], arm[of]) for arm in (champion, challenger))
        p, q = (a + 1) / (n + 2), (b + 1) / (m + 2)  # never quite 0 or 1
        error = math.sqrt(p * (1 - p) / (n + 2) + q * (1 - q) / (m + 2))
        return q - p - width * error, q - p + width * error

    old = {"requests": 1800, "errors": 4, "labels": 0, "right": 0}
    new = {"requests": 200, "errors": 15, "labels": 0, "right": 0}
    least, most = gap(old, new, "errors", "requests")
    return gap, least, most


@app.cell(hide_code=True)
def _(least, most):
    mo.md(f"""
    The challenger fails more often by {least:.1%} to {most:.1%} of its requests, also for somebody who looks {150} times: take it back. Without a single label it was clear.

    That is why **service levels come first**: errors and times are there within seconds. **Quality comes later**, because labels come later. So a canary is judged in this order:

    1. Does it fail, or is it slow, more often than the champion? Then it goes back, at once.
    2. Are there labels enough? If not, wait. A model is never promoted because nothing is known about it.
    3. Is it surely worse? Back. Is it surely not worse by more than a *margin* that you have chosen before? Promote. Otherwise wait.

    With three rates and both arms, the {0.05:.0%} is divided once more. And errors that *both* arms have, because a database was away for an hour, say nothing about the challenger: so compare the arms with each other.
    """)
    return


@app.cell(hide_code=True)
def _():
    which_canary = mo.ui.slider(1, 20, 1, value=5, label="canary", show_value=True)
    true_gap = mo.ui.slider(
        -0.1,
        0.1,
        0.02,
        value=0,
        show_value=True,
        label="the challenger is right more often by",
    )
    mo.vstack([which_canary, true_gap])
    return true_gap, which_canary


@app.cell(hide_code=True)
def _(true_gap, which_canary):
    peeking.one(which_canary.value, true_gap.value)
    return


@app.cell(hide_code=True)
def _(true_gap, which_canary):
    _first = [
        peeking.first_look(which_canary.value, true_gap.value, width)
        for width in peeking.WIDTHS[:2]
    ]
    _told = [f"at look {_look}" if _look else "never" for _look in _first]
    _one_side = "better or worse" if true_gap.value else "different"
    mo.md(
        f"The narrow interval leaves zero **{_told[0]}**, the wide one **{_told[1]}**. In truth the two are {'equal' if not true_gap.value else f'apart by {abs(true_gap.value):.0%}'}. Go through the canaries with {0:g} as the difference, and count how often the narrow one finds them {_one_side}."
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Your turn.** The rule for the *slow* answers and the labels is missing in this decision. Complete the two lines with `gap`.
    """)
    return


@app.cell
def _(gap):
    def verdict(champion: dict, challenger: dict) -> str:
        """rollback, promote or wait, after any of LOOKS batches."""
        if min(champion["labels"], challenger["labels"]) < 20:
            low, high = -1.0, 1.0  # too early for a word about quality
        else:
            low, high = gap(champion, challenger, "right", "labels")
        fails = gap(champion, challenger, "errors", "requests")[0] > 0
        # your line: True if the challenger is surely slow more often
        slow = False
        if fails or slow or high < 0:
            return "rollback"
        # your line: "promote" if surely not worse by 0.02, else "wait"
        return "wait"

    return (verdict,)


@app.cell(hide_code=True)
def _(verdict):
    def _arm(requests, errors, slow, labels, right):
        return {
            "requests": requests,
            "errors": errors,
            "slow": slow,
            "labels": labels,
            "right": right,
        }

    _old = _arm(9_000, 20, 60, 4_500, 3_780)
    _worlds = {
        "a challenger that is slow in a tenth of its answers": (
            _arm(1_000, 2, 100, 0, 0),
            "rollback",
        ),
        "a better one, with 800 labels": (_arm(1_600, 3, 10, 800, 740), "promote"),
        "a better one, with 15 labels": (_arm(80, 0, 0, 15, 15), "wait"),
        "one that fails": (_arm(1_000, 60, 6, 0, 0), "rollback"),
    }
    try:
        _wrong = [
            (_name, verdict(_old, _new), _due)
            for _name, (_new, _due) in _worlds.items()
            if verdict(_old, _new) != _due
        ]
        _text = (
            f"Not yet: {_wrong[0][0]} gets `{_wrong[0][1]}`, and should get `{_wrong[0][2]}`."
            if _wrong
            else "Right, in four canaries. Exercise 6.1b replays hundreds, and divides the error by three rates as well."
        )
    except Exception as _error:
        _text = f"Your `verdict` raised `{type(_error).__name__}`: {_error}"
    mo.md(_text)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    You can now look as often as you like, and say what it costs. That is exercise 6.1b.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## What does a service say about itself?

    **How does Prometheus know that calls fail?** It asks. Every few seconds it reads the page `/metrics` of each service, and keeps each number with its time. There are three kinds of numbers:

    | kind | example | what you read |
    |---|---|---|
    | {term("counter")} | calls, errors, seconds spent: only grows | how fast it grows |
    | {term("gauge")} | a version, a queue's length, a PSI | its value |
    | histogram | calls that took at most `0.1`, `0.5`, `1` s: counters, one for each bound | shares and quantiles |

    The library is `prometheus_client`. A *middleware* is code around all routes: it also sees the answers that no route has given, such as a `404`.
    """)
    return


@app.cell
def _():
    def price_app() -> tuple[FastAPI, CollectorRegistry]:
        own = CollectorRegistry()  # the global one would be shared by all apps
        answers = Counter("shop_answers", "By status.", ["status"], registry=own)
        for status in (200, 500, 503):
            answers.labels(status)  # from the start, at 0
        buckets = (0.05, 0.1, 0.5, 1)
        taken = Histogram("shop_seconds", "Times.", buckets=buckets, registry=own)
        model = Gauge("shop_model_info", "Who answers.", ["version"], registry=own)
        model.labels("7").set(1)  # after a change: model.clear() first
        service = FastAPI()

        @service.middleware("http")
        async def watch(request, answer):
            start = time.perf_counter()
            response = await answer(request)
            answers.labels(response.status_code).inc()
            taken.observe(time.perf_counter() - start)
            response.headers["X-Request-ID"] = uuid4().hex
            return response

        return service, own

    return (price_app,)


@app.cell(hide_code=True)
def _(price_app):
    _service, _own = price_app()
    for _ in range(3):
        strangers.ask(_service, "{}", "/v1/prices")
    _lines = [
        _line
        for _line in generate_latest(_own).decode().splitlines()
        if "_created" not in _line and not _line.startswith("# HELP")
    ]
    mo.md(
        "After three calls to a route that doesn't exist, `/metrics` would say:\n\n```text\n"
        + "\n".join(_lines)
        + "\n```"
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    Read it once more for what it avoids.

    - **Labels are few.** Each combination of labels is a series that Prometheus keeps. A label with the customer's id makes a series for every customer ({term("cardinality")}), and a label with a path that the client chose
      lets strangers fill your memory. Request ids belong into the log, where a single request can be found by its id.
    - **Series begin at zero.** The first value of a series is no increase. If the series for status `500` appears with the first error, at `1`, that error is never counted.
    - **The registry is the app's own.** Two apps in a process, as in tests, would share the global one.
    - **No secrets, no paths, no tracebacks**, neither in metrics nor in answers. A key comes from the environment and is compared with `hmac.compare_digest`, which takes as long for a key that is nearly right as for any other.

    ## How do you read a counter?

    **The service restarted at twenty to, and the counter began again. How many calls came in this hour?**
    """)
    return


@app.cell(hide_code=True)
def _():
    panels(counters.reading(), columns=2, least=240)
    return


@app.cell
def _():
    def increase(values: list[int]) -> int:
        """How much a counter has grown. A fall is a restart: it began at 0."""
        grown = 0
        for before, now in pairwise(values):
            grown += now - before if now >= before else now
        return grown

    hour = counters.calls()  # a counter, read once a minute
    counted = {"last minus first": hour[-1] - hour[0], "increase": increase(hour)}
    return counted, increase


@app.cell(hide_code=True)
def _(counted):
    small_table(
        [
            {"how": name, "calls in the hour": value}
            for name, value in counted.items()
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    In PromQL, the language of Prometheus, this is `increase(calls_total[1h])`. `rate(calls_total[5m])` is the same divided by the seconds of the window. Both stretch what they saw to the whole window, so an increase can be `7.3` calls. The window needs at
    least two readings, better four.

    **Which share of the calls was slow?** A histogram counts upwards: the bucket `le="0.5"` holds all calls of at most half a second, also the quickest. Move the slider and watch where the line crosses the bars.
    """)
    return


@app.cell(hide_code=True)
def _():
    share_slow = mo.ui.slider(
        0, 10, 0.5, value=0.5, show_value=True, label="slow calls, per cent"
    )
    share_slow
    return (share_slow,)


@app.cell(hide_code=True)
def _(share_slow):
    counters.steps(counters.buckets(share_slow.value / 100))
    return


@app.cell(hide_code=True)
def _(share_slow):
    _counts = counters.buckets(share_slow.value / 100)
    mo.md(f"""
    `histogram_quantile(0.99, …)` looks for the bar that the line crosses first, and pretends that the calls of this bucket are spread evenly in it. It says {counters.quantile(0.99, _counts):.2f} s. The real p99 can be
    anywhere in the bucket, so an objective needs a bound of its own: *within* `0.5` *s* can be counted exactly if there is a bucket `le="0.5"`.

    **Your turn.** The table has counters an hour apart. Complete the line.
    """)
    return


@app.function
def slow_share(before: dict[str, int], now: dict[str, int]) -> float | None:
    """Return which share of an hour's calls took longer than 0.5 s.

    The dicts have counters: `le 0.5` (calls of at most 0.5 s) and `count`.
    """
    # your line: grown by how much, of all by how much?
    return None


@app.cell(hide_code=True)
def _():
    _before = {"le 0.5": 9_700, "count": 10_000}
    _now = {"le 0.5": 14_600, "count": 15_000}
    _table = small_table(
        [
            {"counter": _name, "an hour ago": _before[_name], "now": _now[_name]}
            for _name in _now
        ]
    )
    try:
        _found = slow_share(_before, _now)
        if _found is None:
            _text = "*Replace `None`, and your line is tried here.*"
        elif math.isclose(_found, 0.02, abs_tol=1e-9):
            _text = f'Right: {100:,} of {5_000:,} calls. In PromQL it is `1 - rate(…_bucket{{le="0.5"}}[1h]) / rate(…_count[1h])`, with a `sum` around each `rate`.'
        else:
            _text = f"`slow_share` gives {_found:.3f}. In this hour {5_000:,} calls came; how many of them were within half a second?"
    except Exception as _error:
        _text = f"Your `slow_share` raised `{type(_error).__name__}`: {_error}"
    mo.vstack([_table, mo.md(_text)])
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    The rest of PromQL that you need:

    | expression | what it gives |
    |---|---|
    | `x{path=~"/v1/.*", status!="200"}` | the series of `x` whose labels match; `=~` is a regular expression |
    | `sum(rate(x[5m]))` | one number of all replicas. Rate first, sum afterwards: a sum of counters hides restarts |
    | `sum by (le) (rate(x_bucket[5m]))` | one for each value of a label; `histogram_quantile` needs `le` |
    | `count(count by (version) (x))` | how many versions there are; `max by` and `sum by` work in the same way |
    | `a / b`, `a > 0.1`, `a and b` | for series with *equal* labels; a comparison drops what isn't true |
    | `up{job="service"}` | `1` if the last reading worked, else `0` |
    | `absent(x)` | `1` if there is no series `x`: nothing can be compared with what is gone |
    | `time() - x_timestamp_seconds` | an age in seconds |
    | `x offset 1d` | what `x` was a day ago |

    You can now read a counter across a restart, and a share off a histogram.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## What may wake you?

    **How bad is bad enough?** A service that never fails can't be paid for, and nobody would notice the difference. So its owners promise less than everything, and count:

    - an **indicator** ({term("service level indicator", "SLI")}): the share of calls under `/v1/` that don't end with a `5xx`
    - an **objective** ({term("objective", "SLO")}): {1 - budgets.MAY_FAIL:.1%} of them, over {30} days
    - the {term("error budget")}: what may fail, here {budgets.MAY_FAIL:.1%}. At {budgets.A_MINUTE} calls a minute that is {budgets.MAY_FAIL * 30 * budgets.DAY * budgets.A_MINUTE:,.0f} calls a month

    While there is budget left, you may release. When it is used up, you mend. The {term("burn rate")} is how many times too fast it goes:

    $$\\text{{burn rate}} = \\frac{{\\text{{share of calls that failed}}}}{{\\text{{share that may fail}}}}$$

    A `422` is not in it: the client has made a mistake, and the service has done its work.
    """)
    return


@app.cell(hide_code=True)
def _():
    failing = mo.ui.slider(
        0.5,
        50,
        0.5,
        value=5,
        show_value=True,
        label="failed calls, of a thousand",
        full_width=True,
    )
    failing
    return (failing,)


@app.cell(hide_code=True)
def _(failing):
    _burn = failing.value / 1000 / budgets.MAY_FAIL
    mo.md(f"""
    At this rate the burn rate is **{_burn:.1f}**, and the budget of {30} days is gone after **{30 / _burn:.1f}** days. An hour of it uses {_burn / 30 / 24:.1%} of the month's budget.

    A page gets somebody out of bed, and a ticket waits for the morning ({term("page and ticket")}). A usual rule pages at a burn rate of {0.02 * 30 * 24:.1f}: an hour of it uses {0.02:.0%} of the month, and
    all of it is gone in {30 / (0.02 * 30 * 24):.0f} days. At {2} it lasts for two weeks, so a ticket will do.

    Which window of time do you compute it in? A short one sees every blip. A long one is slow to begin, and slower to end. Here is a day on which something goes wrong from noon on.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_window = predict(
        "A broken release makes a fifth of the calls fail for 50 minutes, until it is taken back. An alert looks at the last hour. How long does it go on after the end?",
        options=["about five minutes", "about half an hour", "nearly an hour"],
        key="06-window",
    )
    guess_window
    return (guess_window,)


@app.cell(hide_code=True)
def _(guess_window):
    _late = budgets.found("a release", budgets.RULES["1 h"])[1]
    _soon = budgets.found("a release", budgets.RULES["1 h and 5 min"])[1]
    guess_window.reveal(
        "nearly an hour",
        f"It goes on for {_late} minutes, because the failed calls stay in the window. Whoever is on call can't see whether the repair has helped. With a second window of five minutes, and *both* above the threshold, it ends after {_soon}.",
    )
    return


@app.cell(hide_code=True)
def _(guess_window):
    guess_window.gate()
    trouble = mo.ui.dropdown(
        list(budgets.TROUBLES), value="a release", label="from noon on:"
    )
    alert_rule = mo.ui.dropdown(
        list(budgets.RULES), value="1 h and 5 min", label="the rule looks at:"
    )
    mo.hstack([trouble, alert_rule], justify="start", gap=2, wrap=True)
    return alert_rule, trouble


@app.cell(hide_code=True)
def _(alert_rule, trouble):
    budgets.chart(trouble.value, budgets.RULES[alert_rule.value])
    return


@app.cell(hide_code=True)
def _(guess_window):
    guess_window.gate()
    small_table(
        budgets.table(),
        "For each trouble, after how many minutes a rule fires; *false*: how often it fires on a day when all is well; *late*: how many minutes it goes on after the release was taken back.",
    )
    return


@app.cell(hide_code=True)
def _(guess_window):
    guess_window.gate()
    mo.md(f"""
    Read the columns. *A blip* of three minutes has used {budgets.used("a blip"):.1%} of the month's budget: nobody should get up. *The release* has used {budgets.used("a release"):.0%}. *The slow burn* uses
    {budgets.used("a slow burn"):.0%} in half a day: nothing to get up for, and after {1 / budgets.used("a slow burn"):.0f} such half days the budget is gone. Long windows with a low threshold find it; that is a ticket. *Few calls*: at night two failed calls
    of ninety are a high burn rate, and no trouble. Ask for a number of failed calls, too.

    As rules of Prometheus, for a shop's prices:
    """)
    return


@app.cell(hide_code=True)
def _(guess_window):
    guess_window.gate()
    manifests.shown("alerts.yaml", manifests.ALERTS)
    return


@app.cell(hide_code=True)
def _(guess_window):
    guess_window.gate()
    mo.md("""
    `promtool check rules alerts.yaml` says whether Prometheus can read it, and `promtool test rules` plays rules over series that you invent.

    `for: 1m` waits until the condition has held for a minute, so that one odd reading wakes nobody. Let the windows do the rest of the waiting. A `for: 10m` is a trap here: errors that come in bursts set its clock back each time, and a window
    keeps them. A gauge has no window, so its rules do take a long `for`, as in the next table.

    `rate` allows for restarts. While no calls come, a share is $0/0$, which isn't above anything: the alert is silent. So silence needs a rule of its own: `sum(up{job="prices"}) == 0`.
    """)
    return


@app.cell(hide_code=True)
def _(guess_window):
    guess_window.gate()
    mo.md(f"""
    **A model can fail while no call does.** What its alerts look at, and why most of them are tickets:

    | what happens | expression | who hears of it |
    |---|---|---|
    | no model has the alias | `absent(cardshop_model{{alias="champion"}})`, `for: 5m` | page: nobody is answered |
    | a client has renamed a field | a share of `422`, and ten of them | page: cards pile up |
    | no card comes | `time() - …_last_prediction_timestamp_seconds > 7200` | page: the scanner is cut off |
    | surely worse | `accuracy_high < 0.6 and labels >= 200` | page: it rests on evidence |
    | a feature has moved | `drift_psi > 0.2`, `for: 30m` | ticket: a reason to look |
    | labels are old | an age above seven days | ticket: the accuracy shown is old |
    | the monitor is away | `up{{job="monitor"}} == 0`, `for: 10m` | ticket: nobody watches |

    `accuracy_high` is the upper end of the interval. If even that is too low, chance is no excuse. And a gauge of the monitor is *gone* while the monitor is away: a comparison with a gone series is silent, too.

    A page without a next step trains people to press *acknowledge*. Each page has a {term("runbook")} of four lines: what customers notice; where to look first; what to do that can be undone; how to see that it helped.

    /// note | What breaks in companies
    In 2017 GitLab deleted its primary database by accident, and [lost six hours of data](https://about.gitlab.com/blog/2017/02/10/postmortem-of-database-outage-of-january-31/): comments, users, settings of about <span data-literal>5,000</span> projects. The nightly backups had failed for some time. The mails
    that said so had been refused by the mail server, and nobody had noticed that no mails came.
    ///

    You can now compute what an hour of trouble costs, and say who hears of it. Those are exercises 6.2a and 6.2b.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## What is this alert about?

    **Four charts and a minute: where do you look?** Google's book on operations names four {term("golden signals")}: *latency*, *traffic*, *errors*, and *saturation*, which is how full the scarcest thing is. Read them together. Two that move together name a
    cause; each alone is a symptom.

    Four recorded hours. In each, something begins at the dashed line.
    """)
    return


@app.cell(hide_code=True)
def _():
    which_hour = mo.ui.radio(
        ["A", "B", "C", "D"], value="A", inline=True, label="recorded hour"
    )
    which_hour
    return (which_hour,)


@app.cell(hide_code=True)
def _(which_hour):
    dashboards.shown(which_hour.value, dashboards.GOLDEN, columns=2)
    return


@app.cell(hide_code=True)
def _():
    guess_hour = predict(
        "In one of A, B and C the service waits for something else, which has become slow. Which hour is it?",
        options=["A", "B", "C"],
        key="06-hour",
    )
    guess_hour
    return (guess_hour,)


@app.cell(hide_code=True)
def _(guess_hour):
    guess_hour.reveal(
        "C",
        "p99 has grown, and the workers have *less* to do: they wait. In A the calls came first; in B the calls are as before and the workers are busy, so each call costs more. An autoscaler that looks at the CPU would take replicas away in hour C.",
    )
    return


@app.cell(hide_code=True)
def _(guess_hour, which_hour):
    guess_hour.gate()
    mo.vstack(
        [
            mo.md(
                f"What the model said in the same hour. **{which_hour.value}**: {dashboards.HOURS[which_hour.value]}."
            ),
            dashboards.shown(which_hour.value, dashboards.MODEL, columns=3),
        ]
    )
    return


@app.cell(hide_code=True)
def _(guess_hour):
    guess_hour.gate()
    mo.md("""
    Look at D. For a service, all is well; the golden signals can't see a wrong answer. The PSI moved within minutes, and the accuracy a quarter of an hour later, when labels came. A model needs its own signals beside the four: what comes in, what goes out, how many are right.

    Then act in this order: **stop the harm** (go back, switch to the old model, refuse), **tell people**, **find the cause**, **prevent it**. Going back is right also when you don't know why, if a release came shortly before.

    With your stack running you can have such an evening: `dojo incident start` breaks it in one hidden way, and an alert fires.

    You can now say from four charts which part of a stack to look into.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## How many, and how large?

    **How busy may a service be?** It computes for {replicas.MEAN:g} s a call, on average. Twenty calls a second therefore keep {20 * replicas.MEAN:.0f} cores busy: that is {term("Little's law")}, $L = \\lambda W$, with $\\lambda$ calls a second that each stay for $W$ seconds. With three cores for them,
    the {term("utilisation")} is {2 / 3:.0%}. Why not two cores?
    """)
    return


@app.cell(hide_code=True)
def _():
    busy_share = mo.ui.slider(
        0.3,
        0.95,
        0.05,
        value=0.7,
        show_value=True,
        label="share of the time in which a worker is busy",
        full_width=True,
    )
    busy_share
    return (busy_share,)


@app.cell(hide_code=True)
def _(busy_share):
    replicas.waiting(busy_share.value)
    return


@app.cell(hide_code=True)
def _(busy_share):
    _share = round(busy_share.value, 2)
    mo.md(f"""
    At {_share:.0%}, p99 is {replicas.p99(_share):.2f} s with one worker and {replicas.p99(_share, 4):.2f} s with four that share a queue; the green line is half a second. Calls come at random, and at random several come at once. That is why people say *not
    above* {0.7:.0%}. It is a rule of thumb: what counts is the rate at which *your* load test still kept the promise.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess_lost = predict(
        f"Three replicas are busy for {0.8:.0%} of the time, and all is well. One dies. What becomes of p99?",
        options=["it doubles", "it grows by a half", "it grows without end"],
        key="06-lost",
    )
    guess_lost
    return (guess_lost,)


@app.cell(hide_code=True)
def _(guess_lost):
    guess_lost.reveal(
        "it grows without end",
        f"Two have to do the work of three: {0.8:.0%} × 3/2 is {replicas.lost(3, 0.8)['busy']:.0%}. More comes in than goes out, until somebody gives up or another replica is ready.",
    )
    return


@app.cell(hide_code=True)
def _(guess_lost):
    guess_lost.gate()
    small_table(
        [
            {
                "replicas": n,
                "each may be busy, of what it can": f"{(n - 1) / n:.0%}",
                "paid for and idle": f"{1 / n:.0%}",
            }
            for n in (2, 3, 4, 6, 10)
        ],
        "*N + 1*: one replica more than the work needs.",
    )
    return


@app.cell(hide_code=True)
def _(guess_lost):
    guess_lost.gate()
    mo.md("""
    Here is a load test of one replica, every second row: the rates were held for forty minutes each. Somebody has counted the calls of four weeks, too.
    """)
    return


@app.cell(hide_code=True)
def _(guess_lost):
    guess_lost.gate()
    shop = capacity.shop(7)
    load_test, workers = shop.load_test, shop.workers
    peak = shop.hours["calls"].max() / 3600  # calls a second
    small_table(load_test.gather_every(2))
    return load_test, peak, workers


@app.cell
def _(load_test, peak):
    kept = load_test.filter(pl.col("p99") <= 0.5)
    most_calls = kept["rate"].max()  # of one replica, a second
    per_call = kept["cores"].sum() / kept["rate"].sum()  # seconds of CPU
    sized = {
        "a replica takes, calls a second": most_calls,
        "the busiest hour has": peak,
        "replicas, if none is lost": math.ceil(peak / most_calls),
        "and one more": math.ceil(peak / most_calls) + 1,
        "cores of a replica at that rate": per_call * most_calls,
    }
    return most_calls, per_call, sized


@app.cell(hide_code=True)
def _(sized):
    small_table([{"what": name, "value": value} for name, value in sized.items()])
    return


@app.cell(hide_code=True)
def _(guess_lost, workers):
    guess_lost.gate()
    mo.md(f"""
    An **autoscaler** changes the number with the calls. Kubernetes' HorizontalPodAutoscaler compares what is used with what was *requested*: it sets as many replicas as bring the CPU to `target` per cent of the request. If the request is what a replica uses at its highest good rate, a
    target of {int(200 / 3)} per cent (rounded down) keeps the room for one lost replica of three. In the file it is `averageUtilization`; `prices` are an example. It takes minutes until a new one is ready, so it follows the hours of a day, and no burst.

    ```yaml
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {{name: prices}}
    spec:
      scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: prices}}
      minReplicas: 3
      maxReplicas: 6
      metrics:
        - type: Resource
          resource: {{name: cpu, target: {{type: Utilization, averageUtilization: 66}}}}
    ```

    {term("requests and limits", "Requests and limits")} are two different promises:

    | | request | limit |
    |---|---|---|
    | CPU | reserved; too low, and the neighbours' work makes yours slow | above it the container is *stopped* until the next tenth of a second |
    | memory | reserved; too low, and the node has none left | above it the container is *killed* |

    Memory needs the largest value that was seen, and room above it: a kill loses all calls under way. For CPU a replica here has {workers} workers. Watch what a limit below that does to calls that come together:
    """)
    return


@app.cell(hide_code=True)
def _(guess_lost):
    guess_lost.gate()
    cpu_limit = mo.ui.slider(
        0.5, 4, 0.5, value=1, show_value=True, label="limit, in cores"
    )
    cpu_limit
    return (cpu_limit,)


@app.cell(hide_code=True)
def _(cpu_limit):
    replicas.stopped(cpu_limit.value)
    return


@app.cell(hide_code=True)
def _(guess_lost):
    guess_lost.gate()
    mo.md(f"""
    That is {term("throttling")}. On average such a container uses little, so no chart of the mean shows it; p99 does.

    **Your turn.** What has a replica to be given? Complete the two lines: the CPU request in thousandths of a core, rounded up, and a memory limit with a quarter more than was ever seen.
    """)
    return


@app.function
def given(load_test: pl.DataFrame, most_calls: float, per_call: float) -> dict:
    """Return what a replica gets: `cpu_request` (m), `memory_limit` (MiB)."""
    # your lines: `per_call` seconds of CPU for each of `most_calls`;
    # load_test["memory_most"] has the largest value at each rate
    cpu_request = 0
    memory_limit = 0
    return {"cpu_request": cpu_request, "memory_limit": memory_limit}


@app.cell(hide_code=True)
def _(load_test, most_calls, per_call):
    try:
        _found = given(load_test, most_calls, per_call)
        _cpu, _memory = (
            1000 * per_call * most_calls,
            1.25 * load_test["memory_most"].max(),
        )
        if not 0 <= _found["cpu_request"] - _cpu <= 1.5:
            _text = f"Not yet: `cpu_request` is {_found['cpu_request']}; at {most_calls:.0f} calls a second a replica uses {_cpu / 1000:.2f} cores."
        elif not 0 <= _found["memory_limit"] - _memory <= 1.5:
            _text = f"Not yet: `memory_limit` is {_found['memory_limit']}; the most that was seen is {load_test['memory_most'].max()} MiB, in which row is no matter."
        else:
            _text = f"Right: {_found['cpu_request']}m and {_found['memory_limit']} MiB. Exercise 6.3a adds replicas and the autoscaler."
    except Exception as _error:
        _text = f"Your `given` raised `{type(_error).__name__}`: {_error}"
    mo.md(_text)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    You can now go from a load test to replicas, and say what each number protects from. That is exercise 6.3a.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md(f"""
    ## What does production do differently?

    **Why not a copy of the files?** Because half a year later a repair of one copy has never reached the other. A *manifest* says what should run: a `Deployment` is a number of equal {term("replica", "replicas")} of a container. A **base** says it once. An {term("overlay")} says what one
    environment does differently, as patches, and `kubectl kustomize overlay` prints what the cluster would get. No cluster is needed for it.
    """)
    return


@app.cell(hide_code=True)
def _():
    manifests.shown("overlay/kustomization.yaml", manifests.KUSTOMIZATION)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    A patch is a piece of the object: kind, name, and only what differs. Maps are merged, containers and variables are found by their `name`, and `null` removes a field. Choose one:
    """)
    return


@app.cell(hide_code=True)
def _():
    chosen_patch = mo.ui.dropdown(
        list(manifests.PATCHES)[:4], value="another variable", label="service.yaml:"
    )
    chosen_patch
    return (chosen_patch,)


@app.cell(hide_code=True)
def _(chosen_patch):
    mo.vstack(
        [
            manifests.shown("service.yaml", manifests.patch(chosen_patch.value)),
            manifests.difference(chosen_patch.value),
        ]
    )
    return


@app.cell(hide_code=True)
def _():
    guess_typo = predict(
        "Somebody writes `readynessProbe` in the patch, with a y. The pipeline applies it. What happens, if nobody looks closely?",
        options=[
            "Kubernetes corrects it",
            "the pods don't start",
            "calls reach pods that have no model yet",
        ],
        key="06-typo",
    )
    guess_typo
    return (guess_typo,)


@app.cell(hide_code=True)
def _(guess_typo):
    guess_typo.reveal(
        "calls reach pods that have no model yet",
        "kustomize merges what it is given. A server that isn't told to be strict drops fields that it doesn't know. So there is no readiness probe, and a pod gets calls as soon as its process runs. Everything looks well until the next release.",
    )
    return


@app.cell(hide_code=True)
def _(guess_typo):
    guess_typo.gate()
    small_table(
        [
            {
                "patch": name,
                "strict validation says": manifests.SAYS.get(name) or "passed",
            }
            for name in manifests.PATCHES
        ]
    )
    return


@app.cell(hide_code=True)
def _(guess_typo):
    guess_typo.gate()
    mo.md(f"""
    *Strict validation* compares each field with the schema of a version of Kubernetes: `kubectl kustomize overlay | kubernetes-validate -k 1.35 --strict -`. It found the misspelt field and the text that should be a number. It did **not** find the container with another name: that is a
    second container, and allowed. So read the rendered difference as well.

    What production asks for, and the accident that each line prevents:

    | in the manifest | without it |
    |---|---|
    | the image by its {term("image digest", "digest")} | `latest` is another program after the next build, on some of the nodes |
    | a readiness {term("probe")} at `/ready`, a liveness probe at `/health` | calls reach pods without a model; or pods are restarted because a *model* is missing |
    | requests and limits | one service takes the node's memory, and its neighbours are killed |
    | a {term("PodDisruptionBudget")}, `maxUnavailable: 1` | an update of the nodes takes all replicas at the same time |
    | no `replicas` where an autoscaler sets them | each release sends the replicas of the evening back to two |
    | `runAsNonRoot`, `readOnlyRootFilesystem`, `allowPrivilegeEscalation: false`, `capabilities: {{drop: [ALL]}}`, all in the container's `securityContext` | whoever gets into the container owns more than the container |
    | `rollingUpdate: {{maxUnavailable: 0, maxSurge: 1}}` | during a release fewer pods answer than the calls need |
    | secrets by name, from the cluster | a key in the repository is a key of everybody who ever cloned it |

    Here they are in one file, with the two other objects that a service needs. Labels tie them together: Deployment, Service and PodDisruptionBudget each find the pods by `app: prices`.
    """)
    return


@app.cell(hide_code=True)
def _(guess_typo):
    guess_typo.gate()
    mo.accordion(
        {"A whole manifest": manifests.shown("prices.yaml", manifests.WHOLE)}
    )
    return


@app.cell(hide_code=True)
def _(guess_typo):
    guess_typo.gate()
    mo.md("""
    With a cluster at hand, the same files go there in three commands (`docs/stack.md` has them, and what differs with several replicas):

    ```sh
    kubectl diff  --kustomize deploy/kubernetes/overlays/staging
    kubectl apply --kustomize deploy/kubernetes/overlays/staging
    kubectl --namespace cardshop-staging rollout status deployment/service
    ```

    You can now write down what production does differently, and have two readers for it before the cluster. That is exercise 6.3b.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What does the stack do by itself?

    **Can it repair a model while you sleep?** `cardshop demo` plays the story on a stack of its own, in two to four minutes: scans come in, a scanner stops reading a stat, the monitor notices, a training begins when there are labels enough, gates, canary, promotion. Then a bad
    model is rolled out on purpose, past the gates, and the stack takes it back. Run it now, and read on with its report beside you.

    | in the report | read it like this |
    |---|---|
    | the first two paragraphs | what happened, in numbers of the labelled cards |
    | *What it cost* | the interval first, then the difference; *wrong, about* assumes that cards without a label are wrong as often |
    | *How long it took* | where the days went: mostly into waiting for labels, not into computing |
    | *What was decided, and why* | the audit log: each line has the numbers of that moment |
    | *What is left to do* | mend the scanner. The new model works round it, and repairs nothing |

    Ask of the report: how much of the damage came *before* anybody could know? What would have made that shorter, labels or trainings?

    You can now explain each line of it to somebody who pays for it.

    ## What it costs elsewhere

    - **To everybody at once.** In July 2024 CrowdStrike sent an update of its rules to all customers in one step; [about <span data-literal>8.5</span> million Windows computers](https://blogs.microsoft.com/blog/2024/07/20/helping-our-customers-through-the-crowdstrike-outage/) crashed. The programs themselves were released in steps; these files were data, and
      went past the steps. A model is a file of that kind.
    - **An autoscaler and a wait.** On the first working day of 2021 the network between Slack's servers was overloaded. The web servers waited, used little CPU, and [the autoscaler took servers away](https://slack.engineering/slacks-outage-on-january-4th-2021/). The dashboards were on the other side of the same network. It was hour C.

    What do companies do about it? They release data and models in the steps of code. They scale by what is scarce, which isn't always the CPU. They keep a way to look and a way to go back that don't need what has failed. And they practise.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Four pitfalls

    Each piece of code looks innocent. Read it, predict the result, then switch to the careful way.
    """)
    return


@app.cell(hide_code=True)
def _():
    TRAPS = {
        "The hash of a process": (
            night_traps.hash_of_a_process,
            night_traps.hash_of_the_text,
            "`hash` of a text differs from process to process; a hash of `hashlib` doesn't.",
        ),
        "A label for each customer": (
            night_traps.series_for_customers,
            night_traps.series_for_statuses,
            "Each value of a label is a series to keep for weeks. Take labels whose values you could list.",
        ),
        "The counter that fell": (
            night_traps.last_minus_first,
            night_traps.with_the_restart,
            "A counter begins again at zero when its process does. `rate` and `increase` know it, `-` doesn't.",
        ),
        "The mean of the shares": (
            night_traps.mean_of_the_shares,
            night_traps.share_of_the_sums,
            "An hour at night with eight calls weighs as much as a noon with five thousand. Sum first, divide afterwards.",
        ),
    }
    trap = mo.ui.dropdown(
        TRAPS, value="The hash of a process", label="The pitfall:"
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
        "A new model has been answering everybody for a week, and is worse than the one before. How do you go back, and what can make that fail?",
        "Move the alias to the earlier version; the service follows within seconds. It fails if the earlier version was deleted, if the code of its features or the contract of requests has changed since, or if the database has: a model is only half of what answers. So keep versions for as long as you may want to go back, and go back once in a while without need.",
        key="06-rollback",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "How do you bring a new version of a model to a million customers, step by step?",
        "Gates on held-out data first. Then a shadow for a day: errors, times, and which answers differ. Then a canary of one in a hundred, by a hash of the customer's id, for as long as labels need to come back. Then larger shares with the same salt, so that nobody changes back. At each step there is a number that stops it, chosen before. The old version stays loaded until the end.",
        key="06-gradual",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Which numbers do you watch of a model in production?",
        "Of the service: latency, traffic, errors, saturation. Of what comes in: missing values, new categories, PSI of each feature. Of what goes out: the mix of classes, the confidence. Of the truth: accuracy with its interval, how many labels it rests on, how old they are. Of the business: what a wrong answer costs, boxes sorted again, complaints. And of the watching itself: does the monitor live, when did the last card come?",
        key="06-numbers",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "A model that is better on held-out cards is worse in its canary. How can both be true?",
        "Held-out cards are of the past, and were chosen by somebody. Online, other customers send other cards; the answer changes what people do next; features are computed by other code; a slow answer is an answer that nobody waits for. Offline evaluation says which models deserve a try, online says which one to keep.",
        key="06-offline",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "A drift alert fires on Sunday. What happens next, and what doesn't?",
        "Nobody gets up: it is a ticket. On Monday somebody asks in this order: is it the data (a unit, a field, a scanner), the mix of clients, or the world? Broken data are mended where they break. A new mix may need nothing. Only a changed world needs a new model, and that needs labels of the changed cards, so the labelling begins at once.",
        key="06-drift",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "You are on call, and customers complain about answers that have been wrong since noon. What do you do in the first quarter of an hour?",
        "Say that you have it. Look what changed at noon: release, version, settings, a client. If something did, go back, also without knowing why. If nothing did, stop the harm: refuse the cards that are surely wrong, or let people sort them. Write down times and what you saw while you see it. Causes come afterwards, and a post-mortem without names after that.",
        key="06-noon",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Training and service compute the feature “sales of the last week” in two places. Where would a feature store stand in this stack, and what would it not solve?",
        "Between the sources and both readers: one definition, a table of history for training and a quick table for the service, with the time at which each value was known. It takes the skew out of computing a feature twice. It doesn't tell whether the feature is right, and it is one more program that can be away at night. With one model and one service, a shared function does the same.",
        key="06-features",
    )
    return


@app.cell(hide_code=True)
def _():
    reveal(
        "Half of your customers get a model that may be worse, and none of them was asked. When is that all right?",
        "When the harm is small and can be undone, as with a card in a wrong box; when the groups are drawn by chance and no group of people always bears the cost; when it stops by itself; and when you would tell them about it. A price, a loan or a diagnosis is another matter: there a shadow comes first, a person looks at what would have been answered, and the share is as small as the question allows.",
        key="06-asked",
    )
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Over to you

    The [exercises](?file=exercises/{UNIT.name}.py) are checked while you type or save:

    {chr(10).join(f"    - **{task.id}** {task.title}, {task.points:g} points" for task in UNIT.tasks).strip()}

    Then the [checkpoint](?file=assessments/checkpoints/{UNIT.name}.py): {UNIT.checkpoint.title[0].lower() + UNIT.checkpoint.title[1:]}. The {link(UNIT.name, "cheat sheet")} has every call of this lesson on one page. The
    [drill page](?file=notebooks/drill.py) asks you about stacks, and has a clock for the timed skills below.
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## What to remember

    A canary protects from what you can't see yet. A hash gives each customer one model without a memory. Whoever looks often needs a wider interval. Promise a share, count what may fail, and wake people for what burns it fast. The golden signals can't see a wrong answer. Size for the
    busiest hour without one replica. And let a schema read your manifests, then read the difference yourself.
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("06_production_stack", group="lesson")
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Teach.** Explain to a colleague, aloud and without notes, why an interval that is right for one look is wrong for a hundred. How well could you?",
        key="06-teach",
    )
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Apply.** Take a service at your work. Could you write its objective, its error budget, and the one page that it needs?",
        key="06-apply",
    )
    return


@app.cell(hide_code=True)
def _():
    rate(
        "**Debug.** p99 has doubled and nothing was released. Could you name four causes, and the second chart that tells each from the others?",
        key="06-debug",
    )
    return


@app.cell(hide_code=True)
def _():
    aha(
        [
            "A model that serves is a pointer, and a rollback moves it.",
            "A canary saves customers because labels are late.",
            "Looking often is a way of being wrong.",
            "Reliability has a budget, and it may be spent.",
            "An alert that nobody acts on makes all others weaker.",
            "A service can be healthy while its model is useless.",
            "The spare replica isn't waste: it is what the others live on when one is gone.",
        ],
        key="06-aha",
    )
    return


@app.cell(hide_code=True)
def _():
    mastery(
        {
            "Start the stack, ship a model, promote it and take it back": 15,
            "Write a sticky assignment with a salt, and show that it grows": 10,
            "Write a page and a ticket for an objective of your own": 20,
            "Say from four charts which part of a service to look into": 5,
            "Go from a load test to requests, limits and replicas": 15,
            "Explain to somebody who pays for it what the demo's report says": None,
        },
        key="06-mastery",
    )
    return


@app.cell(hide_code=True)
def _():
    journal(
        "Think of the last alert, mail or message that told you that something was broken. Who had to act on it, what could they do, and should it have woken anybody?",
        key="06-journal",
    )
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Further reading**

    - Google, [The Site Reliability Workbook](https://sre.google/workbook/alerting-on-slos/): alerting on objectives, window by window; free online
    - Johari and others, [Peeking at A/B tests](https://doi.org/10.1145/3097983.3097992) (2017): what looking often does, and what a company did about it
    - Waudby-Smith and others, [Time-uniform central limit theory and asymptotic confidence sequences](https://arxiv.org/abs/2103.06476) (2021): the interval of the shop's judge
    - Sculley and others, [Hidden technical debt in machine learning systems](https://papers.nips.cc/paper_files/paper/2015/hash/86df7dcfd896fcaf2674f757a2463eba-Abstract.html) (2015): why the model is the small part

    Library pages: MLflow on its [model registry](https://mlflow.org/docs/latest/ml/model-registry/), Prometheus on [histograms](https://prometheus.io/docs/practices/histograms/) and [alerting rules](https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/),
    Kubernetes on [requests and limits](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/) and on [kustomize](https://kubernetes.io/docs/tasks/manage-kubernetes-objects/kustomization/).
    """)
    return


if __name__ == "__main__":
    app.run()
