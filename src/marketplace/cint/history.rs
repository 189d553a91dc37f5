//! What Cint keeps of the past: who changed what and when, and how fielding went.

use super::client::Reader;
use super::wire::{Changelog, Entry, Interval, Intervals, Percent, RateCard, Stats, items, word};
use super::{paths, rate_card};
use crate::marketplace::VendorError;
use crate::marketplace::contract::Statistics;
use crate::marketplace::http::wire::{Count, Object, typed};
use crate::model::live::{Stop, Stopped};
use crate::model::{Details, Field, LiveKey};
use futures_util::future::BoxFuture;
use jiff::Timestamp;
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
    /// How respondents fared, completes by day, and the prices of the rate card where there is one.
    fn details<'a>(&'a self, key: &'a LiveKey) -> BoxFuture<'a, Result<Details, VendorError>> {
        Box::pin(async move {
            let project = key.parent.as_deref().unwrap_or_default();
            let own = paths::known_group(self.cint.account, project, &key.id);
            let stats = format!("{own}/performance");
            let days = format!("{own}/completes-aggregated-by-interval?aggregation_interval=P1D");
            let card = format!("{own}/rate-card");
            let (stats, days, card) = futures_util::join!(
                self.session.read(&stats, |body| typed::<Stats>(body, "")),
                self.session.read(&days, |body| typed::<Intervals>(body, "")),
                self.session.read(&card, |body| typed::<RateCard>(body, "")),
            );
            // A business unit with dynamic pricing has no card.
            Ok(details(&stats?, &days?, card.ok().as_ref()))
        })
    }
}

fn details(stats: &Stats, days: &Intervals, card: Option<&RateCard>) -> Details {
    let counted = |name: &str, count: &Field<Count>| Some((name.to_owned(), count.value()?.0.to_string()));
    let percent = |name: &str, rate: &Field<Percent>| {
        let rate = rate.value()?.0.round_dp(1).normalize();
        Some((name.to_owned(), format!("{rate}%")))
    };
    let own = [
        counted("entrants", &stats.entrants),
        counted("prescreens", &stats.prescreens),
        percent("conversion rate", &stats.conversion_rate),
    ];
    let analysis = stats.respondent_analysis.value();
    let returned = analysis.into_iter().flat_map(|analysis| items(&analysis.live));
    let returned = returned.map(|returned| counted(word(&returned.label), &returned.count));
    let card = card.and_then(|card| {
        let card = card
            .bound_rate_card
            .value()
            .or(card.predicted_rate_card.value())?;
        Some(("rate card".to_owned(), rate_card::in_words(card)?))
    });
    let interval =
        |interval: &Object<Interval>| Some((interval.timestamp.value()?.0, interval.count.value()?.0));
    let ends = items(&days.aggregated_completes_intervals);
    Details {
        figures: own.into_iter().chain(returned).chain([card]).flatten().collect(),
        intervals: in_each(ends.iter().filter_map(interval)),
        last_complete: stats.last_complete.value().map(|time| time.0),
    }
}

/// What came in each interval. The vendor counts all that was collected by its end (OpenAPI
/// `get_target_group_completes_aggregated_by_interval`); what falls by reversals counts in no interval, and not again when it
/// is made up for.
fn in_each(ends: impl Iterator<Item = (Timestamp, u64)>) -> Vec<(Timestamp, u64)> {
    let mut most = 0_u64;
    let more = ends.map(|(end, count)| {
        let more = count.saturating_sub(most);
        most = most.max(count);
        (end, more)
    });
    more.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

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
    fn what_is_told_of_one_target_group_keeps_the_vendors_words() {
        let fixture = include_str!("../../../tests/fixtures/cint/target-group-performance-200.json");
        let shown: Value = serde_json::from_str(fixture).unwrap();
        let stats: Stats = typed(&shown["response"], "").unwrap();
        let day =
            |day: u64, count: u64| json!({"timestamp": format!("2026-03-0{day}T00:00:00Z"), "count": count});
        let days = json!({"aggregated_completes_intervals": [day(2, 7), day(3, 7), day(4, 12), day(5, 10), day(6, 13)]});
        let card = json!({"bound_rate_card": {
            "length_of_interview_minutes": [3, 6], "incidence_rate_percents": [75, 50],
            "pricing_table_currency_code": "USD", "pricing_table_data": [[320, 373], [374, 427]],
        }});
        let (days, card) = (typed(&days, "").unwrap(), typed(&card, "").unwrap());
        let told = details(&stats, &days, Some(&card));
        let figures: Vec<String> = told
            .figures
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        assert_eq!(
            figures,
            [
                "entrants: 100",
                "prescreens: 100",
                "conversion rate: 5%",
                "Returned as Complete: 100",
                "rate card: 320 to 427 USD in the vendor's unit, by length of interview (3 to 6 min) and incidence rate (75% to 50%)",
            ]
        );
        let first = "2026-03-02T00:00:00Z".parse().unwrap();
        assert_eq!(told.intervals[0], (first, 7));
        let counts: Vec<u64> = told.intervals.iter().map(|(_, count)| *count).collect();
        assert_eq!(
            counts,
            [7, 0, 5, 0, 1],
            "two of twelve were taken back, and three came"
        );
        assert_eq!(told.last_complete.unwrap().to_string(), "2023-01-01T23:00:00Z");
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
