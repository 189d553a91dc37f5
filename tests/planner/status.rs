//! Launch, pause, close, and who did it.

use crate::support::*;
use infield::model::desired::{OnExternalPause, OnRemove};
use infield::model::{Address, Field, Status};
use infield::plan::{Action, Record};

#[test]
fn an_external_pause_is_reported_and_not_undone() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.at_vendor("soda", Status::Paused);
    world.collected("soda", 120, &[]);
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! drift: wanted live, but survey 1001 was paused outside infield at 120 of 400 completes; it is
          not resumed unasked
          help: `infield apply --resume soda` puts it back in field; `status: paused` accepts it;
                `on_external_pause: resume` always resumes

    Nothing will be done, but the notes above need a look (1 unchanged).
    ");
    world.collected("soda", 400, &[]);
    insta::assert_snapshot!(world.text(), @r"
    soda
      ✓ done: 400 of 400 completes; PureSpectrum closes for good what is paused for more than 10 days
          (vendor wiki 3115974657)
          help: raise `completes` to field it on

    Nothing to do: everything is as wanted (1 unchanged).
    ");
    world.collected("soda", 120, &[]);
    world.seen("soda").status_reason = Some("no valid starts in 24 hours".to_owned());
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! drift: wanted live, but survey 1001 was paused outside infield: no valid starts in 24 hours; it
          is not resumed unasked
          help: `infield apply --resume soda` puts it back in field; `status: paused` accepts it;
                `on_external_pause: resume` always resumes

    Nothing will be done, but the notes above need a look (1 unchanged).
    ");
}

#[test]
fn an_external_pause_is_undone_when_somebody_asks() {
    let mut world = World::new();
    let soda = world.fielded("soda", soda());
    world.at_vendor("soda", Status::Paused);
    world.collected("soda", 120, &[]);
    world.choices.resume.insert(soda);
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ▶ resume: it was paused outside infield, and --resume asks for it back
          needs approval: launch
          status  paused → live

    exposure  before    after    change
      USD       0.00  1050.00  +1050.00
      people still answering when a survey fills, stops or is edited may add up to 1050.00 USD

    Plan: 1 to launch; 1 call.
    ");
    world.choices.resume.clear();
    world.manifest("soda").policy.on_external_pause = OnExternalPause::Resume;
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ▶ resume: it was paused outside infield, and on_external_pause: resume asks for it back
          needs approval: launch
          status  paused → live

    exposure  before    after    change
      USD       0.00  1050.00  +1050.00
      people still answering when a survey fills, stops or is edited may add up to 1050.00 USD

    Plan: 1 to launch; 1 call.
    ");
}

#[test]
fn our_own_pause_is_ours_to_end() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.left_as("soda", Status::Paused);
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ▶ resume: the manifest wants it back in field
          needs approval: launch
          status  paused → live

    exposure  before    after    change
      USD       0.00  1500.00  +1500.00
      people still answering when a survey fills, stops or is edited may add up to 1500.00 USD

    Plan: 1 to launch; 1 call.
    ");
}

#[test]
fn a_raised_goal_is_fielded_on_after_the_goal_paused_it() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.at_vendor("soda", Status::Paused);
    world.collected("soda", 400, &[]);
    world.spec("soda").completes = Field::Set(500);
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ~ update: the manifest differs from the vendor
          completes  400 → 500 (400 collected, 100 still wanted)
      ▶ resume: its goal of 400 is reached, and the manifest raises it to 500
          needs approval: launch
          status  paused → live

    exposure  before   after   change
      USD       0.00  375.00  +375.00
      people still answering when a survey fills, stops or is edited may add up to 375.00 USD

    Plan: 1 to change, 1 to launch; 2 calls.
    ");
}

/// What the plan does for a wanted status on each status at the vendor.
fn each_live_status(wanted: Status) -> String {
    let mut lines = Vec::new();
    for status in [Status::Draft, Status::Live, Status::Paused, Status::Closed] {
        let mut world = World::new();
        let mut spec = soda();
        spec.status = Field::Set(status);
        world.fielded("soda", spec);
        world.spec("soda").status = Field::Set(wanted);
        let plan = world.plan();
        let steps: Vec<String> = plan.steps.iter().map(|step| step.action.to_string()).collect();
        let notes: Vec<String> = plan
            .notes
            .iter()
            .map(|note| format!("{}: {}", note.kind, note.message))
            .collect();
        let line = format!("{status}: [{}] {}", steps.join(", "), notes.join("; "));
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

#[test]
fn every_wanted_status_on_every_status_at_the_vendor() {
    insta::assert_snapshot!(each_live_status(Status::Draft), @r"
    draft: []
    live: [] drift: wanted draft, but survey 1001 is live; there is no way back
    paused: [] drift: wanted draft, but survey 1001 is paused; there is no way back
    closed: [] ended-short: survey 1001 has ended (closed): 0 of 400 completes, 400 missing
    ");
    insta::assert_snapshot!(each_live_status(Status::Live), @r"
    draft: [launch]
    live: []
    paused: [resume]
    closed: [] ended-short: survey 1001 has ended (closed): 0 of 400 completes, 400 missing
    ");
    insta::assert_snapshot!(each_live_status(Status::Paused), @r"
    draft: [] advice: a draft cannot be paused: it is out of field and stays a draft
    live: [pause]
    paused: []
    closed: [] ended-short: survey 1001 has ended (closed): 0 of 400 completes, 400 missing
    ");
    insta::assert_snapshot!(each_live_status(Status::Closed), @r"
    draft: [close]
    live: [close]
    paused: [close]
    closed: []
    ");
}

#[test]
fn a_survey_closed_at_the_vendor_stays_closed() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.at_vendor("soda", Status::Closed);
    world.seen("soda").status_reason = Some("paused for more than 10 days".to_owned());
    world.spec("soda").title = Field::Set("too late".to_owned());
    let plan = world.plan();
    assert_eq!(plan.bookkeeping, [], "the new title was never written");
    insta::assert_snapshot!(world.text(), @r"
    soda
      ! ended-short: survey 1001 has ended (closed, paused for more than 10 days): 0 of 400 completes,
          400 missing
          help: set `status: closed` to accept it, or set `on_fixed_change: replace` and use `infield
                apply --resume soda` to field what is missing in a new one

    Nothing will be done, but the notes above need a look (1 unchanged).
    ");
}

#[test]
fn a_pause_comes_before_the_edits_and_asks_for_nothing() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.collected("soda", 100, &[]);
    world.spec("soda").status = Field::Set(Status::Paused);
    world.spec("soda").title = Field::Set("Soda tracker, halted".to_owned());
    let plan = world.plan();
    assert_eq!(plan.steps[0].action, Action::Pause);
    assert!(plan.steps[0].guards.is_empty());
    assert_eq!(plan.steps[1].depends_on, ["soda:pause"]);
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ‖ pause: the manifest wants it out of field
          status  live → paused
      ~ update: the manifest differs from the vendor
          title  Soda tracker, wave 3 → Soda tracker, halted

    exposure   before  after    change
      USD     1125.00   0.00  -1125.00
      people still answering when a survey fills, stops or is edited may add up to 2250.00 USD

    Plan: 1 to change, 1 to pause; 2 calls.
    ");
}

#[test]
fn somebody_elses_launch_of_a_paused_survey_is_drift() {
    let mut world = World::new();
    let mut spec = soda();
    spec.status = Field::Set(Status::Paused);
    world.fielded("soda", spec);
    world.at_vendor("soda", Status::Live);
    insta::assert_snapshot!(world.text(), @r"
    soda (PureSpectrum)
      ‖ pause: it was put in field outside infield; the manifest wants it paused
          status  live → paused [drift: changed outside infield]

    exposure   before  after    change
      USD     1500.00   0.00  -1500.00
      people still answering when a survey fills, stops or is edited may add up to 3000.00 USD

    Plan: 1 to pause; 1 call.
    ");
}

#[test]
fn a_manifest_without_a_status_moves_nothing() {
    let mut world = World::new();
    let mut spec = soda();
    spec.status = Field::Absent;
    world.fielded("soda", spec);
    for status in [Status::Draft, Status::Live, Status::Paused] {
        world.at_vendor("soda", status);
        assert!(world.plan().is_empty(), "{status}");
    }
}

#[test]
fn a_removed_manifest_follows_its_last_policy() {
    let mut world = World::new();
    for (name, policy) in [
        ("forgotten", OnRemove::Forget),
        ("paused", OnRemove::Pause),
        ("closed", OnRemove::Close),
    ] {
        world.fielded(name, soda());
        world.remembered(name).policy.on_remove = policy;
        world.remove_manifest(name);
    }
    insta::assert_snapshot!(world.text(), @r"
    closed (PureSpectrum)
      × close: its manifest was removed (on_remove: close)
          needs approval: close, remove
          status  live → closed

    forgotten (PureSpectrum)
      - forget: its manifest was removed (on_remove: forget)
          needs approval: remove

    paused (PureSpectrum)
      ‖ pause: its manifest was removed (on_remove: pause)
          needs approval: remove
          status  live → paused

    exposure   before    after    change
      USD     4500.00  1500.00  -3000.00
      people still answering when a survey fills, stops or is edited may add up to 7500.00 USD

    Plan: 1 to pause, 1 to close, 1 to forget; 2 calls.
    ");
}

#[test]
fn a_removed_draft_is_kept_in_the_state_and_said() {
    let mut world = World::new();
    world.fielded("soda", draft());
    world.remove_manifest("soda");
    insta::assert_snapshot!(world.text(), @r"
    soda
      · unmanaged: its manifest is gone; survey 1001 is draft and left as it is
          help: `infield state rm soda` forgets it

    Nothing is sent: 1 survey is remembered otherwise with the next apply.
    ");
    let plan = world.plan();
    let (address, Record::Survey { orphaned, .. }) = &plan.bookkeeping[0] else {
        panic!("{:?}", plan.bookkeeping);
    };
    assert_eq!((address, *orphaned), (&Address::survey("soda"), true));
}

#[test]
fn a_part_of_the_manifests_says_nothing_about_the_rest() {
    let mut world = World::new();
    let soda_survey = world.fielded("soda", soda());
    world.grouped("pair", &[infield::model::GroupMember::Survey(soda_survey)]);
    world.remove_manifest("soda");
    world.remove_manifest("pair");
    world.choices.whole_project = false;
    insta::assert_snapshot!(world.text(), @r"
    Exposure: 1500.00 USD, not changed by this plan.
    Nothing to do.
    ");
}

#[test]
fn a_launch_is_held_against_the_vendor_and_not_against_what_was_noted_last() {
    // An apply that was killed after it renamed the survey and before it noted that.
    let mut world = World::new();
    world.fielded("soda", draft());
    world.spec("soda").title = Field::Set("renamed".to_owned());
    world.spec("soda").status = Field::Set(Status::Live);
    world.seen("soda").spec.title = Field::Set("renamed".to_owned());
    let plan = world.plan();
    let [launch] = plan.steps.as_slice() else {
        panic!("{:#?}", plan.steps);
    };
    let Record::Survey { applied, .. } = &launch.record else {
        panic!("{:#?}", launch.record);
    };
    assert_eq!(applied.title, Field::Set("renamed".to_owned()));
}

#[test]
fn an_interrupted_resume_is_not_blamed_on_somebody_else_alone() {
    let mut world = World::new();
    world.fielded("soda", soda());
    world.remembered("soda").applied.status = Field::Set(Status::Paused);
    world.at_vendor("soda", Status::Paused);
    let plan = world.plan();
    assert!(plan.is_empty());
    insta::assert_snapshot!(plan.notes[0].message, @"wanted live, but survey 1001 is paused: an interrupted resume did not get through, or it was paused outside infield since at 0 of 400 completes; it is not resumed unasked");
    // Seen in field once, it is known to have got through.
    world.at_vendor("soda", Status::Live);
    let plan = world.plan();
    let [(_, Record::Survey { applied, .. })] = plan.bookkeeping.as_slice() else {
        panic!("{:#?}", plan.bookkeeping);
    };
    assert_eq!(applied.status, Field::Set(Status::Live));
}
