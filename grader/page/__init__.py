"""What a notebook shows of the grader: questions, reflections, live checks.

Call shapes (each displays itself when it is the last expression of its own cell):

    guess = predict("How many?", options=["none", "some"], key="01-rows")     # gate: guess.gate(), guess.value
    guess = predict("What share?", low=0, high=100, step=5, unit="%", key="01-share")
    placement = quiz("01_data_engineering", group="placement")                # .right .total .answered .done
    quiz("01_data_engineering", "schema-drift")
    reveal("question", "model answer", key="01-why")
    rate("Could you explain it?", key="01-level")
    aha(["…"], key="01-aha")
    mastery({"Write a validation test": 10, "Explain drift": None}, key="01-mastery")
    journal("What will you check first?", key="01-journal")
    report = check("1.1a", break_cards)                                       # report.gate(), report.ok
    find_issues = mine("1.1b")
    title("1.1a")                                                             # "1.1a Break the cards in five ways"

After a click a card redraws the whole output of its cell: let it stand there alone.
"""
