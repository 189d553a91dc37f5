//! Numbers and history: performance, completes over time, changelog, and which transitions are open.

use super::envelope::body;
use super::exclusion::days;
use super::fielding::Action;
use super::prelude::*;
use super::record::Entry;

/// More intervals than this are refused (assumed).
const MOST_INTERVALS: i64 = 10_000;

/// `get_target_group_performance`.
pub(super) fn performance(group: &Group) -> Value {
    let counts = &group.counts;
    let status = |status: &str, label: &str, description: &str, count: u64| json!({"status": status, "label": label, "description": description, "count": count});
    let mut shown = json!({
        "entrants": counts.entrants, "prescreens": counts.prescreens, "completes": counts.completes,
        "completes_cost": Money::new(counts.cost, &group.currency).shown_long(),
        "incidence_rate": counts.incidence(), "drop_off_rate": 0, "conversion_rate": counts.conversion(),
        "respondent_analysis": {
            "live": [
                status("Complete", "Returned as Complete", "Respondent completed the survey", counts.completes),
                status("Terminate", "Returned as Terminate", "Respondent was terminated", counts.terminations),
                status("OverQuota", "Returned as Overquota", "Respondent met a full quota", counts.overquotas),
            ],
            "test": [],
        },
    });
    if let (Some((first, _)), Some((last, _))) = (counts.log.first(), counts.log.last()) {
        shown["first_complete"] = json!(time(*first));
        shown["last_complete"] = json!(time(*last));
    }
    shown
}

/// The length of an interval: days, or hours and minutes.
fn interval_ms(text: &str) -> Option<i64> {
    if let Some(days) = days(text) {
        return (days > 0).then_some(days * 86_400_000);
    }
    let span: jiff::Span = text.parse().ok()?;
    let ms =
        i64::from(span.get_hours()) * 3_600_000 + span.get_minutes() * 60_000 + span.get_seconds() * 1000;
    (text.starts_with('P') && ms > 0).then_some(ms)
}

/// `get_target_group_completes_aggregated_by_interval`: every interval since the start, named by its end, with all completes
/// that were collected by then.
pub(super) fn completes(at: At<'_>, group: &Group) -> Outcome {
    let length = interval_ms(at.call.parameter("aggregation_interval").unwrap_or("P1D"));
    let length = length.ok_or_else(|| bad_request("aggregation_interval must be a duration such as P1D"))?;
    let start = group.run.as_ref().map_or(group.created_ms, |run| run.start_ms);
    let passed = (at.world.now_ms() - start).max(0);
    let intervals = passed / length + i64::from(passed % length > 0);
    if intervals > MOST_INTERVALS {
        return Err(bad_request("aggregation_interval makes too many intervals"));
    }
    let interval = |index: i64| {
        let end = start + (index + 1) * length;
        let before = group.counts.log.iter().filter(|(at, _)| *at < end);
        let count: u64 = before.map(|(_, count)| count).sum();
        json!({"timestamp": time(end), "count": count})
    };
    let shown: Value = (0..intervals).map(interval).collect();
    ok(&json!({"aggregated_completes_intervals": shown}))
}

/// `get_target_group_changelog`: newest first (assumed); the last page's cursor is an empty text.
pub(super) fn changelog(call: &Call, group: &Group) -> Outcome {
    let mut kinds = call.parameters("change_types");
    kinds.extend(call.parameters("change_types[]"));
    let entries = group.changelog.iter().enumerate().rev();
    let entries = entries.filter_map(|(index, entry)| {
        let key = format!("{:010}", 9_999_999_999 - index);
        Some((key, entry_shown(entry, &kinds)?))
    });
    let page = page::cut(call, entries.collect(), 50, 50)?;
    let next = page.next.unwrap_or_default();
    ok(&json!({"changelog": page.items, "next_cursor": next}))
}

fn entry_shown(entry: &Entry, kinds: &[&str]) -> Option<Value> {
    let is_wanted = |change: &&Value| kinds.is_empty() || kinds.contains(&change.word("object"));
    let changes: Vec<&Value> = entry.changes.iter().filter(is_wanted).collect();
    if changes.is_empty() {
        return None;
    }
    let user = match &entry.user {
        Some(id) => json!({"type": "las_user", "las_user_id": id}),
        None => json!({"type": "system_marketplace_user"}),
    };
    Some(json!({"id": entry.id, "occurred_at": time(entry.at_ms), "user": user, "changes": changes}))
}

/// The target groups that a transition is about.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Wanted {
    filters: Filters,
    included_target_group_ids: Vec<String>,
    excluded_target_group_ids: Vec<String>,
    search_string: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Filters {
    status: Vec<String>,
    country: Vec<String>,
    language: Vec<String>,
}

/// `compute_target_group_transitions`: what all of the matched ones allow (assumed; the rule is not published).
pub(super) fn transitions(world: &World, call: &Call, project: &str) -> Outcome {
    let wanted: Wanted = body(call)?;
    record::project(&world.store.view()?, project)?;
    let search = wanted.search_string.to_lowercase();
    let any = |wanted: &[String], value: &str| wanted.is_empty() || wanted.iter().any(|one| one == value);
    let mut groups = life::read_all(world, project)?;
    groups.retain(|group| {
        let (language, country) = group.language_and_country();
        any(&wanted.included_target_group_ids, &group.id)
            && !wanted.excluded_target_group_ids.contains(&group.id)
            && any(&wanted.filters.status, group.status())
            && any(&wanted.filters.country, country)
            && any(&wanted.filters.language, language)
            && group.text("name").to_lowercase().contains(&search)
    });
    let now = world.now_ms();
    let all = |is_open: &dyn Fn(&Group) -> bool| !groups.is_empty() && groups.iter().all(is_open);
    let allows = |action: Action| all(&move |group: &Group| action.is_allowed(world, group, now));
    let mut shown = json!({
        "is_launch_allowed": all(&|group| group.is_draft() || group.status() == SCHEDULED),
        "is_pause_allowed": allows(Action::Pause),
        "is_resume_allowed": allows(Action::Resume),
        "is_relaunch_allowed": allows(Action::Relaunch),
        "is_finish_allowed": allows(Action::Complete),
    });
    // The list must not be empty.
    if !groups.is_empty() {
        let ids: Value = groups.iter().map(|group| group.id.as_str()).collect();
        shown["target_groups"] = ids;
    }
    ok(&shown)
}
