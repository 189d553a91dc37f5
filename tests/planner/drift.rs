//! What moved at the vendors since it was left there, whatever the manifests say by now.

use crate::support::*;
use crate::vendors_world::{CINT, IMR, VendorsWorld, gender_quota};
use infield::marketplace::Markets;
use infield::model::fields::{Form, ROWS};
use infield::model::{Address, Field, LiveQuota, Reading, Status, SurveySpec};
use infield::plan::diff::FieldName;
use infield::plan::drift::{Asked, Drift, Drifted, Move, Moved, Says, find, taken};
use infield::plan::{Inputs, NoteKind};
use serde_json::json;

fn soda_survey() -> Address {
    Address::survey("soda")
}

pub(crate) fn look(world: &World) -> Drift {
    find(&Inputs {
        environment: "sandbox",
        desired: &world.desired,
        known: &world.known,
        live: &world.live,
        guards: &world.guards,
        choices: &world.choices,
        markets: &Markets::default(),
    })
}

fn look_at_all(world: &VendorsWorld) -> Drift {
    find(&Inputs {
        environment: "sandbox",
        desired: &world.desired,
        known: &world.known,
        live: &world.live,
        guards: &world.guards,
        choices: &world.choices,
        markets: &Markets::default(),
    })
}

/// A survey that was left in field as its manifest says.
fn left() -> World {
    let mut world = World::new();
    world.fielded("soda", soda());
    world
}

/// The one thing that moved.
fn moved(world: &World) -> Move {
    let drift = look(world);
    assert!(!drift.is_empty());
    assert_eq!(drift.unchanged, []);
    match drift.drifted.as_slice() {
        [Drifted { moves, .. }] if moves.len() == 1 => moves[0].clone(),
        other => panic!("{other:#?}"),
    }
}

/// The changes of a move: path, as it was left, as it was found, remark.
fn lines(moved: &Move) -> Vec<String> {
    assert!(moved.changes.iter().all(|change| change.drift));
    let line = |change: &infield::plan::Change| {
        let remark = change.remark.as_deref().map(|remark| format!(" ({remark})"));
        format!(
            "{} {} → {}{}",
            change.path,
            change.before,
            change.after,
            remark.unwrap_or_default()
        )
    };
    moved.changes.iter().map(line).collect()
}

#[test]
fn what_is_as_it_was_left_has_not_drifted() {
    let mut world = left();
    let drift = look(&world);
    assert!(drift.is_empty());
    assert_eq!(
        (drift.environment.as_str(), drift.unchanged),
        ("sandbox", vec![soda_survey()])
    );
    assert_eq!(drift.drifted, []);
    // Whatever the manifest says by now.
    world.spec("soda").title = Field::Set("new".to_owned());
    world.spec("soda").status = Field::Set(Status::Paused);
    assert!(look(&world).is_empty());
    // What does not exist yet cannot drift, nor can an exclusion group under the name of a survey.
    world.want("cola", soda());
    assert_eq!(look(&world).unchanged, [soda_survey()]);
    assert_eq!(look(&world).notes, []);
}

#[test]
fn only_what_is_asked_for_and_what_is_at_its_vendor_is_compared() {
    let mut world = left();
    world.at_vendor("soda", Status::Paused);
    world.choices.excludes.insert(soda_survey());
    let drift = look(&world);
    assert!(drift.is_empty() && drift.unchanged.is_empty());
    world.choices.excludes.clear();
    assert!(!look(&world).is_empty());
    world.manifest("soda").vendor = infield::marketplace::CINT;
    let drift = look(&world);
    assert!(drift.is_empty() && drift.unchanged.is_empty() && drift.notes.is_empty());
}

#[test]
fn a_status_that_somebody_moved_is_drift_from_where_it_was_left() {
    let mut world = left();
    world.at_vendor("soda", Status::Paused);
    world.seen("soda").status_reason = Some("no valid starts".to_owned());
    let found = moved(&world);
    assert_eq!(
        (&found.what, found.manifest),
        (&Moved::Status(Status::Paused), Says::AsLeft)
    );
    assert_eq!(lines(&found), [r#"/status "live" → "paused" (no valid starts)"#]);
    // The manifest says so by now, or something else again.
    world.spec("soda").status = Field::Set(Status::Paused);
    let found = moved(&world);
    assert_eq!(found.manifest, Says::AsFound);
    assert_eq!(
        lines(&found),
        [r#"/status "live" → "paused" (no valid starts; the manifest says so by now)"#]
    );
    world.spec("soda").status = Field::Set(Status::Closed);
    world.seen("soda").status_reason = None;
    let found = moved(&world);
    assert_eq!(found.manifest, Says::Else);
    assert_eq!(
        lines(&found),
        [r#"/status "live" → "paused" (the manifest has changed as well)"#]
    );
    // Nobody manages it any more.
    world.spec("soda").status = Field::Absent;
    assert!(look(&world).is_empty());
}

#[test]
fn where_it_was_left_is_in_field_or_else_what_was_applied_last() {
    // A launch whose last word was not written down.
    let mut world = left();
    world.remembered("soda").applied.status = Field::Set(Status::Draft);
    assert!(look(&world).is_empty());
    world.remembered("soda").in_field = false;
    assert_eq!(
        lines(&moved(&world)),
        [r#"/status "draft" → "live""#.to_owned() + " (the manifest says so by now)"]
    );
    // Nothing was ever left there.
    world.remembered("soda").applied.status = Field::Absent;
    assert!(look(&world).is_empty());
}

#[test]
fn what_infield_paused_for_a_change_did_not_drift() {
    let mut world = left();
    world.remembered("soda").paused_for_edit = true;
    world.at_vendor("soda", Status::Paused);
    assert!(look(&world).is_empty());
    world.at_vendor("soda", Status::Closed);
    let drift = look(&world);
    assert!(drift.is_empty(), "what ended did not drift");
    assert_eq!(drift.notes[0].kind, NoteKind::EndedShort);
    world.remembered("soda").paused_for_edit = false;
    world.at_vendor("soda", Status::Paused);
    assert!(!look(&world).is_empty());
}

#[test]
fn what_is_closed_is_not_compared_any_more() {
    let mut world = left();
    world.at_vendor("soda", Status::Closed);
    world.seen("soda").spec.title = Field::Set("archived".to_owned());
    assert!(look(&world).is_empty());
    world.left_as("soda", Status::Closed);
    assert!(look(&world).is_empty());
    world.left_as("soda", Status::Paused);
    assert!(!look(&world).is_empty());
}

#[test]
fn a_value_that_somebody_moved_is_told_with_who_and_with_what_the_manifest_says() {
    let mut world = left();
    let title = |text: &str| Field::Set(text.to_owned());
    world.seen("soda").spec.title = title("by hand");
    let who = "by ana@example.com".to_owned();
    world.seen("soda").changed_by.insert("/title".to_owned(), who);
    let found = moved(&world);
    let what = Moved::Field {
        field: FieldName::Title,
        found: json!("by hand"),
    };
    assert_eq!((&found.what, found.manifest), (&what, Says::AsLeft));
    let change = r#"/title "Soda tracker, wave 3" → "by hand" (changed by ana@example.com"#;
    assert_eq!(lines(&found), [format!("{change})")]);
    world.spec("soda").title = title("by hand");
    let found = moved(&world);
    assert_eq!(found.manifest, Says::AsFound);
    assert_eq!(lines(&found), [format!("{change}; the manifest says so by now)")]);
    world.spec("soda").title = title("wave 4");
    let found = moved(&world);
    assert_eq!(found.manifest, Says::Else);
    assert_eq!(
        lines(&found),
        [format!("{change}; the manifest has changed as well)")]
    );
    world.spec("soda").title = Field::Absent;
    assert!(look(&world).is_empty(), "nobody manages it any more");
}

/// Three different values of a form, as JSON.
pub(crate) fn three(form: Form) -> [serde_json::Value; 3] {
    [1, 2, 3].map(|number| match form {
        Form::Count => json!(number),
        Form::Price => json!(format!("{number}.00 USD")),
        Form::Time => json!(format!("2026-12-0{number}T00:00:00Z")),
        Form::Suppliers => json!([{"supplier": number, "completes": 1}]),
        Form::Respondents => json!(format!("{} respondents #aa", number + 1)),
        _ => json!(number.to_string()),
    })
}

#[test]
fn every_field_that_moved_is_told_with_what_the_manifest_says_of_it() {
    for row in ROWS.iter().filter(|row| row.form.is_one_value()) {
        let [left_there, found, other] = three(row.form);
        let says = |wanted: &serde_json::Value| {
            let mut world = left();
            let set = |spec: &mut SurveySpec, value: &serde_json::Value| {
                spec.read(row, value.clone()).unwrap();
            };
            set(&mut world.remembered("soda").applied, &left_there);
            set(&mut world.seen("soda").spec, &found);
            set(world.spec("soda"), wanted);
            let moved = moved(&world);
            let what = Moved::Field {
                field: row.name.clone(),
                found: found.clone(),
            };
            assert_eq!(moved.what, what);
            let [change] = moved.changes.as_slice() else {
                panic!("{moved:#?}");
            };
            assert_eq!(
                (&change.before.value(), &change.after.value()),
                (&left_there, &found)
            );
            // Taken over, it is what the vendor shows, and nothing moved any more.
            let live = world.seen("soda").clone();
            let accepted = taken(&world.remembered("soda").applied, &live, &[&moved]);
            world.remembered("soda").applied = accepted;
            assert!(look(&world).is_empty(), "{}", row.path);
            moved.manifest
        };
        assert_eq!(says(&left_there), Says::AsLeft, "{}", row.path);
        assert_eq!(says(&found), Says::AsFound, "{}", row.path);
        assert_eq!(says(&other), Says::Else, "{}", row.path);
        let mut world = left();
        world.remembered("soda").applied.read(row, left_there).unwrap();
        world.seen("soda").spec.read(row, found).unwrap();
        world.spec("soda").read(row, json!(null)).unwrap();
        assert_eq!(moved(&world).manifest, Says::Else, "{}", row.path);
    }
}

#[test]
fn what_each_value_says_is_its_own() {
    let mut world = left();
    world.seen("soda").spec.title = Field::Set("by hand".to_owned());
    world.seen("soda").spec.completes = Field::Set(500);
    world.spec("soda").completes = Field::Set(450);
    let says: Vec<Says> = look(&world).drifted[0]
        .moves
        .iter()
        .map(|moved| moved.manifest)
        .collect();
    assert_eq!(says, [Says::AsLeft, Says::Else]);
}

#[test]
fn every_value_that_is_managed_is_looked_at() {
    let mut world = left();
    let mut spec = soda();
    spec.start = Field::Set("2026-11-01T09:00:00Z".parse().unwrap());
    spec.end = Field::Set("2026-12-01T09:00:00Z".parse().unwrap());
    spec.max_cpi = Field::Set("4 USD".parse().unwrap());
    spec.test_url = Field::Set("https://survey.example.com/test".to_owned());
    *world.spec("soda") = spec.clone();
    world.remembered("soda").applied = spec;
    let live = world.seen("soda");
    let text = |text: &str| Field::Set(text.to_owned());
    live.spec = SurveySpec {
        title: text("t"),
        locale: text("en-GB"),
        completes: Field::Set(1),
        incidence_rate: Field::Set("1".parse().unwrap()),
        length_of_interview: Field::Set("1".parse().unwrap()),
        field_days: Field::Set(1),
        start: Field::Set("2026-11-02T09:00:00Z".parse().unwrap()),
        end: Field::Set("2026-12-02T09:00:00Z".parse().unwrap()),
        cpi: Field::Set("1 USD".parse().unwrap()),
        max_cpi: Field::Set("1 USD".parse().unwrap()),
        live_url: text("https://example.com"),
        test_url: text("https://example.com"),
        attributes: [("category".to_owned(), Field::Set(json!(1)))].into(),
        ..SurveySpec::default()
    };
    let paths: Vec<String> = look(&world).drifted[0]
        .moves
        .iter()
        .flat_map(|moved| &moved.changes)
        .map(|change| change.path.clone())
        .collect();
    let all = [
        "/title",
        "/locale",
        "/completes",
        "/incidence_rate",
        "/length_of_interview",
        "/field_days",
        "/field/start",
        "/field/end",
        "/cpi",
        "/max_cpi",
        "/live_url",
        "/test_url",
        "/purespectrum/category",
    ];
    assert_eq!(paths, all);
    // A manifest that leaves all of it out manages none of it.
    *world.spec("soda") = SurveySpec {
        status: Field::Set(Status::Live),
        ..SurveySpec::default()
    };
    world.seen("soda").qualifications = Field::Set(Vec::new().into());
    world.seen("soda").quotas.clear();
    assert!(look(&world).is_empty());
}

#[test]
fn a_qualification_that_somebody_moved_is_told_by_its_answers() {
    let mut world = left();
    world.seen("soda").qualifications = Field::Set(vec![age(18, 99)].into());
    let found = moved(&world);
    let asked = Asked {
        code: "9002".to_owned(),
        name: "9002".to_owned(),
        answers: vec!["18-99".to_owned()],
        same: false,
    };
    let what = Moved::Qualification {
        asked: asked.clone(),
        found: Some(age(18, 99)),
    };
    assert_eq!((&found.what, found.manifest), (&what, Says::AsLeft));
    assert_eq!(lines(&found), [r#"/qualifications/9002 ["18-64"] → ["18-99"]"#]);
    world.spec("soda").qualifications = Field::Set(vec![age(18, 99)].into());
    assert_eq!(moved(&world).manifest, Says::AsFound);
    // Another question of the manifest is not this one's.
    world.spec("soda").qualifications = Field::Set(vec![age(18, 64), sex("1")].into());
    assert_eq!(moved(&world).manifest, Says::AsLeft);
    world.spec("soda").qualifications = soda().qualifications;
    world.seen("soda").qualifications = Field::Set(Vec::new().into());
    let what = Moved::Qualification {
        asked: Asked {
            answers: Vec::new(),
            ..asked
        },
        found: None,
    };
    assert_eq!(moved(&world).what, what);
    // A question of nobody here did not drift.
    world.seen("soda").qualifications = Field::Set(vec![age(18, 64), sex("2")].into());
    assert!(look(&world).is_empty());
}

/// A quota at the vendor, to be moved.
fn at_vendor<'w>(world: &'w mut World, name: &str) -> &'w mut LiveQuota {
    let live = world.seen("soda");
    live.quotas
        .iter_mut()
        .find(|quota| quota.name.as_deref() == Some(name))
        .unwrap()
}

#[test]
fn a_quota_that_somebody_moved_is_told_by_what_it_counts_and_asks() {
    let mut world = left();
    at_vendor(&mut world, "men").completes = 300;
    let found = moved(&world);
    let what = Moved::Quota {
        name: "men".to_owned(),
        found: Some(at_vendor(&mut world, "men").clone()),
        asks: None,
    };
    assert_eq!(
        (&found.what, found.manifest),
        (&what, Says::AsLeft),
        "it asks what it asked"
    );
    assert_eq!(lines(&found), ["/quotas/men/completes 200 → 300"]);
    // Of others the manifest may say what it wants.
    world.quota("soda", "women-18-34").completes = 150;
    assert_eq!(moved(&world).manifest, Says::AsLeft);
    world.quota("soda", "men").completes = 300;
    assert_eq!(moved(&world).manifest, Says::AsFound);
    world.quota("soda", "men").completes = 250;
    assert_eq!(moved(&world).manifest, Says::Else);
    at_vendor(&mut world, "men").completes = 200;
    at_vendor(&mut world, "women-18-34").criteria = vec![sex("2"), age(18, 44)].into();
    at_vendor(&mut world, "women-18-34").completes = 100;
    let paths: Vec<String> = moved(&world)
        .changes
        .into_iter()
        .map(|change| change.path)
        .collect();
    assert_eq!(
        paths,
        ["/quotas/women-18-34/completes", "/quotas/women-18-34/where"]
    );
    let Moved::Quota { asks: Some(asks), .. } = moved(&world).what else {
        panic!("{:?}", moved(&world).what);
    };
    let asked: Vec<_> = asks
        .iter()
        .map(|asked| (asked.code.as_str(), asked.answers.join(", "), asked.same))
        .collect();
    assert_eq!(
        asked,
        [
            ("9001", "2".to_owned(), true),
            ("9002", "18-44".to_owned(), false)
        ]
    );
}

#[test]
fn each_quota_that_moved_is_held_against_its_own_in_the_manifest() {
    let mut world = left();
    for (name, completes) in [("men", 190), ("women-18-34", 150)] {
        at_vendor(&mut world, name).completes = completes;
    }
    let drift = look(&world);
    let says: Vec<_> = drift.drifted[0]
        .moves
        .iter()
        .map(|moved| moved.manifest)
        .collect();
    assert_eq!(says, [Says::AsLeft, Says::AsLeft]);
}

#[test]
fn a_quota_that_is_gone_is_one_line() {
    let mut world = left();
    world.seen("soda").quotas.remove(0);
    let found = moved(&world);
    let what = Moved::Quota {
        name: "men".to_owned(),
        found: None,
        asks: None,
    };
    assert_eq!(found.what, what);
    assert_eq!(lines(&found), ["/quotas/men/completes 200 → null"]);
}

#[test]
fn what_is_gone_is_drift_and_what_was_not_read_is_nothing_yet() {
    let note = |reading: Option<Reading<_>>| {
        let mut world = left();
        world.live.surveys.remove(&soda_survey());
        if let Some(reading) = reading {
            world.live.surveys.insert(soda_survey(), reading);
        }
        let drift = look(&world);
        assert_eq!(
            (drift.drifted.as_slice(), drift.unchanged.as_slice()),
            (&[][..], &[][..])
        );
        let [note] = drift.notes.as_slice() else {
            panic!("{:?}", drift.notes);
        };
        (drift.is_empty(), note.kind, note.message.clone())
    };
    let (proof, why) = ("404".to_owned(), "timeout".to_owned());
    let gone = "it is gone at PureSpectrum: 404".to_owned();
    assert_eq!(
        note(Some(Reading::Absent { proof })),
        (false, NoteKind::Drift, gone)
    );
    let unread = "the vendor's picture could not be read: timeout".to_owned();
    assert_eq!(
        note(Some(Reading::Unknown { why })),
        (true, NoteKind::Blocked, unread)
    );
    let unasked = "the vendor's picture could not be read: it was not asked for".to_owned();
    assert_eq!(note(None), (true, NoteKind::Blocked, unasked));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let mut world = left();
    world.at_vendor("soda", Status::Paused);
    world.seen("soda").status = None;
    world.seen("soda").status_text = "code 55".to_owned();
    assert_eq!(
        look(&world).notes[0].message,
        "the vendor shows a status infield does not know: code 55"
    );
    assert!(look(&world).is_empty());
    world.seen("soda").pending = Some("it is being launched".to_owned());
    assert_eq!(
        look(&world).notes[0].message,
        "nothing can be said of it now: it is being launched"
    );
    let mut world = VendorsWorld::new();
    world.with_groups(IMR, "soda", &["us"]);
    let us = Address::group("soda", "us");
    world.wanted(&us).spec.quotas = Field::Set(vec![gender_quota(IMR, "men", 50)].into());
    world.live.lexicons.clear();
    let drift = look_at_all(&world);
    assert_eq!(drift.unchanged, [soda_survey()]);
    assert!(
        drift.notes[0]
            .message
            .starts_with("questions and answers of en-US cannot be resolved")
    );
}

#[test]
fn names_are_looked_up_before_they_are_compared() {
    let mut world = VendorsWorld::new();
    let (soda, us) = (soda_survey(), Address::group("soda", "us"));
    world.with_groups(CINT, "soda", &["us"]);
    world.known.resources.remove(&us);
    world.wanted(&us).spec.quotas =
        Field::Set(vec![gender_quota(CINT, "men", 40), gender_quota(CINT, "women", 60)].into());
    world.field(&us);
    let drift = look_at_all(&world);
    assert!(drift.is_empty());
    assert_eq!(drift.unchanged, [soda, us.clone()]);
    world.seen(&us).quotas[0].completes = 50;
    let drift = look_at_all(&world);
    assert_eq!(drift.drifted[0].moves[0].changes[0].path, "/quotas/men/completes");
    assert_eq!((&drift.drifted[0].address, drift.drifted[0].vendor), (&us, CINT));
}

#[test]
fn a_cost_that_cannot_be_told_any_more_is_said() {
    let mut world = left();
    world.seen("soda").spec.cpi = Field::Null;
    let drift = look(&world);
    assert_eq!(drift.drifted.len(), 1);
    assert_eq!(drift.notes[0].kind, NoteKind::Advice);
    assert!(
        drift.notes[0]
            .message
            .starts_with("it is in field, and what it can cost is not known any more")
    );
    world.seen("soda").spec.cpi = Field::Set("9 USD".parse().unwrap());
    let drift = look(&world);
    assert_eq!(drift.notes, []);
    assert_eq!(drift.exposure[0].before.to_string(), "1500.00 USD");
    assert_eq!(drift.exposure[0].after.to_string(), "3600.00 USD");
}
