//! Money and targeting as a reviewer meets them: what is shown is what can be spent, and what is valid is taken and stays.

use crate::support::{APPLY, Project, Sandbox};
use serde_json::{Value, json};

/// 400 completes at 3.00 USD, of which men and women may bring 20 each.
const SOFT: &str = "\
kind: Survey
name: soft
title: Soft drinks
locale: en-US
completes: 400
incidence_rate: 50
length_of_interview: 5
field_days: 10
cpi: 3.00 USD
live_url: https://survey.example.com/s/soft?tk=[%%token%%]
status: live
qualifications: {gender: [male, female]}
quotas:
  - {name: men, completes: 20, where: {gender: male}}
  - {name: women, completes: 20, where: {gender: female}}
purespectrum: {category: 232}
";

fn soft(sandbox: &Sandbox, guards: &str) -> Project {
    let project = Project::empty().with_guards(sandbox, guards);
    project.write("soft.yaml", SOFT);
    project
}

/// Before and after, of the whole plan.
fn exposure(plan: &Value) -> [&str; 2] {
    let one = &plan["exposure"][0];
    ["before", "after"].map(|key| one[key].as_str().unwrap())
}

#[test]
fn a_soft_launch_and_its_ramp_are_shown_and_limited_as_what_they_can_buy() {
    let sandbox = Sandbox::start();
    let project = soft(&sandbox, "{launch: allow, exposure: {max_increase: 500 USD}}");
    assert_eq!(exposure(&project.plan()), ["0.00", "120.00"]);
    project.ok(&APPLY);
    let ramp = SOFT.replace("completes: 20,", "completes: 200,");
    project.write("soft.yaml", &ramp);
    project
        .run(&APPLY)
        .code(3)
        .says("update is refused by the guard `exposure`: the exposure would rise by 1080.00 USD");
    let free = soft(&sandbox, "{launch: allow}");
    free.write(
        "soft.yaml",
        &ramp
            .replace("name: soft", "name: other")
            .replace("Soft drinks", "Others"),
    );
    assert_eq!(exposure(&free.plan()), ["0.00", "1200.00"]);
}

#[test]
fn a_cut_that_makes_a_soft_launch_is_said_by_the_plan() {
    let sandbox = Sandbox::start();
    let project = soft(&sandbox, "{launch: allow}");
    project.write("soft.yaml", &SOFT.replace("completes: 20,", "completes: 200,"));
    project.ok(&APPLY);
    project.edit(
        "soft.yaml",
        "name: men, completes: 200",
        "name: men, completes: 30",
    );
    let run = project.ok(&["plan"]);
    run.says("the quotas over gender sum to 230 of 400 completes: a soft launch, no more than 230 can be collected");
    assert_eq!(exposure(&project.plan()), ["1200.00", "690.00"]);
}

#[test]
fn who_takes_part_when_a_survey_is_paused_is_shown_beside_what_it_still_costs() {
    let sandbox = Sandbox::start();
    let project = soft(&sandbox, "{launch: allow}");
    project.ok(&APPLY);
    let id = sandbox.surveys(22)[0]["ps_survey_id"].clone();
    let people = |what: Value| {
        let mut body = json!({"vendor": "purespectrum", "survey": id});
        body.as_object_mut()
            .unwrap()
            .extend(what.as_object().unwrap().clone());
        sandbox.admin("POST", "respondents", body)
    };
    people(json!({"starts": 500}));
    project.edit("soft.yaml", "status: live", "status: paused");
    let plan = project.plan();
    assert_eq!(exposure(&plan), ["120.00", "0.00"]);
    assert_eq!(
        plan["exposure"][0]["under_way"], "240.00",
        "80 people for 40 places at 50 %"
    );
    project
        .ok(&["plan"])
        .says("people still answering when a survey fills, stops or is edited may add up to 240.00 USD");
    project.ok(&APPLY);
    let after = people(json!({"finishes": 500}));
    assert_eq!((&after["cost"], &after["inside"]), (&json!("240.00"), &json!(0)));
}

#[test]
fn one_answer_in_two_spellings_is_one_answer() {
    let project = Project::example("cint");
    project.edit(
        "brand-tracker.yaml",
        "      age: 18-64\n",
        "      gender: [Male, Female]\n",
    );
    project.ok(&["validate"]).never_says("can never fill");
}

#[test]
fn prices_with_all_their_places_and_rates_with_a_fraction_go_out_and_come_back() {
    let sandbox = Sandbox::start();
    let project = Project::example("cint").with_all(&sandbox);
    project.edit("brand-tracker.yaml", "cpi: 2.75 USD", "cpi: 2.7352 USD");
    project.write("soft.yaml", &SOFT.replace("3.00 USD", "3.255 USD"));
    let lift = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/innovatemr/brand-lift.yaml");
    let lift = std::fs::read_to_string(lift).unwrap();
    let lift = lift.replace("incidence_rate: 60 ", "incidence_rate: 33.3 ");
    project.write(
        "brand-lift.yaml",
        &lift.replace("interview: 8 ", "interview: 7.5 "),
    );
    project.ok(&APPLY);
    project.expect_settled();
    let sent = sandbox.log();
    let sent = |key: &str, price: &Value| sent.iter().any(|call| call["body"].pointer(key) == Some(price));
    assert!(sent("/offer_price", &json!(3.255)));
    assert!(sent("/cost_per_interview/value", &json!("2.7352")));
    assert!(sent("/IncidenceRate", &json!(33.3)) && sent("/LengthOfInterview", &json!(7.5)));
    let elsewhere = Project::empty().with_all(&sandbox);
    elsewhere.ok(&["import", "--all"]);
    elsewhere
        .ok(&["plan", "--detailed-exitcode"])
        .says("Nothing to do");
    let names = std::fs::read_dir(elsewhere.folder())
        .unwrap()
        .map(|file| file.unwrap().file_name());
    let texts: Vec<String> = names
        .filter_map(|name| name.into_string().ok())
        .filter(|name| name.ends_with(".yaml"))
        .map(|name| elsewhere.read(&name))
        .collect();
    for value in ["3.255 USD", "2.7352 USD", "33.3", "7.5"] {
        assert!(
            texts.iter().any(|text| text.contains(value)),
            "{value}: {texts:#?}"
        );
    }
}

#[test]
fn quotas_whose_keys_have_blanks_are_imported_and_managed() {
    let sandbox = Sandbox::start();
    let criteria = json!([{"qualification_code": 211, "condition_codes": ["111"]}]);
    sandbox.by_hand(
        "POST",
        "/surveys",
        json!({
            "survey_title": "Panel", "survey_category_code": 232, "survey_localization": "en_US",
            "completes_required": 300, "expected_ir": 40, "expected_loi": 9, "field_time": 12, "offer_price": 2.35,
            "live_url": "https://survey.example.com/a?tk=[%%token%%]&n=1",
            "qualifications": criteria,
            "quotas": [{"buyer_quota_id": "Males 18-24 (north)", "required_count": 120, "criteria": criteria}],
        }),
    );
    let project = Project::empty().with_all(&sandbox);
    project.ok(&["import", "--all"]).never_says("cannot name");
    project.ok(&["plan", "--detailed-exitcode"]).says("Nothing to do");
    assert!(project.read("panel.yaml").contains("id: Males 18-24 (north)"));
    project.edit("panel.yaml", "completes: 120", "completes: 130");
    project.ok(&["plan"]).says("Males 18-24 (north)");
    project.ok(&APPLY);
    assert_eq!(sandbox.surveys(11)[0]["quotas"][0]["required_count"], 130);
    project.expect_settled();
}

#[test]
fn values_that_mean_the_same_are_no_changes_that_never_end() {
    let sandbox = Sandbox::start();
    let project = soft(&sandbox, "{launch: allow}");
    let mails = "purespectrum: {category: 232, subscriber_emails: [b@example.com, a@example.com]}";
    project.edit("soft.yaml", "purespectrum: {category: 232}", mails);
    project.edit("soft.yaml", "title: Soft drinks", "title: Café y más");
    project.ok(&APPLY);
    project.expect_settled();
    sandbox.forget();
    // The same letters, composed otherwise; a host in capitals; a list in another order.
    project.edit("soft.yaml", "Café y más", "Cafe\u{301} y ma\u{301}s");
    project.edit("soft.yaml", "survey.example.com", "Survey.Example.COM");
    project.edit(
        "soft.yaml",
        "[b@example.com, a@example.com]",
        "[a@example.com, b@example.com]",
    );
    project.expect_settled();
    project.ok(&APPLY);
    assert_eq!(sandbox.writes(), Vec::<Value>::new());
}
