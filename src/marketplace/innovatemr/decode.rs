//! From the vendor's documents to our vocabulary.
//!
//! Tolerant where the vendor is known to vary: payload keys in any case, ids and numbers written as texts, library rows
//! with blank or missing parts. What a document does not show is absent, never empty. Strict where a guess would cost
//! money: an id, a status or a count that cannot be read is an error with its place.

use super::assumptions::{Assumptions, Counters};
use super::codebook::{AGE, ZIPCODES};
use super::locale;
use crate::marketplace::Listed;
use crate::marketplace::http::json::{Decoded, code, count, decimal, list, mismatch, object, whole};
use crate::model::lexicon::{LexiconOption, LexiconQuestion};
use crate::model::targeting::canonical;
use crate::model::{
    Answers, Criterion, Field, Level, Lexicon, LiveKey, LiveQuota, LiveSurvey, Money, Performance, Range,
    Status, SurveySpec,
};
use jiff::Timestamp;
use rust_decimal::Decimal;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The payload under a key, whatever its case: the vendor writes `job` and `Quota`, `feasibility` and `Feasibility`.
pub(super) fn payload<'a>(body: &'a Value, key: &str) -> Option<&'a Value> {
    let map = body.as_object()?;
    map.iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value)
}

struct Reader<'a>(&'a Map<String, Value>, &'static str);

impl Reader<'_> {
    fn field<T>(&self, key: &str, expected: &str, read: impl Fn(&Value) -> Option<T>) -> Decoded<Field<T>> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(Field::Absent),
            Some(value) => match read(value) {
                Some(value) => Ok(Field::Set(value)),
                None => mismatch(&format!("/{}/{key}", self.1), expected, value),
            },
        }
    }

    fn text(&self, key: &str) -> Decoded<Field<String>> {
        self.field(key, "a text", |value| value.as_str().map(str::to_owned))
    }

    /// A URL; the empty text is none.
    fn url(&self, key: &str) -> Decoded<Field<String>> {
        Ok(match self.text(key)? {
            Field::Set(text) if text.is_empty() => Field::Null,
            other => other,
        })
    }

    fn id(&self) -> Decoded<String> {
        match self.0.get("Id").and_then(code) {
            Some(id) if !id.is_empty() => Ok(id),
            _ => mismatch(
                &format!("/{}/Id", self.1),
                "an id",
                self.0.get("Id").unwrap_or(&Value::Null),
            ),
        }
    }

    fn status(&self, table: &Assumptions) -> Decoded<(Option<Status>, String)> {
        let value = self.0.get("Status").unwrap_or(&Value::Null);
        match whole(value) {
            Some(number) => {
                let status = table.status(number);
                let text = status.map_or_else(|| format!("status {number}"), |status| status.to_string());
                Ok((status, text))
            }
            None => mismatch(&format!("/{}/Status", self.1), "a status code", value),
        }
    }
}

/// A job. Whether it carries its groups is not known; they are read one by one.
pub(super) fn job(body: &Value, table: &Assumptions) -> Decoded<LiveSurvey> {
    let document = payload(body, "job").unwrap_or(&Value::Null);
    let read = Reader(object(document, "/job")?, "job");
    let (status, status_text) = read.status(table)?;
    let mut spec = SurveySpec {
        title: read.text("Name")?,
        status: Field::mentioned(status),
        ..SurveySpec::default()
    };
    if let Field::Set(category) = read.field("Category", "a number", count)? {
        spec.attributes
            .insert("category".to_owned(), Field::Set(Value::from(category)));
    }
    Ok(LiveSurvey {
        id: read.id()?,
        status,
        status_text,
        spec,
        qualifications: Field::Absent,
        document: document.clone(),
        ..LiveSurvey::default()
    })
}

/// A group, without its quotas.
pub(super) fn group(body: &Value, table: &Assumptions) -> Decoded<LiveSurvey> {
    let document = payload(body, "group").unwrap_or(&Value::Null);
    let read = Reader(object(document, "/group")?, "group");
    let (status, status_text) = read.status(table)?;
    let money = |key: &str| -> Decoded<Field<Money>> {
        Ok(read
            .field(key, "a price", decimal)?
            .map(|amount| Money::new(amount, table.currency)))
    };
    // Names go in, codes and names come out: `Target.Languages` holds ids that no table explains.
    let tag = match (read.text("CountryCode")?.value(), read.text("Language")?.value()) {
        (Some(country), Some(language)) => locale::tag(country, language),
        _ => None,
    };
    let mut spec = SurveySpec {
        title: read.text("Name")?,
        locale: Field::mentioned(tag),
        completes: read.field("N", "a count", count)?,
        incidence_rate: read.field("IncidenceRate", "a number", decimal)?,
        length_of_interview: read.field("LengthOfInterview", "a number", decimal)?,
        // `CostPerInterview` is the platform's own price and never compared.
        cpi: money("EstCostPerInterview")?,
        max_cpi: money("MaximumCostPerInterview")?,
        live_url: read.url("LiveSurveyUrl")?,
        test_url: read.url("TestSurveyUrl")?,
        status: Field::mentioned(status),
        ..SurveySpec::default()
    };
    let mut seen = |key: &str, value: Field<Value>| {
        if let Field::Set(value) = value {
            spec.attributes.insert(key.to_owned(), Field::Set(value));
        }
    };
    seen(
        "device_type",
        read.field("DeviceType", "a number", |v| count(v).map(Value::from))?,
    );
    seen(
        "priority",
        read.field("Priority", "a number", |v| count(v).map(Value::from))?,
    );
    seen(
        "color",
        read.field("Color", "a number", |v| count(v).map(Value::from))?,
    );
    seen("note", read.text("Note")?.map(Value::from));
    let geo = document
        .pointer("/Target/GeoIPCheck")
        .and_then(|value| match value {
            Value::Bool(on) => Some(*on),
            other => whole(other).map(|n| n != 0),
        });
    seen("geo_ip_check", Field::mentioned(geo.map(Value::from)));
    Ok(LiveSurvey {
        id: read.id()?,
        status,
        status_text,
        spec,
        performance: Some(fielding(document, table)),
        // No call of the vendor lists the targets of a group.
        qualifications: Field::Absent,
        document: document.clone(),
        ..LiveSurvey::default()
    })
}

/// The quotas of a group. Of two with the same title only the first is taken for ours. An answer without the key says
/// nothing about quotas: taking it for none would add them all a second time.
pub(super) fn quotas(body: &Value) -> Decoded<Vec<LiveQuota>> {
    let items = match payload(body, "Quotas") {
        None => return mismatch("/Quotas", "a list", &Value::Null),
        Some(Value::Null) => return Ok(Vec::new()),
        Some(value) => list(value, "/Quotas")?,
    };
    let mut quotas: Vec<LiveQuota> = Vec::with_capacity(items.len());
    for item in items {
        let read = Reader(object(item, "/Quotas")?, "Quotas");
        let title = read
            .text("Title")?
            .value()
            .cloned()
            .filter(|title| !title.is_empty());
        let completes = read.field("N", "a count", count)?;
        let conditions = match item.get("Conditions") {
            None | Some(Value::Null) => None,
            Some(value) => Some(conditions(object(value, "/Quotas/Conditions")?)),
        };
        let taken = title
            .as_ref()
            .is_some_and(|title| quotas.iter().any(|q| q.name.as_ref() == Some(title)));
        quotas.push(LiveQuota {
            name: title.filter(|_| !taken),
            id: read.id()?,
            nameless: false,
            hidden: completes.is_absent() || conditions.is_none(),
            completes: completes.value().copied().unwrap_or(0),
            fielded: None,
            criteria: conditions.unwrap_or_default(),
        });
    }
    Ok(quotas)
}

fn conditions(map: &Map<String, Value>) -> Vec<Criterion> {
    let criteria = map.iter().map(|(key, options)| Criterion {
        question: key.clone(),
        unit: None,
        answers: answers(key, options),
    });
    canonical(criteria.collect())
}

/// What a group shows of its fielding: the price that the platform has set, and days that no call can write (sample of
/// Get Group Details). A group that has no price shows zero.
fn fielding(group: &Value, table: &Assumptions) -> Performance {
    let day = |key: &str| -> Option<Timestamp> {
        group.pointer(&format!("/Fielding/{key}"))?.as_str()?.parse().ok()
    };
    let price = group.get("CostPerInterview").and_then(decimal);
    Performance {
        price: price
            .filter(|price| *price > Decimal::ZERO)
            .map(|price| Money::new(price, table.currency)),
        started: day("FieldingStartDate"),
        ends: day("FieldingEndDate"),
        ..Performance::default()
    }
}

/// What is counted, where an answer has the keys that are assumed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) completes: Option<u64>,
    /// Respondents who qualified, percent.
    pub(super) incidence_rate: Option<Decimal>,
}

/// What is counted of a group.
pub(super) fn counted(body: &Value, keys: &Counters) -> Counted {
    let stats = payload(body, "stats").unwrap_or(body);
    let of = |key: &str| payload(stats, key).and_then(count);
    let (completes, terminations) = (of(&keys.completes), of(&keys.terminations));
    let rate = || {
        let (completes, terminations) = (Decimal::from(completes?), Decimal::from(terminations?));
        let asked = completes.checked_add(terminations)?;
        completes.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(asked)
    };
    Counted {
        completes,
        incidence_rate: rate(),
    }
}

/// Completes by the quota's id.
pub(super) fn counted_quotas(body: &Value, keys: &Counters) -> BTreeMap<String, u64> {
    let rows = payload(body, "stats").and_then(Value::as_array);
    let row = |row: &Value| {
        let id = payload(row, &keys.quota).and_then(code)?;
        Some((id, payload(row, &keys.completes).and_then(count)?))
    };
    rows.into_iter().flatten().filter_map(row).collect()
}

/// Answers as a quota carries them; arrays count as sets, and a number equals its text.
fn answers(key: &str, options: &Value) -> Answers {
    let texts: Vec<String> = options
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(code)
        .collect();
    let ranges: Option<Vec<Range>> = texts.iter().map(|text| range(text)).collect();
    match ranges {
        Some(ranges) if key != ZIPCODES && (key == AGE || !ranges.is_empty()) => Answers::ranges(ranges),
        _ => Answers::codes(texts),
    }
}

fn range(text: &str) -> Option<Range> {
    let (from, to) = text.split_once('-')?;
    Some(Range {
        from: from.trim().parse().ok()?,
        to: to.trim().parse().ok()?,
    })
}

/// The questions of a locale. Rows without an id or a key are none; options without a text are none.
pub(super) fn lexicon(body: &Value) -> Decoded<Lexicon> {
    let items = match payload(body, "Questions") {
        Some(value) => list(value, "/Questions")?,
        None => return mismatch("/Questions", "a list", &Value::Null),
    };
    let text = |item: &Value, keys: &[&str]| {
        let found = keys.iter().find_map(|key| item.get(key).and_then(Value::as_str));
        found
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty())
    };
    let questions = items.iter().filter_map(|item| {
        let id = ["Id", "QuestionId"]
            .iter()
            .find_map(|key| item.get(key).and_then(code))?;
        let key = text(item, &["QuestionKey"])?;
        let kind = text(item, &["QuestionType"]).unwrap_or_default().to_lowercase();
        let options = ["Options", "QuestionOptions"]
            .iter()
            .find_map(|key| item.get(key)?.as_array());
        let options = options.into_iter().flatten().filter_map(|option| {
            let id = ["Id", "id"]
                .iter()
                .find_map(|key| option.get(key).and_then(code))?;
            let text = text(option, &["OptionText"])?;
            Some(LexiconOption { id, text })
        });
        Some(LexiconQuestion {
            numeric: kind.contains("numeric"),
            text: text(item, &["QuestionText"]).unwrap_or_default(),
            options: options.collect(),
            id,
            key,
        })
    });
    Ok(Lexicon {
        questions: questions.collect(),
    })
}

/// Jobs of a list: id, title, status and category of each.
pub(super) fn jobs(body: &Value, table: &Assumptions) -> Decoded<Vec<LiveSurvey>> {
    let items = match payload(body, "jobs") {
        Some(value) => list(value, "/jobs")?,
        None => return mismatch("/jobs", "a list", &Value::Null),
    };
    items
        .iter()
        .map(|item| job(&serde_json::json!({ "job": item }), table))
        .collect()
}

/// The groups that the details of a job carry.
pub(super) fn groups(items: &Value, job: &str, table: &Assumptions) -> Decoded<Vec<Listed>> {
    let items = list(items, "/job/Groups")?.iter();
    let listed = items.map(|item| {
        let read = Reader(object(item, "/job/Groups")?, "job/Groups");
        Ok(Listed {
            key: LiveKey {
                level: Level::Group,
                id: read.id()?,
                parent: Some(job.to_owned()),
                job: None,
            },
            title: read.text("Name")?.value().cloned(),
            status: read
                .0
                .get("Status")
                .and_then(whole)
                .and_then(|code| table.status(code)),
            made: None,
        })
    });
    listed.collect()
}

/// Estimates by days in field, as they are.
pub(super) fn estimates(body: &Value) -> Decoded<Vec<(u64, Value)>> {
    let rows = payload(body, "feasibility").and_then(|found| payload(found, "commonFeas"));
    let rows = match rows {
        Some(rows) => list(rows, "/feasibility/commonFeas")?,
        None => return mismatch("/feasibility/commonFeas", "a list", &Value::Null),
    };
    let rows = rows.iter().filter_map(|row| {
        let days = row.get("days").and_then(count)?;
        Some((days, row.get("estimate").cloned().unwrap_or(Value::Null)))
    });
    Ok(rows.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn estimates_are_rows_of_days_in_the_vendors_order() {
        let rows = json!([{"days": 1, "estimate": 100}, {"days": 2, "estimate": "many"}, {"estimate": 3}]);
        let body = json!({"feasibility": {"commonFeas": rows}});
        assert_eq!(estimates(&body).unwrap(), [(1, json!(100)), (2, json!("many"))]);
        assert!(estimates(&json!({"feasibility": {}})).is_err());
    }

    #[test]
    fn an_answer_that_does_not_speak_of_quotas_is_not_one_without_quotas() {
        assert!(quotas(&json!({"apiStatus": "success"})).is_err());
        assert!(quotas(&json!({})).is_err());
        assert_eq!(quotas(&json!({"Quotas": []})).unwrap(), Vec::new());
        assert_eq!(quotas(&json!({"quotas": null})).unwrap(), Vec::new());
    }

    #[test]
    fn counters_are_read_where_they_are_and_are_never_zero_where_they_are_not() {
        let keys = Counters::default();
        let read = counted(&json!({"Stats": {"completes": "30", "Terminations": 10}}), &keys);
        assert_eq!((read.completes, read.incidence_rate), (Some(30), Some(75.into())));
        assert_eq!(
            counted(&json!({"stats": {"Completes": 0, "Terminations": 0}}), &keys).incidence_rate,
            None,
            "nobody was asked"
        );
        for strange in [
            json!({"stats": {"Done": 3}}),
            json!({"stats": []}),
            json!({"stats": {"Completes": -1}}),
        ] {
            assert_eq!(counted(&strange, &keys), Counted::default());
            assert_eq!(counted_quotas(&strange, &keys), BTreeMap::new());
        }
        let rows = json!({"stats": [{"QuotaId": 7, "Completes": 3}, {"QuotaId": 8}, {"Completes": 4}]});
        assert_eq!(
            counted_quotas(&rows, &keys),
            BTreeMap::from([("7".to_owned(), 3)])
        );
    }

    #[test]
    fn fielding_is_read_as_the_vendors_sample_has_it() {
        let sample = include_str!("../../../tests/fixtures/innovatemr/get_group_details.response.json");
        let live = group(&serde_json::from_str(sample).unwrap(), &Assumptions::default()).unwrap();
        let told = live.performance.unwrap();
        assert_eq!(told.price.unwrap().to_string(), "3.75 USD");
        assert_eq!(told.started, Some("2021-05-03T07:00:00Z".parse().unwrap()));
        assert_eq!(told.ends, Some("2021-05-14T06:59:59.999Z".parse().unwrap()));
        assert_eq!(live.spec.end, Field::Absent, "no manifest can write it");
    }
}
