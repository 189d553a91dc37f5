//! Manners: where a command works, what variables may say, how quiet is quiet, and formats for other programs.

use crate::support::{INFIELD, Project, Sandbox, survey};
use std::process::{Command, Stdio};

#[test]
fn a_command_works_in_the_folder_it_is_given() {
    let project = Project::empty();
    project.ok(&["init", "inner"]);
    let inside = project.ok(&["-C", "inner", "validate"]);
    assert_eq!(inside.stderr, "1 survey in 2 files: valid\n");
    project.ok(&["validate", "-C", "inner/surveys", "first-survey.yaml"]);
    project
        .run(&["-C", "nowhere", "validate"])
        .code(1)
        .says("-C nowhere");
}

#[test]
fn variables_set_options_and_approve_nothing() {
    let project = Project::example("quickstart");
    let run = |args: &[&str], variables: &[(&str, &str)]| {
        let output = project
            .command(args)
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        project.finish(args, &output)
    };
    let coloured = run(
        &["explain", "quota::gap", "--format", "text"],
        &[("INFIELD_COLOR", "always")],
    );
    coloured.code(0);
    assert!(
        run(&["plan"], &[("INFIELD_COLOR", "always")])
            .stdout
            .contains("\u{1b}[")
    );
    let never = run(&["plan", "--color", "never"], &[("INFIELD_COLOR", "always")]);
    assert!(!never.stdout.contains('\u{1b}'), "what is typed counts first");
    run(&["plan"], &[("INFIELD_COLOR", "pink")]).code(64).says("pink");
    assert_eq!(run(&["validate"], &[("INFIELD_QUIET", "1")]).code(0).stderr, "");
    assert_ne!(run(&["validate"], &[("INFIELD_QUIET", "0")]).code(0).stderr, "");
    let approvals = [
        ("INFIELD_YES", "1"),
        ("INFIELD_ALLOW", "launch"),
        ("INFIELD_APPROVE", "1"),
    ];
    run(&["apply"], &approvals).code(3);
    let list = project.ok(&["state", "list"]);
    assert!(!list.stdout.contains("in field"), "{}", list.text());
}

#[test]
fn quiet_is_quiet_where_all_goes_well_and_loud_where_it_does_not() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("one.yaml", &survey("one", ""));
    for args in [
        &["validate", "-q"][..],
        &["apply", "-q", "--yes", "--allow", "launch"],
    ] {
        let run = project.ok(args);
        assert_eq!(
            (run.stdout.as_str(), run.stderr.as_str()),
            ("", ""),
            "{}",
            run.text()
        );
    }
    let plan = project.ok(&["plan", "-q"]);
    assert!(
        plan.stdout.contains("Nothing to do"),
        "a plan is asked for: {}",
        plan.text()
    );
    project.write("two.yaml", &survey("two", ""));
    let refused = project.run(&["apply", "-q", "--yes"]).code(3);
    assert!(
        refused.stderr.contains("two: launch is refused"),
        "{}",
        refused.text()
    );
}

#[test]
fn one_text_is_read_from_stdin() {
    let project = Project::empty();
    project.write("infield.yaml", "kind: Project\nname: acme\n");
    project.write("defaults.yaml", "kind: Defaults\nincidence_rate: 60\n");
    let validate = |text: &str, args: &[&str]| project.pipe(args, text);
    let good = "kind: Survey\nname: one\npurespectrum: {template_id: 5}\n";
    validate(good, &["validate", "-"]).code(0).says("1 survey in");
    let bad = validate("kind: Survey\nname: one\ncompletez: 5\n", &["validate", "-"]).code(1);
    assert!(
        bad.stdout.contains("stdin:3:1") && bad.stdout.contains("did you mean `completes`?"),
        "{}",
        bad.text()
    );
    // The others of the project are not looked at.
    let group = "kind: SurveyGroup\nname: waves\nsurveys: [one, two]\n";
    validate(group, &["validate", "-", "--format", "json"]).code(0);
    validate(good, &["validate", "-", "other.yaml"])
        .code(64)
        .says("stands alone");
}

#[test]
fn reports_of_tests_are_well_formed() {
    let project = Project::example("quickstart");
    let valid = project.ok(&["validate", "--format", "junit"]);
    assert!(
        valid
            .stdout
            .contains("<testsuite name=\"infield validate\" tests=\"4\" failures=\"0\""),
        "{}",
        valid.text()
    );
    let plan = project.ok(&["plan", "--format", "junit"]);
    assert!(
        plan.stdout
            .contains("<testcase classname=\"minimal\" name=\"plan\">"),
        "{}",
        plan.text()
    );
    assert!(plan.stdout.contains("needs approval: launch"), "{}", plan.text());
    project.edit("minimal.yaml", "completes: 100", "completes: \"<&\"");
    let broken = project.run(&["validate", "--format", "junit"]).code(1);
    assert!(
        broken.stdout.contains("failures=\"1\"") && broken.stdout.contains("infield::shape::type"),
        "{}",
        broken.text()
    );
}

#[test]
fn what_is_remembered_is_a_document_too() {
    let project = Project::example("quickstart");
    project.ok(&["apply", "--yes", "--allow", "launch"]);
    let list = project.ok(&["state", "list", "--format", "json"]).json();
    assert_eq!(list["format"], "infield.state-list/1");
    let all = list["resources"].as_array().unwrap();
    assert_eq!(all.len(), 3, "{list:#}");
    assert!(
        all.iter()
            .all(|one| one["in_field"] == true && one["kind"] == "survey"),
        "{list:#}"
    );
    let one = project
        .ok(&["state", "list", "minimal", "--format", "json"])
        .json();
    assert_eq!(one["resources"][0]["address"], "minimal");
    assert_eq!(one["resources"].as_array().unwrap().len(), 1);
}

#[test]
fn a_log_has_one_object_a_line() {
    let project = Project::example("quickstart");
    let run = |args: &[&str], variable: (&str, &str)| {
        let output = project
            .command(args)
            .env(variable.0, variable.1)
            .output()
            .unwrap();
        project.finish(args, &output)
    };
    let log = run(&["plan", "-vv", "--log-format", "json"], ("X", "1"));
    let lines: Vec<serde_json::Value> = log
        .stderr
        .lines()
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let answered = lines
        .iter()
        .find(|line| line["message"] == "answered")
        .expect("requests are logged");
    assert_eq!(
        (
            answered["level"].as_str(),
            !answered["fields"]["status"].is_null()
        ),
        (Some("debug"), true)
    );
    let asked = run(&["plan", "--log-format", "json"], ("RUST_LOG", "infield=debug"));
    assert!(
        asked.stderr.contains("\"message\":\"answered\""),
        "{}",
        asked.text()
    );
    assert!(!project.ok(&["plan"]).stderr.contains("answered"));
    run(&["plan"], ("RUST_LOG", "infield=nonsense"))
        .code(64)
        .says("RUST_LOG");
}

#[test]
fn a_version_is_one_line() {
    let project = Project::empty();
    let version = project.ok(&["--version"]);
    assert!(
        version
            .stdout
            .starts_with(&format!("infield {}", env!("CARGO_PKG_VERSION"))),
        "{}",
        version.text()
    );
    assert_eq!(version.stdout.lines().count(), 1);
}

/// What is on a terminal when a command is over.
fn on_a_terminal(project: &Project, args: &str, pager: &str) -> String {
    let mut command = project.command(&[]);
    let inside = format!("stty rows 10 cols 100; {} {args}", *INFIELD);
    let variables = command
        .env("TERM", "xterm")
        .env("SHELL", "/bin/sh")
        .env("INFIELD_PAGER", pager);
    let output = Command::new("script")
        .args(["-qfec", &inside, "/dev/null"])
        .current_dir(project.folder())
        .env_clear()
        .envs(variables.get_envs().filter_map(|(k, v)| Some((k, v?))))
        .stdin(Stdio::null())
        .output()
        .expect("util-linux's `script` makes terminals");
    String::from_utf8_lossy(&output.stdout).replace('\r', "")
}

#[test]
fn long_texts_go_through_a_pager_on_a_terminal_and_nowhere_else() {
    let project = Project::empty();
    let long = on_a_terminal(&project, "explain", "sed s/^/paged:/");
    assert!(
        long.lines().filter(|line| line.starts_with("paged:")).count() > 10,
        "{long}"
    );
    assert!(!on_a_terminal(&project, "explain --no-pager", "sed s/^/paged:/").contains("paged:"));
    assert!(!on_a_terminal(&project, "explain", "no-such-pager").is_empty());
    assert!(!on_a_terminal(&project, "--version", "sed s/^/paged:/").contains("paged:"));
    let mut piped = project.command(&["explain"]);
    let output = piped.env("INFIELD_PAGER", "sed s/^/paged:/").output().unwrap();
    assert!(!String::from_utf8_lossy(&output.stdout).contains("paged:"));
}

#[test]
fn a_project_says_which_warnings_count_and_a_comment_allows_one() {
    let project = Project::empty();
    let lints = |said: &str| project.write("infield.yaml", &format!("kind: Project\nname: acme\n{said}"));
    let locale = |written: &str| {
        let text = format!("kind: Survey\nname: one\nlocale: {written}\npurespectrum: {{template_id: 5}}\n");
        project.write("one.yaml", &text);
    };
    lints("");
    locale("fr-CA");
    project
        .ok(&["validate"])
        .says("warning [infield::survey::unknown-locale]");
    lints("lints: {survey::unknown-locale: deny}\n");
    project
        .run(&["validate"])
        .code(1)
        .says("error [infield::survey::unknown-locale]");
    project.run(&["plan"]).code(1);
    locale("fr-CA   # infield: allow survey::unknown-locale");
    assert_eq!(project.ok(&["validate"]).stdout, "");
    locale("fr-CA");
    lints("lints: {survey::unknown-locale: allow}\n");
    assert_eq!(project.ok(&["validate"]).stdout, "");
    lints("lints: {survey::unknown-local: allow}\n");
    project
        .run(&["validate"])
        .code(1)
        .says("did you mean `survey::unknown-locale`?");
}

#[test]
fn a_list_is_found_under_the_name_that_it_has() {
    let project = Project::empty();
    project.write("lists/zip.txt", "94105\n");
    let survey = "kind: Survey\nname: one\nqualifications:\n  zip: {file: Lists\\Zip.txt}\npurespectrum: {template_id: 5}\n";
    project.write("one.yaml", survey);
    project.run(&["validate"]).code(1).says("write `lists/zip.txt`");
    project.edit("one.yaml", "Lists\\Zip.txt", "lists/zip.txt");
    project.ok(&["validate"]);
    std::fs::write(project.folder().join("lists/zip.txt"), b"\xff\xfe9\0").unwrap();
    project
        .run(&["validate"])
        .code(1)
        .says("it is UTF-16")
        .says("CSV UTF-8");
}

#[test]
fn many_warnings_are_counted_by_their_kinds() {
    let project = Project::empty();
    project.write(
        "infield.yaml",
        "kind: Project\nname: acme\nlints: {quota::gap: warn}\n",
    );
    for name in ["one", "two", "three"] {
        let text = format!("kind: Survey\nname: {name}\nlocale: fr-CA\npurespectrum: {{template_id: 5}}\n");
        project.write(&format!("{name}.yaml"), &text);
    }
    project.write(
        "four.yaml",
        "kind: Survey\nname: four\nqualifications: {age: 18-64}\nquotas:\n\
         - {name: a, completes: 5, where: {age: 18-34}}\n- {name: b, completes: 5, where: {age: 45-64}}\n\
         purespectrum: {template_id: 5}\n",
    );
    let plan = project.ok(&["plan"]);
    assert!(
        plan.stderr.contains("\n  3 survey::unknown-locale"),
        "{}",
        plan.text()
    );
    assert!(
        plan.stderr.starts_with("4 warnings about manifests;"),
        "{}",
        plan.text()
    );
    let all = project.ok(&["plan", "-v"]);
    assert_eq!(all.stderr.matches("this locale").count(), 3, "{}", all.text());
}
