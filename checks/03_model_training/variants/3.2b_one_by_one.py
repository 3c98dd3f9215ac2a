"""One call for each number; runs are ended by hand."""

import mlflow


def log_comparison(table, store, hypothesis):
    mlflow.set_tracking_uri(store)
    mlflow.set_experiment(experiment_name="four models and a baseline")
    for model, *numbers in table.select("model", "accuracy", "gain", "low", "high").rows():
        mlflow.start_run(run_name=model, tags={"hypothesis": hypothesis})
        mlflow.log_params({"model": model})
        for key, value in zip(("accuracy", "gain", "low", "high"), numbers):
            mlflow.log_metric(key, value)
        mlflow.end_run()
