//! Removing a manifest never removes a survey by itself: what happens is said in advance, and chosen in the manifest.

use crate::support::{APPLY, Project, Sandbox, survey};

fn with_two(sandbox: &Sandbox, on_remove: &str) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("keep.yaml", &survey("keep", ""));
    project.write("leave.yaml", &survey("leave", on_remove));
    project.apply();
    project.remove("leave.yaml");
    sandbox.forget();
    project
}

fn leaving(sandbox: &Sandbox) -> u64 {
    sandbox.survey(1_000_002)["ps_survey_status"].as_u64().unwrap()
}

#[test]
fn by_default_it_is_paused_and_remembered_until_it_is_forgotten() {
    let sandbox = Sandbox::start();
    let project = with_two(&sandbox, "");
    project
        .run(&["plan", "--detailed-exitcode"])
        .code(2)
        .says("leave")
        .says("pause");
    project.run(&APPLY).code(3).says("needs the approval `remove`");
    assert_eq!(leaving(&sandbox), 22, "nobody has approved that");
    project.ok(&["apply", "--yes", "--allow", "remove"]);
    assert_eq!(leaving(&sandbox), 33);
    project.ok(&["plan", "--detailed-exitcode"]).says("leave");
    project.ok(&["state", "list"]).says("its manifest is gone");
    project.ok(&["state", "rm", "leave"]);
    project.expect_settled();
    project.ok(&["plan"]).never_says("leave");
}

#[test]
fn it_can_be_forgotten_as_it_is() {
    let sandbox = Sandbox::start();
    let project = with_two(&sandbox, "on_remove: forget\n");
    project.ok(&["plan"]).says("leave").says("forget");
    project.run(&APPLY).code(3).says("needs the approval `remove`");
    project.ok(&["state", "list"]).says("leave");
    project.ok(&["apply", "--yes", "--allow", "remove"]);
    assert!(sandbox.writes().is_empty());
    assert_eq!(leaving(&sandbox), 22, "it goes on collecting");
    project.ok(&["state", "list"]).never_says("leave");
}

#[test]
fn it_can_be_closed_which_is_guarded() {
    let sandbox = Sandbox::start();
    let project = with_two(&sandbox, "on_remove: close\n");
    project
        .run(&["apply", "--yes"])
        .code(3)
        .says("needs the approval `close`");
    project
        .run(&["apply", "--yes", "--allow", "close"])
        .code(3)
        .says("needs the approval `remove`");
    assert_eq!(leaving(&sandbox), 22);
    project.ok(&["apply", "--yes", "--allow", "close,remove"]);
    assert_eq!(leaving(&sandbox), 44);
    project.expect_settled();
}

#[test]
fn a_path_that_covers_only_a_part_removes_nothing() {
    let sandbox = Sandbox::start();
    let project = with_two(&sandbox, "on_remove: close\n");
    project.ok(&["apply", "keep.yaml", "--yes", "--allow", "launch,close,remove"]);
    assert!(sandbox.writes().is_empty());
    assert_eq!(leaving(&sandbox), 22);
}

#[test]
fn a_folder_without_any_manifest_is_taken_for_a_mistake() {
    let sandbox = Sandbox::start();
    let project = with_two(&sandbox, "");
    project.remove("keep.yaml");
    project
        .run(&["apply", "--yes", "--allow", "close,remove"])
        .code(3)
        .says("there are no manifests here");
    assert!(sandbox.writes().is_empty());
    assert_eq!(sandbox.count(), [0, 2, 0, 0]);
}
