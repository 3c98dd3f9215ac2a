"""start_run and end_run, and the store in an environment of its own; a note more than asked for."""

import mlflow


def log_comparison(table, store, hypothesis):
    mlflow.set_tracking_uri(store)
    experiment = mlflow.set_experiment("four models and a baseline")
    for model, accuracy, gain, low, high in table.select("model", "accuracy", "gain", "low", "high").rows():
        mlflow.start_run(experiment_id=experiment.experiment_id, run_name=model)
        mlflow.log_params({"model": model, "splits": "given"})
        mlflow.log_metric("accuracy", accuracy)
        mlflow.log_metric("gain", gain)
        mlflow.log_metric("low", low)
        mlflow.log_metric("high", high)
        mlflow.set_tags({"hypothesis": hypothesis, "source": "exercise"})
        mlflow.end_run()
