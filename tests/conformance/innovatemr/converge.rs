//! Apply, then plan shows nothing: in both failure styles, with prices echoed and not, and with either spelling of the
//! status.

use super::subject::{InnovateMr, LIFT, open};
use crate::subject::Subject;
use crate::world::desired;
use infield::plan::{Action, NoteKind};
use serde_json::{Value, json};

#[tokio::test(start_paused = true)]
async fn jobs_and_groups_go_in_field_and_stay_as_they_are() {
    for style in InnovateMr.styles() {
        let world = open(&style).await;
        world.converge(LIFT).await;
        let (jobs, groups, quotas) = (
            world.stored("job").await,
            world.stored("group").await,
            world.stored("quota").await,
        );
        assert_eq!((jobs.len(), groups.len(), quotas.len()), (1, 2, 2), "{style}");
        assert_eq!(jobs[0]["status"], 1);
        let group = |name: &str| {
            let title = json!(format!("Brand lift - {name}"));
            groups
                .iter()
                .find(|group| group["fields"]["Name"] == title)
                .unwrap()
        };
        for name in ["us", "in"] {
            assert_eq!(group(name)["status"], 1, "{style}");
        }
        assert_eq!(group("us")["targets"], json!({"1": ["18-64"], "2": [1, 2]}));
        assert_eq!(
            group("in")["targets"],
            json!({"1": ["18-34", "35-64"], "3": ["01234", "99999"], "3537": [1, 2]})
        );
        let fields = &group("in")["fields"];
        assert_eq!(
            (&fields["Note"], &fields["Priority"], &fields["DeviceType"]),
            (&json!("second country"), &json!(1), &json!(3))
        );
        assert_eq!(fields["MaximumCostPerInterview"], 1.8);
    }
}

#[tokio::test(start_paused = true)]
async fn a_job_goes_live_before_its_groups_and_everything_is_written_first() {
    let world = open(&Value::Null).await;
    world.converge(LIFT).await;
    let writes = world.writes().await;
    let at = |what: &str| {
        writes
            .iter()
            .position(|call| call.starts_with(what))
            .unwrap_or_else(|| panic!("{what}: {writes:#?}"))
    };
    assert!(at("PUT /job/8575/status") < at("PUT /group/19427/status"));
    assert!(at("POST /group/19427/target") < at("PUT /group/19427/status"));
    assert!(at("POST /quota") < at("PUT /group/19428/status"));
    assert_eq!(writes.len(), 14, "{writes:#?}");
}

#[tokio::test(start_paused = true)]
async fn only_what_is_harmless_is_written_in_field() {
    let world = open(&Value::Null).await;
    world.converge(LIFT).await;
    for (from, to, pauses) in [
        ("completes: 300", "completes: 320", false),
        ("completes: 300", "completes: 280", true),
        ("max_cpi: 3.75 USD", "max_cpi: 4.00 USD", false),
        ("max_cpi: 3.75 USD", "max_cpi: 3.50 USD", true),
        ("note: second country", "note: changed", false),
        ("name: men, completes: 150", "name: men, completes: 160", false),
        ("name: men, completes: 150", "name: men, completes: 140", true),
        ("[18-34, 35-64]", "[18-34]", true),
        ("length_of_interview: 8", "length_of_interview: 9", true),
    ] {
        let plan = world.plan(&desired(&LIFT.replacen(from, to, 1))).await;
        let paused = plan.steps.iter().any(|step| !step.resumes.is_empty());
        assert_eq!(paused, pauses, "{to}");
        for step in plan.steps.iter().filter(|step| !step.resumes.is_empty()) {
            let first = &step.calls[0];
            assert_eq!(
                first.body,
                Some(json!({"status": 2}).into()),
                "it is paused first"
            );
            assert_eq!(step.resumes[0].body, Some(json!({"status": 1}).into()));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_somebody_else_changed_is_drift_and_put_back_or_left_alone() {
    let world = open(&json!({})).await;
    world.converge(LIFT).await;
    let (_, mut group) = world.pega("GET", "groups/19428", &Value::Null).await;
    let mut group = group["group"].take();
    group["N"] = json!(999);
    group["Target"]["Languages"] = json!("ENGLISH");
    world.pega("PUT", "group/19428", &group).await;
    world
        .admin(
            "POST",
            "ui/quotas",
            &json!({"survey": 19428, "Title": "by hand", "N": 5, "Conditions": {"GENDER": [1]}}),
        )
        .await;
    world
        .pega("PUT", "group/19427/status", &json!({"status": 2}))
        .await;
    let plan = world.plan(&desired(LIFT)).await;
    let step = &plan.steps[0];
    assert_eq!(
        (step.address.as_str(), step.changes[0].path.as_str()),
        ("lift/us", "/completes")
    );
    assert!(step.changes[0].drift);
    assert_eq!(plan.steps.len(), 1, "nobody resumes unasked: {plan:#?}");
    let kinds: Vec<NoteKind> = plan.notes.iter().map(|note| note.kind).collect();
    assert!(
        kinds.contains(&NoteKind::Drift) && kinds.contains(&NoteKind::Unmanaged),
        "{:#?}",
        plan.notes
    );
}

#[tokio::test(start_paused = true)]
async fn one_group_is_implied_and_removed_groups_are_paused() {
    let world = open(&Value::Null).await;
    let single = "
kind: Survey
name: solo
title: Solo
status: live
locale: en-US
completes: 10
incidence_rate: 60
length_of_interview: 8
max_cpi: 2.00 USD
live_url: https://survey.example.com/s/1?tk=[%%token%%]&pid=[%%pid%%]
innovatemr: {}
";
    world.converge(&format!("{LIFT}\n---{single}")).await;
    let known = world.keeper.known().await;
    let names: Vec<&str> = known
        .resources
        .keys()
        .map(infield::model::Address::as_str)
        .collect();
    assert_eq!(names, ["lift", "lift/in", "lift/us", "solo", "solo/main"]);
    let without = LIFT.split("  - name: in").next().unwrap();
    let plan = world.plan(&desired(without)).await;
    let actions: Vec<(&str, Action)> = plan
        .steps
        .iter()
        .map(|step| (step.address.as_str(), step.action))
        .collect();
    assert_eq!(
        actions,
        [
            ("lift/in", Action::Pause),
            ("solo/main", Action::Pause),
            ("solo", Action::Pause)
        ],
        "who goes on asking is stopped first"
    );
    world.apply(&plan).await;
    assert!(world.plan(&desired(without)).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_survey_is_paused_resumed_and_closed_with_its_groups() {
    let world = open(&Value::Null).await;
    world.converge(LIFT).await;
    for (status, code) in [("paused", 2), ("live", 1), ("closed", 3)] {
        world
            .converge(&LIFT.replace("status: live", &format!("status: {status}")))
            .await;
        for kind in ["job", "group"] {
            assert!(
                world.stored(kind).await.iter().all(|one| one["status"] == code),
                "{status}"
            );
        }
    }
    let again = world.plan(&desired(LIFT)).await;
    assert!(again.is_empty(), "closed is final");
    for group in ["lift/us", "lift/in"] {
        let told = again.notes.iter().filter(|note| note.address.as_str() == group);
        let told: Vec<_> = told.map(|note| (note.kind, note.message.as_str())).collect();
        let [(NoteKind::EndedShort, message)] = told.as_slice() else {
            panic!("{told:#?}");
        };
        assert!(message.contains("has ended (closed"), "{message}");
    }
    // infield closed them itself: nobody else moved anything.
    assert!(again.notes.iter().all(|note| note.kind != NoteKind::Drift));
}
