"""Alert rules of Prometheus: what fires when over recorded series, by Prometheus's own promtool."""

import json
import os
import re
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .. import programs
from ..notebook import LoadError

MINUTE = 60
AT_ONCE = min(4, os.cpu_count() or 1)  # promtools: each computes for a second or two
FIRING = 'ALERTS{alertstate="firing"}'
_TEST = re.compile(r"^    expr: .*, time: (\S+?),?$")
_GOT = re.compile(r"^        got: (.*)$")
_SAMPLE = re.compile(r"\{((?:[^\"{}]|\"(?:[^\"\\]|\\.)*\")*)\} \S+")
_LABEL = re.compile(r"(\w+)=(\"(?:[^\"\\]|\\.)*\")")
_WRONG = re.compile(r"^    rule: (.*?), time: \S+?, err: (.*)$")
_UNIT = {"d": 86_400, "h": 3_600, "m": MINUTE, "s": 1}


def read(path: Path, recordings: list[dict], step: int = MINUTE) -> list[list[dict]]:
    """Return for each recording which alerts fire: for each their `labels` and the `seconds` at which they do.

    A recording has `series`, a dict from a series (`up{job="service"}`) to its values in promtool's notation
    (`0+60x30`), and `seconds`, its length; between two values lie `step` seconds, and so between two looks at the
    rules. Raises LoadError for rules that promtool refuses.
    """
    program = programs.find("promtool")
    if program is None:
        raise LoadError("promtool is not installed, and it reads alert rules: see `dojo doctor`")
    _run(program, "check", "rules", path, wrong="Prometheus refuses these rules")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        files = []
        for number, one in enumerate(recordings):
            test = {
                "interval": f"{step}s",
                "input_series": [
                    {"series": name, "values": values} for name, values in one["series"].items()
                ],
                "promql_expr_test": [
                    {"expr": FIRING, "eval_time": f"{at}s", "exp_samples": []}
                    for at in range(0, int(one["seconds"]) + 1, step)
                ],
            }
            files.append(Path(folder, f"{number}.json"))  # JSON is YAML
            asked = {"rule_files": [str(path.resolve())], "evaluation_interval": f"{step}s", "tests": [test]}
            files[-1].write_text(json.dumps(asked), encoding="utf-8")
        return [_firing(told) for told in pool.map(lambda file: _run(program, "test", "rules", file), files)]


def _run(program: str, *arguments: object, wrong: str = "") -> str:
    done = subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, errors="replace", check=False
    )
    if wrong and done.returncode:
        told = (done.stderr.strip() or done.stdout).replace(f"{arguments[-1]}: ", "")
        lines = [" ".join(line.split()) for line in (told.partition("FAILED:")[2] or told).splitlines()]
        told = "; ".join(dict.fromkeys(line for line in lines if line))  # promtool says some errors twice
        raise LoadError(f"{wrong}: {told}"[:600])
    return done.stdout + done.stderr


def _firing(told: str) -> list[dict]:
    """What promtool says about a test in which nothing was expected."""
    times: dict[str, list[int]] = {}
    at = None
    for line in told.splitlines():
        if test := _TEST.match(line):
            at = _seconds(test[1])
        elif (got := _GOT.match(line)) and at is not None:
            for sample in _SAMPLE.finditer(got[1]):
                labels = {name: _text(value) for name, value in _LABEL.findall(sample[1])}
                shown = {name: labels[name] for name in sorted(labels.keys() - {"__name__", "alertstate"})}
                times.setdefault(json.dumps(shown), []).append(at)
        elif wrong := _WRONG.match(line):
            twins = (
                "Alerts with the same labels need different names: " if "duplicate sample" in wrong[2] else ""
            )
            raise LoadError(f"{twins}Prometheus cannot evaluate the rule {wrong[1]}: {wrong[2]}"[:600])
        elif "error" in line.lower() and at is None and "FAILED" not in line and line.strip():
            raise LoadError(f"Prometheus cannot evaluate these rules: {line.strip()}"[:600])
    return [{"labels": json.loads(labels), "seconds": seconds} for labels, seconds in times.items()]


def _seconds(text: str) -> int:
    """Go writes ninety seconds as 1m30s."""
    return sum(int(number) * _UNIT[unit] for number, unit in re.findall(r"(\d+)([dhms])(?!s)", text))


def _text(quoted: str) -> str:
    try:
        return json.loads(quoted)
    except ValueError:  # Go has escapes that JSON does not know
        return quoted[1:-1]
