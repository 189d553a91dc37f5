//! The whole program with a fourth marketplace: this test binary starts itself as `infield`.

use super::emulator::{Emulator, KEY};
use super::subject::SODA;
use crate::subject::add;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Holds the arguments of the program, one a line.
const ARGS: &str = "FOURTH_ARGUMENTS";

#[test]
#[ignore = "this is the program that the tests below start"]
fn the_program() {
    add();
    let args = std::env::var(ARGS).unwrap_or_else(|_| "--version".to_owned());
    let args = std::iter::once("infield").chain(args.lines()).map(OsString::from);
    assert_eq!(infield::cli::main(args), ExitCode::SUCCESS);
}

struct Project {
    folder: tempfile::TempDir,
    emulator: Emulator,
}

impl Project {
    fn new() -> Self {
        let (folder, emulator) = (tempfile::tempdir().unwrap(), Emulator::default());
        let url = emulator.serve();
        let account = format!("panelworks: {{token: \"${{PANELWORKS_TOKEN}}\", base_url: \"{url}\"}}");
        let text = format!("kind: Project\nname: sodas\nenvironments:\n  production:\n    {account}\n");
        std::fs::write(folder.path().join("infield.yaml"), text).unwrap();
        Self { folder, emulator }
    }

    fn write(&self, file: &str, text: &str) {
        std::fs::write(self.folder.path().join(file), text).unwrap();
    }

    fn read(&self, file: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(file)).unwrap()
    }

    /// Whether it went well, and what it said.
    fn run(&self, args: &[&str], token: &str) -> (bool, String) {
        let output = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "panelworks::program::the_program",
                "--ignored",
                "--nocapture",
            ])
            .env_clear()
            .env(ARGS, args.join("\n"))
            .env("PANELWORKS_TOKEN", token)
            .env("HOME", self.folder.path())
            .current_dir(self.folder.path())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(text).unwrap())
    }

    fn ok(&self, args: &[&str]) -> String {
        let (ok, text) = self.run(&[args, &["--env", "production"]].concat(), KEY);
        assert!(ok, "{args:?}: {text}");
        text
    }

    fn json(&self, args: &[&str]) -> Value {
        let text = self.ok(args);
        let (start, end) = (text.find("\n{").unwrap(), text.rfind('}').unwrap());
        serde_json::from_str(&text[start..=end]).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn expect_nothing_to_do(&self) {
        let text = self.ok(&["plan", "--detailed-exitcode"]);
        assert!(text.contains("Nothing to do"), "{text}");
    }
}

#[test]
fn its_account_is_used_and_a_survey_goes_in_field() {
    let project = Project::new();
    project.write("soda.yaml", SODA);
    let (ok, text) = project.run(&["plan", "--env", "production"], "wrong");
    assert!(
        !ok && text.contains("Panelworks does not accept the credentials"),
        "{text}"
    );
    assert!(project.ok(&["plan"]).contains("Panelworks"));
    project.ok(&["apply", "--yes", "--allow", "launch"]);
    assert_eq!(project.emulator.studies()[0]["state"], "fielding");
    project.expect_nothing_to_do();

    project.ok(&["plan", "--record", "picture.json"]);
    let text = project.ok(&["plan", "--from", "picture.json"]);
    assert!(text.contains("Nothing to do"), "{text}");

    project.emulator.respond(1, 12, 12);
    let status = project.json(&["status", "--format", "json"]);
    let row = &status["surveys"][0];
    assert_eq!(
        (&row["vendor"], &row["id"]),
        (&json!("panelworks"), &json!("st-1"))
    );
    assert_eq!(row["completes"], 12, "{row:#}");
    let women = &row["quotas"][1];
    assert_eq!(
        [&women["name"], &women["completes"], &women["goal"]],
        [&json!("women"), &json!(12), &json!(200)]
    );

    project.ok(&["freeze", "--yes"]);
    assert_eq!(project.emulator.studies()[0]["state"], "halted");

    project.emulator.garble(Some(("/goal", json!("many"))));
    let (ok, text) = project.run(&["plan", "--env", "production"], KEY);
    assert!(!ok && text.contains("not everything could be read"), "{text}");
}

#[test]
fn surveys_made_elsewhere_become_manifests_that_plan_nothing() {
    let project = Project::new();
    let study = |label: &str| {
        json!({
            "label": label, "market": "DE:de", "goal": 90, "reward": {"minor": 205, "currency": "EUR"}, "minutes": 7,
            "entry": "https://survey.example.com/x", "topic": "travel", "audience": "sex=f&age=30..44|50..64",
            "segments": [{"key": "older", "goal": 40, "who": "age=50..64"}],
        })
    };
    for (label, state) in [
        ("Hiking", "fielding"),
        ("Sailing", "halted"),
        ("Diving", "archived"),
        ("Skiing", "fielding"),
    ] {
        project.emulator.by_hand(&study(label), state);
    }
    let text = project.ok(&["import", "--all"]);
    assert!(text.contains("imported 3 surveys"), "{text}");
    let manifest = project.read("hiking.yaml");
    for line in [
        "locale: de-DE",
        "completes: 90",
        "length_of_interview: 7",
        "cpi: 2.05 EUR",
        "status: live",
        "panelworks: {topic: travel}",
    ] {
        assert!(
            manifest.lines().any(|written| written == line),
            "{line}:\n{manifest}"
        );
    }
    assert!(
        manifest.contains("gender: female") && manifest.contains("name: older"),
        "{manifest}"
    );
    assert!(
        !manifest.contains("left out") && !manifest.contains("question age"),
        "{manifest}"
    );
    project.emulator.take_writes();
    project.expect_nothing_to_do();
    project.ok(&["apply", "--yes"]);
    assert_eq!(project.emulator.take_writes(), Vec::<String>::new());
}

#[test]
fn what_it_has_is_looked_up_and_what_it_lacks_is_said() {
    let project = Project::new();
    project.write("soda.yaml", SODA);
    let text = project.ok(&["lookup", "questions", "--vendor", "panelworks"]);
    assert!(text.contains("gender: [male, female]"), "{text}");
    let (ok, text) = project.run(&["lookup", "locales", "--vendor", "panelworks"], KEY);
    assert!(
        !ok && text.contains("Panelworks has no list of locales"),
        "{text}"
    );
    assert!(text.contains("has for Panelworks: questions, answers"), "{text}");
    let text = project.ok(&["feasibility"]);
    assert!(text.contains("not asked: Panelworks has no estimates"), "{text}");
}

#[test]
fn nothing_is_sent_where_an_environment_has_no_account() {
    let project = Project::new();
    project.write("soda.yaml", SODA);
    let (ok, text) = project.run(&["apply", "--yes", "--allow", "launch"], KEY);
    assert!(!ok && text.contains("configures no Panelworks account"), "{text}");
    assert_eq!(project.emulator.studies(), Vec::<Value>::new());
}
