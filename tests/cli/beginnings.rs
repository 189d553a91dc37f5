//! Beginnings: a project as it is wished for, and one more manifest of one that is there.

use crate::support::{APPLY, INFIELD, Project};
use std::io::Write as _;
use std::process::{Command, Stdio};

const STUDIES: [&str; 6] = [
    "simple",
    "soft-launch",
    "census-balanced",
    "tracker",
    "several-marketplaces",
    "exclusion-group",
];

/// From nothing to a survey in field, as the brief commands of the guide do it.
fn begins(vendor: &str, study: &str) {
    let project = Project::empty();
    project.ok(&["init", "--vendor", vendor, "--kind", study]);
    let valid = project.ok(&["validate"]);
    assert!(valid.stdout.is_empty(), "{}", valid.text());
    project.ok(&["fmt", "--check"]);
    // A draft costs nothing, so it needs no approval.
    project.ok(&["apply", "--yes"]);
    project.expect_settled();
    for entry in std::fs::read_dir(project.folder().join("surveys")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace("status: draft", "status: live ")).unwrap();
    }
    project.ok(&APPLY);
    project.expect_settled();
    let listed = project.ok(&["state", "list"]);
    assert!(listed.stdout.contains("in field"), "{}", listed.text());
}

#[test]
fn every_study_goes_from_nothing_into_field_at_purespectrum() {
    STUDIES.iter().for_each(|study| begins("purespectrum", study));
}

#[test]
fn every_study_goes_from_nothing_into_field_at_innovatemr() {
    STUDIES[..5].iter().for_each(|study| begins("innovatemr", study));
}

#[test]
fn every_study_goes_from_nothing_into_field_at_cint() {
    STUDIES[..5].iter().for_each(|study| begins("cint", study));
}

#[test]
fn what_a_marketplace_has_not_is_refused_before_anything_is_made() {
    let project = Project::empty();
    project
        .run(&["init", "--vendor", "innovatemr", "--kind", "exclusion-group"])
        .code(64)
        .says("InnovateMR has no exclusion-group")
        .says("--vendor purespectrum");
    project
        .run(&["init", "--kind", "soft-lunch"])
        .code(64)
        .says("did you mean `soft-launch`?");
    assert!(!project.exists("infield.yaml"));
}

#[test]
fn pipelines_and_editors_are_set_up_where_the_repository_is() {
    let project = Project::empty();
    std::fs::create_dir(project.folder().join(".git")).unwrap();
    let args = [
        "init", "trackers", "--vendor", "cint", "--ci", "github", "--editor", "vscode",
    ];
    project.ok(&args);
    let workflow = project.read(".github/workflows/infield.yml");
    assert!(workflow.contains("paths: trackers/surveys,"), "{workflow}");
    assert!(
        workflow.contains("CINT_CLIENT_SECRET: ${{ secrets.CINT_CLIENT_SECRET }}"),
        "{workflow}"
    );
    let settings = project.read("trackers/.vscode/settings.json");
    assert!(
        settings.contains("\"glspc.server.command\": \"infield\""),
        "{settings}"
    );
    let first = project.read("trackers/surveys/first-survey.yaml");
    assert!(
        first.starts_with("# yaml-language-server: $schema=../schemas/manifest.schema.json\n"),
        "{first}"
    );
    let schema = project.ok(&["schema", "manifest"]);
    assert_eq!(
        project.read("trackers/schemas/manifest.schema.json"),
        schema.stdout
    );
    // Nothing is ever overwritten.
    project.write("trackers/surveys/first-survey.yaml", "# mine\n");
    let again = project.ok(&args);
    assert_eq!(again.stdout, "", "{}", again.text());
    assert_eq!(project.read("trackers/surveys/first-survey.yaml"), "# mine\n");
    let quiet = project.ok(&["init", "other", "--yes", "--ci", "gitlab", "-q"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    assert!(project.read(".gitlab-ci.yml").contains(".gitlab/infield.yml"));
}

/// The answers of somebody at a terminal.
fn at_a_terminal(project: &Project, args: &str, answers: &str) -> String {
    let mut command = project.command(&[]);
    let mut script = Command::new("script")
        .args(["-qfec", &format!("{} {args}", *INFIELD), "/dev/null"])
        .current_dir(project.folder())
        .env_clear()
        .envs(
            command
                .env("TERM", "xterm")
                .env("SHELL", "/bin/sh")
                .get_envs()
                .filter_map(|(k, v)| Some((k, v?))),
        )
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("util-linux's `script` makes terminals");
    let mut keys = script.stdin.take().unwrap();
    keys.write_all(answers.as_bytes()).unwrap();
    let output = script.wait_with_output().unwrap();
    drop(keys);
    let text = String::from_utf8_lossy(&output.stdout).replace('\r', "");
    assert!(output.status.success(), "{text}");
    text
}

#[test]
fn at_a_terminal_it_asks_what_was_not_said() {
    let project = Project::empty();
    let said = at_a_terminal(&project, "init", "cint\nno-such\n2\n\n4\n");
    assert!(said.contains("Where are surveys to be fielded?"), "{said}");
    assert!(said.contains("`no-such` is none of them"), "{said}");
    assert!(
        project.read("surveys/soft-launch.yaml").contains("business_unit"),
        "{said}"
    );
    assert!(
        !project.exists(".github") && project.exists(".helix/languages.toml"),
        "{said}"
    );
    let project = Project::empty();
    let said = at_a_terminal(&project, "init --yes", "");
    assert!(!said.contains('?'), "{said}");
    assert!(project.exists("surveys/first-survey.yaml"));
}

#[test]
fn a_survey_like_another_one_keeps_its_comments_and_is_a_draft() {
    let project = Project::empty();
    project.write("infield.yaml", "kind: Project\nname: acme\n");
    project.write(
        "brand/soda-w3.yaml",
        "# Our third wave.\nkind: Survey\nname: soda-w3\ntitle: Soda, wave 3   # for people\ncompletes: 20\ncpi: 3.75 USD\n\
         live_url: https://survey.example.com/s/soda?tk=[%%token%%]\nstatus: live\npurespectrum: {template_id: 15}\n",
    );
    let made = project.ok(&["new", "survey", "soda-w4", "--from", "soda-w3"]);
    assert_eq!(made.stdout, "made brand/soda-w4.yaml\n");
    assert!(
        made.stderr
            .contains("like brand/soda-w3.yaml: a draft, and not live"),
        "{}",
        made.text()
    );
    assert_eq!(
        project.read("brand/soda-w4.yaml"),
        "# Our third wave.\nkind: Survey\nname: soda-w4\ntitle: Soda w4   # for people\ncompletes: 20\ncpi: 3.75 USD\n\
         live_url: https://survey.example.com/s/soda?tk=[%%token%%]\nstatus: draft\npurespectrum: {template_id: 15}\n"
    );
    project.apply();
    project.expect_settled();
    let again = ["new", "survey", "soda-w4", "--from", "simple"];
    project
        .run(&again)
        .code(1)
        .says("brand/soda-w4.yaml has something named `soda-w4` already");
    project
        .run(&["new", "survey", "soda-w5", "--from", "soda-w33"])
        .code(64)
        .says("did you mean `soda-w3`?");
    project.ok(&["new", "group", "soda-waves", "--surveys", "soda-w3,soda-w4"]);
    project.apply();
    project.expect_settled();
    let wrong = ["new", "group", "other-waves", "--surveys", "soda-w3,soda-w9"];
    project.run(&wrong).code(1).says("nothing was written");
    assert!(!project.exists("brand/other-waves.yaml"));
}

#[test]
fn new_studies_go_where_the_project_is_fielded() {
    let project = Project::empty();
    project.ok(&["init", "--vendor", "cint", "--yes"]);
    let made = project.ok(&[
        "new",
        "survey",
        "balanced",
        "--from",
        "census-balanced",
        "--title",
        "Soda: balanced",
    ]);
    assert_eq!(made.stdout, "made surveys/balanced.yaml\n");
    let text = project.read("surveys/balanced.yaml");
    assert!(
        text.contains("title: \"Soda: balanced\"") && text.contains("\ncint:"),
        "{text}"
    );
    assert!(
        text.starts_with("# yaml-language-server: $schema=../schemas/manifest.schema.json\n"),
        "{text}"
    );
    project.ok(&["new", "study", "everywhere"]);
    project.ok(&[
        "new",
        "study",
        "waves",
        "--from",
        "exclusion-group",
        "--into",
        "waves",
    ]);
    assert!(project.exists("waves/waves-2.yaml") && project.exists("waves/waves.yaml"));
    project.ok(&["fmt", "--check"]);
    project.ok(&["apply", "--yes"]);
    project.expect_settled();
    project
        .run(&["new", "survey", "No Name"])
        .code(64)
        .says("cannot be a name");
    project.run(&["new", "group", "g"]).code(64).says("--surveys");
}
