//! `infield lookup`: what it prints can be pasted, what there is not is said, and nothing is written anywhere.

use crate::support::{Project, Sandbox};
use infield::marketplace::lookups::there_are;
use infield::model::VendorId;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The lines as they would be pasted below a key, comments and all.
fn pasted(lines: &str, indent: usize) -> String {
    let indent = " ".repeat(indent);
    lines.lines().map(|line| format!("{indent}{line}\n")).collect()
}

#[test]
fn every_question_of_the_codebook_can_be_pasted() {
    let project = Project::empty();
    let run = project
        .ok(&[
            "lookup",
            "questions",
            "--vendor",
            "purespectrum",
            "--locale",
            "en-US",
        ])
        .says("18 questions in infield's codebook of PureSpectrum, en-US")
        .says("household_income: [50000-74999]");
    assert!(!project.exists(".infield"), "nobody was asked");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 18, "{}", run.stdout);
    let (quotas, anywhere): (Vec<&str>, Vec<&str>) =
        lines.iter().partition(|line| line.contains("in quotas only"));
    assert_eq!(quotas.len(), 2, "{quotas:?}");
    // States, or their regions, or their divisions: one question has one list of answers.
    let of_states = |line: &&str| {
        ["us_state:", "us_region:", "us_division:"]
            .iter()
            .any(|name| line.starts_with(name))
    };
    let (states, rest): (Vec<&str>, Vec<&str>) = anywhere.into_iter().partition(of_states);
    assert_eq!(states.len(), 3, "{states:?}");
    for one in states {
        let lines = [rest.as_slice(), &[one]].concat().join("\n");
        project.write(
            "survey.yaml",
            &format!(
                "kind: Survey\nname: pasted\ntitle: Pasted\nlocale: en-US\ncompletes: 100\nincidence_rate: 50\n\
                 length_of_interview: 10\nfield_days: 7\ncpi: 3.00 USD\nqualifications:\n{}purespectrum:\n  category: 232\n",
                pasted(&lines, 2)
            ),
        );
        project.ok(&["validate"]).never_says("not in infield's codebook");
    }
}

#[test]
fn every_question_of_cints_library_can_be_pasted() {
    let project = Project::example("cint");
    let questions = project.ok(&["lookup", "questions", "--vendor", "cint", "--locale", "en_us"]);
    assert!(questions.stdout.lines().count() > 5, "{}", questions.stdout);
    // The quotas of the example ask for the gender.
    let lines: Vec<&str> = questions
        .stdout
        .lines()
        .filter(|line| !line.starts_with("gender:"))
        .collect();
    project.edit(
        "brand-tracker.yaml",
        "      age: 18-64\n",
        &pasted(&lines.join("\n"), 6),
    );
    project.ok(&["validate"]);
    project
        .ok(&["plan", "--target", "brand-tracker/us-adults"])
        .says("hispanic")
        .never_says("has no question")
        .never_says("has no answer");
}

#[test]
fn answers_of_innovatemrs_library_can_be_pasted() {
    let project = Project::example("innovatemr");
    let answers = project
        .ok(&[
            "lookup",
            "answers",
            "console",
            "--vendor",
            "innovatemr",
            "--locale",
            "en-US",
        ])
        .says("1 of 6 questions with their answers at InnovateMR, en-US");
    assert_eq!(
        answers.stdout.lines().map(str::trim_end).collect::<Vec<_>>(),
        [
            "CORE_ENTERTAINMENT_0015:  # 3537; Which of these do you own?",
            "  - Game console          # 1 Game console",
        ]
    );
    project.edit(
        "brand-lift.yaml",
        "    locale: en-US\n",
        &format!(
            "    locale: en-US\n    qualifications:\n{}",
            pasted(&answers.stdout, 6)
        ),
    );
    project.ok(&["plan"]).says("CORE_ENTERTAINMENT_0015");
}

#[test]
fn codes_of_cint_can_be_pasted() {
    let project = Project::example("cint");
    let mut block = String::new();
    for (what, text) in [
        ("study-types", "diary"),
        ("industries", "food"),
        ("lockouts", "30"),
        ("clients", "acme"),
    ] {
        block += &project.ok(&["lookup", what, text, "--vendor", "cint"]).stdout;
    }
    assert_eq!(block.lines().count(), 4, "{block}");
    project.edit(
        "brand-tracker.yaml",
        "  business_unit: 3337 ",
        &format!("{}  business_unit: 3337 ", pasted(&block, 2)),
    );
    project
        .ok(&["plan"])
        .says("past_30_days")
        .says("food_beverage")
        .says("diary");
    project
        .ok(&["lookup", "business-units", "--vendor", "cint"])
        .says("business_unit: 1234  # Example EMEA; EUR, rate_card or dynamic");
    project
        .ok(&["lookup", "locales", "germany", "--vendor", "cint"])
        .says("2 of 18 locales at Cint")
        .says("locale: de-DE");
    project
        .ok(&["lookup", "suppliers", "acme", "--vendor", "cint"])
        .says("suppliers: [4351]");
    project
        .ok(&["lookup", "users", "jane", "--vendor", "cint"])
        .says("project_manager: \"43292405-363e-4fa3-85a6-6e74a49fab2e\"");
}

#[test]
fn a_machine_gets_all_answers_and_a_valid_document() {
    let project = Project::empty();
    let args = [
        "lookup",
        "questions",
        "47",
        "--vendor",
        "cint",
        "--locale",
        "en-US",
        "--format",
        "json",
    ];
    let found = project.ok(&args).json();
    let yaml = project
        .ok(&args.map(|arg| if arg == "json" { "yaml" } else { arg }))
        .stdout;
    assert!(yaml.starts_with("format: infield.lookup/1\n"), "{yaml}");
    assert_eq!(serde_yaml::from_str::<Value>(&yaml).unwrap(), found);
    assert_eq!(found["format"], "infield.lookup/1");
    assert_eq!(found["source"], "vendor");
    assert_eq!(found["total"], 9);
    assert_eq!(found["entries"].as_array().unwrap().len(), 1, "{found:#}");
    let entry = &found["entries"][0];
    assert_eq!((&entry["id"], &entry["name"]), (&"47".into(), &"HISPANIC".into()));
    assert_eq!(entry["answers"].as_array().unwrap().len(), 16);
    assert_eq!(
        entry["answers"][14],
        serde_json::json!({"id": "3", "text": "Yes, Cuban", "write": "\"Yes, Cuban\""})
    );
    let schema: Value = serde_json::from_str(&project.ok(&["schema", "lookup"]).stdout).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    validator.validate(&found).unwrap();
    let mut wrong = found.clone();
    wrong["entries"][0]["id"] = 47.into();
    assert!(validator.validate(&wrong).is_err());
}

#[test]
fn what_there_is_not_is_said() {
    let project = Project::empty();
    for (args, code, said) in [
        (
            &["lookup", "categories", "--vendor", "purespectrum"][..],
            1,
            "`infield lookup` has for PureSpectrum: questions, answers, templates, suppliers",
        ),
        (
            &["lookup", "templates", "--vendor", "cint"],
            1,
            "Cint has no templates of surveys",
        ),
        (
            &["lookup", "suppliers", "--vendor", "innovatemr"],
            1,
            "no public document shows a list of suppliers at InnovateMR",
        ),
        (
            &["lookup", "questions", "--vendor", "cint"],
            64,
            "add one, such as --locale en-US",
        ),
        (
            &["lookup", "questions", "", "--vendor", "purespectrum"],
            64,
            "a value is required for '[TEXT]'",
        ),
        (
            &["lookup", "suppliers", "--vendor", "purespectrum"],
            64,
            "suppliers differ by locale at PureSpectrum",
        ),
        (
            &["lookup", "questions", "--vendor", "cint", "--locale", "english"],
            64,
            "a locale is a language and a region",
        ),
        (
            &[
                "lookup",
                "questions",
                "--vendor",
                "innovatemr",
                "--locale",
                "xx-XX",
            ],
            1,
            "infield does not know InnovateMR's words for the locale \"xx-XX\"",
        ),
        (
            &[
                "lookup", "answers", "HISPANC", "--vendor", "cint", "--locale", "en-US",
            ],
            1,
            "did you mean `HISPANIC`?",
        ),
        (
            &["lookup", "questions", "qqqqqqqqq", "--vendor", "purespectrum"],
            1,
            "nothing among 18 questions of PureSpectrum has a name here such as `qqqqqqqqq`",
        ),
    ] {
        let run = project.run(args).code(code).says(said);
        assert_eq!(run.stdout, "", "{}", run.text());
    }
}

#[test]
fn a_vendor_that_cannot_be_read_has_no_empty_list() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project
        .ok(&["lookup", "templates", "zip", "--vendor", "purespectrum"])
        .says("template_id: 5")
        .says("Zip panel; in Panels");
    project
        .ok(&["lookup", "templates", "26", "--vendor", "purespectrum"])
        .says("Province qual; title \"Template - Non US countries\", in CA-en");
    let log = sandbox.log();
    // What was asked lately is not asked again.
    assert_eq!(log.len(), 1, "{log:?}");
    assert_eq!(log[0]["method"], "GET");
    project
        .run(&["lookup", "clients", "--vendor", "cint"])
        .code(1)
        .says("the environment `bench` has no account at Cint");
    drop(sandbox);
    std::fs::remove_dir_all(project.folder().join(".infield/bench/cache")).unwrap();
    let run = project
        .run(&[
            "lookup",
            "templates",
            "--vendor",
            "purespectrum",
            "--format",
            "json",
        ])
        .code(1)
        .says("the templates cannot be read");
    assert_eq!(run.stdout, "");
}

#[test]
fn the_book_lists_what_each_vendor_has() {
    let page = include_str!("../../docs/lookup.md");
    infield::marketplace::registry::install();
    for vendor in VendorId::all().iter().copied() {
        let row = format!("| {} | `questions`", vendor.name());
        let row = page.lines().find(|line| line.starts_with(&row)).unwrap();
        let listed: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        assert_eq!(
            listed.iter().collect::<BTreeSet<_>>(),
            there_are(vendor).iter().collect(),
            "{row}"
        );
    }
}

#[test]
fn a_list_is_asked_for_once_a_day() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    let look = ["lookup", "locales", "--vendor", "cint"];
    let asked = || {
        sandbox
            .log()
            .iter()
            .filter(|call| call["path"].as_str().unwrap().contains("locales"))
            .count()
    };
    let first = project.ok(&look);
    assert_eq!(asked(), 1);
    let second = project
        .ok(&look)
        .says("as it was less than a minute ago; --fresh asks again");
    assert_eq!((asked(), &second.stdout), (1, &first.stdout));
    project.ok(&["lookup", "locales", "--vendor", "cint", "--fresh"]);
    assert_eq!(asked(), 2);
    // What is damaged is asked for again; what cannot be asked is shown with its age.
    let folder = project.folder().join(".infield/bench/cache");
    let file = std::fs::read_dir(&folder)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let kept = std::fs::read_to_string(&file).unwrap();
    assert!(!kept.contains("sandbox"), "no credentials: {kept}");
    std::fs::write(&file, &kept[..kept.len() / 2]).unwrap();
    project.ok(&look);
    assert_eq!(asked(), 3);
    sandbox.fault(json!({"path": "*locales*", "status": 500, "times": 0}));
    project
        .ok(&["lookup", "locales", "--vendor", "cint", "--fresh"])
        .says("it cannot be read now")
        .says("this is how it was less than a minute ago");
    // Lists of people are not kept.
    project.ok(&["lookup", "users", "--vendor", "cint"]);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn the_list_of_the_vendor_is_read_page_by_page_and_kept() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let lookup = [
        "lookup",
        "questions",
        "--vendor",
        "purespectrum",
        "--locale",
        "en-US",
    ];
    project
        .ok(&lookup)
        .says("in infield's codebook of PureSpectrum")
        .never_says("Job title");
    assert_eq!(sandbox.log().len(), 0, "nobody was asked");
    let live = [&lookup[..], &["--live"]].concat();
    project
        .ok(&live)
        .says("11 questions at PureSpectrum, en-US")
        .says("gender: [male, female, prefer-not-to-say]")
        .says("\"644\": [\"4\", \"5\", \"6\", \"7\"]")
        .says("numbers; `questions:` in infield.yaml says their unit");
    let pages = sandbox.log();
    assert_eq!(pages.len(), 2, "{pages:?}");
    project.ok(&live).says("--fresh asks again").says("Job title");
    assert_eq!(sandbox.log().len(), 2, "what was kept is told");
    project
        .run(&["lookup", "questions", "--vendor", "purespectrum", "--live"])
        .code(64)
        .says("add one, such as --locale en-US");
    project
        .run(&[&lookup[..], &["job"]].concat())
        .says("has a name here such as `job`")
        .says("--live asks");
    project.ok(&[&live[..], &["job"]].concat()).says("\"644\"");
}
