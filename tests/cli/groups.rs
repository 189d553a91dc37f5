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

const LAUNCH: [&str; 4] = ["apply", "--yes", "--allow", "launch"];

#[test]
fn waves_at_cint_are_in_a_group_before_they_go_in_field_and_a_third_one_joins() {
    let project = Project::example("exclusion-group-cint");
    let plan = project.ok(&["plan", "--show-calls"]);
    plan.says("surveys  wave-1/us-adults, wave-2/us-adults")
        .says("exclusion-groups/{waves}/target-groups/add")
        .says("{\"$id\":\"wave-2\"}");
    project.ok(&LAUNCH).says("waves: created");
    project.run(&["plan", "--detailed-exitcode"]).code(0);
    let third = project
        .read("wave-2.yaml")
        .replace("wave-2", "wave-3")
        .replace("wave 2", "wave 3")
        .replace("tracker-2", "tracker-3");
    project.write("wave-3.yaml", &third);
    project
        .ok(&["plan"])
        .says("→ wave-1/us-adults, wave-2/us-adults, wave-3/us-adults");
    project.ok(&LAUNCH);
    project.run(&["plan", "--detailed-exitcode"]).code(0);
    // Leaving lets respondents in again, which is asked about.
    project.edit("waves.yaml", "[\"wave-*\"]", "[wave-2, wave-3]");
    project
        .run(&["apply", "--yes"])
        .says("it needs the approval `edit-live-targeting`");
    project.ok(&["apply", "--yes", "--allow", "edit-live-targeting"]);
    project.run(&["plan", "--detailed-exitcode"]).code(0);
    // Whoever takes the manifest away leaves the group at the vendor.
    project.remove("waves.yaml");
    project
        .ok(&["plan"])
        .says("the manifest of this exclusion group is gone; the group is left as it is");
}

#[test]
fn a_survey_goes_in_field_alone_only_where_its_group_has_it() {
    let project = Project::example("exclusion-group-cint");
    project
        .run(&["apply", "--yes", "--allow", "launch", "--target", "wave-1"])
        .says("launch waits for the exclusion group waves, which this plan leaves out");
    project.ok(&LAUNCH);
    project.edit("wave-1.yaml", "cpi: 2.75 USD", "cpi: 2.80 USD");
    project
        .ok(&["plan", "--target", "wave-1"])
        .never_says("waits for");
}
