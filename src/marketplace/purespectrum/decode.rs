//! From the vendor's documents to our vocabulary.
//!
//! Tolerant where the vendor is known to vary: missing keys, unknown keys, numbers written as strings, codes without
//! their leading zeros (vendor wiki 34117092, 33499632). Strict where a guess would cost money: an id, a status or a
//! count that cannot be read is an error with its place.

use super::assumptions::CURRENCY;
use super::{attributes, wire};
use crate::marketplace::http::json::{Decoded, Mismatch, code, count, list, mismatch, object, whole};
use crate::marketplace::http::wire::{Code, CountOrText, ExactOrText, Object, WholeOrText, typed};
use crate::model::live::LiveTemplate;
use crate::model::targeting::canonical;
use crate::model::{
    Answers, Criterion, Field, LiveGroup, LiveQuota, LiveSurvey, Money, Performance, Range, Status,
    SurveySpec, VendorState,
};
use jiff::Timestamp;
use serde_json::Value;
use std::collections::BTreeMap;

/// Status codes (vendor wiki 702185580).
pub(super) fn status(code: i64) -> Option<Status> {
    match code {
        11 => Some(Status::Draft),
        22 => Some(Status::Live),
        33 => Some(Status::Paused),
        44 => Some(Status::Closed),
        _ => None,
    }
}

/// The code of a status (vendor wiki 702185580).
pub(super) fn status_code(status: Status) -> u64 {
    match status {
        Status::Draft => 11,
        Status::Live => 22,
        Status::Paused => 33,
        Status::Closed => 44,
    }
}

/// A survey object of any endpoint.
pub(super) fn survey(document: &Value) -> Decoded<LiveSurvey> {
    let map = object(document, "")?;
    let shown: wire::Survey = typed(document, "")?;
    let Field::Set(Code(id)) = shown.ps_survey_id else {
        return Err(Mismatch {
            path: "/ps_survey_id".to_owned(),
            problem: "the survey has no id".to_owned(),
        });
    };
    let Field::Set(WholeOrText(status_seen)) = shown.ps_survey_status else {
        return Err(Mismatch {
            path: "/ps_survey_status".to_owned(),
            problem: "the survey has no status".to_owned(),
        });
    };
    let status_known = status(status_seen);
    let quotas = items(&shown.quotas)
        .enumerate()
        .map(|(index, shown)| quota(shown, &format!("/quotas/{index}")))
        .collect::<Decoded<_>>()?;
    let qualifications = criteria(&shown.qualifications, "/qualifications")?;
    let mut settings = BTreeMap::new();
    for setting in attributes::all() {
        let field = match setting.decode(map)? {
            None => continue,
            Some(Value::Null) => Field::Null,
            Some(value) => Field::Set(value),
        };
        settings.insert(setting.key.to_owned(), field);
    }
    let spec = SurveySpec {
        title: shown.survey_title,
        locale: shown.survey_localization.map(|l| l.replace('_', "-")),
        completes: shown.completes_required.map(|n| n.0),
        incidence_rate: shown.expected_ir.map(|n| n.0),
        length_of_interview: shown.expected_loi.map(|n| n.0),
        field_days: shown.field_time.map(|n| n.0),
        cpi: shown.offer_price.map(|amount| Money::new(amount.0, CURRENCY)),
        live_url: shown.live_url,
        test_url: shown.test_url,
        status: Field::mentioned(status_known),
        template: match shown.template_id.map(|n| n.0) {
            // A survey made without a template is not known to carry the key at all.
            Field::Absent => Field::Null,
            shown => shown,
        },
        attributes: settings,
        ..SurveySpec::default()
    };
    Ok(LiveSurvey {
        id,
        status: status_known,
        status_text: status_known.map_or_else(|| format!("code {status_seen}"), |s| s.to_string()),
        status_reason: None,
        pending: None,
        changed_by: Default::default(),
        performance: None,
        // A draft has asked nobody (vendor wiki 702185580 shows it to nobody); otherwise the counters are read apart.
        fielded: (status_known == Some(Status::Draft)).then_some(0),
        spec,
        quotas,
        qualifications: Field::Set(qualifications),
        kept: VendorState::of(document),
    })
}

/// Items of a list; one that is not shown, or null, has none.
fn items<T>(list: &Field<Vec<T>>) -> impl Iterator<Item = &T> {
    list.value().into_iter().flatten()
}

fn quota(shown: &wire::Quota, path: &str) -> Decoded<LiveQuota> {
    let text = |code: &Field<Code>| {
        code.value()
            .map(|code| code.0.clone())
            .filter(|text| !text.is_empty())
    };
    let name = text(&shown.buyer_quota_id);
    let id = text(&shown.ps_quota_id)
        .or_else(|| name.clone())
        .ok_or_else(|| Mismatch {
            path: path.to_owned(),
            problem: "the quota has neither a ps_quota_id nor a buyer_quota_id".to_owned(),
        })?;
    let Some(CountOrText(completes)) = shown.required_count.value() else {
        return Err(Mismatch {
            path: format!("{path}/required_count"),
            problem: "the quota has no count".to_owned(),
        });
    };
    Ok(LiveQuota {
        name,
        id,
        completes: *completes,
        fielded: None,
        criteria: criteria(&shown.criteria, &format!("{path}/criteria"))?,
        nameless: false,
        hidden: false,
    })
}

fn criteria(shown: &Field<Vec<Object<wire::Criterion>>>, path: &str) -> Decoded<Vec<Criterion>> {
    let all = items(shown)
        .enumerate()
        .map(|(index, item)| criterion(item, &format!("{path}/{index}")));
    Ok(canonical(all.collect::<Decoded<_>>()?))
}

/// States are returned without their leading zero (vendor wiki 33499632); zip and county codes keep theirs.
const STATE: &str = "225";

fn criterion(shown: &wire::Criterion, path: &str) -> Decoded<Criterion> {
    let Some(Code(question)) = shown.qualification_code.value() else {
        return Err(Mismatch {
            path: path.to_owned(),
            problem: "the criterion has no qualification_code".to_owned(),
        });
    };
    let mut unit = None;
    let mut ranges = Vec::new();
    for (index, set) in items(&shown.range_sets).enumerate() {
        let (Some(from), Some(to)) = (set.from.value(), set.to.value()) else {
            return Err(Mismatch {
                path: format!("{path}/range_sets/{index}"),
                problem: "the range lacks `from` or `to`".to_owned(),
            });
        };
        unit = set.units.value().map(|unit| unit.0.clone()).or(unit);
        ranges.push(Range {
            from: from.0,
            to: to.0,
        });
    }
    if !ranges.is_empty() {
        return Ok(Criterion {
            question: question.clone(),
            unit,
            answers: Answers::ranges(ranges),
        });
    }
    let codes = items(&shown.condition_codes).map(|code| code.0.as_str());
    let codes = codes.map(|code| match question.as_str() {
        STATE => without_leading_zeros(code),
        _ => code,
    });
    Ok(Criterion {
        question: question.clone(),
        unit: None,
        answers: Answers::codes(codes),
    })
}

fn without_leading_zeros(code: &str) -> &str {
    let stripped = code.trim_start_matches('0');
    if stripped.is_empty() { code } else { stripped }
}

/// A page of the survey list, each item guarded: one odd survey of the account must not hide the others. An item that
/// cannot be read is returned with its id, where it has one.
pub(super) fn page(document: &Value) -> Decoded<Vec<(Option<String>, Decoded<LiveSurvey>)>> {
    let items = list(document, "")?;
    Ok(items
        .iter()
        .map(|item| (item.get("ps_survey_id").and_then(code), survey(item)))
        .collect())
}

/// When a survey was made: ISO 8601 in newer answers, epoch milliseconds in older ones (vendor samples of both).
pub(super) fn made_at(document: &Value) -> Option<Timestamp> {
    let newer = document
        .get("project_creation_date")
        .and_then(Value::as_str)
        .and_then(|text| text.parse().ok());
    newer.or_else(|| Timestamp::from_millisecond(whole(document.get("crtd_on")?)?).ok())
}

/// Completes collected, and how fielding goes, from `GET /surveys/{id}/performance`: money is text with two decimals. With
/// nothing fielded the vendor shows the stated rate and length as the current ones (vendor wiki 2502819845), which then say
/// nothing.
pub(super) fn performance(document: &Value, survey: &Value) -> Decoded<(u64, Performance)> {
    let shown: wire::Performance = typed(document, "")?;
    let Some(CountOrText(fielded)) = shown.completes_fielded.value() else {
        return mismatch("/completes_fielded", "a whole number", &Value::Null);
    };
    let number = |field: &Field<ExactOrText>| field.value().map(|number| number.0);
    let money = |field: &Field<ExactOrText>| number(field).map(|amount| Money::new(amount, CURRENCY));
    let performance = Performance {
        incidence_rate: number(&shown.current_overall_incidence).filter(|_| *fielded > 0),
        length_of_interview: number(&shown.current_overall_loi).filter(|_| *fielded > 0),
        cost: money(&shown.current_cost),
        projected_cost: money(&shown.projected_total_cost),
        price: money(&shown.current_cpi),
        started: launched_at(survey),
        // Sample of a survey in vendor docs first-survey: ISO 8601, or null before the first.
        last_complete: survey
            .get("project_last_complete_date")
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok()),
        ..Performance::default()
    };
    Ok((*fielded, performance))
}

/// When a survey was launched: epoch milliseconds, where the answer has it (vendor wiki 2739568674).
fn launched_at(document: &Value) -> Option<Timestamp> {
    let millis = whole(document.get("launch_date")?).filter(|millis| *millis > 0)?;
    Timestamp::from_millisecond(millis).ok()
}

/// Completes collected of one quota.
pub(super) struct QuotaProgress {
    pub(super) ps_quota_id: Option<String>,
    pub(super) buyer_quota_id: Option<String>,
    pub(super) fielded: u64,
}

/// Completes collected per quota by `ps_quota_id` and `buyer_quota_id`, from `GET /surveys/{id}/quotas/performance`
/// (vendor wiki 33551187).
pub(super) fn quota_progress(document: &Value) -> Decoded<Vec<QuotaProgress>> {
    list(document, "")?
        .iter()
        .enumerate()
        .map(|(index, item)| {
            let shown: wire::QuotaProgress = typed(item, &format!("/{index}"))?;
            let Some(CountOrText(fielded)) = shown.completes_fielded.value() else {
                let path = format!("/{index}/completes_fielded");
                return mismatch(&path, "a whole number", &Value::Null);
            };
            let code = |code: &Field<Code>| code.value().map(|code| code.0.clone());
            Ok(QuotaProgress {
                ps_quota_id: code(&shown.ps_quota_id),
                buyer_quota_id: code(&shown.buyer_quota_id),
                fielded: *fielded,
            })
        })
        .collect()
}

/// Templates from `GET /templates?UI=0`: folders of templates.
pub(super) fn templates(document: &Value) -> Decoded<Vec<LiveTemplate>> {
    let mut all = Vec::new();
    for (f, folder) in list(document, "")?.iter().enumerate() {
        let Some(items) = folder.get("templates") else {
            continue;
        };
        for (t, item) in list(items, &format!("/{f}/templates"))?.iter().enumerate() {
            let value = item.get("id").unwrap_or(&Value::Null);
            let Some(id) = count(value) else {
                return mismatch(&format!("/{f}/templates/{t}/id"), "a template id", value);
            };
            let name = item
                .get("name")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned();
            all.push(LiveTemplate { id, name });
        }
    }
    all.sort_by_key(|template| template.id);
    all.dedup_by_key(|template| template.id);
    Ok(all)
}

/// An exclusion group; the shape of the answer is assumed to be that of the request.
pub(super) fn group(id: &str, document: &Value) -> Decoded<LiveGroup> {
    let shown: wire::Group = typed(document, "")?;
    Ok(LiveGroup {
        id: id.to_owned(),
        reference: shown.buyer_surveygroup_ref,
        title: shown.name,
        members: shown.surveys_in_group.map(|members| {
            let mut ids: Vec<u64> = members.into_iter().map(|id| id.0).collect();
            ids.sort_unstable();
            ids
        }),
        exclusion_days: shown.exclusion_period.map(|n| n.0),
    })
}

#[cfg(test)]
mod tests;
