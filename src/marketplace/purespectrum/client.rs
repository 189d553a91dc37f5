//! Reading: which requests are made, and what their answers and errors mean.

use super::assumptions::{FIRST_PAGE, PAGE_LIMIT, READ_SINGLY_UP_TO, TEMPLATES_REFUSED_WITHOUT_FEATURE};
use super::decode;
use crate::marketplace::Listed;
use crate::marketplace::http::error::{VendorError, excerpt, not_json};
use crate::marketplace::http::json::Mismatch;
use crate::marketplace::http::session::Session;
use crate::marketplace::http::transport::Incoming;
use crate::model::call::encode_segment;
use crate::model::live::LiveTemplate;
use crate::model::{LiveGroup, LiveKey, LiveSurvey, Performance, Reading, Status};
use futures_util::future::join_all;
use http::{HeaderMap, HeaderValue, header::ACCEPT};
use jiff::{Timestamp, tz::TimeZone};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

const NAME: &str = "PureSpectrum";

/// The headers of every request: the token in `access-token` (vendor docs create-survey), and JSON wanted.
pub(crate) fn headers(token: &SecretString) -> Option<HeaderMap> {
    let mut token = HeaderValue::from_str(token.expose_secret()).ok()?;
    token.set_sensitive(true);
    let mut headers = HeaderMap::new();
    headers.insert("access-token", token);
    headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
    Some(headers)
}

/// Reads an answer's envelope. Four shapes of errors are in use (vendor sources: template and transaction pages, wiki
/// 2749038627, and a public client for 401); an empty body is a good answer to some writes (wiki 33509003).
pub(crate) fn decode(answer: &Incoming) -> Result<Value, VendorError> {
    let ok = (200..300).contains(&answer.status);
    if ok && answer.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(Value::Null);
    }
    let body: Value = match serde_json::from_slice(&answer.body) {
        Ok(body) => body,
        Err(_) if answer.status == 401 => return Err(refusal(401, None, excerpt(&answer.body))),
        // Every refusal of the vendor is JSON, the missing token included (a public client). Anything else comes from
        // some machine in between, which knows neither whether a thing exists nor whether the call was carried out.
        Err(error) => return Err(not_json(NAME, answer, &format!("not JSON: {error}"))),
    };
    // The feature refusal is an error by its body; its HTTP status is not documented (wiki 2749038627).
    let failure = body
        .get("status")
        .and_then(Value::as_str)
        .is_some_and(|s| s.eq_ignore_ascii_case("failure"));
    if ok && !failure {
        return Ok(body);
    }
    let code = ["ps_api_response_code", "ps_error_code"]
        .iter()
        .find_map(|key| body.get(key)?.as_i64());
    let message = ["ps_api_response_message", "ps_error_message", "msg", "message"]
        .iter()
        .find_map(|key| body.get(key)?.as_str().map(str::to_owned))
        .unwrap_or_else(|| excerpt(&answer.body));
    Err(refusal(answer.status, code, message))
}

fn refusal(status: u16, code: Option<i64>, message: String) -> VendorError {
    match (status, code) {
        (401, _) | (403, None) => VendorError::Credentials {
            vendor: NAME,
            status,
            message,
        },
        _ => VendorError::Refused {
            vendor: NAME,
            status,
            code,
            message,
        },
    }
}

fn undecodable(mismatch: Mismatch, body: &Value) -> VendorError {
    VendorError::Undecodable {
        vendor: NAME,
        path: mismatch.path,
        problem: mismatch.problem,
        excerpt: excerpt(body.to_string().as_bytes()),
    }
}

pub(super) async fn get<T>(
    session: &Session,
    path: &str,
    read: impl Fn(&Value) -> Result<T, Mismatch>,
) -> Result<T, VendorError> {
    let body = session.get(path).await?;
    read(&body).map_err(|mismatch| undecodable(mismatch, &body))
}

/// What a failed read says about the thing: the vendor's "not found" is the only proof of absence.
fn reading<T>(result: Result<T, VendorError>) -> Reading<T> {
    match result {
        Ok(value) => Reading::Present(value),
        Err(error) if error.is_not_found() => Reading::Absent {
            proof: error.to_string(),
        },
        Err(error) => Reading::Unknown {
            why: error.to_string(),
        },
    }
}

/// Reads one survey with its completes.
pub(crate) async fn survey(session: &Session, id: &str) -> Reading<LiveSurvey> {
    let path = format!("/surveys/{}", encode_segment(id));
    match get(session, &path, decode::survey).await {
        Ok(live) if live.id != id => Reading::Unknown {
            why: format!("asked for survey {id}, got {}", live.id),
        },
        Ok(live) => Reading::Present(with_progress(session, live).await),
        Err(error) => reading(Err(error)),
    }
}

/// Adds the completes collected. Where they cannot be read they stay unknown, and nothing is lowered on an unknown.
async fn with_progress(session: &Session, live: LiveSurvey) -> LiveSurvey {
    if matches!(live.status, Some(Status::Live | Status::Paused)) {
        return counted(session, live).await;
    }
    live
}

async fn counted(session: &Session, mut live: LiveSurvey) -> LiveSurvey {
    let path = format!("/surveys/{}/performance", encode_segment(&live.id));
    match get(session, &path, |body| decode::performance(body, live.kept.raw())).await {
        Ok((fielded, performance)) => {
            live.fielded = Some(fielded);
            live.performance = Some(performance);
        }
        Err(error) => {
            live.performance = Some(Performance {
                unread: Some(format!("the completes could not be read: {error}")),
                ..Performance::default()
            });
        }
    }
    live
}

/// Adds the completes collected per quota, and those of a closed survey, which are not read with it.
pub(crate) async fn quota_progress(session: &Session, live: &mut LiveSurvey) -> Result<(), VendorError> {
    if live.status == Some(Status::Draft) {
        for quota in &mut live.quotas {
            quota.fielded = Some(0);
        }
        return Ok(());
    }
    if live.status == Some(Status::Closed) && live.performance.is_none() {
        *live = counted(session, std::mem::take(live)).await;
    }
    if live.quotas.is_empty() {
        return Ok(());
    }
    let path = format!("/surveys/{}/quotas/performance", encode_segment(&live.id));
    for seen in get(session, &path, decode::quota_progress).await? {
        let found = live.quotas.iter_mut().find(|quota| {
            seen.ps_quota_id.as_deref() == Some(quota.id.as_str())
                || (seen.buyer_quota_id.is_some() && seen.buyer_quota_id == quota.name)
        });
        if let Some(quota) = found {
            quota.fielded = Some(seen.fielded);
        }
    }
    Ok(())
}

/// Reads many surveys: one by one where they are few, otherwise by lists, status by status, because a list without a
/// status shows live surveys only (vendor wiki 702185580). What the lists do not show is asked for singly: a list that
/// does not name a survey is no proof that it is gone.
pub(crate) async fn surveys(session: &Session, ids: &[String]) -> BTreeMap<String, Reading<LiveSurvey>> {
    let mut found: BTreeMap<String, Reading<LiveSurvey>> = BTreeMap::new();
    let mut missing: BTreeSet<&String> = ids.iter().collect();
    if missing.len() > READ_SINGLY_UP_TO {
        for status in [Status::Live, Status::Paused, Status::Draft, Status::Closed] {
            if missing.len() <= READ_SINGLY_UP_TO {
                break;
            }
            list(session, status, &mut missing, &mut found).await;
        }
        let in_field = found.into_iter().map(|(id, reading)| async move {
            let reading = match reading {
                Reading::Present(live) => Reading::Present(with_progress(session, live).await),
                other => other,
            };
            (id, reading)
        });
        found = join_all(in_field).await.into_iter().collect();
    }
    let singles = missing
        .into_iter()
        .map(|id| async move { (id.clone(), survey(session, id).await) });
    found.extend(join_all(singles).await);
    found
}

/// Takes the wanted surveys out of one status's list. Stops at an empty page, because the largest page the vendor
/// gives is not documented, and also when a page fails: the rest is then asked for singly.
async fn list(
    session: &Session,
    status: Status,
    missing: &mut BTreeSet<&String>,
    found: &mut BTreeMap<String, Reading<LiveSurvey>>,
) {
    let code = decode::status_code(status);
    let mut page = FIRST_PAGE;
    let mut seen: BTreeSet<String> = BTreeSet::new();
    while !missing.is_empty() {
        let path = format!("/surveys?status={code}&limit={PAGE_LIMIT}&page={page}");
        let Ok(items) = get(session, &path, decode::page).await else {
            return;
        };
        let mut news = false;
        for (id, survey) in items {
            let Some(id) = id else { continue };
            news |= seen.insert(id.clone());
            if let Ok(live) = survey
                && missing.remove(&id)
            {
                found.insert(id, Reading::Present(live));
            }
        }
        // An empty page, or a server that ignores `page` and sends the same one again.
        if !news {
            return;
        }
        page += 1;
    }
}

/// Every survey made since the day before `since`, in any status. `fromDate` counts in Pacific days (vendor wiki
/// 702185580), so one day earlier is asked for.
pub(crate) async fn surveys_since(
    session: &Session,
    since: Timestamp,
) -> Result<Vec<(LiveSurvey, Option<Timestamp>)>, VendorError> {
    let day = since
        .to_zoned(PACIFIC.clone())
        .date()
        .yesterday()
        .unwrap_or(jiff::civil::Date::MIN);
    let from = day.strftime("%Y%m%d");
    let mut found: BTreeMap<String, (LiveSurvey, Option<Timestamp>)> = BTreeMap::new();
    for status in [Status::Draft, Status::Live, Status::Paused, Status::Closed] {
        let code = decode::status_code(status);
        for page in FIRST_PAGE.. {
            let path = format!("/surveys?status={code}&fromDate={from}&limit={PAGE_LIMIT}&page={page}");
            let before = found.len();
            for (id, survey) in get(session, &path, decode::page).await? {
                let live =
                    survey.map_err(|mismatch| undecodable(mismatch, &Value::from(id.unwrap_or_default())))?;
                let made = decode::made_at(live.kept.raw());
                found.insert(live.id.clone(), (live, made));
            }
            // An empty page, or a server that ignores `page` and sends the same one again.
            if found.len() == before {
                break;
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Every survey of the account, in any status.
pub(crate) async fn inventory(session: &Session) -> Result<Vec<Listed>, VendorError> {
    let all = surveys_since(session, FIRST_SURVEYS).await?;
    let listed = all.into_iter().map(|(live, made)| Listed {
        key: LiveKey::survey(live.id),
        title: live.spec.title.value().cloned(),
        status: live.status,
        made,
    });
    Ok(listed.collect())
}

/// Before the vendor had an API.
const FIRST_SURVEYS: Timestamp = Timestamp::constant(1_262_304_000, 0);

/// The vendor's days are Pacific days. Without a time zone database UTC-8 is close enough for a day's margin.
static PACIFIC: LazyLock<TimeZone> = LazyLock::new(|| {
    TimeZone::get("America/Los_Angeles").unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(-8)))
});

/// Reads the templates the account may use.
pub(crate) async fn templates(session: &Session) -> Reading<Vec<LiveTemplate>> {
    match get(session, "/templates?UI=0", decode::templates).await {
        Err(error) if error.code() == Some(TEMPLATES_REFUSED_WITHOUT_FEATURE) => Reading::Absent {
            proof: error.to_string(),
        },
        Err(error) => Reading::Unknown {
            why: error.to_string(),
        },
        Ok(templates) => Reading::Present(templates),
    }
}

/// Reads an exclusion group.
pub(crate) async fn group(session: &Session, id: &str) -> Reading<LiveGroup> {
    let path = format!("/surveygroups/{}", encode_segment(id));
    reading(get(session, &path, |body| decode::group(id, body)).await)
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
    fn all_four_error_envelopes_are_read() {
        let error = decode(&answer(
            404,
            r#"{"ps_api_response_code":1006,"ps_api_response_message":"gone"}"#,
        ))
        .unwrap_err();
        assert!(error.is_not_found());
        assert_eq!(error.code(), Some(1006));
        let error = decode(&answer(
            400,
            r#"{"ps_error_code":1003,"ps_error_message":"final"}"#,
        ))
        .unwrap_err();
        assert_eq!(error.code(), Some(1003));
        let error = decode(&answer(401, r#"{"msg":"bad token"}"#)).unwrap_err();
        assert!(error.is_credentials());
        let error = decode(&answer(200, r#"{"status":"Failure","msg":"no access"}"#)).unwrap_err();
        assert!(error.to_string().contains("no access"), "{error}");
    }

    #[test]
    fn a_page_of_a_machine_in_between_is_no_word_of_the_vendor() {
        for status in [403, 404, 408] {
            let error = decode(&answer(status, "<html><title>Gateway</title></html>")).unwrap_err();
            assert!(!error.is_not_found(), "{error}");
            assert!(error.may_have_happened(), "{error}");
        }
        assert!(decode(&answer(401, "no")).unwrap_err().is_credentials());
    }

    #[test]
    fn an_empty_body_is_a_good_answer_and_a_web_page_is_not() {
        assert_eq!(decode(&answer(201, "")).unwrap(), Value::Null);
        let error = decode(&answer(200, "<html>We are down for maintenance</html>")).unwrap_err();
        assert!(error.may_have_happened());
        assert!(error.to_string().contains("web page"), "{error}");
    }
}
