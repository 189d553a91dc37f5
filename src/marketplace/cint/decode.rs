//! From the vendor's documents to our vocabulary. Unknown fields and enum values are let through; a field that is not shown
//! is absent; one that is shown and cannot be read makes the whole document unreadable.

use super::assumptions::PARKED_START;
use super::wire::{
    ActivityExclusion, Allocations, Assistant, Exclusion, Kept, Overview, Page, Price, Profiling, Progress,
    Project, Run, TargetGroup, Times, inside, items, word,
};
use super::{allocations, canonical, locale, profiling};
use crate::marketplace::http::json::{Decoded, mismatch};
use crate::marketplace::http::wire::{Code, Count, Object, typed};
use crate::model::attributes::Attributes;
use crate::model::links::link;
use crate::model::live::{MAX_CPI, SUPPLIERS};
use crate::model::{Field, Links, LiveSurvey, Performance, Status, SurveySpec, VendorState, stops};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where a target group is in its life. Scheduled counts as live: it goes in field by itself.
pub(super) fn status(word: &str) -> Option<Status> {
    match word {
        "draft" => Some(Status::Draft),
        "scheduled" | "live" => Some(Status::Live),
        "paused" => Some(Status::Paused),
        "completed" | "archived" => Some(Status::Closed),
        _ => None,
    }
}

/// Settings of the block that are shown.
fn settings<const N: usize>(shown: [(&str, Field<Value>); N]) -> Attributes {
    let shown = shown.into_iter().filter(|(_, shown)| !shown.is_absent());
    shown.map(|(key, shown)| (key.to_owned(), shown)).collect()
}

fn plain(shown: Field<impl Into<Value>>) -> Field<Value> {
    shown.map(Into::into)
}

/// What is shown and means something.
fn shown_if<T: Clone>(means: bool, shown: &Field<T>) -> Field<T> {
    Field::mentioned(shown.value().filter(|_| means).cloned())
}

/// The same of what is shown; none is as good as not mentioned.
fn mentioned<T, U>(shown: Field<T>, of: impl FnOnce(T) -> U) -> Field<U> {
    match shown {
        Field::Set(shown) => Field::Set(of(shown)),
        Field::Absent | Field::Null => Field::Absent,
    }
}

/// What has to be shown.
pub(super) fn needed<T>(shown: Field<T>, path: &str, expected: &str) -> Decoded<T> {
    match shown {
        Field::Set(value) => Ok(value),
        Field::Absent | Field::Null => mismatch(path, expected, &Value::Null),
    }
}

/// A project.
pub(super) fn project(body: &Value) -> Decoded<LiveSurvey> {
    let shown: Project = typed(body, "")?;
    let reference = shown.project_customer_reference_number.or(Field::Null);
    let spec = SurveySpec {
        title: shown.name,
        attributes: settings([
            ("project_manager", plain(shown.project_manager_id)),
            ("project_reference", plain(reference)),
        ]),
        ..SurveySpec::default()
    };
    Ok(LiveSurvey {
        id: needed(shown.id, "/id", "an id")?,
        // A project has no status of its own that could be set.
        status: Some(Status::Draft),
        status_text: shown.status.value().map_or("project", String::as_str).to_owned(),
        spec,
        kept: VendorState::of(&Kept {
            etag: shown.etag,
            ..Kept::default()
        }),
        ..LiveSurvey::default()
    })
}

/// The completes of a whole project, where it shows them.
pub(super) fn project_completes(body: &Value) -> Decoded<Option<u64>> {
    let shown: Overview = typed(body, "")?;
    let counted = inside(shown.statistics).current_completes;
    Ok(counted.value().map(|count| count.0))
}

/// A draft, whose document has neither id nor status.
pub(super) fn draft(id: &str, body: &Value) -> Decoded<LiveSurvey> {
    let shown: TargetGroup = typed(body, "")?;
    // What a draft does not say is off; it has no other documents that could.
    let Exclusion { enabled } = inside(shown.exclusion);
    let exclusions = shown.respondent_activity_exclusions;
    let around = inside(shown.profiling);
    let whole = TargetGroup {
        status: Field::Set("draft".to_owned()),
        cost_per_interview: shown.cost_per_interview.or(Field::Null),
        exclusion: Field::Set(Object(Exclusion {
            enabled: enabled.or(Field::Set(false)),
        })),
        respondent_activity_exclusions: exclusions.or(Field::Null),
        profiling: Field::Absent,
        ..shown
    };
    let kept = Kept {
        phase: Field::Set("draft".to_owned()),
        profiles: around.profiles,
        template: around.template_id,
        ..Kept::default()
    };
    let mut live = whole_group(id, whole, &kept, ["", "/profiling/profiles"])?;
    live.fielded = Some(0);
    Ok(live)
}

/// A target group, however many documents it was in; `places` are those of its description and of its profiles. Each has a
/// name: what has none is no target group, and what else is missing of it would be taken for nothing.
fn whole_group(id: &str, shown: TargetGroup, kept: &Kept, places: [&str; 2]) -> Decoded<LiveSurvey> {
    needed(shown.name.as_ref(), &format!("{}/name", places[0]), "a name")?;
    let seen = profiling::decode(items(&kept.profiles), places[1])?;
    let word = word(&shown.status).to_owned();
    let tag = |code: String| locale::from_vendor(&code).unwrap_or(code);
    let unit = |Code(unit): Code| unit.parse::<u64>().map_or_else(|_| json!(unit), Value::from);
    let reference = shown.target_group_customer_reference_number.or(Field::Null);
    let note = shown.client_cost_per_interview_note;
    let note = note.map(|note| canonical::money_text(note.0)).or(Field::Null);
    let times = inside(shown.fielding_specification);
    let modules = shown.fielding_assistant_assignment.value();
    let max_cpi = modules.map_or(Field::Absent, |modules| {
        let pricing = modules.pricing.value();
        let highest = pricing.and_then(|pricing| pricing.maximum_cpi.value());
        Field::shown(highest.map(|price| price.0))
    });
    let modules = modules.map(|modules| canonical::fielding_assistant(&json!(modules)));
    let listed = &shown.respondent_activity_exclusions;
    let listed = (!listed.is_absent()).then(|| exclusions(items(listed)));
    let link = |name: &str| shown.links.value()?.get(name)?.as_str().and_then(link);
    let links = Links {
        entry: link("test_screener"),
        questionnaire: link("test_client_survey"),
    };
    let shares = shown.allocations.value();
    let shares = shares.map_or(Field::Absent, |Object(shares)| allocations::decode(shares));
    let spec = SurveySpec {
        suppliers: allocations::suppliers(&shares),
        title: shown.name,
        status: Field::mentioned(status(&word)),
        locale: mentioned(shown.locale, tag),
        completes: mentioned(shown.completes_goal, |goal| goal.0),
        incidence_rate: mentioned(shown.expected_incidence_rate, |rate| rate.0.normalize()),
        length_of_interview: mentioned(shown.expected_length_of_interview_minutes, |minutes| minutes.0),
        cpi: shown.cost_per_interview.map(|price| price.0),
        max_cpi,
        start: mentioned(times.start_at, |time| time.0),
        end: mentioned(times.end_at, |time| time.0),
        // Both kinds of target groups show their URLs, so one that is left out is one that it does not have.
        live_url: shown.live_url.or(Field::Null),
        test_url: shown.test_url.or(Field::Null),
        attributes: settings([
            ("project_manager", plain(shown.project_manager_id)),
            ("reference", plain(reference)),
            ("business_unit", shown.business_unit_id.map(unit)),
            ("collects_pii", plain(shown.collects_pii)),
            ("study_type", plain(shown.study_type_code)),
            ("industry", plain(shown.industry_code)),
            ("client", plain(shown.client_id.map(|client| client.0))),
            ("industry_lockout", plain(shown.industry_lockout_code)),
            ("client_cpi_note", note),
            ("exclude_within_project", plain(inside(shown.exclusion).enabled)),
            ("activity_exclusions", Field::mentioned(listed)),
            ("fielding_assistant", Field::mentioned(modules)),
            ("allocations", shares),
            ("re_entry", shown.re_entry_configuration),
            ("filling_strategy", plain(shown.filling_strategy)),
        ]),
        ..SurveySpec::default()
    };
    Ok(LiveSurvey {
        id: id.to_owned(),
        status: status(&word),
        status_text: word,
        spec,
        quotas: seen.quotas,
        qualifications: Field::Set(seen.qualifications),
        links,
        kept: VendorState::of(kept),
        ..LiveSurvey::default()
    })
}

/// The resource that bounds the price of a launched target group, among other things.
pub(super) const ASSISTANT: &str = "fielding-assistant-assignment";

/// The resources of a launched target group, by the ends of their paths, each with the settings that only it shows; none
/// where every target group needs it.
pub(super) const RESOURCES: [(&str, &[&str]); 8] = [
    ("details", &[]),
    ("overview", &[]),
    ("fielding-runs", &[]),
    ("profiles", &[]),
    (ASSISTANT, &["fielding_assistant", MAX_CPI]),
    ("allocation-specification", &["allocations", SUPPLIERS]),
    ("respondent-activity-exclusions", &["activity_exclusions"]),
    ("exclusion-policy", &["exclude_within_project"]),
];

/// What was read of a launched target group, a document for each resource; the single run, with its version, for all runs.
pub(super) type Launched = BTreeMap<&'static str, Value>;

/// One of the documents of a launched target group; one that was not asked for says nothing.
fn part<T: DeserializeOwned + Default>(read: &Launched, resource: &str) -> Decoded<T> {
    match read.get(resource) {
        None => Ok(T::default()),
        // Its key says what it is.
        Some(document) if resource == "profiles" => typed(document, ""),
        Some(document) => typed(document, &format!("/{resource}")),
    }
}

/// Whether the price of a launched target group may be bounded: its overview says so, or does not say that it is not
/// (OpenAPI `TargetGroupOverview`).
pub(super) fn may_be_bounded(read: &Launched) -> bool {
    let overview = read.get("overview");
    let told = overview.and_then(|overview| overview.get("is_pricing_restricted"));
    told.and_then(Value::as_bool) != Some(false)
}

/// A launched target group.
pub(super) fn launched(id: &str, read: &Launched) -> Decoded<LiveSurvey> {
    let details: TargetGroup = part(read, "details")?;
    needed(details.name.as_ref(), "/details/name", "a name")?;
    let overview: Overview = part(read, "overview")?;
    needed(overview.status.as_ref(), "/overview/status", "a status")?;
    // Without its id nothing could be done with a run, and a launched target group has one.
    let run: Run = part(read, "fielding-runs")?;
    needed(run.id.as_ref(), "/fielding-runs", "a fielding run with an id")?;
    let modules: Assistant = part(read, ASSISTANT)?;
    let activity: TargetGroup = part(read, "respondent-activity-exclusions")?;
    let shares: Allocations = part(read, "allocation-specification")?;
    let shared = read.contains_key("allocation-specification");
    let exclusion: Exclusion = part(read, "exclusion-policy")?;
    let profiles = part::<Profiling>(read, "profiles")?.profiles;
    if profiles.is_absent() {
        return mismatch("/profiles", "profiles, or null", &json!({}));
    }
    let kept = Kept {
        phase: Field::Set("launched".to_owned()),
        profiles,
        run: run.id.clone(),
        run_etag: run.etag.clone(),
        run_start: run.start_fielding_at.clone(),
        run_end: run.end_fielding_at.clone(),
        assistant_etag: modules.etag.clone(),
        allocation_groups: Field::Set(allocations::ids(&shares)),
        ..Kept::default()
    };
    // With a pricing module or a rate card the vendor moves the price, and what it shows is not what was asked for.
    let moved = word(&overview.pricing_model) == "rate_card" || modules.pricing.value().is_some();
    // Once in field, the start is when that was.
    let scheduled = word(&overview.status) == "scheduled";
    // An answer that names none of its parts says nothing about them.
    let silent = Assistant {
        etag: modules.etag.clone(),
        ..Assistant::default()
    };
    let progress = inside(overview.progress.clone());
    let start = run.start_fielding_at.value().map(|time| time.0);
    // Its times are not its own then.
    let parked = scheduled && start.is_some_and(|start| start.as_second() == PARKED_START);
    let whole = TargetGroup {
        status: overview.status.clone(),
        cost_per_interview: shown_if(!moved, &overview.current_cost_per_interview),
        fielding_specification: Field::Set(Object(Times {
            start_at: shown_if(scheduled && !parked, &run.start_fielding_at),
            end_at: shown_if(!parked, &run.end_fielding_at),
        })),
        exclusion: Field::Set(Object(exclusion)),
        respondent_activity_exclusions: activity.respondent_activity_exclusions,
        fielding_assistant_assignment: Field::mentioned((modules != silent).then_some(Object(modules))),
        allocations: shown_if(shared, &Field::Set(Object(shares))),
        filling_strategy: progress.filling_strategy.clone(),
        re_entry_configuration: Field::Absent,
        ..details
    };
    let mut live = whole_group(id, whole, &kept, ["/details", "/profiles"])?;
    if parked {
        live.status = Some(Status::Paused);
        live.spec.status = Field::Set(Status::Paused);
        live.status_reason = Some("its start was moved away before it began".to_owned());
    } else if let (true, Some(start), Some(end)) = (scheduled, start, run.end_fielding_at.value()) {
        live.scheduled = Some(stops::Times { start, end: end.0 });
    }
    let performance = performance(&overview, &progress, &run);
    Ok(LiveSurvey {
        fielded: progress.current_completes.value().map(|count| count.0),
        charged: performance.price,
        performance: Some(performance),
        seen: crate::model::live::Seen::Whole,
        ..live
    })
}

/// How fielding goes, from the overview and the run (OpenAPI `TargetGroupOverview`): the length is in seconds. Neither says
/// anything before somebody was screened, or finished.
fn performance(overview: &Overview, progress: &Progress, run: &Run) -> Performance {
    let some = |count: &Field<Count>| count.value().is_some_and(|count| count.0 > 0);
    let (finished, screened) = (
        some(&progress.current_completes),
        some(&progress.current_prescreens),
    );
    let rate = overview.incidence_rate.value().map(|rate| rate.0);
    let seconds = overview
        .median_length_of_interview_seconds
        .value()
        .map(|seconds| seconds.0);
    let money = |field: &Field<Price>| field.value().map(|price| price.0);
    Performance {
        incidence_rate: rate.filter(|_| finished || screened),
        length_of_interview: seconds
            .filter(|_| finished)
            .and_then(|seconds| seconds.checked_div(Decimal::from(60))),
        // Of those who began, as the metric's name says.
        drop_off: overview
            .drop_off_rate
            .value()
            .map(|rate| rate.0)
            .filter(|_| finished || screened),
        cost: money(&overview.current_cost),
        price: money(&overview.current_cost_per_interview),
        started: run
            .start_fielding_at
            .value()
            .map(|time| time.0)
            .filter(|start| start.as_second() != PARKED_START),
        ..Performance::default()
    }
}

/// Exclusions by activity. One that shows no duration has the vendor's own.
fn exclusions(listed: &[Object<ActivityExclusion>]) -> Value {
    canonical::activity_exclusions(listed.iter().map(|item| {
        let days = item.duration.value().map(|days| days.0);
        (word(&item.kind).to_owned(), Value::from(word(&item.id)), days)
    }))
}

/// An entry of the list of target groups: id, status and reference.
pub(super) fn entry(item: &Value) -> Decoded<LiveSurvey> {
    let shown: TargetGroup = typed(item, "")?;
    let word = word(&shown.status).to_owned();
    let reference = shown.target_group_customer_reference_number.or(Field::Null);
    let spec = SurveySpec {
        title: shown.name,
        attributes: settings([("reference", plain(reference))]),
        ..SurveySpec::default()
    };
    Ok(LiveSurvey {
        id: needed(shown.id, "/id", "an id")?,
        status: status(&word),
        status_text: word,
        spec,
        ..LiveSurvey::default()
    })
}

/// Where the next page of a list begins; `None` after the last one.
pub(super) fn next_page(body: &Value) -> Decoded<Option<String>> {
    let page: Page = typed(body, "")?;
    let next = page.next_cursor.value().filter(|next| !next.is_empty()).cloned();
    Ok(next.filter(|_| page.has_more != Field::Set(false)))
}

#[cfg(test)]
mod tests;
