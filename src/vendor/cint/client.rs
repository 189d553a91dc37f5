//! Reading from Cint: envelopes, pages, redirects, jobs; what a plan and recovery need.

use super::assumptions::Assumptions;
use super::decode::{self, Launched};
use super::encode::attribute;
use super::{Cint, locale, paths, profiling};
use crate::model::call::{Followup, Until, encode_segment};
use crate::model::{
    Call, CallClass, Criterion, Field, Level, Lexicon, LiveKey, LiveSurvey, Method, Quota, Reading,
    SurveySpec,
};
use crate::vendor::error::{excerpt, not_json};
use crate::vendor::json::Decoded;
use crate::vendor::session::Session;
use crate::vendor::transport::Incoming;
use crate::vendor::{ETAG, LOCATION, Sought, VendorError, Waited};
use futures_util::future::join_all;
use http::header::ACCEPT;
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::time::Instant;

pub(super) const NAME: &str = "Cint";

/// The version of the API (portal page Versioning); without the header the vendor answers 403.
const VERSION: &str = "2025-12-18";

/// The key under which an answer that is a list stands.
const LIST: &str = "@list";

/// Most pages of one list; more is a server that goes round in circles.
const MAX_PAGES: usize = 2_000;

/// The headers of every request; the token comes from [`super::auth`].
pub(crate) fn headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(
        HeaderName::from_static("cint-api-version"),
        HeaderValue::from_static(VERSION),
    );
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    headers
}

/// Reads an answer. Its version and the place it names go into the document, beside the vendor's own keys.
pub(crate) fn decode(answer: &Incoming) -> Result<Value, VendorError> {
    if !(200..300).contains(&answer.status) {
        return Err(refused(answer));
    }
    let empty = answer.body.iter().all(u8::is_ascii_whitespace);
    let mut map = if empty {
        Map::new()
    } else {
        match serde_json::from_slice(&answer.body) {
            Ok(Value::Object(map)) => map,
            Ok(list @ Value::Array(_)) => Map::from_iter([(LIST.to_owned(), list)]),
            Ok(_) => return Err(not_json(NAME, answer, "neither an object nor a list")),
            Err(error) => return Err(not_json(NAME, answer, &format!("not JSON: {error}"))),
        }
    };
    for (key, header) in [(ETAG, "etag"), (LOCATION, "location")] {
        if let Some(text) = answer.headers.get(header).and_then(|value| value.to_str().ok()) {
            map.insert(key.to_owned(), Value::from(text));
        }
    }
    Ok(Value::Object(map))
}

/// What a refusal says: the envelope of the contract, its variants, or nothing known.
fn refused(answer: &Incoming) -> VendorError {
    let status = answer.status;
    let body: Value = match serde_json::from_slice(&answer.body) {
        Ok(body @ Value::Object(_)) => body,
        // A redirect has no body worth reading.
        _ if (300..400).contains(&status) => Value::Null,
        _ if status == 401 => Value::Null,
        _ => return not_json(NAME, answer, "no error of the API"),
    };
    let text = |key: &str| body.get(key).and_then(Value::as_str);
    // 429 spells the text differently; the token endpoint is OAuth's.
    let detail = ["detail", "details", "error_description", "title"]
        .iter()
        .find_map(|key| text(key));
    let object = text("object");
    let mut message = detail
        .or(object)
        .map_or_else(|| excerpt(&answer.body), str::to_owned);
    let params = ["invalid_params", "errors"]
        .iter()
        .find_map(|key| body.get(*key)?.as_array());
    for param in params.into_iter().flatten() {
        let said = |key: &str| param.get(key).and_then(Value::as_str).unwrap_or_default();
        let what = if said("detail").is_empty() {
            said("reason")
        } else {
            said("detail")
        };
        message.push_str(&format!("; {}: {what}", said("name")));
    }
    // An expired token answers as a missing right does; only a new token tells them apart.
    if status == 401 || (status == 403 && object == Some("authorization_error")) {
        return VendorError::Credentials {
            vendor: NAME,
            status,
            message,
        };
    }
    VendorError::Refused {
        vendor: NAME,
        status,
        code: None,
        message,
    }
}

fn read<T>(body: &Value, read: impl Fn(&Value) -> Decoded<T>) -> Result<T, VendorError> {
    read(body).map_err(|mismatch| VendorError::Undecodable {
        vendor: NAME,
        path: mismatch.path,
        problem: mismatch.problem,
        excerpt: excerpt(body.to_string().as_bytes()),
    })
}

fn unknown<T>(error: &VendorError) -> Reading<T> {
    Reading::Unknown {
        why: error.to_string(),
    }
}

fn of<T>(result: Result<T, VendorError>) -> Reading<T> {
    match result {
        Ok(value) => Reading::Present(value),
        Err(error) if error.is_not_found() => Reading::Absent {
            proof: error.to_string(),
        },
        Err(error) => unknown(&error),
    }
}

/// All items of a list, page by page, to the end.
async fn all(
    session: &Session,
    path: &str,
    pairs: &[(&str, &str)],
    key: &str,
) -> Result<Vec<Value>, VendorError> {
    let mut items = Vec::new();
    let mut cursor: Option<String> = None;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    for _ in 0..MAX_PAGES {
        let mut pairs = pairs.to_vec();
        pairs.push(("page_size", "100"));
        if let Some(cursor) = &cursor {
            pairs.push(("start_after", cursor));
        }
        let body = session.get(&format!("{path}?{}", paths::query(&pairs))).await?;
        let page = read(&body, |body| decode::items(body, key).cloned())?;
        items.extend(page);
        let more = body.get("has_more").and_then(Value::as_bool);
        let next = body
            .get("next_cursor")
            .and_then(Value::as_str)
            .filter(|next| !next.is_empty());
        match (more, next) {
            (Some(false), _) | (_, None) => return Ok(items),
            (_, Some(next)) if seen.insert(next.to_owned()) => cursor = Some(next.to_owned()),
            (_, Some(next)) => {
                return Err(VendorError::Undecodable {
                    vendor: NAME,
                    path: "/next_cursor".to_owned(),
                    problem: format!("the page {next} came before"),
                    excerpt: String::new(),
                });
            }
        }
    }
    Err(VendorError::Undecodable {
        vendor: NAME,
        path: "/has_more".to_owned(),
        problem: "the list has no end".to_owned(),
        excerpt: String::new(),
    })
}

/// Reads projects and target groups, side by side.
pub(crate) async fn surveys(
    session: &Session,
    cint: &Cint,
    keys: &[LiveKey],
) -> BTreeMap<LiveKey, Reading<LiveSurvey>> {
    let reads = keys
        .iter()
        .map(|key| async move { (key.clone(), survey(session, cint, key).await) });
    join_all(reads).await.into_iter().collect()
}

/// Reads one project or target group.
pub(crate) async fn survey(session: &Session, cint: &Cint, key: &LiveKey) -> Reading<LiveSurvey> {
    match (key.level, &key.parent) {
        (Level::Container | Level::Survey, _) => {
            let path = paths::project(cint.account, &encode_segment(&key.id));
            let found = session.get(&path).await;
            of(found.and_then(|body| read(&body, decode::project)))
        }
        (Level::Group, Some(project)) => {
            let own = paths::known_group(cint.account, project, &key.id);
            // The job first: one that ends in between has changed what is read after it.
            let pending = match &key.job {
                Some(job) => pending(session, job).await,
                None => None,
            };
            let found = group(session, &own, &key.id).await;
            let Reading::Present(live) = found else {
                return found;
            };
            Reading::Present(LiveSurvey { pending, ..live })
        }
        (Level::Group, None) => Reading::Unknown {
            why: "the project of the target group is not in the state".to_owned(),
        },
    }
}

/// Why a job that was started keeps the target group from being changed.
async fn pending(session: &Session, job: &str) -> Option<String> {
    match session.get(job).await {
        Ok(body) => {
            let status = body.get("status").and_then(Value::as_str).unwrap_or_default();
            (status == "Processing").then(|| format!("the vendor is still working on it (GET {job})"))
        }
        // A job that is forgotten is not under way.
        Err(error) if error.is_not_found() => None,
        Err(error) => Some(format!(
            "how far the vendor got with it could not be read: {error}"
        )),
    }
}

/// A draft is one document; 301 and 404 send a reader to the resources of launched ones, and the other way round.
async fn group(session: &Session, own: &str, id: &str) -> Reading<LiveSurvey> {
    match session.get(own).await {
        Ok(body) => of(read(&body, |body| decode::draft(id, body))),
        Err(VendorError::Refused { status: 301, .. }) => launched(session, own, id).await,
        Err(error) => of(Err(error)),
    }
}

async fn launched(session: &Session, own: &str, id: &str) -> Reading<LiveSurvey> {
    let get = |rest: &str| {
        let path = format!("{own}/{rest}");
        async move { session.get(&path).await }
    };
    let (details, overview, runs, profiles, assistant, allocations, activity, exclusion) = futures_util::join!(
        get("details"),
        get("overview"),
        get("fielding-runs"),
        get("profiles"),
        get("fielding-assistant-assignment"),
        get("allocation-specification"),
        get("respondent-activity-exclusions"),
        get("exclusion-policy"),
    );
    // The list has no version to write with; the single run has.
    let run = async {
        let runs = runs?;
        let run = decode::items(&runs, "data")
            .ok()
            .and_then(|runs| runs.first()?.get("id")?.as_str());
        match run {
            Some(run) => {
                session
                    .get(&format!("{own}/fielding-runs/{}", encode_segment(run)))
                    .await
            }
            None => Ok(Value::Null),
        }
    }
    .await;
    let all = || -> Result<Launched, VendorError> {
        Ok(Launched {
            details: details?,
            overview: overview?,
            run: run?,
            profiles: profiles?,
            assistant: assistant?,
            allocations: allocations?,
            activity: activity?,
            exclusion: exclusion?,
        })
    };
    match all() {
        Ok(read_all) => of(read(&Value::Null, |_| decode::launched(id, &read_all))),
        // It was there a moment ago: one part that is not proves nothing about the whole.
        Err(error) => unknown(&error),
    }
}

/// Everything with the name of what is sought: projects by name and reference, target groups by reference.
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
    let Some(reference) = attribute(wanted, "reference").and_then(Value::as_str) else {
        return Ok(Vec::new());
    };
    let path = paths::groups(cint.account, &encode_segment(project));
    let pairs = [("target_group_customer_reference_numbers", reference)];
    let items = all(session, &path, &pairs, "target_groups").await?;
    let groups = items.iter().map(|item| read(item, decode::entry));
    let groups: Vec<LiveSurvey> = groups.collect::<Result<_, _>>()?;
    let same =
        |live: &LiveSurvey| attribute(&live.spec, "reference").and_then(Value::as_str) == Some(reference);
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
                        why: decode::failure(&job),
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
        Ok(items) => Reading::Present(decode::lexicon(&items)),
        Err(error) => unknown(&error),
    }
}

/// Who or what stopped a target group last, in words, from its changelog.
pub(crate) async fn stopped_by(session: &Session, cint: &Cint, key: &LiveKey) -> Option<String> {
    let project = key.parent.as_deref()?;
    let own = paths::known_group(cint.account, project, &key.id);
    let query = paths::query(&[("change_types", "status_change"), ("page_size", "10")]);
    let body = session.get(&format!("{own}/changelog?{query}")).await.ok()?;
    let entries = body.get("changelog")?.as_array()?;
    // The newest comes first, also among those of one moment.
    let latest = entries.iter().rev().max_by_key(|entry| {
        entry
            .get("occurred_at")
            .and_then(Value::as_str)
            .unwrap_or_default()
    })?;
    let change = latest
        .get("changes")?
        .as_array()?
        .iter()
        .find(|change| change.get("object").and_then(Value::as_str) == Some("status_change"))?;
    let who = match latest.pointer("/user/type").and_then(Value::as_str) {
        Some("system_user") | None => "the vendor".to_owned(),
        Some(_) => match latest.pointer("/user/las_user_id").and_then(Value::as_str) {
            Some(user) => format!("user {user}"),
            None => "a user".to_owned(),
        },
    };
    let when = latest
        .get("occurred_at")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let reason = change.get("reason_code").and_then(Value::as_str);
    let reason = reason
        .map(|code| format!(" ({})", code.replace('_', " ")))
        .unwrap_or_default();
    Some(format!("by {who} at {when}{reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn answer(status: u16, body: &'static str) -> Incoming {
        Incoming {
            status,
            headers: HeaderMap::new(),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn four_kinds_of_403_are_told_apart_as_far_as_they_can_be() {
        let version = answer(
            403,
            r#"{"object":"required_header_missing","detail":"no version"}"#,
        );
        assert!(!decode(&version).unwrap_err().is_credentials());
        let right = answer(403, r#"{"object":"authorization_error","detail":"no"}"#);
        assert!(decode(&right).unwrap_err().is_credentials());
        assert!(decode(&answer(401, "")).unwrap_err().is_credentials());
    }

    #[test]
    fn errors_name_every_invalid_parameter() {
        let refused = answer(
            422,
            r#"{"object":"unprocessable_entity_error","detail":"Validation error","invalid_params":[
                {"name":"profile_validation_error_010","reason":"incorrect_sum_of_nominal_010","detail":"sum"}]}"#,
        );
        let text = decode(&refused).unwrap_err().to_string();
        assert!(
            text.contains("Validation error; profile_validation_error_010: sum"),
            "{text}"
        );
        assert!(
            decode(&answer(404, r#"{"object":"not_found_error","detail":"x"}"#))
                .unwrap_err()
                .is_not_found()
        );
        assert!(
            !decode(&answer(404, "<html>")).unwrap_err().is_not_found(),
            "a page of a proxy proves nothing"
        );
    }

    #[test]
    fn empty_answers_lists_and_headers_are_documents() {
        let mut made = answer(201, "");
        made.headers
            .insert("location", HeaderValue::from_static("/demand/jobs/J1"));
        made.headers.insert("etag", HeaderValue::from_static("W/\"3\""));
        let body = decode(&made).unwrap();
        assert_eq!(body, json!({ETAG: "W/\"3\"", LOCATION: "/demand/jobs/J1"}));
        assert_eq!(decode(&answer(200, "[1]")).unwrap(), json!({LIST: [1]}));
    }
}
