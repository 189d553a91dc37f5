//! What is not done: unknown, absent, unresolved, not asked for.

use crate::support::*;
use infield::model::{Address, Field, Reading};

#[test]
fn nothing_is_changed_on_an_unknown() {
    let mut world = World::new();
    let soda_survey = world.fielded("soda", soda());
    world.spec("soda").title = Field::Set("new".to_owned());
    world.live.surveys.insert(
        soda_survey,
        Reading::Unknown {
            why: "503 Service Unavailable, 5 attempts".to_owned(),
        },
    );
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: the vendor's picture could not be read: 503 Service Unavailable, 5 attempts
          help: nothing is changed on an unknown; run again when the vendor answers

    Nothing will be done: 1 is held back, see above.
    ");
    world.live.surveys.clear();
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: the vendor's picture could not be read: it was not asked for
          help: nothing is changed on an unknown; run again when the vendor answers

    Nothing will be done: 1 is held back, see above.
    ");
    world.remove_manifest("soda");
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: the vendor's picture could not be read: it was not asked for
          help: nothing is changed on an unknown; run again when the vendor answers

    Nothing will be done: 1 is held back, see above.
    ");
}

#[test]
fn what_the_vendor_lost_is_not_created_again_unasked() {
    let mut world = World::new();
    let soda_survey = world.fielded("soda", soda());
    let proof = "404 (1006) Survey not found".to_owned();
    world.live.surveys.insert(soda_survey, Reading::Absent { proof });
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: survey 1001 is in the state but not at PureSpectrum: 404 (1006) Survey not found
          help: `infield state rm soda` forgets it; the next apply then creates a new one

    Nothing will be done: 1 is held back, see above.
    ");
    world.remove_manifest("soda");
    insta::assert_snapshot!(world.text(), @r"
    soda
      · unmanaged: its manifest is gone, and so is the survey: 404 (1006) Survey not found
          help: `infield state rm soda` forgets it

    Nothing to do.
    ");
}

#[test]
fn an_open_intent_blocks_its_survey_and_nothing_else() {
    let mut world = World::new();
    world.want("cola", draft());
    world.want("soda", soda());
    world.open_intent("soda");
    insta::assert_snapshot!(world.text(), @r"
    cola (PureSpectrum)
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

    soda
      ! blocked: `POST /surveys` was started at 2026-11-20T09:00:00Z and its outcome is not known; it
          will not be sent again (intent i-1)
          help: look at the vendor, then run `infield state resolve soda --adopt ID` or `infield state
                resolve soda --discard`

    Plan: 1 to create, 1 held back; 1 call.
    ");
}

#[test]
fn an_open_intent_of_a_removed_manifest_is_not_forgotten() {
    let mut world = World::new();
    world.open_intent("soda");
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: `POST /surveys` was started at 2026-11-20T09:00:00Z and its outcome is not known; it
          will not be sent again (intent i-1)
          help: look at the vendor, then run `infield state resolve soda --adopt ID` or `infield state
                resolve soda --discard`

    Nothing will be done: 1 is held back, see above.
    ");
}

#[test]
fn an_unknown_status_blocks() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.spec("soda").title = Field::Set("new".to_owned());
    world.seen("soda").status = None;
    world.seen("soda").status_text = "code 55".to_owned();
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: the vendor shows a status infield does not know: code 55
          help: nothing is changed on an unknown status

    Nothing will be done: 1 is held back, see above.
    ");
}

#[test]
fn targets_and_excludes_narrow_the_plan() {
    let mut world = World::new();
    for name in ["cola", "soda", "tea"] {
        world.want(name, draft());
    }
    let made = |world: &World| -> Vec<String> {
        world
            .plan()
            .steps
            .iter()
            .map(|step| step.address.to_string())
            .collect()
    };
    world.choices.targets.insert(Address::survey("soda"));
    assert_eq!(made(&world), ["soda"]);
    world.choices.targets.insert(Address::survey("tea"));
    world.choices.excludes.insert(Address::survey("soda"));
    assert_eq!(made(&world), ["tea"]);
    world.choices.targets.clear();
    assert_eq!(made(&world), ["cola", "tea"]);
}

#[test]
fn a_name_cannot_change_its_kind() {
    let mut world = World::new();
    world.grouped("soda", &[infield::model::GroupMember::VendorId(7.into())]);
    world.remove_manifest("soda");
    world.want("soda", soda());
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! blocked: this name belongs to an exclusion group in the state
          help: give the survey another name

    Nothing will be done: 1 is held back, see above.
    ");
}

#[test]
fn the_audit_finds_what_is_wrong_with_a_tampered_plan() {
    let mut world = World::new();
    world.want("soda", soda());
    let good = world.plan();
    let findings = |change: fn(&mut infield::plan::Plan)| {
        let mut plan = good.clone();
        change(&mut plan);
        infield::plan::audit::audit(&plan).join("\n")
    };
    insta::assert_snapshot!(findings(|plan| plan.steps.reverse()), @"soda:launch depends on soda:create, which does not come before it");
    insta::assert_snapshot!(findings(|plan| plan.steps[1].guards.clear()), @"soda:launch carries no guard `launch`");
    insta::assert_snapshot!(findings(|plan| plan.steps[1].depends_on.clear()), @"soda:launch does not wait for soda:create");
    insta::assert_snapshot!(findings(|plan| plan.steps[0].calls.clear()), @"soda:create makes no call");
    // A circle of dependencies ends too.
    insta::assert_snapshot!(
        findings(|plan| {
            plan.steps[0].depends_on.push("soda:launch".to_owned());
            plan.steps[1].depends_on = vec!["soda:launch".to_owned()];
        }),
        @r"
    soda:create depends on soda:launch, which does not come before it
    soda:launch depends on soda:launch, which does not come before it
    soda:launch does not wait for soda:create
    "
    );
}
