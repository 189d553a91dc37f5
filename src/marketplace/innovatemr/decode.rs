//! From the vendor's documents to our vocabulary.
//!
//! Tolerant where the vendor is known to vary: payload keys in any case, ids and numbers written as texts, library rows
//! with blank or missing parts. What a document does not show is absent, never empty. Strict where a guess would cost
//! money: an id, a status or a count that cannot be read is an error with its place.

use super::assumptions::{Assumptions, Counters};
use super::codebook::{AGE, ZIPCODES};
use super::locale;
use super::wire::{Answer, Estimated, Fielding, Group, Job, Kept, Question, Quota};
use crate::marketplace::http::json::{Decoded, Mismatch, code, count, mismatch};
use crate::marketplace::http::wire::{
    AmountOrText, Code, CountOrText, ExactOrText, Object, WholeOrText, needed, read, typed,
};
use crate::marketplace::shelf::inventory::{Entries, Listed, Unread, each};
use crate::model::lexicon::{LexiconOption, LexiconQuestion};
use crate::model::targeting::canonical;
use crate::model::{
    Answers, Criteria, Criterion, Field, Level, Lexicon, LiveKey, LiveQuota, LiveSurvey, Money, Performance,
    Range, Status, SurveySpec, VendorState,
};
use crate::text::pointer::below;
use indexmap::IndexMap;
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// The payload under a key, whatever its case: the vendor writes `job` and `Quota`, `feasibility` and `Feasibility`.
pub(super) fn payload<'a>(body: &'a Value, key: &str) -> Option<&'a Value> {
    let map = body.as_object()?;
    map.iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value)
}

/// A URL; the empty text is none.
fn url(shown: Field<String>) -> Field<String> {
    match said(shown) {
        Field::Set(text) if text.is_empty() => Field::Null,
        other => other,
    }
}

/// What a document says: a null says nothing.
fn said<T>(shown: Field<T>) -> Field<T> {
    match shown {
        Field::Null => Field::Absent,
        other => other,
    }
}

fn id(shown: Field<Code>, place: &str) -> Decoded<String> {
    let shown = match shown {
        Field::Set(Code(id)) if !id.is_empty() => Field::Set(id),
        _ => Field::Absent,
    };
    needed(shown, &format!("{place}/Id"), "an id")
}

fn status(shown: Field<WholeOrText>, place: &str, table: &Assumptions) -> Decoded<(Option<Status>, String)> {
    let WholeOrText(number) = needed(shown, &format!("{place}/Status"), "a status code")?;
    let status = table.status(number);
    let text = status.map_or_else(|| format!("status {number}"), |status| status.to_string());
    Ok((status, text))
}

/// What stands under a key of an answer, and is read as an object.
fn under<T: DeserializeOwned>(body: &Value, key: &str) -> Decoded<T> {
    typed(payload(body, key).unwrap_or(&Value::Null), &format!("/{key}"))
}

/// The list under a key of an answer.
fn listed<'a>(body: &'a Value, key: &str) -> Decoded<&'a Value> {
    payload(body, key).map_or_else(|| mismatch(&format!("/{key}"), "a list", &Value::Null), Ok)
}

/// A job. Whether it carries its groups is not known; they are read one by one.
pub(super) fn job(body: &Value, table: &Assumptions) -> Decoded<LiveSurvey> {
    job_at(payload(body, "job").unwrap_or(&Value::Null), "/job", table)
}

fn job_at(document: &Value, place: &str, table: &Assumptions) -> Decoded<LiveSurvey> {
    let shown: Job = typed(document, place)?;
    let (status, status_text) = status(shown.status, place, table)?;
    let mut spec = SurveySpec {
        title: said(shown.name),
        status: Field::mentioned(status),
        ..SurveySpec::default()
    };
    if let Field::Set(CountOrText(category)) = shown.category {
        spec.attributes
            .insert("category".to_owned(), Field::Set(Value::from(category)));
    }
    Ok(LiveSurvey {
        id: id(shown.id, place)?,
        status,
        status_text,
        spec,
        qualifications: Field::Absent,
        kept: VendorState::of(&typed::<Kept>(document, place)?),
        ..LiveSurvey::default()
    })
}

/// A group, without its quotas.
pub(super) fn group(body: &Value, table: &Assumptions) -> Decoded<LiveSurvey> {
    let shown: Group = under(body, "group")?;
    let performance = fielding(&shown, table);
    let (status, status_text) = status(shown.status, "/group", table)?;
    let number = |field: Field<ExactOrText>| said(field).map(|number| number.0);
    let money = |field: Field<AmountOrText>| said(field).map(|amount| Money::new(amount.0, table.currency));
    // Names go in, codes and names come out: `Target.Languages` holds ids that no table explains.
    let tag = match (shown.country_code.value(), shown.language.value()) {
        (Some(country), Some(language)) => locale::tag(country, language),
        _ => None,
    };
    let mut spec = SurveySpec {
        title: said(shown.name),
        locale: Field::mentioned(tag),
        completes: said(shown.n).map(|n| n.0),
        incidence_rate: number(shown.incidence_rate),
        length_of_interview: number(shown.length_of_interview),
        // `CostPerInterview` is the platform's own price and never compared.
        cpi: money(shown.est_cost_per_interview),
        max_cpi: money(shown.maximum_cost_per_interview),
        live_url: url(shown.live_survey_url),
        test_url: url(shown.test_survey_url),
        status: Field::mentioned(status),
        ..SurveySpec::default()
    };
    let mut seen = |key: &str, value: Field<Value>| {
        if let Field::Set(value) = value {
            spec.attributes.insert(key.to_owned(), Field::Set(value));
        }
    };
    seen("device_type", shown.device_type.map(|n| Value::from(n.0)));
    seen("priority", shown.priority.map(|n| Value::from(n.0)));
    seen("color", shown.color.map(|n| Value::from(n.0)));
    seen("note", shown.note.map(Value::from));
    let geo = shown.target.value().map(|target| target.geo_ip_check.clone());
    seen(
        "geo_ip_check",
        geo.unwrap_or_default().map(|on| Value::from(on.0)),
    );
    Ok(LiveSurvey {
        id: id(shown.id, "/group")?,
        status,
        status_text,
        spec,
        charged: performance.price,
        performance: Some(performance),
        seen: crate::model::live::Seen::Whole,
        // No call of the vendor lists the targets of a group.
        qualifications: Field::Absent,
        ..LiveSurvey::default()
    })
}

/// The quotas of a group. Of two with the same title only the first is taken for ours. An answer without the key says
/// nothing about quotas: taking it for none would add them all a second time.
pub(super) fn quotas(body: &Value) -> Decoded<Vec<LiveQuota>> {
    let items: Option<Vec<Object<Quota>>> = read(listed(body, "Quotas")?, "/Quotas")?;
    let items = items.unwrap_or_default();
    let mut quotas: Vec<LiveQuota> = Vec::with_capacity(items.len());
    for (index, Object(shown)) in items.into_iter().enumerate() {
        let title = shown.title.value().cloned().filter(|title| !title.is_empty());
        let taken = title
            .as_ref()
            .is_some_and(|title| quotas.iter().any(|q| q.name.as_ref() == Some(title)));
        let completes = shown.n.value().map(|n| n.0);
        let place = format!("/Quotas/{index}/Conditions");
        let conditions = shown.conditions.value().map(|shown| conditions(shown, &place));
        let conditions = conditions.transpose()?;
        quotas.push(LiveQuota {
            name: title.filter(|_| !taken),
            id: id(shown.id, &format!("/Quotas/{index}"))?,
            nameless: false,
            hidden: completes.is_none() || conditions.is_none(),
            completes: completes.unwrap_or(0),
            fielded: None,
            criteria: conditions.unwrap_or_default(),
        });
    }
    Ok(quotas)
}

fn conditions(shown: &IndexMap<String, Vec<Code>>, place: &str) -> Decoded<Criteria> {
    let criterion = |(key, options): (&String, &Vec<Code>)| {
        // Ids are numbers and ranges are two of them (portal page Targets); postal codes are what they are.
        let odd = |option: &&Code| option.0.parse::<u64>().is_err() && range(&option.0).is_none();
        if let Some(option) = options.iter().find(odd).filter(|_| key != ZIPCODES) {
            let problem = format!("`{}` is neither the number of an answer nor a range", option.0);
            return Err(Mismatch::new(below(place, key), problem));
        }
        Ok(Criterion {
            question: key.clone(),
            unit: None,
            answers: answers(key, options),
        })
    };
    Ok(canonical(shown.iter().map(criterion).collect::<Decoded<_>>()?))
}

/// What a group shows of its fielding: the price that the platform has set, and days that no call can write. A group that
/// has no price shows zero.
fn fielding(shown: &Group, table: &Assumptions) -> Performance {
    let day = |day: fn(&Fielding) -> &Value| day(shown.fielding.value()?).as_str()?.parse().ok();
    let price = shown.cost_per_interview.value().map(|price| price.0);
    Performance {
        price: price
            .filter(|price| *price > Decimal::ZERO)
            .map(|price| Money::new(price, table.currency)),
        started: day(|days| &days.fielding_start_date),
        ends: day(|days| &days.fielding_end_date),
        ..Performance::default()
    }
}

/// What is counted, where an answer has the keys that are assumed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Counted {
    pub(super) completes: Option<u64>,
    /// What stands in place of a count that cannot be read.
    pub(super) unread: Option<String>,
    /// Respondents who qualified, percent.
    pub(super) incidence_rate: Option<Decimal>,
}

/// What is counted of a group.
pub(super) fn counted(body: &Value, keys: &Counters) -> Counted {
    let stats = payload(body, "stats").unwrap_or(body);
    let of = |key: &str| payload(stats, key).and_then(count);
    let (completes, terminations) = (of(&keys.completes), of(&keys.terminations));
    let written = payload(stats, &keys.completes).filter(|_| completes.is_none());
    let rate = || {
        let (completes, terminations) = (Decimal::from(completes?), Decimal::from(terminations?));
        let asked = completes.checked_add(terminations)?;
        completes.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(asked)
    };
    Counted {
        completes,
        unread: written
            .map(|value| format!("the completes could not be read: `{}` is {value}", keys.completes)),
        incidence_rate: rate(),
    }
}

/// Most figures of one answer that are shown.
const MOST_FIGURES: usize = 24;

/// What an answer says, a figure for each value that is no list or object, called by the way to it. What the envelope adds is
/// left out.
pub(super) fn figures(what: &str, body: &Value, into: &mut Vec<(String, String)>) {
    let before = into.len();
    let mut open = vec![(what.to_owned(), body)];
    while let Some((path, value)) = open.pop() {
        if into.len() - before == MOST_FIGURES {
            return;
        }
        let below = |key: &str| format!("{path} {key}");
        match value {
            Value::Object(inside) => {
                let shown = inside
                    .iter()
                    .filter(|(key, _)| !matches!(key.as_str(), "apiStatus" | "msg"));
                // What is one thing alone adds nothing to its name.
                let shown: Vec<(&String, &Value)> = shown.collect();
                let one = shown.len() == 1 && !shown[0].1.is_string() && !shown[0].1.is_number();
                let named = shown.iter().rev();
                open.extend(named.map(|(key, value)| (if one { path.clone() } else { below(key) }, *value)));
            }
            Value::Array(all) => {
                let numbered = all.iter().enumerate().rev();
                open.extend(numbered.map(|(index, value)| (below(&(index + 1).to_string()), value)));
            }
            Value::String(text) => into.push((path, text.clone())),
            other => into.push((path, other.to_string())),
        }
    }
}

/// The figure of the group's own feasibility as the public client takes it (`Feasibility.Common[0].Estimate`): as money.
/// Assumed; no document says what it counts.
pub(super) fn estimated_money(body: &Value, table: &Assumptions) -> Option<(String, String)> {
    let rows = payload(body, "feasibility").and_then(|found| payload(found, "Common"))?;
    let money = as_money(payload(rows.get(0)?, "Estimate")?, table)?;
    Some(("feasibility as money, assumed".to_owned(), money.to_string()))
}

/// A figure as an amount of the account's currency.
pub(super) fn as_money(figure: &Value, table: &Assumptions) -> Option<Money> {
    let amount: Field<AmountOrText> = read(figure, "").ok()?;
    Some(Money::new(amount.value()?.0, table.currency))
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
fn answers(key: &str, options: &[Code]) -> Answers {
    let texts: Vec<String> = options.iter().map(|option| option.0.clone()).collect();
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

/// The questions of a locale. Rows without an id or a key are none; options without a text are none, and so is null.
pub(super) fn lexicon(body: &Value) -> Decoded<Lexicon> {
    let text = |shown: &Field<Code>| {
        let text = shown.value().map(|text| text.0.trim().to_owned());
        text.filter(|text| !text.is_empty())
    };
    let option = |shown: &Object<Answer>| {
        let id = said(shown.id.as_ref())
            .or(said(shown.small_id.as_ref()))
            .or(shown.option_id.as_ref());
        Some(LexiconOption {
            id: id.value()?.0.to_string(),
            text: text(&shown.option_text)?,
        })
    };
    let question = |Object(shown): Object<Question>| {
        let kind = text(&shown.question_type).unwrap_or_default().to_lowercase();
        let id = said(shown.id).or(shown.question_id);
        let options = said(shown.options).or(shown.question_options);
        let options = options.value().into_iter().flatten().flatten();
        Some(LexiconQuestion {
            id: id.value()?.0.to_string(),
            key: text(&shown.question_key)?,
            numeric: kind.contains("numeric"),
            text: text(&shown.question_text).unwrap_or_default(),
            options: options.filter_map(option).collect(),
        })
    };
    let rows: Vec<Option<Object<Question>>> = read(listed(body, "Questions")?, "/Questions")?;
    Ok(Lexicon {
        questions: rows.into_iter().flatten().filter_map(question).collect(),
    })
}

fn unread(entry: &Value, mismatch: &Mismatch) -> Unread {
    Unread::of(entry, ["Id", "Name"], mismatch)
}

/// Jobs of a list: id, title, status and category of each.
pub(super) fn jobs(body: &Value, table: &Assumptions) -> Decoded<Entries<LiveSurvey>> {
    let job = |entry: &Value, place: &str| job_at(entry, place, table);
    each(listed(body, "jobs")?, "/jobs", job, unread)
}

/// The groups that the details of a job carry.
pub(super) fn groups(groups: &Value, job: &str, table: &Assumptions) -> Decoded<Entries<Listed>> {
    let group = |entry: &Value, place: &str| {
        let shown: Group = typed(entry, place)?;
        Ok(Listed {
            key: LiveKey {
                level: Level::Group,
                id: id(shown.id, place)?,
                parent: Some(job.to_owned()),
                hint: Default::default(),
                job: None,
            },
            title: shown.name.value().cloned(),
            locale: None,
            reference: None,
            status: shown.status.value().and_then(|code| table.status(code.0)),
            made: None,
        })
    };
    each(groups, "/job/Groups", group, unread)
}

/// Estimates by days in field, as they are.
pub(super) fn estimates(body: &Value) -> Decoded<Vec<(u64, Value)>> {
    let found = payload(body, "feasibility").and_then(|found| payload(found, "commonFeas"));
    let rows: Vec<Object<Estimated>> = read(found.unwrap_or(&Value::Null), "/feasibility/commonFeas")?;
    let row = |Object(row): Object<Estimated>| Some((row.days.value()?.0, row.estimate));
    Ok(rows.into_iter().filter_map(row).collect())
}

#[cfg(test)]
mod tests;
