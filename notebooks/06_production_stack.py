import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="WRITE: the unit's title and question")

with app.setup(hide_code=True):
    import altair as alt
    import marimo as mo
    import polars as pl

    from cardshop import world
    from grader import aha, journal, mastery, predict, quiz, reveal
    from grader.course.manifest import course


@app.cell(hide_code=True)
def _():
    UNIT = next(
        unit for unit in course().units if unit.name == "06_production_stack"
    )
    mo.md(f"""
    <p class="d-kicker">Unit {int(UNIT.number)} · Lesson · about {UNIT.minutes.lesson} minutes</p>

    # {UNIT.question}

    WRITE: one scene in the shop, two sentences. What went wrong, and what did it cost?
    """)
    return (UNIT,)


@app.cell(hide_code=True)
def _():
    # WRITE: the one picture that carries the unit's idea
    alt.Chart(world.load("cards").head(200)).mark_bar().encode(
        x=alt.X("rarity", title="rarity"), y=alt.Y("count()", title="cards")
    ).properties(
        title="Cards by rarity",
        description="Bars: how many cards there are of each rarity",
    )
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    /// details | What you will be able to do, in about {UNIT.minutes.lesson} minutes

    {chr(10).join(f"- {objective}" for objective in UNIT.objectives)}
    ///
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("06_production_stack", group="review")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## WRITE: the section's question?

    WRITE: the concrete case first, then the rule. Nothing here may give the guess away.
    """)
    return


@app.cell(hide_code=True)
def _():
    guess = predict(
        "WRITE: what will happen? (three such moments in a lesson)",
        options=["this", "that"],
        key="06-guess",
    )
    guess
    return (guess,)


@app.cell(hide_code=True)
def _(guess):
    guess.reveal("this", "WRITE: because …")
    return


@app.cell
def _():
    # WRITE: the worked example, at most 18 lines that a learner reads and changes
    cards = world.load("cards")
    cards.height
    return (cards,)


@app.cell
def _(cards):
    # WRITE: the same shape of task, half done: "your line" stands above the line to write
    half_done = cards.filter(pl.col("rarity") == "Rare").height
    half_done
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    /// note | What breaks in companies
    WRITE: one accident, the order of magnitude of its loss, and what people do about it.
    ///
    """)
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    ## Pitfalls

    WRITE: what a learner can trigger here and see.
    """)
    return


@app.cell(hide_code=True)
def _():
    reveal("WRITE: a Socratic question", "WRITE: a model answer", key="06-why")
    return


@app.cell(hide_code=True)
def _(UNIT):
    mo.md(f"""
    ## Over to you

    WRITE: the recap in three sentences. Then solve the [exercises](?file=exercises/{UNIT.name}.py).
    """)
    return


@app.cell(hide_code=True)
def _():
    quiz("06_production_stack", group="lesson")
    return


@app.cell(hide_code=True)
def _():
    aha(["WRITE: an insight that comes with a jolt"], key="06-aha")
    return


@app.cell(hide_code=True)
def _():
    mastery(
        {
            "WRITE: a drill against the clock, with its minutes": 10,
            "WRITE: something to explain": None,
        },
        key="06-mastery",
    )
    return


@app.cell(hide_code=True)
def _():
    journal("WRITE: what about the learner's own work?", key="06-journal")
    return


@app.cell(hide_code=True)
def _():
    mo.md("""
    **Further reading.** WRITE: pages of the documentation of the locked versions.
    """)
    return


if __name__ == "__main__":
    app.run()
