//! Exclusion groups: made when their members are there, and kept as they are afterwards.

use crate::support::{Project, Sandbox};

#[test]
fn a_group_is_made_after_its_members_with_their_ids() {
    let sandbox = Sandbox::start();
    let project = Project::example("exclusion-group").with(&sandbox);
    project.apply();
    let groups: Vec<_> = sandbox
        .writes()
        .into_iter()
        .filter(|call| call["path"].as_str().unwrap().starts_with("/surveygroups"))
        .collect();
    assert_eq!(groups.len(), 1, "{groups:?}");
    let body = groups[0]["body"].to_string();
    assert!(body.contains("1000001") && body.contains("1000002"), "{body}");
    sandbox.forget();
    project.expect_settled();
    project.apply();
    assert!(sandbox.writes().is_empty());
    project.edit("group.yaml", "exclusion_days: 90", "exclusion_days: 60");
    project.run(&["plan", "--detailed-exitcode"]).code(2);
    project.apply();
    assert_eq!(sandbox.writes().len(), 1);
    project.expect_settled();
}
