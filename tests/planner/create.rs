//! What does not exist yet.

use crate::support::*;
use infield::model::{Field, Reading, Status};
use infield::plan::Guard;

#[test]
fn what_would_be_made_where_the_environment_has_no_account_is_held_back() {
    let mut world = World::new();
    world.want("soda", soda());
    world.fielded("cola", soda());
    world.live.without_account.insert(PS);
    let plan = world.plan();
    assert!(plan.is_empty(), "{plan:#?}");
    insta::assert_snapshot!(world.text(), @"
    soda
      ! blocked: it is not made: this environment configures no PureSpectrum account in infield.yaml
          help: add a `purespectrum` block with its token to the environment `sandbox`, or choose
                another one with `--env`

    Exposure: 1500.00 USD, not changed by this plan.
    Nothing will be done: 1 is held back, see above (1 unchanged).
    ");
    // One that is closed and was never made needs no account.
    world.spec("soda").status = Field::Set(Status::Closed);
    assert!(!world.text().contains("account"));
}

#[test]
fn a_draft_is_one_call() {
    let mut world = World::new();
    world.want("soda", draft());
    insta::assert_snapshot!(world.text_with_calls(), @r#"
    soda (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          title                  Soda tracker, wave 3
          locale                 en-US
          completes              400
          incidence_rate         50
          length_of_interview    5
          field_days             10
          cpi                    3.75 USD
          live_url               https://survey.example.com/s/soda?tk=[%%token%%]
          purespectrum.category  232
          qualifications.9002    18-64
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

    Plan: 1 to create; 1 call.
    "#);
}

#[test]
fn a_live_survey_is_created_and_then_launched_behind_the_guard() {
    let mut world = World::new();
    world.want("soda", soda());
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          title                  Soda tracker, wave 3
          locale                 en-US
          completes              400
          incidence_rate         50
          length_of_interview    5
          field_days             10
          cpi                    3.75 USD
          live_url               https://survey.example.com/s/soda?tk=[%%token%%]
          purespectrum.category  232
          qualifications.9002    18-64
          quota        completes  who is counted
          men                200  9001: 1
          women-18-34        200  9001: 2, 9002: 18-34
      ▶ launch: the manifest wants it in field
          needs approval: launch
          status  draft → live

    exposure  before    after    change
      USD       0.00  1500.00  +1500.00
      people still answering when a survey fills, stops or is edited may add up to 1500.00 USD

    Plan: 1 to create, 1 to launch; 2 calls.
    ");
    let plan = world.plan();
    assert_eq!(plan.steps[1].depends_on, ["soda:create"]);
    assert_eq!(plan.steps[1].guards, [Guard::Launch]);
}

#[test]
fn from_a_template_the_manifest_may_say_little() {
    let mut world = World::new();
    let mut spec = infield::model::SurveySpec {
        template: Field::Set(15),
        status: Field::Set(Status::Draft),
        ..infield::model::SurveySpec::default()
    };
    spec.title = Field::Set("Soda".to_owned());
    world.want("soda", spec);
    world.templates(&[15, 16]);
    insta::assert_snapshot!(world.text_with_calls(), @r#"
    soda (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          purespectrum.template_id  15 (applied once, at creation)
          title                     Soda
          POST /surveys  (create the draft)
            {"survey_title":"Soda","template_id":15}

    Plan: 1 to create; 1 call.
    "#);
}

#[test]
fn a_template_that_is_not_accessible_is_predicted() {
    let mut world = World::new();
    let mut spec = soda();
    spec.template = Field::Set(99);
    world.want("soda", spec);
    world.templates(&[15, 16]);
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: template 99 does not exist or is not shared with this account (PureSpectrum code 1006)
          help: the account can use 15 (Template 15), 16 (Template 16)

    Nothing will be done: 1 is held back, see above.
    ");
}

#[test]
fn an_account_without_the_template_feature_is_predicted() {
    let mut world = World::new();
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.want("soda", spec);
    let proof = "403 (1018) the template feature is not active for this account".to_owned();
    world.live.templates.insert(PS, Reading::Absent { proof });
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: template 15 cannot be used: 403 (1018) the template feature is not active for this
          account

    Nothing will be done: 1 is held back, see above.
    ");
}

#[test]
fn templates_that_could_not_be_read_block_the_create() {
    let mut world = World::new();
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.want("soda", spec);
    let why = "timeout".to_owned();
    world.live.templates.insert(PS, Reading::Unknown { why });
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: whether template 15 can be used could not be read: timeout

    Nothing will be done: 1 is held back, see above.
    ");
    world.live.templates.clear();
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: whether template 15 can be used was not asked

    Nothing will be done: 1 is held back, see above.
    ");
}

#[test]
fn a_new_survey_without_a_live_url_stays_a_draft() {
    let mut world = World::new();
    let mut spec = soda();
    spec.live_url = Field::Absent;
    spec.quotas = Field::Absent;
    world.want("soda", spec);
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          title                  Soda tracker, wave 3
          locale                 en-US
          completes              400
          incidence_rate         50
          length_of_interview    5
          field_days             10
          cpi                    3.75 USD
          purespectrum.category  232
          qualifications.9002    18-64
      ! blocked: PureSpectrum cannot launch a survey without a live URL
          help: set `live_url`

    Plan: 1 to create, 1 held back; 1 call.
    ");
}

#[test]
fn a_new_survey_cannot_start_paused_or_closed() {
    let mut world = World::new();
    let mut spec = draft();
    spec.status = Field::Set(Status::Closed);
    world.want("ended", spec.clone());
    insta::assert_snapshot!(world.text(), @r"
    ended
      · advice: wanted closed and never created: there is nothing to do

    Nothing to do: everything is as wanted (1 unchanged).
    ");
    spec.status = Field::Set(Status::Paused);
    spec.quotas = Field::Absent;
    world.want("ended", spec);
    insta::assert_snapshot!(world.text(), @r"
    ended (PureSpectrum)
      + create: it is in the manifests and not at the vendor
          title                  Soda tracker, wave 3
          locale                 en-US
          completes              400
          incidence_rate         50
          length_of_interview    5
          field_days             10
          cpi                    3.75 USD
          live_url               https://survey.example.com/s/soda?tk=[%%token%%]
          purespectrum.category  232
          qualifications.9002    18-64
      · advice: a draft cannot be paused: it is created as a draft and stays out of field

    Plan: 1 to create; 1 call.
    ");
}

#[test]
fn an_account_without_any_template_is_told_what_to_do() {
    let mut world = World::new();
    let mut spec = soda();
    spec.template = Field::Set(15);
    world.want("soda", spec);
    world.templates(&[]);
    let plan = world.plan();
    assert!(plan.is_empty());
    insta::assert_snapshot!(plan.notes[0].help.as_ref().unwrap(), @"ask PureSpectrum to share the template with the account, or name another one");
    assert_eq!(plan.notes[0].path.as_deref(), Some("/purespectrum/template_id"));
}
