//! Changes of a survey that exists, in place.

use crate::support::*;
use crate::vendors::*;
use infield::model::desired::{OnFixedChange, OnTemplateChange};
use infield::model::{Address, Field, LiveQuota, Method, Reading, Status};
use infield::plan::{Action, Guard, NoteKind, Rule};
use serde_json::json;

#[test]
fn the_twin_of_what_is_wanted_gives_nothing_to_do() {
    let mut world = World::new();
    world.fielded("soda", soda());
    insta::assert_snapshot!(world.text(), @r"
    Exposure: 1500.00 USD, not changed by this plan.
    Nothing to do: everything is as wanted (1 unchanged).
    ");
}

#[test]
fn one_count_and_one_price_are_two_changes_and_two_calls() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.collected("soda", 120, &[("men", 80), ("women-18-34", 40)]);
    world.quota("soda", "men").completes = 250;
    world.spec("soda").cpi = Field::Set("4.10 USD".parse().unwrap());
    insta::assert_snapshot!(world.text_with_calls(), @r#"
    soda (PureSpectrum)
      ~ update: the manifest differs from the vendor
          cpi  3.75 USD → 4.10 USD (120 completes are collected already at the old price)
          quota  completes
          men    200 → 250  (80 collected, 170 still wanted)
          PUT /surveys/1001/quotas/men  (write quota men)
            {
              "buyer_quota_id": "men",
              "required_count": 250,
              "criteria": [{"qualification_code":9001,"condition_codes":["1"]}]
            }
          PATCH /surveys/1001  (set offer_price)
            [{"op":"replace","path":"/offer_price","value":4.1}]

    exposure   before    after  change
      USD     1050.00  1148.00  +98.00
      people still answering when a survey fills, stops or is edited may add up to 1148.00 USD

    Plan: 1 to change; 2 calls.
    "#);
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 1);
    assert_eq!(plan.steps[0].changes.len(), 2);
    let methods: Vec<Method> = plan.steps[0].calls.iter().map(|call| call.method).collect();
    assert_eq!(methods, [Method::Put, Method::Patch]);
}

#[test]
fn a_title_takes_everything_along_but_never_the_template() {
    let mut world = World::new();
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.fielded("soda", spec);
    world.seen("soda").quotas.push(LiveQuota {
        name: Some("v11eMeGAyRyYday".to_owned()),
        id: "from-template".to_owned(),
        completes: 20,
        fielded: Some(0),
        criteria: vec![age(35, 44)].into(),
        nameless: false,
        hidden: false,
    });
    world.spec("soda").title = Field::Set("Soda tracker, wave 4 | \u{1b}[31mfinal".to_owned());
    insta::assert_snapshot!(world.text_with_calls(), @r#"
    soda (PureSpectrum)
      ~ update: the manifest differs from the vendor
          title  Soda tracker, wave 3 → Soda tracker, wave 4 | \u{1b}[31mfinal
          PUT /surveys/1001  (write the survey with its targeting and quotas)
            {
              "survey_title": "Soda tracker, wave 4 | \u001b[31mfinal",
              "survey_category_code": 232,
              "survey_localization": "en_US",
              "completes_required": 400,
              "offer_price": 3.75,
              "expected_ir": 50,
              "expected_loi": 5,
              "live_url": "https://survey.example.com/s/soda?tk=[%%token%%]",
              "field_time": 10,
              "qualifications": [
                {"qualification_code":9002,"range_sets":[{"from":18,"to":64,"units":311}]}
              ],
              "quotas": [
                {
                  "required_count": 200,
                  "criteria": [{"qualification_code":9001,"condition_codes":["1"]}],
                  "buyer_quota_id": "men"
                },
                {
                  "required_count": 200,
                  "criteria": [
                    {"qualification_code":9001,"condition_codes":["2"]},
                    {"qualification_code":9002,"range_sets":[{"from":18,"to":34,"units":311}]}
                  ],
                  "buyer_quota_id": "women-18-34"
                },
                {
                  "required_count": 20,
                  "criteria": [
                    {"qualification_code":9002,"range_sets":[{"from":35,"to":44,"units":311}]}
                  ],
                  "buyer_quota_id": "v11eMeGAyRyYday"
                }
              ]
            }
      · unmanaged: 1 quota from a template or made by hand is left alone: v11eMeGAyRyYday (20 completes)

    exposure   before    after  change
      USD     1500.00  1500.00    0.00
      people still answering when a survey fills, stops or is edited may add up to 1500.00 USD

    Plan: 1 to change; 1 call.
    "#);
}

#[test]
fn targeting_in_field_is_a_step_of_its_own_behind_its_guard() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.collected("soda", 30, &[("women-18-34", 30)]);
    world.quota("soda", "men").completes = 220;
    world.quota("soda", "women-18-34").criteria = vec![sex("2"), age(18, 44)].into();
    quotas(world.spec("soda")).push(quota("older", 50, vec![age(55, 64)]));
    insta::assert_snapshot!(world.text_with_calls(), @r#"
    soda (PureSpectrum)
      ~ update: the manifest differs from the vendor
          quota  completes
          men    200 → 220
          PUT /surveys/1001/quotas/men  (write quota men)
            {
              "buyer_quota_id": "men",
              "required_count": 220,
              "criteria": [{"qualification_code":9001,"condition_codes":["1"]}]
            }
      ~ update: who is asked changes while the survey is in field
          needs approval: edit-live-targeting
          quota        completes  who is counted
          women-18-34             9001: 2, 9002: 18-34 → 9001: 2, 9002: 18-44 (30 completes are
                                  collected under the old criteria)
          older         new → 50  9002: 55-64
          PUT /surveys/1001  (write the survey with its targeting and quotas)
            {
              "survey_title": "Soda tracker, wave 3",
              "survey_category_code": 232,
              "survey_localization": "en_US",
              "completes_required": 400,
              "offer_price": 3.75,
              "expected_ir": 50,
              "expected_loi": 5,
              "live_url": "https://survey.example.com/s/soda?tk=[%%token%%]",
              "field_time": 10,
              "qualifications": [
                {"qualification_code":9002,"range_sets":[{"from":18,"to":64,"units":311}]}
              ],
              "quotas": [
                {
                  "buyer_quota_id": "men",
                  "required_count": 220,
                  "criteria": [{"qualification_code":9001,"condition_codes":["1"]}]
                },
                {
                  "buyer_quota_id": "women-18-34",
                  "required_count": 200,
                  "criteria": [
                    {"qualification_code":9001,"condition_codes":["2"]},
                    {"qualification_code":9002,"range_sets":[{"from":18,"to":44,"units":311}]}
                  ]
                },
                {
                  "buyer_quota_id": "older",
                  "required_count": 50,
                  "criteria": [
                    {"qualification_code":9002,"range_sets":[{"from":55,"to":64,"units":311}]}
                  ]
                }
              ]
            }

    exposure   before    after  change
      USD     1387.50  1387.50    0.00
      people still answering when a survey fills, stops or is edited may add up to 4162.50 USD

    Plan: 1 to change; 2 calls.
    "#);
    world.guard(Guard::EditLiveTargeting, Rule::Deny);
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ~ update: the manifest differs from the vendor
          quota  completes
          men    200 → 220
      ! refused: update is denied by the guard `edit-live-targeting`
          help: set `guards: {edit-live-targeting: ask}` for this environment in infield.yaml

    exposure   before    after  change
      USD     1387.50  1387.50    0.00
      people still answering when a survey fills, stops or is edited may add up to 1387.50 USD

    Plan: 1 to change, 1 held back; 1 call.
    ");
}

#[test]
fn a_quota_stopped_in_field_goes_to_zero_and_its_completes_stay_paid() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.collected("soda", 30, &[("women-18-34", 30)]);
    quotas(world.spec("soda")).retain(|quota| quota.name == "men");
    insta::assert_snapshot!(world.text_with_calls(), @r#"
    soda (PureSpectrum)
      ~ update: who is asked changes while the survey is in field
          needs approval: edit-live-targeting, remove
          quota         completes
          women-18-34  200 → none  (the quota goes; its 30 completes stay paid)
          PUT /surveys/1001/quotas/women-18-34  (stop quota women-18-34)
            {
              "buyer_quota_id": "women-18-34",
              "required_count": 0,
              "criteria": [
                {"qualification_code":9001,"condition_codes":["2"]},
                {"qualification_code":9002,"range_sets":[{"from":18,"to":34,"units":311}]}
              ]
            }

    exposure   before    after  change
      USD     1387.50  1387.50    0.00
      USD: at most; completes that were not counted, and quotas that go, take nothing off
      people still answering when a survey fills, stops or is edited may add up to 4162.50 USD

    Plan: 1 to change; 1 call.
    "#);
}

#[test]
fn a_draft_takes_all_edits_in_one_step() {
    let mut world = World::new();
    world.fielded("soda", draft());
    world.quota("soda", "men").criteria = vec![sex("3")].into();
    quotas(world.spec("soda")).retain(|quota| quota.name == "men");
    quotas(world.spec("soda")).push(quota("older", 50, vec![age(55, 64)]));
    insta::assert_snapshot!(world.text_with_calls(), @r#"
    soda (PureSpectrum)
      ~ update: the manifest differs from the vendor
          quota         completes  who is counted
          men                      9001: 1 → 9001: 3
          older          new → 50  9002: 55-64
          women-18-34  200 → none  (the quota goes)
          DELETE /surveys/1001/quotas/women-18-34  (delete quota women-18-34)
          PUT /surveys/1001/quotas/men  (write quota men)
            {
              "buyer_quota_id": "men",
              "required_count": 200,
              "criteria": [{"qualification_code":9001,"condition_codes":["3"]}]
            }
          POST /surveys/1001/quotas  (add quota older)
            {
              "buyer_quota_id": "older",
              "required_count": 50,
              "criteria": [{"qualification_code":9002,"range_sets":[{"from":55,"to":64,"units":311}]}]
            }

    Plan: 1 to change; 3 calls.
    "#);
}

#[test]
fn what_a_free_step_wrote_survives_the_targeting_step_behind_it() {
    // The second step writes the whole survey: with what the first one left, not with what was read before both.
    let mut world = World::new();
    world.fielded("soda", soda());
    world.spec("soda").qualifications = Field::Set(vec![age(18, 74)].into());
    world.spec("soda").title = Field::Set("Soda tracker, wave 4".to_owned());
    world.spec("soda").cpi = Field::Set("4.10 USD".parse().unwrap());
    world.quota("soda", "men").completes = 250;
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 2);
    let put = plan.steps[1].calls[0].body.as_ref().unwrap().value();
    assert_eq!(put["survey_title"], json!("Soda tracker, wave 4"));
    assert_eq!(put["offer_price"].to_string(), "4.1");
    assert_eq!(put["quotas"][0]["required_count"], json!(250));
}

#[test]
fn what_only_a_create_can_set_blocks_the_edit() {
    let mut world = World::new();
    let mut spec = soda();
    spec.attributes
        .insert("recontact".to_owned(), Field::Set(json!(false)));
    world.fielded("soda", spec);
    world
        .spec("soda")
        .attributes
        .insert("recontact".to_owned(), Field::Set(json!(true)));
    world.spec("soda").title = Field::Set("Soda, again".to_owned());
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: /purespectrum/recontact cannot change from false to true: PureSpectrum fixes recontact
          (incl_excl) when the draft is made (vendor wiki 107839551)
          help: put the old value back, or set `on_fixed_change: replace` to make a new one and close
                this one

    Exposure: 1500.00 USD, not changed by this plan.
    Nothing will be done: 1 is held back, see above.
    ");
    assert!(world.plan().unchanged.is_empty(), "it is not as wanted");
}

#[test]
fn a_goal_may_go_down_to_what_is_collected_and_no_further() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.collected("soda", 180, &[("men", 100), ("women-18-34", 80)]);
    world.quota("soda", "men").completes = 100;
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ~ update: the manifest differs from the vendor
          quota  completes
          men    200 → 100  (100 collected: closes it now)

    exposure  before   after  change
      USD     825.00  825.00    0.00
      people still answering when a survey fills, stops or is edited may add up to 825.00 USD

    Plan: 1 to change; 1 call.
    ");
    // One that is below already is not raised to less than that either: it would be full at once.
    let mut below = world.clone();
    below.seen("soda").quotas[0].completes = 40;
    below.quota("soda", "men").completes = 99;
    let notes = below.plan().notes;
    let told = "/quotas/men/completes cannot go to 99: 100 completes are collected already";
    assert!(notes.iter().any(|note| note.message == told), "{notes:?}");
    assert!(below.plan().steps.is_empty());
    below.quota("soda", "men").completes = 101;
    assert_eq!(below.plan().steps.len(), 1);
    world.quota("soda", "men").completes = 99;
    world.spec("soda").completes = Field::Set(179);
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! refused: /completes cannot go to 179: 180 completes are collected already
          help: 180 is the lowest value; it closes it now
      ! refused: /quotas/men/completes cannot go to 99: 100 completes are collected already
          help: 100 is the lowest value; it closes it now

    Exposure: 825.00 USD, not changed by this plan.
    Nothing will be done: 1 is held back, see above.
    ");
}

#[test]
fn a_goal_is_not_lowered_on_an_unknown_count() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.seen("soda").fielded = None;
    for quota in &mut world.seen("soda").quotas {
        quota.fielded = None;
    }
    world.quota("soda", "men").completes = 150;
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: /quotas/men/completes cannot be lowered: how many completes are collected could not be
          read
          help: run again when the vendor answers

    Exposure: 1500.00 USD, not changed by this plan.
      USD: at most; completes that were not counted, and quotas that go, take nothing off
    Nothing will be done: 1 is held back, see above.
    ");
    world.quota("soda", "men").completes = 250;
    assert_eq!(world.plan().steps.len(), 1, "raising needs no count");
}

#[test]
fn a_draft_has_asked_nobody_and_may_be_lowered() {
    let mut world = World::new();
    world.fielded("soda", draft());
    world.spec("soda").completes = Field::Set(100);
    world.quota("soda", "men").completes = 50;
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 1);
    assert!(plan.notes.is_empty());
    world.seen("soda").fielded = None;
    world.seen("soda").quotas[0].fielded = None;
    assert!(world.plan().notes.is_empty(), "nothing has to be counted");
}

#[test]
fn what_somebody_else_moved_is_marked_as_drift() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.seen("soda").spec.cpi = Field::Set("9.00 USD".parse().unwrap());
    world.seen("soda").quotas[0].completes = 300;
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ~ update: changed outside infield since the last apply, and back as the manifest wants it
          cpi  9.00 USD → 3.75 USD [drift: changed outside infield]
          quota  completes
          men    300 → 200  [drift: changed outside infield]

    exposure   before    after    change
      USD     3600.00  1500.00  -2100.00
      people still answering when a survey fills, stops or is edited may add up to 5700.00 USD

    Plan: 1 to change; 2 calls.
    ");
}

#[test]
fn what_the_manifest_does_not_mention_is_left_alone() {
    let mut world = World::new();
    let mut spec = soda();
    spec.quotas = Field::Absent;
    spec.qualifications = Field::Absent;
    world.fielded("soda", spec);
    let live = world.seen("soda");
    live.spec.field_days = Field::Set(10);
    live.spec
        .attributes
        .insert("buyer_message".to_owned(), Field::Set(json!("hello")));
    live.qualifications = Field::Set(vec![age(18, 99)].into());
    for name in ["a", "b", "c", "d"] {
        live.quotas.push(LiveQuota {
            name: Some(name.to_owned()),
            id: name.to_owned(),
            completes: 10,
            fielded: Some(0),
            criteria: vec![].into(),
            nameless: false,
            hidden: false,
        });
    }
    insta::assert_snapshot!(world.text(), @r"
    soda
      · unmanaged: 4 quotas from a template or made by hand are left alone: a (10 completes), b (10
          completes), c (10 completes) and 1 more
      · unmanaged: qualifications from a template or made by hand are left alone: 9002

    Exposure: 150.00 USD, not changed by this plan.
    Nothing to do: everything is as wanted (1 unchanged).
    ");
}

#[test]
fn settings_the_vendor_does_not_show_are_compared_with_the_last_apply_and_sent_along() {
    let mut world = World::new();
    let mut spec = soda();
    spec.attributes
        .insert("global_flexibility".to_owned(), Field::Set(json!(66)));
    world.fielded("soda", spec);
    assert!(world.plan().is_empty());
    world.spec("soda").test_url = Field::Set("https://survey.example.com/s/soda?test=1".to_owned());
    let plan = world.plan();
    assert_eq!(plan.steps[0].changes.len(), 1);
    let put = plan.steps[0].calls[0].body.as_ref().unwrap().value();
    assert_eq!(put["global_flexibility"], json!(66), "a PUT might replace");
}

#[test]
fn null_clears_and_missing_does_not() {
    let mut world = World::new();
    let mut spec = draft();
    spec.test_url = Field::Set("https://survey.example.com/t".to_owned());
    world.fielded("soda", spec);
    world.spec("soda").test_url = Field::Absent;
    assert!(world.plan().is_empty());
    world.spec("soda").test_url = Field::Null;
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ~ update: the manifest differs from the vendor
          test_url  https://survey.example.com/t → cleared

    Plan: 1 to change; 1 call.
    ");
}

#[test]
fn another_template_is_refused_with_the_vendors_rule_and_both_ways_out() {
    let mut world = World::new();
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.fielded("soda", spec);
    world.templates(&[15, 16]);
    world.spec("soda").template = Field::Set(16);
    world.spec("soda").title = Field::Set("held back too".to_owned());
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: the survey was made from template 15 and cannot take another one: PureSpectrum applies
          one template per survey, at creation only (code 1014)
          help: keep `template_id: 15`, or set `on_template_change: replace` to create a new survey and
                close this one

    Exposure: 1500.00 USD, not changed by this plan.
    Nothing will be done: 1 is held back, see above.
    ");
}

#[test]
fn a_template_added_or_removed_later() {
    let mut world = World::new();
    world.fielded("added", soda());
    world.spec("added").template = Field::Set(16);
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.fielded("removed", spec);
    world.spec("removed").template = Field::Absent;
    world.templates(&[15, 16]);
    insta::assert_snapshot!(world.text(), @r"
    added
      ! blocked: the survey was made without a template and cannot take one now: PureSpectrum applies a
          template at creation only (code 1014)
          help: leave `template_id` out, or set `on_template_change: replace` to create a new survey and
                close this one

    removed
      · advice: template 15 was applied at creation; leaving template_id out changes nothing at the
          vendor

    Exposure: 3000.00 USD, not changed by this plan.
    Nothing will be done: 1 is held back, see above (1 unchanged).
    ");
}

#[test]
fn a_pause_goes_through_even_when_the_template_is_in_conflict() {
    let mut world = World::new();
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.fielded("soda", spec);
    world.spec("soda").template = Field::Set(16);
    world.spec("soda").status = Field::Set(Status::Paused);
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 1);
    assert_eq!(plan.steps[0].action, Action::Pause);
    assert_eq!(plan.notes[0].kind, NoteKind::Blocked);
}

#[test]
fn a_replacement_is_created_then_the_old_one_closed_then_the_new_one_launched() {
    let mut world = World::new();
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.fielded("soda", spec);
    world.collected("soda", 50, &[]);
    world.templates(&[15, 16]);
    world.spec("soda").template = Field::Set(16);
    world.manifest("soda").policy.on_template_change = OnTemplateChange::Replace;
    world.guard(Guard::Replace, Rule::Allow);
    insta::assert_snapshot!(world.text_with_calls(), @r#"
    soda (PureSpectrum)
      ± replace: its template cannot be changed in place
          needs approval: replace
          purespectrum.template_id  16 (applied once, at creation)
          title                     Soda tracker, wave 3
          locale                    en-US
          completes                 400
          incidence_rate            50
          length_of_interview       5
          field_days                10
          cpi                       3.75 USD
          live_url                  https://survey.example.com/s/soda?tk=[%%token%%]
          purespectrum.category     232
          qualifications.9002       18-64
          quota        completes  who is counted
          men                200  9001: 1
          women-18-34        200  9001: 2, 9002: 18-34
          POST /surveys  (create the draft)
            {
              "survey_title": "Soda tracker, wave 3",
              "survey_localization": "en_US",
              "completes_required": 400,
              "expected_ir": 50,
              "expected_loi": 5,
              "field_time": 10,
              "offer_price": 3.75,
              "live_url": "https://survey.example.com/s/soda?tk=[%%token%%]",
              "survey_category_code": 232,
              "template_id": 16,
              "qualifications": [
                {"qualification_code":9002,"range_sets":[{"from":18,"to":64,"units":311}]}
              ],
              "quotas": [
                {
                  "buyer_quota_id": "men",
                  "required_count": 200,
                  "criteria": [{"qualification_code":9001,"condition_codes":["1"]}]
                },
                {
                  "buyer_quota_id": "women-18-34",
                  "required_count": 200,
                  "criteria": [
                    {"qualification_code":9001,"condition_codes":["2"]},
                    {"qualification_code":9002,"range_sets":[{"from":18,"to":34,"units":311}]}
                  ]
                }
              ]
            }
      × close: survey 1001 is replaced by a new one
          needs approval: replace
          status  live → closed (its 50 completes stay paid)
          PATCH /surveys/1001  (set the status to closed)
            [{"op":"replace","path":"/ps_survey_status","value":44}]
      ▶ launch: the manifest wants it in field
          needs approval: launch
          status  draft → live
          PATCH /surveys/{soda}  (set the status to live)
            [{"op":"replace","path":"/ps_survey_status","value":22}]

    exposure   before    after   change
      USD     1312.50  1500.00  +187.50
      people still answering when a survey fills, stops or is edited may add up to 4125.00 USD

    Plan: 1 to replace, 1 to launch; 3 calls.
    "#);
    let plan = world.plan();
    let order: Vec<&str> = plan.steps.iter().map(|step| step.id.as_str()).collect();
    assert_eq!(order, ["soda:replace", "soda:close-1001", "soda:launch"]);
    assert_eq!(plan.steps[2].depends_on, ["soda:close-1001"]);
    world.guard(Guard::Replace, Rule::Deny);
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! refused: replace is denied by the guard `replace`
          help: set `guards: {replace: ask}` for this environment in infield.yaml
      ! blocked: close has to wait for soda:replace, which is refused
      ! blocked: launch has to wait for soda:close-1001, which is refused

    Exposure: 1312.50 USD, not changed by this plan.
    Nothing will be done: 1 is held back, see above.
    ");
}

#[test]
fn an_interrupted_replacement_is_finished() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.remembered("soda").former = vec!["900".to_owned()];
    let old = twin("900", &soda());
    world
        .live
        .former
        .insert("900".to_owned(), infield::model::Reading::Present(old));
    world.guard(Guard::Replace, Rule::Ask);
    insta::assert_snapshot!(world.text_with_calls(), @r#"
    soda (PureSpectrum)
      × close: survey 900 is replaced by a new one
          needs approval: replace
          status  live → closed
          PATCH /surveys/900  (set the status to closed)
            [{"op":"replace","path":"/ps_survey_status","value":44}]

    exposure   before    after    change
      USD     3000.00  1500.00  -1500.00
      people still answering when a survey fills, stops or is edited may add up to 4500.00 USD

    Plan: 1 to close; 1 call.
    "#);
    world.live.former.insert(
        "900".to_owned(),
        infield::model::Reading::Unknown {
            why: "timeout".to_owned(),
        },
    );
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: survey 900, which was replaced and should be closed, could not be read: timeout

    Exposure: 1500.00 USD, not changed by this plan.
    Nothing will be done: 1 is held back, see above.
    ");
}

#[test]
fn a_paused_survey_keeps_to_what_is_collected_too() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.left_as("soda", Status::Paused);
    world.spec("soda").status = Field::Set(Status::Paused);
    world.collected("soda", 180, &[("men", 100), ("women-18-34", 80)]);
    world.quota("soda", "men").completes = 99;
    world.spec("soda").completes = Field::Set(179);
    let plan = world.plan();
    assert!(plan.is_empty());
    let refused: Vec<&str> = plan.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(
        refused,
        [
            "/completes cannot go to 179: 180 completes are collected already",
            "/quotas/men/completes cannot go to 99: 100 completes are collected already"
        ]
    );
    assert_eq!(plan.notes[0].path.as_deref(), Some("/completes"));
    world.quota("soda", "men").completes = 100;
    world.spec("soda").completes = Field::Set(180);
    assert_eq!(world.plan().steps.len(), 1);
}

#[test]
fn a_whole_goal_is_not_lowered_on_an_unknown_count_and_may_be_raised() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.seen("soda").fielded = None;
    world.spec("soda").completes = Field::Set(399);
    let plan = world.plan();
    assert!(plan.is_empty());
    insta::assert_snapshot!(plan.notes[0].message, @"/completes cannot be lowered: how many completes are collected could not be read");
    for more in [400, 401] {
        world.spec("soda").completes = Field::Set(more);
        assert_eq!(world.plan().notes, [], "{more}");
    }
}

#[test]
fn where_a_vendor_never_tells_what_is_collected_a_goal_goes_down_with_a_warning() {
    let mut world = World::with_libraries();
    world.held_at(IMR, "soda");
    world.fielded_at(IMR, "soda/us", part(IMR));
    world.spec("soda/us").completes = Field::Set(50);
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 1);
    assert_eq!(plan.notes[0].kind, NoteKind::Advice);
    insta::assert_snapshot!(plan.notes[0].message, @"/completes goes down to 50; InnovateMR does not say how many completes are collected, so it may close now");
    world.spec("soda/us").completes = Field::Set(101);
    assert_eq!(world.plan().notes, []);
}

/// The paths that each step of a plan changes.
fn paths(world: &World) -> Vec<String> {
    let plan = world.plan();
    let of = |step: &infield::plan::Step| {
        let paths: Vec<&str> = step.changes.iter().map(|change| change.path.as_str()).collect();
        let guards: Vec<&str> = step.guards.iter().map(|guard| guard.key()).collect();
        format!("{} [{}] {}", step.id, guards.join(" "), paths.join(" "))
    };
    plan.steps.iter().map(of).collect()
}

#[test]
fn how_many_is_free_and_who_is_guarded_once_somebody_is_asked() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.spec("soda").completes = Field::Set(500);
    world.quota("soda", "men").completes = 250;
    world.quota("soda", "women-18-34").criteria = vec![sex("2"), age(18, 44)].into();
    world.spec("soda").qualifications = Field::Set(vec![age(18, 74)].into());
    let guarded = [
        "soda:update [] /completes /quotas/men/completes",
        "soda:update-targeting [edit-live-targeting] /qualifications/9002 /quotas/women-18-34/where",
    ];
    assert_eq!(paths(&world), guarded);
    world.left_as("soda", Status::Paused);
    world.spec("soda").status = Field::Set(Status::Paused);
    assert_eq!(paths(&world), guarded);
    world.left_as("soda", Status::Draft);
    world.spec("soda").status = Field::Set(Status::Draft);
    let all =
        ["soda:update [] /completes /qualifications/9002 /quotas/men/completes /quotas/women-18-34/where"];
    assert_eq!(paths(&world), all, "nobody is asked yet");
}

#[test]
fn who_is_counted_may_change_whatever_was_collected_before() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.quota("soda", "men").criteria = vec![sex("1"), age(18, 64)].into();
    for collected in [None, Some(0), Some(201)] {
        world.seen("soda").quotas[0].fielded = collected;
        let plan = world.plan();
        assert_eq!(plan.notes, [], "{collected:?}");
        assert_eq!(plan.steps.len(), 1, "{collected:?}");
    }
}

#[test]
fn a_locale_counts_as_who_is_asked() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.spec("soda").locale = Field::Set("es-US".to_owned());
    assert_eq!(
        paths(&world),
        ["soda:update-targeting [edit-live-targeting] /locale"]
    );
}

#[test]
fn what_lowers_the_money_goes_before_what_raises_it() {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    world.fielded_at(CINT, "soda/us", part(CINT));
    let ids =
        |world: &World| -> Vec<String> { world.plan().steps.iter().map(|step| step.id.clone()).collect() };
    let (targeting, update) = ("soda/us:update-targeting", "soda/us:update");
    world.spec("soda/us").qualifications = Field::Set(vec![years(CINT, 18, 74)].into());
    world.spec("soda/us").completes = Field::Set(60);
    world.spec("soda/us").title = Field::Set("Soda, again".to_owned());
    assert_eq!(ids(&world), [update, targeting], "a title costs nothing");
    world.spec("soda/us").cpi = Field::Set(usd("9.00"));
    assert_eq!(ids(&world), [targeting, update]);
    let plan = world.plan();
    assert_eq!(plan.steps[1].depends_on, [targeting]);
    let adds: Vec<bool> = plan
        .steps
        .iter()
        .map(|step| step.adds_exposure.unwrap().amount.is_sign_positive())
        .collect();
    assert_eq!(adds, [false, true]);
    world.spec("soda/us").completes = Field::Set(500);
    assert_eq!(ids(&world), [update, targeting], "both raise it");
    world.spec("soda/us").cpi = Field::Set(usd("0.50"));
    assert_eq!(ids(&world), [update, targeting], "the price goes down first");
}

#[test]
fn what_raises_the_money_is_a_step_of_its_own_where_something_lowers_it_in_another_call() {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    world.fielded_at(CINT, "soda/us", part(CINT));
    let (update, raise) = ("soda/us:update", "soda/us:update-raise");
    world.spec("soda/us").completes = Field::Set(60);
    world.spec("soda/us").cpi = Field::Set(usd("9.00"));
    world.spec("soda/us").title = Field::Set("Soda, again".to_owned());
    assert_eq!(
        paths(&world),
        [
            format!("{update} [] /title /completes"),
            format!("{raise} [] /cpi")
        ]
    );
    let plan = world.plan();
    assert_eq!(plan.steps[1].depends_on, [update]);
    let adds: Vec<bool> = plan
        .steps
        .iter()
        .map(|step| step.adds_exposure.unwrap().amount.is_sign_positive())
        .collect();
    assert_eq!(adds, [false, true]);
    assert!(
        plan.steps[1].reason.contains("goes after what lowers it"),
        "{}",
        plan.steps[1].reason
    );
    // The other way round: the price first.
    world.spec("soda/us").completes = Field::Set(500);
    world.spec("soda/us").cpi = Field::Set(usd("0.50"));
    assert_eq!(
        paths(&world),
        [
            format!("{update} [] /cpi"),
            format!("{raise} [] /title /completes")
        ]
    );
    // Both raise it, both lower it: one step.
    for (completes, price) in [(500, "9.00"), (60, "0.50")] {
        world.spec("soda/us").completes = Field::Set(completes);
        world.spec("soda/us").cpi = Field::Set(usd(price));
        assert_eq!(
            paths(&world),
            [format!("{update} [] /title /completes /cpi")],
            "{completes} {price}"
        );
    }
    // One call carries both at once.
    let mut world = World::new();
    world.fielded("soda", soda());
    world.spec("soda").completes = Field::Set(300);
    world.spec("soda").cpi = Field::Set(usd("9.00"));
    assert_eq!(paths(&world), ["soda:update [] /completes /cpi"]);
}

#[test]
fn where_goal_and_targeting_are_one_call_they_are_one_step() {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    world.fielded_at(CINT, "soda/us", part(CINT));
    let spec = world.spec("soda/us");
    spec.title = Field::Set("Soda, again".to_owned());
    spec.completes = Field::Set(150);
    assert_eq!(paths(&world), ["soda/us:update [] /title /completes"]);
    world.spec("soda/us").qualifications = Field::Set(vec![years(CINT, 18, 74)].into());
    assert_eq!(
        paths(&world),
        [
            "soda/us:update [] /title",
            "soda/us:update-targeting [edit-live-targeting] /completes /qualifications/9002"
        ]
    );
    world.spec("soda/us").title = Field::Set("Soda".to_owned());
    assert_eq!(
        paths(&world),
        ["soda/us:update-targeting [edit-live-targeting] /completes /qualifications/9002"]
    );
}

#[test]
fn where_quotas_are_checked_together_they_are_one_step() {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    let mut spec = part(CINT);
    spec.qualifications = Field::Set(vec![years(CINT, 18, 64)].into());
    spec.quotas = Field::Set(
        vec![
            quota("young", 50, vec![years(CINT, 18, 34)]),
            quota("middle", 30, vec![years(CINT, 35, 44)]),
            quota("old", 20, vec![years(CINT, 45, 64)]),
        ]
        .into(),
    );
    world.fielded_at(CINT, "soda/us", spec);
    assert_eq!(paths(&world), Vec::<String>::new());
    world.quota("soda/us", "old").completes = 30;
    assert_eq!(paths(&world), ["soda/us:update [] /quotas/old/completes"]);
    world.quota("soda/us", "young").criteria = vec![years(CINT, 18, 39)].into();
    world.quota("soda/us", "middle").criteria = vec![years(CINT, 40, 44)].into();
    assert_eq!(
        paths(&world),
        [
            "soda/us:update-targeting [edit-live-targeting] /quotas/young/where /quotas/middle/where /quotas/old/completes"
        ]
    );
}

#[test]
fn only_what_is_fixed_makes_a_new_survey() {
    let mut world = World::with_libraries();
    world.held_at(CINT, "soda");
    world.fielded_at(CINT, "soda/us", part(CINT));
    world.guard(Guard::Replace, Rule::Ask);
    world.manifest("soda/us").policy.on_fixed_change = OnFixedChange::Replace;
    let actions =
        |world: &World| -> Vec<Action> { world.plan().steps.iter().map(|step| step.action).collect() };
    world.spec("soda/us").title = Field::Set("Soda, again".to_owned());
    assert_eq!(actions(&world), [Action::Update]);
    world.spec("soda/us").locale = Field::Set("es-US".to_owned());
    assert_eq!(actions(&world), [Action::Replace, Action::Close, Action::Launch]);
    world.manifest("soda/us").policy.on_fixed_change = OnFixedChange::Refuse;
    let plan = world.plan();
    assert!(plan.is_empty());
    assert_eq!(plan.notes[0].path.as_deref(), Some("/locale"));
    insta::assert_snapshot!(plan.notes[0].message, @r#"/locale cannot change from "en-US" to "es-US": Cint fixes country and language when a target group is launched"#);
}

#[test]
fn the_vendors_word_on_a_template_goes_before_our_memory() {
    let mut world = World::new();
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.fielded("soda", spec);
    world.templates(&[15, 16]);
    // Made again by hand from the template that is wanted now.
    world.seen("soda").spec.template = Field::Set(16);
    world.spec("soda").template = Field::Set(16);
    assert_eq!(world.plan().notes, []);
    world.spec("soda").template = Field::Set(15);
    let plan = world.plan();
    assert!(plan.is_empty());
    assert!(
        plan.notes[0].message.contains("made from template 16"),
        "{:?}",
        plan.notes
    );
    world.seen("soda").spec.template = Field::Null;
    let plan = world.plan();
    assert!(
        plan.notes[0].message.contains("made without a template"),
        "{:?}",
        plan.notes
    );
}

#[test]
fn a_template_that_the_vendor_does_not_show_is_remembered() {
    let mut world = World::new();
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.fielded("soda", spec);
    world.templates(&[15, 16]);
    world.seen("soda").spec.template = Field::Absent;
    assert_eq!(world.plan().notes, [], "it is the one it was made from");
    world.spec("soda").template = Field::Set(16);
    let plan = world.plan();
    assert!(plan.is_empty());
    assert_eq!(plan.notes[0].kind, NoteKind::Blocked);
    assert!(
        plan.notes[0].message.contains("made from template 15"),
        "{:?}",
        plan.notes
    );
    world.spec("soda").template = Field::Absent;
    let plan = world.plan();
    assert_eq!(plan.notes[0].kind, NoteKind::Advice);
    insta::assert_snapshot!(plan.notes[0].message, @"template 15 was applied at creation; leaving template_id out changes nothing at the vendor");
    assert_eq!(plan.notes[0].path.as_deref(), Some("/purespectrum/template_id"));
}

/// Methods and purposes of an update in field, after a change.
fn written(change: impl FnOnce(&mut World)) -> Vec<(Method, String)> {
    let mut world = World::new();
    world.fielded("soda", soda());
    change(&mut world);
    let plan = world.plan();
    let [step] = plan.steps.as_slice() else {
        panic!("{plan:?}")
    };
    let calls = step.calls.iter();
    calls.map(|call| (call.method, call.purpose.clone())).collect()
}

#[test]
fn what_raises_and_what_lowers_the_money_at_stake_goes_in_one_call() {
    let one = vec![(
        Method::Put,
        "write the survey with its targeting and quotas".to_owned(),
    )];
    // One after the other, 250 completes could be had at the old price in between.
    let crossing = written(|world| {
        world.quota("soda", "men").completes = 250;
        world.spec("soda").cpi = Field::Set(usd("3.00"));
    });
    assert_eq!(crossing, one);
    let shifted = written(|world| {
        world.quota("soda", "men").completes = 150;
        world.quota("soda", "women-18-34").completes = 250;
    });
    assert_eq!(shifted, one);
    // What only lowers it, or only raises it, is never higher in between than at one of the ends.
    let falls = written(|world| {
        world.quota("soda", "men").completes = 150;
        world.spec("soda").cpi = Field::Set(usd("3.00"));
    });
    assert_eq!(falls.len(), 2, "{falls:?}");
    let rises = written(|world| {
        world.quota("soda", "men").completes = 250;
        world.spec("soda").cpi = Field::Set(usd("4.00"));
    });
    assert_eq!(rises.len(), 2, "{rises:?}");
}

#[test]
fn at_cint_a_ceiling_that_falls_goes_before_a_goal_that_rises() {
    let purposes = |ceiling: &str, completes: u64| -> Vec<String> {
        let mut world = World::with_libraries();
        world.held_at(CINT, "soda");
        let mut group = part(CINT);
        group.max_cpi = Field::Set(usd("5.00"));
        world.fielded_at(CINT, "soda/us", group);
        let spec = &mut world
            .desired
            .surveys
            .get_mut(&Address::group("soda", "us"))
            .unwrap()
            .spec;
        spec.max_cpi = Field::Set(usd(ceiling));
        spec.completes = Field::Set(completes);
        let plan = world.plan();
        // In two steps, the second once the first is seen; or in one where both go the same way.
        let calls = plan.steps.iter().flat_map(|step| &step.calls);
        calls.map(|call| call.purpose.clone()).collect()
    };
    let (ceiling, goal) = ("write the Fielding Assistant", "write goal and counts");
    assert_eq!(purposes("4.50", 150), [ceiling, goal]);
    assert_eq!(purposes("5.50", 50), [goal, ceiling]);
    assert_eq!(purposes("4.50", 50), [ceiling, goal]);
    assert_eq!(purposes("5.50", 150), [goal, ceiling]);
}

#[test]
fn at_innovatemr_an_estimate_that_no_manifest_has_goes_down_with_the_ceiling() {
    let sent = |estimate: Option<&str>| {
        let mut world = World::with_libraries();
        world.held_at(IMR, "soda");
        let mut group = part(IMR);
        group.cpi = Field::Absent;
        world.fielded_at(IMR, "soda/us", group);
        // The ceiling stood in for the estimate when it was made, and this account shows both.
        let us = Address::group("soda", "us");
        let Some(Reading::Present(live)) = world.live.surveys.get_mut(&us) else {
            panic!("it is there")
        };
        (live.spec.cpi, live.spec.max_cpi) = (Field::Set(usd("4.00")), Field::Set(usd("4.00")));
        let spec = &mut world.desired.surveys.get_mut(&us).unwrap().spec;
        spec.max_cpi = Field::Set(usd("3.00"));
        spec.cpi = estimate.map_or(Field::Absent, |estimate| Field::Set(usd(estimate)));
        let plan = world.plan();
        let calls = plan.steps.iter().flat_map(|step| &step.calls);
        let mut bodies = calls.filter_map(|call| Some(call.body.as_ref()?.value()));
        let body = bodies.find(|body| body.get("MaximumCostPerInterview").is_some());
        let body = body.unwrap_or_else(|| panic!("{plan:?}"));
        (
            body["EstCostPerInterview"].clone(),
            body["MaximumCostPerInterview"].clone(),
        )
    };
    assert_eq!(sent(None), (json!(3), json!(3)));
    assert_eq!(sent(Some("2.50")), (json!(2.5), json!(3)));
}
