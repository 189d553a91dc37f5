//! How many calls commands make, and which: what lists show is not asked again one by one.

use crate::support::{APPLY, Project, Sandbox, survey};
use serde_json::{Value, json};

/// More than are read one by one, on more than one page.
const MANY: u64 = 120;

/// So many surveys in field, and the guards of their environment.
fn many(sandbox: &Sandbox, count: u64, guards: &str) -> Project {
    let project = Project::empty().with_guards(sandbox, guards);
    for number in 1..=count {
        let name = format!("wave-{number:03}");
        project.write(&format!("{name}.yaml"), &survey(&name, ""));
    }
    project.ok(&["apply", "--yes", "--allow", "launch,changes"]);
    sandbox.forget();
    project
}

/// The calls since the log was emptied, as `GET /surveys/1000001`, and the log is empty again.
fn calls(sandbox: &Sandbox) -> Vec<String> {
    let line = |call: &Value| {
        let path = call["path"].as_str().unwrap();
        let path = path.strip_prefix("/purespectrum/buyers/v2").unwrap_or(path);
        format!("{} {path}", call["method"].as_str().unwrap())
    };
    let lines = sandbox.log().iter().map(line).collect();
    sandbox.forget();
    lines
}

fn of<'a>(calls: &'a [String], what: &str) -> Vec<&'a String> {
    calls.iter().filter(|call| call.contains(what)).collect()
}

#[test]
fn a_plan_with_nothing_to_do_reads_pages_and_nothing_else() {
    let sandbox = Sandbox::start();
    let project = many(&sandbox, MANY, "{}");
    project.run(&["plan", "--detailed-exitcode"]).code(0);
    let made = calls(&sandbox);
    // The first page of each status, and the rest of those in field.
    assert_eq!(made.len(), 5, "{made:#?}");
    assert_eq!(of(&made, "GET /surveys?status=").len(), 5, "{made:#?}");
    project
        .run(&["plan", "--refresh-only", "--detailed-exitcode"])
        .code(0);
    assert_eq!(calls(&sandbox).len(), 5);
}

#[test]
fn what_changes_among_many_is_read_by_itself_and_counted_and_nothing_else_is() {
    let sandbox = Sandbox::start();
    let project = many(&sandbox, MANY, "{}");
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": 1_000_007, "completes": 3}),
    );
    let shown = sandbox.survey(1_000_007);
    let name = shown["survey_title"]
        .as_str()
        .unwrap()
        .trim_start_matches("About ")
        .to_owned();
    let file = format!("{name}.yaml");
    project.edit(&file, "length_of_interview: 5", "length_of_interview: 6");
    project.edit(&file, "completes: 100", "completes: 2");
    sandbox.forget();
    let run = project.run(&["plan"]);
    run.code(0).says("3 completes are collected already");
    let made = calls(&sandbox);
    assert_eq!(of(&made, "/performance").len(), 1, "{made:#?}");
    assert_eq!(made.len() - of(&made, "/surveys/1000007").len(), 5, "{made:#?}");
    // The document that is written back was read by itself in the same run, before the write.
    project.edit(&file, "completes: 2", "completes: 100");
    project.ok(&APPLY);
    let made = calls(&sandbox);
    let put = made
        .iter()
        .position(|call| call == "PUT /surveys/1000007")
        .unwrap();
    let got = made
        .iter()
        .position(|call| call == "GET /surveys/1000007")
        .unwrap();
    assert!(got < put, "{made:#?}");
}

#[test]
fn what_is_asked_for_is_all_that_is_read() {
    let sandbox = Sandbox::start();
    let project = many(&sandbox, MANY, "{}");
    project.ok(&["plan", "--target", "wave-050"]);
    let made = calls(&sandbox);
    assert_eq!(made.len(), 2, "{made:#?}");
    project.edit("wave-050.yaml", "2.50 USD", "2.60 USD");
    project.edit("wave-051.yaml", "2.50 USD", "2.60 USD");
    project
        .ok(&["plan", "--target", "wave-050"])
        .says("1 to change")
        .says("only of what was asked for")
        .never_says("wave-051");
    assert_eq!(calls(&sandbox).len(), 2);
}

#[test]
fn a_limit_on_the_total_counts_only_where_the_bound_breaks_it_the_dearest_first() {
    let sandbox = Sandbox::start();
    // Each can cost 250 USD: 7,500 in all, and the next one makes 7,750.
    let project = many(&sandbox, 30, "{exposure: {max_total: {USD: 7800}}}");
    project.write("more.yaml", &survey("more", ""));
    project
        .run(&["plan"])
        .says("1 to create")
        .never_says("guard `exposure`");
    assert_eq!(of(&calls(&sandbox), "/performance").len(), 0);
    project.write("most.yaml", &survey("most", ""));
    project.run(&["plan"]).says("guard `exposure`");
    assert_eq!(
        of(&calls(&sandbox), "/performance").len(),
        30,
        "all were counted, and it is too much"
    );
    sandbox.admin(
        "POST",
        "respondents",
        json!({"survey": dearest(&sandbox), "completes": 90}),
    );
    sandbox.forget();
    project.run(&["plan"]).never_says("guard `exposure`");
    let counted = of(&calls(&sandbox), "/performance").len();
    assert_eq!(counted, 16);
}

/// The survey in field that is counted first where all can cost the same: the last by name.
fn dearest(sandbox: &Sandbox) -> Value {
    let live = sandbox.surveys(22);
    let last = live
        .iter()
        .find(|survey| survey["survey_title"] == "About wave-030");
    last.unwrap()["ps_survey_id"].clone()
}

#[test]
fn a_freeze_stops_the_first_survey_before_it_looks_at_the_others() {
    let sandbox = Sandbox::start();
    let project = many(&sandbox, 60, "{}");
    project.ok(&["freeze", "--yes"]);
    let made = calls(&sandbox);
    let first = made.iter().position(|call| call.starts_with("PATCH")).unwrap();
    assert!(first < 3, "{:#?}", &made[..=first]);
    assert_eq!(of(&made, "/performance").len(), 0);
    assert_eq!(of(&made, "PATCH").len(), 60);
    project.ok(&["thaw", "--yes", "--allow", "launch,changes"]);
    sandbox.forget();
    project.ok(&["freeze", "--yes", "wave-00*", "wave-010"]);
    let made = calls(&sandbox);
    let first = made.iter().position(|call| call.starts_with("PATCH")).unwrap();
    assert!(first < 3, "{:#?}", &made[..=first]);
    assert_eq!(of(&made, "PATCH").len(), 10);
}

#[test]
fn many_creates_and_launches_are_read_back_by_pages() {
    let sandbox = Sandbox::start();
    let project = many(&sandbox, 0, "{}");
    for number in 1..=MANY {
        let name = format!("wave-{number:03}");
        project.write(&format!("{name}.yaml"), &survey(&name, ""));
    }
    project.ok(&["apply", "--yes", "--allow", "launch"]);
    let made = calls(&sandbox);
    let (posts, patches) = (of(&made, "POST /surveys").len(), of(&made, "PATCH").len());
    assert_eq!((posts, patches), (120, 120));
    assert_eq!(of(&made, "GET /surveys/").len(), 0, "{made:#?}");
    // Twice all pages to see that nothing has these names; then five pages for the drafts and for those in field.
    assert!(made.len() <= 240 + 8 + 10, "{}", made.len());
    project.expect_settled();
}

#[test]
fn a_page_that_lags_refutes_no_write() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    for number in 1..=25 {
        let name = format!("wave-{number:03}");
        project.write(
            &format!("{name}.yaml"),
            &survey(&name, "").replace("status: live", "status: draft"),
        );
    }
    project.apply();
    let old = sandbox.surveys(11);
    for number in 1..=25 {
        project.edit(&format!("wave-{number:03}.yaml"), "2.50 USD", "2.60 USD");
    }
    sandbox.forget();
    // The plan reads the list once and the read-backs read it again.
    sandbox.fault(json!({"method": "GET", "path": "*/surveys?status=11*", "nth": 2, "times": 0, "status": 200, "body": old}));
    project.ok(&["apply", "--yes", "--allow", "changes"]);
    sandbox.release();
    project.expect_settled();
}

#[test]
fn a_launched_group_with_nothing_to_do_is_read_in_four_calls() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.write("lift.yaml", LIFT);
    project.ok(&APPLY);
    sandbox.forget();
    project.run(&["plan", "--detailed-exitcode"]).code(0);
    let made = calls(&sandbox);
    let ends = |call: &&String| call.rsplit('/').next().unwrap().to_owned();
    let groups = of(&made, "/target-groups/");
    let mut groups: Vec<String> = groups.iter().map(ends).collect();
    groups.sort();
    assert_eq!(
        groups,
        ["details", "fielding-runs", "overview", "profiles"],
        "{made:#?}"
    );
    // What is changed is read as a whole before.
    project.edit("lift.yaml", "completes: 100", "completes: 110");
    project.ok(&APPLY);
    project.run(&["plan", "--detailed-exitcode"]).code(0);
}

#[test]
fn status_takes_from_lists_what_they_show_and_counts_completes_with_one_call_a_survey() {
    let sandbox = Sandbox::start();
    let project = many(&sandbox, MANY, "{}");
    project.ok(&["status"]);
    let made = calls(&sandbox);
    assert_eq!(of(&made, "/performance").len(), 120, "{made:#?}");
    assert_eq!(of(&made, "GET /surveys?status=").len(), 5, "{made:#?}");
    assert_eq!(made.len(), 125, "{made:#?}");
}

#[test]
fn status_asks_for_quotas_where_there_are_some_and_for_nothing_of_a_draft() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with(&sandbox);
    let quotas = "qualifications: {gender: [male, female]}\nquotas:\n\
                  \x20 - {name: men, completes: 50, where: {gender: male}}\n\
                  \x20 - {name: women, completes: 50, where: {gender: female}}\n";
    project.write("one.yaml", &survey("one", quotas));
    project.write(
        "two.yaml",
        &survey("two", quotas).replace("status: live", "status: draft"),
    );
    project.apply();
    sandbox.forget();
    project.ok(&["status"]);
    let made = calls(&sandbox);
    assert_eq!(of(&made, "/quotas/performance").len(), 1, "{made:#?}");
    // Two surveys, and the counters of one.
    assert_eq!(made.len(), 4, "{made:#?}");
}

#[test]
fn status_reads_a_launched_group_in_four_calls_and_in_four_more_where_it_is_named() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_all(&sandbox);
    project.write("lift.yaml", LIFT);
    project.ok(&APPLY);
    for (args, wanted) in [(&["status"][..], 4), (&["status", "lift/us"][..], 8)] {
        sandbox.forget();
        project.ok(args);
        let made = calls(&sandbox);
        assert_eq!(of(&made, "/target-groups/").len(), wanted, "{made:#?}");
    }
}

#[test]
fn status_reads_a_group_that_no_list_shows_in_four_calls() {
    let sandbox = Sandbox::start();
    let project = Project::empty().with_innovatemr(&sandbox);
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/innovatemr/brand-lift.yaml");
    project.write("brand-lift.yaml", &std::fs::read_to_string(example).unwrap());
    project.apply();
    sandbox.forget();
    project.ok(&["status"]);
    let made = calls(&sandbox);
    // Two groups, one of them without quotas to count.
    assert_eq!(made.len(), 7, "{made:#?}");
    assert!(sandbox.writes().is_empty());
}

const LIFT: &str = "kind: Survey\nname: lift\ntitle: About lift\nincidence_rate: 60\nlength_of_interview: 8\n\
    field: {end: 2036-12-15T18:00:00Z}\nlive_url: https://survey.example.com/s?rid=[%RID%]\n\
    test_url: https://survey.example.com/t?rid=[%RID%]\nstatus: live\ncint: {project_manager: \
    b551326b-ac9d-4d32-8823-4f025787dab9, business_unit: 3337}\ngroups:\n- name: us\n  locale: en-US\n  completes: 100\n  \
    cpi: 2.75 USD\n";
