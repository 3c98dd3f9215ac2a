"""in production the given model has"""


def repair(case):  # a bigger model, whatever the cause
    model = Model(code(case).prepare, RandomForestClassifier(200, random_state=0), code(case).model.threshold)
    return model.fit(case["history"])
