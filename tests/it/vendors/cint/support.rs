//! What only Cint's tests need: its manifest and its calls.

use crate::vendors::support::World;
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
    World::of(infield::marketplace::CINT, settings).await
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
