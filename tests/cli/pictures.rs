//! Pictures: a plan without credentials is the plan with them, says that it is none, and lets nobody do anything.

use crate::mirror::{self, Mirror};
use crate::support::{INFIELD, Project, Run, Sandbox, isolated, survey};
use infield::marketplace::Markets;
use infield::picture::{Picture, redact};
use infield::plan::{Choices, GuardRules};
use infield::report::{PlanReport, Style, plan_html, plan_markdown, plan_text};
use infield::workflow::{Request, make_plan};
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

/// Takes a picture of the project as it is.
fn photograph(project: &Project) {
    project
        .ok(&["plan", "--record", "picture.json"])
        .says("kept a picture in picture.json");
}

/// The plan from the picture in a checkout that has the manifests and the picture, and nothing else.
fn elsewhere(project: &Project, args: &[&str]) -> Run {
    let home = tempfile::tempdir().unwrap();
    crate::support::copy(&project.folder(), home.path());
    let mut command = isolated(&INFIELD, home.path(), home.path());
    if home.path().join("infield.yaml").exists() && project.read("infield.yaml").contains("bench:") {
        command.env("INFIELD_ENV", "bench");
    }
    let args: Vec<&str> = ["plan", "--from", "picture.json"]
        .iter()
        .chain(args)
        .copied()
        .collect();
    let run = project.finish(&args, &command.args(&args).output().unwrap());
    assert!(
        !home.path().join(".infield").exists(),
        "something was left behind"
    );
    run
}

/// The plan with credentials, without links to try surveys out: pictures hold no addresses.
fn online(project: &Project) -> Value {
    let mut plan = project.plan();
    plan.as_object_mut().unwrap().remove("links");
    plan
}

/// That plan as JSON, and its mark.
fn plan_elsewhere(project: &Project) -> (Value, Value) {
    let mut plan = elsewhere(project, &["--format", "json"]).code(0).json();
    let mark = plan.as_object_mut().unwrap().remove("picture").unwrap();
    assert!(mark["age_seconds"].as_u64().unwrap() < 600, "{mark}");
    (plan, mark)
}

fn manifests(project: &Project) -> Vec<PathBuf> {
    let files = fs::read_dir(project.folder())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .filter(|path| !path.ends_with("infield.yaml"))
        .collect();
    files.sort();
    files
}

/// A minute more of everybody's time, and ten more completes wherever a number ends with a zero; not at the vendor that
/// wants every sum to be exact.
fn edited(text: &str) -> String {
    let exact = text.contains("\ncint:");
    let mut out = String::new();
    for line in text.lines() {
        let (name, rest) = line.split_once(": ").unwrap_or((line, ""));
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        let number: u64 = digits.parse().unwrap_or(0);
        let more = match name.trim() {
            "completes" if !exact && number.is_multiple_of(10) => 10,
            "length_of_interview" => 1,
            _ => 0,
        };
        if more == 0 || digits.is_empty() {
            out.push_str(line);
        } else {
            out.push_str(&format!("{name}: {}{}", number + more, &rest[digits.len()..]));
        }
        out.push('\n');
    }
    out
}

#[test]
fn the_plan_of_every_example_has_the_same_name_from_a_picture() {
    let mut compared = 0;
    for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let project = Project::example(&name);
        if manifests(&project).is_empty() {
            continue;
        }
        // Before anything exists, with everything applied, and with edits that the picture knows nothing of.
        let mut changed = false;
        for round in ["new", "applied", "edited"] {
            match round {
                "applied" => drop(project.apply()),
                "edited" => {
                    for file in manifests(&project) {
                        let before = fs::read_to_string(&file).unwrap();
                        changed |= edited(&before) != before;
                        fs::write(&file, edited(&before)).unwrap();
                    }
                }
                _ => {}
            }
            if round != "edited" {
                photograph(&project);
            }
            let online = online(&project);
            let (plan, mark) = plan_elsewhere(&project);
            assert_eq!(plan, online, "{name}, {round}");
            assert_eq!(mark["redacted"], false, "{name}, {round}");
            let settled = round == "applied" || (round == "edited" && !changed);
            let nothing = online["steps"].as_array().unwrap().is_empty();
            assert_eq!(nothing, settled, "{name}, {round}");
            compared += 1;
        }
    }
    assert!(compared >= 12, "{compared}");
}

#[test]
fn counters_drift_and_removals_are_in_the_picture() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let quotas = "quotas:\n  - {name: men, completes: 60, where: {gender: male}}\n  - {name: women, completes: 40, where: {gender: female}}\n";
    for name in ["one", "two", "three"] {
        project.write(&format!("{name}.yaml"), &survey(name, quotas));
    }
    project.apply();
    let respondents = json!({"vendor": "purespectrum", "survey": 1_000_001, "completes": 30, "quota": "men"});
    sandbox.admin("POST", "respondents", respondents);
    let pause = json!([{"op": "replace", "path": "/ps_survey_status", "value": 33}]);
    sandbox.by_hand("PATCH", "/surveys/1000002", pause);
    photograph(&project);
    project.edit("one.yaml", "completes: 60", "completes: 50");
    project.edit("one.yaml", "completes: 40", "completes: 50");
    project.remove("three.yaml");
    let online = online(&project);
    let (from_picture, _) = plan_elsewhere(&project);
    assert_eq!(from_picture, online);
    assert!(online.to_string().contains("30 collected"), "{online:#}");
    // The trusted side compares the names: nothing moved, so it is the plan that was reviewed.
    let name = from_picture["hash"].as_str().unwrap();
    project.ok(&["plan", "--expect", name]);
    sandbox.by_hand(
        "PATCH",
        "/surveys/1000001",
        json!([{"op": "replace", "path": "/offer_price", "value": 9}]),
    );
    project.run(&["plan", "--expect", name]).code(5).says("not");
    sandbox.forget();
    project.run(&["apply", "--approve", name]).code(5);
    assert!(sandbox.writes().is_empty());
}

#[test]
fn it_needs_no_credentials_no_vendor_and_no_state() {
    let mut sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.apply();
    photograph(&project);
    sandbox.stop();
    project.edit(
        "infield.yaml",
        "token: sandbox",
        "token: \"${PURESPECTRUM_NEVER_SET}\"",
    );
    project.edit("one.yaml", "2.50 USD", "2.60 USD");
    elsewhere(&project, &[])
        .code(0)
        .says("1 to change")
        .says("from a picture: taken 2")
        .says("No vendor was asked");
    for format in ["markdown", "html"] {
        elsewhere(&project, &["--format", format])
            .code(0)
            .says("From a picture");
    }
    project.run(&["plan"]).code(1).says("PURESPECTRUM_NEVER_SET");
}

#[test]
fn what_it_does_not_show_is_not_guessed() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.apply();
    photograph(&project);
    // A new survey needs nothing but the templates, which are in every picture, and a look whether it is there already.
    let templated = survey("two", "").replace("category: 232", "template_id: 15");
    project.write("two.yaml", &templated);
    let (plan, mark) = plan_elsewhere(&project);
    assert_eq!(plan, online(&project));
    assert_eq!(
        (&plan["summary"]["create"], &mark["presumed"]),
        (&json!(1), &json!(true))
    );
    // Whether an exclusion group exists was never asked: it is presumed not to, and the plan says so.
    project.write(
        "group.yaml",
        "kind: SurveyGroup\nname: pair\nref: pair\nsurveys: [one, two]\nexclusion_days: 30\n",
    );
    let (plan, mark) = plan_elsewhere(&project);
    assert_eq!(
        (&plan["summary"]["create"], &mark["presumed"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(plan, online(&project));
    elsewhere(&project, &[])
        .code(0)
        .says("It presumes that the names of what is new are free");
    // What exists and was not seen stays unknown.
    let mut picture: Value = serde_json::from_str(&project.read("picture.json")).unwrap();
    picture["vendors"]["purespectrum"]["surveys"] = json!([]);
    project.write("picture.json", &picture.to_string());
    elsewhere(&project, &[])
        .code(0)
        .says("the picture does not show survey 1000001");
}

#[test]
fn the_name_of_something_new_is_presumed_free() {
    let project = Project::example("innovatemr");
    photograph(&project);
    let other = project
        .read("brand-lift.yaml")
        .replace("name: brand-lift", "name: other-lift");
    project.write(
        "other.yaml",
        &other.replace("Brand lift, autumn", "Brand lift, winter"),
    );
    let (plan, mark) = plan_elsewhere(&project);
    assert_eq!(mark["presumed"], true);
    assert_eq!(plan, online(&project));
    // The old one was looked for by name when the picture was taken.
    project.remove("other.yaml");
    assert_eq!(plan_elsewhere(&project).1["presumed"], false);
}

#[test]
fn nothing_private_is_kept() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write(
        "one.yaml",
        &survey("one", "").replace("example.com/one", "example.com/one?key=s3cret-1"),
    );
    project.write("two.yaml", &survey("two", ""));
    project.apply();
    // Addresses that are in no manifest come in by hand.
    let (_, mut document) = sandbox.http("GET", "/purespectrum/buyers/v2/surveys/1000001", &Value::Null);
    document["live_url"] = json!("https://other.example/x?key=s3cret-2");
    document["subscriber_emails"] = json!(["ann@example.com"]);
    for read_only in ["ps_survey_id", "ps_survey_status", "quotas", "qualifications"] {
        document.as_object_mut().unwrap().remove(read_only);
    }
    sandbox.by_hand("PUT", "/surveys/1000001", document);
    photograph(&project);
    let picture = project.read("picture.json");
    assert!(
        !picture.contains("s3cret-2") && !picture.contains("ann@"),
        "{picture}"
    );
    assert!(picture.contains("https://other.example/redacted-"), "{picture}");
    assert!(
        picture.contains("s3cret-1"),
        "what the manifests say is no secret"
    );
    // The plan shows that the address goes back, and not what it was; its name cannot be the other one's.
    let run = elsewhere(&project, &[]).code(0);
    run.says("https://other.example/redacted-")
        .says("has another name")
        .never_says("s3cret-2");
    let (plan, mark) = plan_elsewhere(&project);
    assert_eq!(mark["redacted"], true);
    assert_ne!(plan["hash"], online(&project)["hash"]);
    // A manifest that says the same texts makes them whole again.
    project.edit(
        "one.yaml",
        "https://survey.example.com/one?key=s3cret-1",
        "https://other.example/x?key=s3cret-2",
    );
    let emails = "category: 232, subscriber_emails: [ann@example.com]";
    project.edit("one.yaml", "category: 232", emails);
    project.edit("one.yaml", "About one", "About another");
    let (plan, mark) = plan_elsewhere(&project);
    assert_eq!(mark["redacted"], false);
    assert_eq!(plan, online(&project));
    assert_eq!(plan["summary"]["update"], 1);
}

#[test]
fn no_secret_of_the_environment_gets_into_a_picture() {
    let sandbox = Sandbox::start();
    let secret = "canary-in-a-title";
    let mirror = Mirror::before(sandbox.port, secret);
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", "").replace("About one", mirror::WORD));
    project.apply();
    let here = format!("127.0.0.1:{}", mirror.port);
    project.edit("infield.yaml", &format!("127.0.0.1:{}", sandbox.port), &here);
    project.edit(
        "infield.yaml",
        "token: sandbox",
        "token: \"${PURESPECTRUM_TOKEN}\"",
    );
    let args = ["plan", "--record", "picture.json"];
    let mut command = project.command(&args);
    let output = command.env("PURESPECTRUM_TOKEN", secret).output().unwrap();
    project.finish(&args, &output).code(0).never_says(secret);
    let picture = project.read("picture.json");
    assert!(
        !picture.contains(secret) && picture.contains("[secret]"),
        "{picture}"
    );
}

#[test]
fn a_picture_is_no_plan_and_a_plan_no_picture() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_guards(&sandbox, "{launch: allow}");
    project.write("one.yaml", &survey("one", ""));
    photograph(&project);
    project.ok(&["plan", "--out", "plan.json"]);
    sandbox.forget();
    project
        .run(&["apply", "--plan", "picture.json", "--yes"])
        .code(1)
        .says("infield.picture/1");
    project
        .run(&["plan", "--from", "plan.json"])
        .code(1)
        .says("infield.saved-plan/3")
        .says("infield plan --record");
    // A plan from a picture is for review: it cannot be saved, and so not be carried out.
    project
        .run(&["plan", "--from", "picture.json", "--out", "other.json"])
        .code(64);
    assert!(!project.exists("other.json"));
    assert!(sandbox.writes().is_empty());
}

#[test]
fn a_picture_of_something_else_is_refused() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    photograph(&project);
    let whole = project.read("picture.json");
    project
        .run(&["plan", "--from", "picture.json", "--env", "sandbox"])
        .code(1)
        .says("shows the environment `bench`")
        .says("--env bench");
    for (bad, says) in [
        (whole[..whole.len() / 2].to_owned(), "damaged"),
        (String::new(), "damaged"),
        (whole.replace("picture/1", "picture/2"), "newer infield"),
        (whole.replace("\"taken\":\"2", "\"taken\":\"x2"), "no time"),
    ] {
        project.write("picture.json", &bad);
        project
            .run(&["plan", "--from", "picture.json"])
            .code(1)
            .says(says)
            .never_says("panicked");
    }
    project
        .run(&["plan", "--from", "nowhere.json"])
        .code(1)
        .says("nowhere.json cannot be read");
}

#[test]
fn what_could_not_be_read_is_unknown_in_the_picture_too() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    project.write("two.yaml", &survey("two", ""));
    project.apply();
    sandbox.fault(json!({"method": "GET", "path": "*/surveys/1000001", "status": 403, "times": 0}));
    project.run(&["plan", "--record", "picture.json"]).code(1);
    project.edit("one.yaml", "2.50 USD", "2.60 USD");
    project.edit("two.yaml", "2.50 USD", "2.60 USD");
    let (plan, _) = plan_elsewhere(&project);
    assert_eq!(plan["steps"].as_array().unwrap().len(), 1, "{plan:#}");
    assert_eq!(plan["steps"][0]["address"], "two");
}

#[test]
fn a_picture_fits_its_schema() {
    let schema = Project::empty().ok(&["schema", "picture"]).json();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for name in ["quickstart", "innovatemr", "exclusion-group"] {
        let project = Project::example(name);
        project.apply();
        photograph(&project);
        let picture: Value = serde_json::from_str(&project.read("picture.json")).unwrap();
        let errors: Vec<String> = validator.iter_errors(&picture).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

/// Puts something else in one place of a document, counted in depth-first order.
fn spoil(value: &mut Value, place: &mut usize, with: &Value) {
    if *place == 0 {
        value.clone_from(with);
    }
    *place = place.wrapping_sub(1);
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| spoil(item, place, with)),
        Value::Object(map) => map.values_mut().for_each(|item| spoil(item, place, with)),
        _ => {}
    }
}

#[test]
fn a_spoilt_picture_gives_a_plan_or_an_error() {
    let project = Project::example("innovatemr");
    for file in ["from-template.yaml", "minimal.yaml", "layered-quotas.yaml"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples/quickstart")
            .join(file);
        project.write(file, &fs::read_to_string(from).unwrap());
    }
    project.apply();
    photograph(&project);
    for file in manifests(&project) {
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, edited(&text)).unwrap();
    }
    let options = infield::manifest::Options {
        base: project.folder(),
    };
    let loaded = infield::manifest::load(&[], &options);
    assert!(!loaded.has_errors());
    let whole: Value = serde_json::from_str(&project.read("picture.json")).unwrap();
    let strategy = (
        0..20_000_usize,
        select(vec![
            json!(null),
            json!(-1),
            json!(u64::MAX),
            json!("79228162514264337593543950335.99 USD"),
            json!("79228162514264337593543950335 JPY"),
            json!("\u{202e}<script>|`"),
            json!([]),
            json!({}),
            json!({"unknown": {"why": "spoilt"}}),
            json!({"absent": {"proof": "spoilt"}}),
        ]),
    );
    let config = Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (mut plans, mut errors) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    TestRunner::new_with_rng(config, rng)
        .run(&strategy, |(mut place, with)| {
            let mut picture = whole.clone();
            spoil(&mut picture, &mut place, &with);
            let Ok(mut picture) = Picture::parse(picture.to_string().as_bytes()) else {
                errors.set(errors.get() + 1);
                return Ok(());
            };
            redact::restore(&mut picture, &redact::texts(&loaded.desired));
            let request = Request {
                environment: "sandbox",
                desired: &loaded.desired,
                readers: &picture.replay(),
                markets: &Markets::default(),
                guards: &GuardRules::default(),
                own_rules: None,
                now: jiff::Timestamp::UNIX_EPOCH,
                choices: &Choices {
                    whole_project: true,
                    ..Choices::default()
                },
            };
            let planned = runtime.block_on(make_plan(&request, &picture.known, &picture.recoveries));
            if let Ok(planned) = planned {
                let style = Style {
                    show_calls: true,
                    ..Style::default()
                };
                let page = plan_html::render(&planned.plan, &style);
                prop_assert!(!page.contains("<script"));
                plan_markdown::render(&planned.plan, &style);
                plan_text::render(&planned.plan, &style);
                PlanReport::from(&planned.plan)
                    .write(&mut std::io::sink())
                    .unwrap();
            }
            plans.set(plans.get() + 1);
            Ok(())
        })
        .unwrap();
    assert!(
        *plans.get_mut() > 40 && *errors.get_mut() > 5,
        "{plans:?} plans, {errors:?} errors"
    );
}
