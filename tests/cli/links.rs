//! Where somebody tries a survey out: told once it is there, remembered, and shown wherever one looks at it.

use crate::support::{Project, Sandbox, survey};

const SODA: &str =
    "https://sandbox.invalid/#/start-survey?survey_id=1000001&ps_redirect_test=1&bsec=a70mx8&supplier_id=23";

#[test]
fn a_link_is_told_once_remembered_and_shown() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.write("soda.yaml", &survey("soda", ""));
    let told = format!("soda: entry link to try it: {SODA}\n");
    let applied = project.ok(&["apply", "--yes", "--allow", "launch"]).says(&told);
    assert_eq!(applied.text().matches("link to try it").count(), 1);
    let shown = project.ok(&["state", "show", "soda"]).json();
    assert_eq!(shown["kind"]["survey"]["links"]["entry"], SODA, "{shown:#}");
    let listed = project.ok(&["state", "list", "--format", "json"]).json();
    assert_eq!(listed["resources"][0]["links"]["entry"], SODA, "{listed:#}");
    let status = project.ok(&["status", "--format", "json"]).json();
    assert_eq!(status["surveys"][0]["links"]["entry"], SODA, "{status:#}");
    let line = format!("entry link: {SODA}\n");
    project.ok(&["status", "soda"]).says(&line);
    project.ok(&["status", "-v"]).says(&line);
    // Of several, each has one: they would hide what matters.
    project.write("cola.yaml", &survey("cola", ""));
    project.ok(&["status"]).never_says("link");
    project.remove("cola.yaml");
    let href = SODA.replace('&', "&amp;");
    project
        .ok(&["status", "--format", "html"])
        .says(&format!("href=\"{href}\""));
    // What is there is tried out before its change is approved.
    project.edit("soda.yaml", "cpi: 2", "cpi: 3");
    let plan = project.ok(&["plan", "--format", "json"]).json();
    assert_eq!(plan["links"]["soda"]["entry"], SODA, "{plan:#}");
    for format in ["markdown", "html"] {
        project
            .ok(&["plan", "--format", format])
            .says(&format!("To try it: <a href=\"{href}\""));
    }
    project.ok(&["plan"]).never_says("start-survey");
    project.ok(&["apply", "--yes"]).never_says("link to try it");
    project.expect_settled();
}

/// A draft of PureSpectrum can be tried out as well, and a link is no reason for another plan or another name of one.
#[test]
fn a_draft_has_its_link_too() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.write(
        "soda.yaml",
        &survey("soda", "").replace("status: live", "status: draft"),
    );
    project
        .ok(&["apply", "--yes"])
        .says("soda: entry link to try it: https://");
    let shown = project.ok(&["state", "show", "soda"]).json();
    assert_eq!(shown["kind"]["survey"]["links"]["entry"], SODA, "{shown:#}");
    project.expect_settled();
}

/// What was made elsewhere has its link from the import on.
#[test]
fn what_is_imported_has_its_link() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.write("soda.yaml", &survey("soda", ""));
    project.apply();
    project.forget("bench");
    project.remove("soda.yaml");
    project.ok(&[
        "import",
        "--vendor",
        "purespectrum",
        "--id",
        "1000001",
        "--name",
        "tea",
    ]);
    let shown = project.ok(&["state", "show", "tea"]).json();
    assert_eq!(shown["kind"]["survey"]["links"]["entry"], SODA, "{shown:#}");
}

#[test]
fn both_links_of_a_target_group_are_shown_once_it_is_launched() {
    let project = Project::example("cint");
    project
        .ok(&["apply", "--yes", "--allow", "launch"])
        .says("brand-tracker/us-adults: entry link to try it: https://")
        .says("brand-tracker/us-adults: questionnaire link to try it: https://");
    let shown = project.ok(&["state", "show", "brand-tracker/us-adults"]).json();
    let links = &shown["kind"]["survey"]["links"];
    assert!(
        links["entry"].is_string() && links["questionnaire"].is_string(),
        "{shown:#}"
    );
    project
        .ok(&["status", "brand-tracker/us-adults"])
        .says("questionnaire link: https://");
}
