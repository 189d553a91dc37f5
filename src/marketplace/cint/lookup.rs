//! What plans and recovery ask besides how a survey is: twins by reference, jobs, whether profiles are valid, which changes
//! of status are allowed.

use super::assumptions::{JOB_PATIENCE, LONGEST_LOOK, VISIBLE_PATIENCE};
use super::client::{Answer, Reader, known, read};
use super::encode::attribute;
use super::inventory::entries;
use super::wire::{Job, Transitions};
use super::{decode, fit, jobs, limits, lists, locale, paths, profiling};
use crate::marketplace::http::wire::typed;
use crate::marketplace::shelf::inventory::{Unread, matching};
use crate::marketplace::{Sought, VendorError, Waited};
use crate::model::call::{Followup, Until, encode_segment};
use crate::model::{Field, Level, LiveKey, LiveSurvey, Money, Reading, Status, SurveySpec};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

/// Everything with the name of what is sought: projects by name and reference, target groups by reference, or by
/// title where they are to have none.
pub(super) async fn twins(reader: &Reader, sought: &[Sought<'_>]) -> Vec<Reading<Vec<LiveSurvey>>> {
    join_all(sought.iter().map(|sought| async move {
        let found = match (sought.level, sought.parent) {
            (Level::Group, Some(project)) => group_twins(reader, project, sought.wanted).await,
            (Level::Group, None) => Ok(Reading::Present(Vec::new())),
            (Level::Container | Level::Survey, _) => project_twins(reader, sought.wanted).await,
        };
        found.unwrap_or_else(|error| error.unknown())
    }))
    .await
}

/// A title, without the blanks around it.
fn title(spec: &SurveySpec) -> Option<&str> {
    spec.title.value().map(|title| title.trim())
}

/// Whether an entry that could not be read could have this title.
fn could_have(unread: &Unread, title: Option<&str>) -> bool {
    unread.name.is_none() || unread.name.as_deref().map(str::trim) == title
}

async fn group_twins(
    reader: &Reader,
    project: &str,
    wanted: &SurveySpec,
) -> Answer<Reading<Vec<LiveSurvey>>> {
    let of = |spec: &SurveySpec| Some(attribute(spec, "reference")?.as_str()?.to_owned());
    let reference = of(wanted);
    let path = paths::groups(reader.cint.account, &encode_segment(project));
    let asked = reference
        .as_deref()
        .map(|text| ("target_group_customer_reference_numbers", text));
    let items = reader.all(&path, asked.as_slice(), "target_groups").await?;
    // One that is to have no reference is told by its title, among those that have none.
    let same = |live: &LiveSurvey| {
        of(&live.spec) == reference && (reference.is_some() || title(&live.spec) == title(wanted))
    };
    let could_be = |unread: &Unread| reference.is_some() || could_have(unread, title(wanted));
    let groups = entries(&items, "/target_groups", decode::entry);
    Ok(matching(&groups, same, could_be))
}

/// The list cannot be asked for a reference, only for a name, and finds more than is meant.
async fn project_twins(reader: &Reader, wanted: &SurveySpec) -> Answer<Reading<Vec<LiveSurvey>>> {
    let (Some(name), reference) = (wanted.title.value(), attribute(wanted, "project_reference")) else {
        return Ok(Reading::Present(Vec::new()));
    };
    let account = reader.cint.account;
    let items = reader
        .all(&paths::projects(account), &[("search_string", name)], "projects")
        .await?;
    let projects = entries(&items, "/projects", decode::project);
    let named = |live: &LiveSurvey| title(&live.spec) == title(wanted);
    let named = match matching(&projects, named, |unread| could_have(unread, title(wanted))) {
        Reading::Present(named) => named,
        other => return Ok(other),
    };
    let mut same = Vec::new();
    for mut project in named {
        // An entry of the list need not carry the reference.
        if attribute(&project.spec, "project_reference").is_none() {
            let path = paths::project(account, &encode_segment(&project.id));
            project = reader.session.read(&path, decode::project).await?;
        }
        if attribute(&project.spec, "project_reference") == reference {
            same.push(project);
        }
    }
    Ok(Reading::Present(same))
}

/// Looks at work that goes on until it is done, it failed, or patience ends.
pub(super) async fn wait(reader: &Reader, then: &Followup) -> Answer<Waited> {
    let patience = match then.until {
        Until::Visible => VISIBLE_PATIENCE,
        Until::Finished => JOB_PATIENCE,
    };
    let began = Instant::now();
    let mut pause = reader.cint.assumptions.first_look;
    loop {
        match (reader.session.get(&then.path).await, then.until) {
            (Ok(_), Until::Visible) => return Ok(Waited::Done),
            // What was just begun may not show yet.
            (Err(error), _) if error.is_not_found() && began.elapsed() < VISIBLE_PATIENCE => {}
            (Err(error), _) => return Err(error),
            (Ok(job), Until::Finished) => {
                let job: Job = read(&job, |job| typed(job, ""))?;
                match job.status.value().map(String::as_str) {
                    // The second word is that of lists that keep people out (OpenAPI `ExclusionsJobStatus`).
                    Some("Completed" | "Success") => {
                        let left = jobs::left(&job);
                        return Ok(left.map_or(Waited::Done, |why| Waited::Failed { why }));
                    }
                    Some("Failed") => {
                        let why = jobs::failure(&job);
                        return Ok(Waited::Failed { why });
                    }
                    // Also a word that came later.
                    _ => {}
                }
            }
        }
        if began.elapsed() + pause > patience {
            return Ok(Waited::StillGoing);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_LOOK);
    }
}

/// What the vendor would refuse of a target group, a line each: a price in another currency than that of its business unit,
/// and profiles that are not valid.
pub(super) async fn objections(reader: &Reader, wanted: &SurveySpec) -> Reading<Vec<String>> {
    let mut lines = other_currency(reader, wanted).await;
    profile_objections(reader, wanted).await.map(|more| {
        lines.extend(more);
        lines
    })
}

/// Prices in another currency than the business unit's, which decides it (portal page Create a target group). A list that
/// cannot be read refuses nothing.
async fn other_currency(reader: &Reader, wanted: &SurveySpec) -> Vec<String> {
    let prices = [("cpi", &wanted.cpi), ("max_cpi", &wanted.max_cpi)];
    let prices = prices
        .into_iter()
        .filter_map(|(field, price)| Some((field, *price.value()?)));
    let amounts = limits::AMOUNTS
        .into_iter()
        .filter_map(|place| Some((place, limits::amount(wanted, place)?.parse::<Money>().ok()?)));
    let given: Vec<_> = prices.chain(amounts).collect();
    let (false, Some(unit)) = (given.is_empty(), attribute(wanted, "business_unit")) else {
        return Vec::new();
    };
    let units = reader
        .currencies
        .get_or_try_init(|| lists::currencies(reader))
        .await;
    let Some(currency) = units.ok().and_then(|units| units.get(&word(unit))) else {
        return Vec::new();
    };
    let others = given
        .into_iter()
        .filter(|(_, price)| price.currency.code() != currency);
    let line = |(field, price)| {
        format!(
            "`{field}` is {price}, and business unit {} trades in {currency}",
            word(unit)
        )
    };
    others.map(line).collect()
}

/// An id that is written as a number or as a text.
fn word(id: &Value) -> String {
    id.as_str().map_or_else(|| id.to_string(), str::to_owned)
}

/// Asks the vendor whether profiles are valid (`validate_profiles`); warnings are none.
async fn profile_objections(reader: &Reader, wanted: &SurveySpec) -> Reading<Vec<String>> {
    let (qualifications, quotas) = fit::targeting(wanted);
    let code = wanted.locale.value().and_then(|tag| locale::to_vendor(tag));
    let (Ok(profiles), Some(code), Field::Set(completes)) =
        (profiling::encode(qualifications, quotas), code, &wanted.completes)
    else {
        // The plan says what cannot be written.
        return Reading::Present(Vec::new());
    };
    if profiles.is_empty() {
        return Reading::Present(Vec::new());
    }
    let body = json!({
        "locale": code, "completes_goal": completes, "profiling": profiling::body(&profiles),
    });
    let path = format!("{}/profiles/validate", paths::account(reader.cint.account));
    match reader
        .ask(path, body, "check the profiles", |_| Ok(Vec::new()))
        .await
    {
        Err(VendorError::Refused {
            status: 400 | 422,
            message,
            ..
        }) => Reading::Present(vec![message]),
        answer => known(answer),
    }
}

/// Whether the vendor allows a change of status now (`compute_target_group_transitions`, asked for one target group, because
/// the answer is about all that are asked for). A hint and no lock: what cannot be read refuses nothing.
pub(super) async fn refuses_move(reader: &Reader, key: &LiveKey, from: Status, to: Status) -> Option<String> {
    let project = key.parent.as_deref()?;
    let (allowed, name): (fn(&Transitions) -> &Field<bool>, &str) = match (from, to) {
        (Status::Live, Status::Paused) => (|all| &all.is_pause_allowed, "pause"),
        (Status::Paused, Status::Live) => (|all| &all.is_resume_allowed, "resume"),
        (Status::Closed, Status::Live) => (|all| &all.is_relaunch_allowed, "relaunch"),
        (Status::Live | Status::Paused, Status::Closed) => (|all| &all.is_finish_allowed, "finish"),
        // What a launch needs is checked by its job, which says what is missing.
        _ => return None,
    };
    let own = paths::project(reader.cint.account, &encode_segment(project));
    let path = format!("{own}/compute-target-group-transitions");
    let body = json!({"included_target_group_ids": [key.id]});
    let purpose = "ask which changes of status are allowed";
    let answer: Transitions = reader
        .ask(path, body, purpose, |body| typed(body, ""))
        .await
        .ok()?;
    // What waits for its start is not paused: its start is moved.
    let moves = name != "finish" && name != "relaunch" && answer.is_launch_allowed == Field::Set(true);
    (!moves && *allowed(&answer) == Field::Set(false))
        .then(|| format!("Cint does not allow it now: is {name} allowed is false"))
}
