"""WorkerPool that stand ready."""

from grader.engine.pool import WorkerPool


def test_a_worker_that_died_while_it_waited_is_replaced():
    workers = WorkerPool(None, (), (), ())
    try:
        workers.prepare()
        first = workers.warm()
        workers.prepare()
        workers._spare._kill()
        while workers._spare.alive:
            pass
        second = workers.warm()
        for worker in (first, second):
            reply, _ = worker.ask({"op": "open", "source": "x = 1", "label": "n.py"}, [], 10)
            assert "error" not in reply
            worker.close()
    finally:
        workers.close()
