//! What only Cint's tests need: its manifest and its calls.

use crate::subject::{Edit, Ground, Subject};
use crate::world::{World, sandbox};
use futures_util::future::BoxFuture;
use infield::marketplace::Client;
use infield::model::VendorId;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Two groups in two locales, one with single quotas and one with interlocked ones, with everything a group can have.
pub(crate) const TRACKER: &str = "
kind: Survey
name: tracker
title: Brand tracker
status: live
incidence_rate: 60
length_of_interview: 8
field: {end: 2026-04-15T18:00:00Z}
live_url: https://survey.example.com/s/1?rid=[%RID%]
test_url: https://survey.example.com/s/1?test=1&rid=[%RID%]
cint:
  business_unit: 3337
  project_manager: b551326b-ac9d-4d32-8823-4f025787dab9
groups:
  - name: us
    locale: en-US
    completes: 300
    cpi: 2.75 USD
    qualifications: {age: [18-34, 35-64], zip: ['01234', '98001']}
    quotas:
      - {name: men, completes: 140, where: {gender: male}}
      - {name: women, completes: 160, where: {gender: female}}
    cint:
      filling_strategy: completes
      exclude_within_project: true
      client_cpi_note: 4.50 USD
      industry_lockout: past_30_days
      allocations: {exchange: {min: 0, max: 60}, blocked_suppliers: [421], groups: [{name: Premium, min: 40, max: 80, suppliers: [420]}]}
  - name: hispanic
    locale: es-US
    completes: 200
    cpi: 3.10 USD
    max_cpi: 4.00 USD
    suppliers: [{supplier: 420, share: {min: 10, max: 45}}, {supplier: 421, blocked: true}]
    quotas:
      - {name: young-men, completes: 50, where: {gender: male, age: 18-34}}
      - {name: older-men, completes: 50, where: {gender: male, age: 35-64}}
      - {name: young-women, completes: 50, where: {gender: female, age: 18-34}}
      - {name: older-women, completes: 50, where: {gender: female, age: 35-64}}
    cint:
      activity_exclusions: [{type: project, id: 01KH287TE2W1GKTJJ91QCCHWP9, days: 30}]
      fielding_assistant:
        quota_overlay: {prevent_overfill: true, balance_fill: false}
        pacing: {type: linear, increment_interval: P1D}
";

/// A world with this vendor.
pub(crate) async fn open(settings: &Value) -> World {
    World::open(&Cint, settings).await
}

impl World {
    /// Every target group the vendor has stored, by its reference.
    pub(crate) async fn target_groups(&self) -> Vec<Value> {
        let mut groups = self.stored("group").await;
        groups.sort_by_key(reference);
        groups
    }

    /// One of them.
    pub(crate) async fn target_group(&self, name: &str) -> Value {
        let groups = self.target_groups().await;
        let wanted = json!(format!("infield_tracker_{name}")).to_string();
        let found = groups.into_iter().find(|group| reference(group) == wanted);
        found.unwrap_or_else(|| panic!("no {name}"))
    }

    /// The status of one of them.
    pub(crate) async fn status(&self, name: &str) -> String {
        let run = self.target_group(name).await["run"].clone();
        // A run that starts now counts as scheduled until somebody looks.
        let now = 1_772_474_400_000_i64;
        match run["status"].as_str() {
            Some("scheduled") if run["start_ms"].as_i64().unwrap() <= now => "live".to_owned(),
            Some(status) => status.to_owned(),
            None => "draft".to_owned(),
        }
    }
}

pub(crate) fn reference(group: &Value) -> String {
    group["fields"]["target_group_customer_reference_number"].to_string()
}

/// Cint, as the suite needs it.
pub(crate) struct Cint;

impl Subject for Cint {
    fn vendor(&self) -> VendorId {
        infield::marketplace::CINT
    }

    fn ground(&self) -> Ground {
        sandbox(Box::new(infield_sandbox::cint::Cint))
    }

    fn client(&self) -> Option<Client> {
        Some(Client {
            id: "sandbox".to_owned().into(),
            auth_url: Some("http://sandbox/cint/oauth/token".to_owned()),
        })
    }

    fn manifest(&self) -> &'static str {
        TRACKER
    }

    fn edits(&self) -> Vec<Edit> {
        vec![
            ("title: Brand tracker", "title: Brand tracker 2", "/title"),
            (
                "length_of_interview: 8",
                "length_of_interview: 9",
                "/length_of_interview",
            ),
            ("incidence_rate: 60", "incidence_rate: 55", "/incidence_rate"),
            ("2026-04-15T18", "2026-04-16T18", "/field/end"),
            ("cpi: 2.75 USD", "cpi: 2.95 USD", "/cpi"),
            ("max_cpi: 4.00 USD", "max_cpi: 4.20 USD", "/max_cpi"),
            (
                "client_cpi_note: 4.50 USD",
                "client_cpi_note: 4.60 USD",
                "/cint/client_cpi_note",
            ),
            ("past_30_days", "no_lock_out", "/cint/industry_lockout"),
            (
                "exclude_within_project: true",
                "exclude_within_project: false",
                "/cint/exclude_within_project",
            ),
            ("max: 60}", "max: 70}", "/cint/allocations"),
            ("max: 45}", "max: 50}", "/suppliers"),
            ("days: 30", "days: 60", "/cint/activity_exclusions"),
            ("type: linear", "type: adaptive", "/cint/fielding_assistant"),
            ("s/1?test=1", "s/1?test=2", "/test_url"),
            (
                "filling_strategy: completes",
                "filling_strategy: prescreens",
                "/cint/filling_strategy",
            ),
            ("['01234', '98001']", "['98001']", "/qualifications/zip"),
        ]
    }

    fn edited(&self) -> String {
        TRACKER
            .replace("completes: 300", "completes: 320")
            .replace("completes: 140", "completes: 160")
            .replace("title: Brand tracker", "title: Brand tracker 2")
            .replace("2026-04-15T18", "2026-04-16T18")
            .replace("max_cpi: 4.00 USD", "max_cpi: 3.90 USD")
            .replace("max: 60}", "max: 70}")
    }

    fn styles(&self) -> Vec<Value> {
        vec![
            Value::Null,
            json!({"cint_full_location": true, "cint_manage_keeps_ids": true, "cint_allocations_as_requested": true}),
            json!({"cint_project_visible_at_read": 3, "cint_job_ends_at_read": 5, "cint_extra_fields": false}),
            json!({"cint_newer_revision": true, "cint_details_put_clears": false, "cint_goal_keeps_shares": true}),
            json!({"cint_create_group_honours_key": true, "cint_list_shows_control": true}),
        ]
    }

    fn refusals(&self) -> Vec<(u16, Value)> {
        vec![
            (400, json!({"object": "bad_request_error", "detail": "not now"})),
            (
                412,
                json!({"object": "precondition_failed_error", "detail": "changed"}),
            ),
        ]
    }

    fn never_wrong<'a>(&'a self, world: &'a World, what: &'a str) -> BoxFuture<'a, ()> {
        Box::pin(never_wrong(world, what))
    }

    fn finish<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            for group in world.target_groups().await {
                let all = json!({"vendor": "cint", "group": group["id"], "completes": group["goal"]});
                world.admin("POST", "respondents", &all).await;
            }
        })
    }

    fn people<'a>(&'a self, world: &'a World, what: &'a Value) -> BoxFuture<'a, Decimal> {
        Box::pin(world.respondents("group", "/counts/cost", what))
    }

    /// They are completed by then.
    fn close<'a>(&'a self, world: &'a World) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            world.admin("POST", "clock", &json!({"advance": "11d"})).await;
        })
    }

    fn raised(&self) -> String {
        TRACKER
            .replace("completes: 300", "completes: 330")
            .replace("completes: 160", "completes: 190")
    }

    fn picture<'a>(&'a self, world: &'a World) -> BoxFuture<'a, Value> {
        Box::pin(picture(world))
    }
}

async fn never_wrong(world: &World, what: &str) {
    assert!(world.stored("project").await.len() <= 1, "{what}: two projects");
    let groups = world.target_groups().await;
    let mut references: Vec<String> = groups.iter().map(reference).collect();
    references.dedup();
    assert_eq!(references.len(), groups.len(), "{what}: a target group twice");
    for group in groups {
        if group["run"]["status"] == "live" {
            assert!(!group["profiling"].is_null() && !group["cpi"].is_null(), "{what}");
        }
    }
}

async fn picture(world: &World) -> Value {
    let groups = world.target_groups().await;
    let groups: Vec<Value> = groups
        .iter()
        .map(|group| {
            json!([
                group["fields"],
                group["goal"],
                group["cpi"],
                group["end_ms"].is_number(),
                in_field(group),
                group["run"]["end_ms"],
                group["strategy"],
                group["exclusion"],
                group["activity_exclusions"],
                group["assistant"],
                targets(&group["profiling"]),
            ])
        })
        .collect();
    let projects: Vec<Value> = world
        .stored("project")
        .await
        .iter()
        .map(|project| json!([project["name"], project["reference"], project["manager"]]))
        .collect();
    json!([projects, groups])
}

/// A run that starts now counts as scheduled until somebody looks.
fn in_field(group: &Value) -> bool {
    matches!(group["run"]["status"].as_str(), Some("scheduled" | "live"))
}

/// Profiles without the ids that every write makes anew.
fn targets(profiling: &Value) -> Value {
    match profiling {
        Value::Object(map) => map
            .iter()
            .filter(|(key, _)| *key != "id")
            .map(|(key, value)| (key.clone(), targets(value)))
            .collect(),
        Value::Array(items) => items.iter().map(targets).collect(),
        other => other.clone(),
    }
}
