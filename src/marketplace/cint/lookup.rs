//! What plans and recovery ask besides how a survey is: twins by reference, jobs, the questions library, whether profiles
//! are valid, which changes of status are allowed.

use super::assumptions::Assumptions;
use super::client::{all, read, unknown};
use super::encode::attribute;
use super::{Cint, decode, jobs, locale, paths, profiling};
use crate::marketplace::http::session::Session;
use crate::marketplace::{Sought, VendorError, Waited};
use crate::model::call::{Followup, Until, encode_segment};
use crate::model::{
    Call, CallClass, Criterion, Field, Level, Lexicon, LiveKey, LiveSurvey, Method, Quota, Reading, Status,
    SurveySpec,
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tokio::time::Instant;

/// Everything with the name of what is sought: projects by name and reference, target groups by reference, or by
/// title where they are to have none.
pub(crate) async fn twins(
    session: &Session,
    cint: &Cint,
    sought: &[Sought<'_>],
) -> Result<Vec<Vec<LiveSurvey>>, VendorError> {
    let found = join_all(sought.iter().map(|sought| async move {
        match (sought.level, sought.parent) {
            (Level::Group, Some(project)) => group_twins(session, cint, project, sought.wanted).await,
            (Level::Group, None) => Ok(Vec::new()),
            (Level::Container | Level::Survey, _) => project_twins(session, cint, sought.wanted).await,
        }
    }));
    found.await.into_iter().collect()
}

async fn group_twins(
    session: &Session,
    cint: &Cint,
    project: &str,
    wanted: &SurveySpec,
) -> Result<Vec<LiveSurvey>, VendorError> {
    let of = |spec: &SurveySpec| {
        attribute(spec, "reference")
            .and_then(Value::as_str)
            .map(str::to_owned)
    };
    let title = |spec: &SurveySpec| spec.title.value().map(|title| title.trim().to_owned());
    let reference = of(wanted);
    let path = paths::groups(cint.account, &encode_segment(project));
    let asked = reference.as_deref();
    let pairs: Vec<(&str, &str)> = asked
        .map(|reference| ("target_group_customer_reference_numbers", reference))
        .into_iter()
        .collect();
    let items = all(session, &path, &pairs, "target_groups").await?;
    let groups = items.iter().map(|item| read(item, decode::entry));
    let groups: Vec<LiveSurvey> = groups.collect::<Result<_, _>>()?;
    // One that is to have no reference is told by its title, among those that have none.
    let same = |live: &LiveSurvey| {
        of(&live.spec) == reference && (reference.is_some() || title(&live.spec) == title(wanted))
    };
    Ok(groups.into_iter().filter(same).collect())
}

/// The list cannot be asked for a reference, only for a name, and finds more than is meant.
async fn project_twins(
    session: &Session,
    cint: &Cint,
    wanted: &SurveySpec,
) -> Result<Vec<LiveSurvey>, VendorError> {
    let (Some(title), reference) = (wanted.title.value(), attribute(wanted, "project_reference")) else {
        return Ok(Vec::new());
    };
    let path = paths::projects(cint.account);
    let items = all(session, &path, &[("search_string", title)], "projects").await?;
    let mut same = Vec::new();
    for item in &items {
        let project = read(item, decode::project)?;
        if project.spec.title.value().map(|title| title.trim()) != Some(title.trim()) {
            continue;
        }
        // An entry of the list need not carry the reference.
        let project = match attribute(&project.spec, "project_reference") {
            Some(_) => project,
            None => {
                let path = paths::project(cint.account, &encode_segment(&project.id));
                read(&session.get(&path).await?, decode::project)?
            }
        };
        if attribute(&project.spec, "project_reference") == reference {
            same.push(project);
        }
    }
    Ok(same)
}

/// Looks at work that goes on until it is done, it failed, or patience ends.
pub(crate) async fn wait(
    session: &Session,
    table: &Assumptions,
    then: &Followup,
) -> Result<Waited, VendorError> {
    let patience = match then.until {
        Until::Visible => table.visible_patience,
        Until::Finished => table.job_patience,
    };
    let until = Instant::now() + patience;
    let mut pause = table.first_look;
    loop {
        match (session.get(&then.path).await, then.until) {
            (Ok(_), Until::Visible) => return Ok(Waited::Done),
            (Err(error), Until::Visible) if error.is_not_found() => {}
            (Err(error), _) => return Err(error),
            (Ok(job), Until::Finished) => match job.get("status").and_then(Value::as_str) {
                Some("Completed") => return Ok(Waited::Done),
                Some("Failed") => {
                    return Ok(Waited::Failed {
                        why: jobs::failure(&job),
                    });
                }
                // Also a word that came later.
                _ => {}
            },
        }
        if Instant::now() + pause > until {
            return Ok(Waited::StillGoing);
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(table.longest_look);
    }
}

/// Asks the vendor whether profiles are valid (`validate_profiles`). What it objects to is a line each; warnings are none.
pub(crate) async fn objections(session: &Session, cint: &Cint, wanted: &SurveySpec) -> Reading<Vec<String>> {
    let quotas = wanted.quotas.value().map_or(&[] as &[Quota], Vec::as_slice);
    let qualifications = wanted
        .qualifications
        .value()
        .map_or(&[] as &[Criterion], Vec::as_slice);
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
    let ask = Call {
        body: Some(json!({
            "locale": code,
            "completes_goal": completes,
            "profiling": {"profile_adjustment_type": "nominal", "profiles": profiles},
        })),
        ..Call::new(
            Method::Post,
            format!("{}/profiles/validate", paths::account(cint.account)),
            CallClass::Read,
            "check the profiles",
        )
    };
    match session.call(&ask, &|_, _| {}).await {
        Ok(_) => Reading::Present(Vec::new()),
        Err(VendorError::Refused {
            status: 400 | 422,
            message,
            ..
        }) => Reading::Present(vec![message]),
        Err(error) => unknown(&error),
    }
}

/// Reads the questions library of a locale.
pub(crate) async fn lexicon(session: &Session, cint: &Cint, tag: &str) -> Reading<Lexicon> {
    let Some(code) = locale::to_vendor(tag) else {
        return Reading::Absent {
            proof: format!("infield does not know Cint's code for the locale {tag:?}"),
        };
    };
    let path = format!("{}/questions-translation", paths::account(cint.account));
    match all(session, &path, &[("locale", &code)], "profiles").await {
        Ok(items) => Reading::Present(super::library::lexicon(&items)),
        Err(error) => unknown(&error),
    }
}

/// Whether the vendor allows a change of status now (`compute_target_group_transitions`, asked for one target group, because
/// the answer is about all that are asked for). A hint and no lock: what cannot be read refuses nothing.
pub(crate) async fn refuses_move(
    session: &Session,
    cint: &Cint,
    key: &LiveKey,
    from: Status,
    to: Status,
) -> Option<String> {
    let project = key.parent.as_deref()?;
    let flag = match (from, to) {
        (Status::Live, Status::Paused) => "is_pause_allowed",
        (Status::Paused, Status::Live) => "is_resume_allowed",
        (Status::Closed, Status::Live) => "is_relaunch_allowed",
        (Status::Live | Status::Paused, Status::Closed) => "is_finish_allowed",
        // What a launch needs is checked by its job, which says what is missing.
        _ => return None,
    };
    let own = paths::project(cint.account, &encode_segment(project));
    let ask = Call {
        body: Some(json!({"included_target_group_ids": [key.id]})),
        ..Call::new(
            Method::Post,
            format!("{own}/compute-target-group-transitions"),
            CallClass::Read,
            "ask which changes of status are allowed",
        )
    };
    let answer = session.call(&ask, &|_, _| {}).await.ok()?;
    let refused = answer.get(flag).and_then(Value::as_bool) == Some(false);
    refused.then(|| format!("Cint does not allow it now: {} is false", flag.replace('_', " ")))
}
