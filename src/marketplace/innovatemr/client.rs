//! Reading: which requests are made, and what their answers and errors mean.

use super::assumptions::{Assumptions, Endpoint};
use super::{decode, encode, locale};
use crate::marketplace::Listed;
use crate::marketplace::http::error::{VendorError, excerpt, not_json};
use crate::marketplace::http::json::Decoded;
use crate::marketplace::http::session::Session;
use crate::marketplace::http::transport::Incoming;
use crate::model::{
    Call, CallClass, Level, Lexicon, LiveKey, LiveSurvey, Method, Reading, Status, SurveySpec,
};
use futures_util::future::join_all;
use http::{HeaderMap, HeaderValue, header::ACCEPT};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const NAME: &str = "InnovateMR";

/// The headers of every request: the token in `x-access-token`, without a scheme (portal page Update Group Status).
pub(crate) fn headers(token: &SecretString) -> Option<HeaderMap> {
    let mut token = HeaderValue::from_str(token.expose_secret()).ok()?;
    token.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert("x-access-token", token);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    Some(headers)
}

/// Reads an answer's envelope. Success is HTTP 2xx with `apiStatus: success`, or without the key; a failure may come as
/// an HTTP error or as 200 with another `apiStatus` (the vendor's page shows success only; both are assumed).
pub(crate) fn decode(answer: &Incoming) -> Result<Value, VendorError> {
    let ok = (200..300).contains(&answer.status);
    let body: Value = match serde_json::from_slice(&answer.body) {
        Ok(body @ Value::Object(_)) => body,
        Ok(_) => return Err(not_json(NAME, answer, "not a JSON object")),
        Err(_) if answer.status == 401 => return Err(credentials(401, excerpt(&answer.body))),
        Err(error) => return Err(not_json(NAME, answer, &format!("not JSON: {error}"))),
    };
    let says = |key: &str, word: &str| {
        let value = body.get(key).and_then(Value::as_str);
        value.map(|value| value.eq_ignore_ascii_case(word))
    };
    // The supplier side of the platform has another spelling of failures.
    let failed = says("apiStatus", "success") == Some(false) || says("status", "failure") == Some(true);
    if ok && !failed {
        return Ok(canonical(body));
    }
    let message = ["msg", "message"]
        .iter()
        .find_map(|key| body.get(key)?.as_str().map(str::to_owned))
        .unwrap_or_else(|| excerpt(&answer.body));
    Err(match answer.status {
        401 | 403 => credentials(answer.status, message),
        status => VendorError::Refused {
            vendor: NAME,
            status,
            code: None,
            message,
        },
    })
}

fn credentials(status: u16, message: String) -> VendorError {
    VendorError::Credentials {
        vendor: NAME,
        status,
        message,
    }
}

/// The payloads that calls look into, under one spelling: their case differs from call to call.
fn canonical(body: Value) -> Value {
    let Value::Object(map) = body else { return body };
    map.into_iter()
        .map(|(key, value)| {
            let lower = key.to_ascii_lowercase();
            let known = ["job", "group", "quota"].contains(&lower.as_str());
            (if known { lower } else { key }, value)
        })
        .collect::<serde_json::Map<_, _>>()
        .into()
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

/// Reads jobs and groups, side by side: one call for a job, two for a group. No list shows what is in them.
pub(crate) async fn surveys(
    session: &Session,
    table: &Assumptions,
    keys: &[LiveKey],
) -> BTreeMap<LiveKey, Reading<LiveSurvey>> {
    let reads = keys
        .iter()
        .map(|key| async move { (key.clone(), survey(session, table, key).await) });
    join_all(reads).await.into_iter().collect()
}

/// Reads one job or group.
pub(crate) async fn survey(session: &Session, table: &Assumptions, key: &LiveKey) -> Reading<LiveSurvey> {
    let found = match key.level {
        Level::Container | Level::Survey => job(session, table, &key.id).await,
        Level::Group => group(session, table, &key.id).await,
    };
    match found {
        Reading::Present(live) if live.id != key.id => Reading::Unknown {
            why: format!("asked for {}, got {}", key.id, live.id),
        },
        other => other,
    }
}

async fn job(session: &Session, table: &Assumptions, id: &str) -> Reading<LiveSurvey> {
    let path = table.path(Endpoint::Job, &[("JobId", id)]);
    let found = session.get(&path).await;
    match found.and_then(|body| read(&body, |body| decode::job(body, table))) {
        Ok(live) => Reading::Present(live),
        // A path that nobody documents proves nothing by not being there.
        Err(error) if error.is_not_found() => Reading::Unknown {
            why: format!(
                "{error}; the path {path} is assumed, and can be corrected under `innovatemr.assumptions.paths.job`"
            ),
        },
        Err(error) => unknown(&error),
    }
}

async fn group(session: &Session, table: &Assumptions, id: &str) -> Reading<LiveSurvey> {
    let details = table.path(Endpoint::Group, &[("GroupId", id)]);
    let quotas = table.path(Endpoint::Quotas, &[("GroupId", id)]);
    let found = session.get(&details).await;
    let mut live = match found.and_then(|body| read(&body, |body| decode::group(body, table))) {
        Ok(live) => live,
        Err(error) if error.is_not_found() => {
            return Reading::Absent {
                proof: error.to_string(),
            };
        }
        Err(error) => return unknown(&error),
    };
    match session
        .get(&quotas)
        .await
        .and_then(|body| read(&body, decode::quotas))
    {
        Ok(quotas) => live.quotas = quotas,
        Err(error) => return unknown(&error),
    }
    Reading::Present(live)
}

/// Every job of the account, by the list whose path and body are assumed.
///
/// # Errors
/// When the list does not work.
pub(crate) async fn jobs(session: &Session, table: &Assumptions) -> Result<Vec<LiveSurvey>, VendorError> {
    let list = Call {
        body: Some(json!({})),
        ..Call::new(
            Method::Post,
            table.path(Endpoint::Jobs, &[]),
            CallClass::Read,
            "list the jobs",
        )
    };
    let body = session.call(&list, &|_, _| {}).await?;
    read(&body, |body| decode::jobs(body, table))
}

/// Every job of the account.
pub(crate) async fn inventory(session: &Session, table: &Assumptions) -> Result<Vec<Listed>, VendorError> {
    let jobs = jobs(session, table).await?;
    let listed = jobs.into_iter().map(|job| Listed {
        key: LiveKey {
            level: Level::Container,
            id: job.id,
            parent: None,
            job: None,
        },
        title: job.spec.title.value().cloned(),
        status: job.status,
        made: None,
    });
    Ok(listed.collect())
}

/// The groups of a job, where its details carry them: no call lists them, and whether the details do is assumed.
pub(crate) fn groups_of(table: &Assumptions, job: &LiveSurvey) -> Result<Vec<Listed>, VendorError> {
    let Some(groups) = decode::payload(job.kept.raw(), "Groups") else {
        let why = format!(
            "InnovateMR does not list the groups of a job, and the details of job {} do not carry them",
            job.id
        );
        return Err(VendorError::Unreachable(NAME, why));
    };
    read(groups, |groups| decode::groups(groups, &job.id, table))
}

/// Reads the questions library of a locale.
pub(crate) async fn lexicon(session: &Session, table: &Assumptions, written: &str) -> Reading<Lexicon> {
    let Some(place) = locale::place(written) else {
        return Reading::Absent {
            proof: format!("infield does not know InnovateMR's words for the locale {written:?}"),
        };
    };
    let path = table.path(
        Endpoint::Questions,
        &[("CountryCode", place.country_code), ("Language", place.language)],
    );
    match session
        .get(&path)
        .await
        .and_then(|body| read(&body, decode::lexicon))
    {
        Ok(lexicon) => Reading::Present(lexicon),
        Err(error) => unknown(&error),
    }
}

/// What the vendor counts of a job or a group, as it is: its shape is not documented, so nothing is planned on it.
///
/// # Errors
/// As the vendor has it; the paths are assumed.
pub(crate) async fn stats(
    session: &Session,
    table: &Assumptions,
    key: &LiveKey,
) -> Result<Value, VendorError> {
    let path = match key.level {
        Level::Group => table.path(Endpoint::GroupStats, &[("GroupId", &key.id)]),
        Level::Container | Level::Survey => table.path(Endpoint::JobStats, &[("JobId", &key.id)]),
    };
    session.get(&path).await
}

/// Adds what the vendor counts of a group and of its quotas, where its answers have the keys that are assumed, and what
/// the completes cost at the price that the group shows. A draft has nothing to count.
///
/// # Errors
/// When the vendor fails; that an assumed path is not there is said with the survey.
pub(crate) async fn progress(
    session: &Session,
    table: &Assumptions,
    key: &LiveKey,
    live: &mut LiveSurvey,
) -> Result<(), VendorError> {
    if live.status == Some(Status::Draft) {
        live.fielded = Some(0);
        live.quotas.iter_mut().for_each(|quota| quota.fielded = Some(0));
        return Ok(());
    }
    let of_quotas = async {
        if live.quotas.is_empty() {
            return Ok(None);
        }
        let path = table.path(Endpoint::QuotaStats, &[("GroupId", &key.id)]);
        session.get(&path).await.map(Some)
    };
    let (group, quotas) = futures_util::join!(stats(session, table, key), of_quotas);
    let told = live.performance.get_or_insert_default();
    let keys = &table.counters;
    let answers = match (group, quotas) {
        (Err(error), _) | (_, Err(error)) if error.is_not_found() => {
            told.assumed = Some(format!(
                "that there are counters: {error}; correct the paths under `innovatemr.assumptions.paths`"
            ));
            return Ok(());
        }
        (group, quotas) => (group?, quotas?),
    };
    let counted = decode::counted(&answers.0, keys);
    let by_quota = answers.1.map(|body| decode::counted_quotas(&body, keys));
    for quota in &mut live.quotas {
        quota.fielded = by_quota
            .as_ref()
            .and_then(|counted| counted.get(&quota.id).copied());
    }
    live.fielded = counted.completes;
    told.incidence_rate = counted.incidence_rate;
    told.cost = counted
        .completes
        .and_then(|completes| Some(told.price?.times(completes)));
    let read = match counted.completes {
        Some(_) => format!(
            "what `{}` counts, and that each costs `CostPerInterview`",
            keys.completes
        ),
        None => format!(
            "that completes are counted by `{}`, which no answer has",
            keys.completes
        ),
    };
    told.assumed = Some(format!("{read}; see `innovatemr.assumptions.counters`"));
    Ok(())
}

/// What the vendor estimates for a group that does not exist yet, by days in field. What the figure means is not
/// documented (completes obtainable in that time, or money): it is shown and never used.
///
/// # Errors
/// As the vendor has it, and when the locale has no words there.
pub(crate) async fn estimates(
    session: &Session,
    table: &Assumptions,
    spec: &SurveySpec,
    days: u64,
) -> Result<Vec<(u64, Value)>, VendorError> {
    let body = encode::estimate(table, spec, days).map_err(|refusal| VendorError::Refused {
        vendor: NAME,
        status: 0,
        code: None,
        message: refusal.message,
    })?;
    let ask = Call {
        body: Some(body),
        ..Call::new(
            Method::Post,
            table.path(Endpoint::Feasibility, &[]),
            CallClass::Read,
            "ask for an estimate",
        )
    };
    let answer = session.call(&ask, &|_, _| {}).await?;
    read(&answer, decode::estimates)
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
    fn a_failure_is_one_in_either_style() {
        let in_envelope = answer(200, r#"{"apiStatus":"failure","msg":"Name is needed"}"#);
        let in_http = answer(400, r#"{"apiStatus":"failure","msg":"Name is needed"}"#);
        let of_suppliers = answer(200, r#"{"status":"Failure","msg":"Name is needed"}"#);
        for failed in [in_envelope, in_http, of_suppliers] {
            let error = decode(&failed).unwrap_err();
            assert!(error.to_string().contains("Name is needed"), "{error}");
            assert!(!error.may_have_happened());
        }
        assert!(decode(&answer(401, "no")).unwrap_err().is_credentials());
        assert!(
            decode(&answer(404, r#"{"msg":"no such group"}"#))
                .unwrap_err()
                .is_not_found()
        );
    }

    #[test]
    fn success_needs_no_api_status_and_payloads_have_one_spelling() {
        let body = decode(&answer(
            200,
            r#"{"apiStatus":"SUCCESS","Quota":{"Id":7},"Quotas":[]}"#,
        ))
        .unwrap();
        assert_eq!(
            body,
            json!({"apiStatus": "SUCCESS", "quota": {"Id": 7}, "Quotas": []})
        );
        assert_eq!(
            decode(&answer(200, r#"{"job":{"Id":1}}"#)).unwrap()["job"]["Id"],
            1
        );
        let page = decode(&answer(503, "<html>maintenance</html>")).unwrap_err();
        assert!(page.may_have_happened() && !page.is_not_found());
    }
}
