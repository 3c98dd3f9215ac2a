"""By utilisation, with pandas: which share of its workers may a replica use, and how many cores does an hour use?"""

import math

import numpy as np


def sizing(load_test, hours, workers):
    test = load_test.to_pandas()
    test["busy"] = test["cores"] / workers
    late = test.index[test["p99"] > 0.48]
    busy = test["busy"][: late[0]].max()  # the share up to which calls are quick
    below = test[test["busy"] < 0.8]
    per_call = np.polyfit(below["rate"], below["cores"], 1)[0]
    cores = hours["calls"].to_pandas() / 3600 * per_call  # of each hour
    allowed = busy * workers  # cores of a replica
    needed = math.ceil(cores.max() * 1.25 / allowed) + 1
    memory = int(test["memory_most"].max())
    return {
        "cpu_request": int(1000 * allowed) + 20,
        "cpu_limit": 1000 * workers + 500,
        "memory_request": memory,
        "memory_limit": int(1.4 * memory),
        "min_replicas": 3,
        "max_replicas": needed + 1,
        "target": 64,
    }
