//! What Cint keeps of the past: who changed what and when, and how fielding went.

use super::client::Reader;
use super::paths;
use super::wire::{Changelog, Entry, items, word};
use crate::marketplace::VendorError;
use crate::marketplace::contract::Statistics;
use crate::marketplace::http::wire::{Object, typed};
use crate::model::LiveKey;
use crate::model::live::{Stop, Stopped};
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Entries of the changelog, the newest first, of these types or of all; nothing where not all of them can be read, because
/// the one that cannot may be the newest.
async fn changelog(reader: &Reader, key: &LiveKey, kind: Option<&str>) -> Option<Vec<Object<Entry>>> {
    let own = paths::known_group(reader.cint.account, key.parent.as_deref()?, &key.id);
    let mut pairs = vec![("page_size", "50")];
    pairs.extend(kind.map(|kind| ("change_types", kind)));
    let path = format!("{own}/changelog?{}", paths::query(&pairs));
    let read: Changelog = reader.session.read(&path, |body| typed(body, "")).await.ok()?;
    let mut entries = read.changelog.value()?.clone();
    // The vendor's order is kept among those of one moment.
    entries.sort_by_key(|entry| std::cmp::Reverse(word(&entry.occurred_at).to_owned()));
    Some(entries)
}

/// By whom and when, in words.
fn author(entry: &Entry) -> String {
    let user = entry.user.value();
    let id = user.map_or("", |user| word(&user.las_user_id));
    let who = match (user.map_or("", |user| word(&user.kind)), id) {
        // The vendor's own systems (OpenAPI, `TargetGroupChangelogUser`).
        ("system_user" | "system_marketplace_user", _) => "the vendor".to_owned(),
        ("las_user", "") => "a user".to_owned(),
        ("las_user", user) => format!("user {user}"),
        ("", _) => "somebody or something that Cint does not name".to_owned(),
        (kind, _) => format!("what Cint calls `{kind}`"),
    };
    format!("by {who} at {}", word(&entry.occurred_at))
}

/// What a reason of the vendor's means (OpenAPI, `TargetGroupStatusChangeReasonCode`).
fn stop(reason: &str) -> Option<Stop> {
    Some(match reason {
        "total_completes_reached" => Stop::GoalReached,
        "past_soft_launch_end_date" => Stop::SoftLaunch,
        "past_scheduled_end_date" => Stop::TimeOver,
        _ => return None,
    })
}

/// Who or what stopped a target group last.
pub(super) async fn stopped_by(reader: &Reader, key: &LiveKey) -> Option<Stopped> {
    let entries = changelog(reader, key, Some("status_change")).await?;
    let (entry, change) = entries.iter().find_map(|entry| {
        let mut changes = items(&entry.changes).iter();
        let change = changes.find(|change| word(&change.object) == "status_change")?;
        Some((entry, change))
    })?;
    let code = word(&change.reason_code);
    let reason = match code {
        "" => String::new(),
        code => format!(" ({})", code.replace('_', " ")),
    };
    Some(Stopped {
        text: format!("{}{reason}", author(entry)),
        why: stop(code),
    })
}

/// The field of a manifest that a type of change is about (OpenAPI, `TargetGroupChangeType`).
fn path_of(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "name_change" => "/title",
        "live_url_change" => "/live_url",
        "test_url_change" => "/test_url",
        "cpi_change" | "user_requested_cpi_change" => "/cpi",
        "pricing_dynamic_maximum_cpi_change" | "pricing_rate_card_maximum_cpi_change" => "/max_cpi",
        "filling_goal_change" => "/completes",
        "expected_incidence_rate_change" => "/incidence_rate",
        "expected_length_of_interview_minutes_change" => "/length_of_interview",
        "fielding_period_start_date_change" => "/field/start",
        "fielding_period_end_date_change" => "/field/end",
        "industry_lockout_code_change" => "/cint/industry_lockout",
        "project_manager_change" => "/cint/project_manager",
        "cpi_note_change" => "/cint/client_cpi_note",
        "filling_strategy_change" => "/cint/filling_strategy",
        "target_group_customer_reference_number_change" => "/cint/reference",
        assistant
            if ["pricing_", "pacing_", "quota_overlay_", "soft_launch_"]
                .iter()
                .any(|prefix| assistant.starts_with(prefix)) =>
        {
            "/cint/fielding_assistant"
        }
        _ => return None,
    })
}

/// Who changed which field last, by the field's path.
pub(super) async fn changed_by(reader: &Reader, key: &LiveKey) -> BTreeMap<String, String> {
    let mut changed = BTreeMap::new();
    for entry in changelog(reader, key, None).await.unwrap_or_default() {
        for change in items(&entry.changes) {
            if let Some(path) = path_of(word(&change.object)) {
                changed.entry(path.to_owned()).or_insert_with(|| author(&entry));
            }
        }
    }
    changed
}

impl Statistics for Reader {
    /// How fielding goes: performance, completes by day, and the rate card in effect. A draft has no performance.
    fn stats<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Result<Value, VendorError>> {
        Box::pin(async move {
            let project = key.parent.as_deref().unwrap_or_default();
            let own = paths::known_group(self.cint.account, project, &key.id);
            let get = |rest: &str| {
                let path = format!("{own}/{rest}");
                async move { self.session.get(&path).await }
            };
            let (performance, completes, rates) = futures_util::join!(
                get("performance"),
                get("completes-aggregated-by-interval?aggregation_interval=P1D"),
                get("rate-card"),
            );
            Ok(json!({
                "performance": performance?,
                "completes": completes?,
                // A business unit with dynamic pricing has none.
                "rate_card": rates.unwrap_or(Value::Null),
            }))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_says_who_and_when() {
        let read = |entry: Value| -> Entry { typed(&entry, "").unwrap() };
        let entry = json!({"occurred_at": "2026-03-02T18:00:00Z", "user": {"type": "las_user", "las_user_id": "u-1"}});
        assert_eq!(author(&read(entry)), "by user u-1 at 2026-03-02T18:00:00Z");
        let by = |kind: &str| {
            author(&read(
                json!({"occurred_at": "2026-03-02T18:00:00Z", "user": {"type": kind}}),
            ))
        };
        for kind in ["system_user", "system_marketplace_user"] {
            assert_eq!(by(kind), "by the vendor at 2026-03-02T18:00:00Z");
        }
        assert_eq!(by("las_user"), "by a user at 2026-03-02T18:00:00Z");
        assert_eq!(by("robot"), "by what Cint calls `robot` at 2026-03-02T18:00:00Z");
        let nobody = author(&read(json!({"occurred_at": "2026-03-02T18:00:00Z"})));
        assert_eq!(
            nobody,
            "by somebody or something that Cint does not name at 2026-03-02T18:00:00Z"
        );
    }

    #[test]
    fn kinds_of_changes_lead_to_fields() {
        assert_eq!(
            path_of("soft_launch_end_date_change"),
            Some("/cint/fielding_assistant")
        );
        assert_eq!(path_of("user_requested_cpi_change"), Some("/cpi"));
        assert_eq!(path_of("a_change_that_came_later"), None);
    }
}
