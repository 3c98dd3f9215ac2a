"""One batch for each run."""


def log_comparison(table, store, hypothesis):
    from mlflow import MlflowClient
    from mlflow.entities import Metric, Param, RunTag

    client = MlflowClient(store)
    name = "four models and a baseline"
    found = client.get_experiment_by_name(name)
    experiment = found.experiment_id if found else client.create_experiment(name)
    for row in table.iter_rows(named=True):
        run = client.create_run(experiment, run_name=row["model"]).info.run_id
        client.log_batch(
            run,
            metrics=[Metric(key, row[key], 0, 0) for key in ("accuracy", "gain", "low", "high")],
            params=[Param("model", row["model"])],
            tags=[RunTag("hypothesis", hypothesis)],
        )
        client.set_terminated(run, "FINISHED")
