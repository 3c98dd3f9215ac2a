"""MlflowClient, without anything global."""


def log_comparison(table, store, hypothesis):
    from mlflow import MlflowClient

    client = MlflowClient(store)
    experiment = client.create_experiment("four models and a baseline")
    for row in table.to_dicts():
        run = client.create_run(
            experiment, run_name=row["model"], tags={"hypothesis": hypothesis}
        ).info.run_id
        client.log_param(run, "model", row["model"])
        for metric in ("accuracy", "gain", "low", "high"):
            client.log_metric(run, metric, row[metric])
        client.set_terminated(run)
