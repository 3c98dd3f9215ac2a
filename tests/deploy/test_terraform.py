"""Terraform (P-9): HashiCorp's parser reads it, the types of its provider know every field, and the policies hold."""

import json
import re
import subprocess

import pytest

from .tools import DEPLOY, run
from .typescript import TYPES, node, refused

FOLDER = DEPLOY / "terraform"
ALL = "\n".join(file.read_text() for file in sorted(FOLDER.glob("*.tf")))
READ = """
const { parse } = require("@cdktn/hcl2json");
let text = "";
process.stdin.on("data", (part) => (text += part)).on("end", () =>
  parse("all.tf", text).then((found) => console.log(JSON.stringify(found))).catch((fault) => {
    console.error(String(fault));
    process.exit(1);
  }),
);
"""
META = {"depends_on"}
"""Terraform's own arguments, which no provider declares."""
REFERENCE = re.compile(r"\b(?:(data)\.)?(aws_\w+)\.(\w+)((?:\.[a-z_]+|\[\d+\])*)")
BLOCKS = """
import type { IResolvable } from "cdktn";
type Block<T> = { [Name in keyof T]: Field<T[Name]> };
type Field<T> = T extends IResolvable ? never
  : T extends readonly (infer One)[] ? (One extends object ? Block<One>[] : T)
  : T extends object ? (string extends keyof T ? T : [Block<T>])
  : T;
"""
"""The parser makes a list of each block, so the types of single blocks become lists of one."""
ACCEPTED = {
    "CKV_AWS_18": "who read a model is seen by CloudTrail, which belongs to the account",
    "CKV_AWS_40": "one user with one policy",
    "CKV_AWS_118": "the metrics of CloudWatch, one a minute, are enough for a registry",
    "CKV_AWS_144": "a model can be trained again from the data",
    "CKV_AWS_161": "MLflow logs in with a password",
    "CKV_AWS_273": "the manifests give MLflow keys",
    "CKV_AWS_353": "Performance Insights has ended",
    "CKV2_AWS_62": "nothing waits for a new object",
    "CKV2_AWS_64": "without a policy of its own the key is given out by IAM, as AWS recommends within one account",
}


def read(text: str, folder) -> dict:
    """The configuration as HashiCorp's parser reads it; expressions stay texts such as `${var.region}`."""
    node(folder)
    found = subprocess.run(["node", "-e", READ], input=text, cwd=folder, capture_output=True, text=True)
    if found.returncode:
        raise SyntaxError(found.stderr)
    return json.loads(found.stdout)


def written(value) -> str:
    """A value as TypeScript; an expression has every type."""
    if isinstance(value, list):
        return f"[{', '.join(fields(one) if isinstance(one, dict) else written(one) for one in value)}]"
    if isinstance(value, str) and re.fullmatch(r"\$\{[^}]*\}", value):
        return f"({json.dumps(value)} as any)"
    return json.dumps(value)


def fields(block: dict) -> str:
    known = [f"{camel(name)}: {written(value)}" for name, value in block.items() if name not in META]
    return "{" + ", ".join(known) + "}"


def camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda found: found[1].upper(), name)


def package(kind: str, data: bool) -> str:
    name = f"data_{kind}" if data else kind.removeprefix("aws_")
    return f"@cdktn/provider-aws/lib/{name.replace('_', '-')}/index"


def typescript(found: dict) -> str:
    """A module that holds where the provider knows every field of every block, and whatever an expression asks for."""
    text = BLOCKS
    for data in (False, True):
        for kind, blocks in found["data" if data else "resource"].items():
            types = (TYPES / "node_modules" / f"{package(kind, data)}.d.ts").read_text()
            config = re.search(r"interface (\w+) extends cdktn.TerraformMetaArguments", types)[1]
            one = re.search(r"class (\w+) extends cdktn.Terraform(?:Resource|DataSource)", types)[1]
            text += f'import type {{ {config}, {one} }} from "{package(kind, data)}.js";\n'
            for name, (block,) in blocks.items():
                text += f"export const {kind}_{name}_: Block<{config}> = {fields(block)};\n"
                text += f"declare const {'data_' if data else ''}{kind}_{name}: {one};\n"
    text += 'import type { AwsProviderConfig } from "@cdktn/provider-aws/lib/provider/index.js";\n'
    text += f"export const provider: Block<AwsProviderConfig> = {fields(found['provider']['aws'][0])};\n"
    for data, kind, name, rest in REFERENCE.findall(json.dumps(found)):
        asked = re.sub(r"\[(\d+)\]", r".get(\1)", camel(rest))
        text += f"{'data_' if data else ''}{kind}_{name}{asked};\n"
    return text


def test_the_provider_knows_every_field_and_every_reference(tmp_path):
    found = read(ALL, tmp_path)
    assert refused(typescript(found), tmp_path) == ""
    assert set(re.findall(r"var\.(\w+)", json.dumps(found))) == set(found["variable"])


def test_the_types_are_those_of_the_version_that_is_asked_for(tmp_path):
    (asked,) = read(ALL, tmp_path)["terraform"][0]["required_providers"]
    types = (TYPES / "node_modules/@cdktn/provider-aws/lib/kms-key/index.d.ts").read_text()
    assert asked["aws"]["version"] == "~> " + ".".join(re.search(r"aws/(\d+)\.(\d+)\.", types).groups())


MISTAKES = {
    "deletion_window_in_days": ("deletion_window", "'deletionWindow' does not exist"),
    "= 5432\n  to_port": ('= "all"\n  to_port', "'string' is not assignable to type 'number'"),
    "instance_class": ("class", "'class' does not exist"),
    "versioning_configuration {": ("versioning {", "'versioning' does not exist"),
    "noncurrent_days": ("days", "'days' does not exist"),
    "models.arn": ("models.arm", "Property 'arm' does not exist"),
    "aws_iam_user.mlflow.name": ("aws_iam_user.mlfow.name", "Cannot find name 'aws_iam_user_mlfow'"),
}


def test_mistakes_are_found(tmp_path):
    text = ALL
    for right, (wrong, _) in MISTAKES.items():
        assert right in ALL
        text = text.replace(right, wrong)
    found = refused(typescript(read(text, tmp_path)), tmp_path)
    assert [said for _, said in MISTAKES.values() if said not in found] == []


def test_a_syntax_error_is_found(tmp_path):
    with pytest.raises(SyntaxError, match="all.tf:"):
        read(ALL.replace("{", "", 1), tmp_path)


def test_checkov_finds_nothing_but_what_is_accepted():
    skipped = ",".join(ACCEPTED)
    checked = ("--framework", "terraform", "--compact", "--quiet", "--skip-download", "--skip-check", skipped)
    run("checkov", "-d", FOLDER, *checked)
