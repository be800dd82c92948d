//! What the tool says about a small centre: every command, for people in both languages and for programs.

mod common;

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::process::Stdio;

use common::{Centre, assert_fits, command, guichet, parsed, told};
use serde_json::{Value, json};

/// What a call says in English, in Chinese, and in JSON.
fn in_all_forms(centre: &Centre, arguments: &[&str]) -> String {
    let forms = [["--lang", "en"].as_slice(), &["--lang", "zh"], &["--json"]];
    let calls = forms.map(|form| [arguments, form].concat());
    centre.says_all(&calls.each_ref().map(Vec::as_slice))
}

#[test]
fn every_command_explains_itself() {
    let mut text = String::new();
    for arguments in [
        &["--help"][..],
        &["run", "--help"],
        &["case", "--help"],
        &["case", "list", "--help"],
        &["case", "show", "--help"],
        &["case", "timeline", "--help"],
        &["stats", "--help"],
        &["stats", "process", "--help"],
        &["stats", "cases", "--help"],
        &["stats", "report", "--help"],
        &["export", "--help"],
        &["catalogue", "--help"],
        &["catalogue", "list", "--help"],
        &["catalogue", "check", "--help"],
        &["catalogue", "diagram", "--help"],
        &["catalogue", "guide", "--help"],
        &["catalogue", "publish", "--help"],
        &["vectors", "--help"],
        &["vectors", "run", "--help"],
        &["doctor", "--help"],
        &["completions", "--help"],
        &["man", "--help"],
        &["version", "--help"],
    ] {
        let output = guichet(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(0));
        writeln!(
            text,
            "$ guichet {}\n{}",
            arguments.join(" "),
            String::from_utf8(output.stdout).unwrap()
        )
        .unwrap();
    }
    insta::assert_snapshot!("help", text);
}

#[test]
fn cases_are_listed_shown_and_told() {
    let centre = Centre::with_cases();
    insta::assert_snapshot!(
        "case_list",
        in_all_forms(&centre, &["case", "list", "--as-of", "2010-03-11"])
    );
    insta::assert_snapshot!(
        "case_show",
        in_all_forms(&centre, &["case", "show", "2010-1", "--as-of", "2010-03-11"])
    );
    insta::assert_snapshot!(
        "case_timeline",
        in_all_forms(&centre, &["case", "timeline", "2010-1"])
    );
}

#[test]
fn cases_are_listed_by_department_stage_and_procedure() {
    let centre = Centre::with_cases();
    let listed = |arguments: &[&str]| {
        let list = parsed(&centre.call(&[&["case", "list", "--json"], arguments].concat()));
        let cases = list["cases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|case| case["case"].as_str().unwrap().to_owned());
        (
            list["total"].as_u64().unwrap(),
            cases.collect::<Vec<_>>().join(" "),
        )
    };
    assert_eq!(listed(&[]), (3, "2010-1 2010-2 2010-3".to_owned()));
    assert_eq!(listed(&["--stage", "open"]), (2, "2010-2 2010-3".to_owned()));
    assert_eq!(listed(&["--stage", "decided"]), (1, "2010-1".to_owned()));
    assert_eq!(
        listed(&["--stage", "review", "--department", "food-drug"]),
        (1, "2010-3".to_owned())
    );
    assert_eq!(listed(&["--department", "fire"]), (0, String::new()));
    assert_eq!(
        listed(&["--procedure", "food-service", "--limit", "2"]),
        (3, "2010-1 2010-2".to_owned())
    );
    assert_eq!(listed(&["--procedure", "senior-card"]), (0, String::new()));
    insta::assert_snapshot!(
        "case_list_limited",
        centre.says(&["case", "list", "--limit", "1", "--as-of", "2010-03-11"])
    );
}

#[test]
fn what_programs_read_is_what_the_schemas_say() {
    let centre = Centre::with_cases();
    assert_fits(
        "case-list.v1.schema.json",
        &parsed(&centre.call(&["case", "list", "--json"])),
    );
    for case in ["2010-1", "2010-2", "2010-3"] {
        assert_fits(
            "case.v1.schema.json",
            &parsed(&centre.call(&["case", "show", case, "--json"])),
        );
    }
    assert_fits(
        "stats.v1.schema.json",
        &parsed(&centre.call(&["stats", "--json"])),
    );
    for arguments in [
        &[][..],
        &["--by", "department,kind,month", "--where", "channel=window"],
        &["satisfaction_on_site", "--cases", "--as-of", "2010-03-11"],
        &["speed_up", "--as-of-position", "274"],
        &["open", "--as-of-recorded", common::MONDAY],
    ] {
        assert_fits(
            "stats-figures.v1.schema.json",
            &parsed(&centre.call(&[&["stats", "figures", "--json"], arguments].concat())),
        );
    }
    let exported = String::from_utf8(centre.call(&["export"]).stdout).unwrap();
    for line in exported.lines() {
        assert_fits("event.v1.schema.json", &serde_json::from_str(line).unwrap());
    }
    let findings = guichet(&["catalogue", "check", "harbin-2010", "--json"])
        .output()
        .unwrap();
    assert_fits("catalogue-findings.v1.schema.json", &parsed(&findings));
}

#[test]
fn answers_are_what_the_schema_says_and_come_in_the_order_of_the_lines() {
    let centre = Centre::open();
    let submit = json!({"submit": {"procedure": "food-service", "applicant": "a-1"}});
    let lines = [
        command("c-1", "2010-1", "clerk", &submit),
        "not a command".to_owned(),
        command("c-2", "2010-1", "clerk", &json!({"accept": {}})),
        String::new(),
        command("c-1", "2010-1", "clerk", &submit),
        command("c-1", "2010-9", "clerk", &submit),
        json!({"id": "c-3", "command": {}}).to_string(),
        json!({"id": "c-4", "case": "2010-1", "actor": {"person": "timekeeper", "role": "timekeeper"}, "command": {"note_time": {}}})
            .to_string(),
    ];
    let answers = centre.run(common::MONDAY, &lines);
    for (line, answer) in lines.iter().filter(|line| !line.is_empty()).zip(&answers) {
        assert_fits("answer.v1.schema.json", answer);
        if let Ok(command) = serde_json::from_str::<Value>(line)
            && answer["status"] != "failed"
        {
            assert_fits("command.v1.schema.json", &command);
        }
    }
    let answers: Vec<_> = answers.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!("answers", answers.join("\n"));
}

#[test]
fn figures_are_counted() {
    let centre = Centre::with_cases();
    insta::assert_snapshot!("stats", in_all_forms(&centre, &["stats"]));
}

#[test]
fn figures_are_asked_by_period_by_group_of_some_cases_and_as_of_a_moment() {
    let centre = Centre::with_cases();
    insta::assert_snapshot!(
        "figures",
        in_all_forms(&centre, &["stats", "figures", "--in", "2010-03"])
    );
    insta::assert_snapshot!(
        "figures_by",
        centre.says_all(&[
            &[
                "stats",
                "figures",
                "--by",
                "department,month",
                "--in",
                "2010-q1",
                "received",
                "completed",
                "on_time"
            ],
            &[
                "stats",
                "figures",
                "received",
                "--by",
                "day",
                "--in",
                "2010-03-01..2010-03-03",
                "--lang",
                "zh"
            ],
            &[
                "stats",
                "figures",
                "--where",
                "department=food-drug",
                "--where",
                "department=",
                "received",
                "open"
            ],
            &["stats", "figures", "open", "received", "--as-of", "2010-03-01"],
            &["stats", "figures", "open", "received", "--as-of-position", "274"],
            &[
                "stats",
                "figures",
                "open",
                "received",
                "--as-of-recorded",
                common::MONDAY
            ],
            &["stats", "figures", "on_time", "--in", "2010-03", "--cases"],
            &[
                "stats",
                "figures",
                "on_time",
                "used_mean",
                "--in",
                "2010-03",
                "--by",
                "item",
                "--csv"
            ],
        ])
    );
    insta::assert_snapshot!(
        "figures_refused",
        centre.says_all(&[
            &["stats", "figures", "on_time", "open", "--cases"],
            &["stats", "figures", "--in", "2010-13"],
            &["stats", "figures", "--in", "2010-03-15..2010-03-01"],
            &["stats", "figures", "on-time"],
            &["stats", "figures", "--by", "weather"],
            &["stats", "figures", "--where", "department"],
            &[
                "stats",
                "figures",
                "--as-of",
                "2010-03-01",
                "--as-of-position",
                "3"
            ],
        ])
    );
}

#[test]
fn published_figures_stay_and_are_restated_only_by_name() {
    let centre = Centre::with_cases();
    let publish = [
        "stats",
        "publish",
        "--in",
        "2010-03",
        "--by",
        "s01",
        "--now",
        common::TENTH,
    ];
    let says = |calls: &[&[&str]]| centre.says_all(calls);
    let before = says(&[
        &["stats", "bulletins"],
        &publish,
        &publish,
        &["stats", "bulletins", "2010-04"],
        &[&publish[..], &["--name", "again"]].concat(),
        &[
            &publish[..],
            &["--name", "again", "--restates", "2010-02", "--reason", "late"],
        ]
        .concat(),
    ]);
    // A case is withdrawn in March, after the figures of March were published.
    let ask = json!({"withdraw": {"reason": "no longer needed"}});
    let late = command("late", "2010-3", "clerk", &ask);
    let answers = centre.run(common::TENTH, &[late]);
    let after = says(&[
        &["stats", "bulletins", "2010-03"],
        &["stats", "bulletins", "2010-03", "--lang", "zh"],
        &[
            &publish[..],
            &[
                "--name",
                "2010-03 restated",
                "--restates",
                "2010-03",
                "--reason",
                "a withdrawal was recorded late",
            ],
        ]
        .concat(),
        &["stats", "bulletins"],
    ]);
    let status = &answers[0]["status"];
    insta::assert_snapshot!("bulletins", format!("{before}\n{status}\n{after}"));
}

#[test]
fn every_figure_says_what_it_means_in_both_languages() {
    let explained = |lang| {
        let said = guichet(&["stats", "glossary", "--lang", lang]).output().unwrap();
        String::from_utf8(said.stdout).unwrap()
    };
    insta::assert_snapshot!("figures_glossary", [explained("en"), explained("zh")].join("\n"));
}

#[test]
fn the_log_is_exported_line_by_line_or_into_a_whole_file() {
    let centre = Centre::with_cases();
    let all = String::from_utf8(centre.call(&["export"]).stdout).unwrap();
    let tail = String::from_utf8(
        centre
            .call(&["export", "--format", "jsonl", "--from", "274"])
            .stdout,
    )
    .unwrap();
    assert_eq!(all.lines().count(), 276);
    assert!(all.ends_with(&tail) && tail.lines().count() == 2, "{tail}");
    insta::assert_snapshot!("export_tail", tail);
    let file = centre
        .path()
        .parent()
        .unwrap()
        .join(format!("export-{}.jsonl", std::process::id()));
    let name = file.display().to_string();
    let summary = centre
        .says(&["export", "--json", "-o", &name])
        .replace(&name, "FILE");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), all);
    std::fs::remove_file(&file).unwrap();
    insta::assert_snapshot!("export_summary", summary);
    assert_eq!(centre.says(&["export", "--from", "999"]), "exit 0\n");
}

#[test]
fn catalogues_are_listed_checked_drawn_and_printed() {
    let nowhere = std::path::Path::new("/nowhere");
    let says = |arguments: &[&str]| told(&guichet(arguments).output().unwrap(), nowhere);
    insta::assert_snapshot!("catalogue_list", says(&["catalogue", "list"]));
    insta::assert_snapshot!(
        "catalogue_list_one",
        says(&["catalogue", "list", "harbin-2010", "--lang", "zh"])
    );
    insta::assert_snapshot!("catalogue_check", says(&["catalogue", "check", "harbin-2010"]));
    insta::assert_snapshot!(
        "catalogue_diagram",
        says(&[
            "catalogue",
            "diagram",
            "harbin-2010",
            "senior-card",
            "--format",
            "mermaid"
        ])
    );
    insta::assert_snapshot!(
        "catalogue_guide",
        says(&[
            "catalogue",
            "guide",
            "harbin-2010",
            "senior-card",
            "--format",
            "markdown",
            "--lang",
            "zh"
        ])
    );
    let svg = says(&["catalogue", "diagram", "harbin-2010", "construction-permit"]);
    assert!(svg.starts_with("exit 0\n--- out\n<svg "), "{svg}");
    let folder = tempfile::TempDir::new().unwrap();
    let output = guichet(&["catalogue", "guide", "harbin-2010", "--format", "html", "-o"])
        .arg(folder.path())
        .output()
        .unwrap();
    assert_eq!(
        told(&output, folder.path()),
        "exit 0\n--- err\n33 service guides written to DATA\n"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 33);
}

#[test]
fn publishing_twice_changes_nothing_and_a_dry_run_says_what_would_change() {
    let centre = Centre::open();
    let publish = |catalogue, more: &[&str]| {
        centre.says(&[&["catalogue", "publish", catalogue, "--by", "s40"], more].concat())
    };
    let text = [
        publish("harbin-2010", &[]),
        publish("harbin-2010-amended", &["--dry-run"]),
        publish("harbin-2010-amended", &["--json"]),
        publish("harbin-2010-amended", &[]),
        publish("harbin-2010", &["--lang", "zh"]),
    ];
    insta::assert_snapshot!("publish", text.join("\n"));
}

#[test]
fn the_doctor_finds_a_healthy_centre_healthy() {
    let centre = Centre::with_cases();
    let report = parsed(&centre.call(&["doctor", "--full", "--json", "--listen", "127.0.0.1:0"]));
    let checks = report["checks"].as_array().unwrap();
    let states: Vec<_> = checks
        .iter()
        // How much room there is, how many files a shell may open, and how far the calendar reaches beyond today, is not
        // this test's to know.
        .filter(|check| !["room", "open_files", "calendar"].contains(&check["check"].as_str().unwrap()))
        .map(|check| {
            format!(
                "{} {}",
                check["check"].as_str().unwrap(),
                check["state"].as_str().unwrap()
            )
        })
        .collect();
    assert_eq!(
        states,
        [
            "version ok",
            "terminal ok",
            "pages ok",
            "store ok",
            "sync ok",
            "log ok",
            "catalogue ok",
            "clock ok",
            "address ok",
            "tokens ok",
            "secrets ok"
        ]
    );
    let log = checks.iter().find(|check| check["check"] == "log").unwrap();
    assert!(
        log["found"]
            .as_str()
            .unwrap()
            .starts_with("all 276 records are whole"),
        "{log}"
    );
}

#[test]
fn completions_and_versions_are_told() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = guichet(&["completions", shell]).output().unwrap();
        assert!(
            String::from_utf8(output.stdout).unwrap().contains("catalogue"),
            "{shell}"
        );
    }
    let version = parsed(&guichet(&["version", "--json"]).output().unwrap());
    assert_eq!(version["guichet"], env!("CARGO_PKG_VERSION"));
    assert_eq!(
        version["formats"],
        json!({"record": 1, "block": 1, "journal": 1, "store": 1})
    );
}

#[test]
fn the_language_is_that_of_the_environment_unless_one_is_asked_for() {
    let centre = Centre::open();
    let first_word = |variables: &[(&str, &str)], more: &[&str]| {
        let mut command = centre.command(&[&["case", "list"], more].concat());
        for (name, value) in variables {
            command.env(name, value);
        }
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert_eq!(first_word(&[("LANG", "zh_CN.UTF-8")], &[]), "没有办件\n");
    assert_eq!(
        first_word(&[("LANG", "zh_CN.UTF-8"), ("LC_ALL", "C.UTF-8")], &[]),
        "no cases\n"
    );
    assert_eq!(
        first_word(&[("LANG", "zh_CN.UTF-8")], &["--lang", "en"]),
        "no cases\n"
    );
    assert_eq!(first_word(&[], &["--lang", "zh-CN"]), "没有办件\n");
}

#[test]
fn a_terminated_run_has_answered_what_it_recorded() {
    let centre = Centre::open();
    let mut run = std::process::Command::new(assert_cmd::cargo::cargo_bin!("guichet"))
        .args(["run", "--data"])
        .arg(centre.path())
        .env_remove("LANG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let submit = json!({"submit": {"procedure": "food-service", "applicant": "a-1"}});
    let mut input = run.stdin.take().unwrap();
    writeln!(input, "{}", command("c-1", "2010-1", "clerk", &submit)).unwrap();
    let mut answer = String::new();
    BufReader::new(run.stdout.take().unwrap())
        .read_line(&mut answer)
        .unwrap();
    assert!(answer.contains("\"accepted\""), "{answer}");
    let killed = std::process::Command::new("kill")
        .args(["-TERM", &run.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "error: interrupted; every command that was answered is on the disk\n"
    );
    assert_eq!(parsed(&centre.call(&["stats", "--json"]))["cases"], 1);
}
