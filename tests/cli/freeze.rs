//! Freezing: everything out of field at once, with nothing but the state and the accounts.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::{Value, json};
use std::process::{Child, Stdio};

/// Undoes every freeze, with launches approved.
const THAW: [&str; 4] = ["thaw", "--yes", "--allow", "launch"];

/// Longer than any test runs.
const FOREVER: u64 = 3_600_000;

/// Two surveys in field, the second with more money at stake.
fn in_field(sandbox: &Sandbox) -> Project {
    let project = Project::empty().with(sandbox);
    project.write("brand-a.yaml", &survey("brand-a", ""));
    project.write(
        "brand-b.yaml",
        &survey("brand-b", "").replace("2.50 USD", "9.00 USD"),
    );
    project.write("soda.yaml", &survey("soda", ""));
    project.apply();
    sandbox.forget();
    project
}

#[test]
fn the_most_money_is_stopped_first_and_nothing_resumes_unasked() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    let run = project.ok(&["freeze", "--yes", "brand-*"]);
    assert!(
        run.stdout
            .starts_with("pause brand-b, 900.00 USD at stake\npause brand-a, 250.00 USD"),
        "{}",
        run.text()
    );
    assert_eq!(sandbox.count(), [0, 1, 2, 0]);
    project
        .ok(&["freeze", "--yes", "brand-*"])
        .says("nothing in field matches");
    sandbox.forget();
    project
        .ok(&["apply", "--yes", "--allow", "launch", "--resume", "*"])
        .says("frozen by tester@testhost since");
    assert!(sandbox.writes().is_empty());
    project.ok(&THAW);
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
    project.expect_settled();
}

#[test]
fn broken_manifests_do_not_matter() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project.write("soda.yaml", "kind: [\n");
    project.remove("brand-a.yaml");
    project.run(&["plan"]).code(1);
    project.ok(&["freeze", "--yes"]);
    assert_eq!(sandbox.count(), [0, 0, 3, 0]);
}

#[test]
fn nobody_is_asked_where_there_is_no_terminal() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project
        .run(&["freeze"])
        .code(3)
        .says("there is no terminal to ask on");
    assert!(sandbox.writes().is_empty());
}

#[test]
fn what_could_not_be_read_is_said_and_the_rest_is_stopped() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    sandbox.fault(json!({"method": "GET", "path": "*/surveys/1000002", "malformed": true, "times": 0}));
    project.run(&["freeze", "--yes"]).code(4).says("brand-b");
    sandbox.admin("DELETE", "faults", Value::Null);
    assert_eq!(sandbox.count(), [0, 1, 2, 0]);
}

/// Makes the vendor show something else than infield left there.
fn change_by_hand(sandbox: &Sandbox, id: u64) {
    let patch = json!([{"op": "replace", "path": "/offer_price", "value": 3.33}]);
    sandbox.by_hand("PATCH", &format!("/surveys/{id}"), patch);
}

#[test]
fn what_somebody_else_has_changed_does_not_make_a_pause_a_failure() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    for id in 1_000_001..=1_000_003 {
        change_by_hand(&sandbox, id);
    }
    project.ok(&["freeze", "--yes", "soda"]);
    project.remove("brand-a.yaml");
    project.ok(&["apply", "--yes", "--allow", "remove", "--target", "brand-a"]);
    project.edit("brand-b.yaml", "status: live", "status: closed");
    project.ok(&["apply", "--yes", "--allow", "close", "--target", "brand-b"]);
    assert_eq!(sandbox.count(), [0, 0, 2, 1]);
}

#[test]
fn a_freeze_or_a_thaw_that_forgets_to_say_where_does_not_end_well() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    for (command, nothing) in [("freeze", "nothing was paused"), ("thaw", "nothing was thawed")] {
        for names in [&[][..], &["brand-*"]] {
            let args = [&[command, "--yes", "--env", "sandbox"][..], names].concat();
            let run = project.run(&args).code(64);
            run.says(nothing).says("say where: --env bench");
        }
    }
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
}

/// An apply that waits for an answer until [`Sandbox::release`].
fn held_apply(sandbox: &Sandbox, project: &Project, method: &str, path: &str) -> Child {
    sandbox.fault(json!({"method": method, "path": path, "delay_ms": FOREVER}));
    let child = project
        .command(&APPLY)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    sandbox.await_fault();
    child
}

#[test]
fn a_running_apply_is_no_reason_to_wait_and_puts_nothing_in_field_afterwards() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project.write("tea.yaml", &survey("tea", ""));
    let apply = held_apply(&sandbox, &project, "POST", "*/surveys");
    project
        .ok(&["freeze", "--yes"])
        .says("pause soda")
        .says("nothing of it goes in field before `infield thaw`");
    assert_eq!(
        sandbox.count(),
        [1, 0, 3, 0],
        "paused while the apply has the lock"
    );
    sandbox.release();
    project
        .finish(&APPLY, &apply.wait_with_output().unwrap())
        .code(4)
        .says("frozen by tester@testhost since");
    assert_eq!(sandbox.count(), [1, 0, 3, 0]);
    // What the freeze paused is known as its act, also without the mark.
    let state = project.ok(&["state", "show", "soda"]);
    let list = project.ok(&["state", "list"]);
    assert!(
        state.stdout.contains("\"act\": \"freeze\""),
        "{}{}",
        state.text(),
        list.text()
    );
    let plan = project.plan();
    assert_eq!(plan["steps"], json!([]), "{plan:#}");
    let kinds: Vec<&Value> = plan["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| &note["kind"])
        .collect();
    assert_eq!(kinds, ["held"; 4], "{plan:#}");
    project.ok(&THAW);
    assert_eq!(sandbox.count(), [1, 3, 0, 0], "what it paused and nothing else");
    project.apply();
    assert_eq!(sandbox.count(), [0, 4, 0, 0]);
    project.expect_settled();
}

#[test]
fn what_goes_in_field_while_it_is_frozen_is_taken_out_and_comes_back_with_the_thaw() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("soda.yaml", &survey("soda", ""));
    let apply = held_apply(&sandbox, &project, "PATCH", "*/surveys/*");
    project.ok(&["freeze", "--yes", "soda"]);
    assert_eq!(sandbox.count(), [0, 0, 1, 0]);
    sandbox.release();
    project.finish(&APPLY, &apply.wait_with_output().unwrap()).code(4);
    assert_eq!(sandbox.count(), [0, 0, 1, 0]);
    project.ok(&THAW);
    assert_eq!(sandbox.count(), [0, 1, 0, 0]);
    project.expect_settled();
}

#[test]
fn while_it_is_frozen_nothing_is_raised_and_the_rest_goes_on() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project.ok(&["freeze", "--yes", "brand-*"]);
    let raised = |name: &str| {
        project.edit(&format!("{name}.yaml"), "completes: 100", "completes: 150");
    };
    raised("brand-a");
    raised("soda");
    project.edit("brand-b.yaml", "9.00 USD", "9.50 USD");
    project.apply();
    let plan = project.plan();
    assert_eq!(plan["steps"], json!([]), "{plan:#}");
    let held = plan["notes"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|note| note["kind"] == "held");
    assert_eq!(held.count(), 2, "{plan:#}");
    let soda = sandbox.survey(1_000_003);
    assert!(soda.to_string().contains("150"), "{soda:#}");
    let brand = sandbox.survey(1_000_001);
    assert!(!brand.to_string().contains("150"), "{brand:#}");
    // What costs less, or nothing, is written.
    project.edit("brand-b.yaml", "9.50 USD", "8.50 USD");
    project.apply();
    let brand = sandbox.survey(1_000_002);
    assert!(brand.to_string().contains("8.5"), "{brand:#}");
    project.ok(&THAW);
    project.apply();
    project.expect_settled();
    assert_eq!(sandbox.count(), [0, 3, 0, 0]);
}

#[test]
fn a_thaw_in_part_leaves_the_rest_frozen_and_does_not_resume_what_others_paused() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    sandbox.by_hand(
        "PATCH",
        "/surveys/1000003",
        json!([{"op": "replace", "path": "/ps_survey_status", "value": 33}]),
    );
    let by_hand = sandbox.count();
    project.ok(&["freeze", "--yes"]);
    project
        .run(&["thaw", "--yes", "brand-a"])
        .code(3)
        .says("it needs the approval `launch`")
        .says("what was not resumed stays frozen");
    project.ok(&["thaw", "--yes", "--allow", "launch", "brand-a"]);
    assert_eq!(sandbox.count(), [0, 1, 2, 0], "{by_hand:?}");
    project.ok(&APPLY).says("frozen by tester@testhost since");
    assert_eq!(sandbox.count(), [0, 1, 2, 0]);
    project
        .run(&["thaw", "--yes", "brand-x"])
        .code(64)
        .says("did you mean");
    project.ok(&THAW);
    assert_eq!(sandbox.count(), [0, 2, 1, 0]);
    project.ok(&THAW).says("nothing of that is frozen");
}

#[test]
fn a_state_that_cannot_be_written_keeps_nothing_in_field() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    // Where the mark would stand there is something else.
    std::fs::create_dir_all(project.folder().join(".infield/bench/stop.lock")).unwrap();
    project
        .run(&["freeze", "--yes"])
        .code(1)
        .says("the stop mark could not be left")
        .says("an apply may put back in field what was paused");
    assert_eq!(sandbox.count(), [0, 0, 3, 0]);
}

#[test]
fn a_mark_that_cannot_be_read_keeps_everything_out_of_field() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project.ok(&["freeze", "--yes", "soda"]);
    std::fs::write(project.folder().join(".infield/bench/stop.json"), "{").unwrap();
    project.write("tea.yaml", &survey("tea", ""));
    project.ok(&APPLY).says("a stop mark that cannot be read");
    assert_eq!(sandbox.count(), [1, 2, 1, 0]);
}

#[test]
fn a_freeze_of_nothing_is_a_mistake_and_of_some_things_is_made() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    for name in ["sodas", "cola-*", "tag:wave-9", "soda@cint", "soda/us"] {
        project.run(&["freeze", "--yes", name]).code(64).says(name);
    }
    assert!(sandbox.writes().is_empty());
    project
        .run(&["freeze", "--yes", "sodas"])
        .says("did you mean `soda`?");
    project
        .run(&["freeze", "--yes", "sodas", "brand-[!b]"])
        .code(4)
        .says("did you mean `soda`?");
    assert_eq!(sandbox.count(), [0, 2, 1, 0]);
}

/// One target group that starts years ahead, one of many.
const SCHEDULED: &str = "kind: Survey\nname: brand\ntitle: Brand\nlocale: en-US\nincidence_rate: 50\n\
    length_of_interview: 5\nfield: {start: 2036-01-01T00:00:00Z, end: 2036-02-01T00:00:00Z}\ncompletes: 100\n\
    cpi: 2.00 USD\nlive_url: https://survey.example.com/b?rid=[%RID%]\ntest_url: https://survey.example.com/t?rid=[%RID%]\n\
    status: live\ncint: {project_manager: b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337}\n";

fn scheduled() -> Project {
    let project = Project::empty();
    project.write("brand.yaml", SCHEDULED);
    project
        .ok(&APPLY)
        .says("brand/main: scheduled to start 2036-01-01T00:00:00Z")
        .never_says("launched, in field");
    project.expect_settled();
    project
}

#[test]
fn what_is_scheduled_is_stopped_by_every_way_out_of_field() {
    // A manifest that wants it out of field, and back.
    let project = scheduled();
    project.edit("brand.yaml", "status: live", "status: paused");
    project.ok(&APPLY).says("brand/main: paused");
    project.expect_settled();
    project.edit("brand.yaml", "2036-02-01", "2036-03-01");
    project.apply();
    project.expect_settled();
    project.edit("brand.yaml", "status: paused", "status: live");
    project
        .ok(&APPLY)
        .says("brand/main: scheduled to start 2036-01-01T00:00:00Z");
    project.expect_settled();
    // A draft, which it cannot be again.
    let project = scheduled();
    project.edit("brand.yaml", "status: live", "status: draft");
    project.ok(&APPLY).says("brand/main: paused");
    project
        .ok(&["plan", "--detailed-exitcode"])
        .says("it was taken off its schedule");
    // A manifest that is gone.
    let project = scheduled();
    project.write(
        "other.yaml",
        &survey("other", "").replace("status: live", "status: draft"),
    );
    project.remove("brand.yaml");
    let all = "launch,remove";
    project
        .run(&["apply", "--yes", "--allow", all])
        .says("brand/main: paused");
}

#[test]
fn a_frozen_schedule_is_given_back_as_it_was() {
    let project = scheduled();
    project.ok(&["freeze", "--yes"]).says("brand/main: paused");
    project
        .ok(&["plan", "--detailed-exitcode"])
        .says("frozen by tester@testhost since");
    project
        .ok(&THAW)
        .says("brand/main: scheduled to start 2036-01-01T00:00:00Z");
    project.expect_settled();
}

#[test]
fn tags_are_remembered_and_find_surveys_without_their_manifests() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    project.write("defaults.yaml", "kind: Defaults\ntags: [all]\n");
    project.write("soda.yaml", &survey("soda", "tags: [wave-3, brand]\n"));
    project.write("cola.yaml", &survey("cola", "tags: [wave-4]\n"));
    project.write("tea.yaml", &survey("tea", ""));
    project.apply();
    project.write("soda.yaml", "kind: [");
    project
        .ok(&["freeze", "--yes", "tag:wave-3"])
        .says("pause soda")
        .never_says("pause cola");
    project
        .ok(&["freeze", "--yes", "tag:all"])
        .says("pause tea")
        .never_says("pause cola");
    assert_eq!(sandbox.count(), [0, 1, 2, 0]);
    // A tag that is new in a manifest counts at once, and changes nothing at the vendor.
    project.write("soda.yaml", &survey("soda", "tags: [wave-5]\n"));
    project.ok(&["thaw", "--yes", "--allow", "launch", "tag:wave-3"]);
    sandbox.forget();
    project.apply();
    assert!(sandbox.writes().is_empty());
    project
        .ok(&["state", "list", "tag:wave-5"])
        .says("soda")
        .never_says("cola");
    project
        .run(&["state", "list", "tag:wave-3"])
        .code(64)
        .says("did you mean `tag:wave-");
}

#[test]
fn the_state_lists_what_is_frozen_by_whom_and_under_which_names() {
    let sandbox = Sandbox::start();
    let project = in_field(&sandbox);
    project.ok(&["state", "list"]).never_says("frozen");
    project.ok(&["freeze", "--yes", "brand-*"]);
    let listed = project.ok(&["state", "list"]);
    let row = |name: &str| {
        let row = listed.stdout.lines().find(|line| line.starts_with(name));
        row.unwrap().to_owned()
    };
    for name in ["brand-a", "brand-b"] {
        assert!(
            row(name).contains("in field, frozen by tester@testhost since 20"),
            "{}",
            row(name)
        );
    }
    assert!(!row("soda").contains("frozen"), "{}", row("soda"));
    // Also what is not made yet is held by that name.
    assert!(listed.stderr.contains(": 'brand-*'"), "{}", listed.text());
    project.ok(&["thaw", "brand-a", "--yes", "--allow", "launch"]);
    let listed = project.ok(&["state", "list", "brand-*"]);
    assert_eq!(listed.stdout.matches("frozen by").count(), 1, "{}", listed.text());
    assert!(
        listed.stderr.contains("'brand-*' but 'brand-a'"),
        "{}",
        listed.text()
    );
}

#[test]
fn one_group_of_a_frozen_survey_is_thawed_and_the_others_stay_out() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_innovatemr(&sandbox);
    let group =
        |name: &str, locale: &str| format!("  - {{name: {name}, locale: {locale}, completes: 100}}\n");
    let manifest = format!(
        "kind: Survey\nname: lift\ntitle: Lift\nstatus: live\ninnovatemr: {{category: 7}}\nincidence_rate: 50\n\
         length_of_interview: 5\nmax_cpi: 3.75 USD\nlive_url: https://survey.example.com/l?tk=[%%token%%]\n\
         test_url: https://survey.example.com/l?test=1\ngroups:\n{}{}",
        group("de", "de-DE"),
        group("us", "en-US")
    );
    project.write("lift.yaml", &manifest);
    project.apply();
    project.ok(&["freeze", "lift", "--yes"]);
    project
        .ok(&["thaw", "lift/d*", "--yes", "--allow", "launch"])
        .says("lift/de: resumed, in field")
        .never_says("lift/us");
    // The job is back as well, and what it holds is what was thawed.
    let plan = project.plan();
    let told: Vec<(&str, &str)> = plan["notes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|note| (note["address"].as_str().unwrap(), note["kind"].as_str().unwrap()))
        .filter(|(_, kind)| *kind != "advice")
        .collect();
    assert_eq!(told, [("lift/us", "held")], "{plan:#}");
    assert_eq!(plan["steps"], json!([]), "{plan:#}");
    project.ok(&THAW).says("lift/us: resumed, in field");
    project.expect_settled();
}
