//! Bad input of every kind: one report with everything in it, exit code 1, nothing written and nothing sent.

use crate::support::{APPLY, Project, Sandbox, survey};
use std::fs;

/// Every kind of mistake, each in a file of its own, and what is said about it.
fn mistakes(project: &Project) -> Vec<&'static str> {
    let write = |name: &str, text: &str| project.write(name, text);
    write("not-yaml.yaml", "kind: Survey\nname: [unclosed\n");
    write("duplicate-key.yaml", &survey("duplicate-key", "completes: 200\n"));
    write("wrong-type.yaml", &survey("wrong-type", "quotas: many\n"));
    write("unknown-field.yaml", &survey("unknown-field", "complets: 3\n"));
    write(
        "unknown-name.yaml",
        &survey("unknown-name", "qualifications: {gendr: [male]}\n"),
    );
    write(
        "overlap.yaml",
        &survey("overlap", "qualifications: {age: [18-30, 25-40]}\n"),
    );
    write(
        "missing-list.yaml",
        &survey("missing-list", "qualifications: {zip: {file: nowhere.txt}}\n"),
    );
    write(
        "launch.yaml",
        &survey("launch", "").replace("live_url: https://survey.example.com/launch\n", ""),
    );
    write("same-name.yaml", &survey("launch", ""));
    fs::write(
        project.folder().join("latin-1.yaml"),
        b"kind: Survey\nname: latin\ntitle: caf\xe9\n",
    )
    .unwrap();
    let huge = fs::File::create(project.folder().join("huge.yaml")).unwrap();
    huge.set_len(100 * 1024 * 1024).unwrap();
    vec![
        "not-yaml.yaml",
        "duplicate-key.yaml",
        "wrong-type.yaml",
        "unknown-field.yaml",
        "unknown-name.yaml",
        "overlap.yaml",
        "missing-list.yaml",
        "launch.yaml",
        "same-name.yaml",
        "latin-1.yaml",
        "huge.yaml",
    ]
}

/// Nine levels of nine aliases each: a few hundred bytes that stand for hundreds of millions of values. Seconds in a
/// debug build, so it is not part of every run.
fn add_bomb(project: &Project) {
    let mut bomb = String::from("kind: Survey\nname: bomb\na: &a [x, x, x, x, x, x, x, x, x]\n");
    for (last, next) in ('a'..'i').zip('b'..='i') {
        let nine = vec![format!("*{last}"); 9].join(", ");
        bomb.push_str(&format!("{next}: &{next} [{nine}]\n"));
    }
    project.write("bomb.yaml", &bomb);
}

#[test]
fn everything_is_reported_at_once_and_nothing_is_done() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let names = mistakes(&project);
    for args in [
        &["plan"][..],
        &APPLY,
        &["apply", "--approve", "aaaa-bbbb-cccc-dddd-eeee-ffff-gggg"],
    ] {
        let run = project.run(args).code(1).never_says("panicked");
        for name in &names {
            assert!(run.text().contains(name), "{name} is not in\n{}", run.text());
        }
    }
    assert!(!project.exists(".infield"), "nothing is written");
    assert!(sandbox.log().is_empty(), "nothing is sent");
}

#[test]
fn every_mistake_has_a_code_a_place_and_is_there_in_every_format() {
    let project = Project::empty();
    let names = mistakes(&project);
    add_bomb(&project);
    let report = project.run(&["validate", "--format", "json"]).code(1).json();
    project.remove("bomb.yaml");
    assert!(report.to_string().contains("bomb.yaml"), "{report:#}");
    let found = report["diagnostics"].as_array().unwrap();
    for name in &names {
        let one = found.iter().find(|one| one.to_string().contains(name));
        let one = one.unwrap_or_else(|| panic!("{name} is not in {report:#}"));
        assert!(one["code"].as_str().unwrap().starts_with("infield::"), "{one}");
    }
    let sarif = project.run(&["validate", "--format", "sarif"]).code(1).json();
    assert_eq!(sarif["version"], "2.1.0");
    let github = project.run(&["validate", "--format", "github"]).code(1);
    assert!(
        github
            .stdout
            .lines()
            .filter(|line| line.starts_with("::error "))
            .count()
            >= names.len()
    );
}

#[test]
fn one_mistake_is_drawn_where_it_stands() {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", "qualifications: {gendr: [male]}\n"));
    let run = project.run(&["validate"]).code(1);
    insta::assert_snapshot!("unknown_question", run.text());
}

#[test]
fn a_path_that_is_not_there_is_an_error() {
    let project = Project::empty();
    for command in ["validate", "plan", "apply"] {
        project.run(&[command, "nowhere"]).code(1).says("nowhere");
    }
    assert!(!project.exists(".infield"));
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_read_is_an_error_and_not_an_empty_one() {
    use std::os::unix::fs::PermissionsExt;
    let project = Project::empty();
    project.write("closed/one.yaml", &survey("one", ""));
    project.write("open.yaml", &survey("two", ""));
    let closed = project.folder().join("closed");
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o000)).unwrap();
    // Permissions do not stop everybody: there is nothing to see then.
    let stops = fs::read_dir(&closed).is_err();
    let run = project.run(&["plan"]);
    fs::set_permissions(&closed, fs::Permissions::from_mode(0o755)).unwrap();
    if stops {
        run.code(1).says("closed");
        assert!(!project.exists(".infield"));
    }
}

#[test]
fn a_matrix_is_counted_without_what_it_leaves_out() {
    let project = Project::empty();
    let list = |name: &str, count: usize| {
        let values: Vec<String> = (0..count).map(|index| format!("{name}{index}")).collect();
        values.join(", ")
    };
    let write = |left_out: usize| {
        let out: Vec<String> = (0..left_out)
            .map(|index| format!("{{market: m{index}}}"))
            .collect();
        let (markets, waves, out) = (list("m", 300), list("w", 100), out.join(", "));
        let matrix = format!("matrix: {{market: [{markets}], wave: [{waves}], exclude: [{out}]}}\n");
        project.write("tracker.yaml", &survey("tracker", &matrix));
    };
    write(298);
    project.ok(&["validate"]);
    write(100);
    project.run(&["validate"]).code(1).says("more than 10000 surveys");
}
