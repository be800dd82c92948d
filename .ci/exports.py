"""Reads exports with other people's programs, and compares what they find with what Guichet says of the same log."""

import hashlib
import json
import os
import pathlib
import subprocess
import sys
import time

import duckdb
import jsonschema
from lxml import etree

TYPES = {"text": "VARCHAR", "integer": "BIGINT", "flag": "BOOLEAN", "date": "DATE", "instant": "TIMESTAMPTZ"}


def same(what, found, expected):
    if found != expected:
        sys.exit(f"exports: {what}: found {found}, expected {expected}")


def check(name, guichet, data, schemas, work):
    begun = time.monotonic()

    def run(*arguments):
        done = subprocess.run([guichet, *arguments, "--data", data], capture_output=True, text=True)
        same(" ".join(arguments), (done.returncode, done.stderr), (0, ""))
        return done.stdout

    def export(form, path, *more):
        return json.loads(run("export", "--json", "--format", form, "-o", str(path), *more))

    stats = json.loads(run("stats", "--json"))
    xes, ocel, lake, sheets = (work / it for it in ("log.xes", "log.jsonocel", "parquet", "csv"))
    counts = {form: export(form, path) for form, path in (("xes", xes), ("ocel", ocel), ("parquet", lake))}
    export("csv", sheets, "--all")

    # XES: the schema, and what is in it.
    log = etree.parse(str(xes))
    schema = etree.XMLSchema(etree.parse(str(schemas / "xes-ieee-1849-2016.xsd")))
    if not schema.validate(log):
        sys.exit(f"exports: {name}: XES: {schema.error_log}")
    same("cases of XES", len(log.findall("trace")), stats["cases"])
    same("events of XES", len(log.findall("trace/event")), counts["xes"]["events"])
    same("events by stats", counts["xes"]["events"], stats["events"])

    # OCEL: the schema, and that every relation leads somewhere.
    objects = json.loads(ocel.read_text(encoding="utf-8"))
    schema = json.loads((schemas / "ocel2-schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker()).validate(objects)
    ids = {it["id"]: it["type"] for it in objects["objects"]}
    same("objects of OCEL", len(ids), counts["ocel"]["objects"])
    same("cases of OCEL", sum(kind == "case" for kind in ids.values()), stats["cases"])
    same("events of OCEL", len({it["id"] for it in objects["events"]}), stats["events"])
    declared = {it["name"]: {a["name"] for a in it["attributes"]} for it in objects["eventTypes"] + objects["objectTypes"]}
    for it in objects["events"] + objects["objects"]:
        lost = [r["objectId"] for r in it["relationships"] if r["objectId"] not in ids]
        same(f"relations of {it['id']} to nothing", lost, [])
        same(f"undeclared attributes of {it['id']}", {a["name"] for a in it["attributes"]} - declared[it["type"]], set())

    # Parquet: the manifest, and DuckDB's own counts; CSV: the same rows.
    manifest = json.loads((lake / "manifest.json").read_text(encoding="utf-8"))
    same("position", manifest["position"], stats["position"])
    db = duckdb.connect()
    one = lambda query: db.sql(query).fetchall()[0]
    for table in manifest["tables"]:
        for file in table["files"]:
            same(file["path"], hashlib.sha256((lake / file["path"]).read_bytes()).hexdigest(), file["sha256"])
        parts = f"{lake}/{table['name']}/*/*/*.parquet"
        if not table["files"]:
            continue
        same(f"rows of {table['name']}", one(f"SELECT count(*) FROM '{parts}'")[0], table["rows"])
        types = {it["name"]: TYPES.get(it["type"], "DECIMAL(18," + it["type"][8:]) for it in table["columns"]}
        empty = ", ".join(
            f"coalesce(\"{it}\", '') AS \"{it}\"" if kind == "VARCHAR" else f'"{it}"' for it, kind in types.items()
        )
        rows = f"read_csv('{sheets}/{table['name']}.csv', header=true, columns={types}, quote='\"', escape='\"')"
        for a, b in ((rows, f"'{parts}'"), (f"'{parts}'", rows)):
            lost = f"SELECT count(*) FROM (SELECT {empty} FROM {a} EXCEPT ALL SELECT {empty} FROM {b})"
            same(f"rows of {table['name']} only in {a[:20]}", one(lost)[0], 0)
    cases, events = (f"'{lake}/{it}/*/*/*.parquet'" for it in ("cases", "events"))
    same("cases", one(f"SELECT count(*) FROM {cases}")[0], stats["cases"])
    same("records", one(f"SELECT count(*) FROM {events}")[0], stats["records"]["total"])
    same("records of cases", one(f"SELECT sum(records) FROM {cases}")[0], stats["records"]["total"] - stats["records"]["catalogue"])
    outcomes = db.sql(f"SELECT outcome, count(*) FROM {cases} WHERE outcome IS NOT NULL GROUP BY 1").fetchall()
    same("outcomes", dict(outcomes), {it: n for it, n in stats["outcomes"].items() if n})
    fees = one(f"SELECT sum(amount_fen) FROM {events}")[0]
    said = (json.loads(line)["data"].get("amount_fen") for line in run("export").splitlines())
    same("fees", int(fees or 0), sum(it for it in said if isinstance(it, int)))

    # The tables of what a case has several of, against the cases and the events.
    def number(query):
        return int(one(query)[0] or 0)

    lake_of = {it["name"]: f"'{lake}/{it['name']}/*/*/*.parquet'" for it in manifest["tables"] if it["files"]}
    for it in lake_of.keys() - {"cases", "events"}:
        same(f"rows of {it} of no case", number(f"SELECT count(*) FROM {lake_of[it]} ANTI JOIN {cases} USING (\"case\")"), 0)
    of_records = {"ratings": "case.rating_offered", "complaints": "case.complaint_received", "praise": "case.praise_received"}
    for it in of_records.keys() & lake_of.keys():
        pairs = f"{lake_of[it]} a JOIN {events} b ON a.\"case\" = b.\"case\" AND a.record = b.revision"
        same(f"records of {it}", number(f"SELECT count(*) FROM {pairs} WHERE b.kind = '{of_records[it]}'"), number(f"SELECT count(*) FROM {lake_of[it]}"))
    if "steps" in lake_of:
        started = number(f"SELECT count(*) FROM {events} WHERE kind = 'case.step_started'")
        same("steps", number(f"SELECT count(*) FROM {lake_of['steps']}"), started)
    if "members" in lake_of:
        same("members", number(f"SELECT count(*) FROM {lake_of['members']}"), number(f"SELECT count(*) FROM {lake_of['steps']} WHERE \"group\" IS NOT NULL"))
        deemed = number(f"SELECT count(consent_ground) FROM {lake_of['members']}")
        same("deemed consents", deemed, number(f"SELECT sum(deemed_consents) FROM {cases}"))
    if "fees" in lake_of:
        same("money", number(f"SELECT sum(paid_fen) + sum(refunded_fen) FROM {lake_of['fees']}"), int(fees or 0))

    if os.environ.get("PM4PY") == "1":
        import pm4py

        frame = pm4py.read_xes(str(xes))
        same("events by pm4py", (len(frame), frame["case:concept:name"].nunique()), (stats["events"], stats["cases"]))
        graph = pm4py.read_ocel2_json(str(ocel))
        # It leaves out objects that no event is about.
        met = {r["objectId"] for it in objects["events"] for r in it["relationships"]}
        same("OCEL by pm4py", (len(graph.events), len(graph.objects)), (stats["events"], len(met)))
    sizes = {it.name: it.stat().st_size for it in (xes, ocel)}
    sizes |= {it.name: sum(f.stat().st_size for f in it.rglob("*") if f.is_file()) for it in (lake, sheets)}
    print(f"exports: {name}: {stats['cases']} cases, {stats['events']} events, as others read them; {sizes}; {time.monotonic() - begun:.1f} s")


def main():
    guichet, schemas, work = (pathlib.Path(it).resolve() for it in sys.argv[1:4])
    guichet = str(guichet)
    made = {
        "demo": ["demo", "--headless", "--cases", os.environ.get("CASES", "300")],
        "permits": ["import", "--mapping", "crates/guichet-cli/examples/permits.yaml", "crates/guichet-cli/examples/permits.xes"],
    }
    for name, arguments in made.items():
        place = work / name
        place.mkdir()
        data = str(place / "data")
        subprocess.run([guichet, *arguments, "--quiet", "--data", data], check=True, stdout=subprocess.DEVNULL)
        check(name, guichet, data, schemas, place)


main()
