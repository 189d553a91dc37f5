//! From the vendor's documents to our vocabulary.
//!
//! Tolerant where the vendor is known to vary: missing keys, unknown keys, numbers written as strings, codes without
//! their leading zeros (vendor wiki 34117092, 33499632). Strict where a guess would cost money: an id, a status or a
//! count that cannot be read is an error with its place.

use super::assumptions::CURRENCY;
use super::attributes;
use crate::marketplace::http::json::{
    Decoded, Mismatch, code, count, decimal, list, mismatch, object, whole,
};
use crate::model::live::LiveTemplate;
use crate::model::targeting::canonical;
use crate::model::{
    Answers, Criterion, Field, LiveGroup, LiveQuota, LiveSurvey, Money, Performance, Range, Status,
    SurveySpec,
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

struct Reader<'a> {
    map: &'a Map<String, Value>,
}

impl Reader<'_> {
    fn field<T>(&self, key: &str, expected: &str, read: impl Fn(&Value) -> Option<T>) -> Decoded<Field<T>> {
        match self.map.get(key) {
            None => Ok(Field::Absent),
            Some(Value::Null) => Ok(Field::Null),
            Some(value) => match read(value) {
                Some(value) => Ok(Field::Set(value)),
                None => mismatch(&format!("/{key}"), expected, value),
            },
        }
    }

    fn text(&self, key: &str) -> Decoded<Field<String>> {
        self.field(key, "a text", |value| value.as_str().map(str::to_owned))
    }

    fn count(&self, key: &str) -> Decoded<Field<u64>> {
        self.field(key, "a whole number", count)
    }

    fn decimal(&self, key: &str) -> Decoded<Field<Decimal>> {
        self.field(key, "a number", decimal)
    }
}

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
    let read = Reader { map };
    let Field::Set(id) = read.field("ps_survey_id", "an id", code)? else {
        return Err(Mismatch {
            path: "/ps_survey_id".to_owned(),
            problem: "the survey has no id".to_owned(),
        });
    };
    let Field::Set(status_seen) = read.field("ps_survey_status", "a status code", whole)? else {
        return Err(Mismatch {
            path: "/ps_survey_status".to_owned(),
            problem: "the survey has no status".to_owned(),
        });
    };
    let status_known = status(status_seen);
    let quotas = match map.get("quotas") {
        None | Some(Value::Null) => Vec::new(),
        Some(value) => list(value, "/quotas")?
            .iter()
            .enumerate()
            .map(|(index, value)| quota(value, &format!("/quotas/{index}")))
            .collect::<Decoded<_>>()?,
    };
    let qualifications = match map.get("qualifications") {
        None | Some(Value::Null) => Vec::new(),
        Some(value) => criteria(value, "/qualifications")?,
    };
    let spec = SurveySpec {
        title: read.text("survey_title")?,
        locale: read.text("survey_localization")?.map(|l| l.replace('_', "-")),
        completes: read.count("completes_required")?,
        incidence_rate: read.decimal("expected_ir")?,
        length_of_interview: read.decimal("expected_loi")?,
        field_days: read.count("field_time")?,
        start: Field::Absent,
        end: Field::Absent,
        cpi: read
            .decimal("offer_price")?
            .map(|amount| Money::new(amount, CURRENCY)),
        max_cpi: Field::Absent,
        live_url: read.text("live_url")?,
        test_url: read.text("test_url")?,
        status: Field::mentioned(status_known),
        template: match read.count("template_id")? {
            // A survey made without a template is not known to carry the key at all.
            Field::Absent => Field::Null,
            shown => shown,
        },
        qualifications: Field::Absent,
        quotas: Field::Absent,
        attributes: attributes::all()
            .filter_map(|setting| {
                let value = setting.decode(map)?;
                let field = if value.is_null() {
                    Field::Null
                } else {
                    Field::Set(value)
                };
                Some((setting.key.to_owned(), field))
            })
            .collect(),
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
        document: document.clone(),
    })
}

fn quota(value: &Value, path: &str) -> Decoded<LiveQuota> {
    let map = object(value, path)?;
    let text = |key: &str| map.get(key).and_then(code).filter(|text| !text.is_empty());
    let name = text("buyer_quota_id");
    let id = text("ps_quota_id")
        .or_else(|| name.clone())
        .ok_or_else(|| Mismatch {
            path: path.to_owned(),
            problem: "the quota has neither a ps_quota_id nor a buyer_quota_id".to_owned(),
        })?;
    let completes = match map.get("required_count") {
        Some(value) => match count(value) {
            Some(count) => count,
            None => return mismatch(&format!("{path}/required_count"), "a whole number", value),
        },
        None => {
            return Err(Mismatch {
                path: format!("{path}/required_count"),
                problem: "the quota has no count".to_owned(),
            });
        }
    };
    let criteria = match map.get("criteria") {
        None | Some(Value::Null) => Vec::new(),
        Some(value) => criteria(value, &format!("{path}/criteria"))?,
    };
    Ok(LiveQuota {
        name,
        id,
        completes,
        fielded: None,
        criteria,
        nameless: false,
        hidden: false,
    })
}

fn criteria(value: &Value, path: &str) -> Decoded<Vec<Criterion>> {
    let items = list(value, path)?;
    let all = items
        .iter()
        .enumerate()
        .map(|(index, item)| criterion(item, &format!("{path}/{index}")));
    Ok(canonical(all.collect::<Decoded<_>>()?))
}

/// States are returned without their leading zero (vendor wiki 33499632); zip and county codes keep theirs.
const STATE: &str = "225";

fn criterion(value: &Value, path: &str) -> Decoded<Criterion> {
    let map = object(value, path)?;
    let Some(question) = map.get("qualification_code").and_then(code) else {
        return Err(Mismatch {
            path: path.to_owned(),
            problem: "the criterion has no qualification_code".to_owned(),
        });
    };
    let ranges = map
        .get("range_sets")
        .and_then(Value::as_array)
        .filter(|sets| !sets.is_empty());
    if let Some(sets) = ranges {
        let mut unit = None;
        let mut ranges = Vec::with_capacity(sets.len());
        for (index, set) in sets.iter().enumerate() {
            let end = |key: &str| set.get(key).and_then(whole);
            let (Some(from), Some(to)) = (end("from"), end("to")) else {
                return mismatch(
                    &format!("{path}/range_sets/{index}"),
                    "a range with from and to",
                    set,
                );
            };
            unit = set.get("units").and_then(code).or(unit);
            ranges.push(Range { from, to });
        }
        return Ok(Criterion {
            question,
            unit,
            answers: Answers::ranges(ranges),
        });
    }
    let codes = match map.get("condition_codes") {
        None | Some(Value::Null) => Vec::new(),
        Some(value) => list(value, &format!("{path}/condition_codes"))?
            .iter()
            .filter_map(code)
            .collect(),
    };
    let codes: Vec<String> = if question == STATE {
        codes
            .into_iter()
            .map(|code| without_leading_zeros(&code).to_owned())
            .collect()
    } else {
        codes
    };
    Ok(Criterion {
        question,
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

/// Completes collected, from `GET /surveys/{id}/performance` (vendor wiki 2502819845).
pub(super) fn completes_fielded(document: &Value) -> Decoded<u64> {
    let value = document.get("completes_fielded").unwrap_or(&Value::Null);
    count(value).map_or_else(|| mismatch("/completes_fielded", "a whole number", value), Ok)
}

/// How fielding goes, from `GET /surveys/{id}/performance`: money is text with two decimals. With nothing fielded the
/// vendor shows the stated rate and length as the current ones (vendor wiki 2502819845), which then say nothing.
pub(super) fn performance(document: &Value, survey: &Value) -> Performance {
    let asked = document
        .get("completes_fielded")
        .and_then(count)
        .is_some_and(|n| n > 0);
    let number = |key: &str| document.get(key).and_then(decimal);
    let money = |key: &str| number(key).map(|amount| Money::new(amount, CURRENCY));
    Performance {
        incidence_rate: number("current_overall_incidence").filter(|_| asked),
        length_of_interview: number("current_overall_loi").filter(|_| asked),
        cost: money("current_cost"),
        projected_cost: money("projected_total_cost"),
        price: money("current_cpi"),
        started: launched_at(survey),
        // Sample of a survey in vendor docs first-survey: ISO 8601, or null before the first.
        last_complete: survey
            .get("project_last_complete_date")
            .and_then(Value::as_str)
            .and_then(|text| text.parse().ok()),
        ..Performance::default()
    }
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
            let value = item.get("completes_fielded").unwrap_or(&Value::Null);
            let Some(fielded) = count(value) else {
                return mismatch(&format!("/{index}/completes_fielded"), "a whole number", value);
            };
            Ok(QuotaProgress {
                ps_quota_id: item.get("ps_quota_id").and_then(code),
                buyer_quota_id: item.get("buyer_quota_id").and_then(code),
                fielded,
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
    let map = object(document, "")?;
    let read = Reader { map };
    let members = read.field("surveys_in_group", "a list of survey ids", |value| {
        let mut ids: Vec<u64> = value.as_array()?.iter().map(count).collect::<Option<_>>()?;
        ids.sort_unstable();
        Some(ids)
    })?;
    Ok(LiveGroup {
        id: id.to_owned(),
        reference: read.text("buyer_surveygroup_ref")?,
        title: read.text("name")?,
        members,
        exclusion_days: read.count("exclusion_period")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_written_as_texts_and_reordered_codes_read_the_same() {
        let one = json!({"ps_survey_id": 1, "ps_survey_status": 22, "quotas": [
            {"buyer_quota_id": "a", "ps_quota_id": "x", "required_count": 5,
             "criteria": [{"qualification_code": 212, "range_sets": [{"from": "21", "to": "25", "units": 311}]},
                          {"qualification_code": 211, "condition_codes": ["112", "111"]}]}]});
        let two = json!({"ps_survey_id": "1", "ps_survey_status": "22", "quotas": [
            {"buyer_quota_id": "a", "ps_quota_id": "x", "required_count": "5",
             "criteria": [{"qualification_code": "211", "condition_codes": ["111", "112"]},
                          {"qualification_code": 212, "range_sets": [{"to": 25, "from": 21, "units": 311}]}]}]});
        let (one, two) = (survey(&one).unwrap(), survey(&two).unwrap());
        assert_eq!(one.quotas, two.quotas);
        assert_eq!((one.id, one.status), (two.id, two.status));
    }

    #[test]
    fn states_lose_their_zero_and_zip_codes_keep_it() {
        let read = |question: u64| {
            let document = json!({"qualification_code": question, "condition_codes": ["06"]});
            criterion(&document, "").unwrap().answers
        };
        assert_eq!(read(225), Answers::codes(["6"]));
        assert_eq!(read(229), Answers::codes(["06"]));
    }

    #[test]
    fn what_nobody_was_asked_yet_is_not_known() {
        let survey = json!({"launch_date": 1_700_000_000_000_i64});
        let shown = |completes: u64| {
            json!({"completes_fielded": completes, "current_overall_incidence": 50, "current_overall_loi": 5,
                   "current_cost": "0.00", "projected_total_cost": "1500.00", "current_cpi": "3.75"})
        };
        let before = performance(&shown(0), &survey);
        assert_eq!((before.incidence_rate, before.length_of_interview), (None, None));
        assert_eq!(before.cost.unwrap().to_string(), "0.00 USD");
        assert_eq!(before.projected_cost.unwrap().to_string(), "1500.00 USD");
        assert_eq!(before.started.unwrap().as_second(), 1_700_000_000);
        let after = performance(&shown(1), &json!({"launch_date": null}));
        assert_eq!(after.incidence_rate, Some(Decimal::from(50)));
        assert_eq!(after.started, None);
        assert_eq!(performance(&json!({}), &json!({})), Performance::default());
    }

    #[test]
    fn a_missing_key_is_not_an_empty_value() {
        let live = survey(&json!({"ps_survey_id": 1, "ps_survey_status": 11, "offer_price": null})).unwrap();
        assert_eq!(live.spec.cpi, Field::Null);
        assert_eq!(live.spec.title, Field::Absent);
        assert_eq!(live.fielded, Some(0), "a draft has asked nobody");
    }

    #[test]
    fn what_decides_about_money_is_never_guessed() {
        let error = survey(&json!({"ps_survey_id": 1})).unwrap_err();
        assert_eq!(error.path, "/ps_survey_status");
        let error = survey(&json!({"ps_survey_id": 1, "ps_survey_status": 22, "completes_required": "many"}))
            .unwrap_err();
        assert_eq!(error.path, "/completes_required");
        let live = survey(&json!({"ps_survey_id": 1, "ps_survey_status": 55})).unwrap();
        assert_eq!((live.status, live.status_text.as_str()), (None, "code 55"));
    }
}
