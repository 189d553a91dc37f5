//! `infield explain`, and the line that leads to it.

use crate::support::{Project, survey};

#[test]
fn a_problem_leads_to_its_explanation() {
    let project = Project::empty();
    project.write("one.yaml", &survey("one", "qualifications: {gendr: male}\n"));
    let said = project.run(&["validate"]).code(1).stderr;
    assert_eq!(said, "for more: infield explain targeting::unknown-question\n");
    project
        .ok(&["explain", "targeting::unknown-question"])
        .says("infield::targeting::unknown-question")
        .says("A misspelled question must not be left out in silence")
        .says("Wrong: qualifications: {gendr: male}");
    // Commands that need the manifests say it too, once for all problems.
    project.write("two.yaml", &survey("two", "complets: 4\n"));
    let run = project.run(&["plan"]).code(1);
    assert_eq!(
        run.stderr
            .matches("for more: infield explain CODE, such as")
            .count(),
        1,
        "{run:?}"
    );
    project
        .run(&["validate", "--quiet"])
        .code(1)
        .never_says("for more");
    project
        .run(&["validate", "--format", "json"])
        .code(1)
        .never_says("for more");
}

#[test]
fn everything_is_listed_and_slips_are_understood() {
    let project = Project::empty();
    let all = project.ok(&["explain"]).stdout;
    for name in ["yaml::syntax", "quota::gap", "internal::bug", "drift"] {
        assert!(all.contains(&format!("{name}\n    ")), "{name} in\n{all}");
    }
    let area = project.ok(&["explain", "quota"]).stdout;
    assert!(area.contains("quota::gap") && !area.contains("yaml::"), "{area}");
    project
        .ok(&["explain", "infield::quota::gap"])
        .says("belong to no quota");
    project.ok(&["explain", "blocked"]).says("the note blocked");
    let markdown = project
        .ok(&["explain", "quota::gap", "--format", "markdown"])
        .stdout;
    assert!(markdown.starts_with("## infield::quota::gap\n") && markdown.contains("```yaml\nquotas:"));
    project
        .run(&["explain", "gpa"])
        .code(64)
        .says("`infield explain` lists all of them");
    project
        .run(&["explain", "quota::gpa"])
        .code(64)
        .says("did you mean `infield explain quota::gap`?");
}

#[test]
fn texts_fit_a_narrow_terminal_and_examples_stay_whole() {
    let project = Project::empty();
    let output = project
        .command(&["explain", "quota::gap"])
        .env("COLUMNS", "40")
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    for line in text.lines() {
        assert!(line.chars().count() <= 40 || line.starts_with("    "), "{line}");
    }
    assert!(
        text.contains("      - {name: young, completes: 200, where: {age: 18-34}}\n"),
        "{text}"
    );
}
