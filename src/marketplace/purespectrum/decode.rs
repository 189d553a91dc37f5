//! From the vendor's documents to our vocabulary.
//!
//! Tolerant where the vendor is known to vary: missing keys, unknown keys, numbers written as strings, codes without
//! their leading zeros (vendor wiki 34117092, 33499632). Strict where a guess would cost money: an id, a status or a
//! count that cannot be read is an error with its place.

use super::assumptions::CURRENCY;
use super::wire::Kept;
use super::{attributes, wire};
use crate::marketplace::http::json::{Decoded, Mismatch, object, whole};
use crate::marketplace::http::wire::{
    AmountOrText, Code, CountOrText, ExactOrText, Object, WholeOrText, needed, read, typed,
};
use crate::marketplace::shelf::estimates::Estimate;
use crate::marketplace::shelf::inventory::{Made, Unread, each};
use crate::model::links::link;
use crate::model::live::LiveTemplate;
use crate::model::targeting::canonical;
use crate::model::{
    Answers, Criteria, Criterion, Field, Links, LiveGroup, LiveQuota, LiveSurvey, Money, Performance, Range,
    Status, SurveySpec, VendorState,
};
use jiff::Timestamp;
use rust_decimal::Decimal;
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

/// A survey object of any endpoint, at a place of an answer.
pub(super) fn survey(document: &Value, place: &str) -> Decoded<LiveSurvey> {
    let map = object(document, place)?;
    let shown: wire::Survey = typed(document, place)?;
    let lacks =
        |key: &str, what: &str| Mismatch::new(format!("{place}/{key}"), format!("the survey has no {what}"));
    let Field::Set(Code(id)) = shown.ps_survey_id else {
        return Err(lacks("ps_survey_id", "id"));
    };
    let Field::Set(WholeOrText(status_seen)) = shown.ps_survey_status else {
        return Err(lacks("ps_survey_status", "status"));
    };
    let status_known = status(status_seen);
    let quotas = items(&shown.quotas)
        .enumerate()
        .map(|(index, shown)| {
            quota(shown).map_err(|mismatch| mismatch.under(format_args!("{place}/quotas/{index}")))
        })
        .collect::<Decoded<_>>()?;
    let qualifications = criteria(&shown.qualifications)
        .map_err(|mismatch| mismatch.under(format_args!("{place}/qualifications")))?;
    let mut settings = BTreeMap::new();
    for setting in attributes::all() {
        let field = match setting.decode(map, place)? {
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
        attributes: settings.into(),
        ..SurveySpec::default()
    };
    Ok(LiveSurvey {
        id,
        status: status_known,
        status_text: status_known.map_or_else(|| format!("code {status_seen}"), |s| s.to_string()),
        status_reason: None,
        stopped: None,
        scheduled: None,
        pending: None,
        changed_by: Default::default(),
        links: Links {
            entry: shown.test_ps_survey_entry_link.as_str().and_then(link),
            questionnaire: None,
        },
        performance: None,
        seen: crate::model::live::Seen::Whole,
        charged: None,
        // A draft has asked nobody (vendor wiki 702185580 shows it to nobody); otherwise the counters are read apart.
        fielded: (status_known == Some(Status::Draft)).then_some(0),
        counts: false,
        spec,
        quotas,
        qualifications: Field::Set(qualifications),
        kept: VendorState::of(&typed::<Kept>(document, place)?),
    })
}

/// Items of a list; one that is not shown, or null, has none.
pub(super) fn items<T>(list: &Field<Vec<T>>) -> impl Iterator<Item = &T> {
    list.value().into_iter().flatten()
}

fn quota(shown: &wire::Quota) -> Decoded<LiveQuota> {
    let text = |code: &Field<Code>| {
        code.value()
            .map(|code| code.0.clone())
            .filter(|text| !text.is_empty())
    };
    let name = text(&shown.buyer_quota_id);
    let id = text(&shown.ps_quota_id)
        .or_else(|| name.clone())
        .ok_or_else(|| Mismatch::new("", "the quota has neither a ps_quota_id nor a buyer_quota_id"))?;
    let Some(CountOrText(completes)) = shown.required_count.value() else {
        return Err(Mismatch::new("/required_count", "the quota has no count"));
    };
    Ok(LiveQuota {
        name,
        id,
        completes: *completes,
        fielded: None,
        criteria: criteria(&shown.criteria).map_err(|mismatch| mismatch.under("/criteria"))?,
        nameless: false,
        hidden: false,
    })
}

fn criteria(shown: &Field<Vec<Object<wire::Criterion>>>) -> Decoded<Criteria> {
    let all = items(shown)
        .enumerate()
        .map(|(index, item)| criterion(item).map_err(|mismatch| mismatch.under(format_args!("/{index}"))));
    Ok(canonical(all.collect::<Decoded<_>>()?))
}

/// States are returned without their leading zero (vendor wiki 33499632); zip and county codes keep theirs.
const STATE: &str = "225";

fn criterion(shown: &wire::Criterion) -> Decoded<Criterion> {
    let Some(question) = shown.qualification_code.value().map(|code| code.0.to_string()) else {
        return Err(Mismatch::new("", "the criterion has no qualification_code"));
    };
    let mut unit = None;
    let mut ranges = Vec::new();
    for (index, set) in items(&shown.range_sets).enumerate() {
        let (Some(from), Some(to)) = (set.from.value(), set.to.value()) else {
            let place = format!("/range_sets/{index}");
            return Err(Mismatch::new(place, "the range lacks `from` or `to`"));
        };
        unit = set.units.value().map(|unit| unit.0.to_string()).or(unit);
        ranges.push(Range {
            from: from.0,
            to: to.0,
        });
    }
    if !ranges.is_empty() {
        return Ok(Criterion {
            question,
            unit,
            answers: Answers::ranges(ranges),
        });
    }
    let codes = items(&shown.condition_codes).map(|code| code.0.as_str());
    let codes = codes.map(|code| match question.as_str() {
        STATE => without_leading_zeros(code),
        _ => code,
    });
    let answers = Answers::codes(codes);
    Ok(Criterion {
        question,
        unit: None,
        answers,
    })
}

fn without_leading_zeros(code: &str) -> &str {
    let stripped = code.trim_start_matches('0');
    if stripped.is_empty() { code } else { stripped }
}

/// A page of the survey list: surveys, each with the time it was made.
pub(super) fn page(document: &Value) -> Decoded<Made> {
    let read = |item: &Value, place: &str| Ok((survey(item, place)?, made_at(item)));
    each(document, "", read, |item, mismatch| Unread {
        made: made_at(item),
        ..Unread::of(item, ["ps_survey_id", "survey_title"], mismatch)
    })
}

fn made_at(document: &Value) -> Option<Timestamp> {
    let shown: wire::Made = typed(document, "").ok()?;
    time(&shown.project_creation_date).or_else(|| millis(&shown.crtd_on))
}

fn time(shown: &Value) -> Option<Timestamp> {
    shown.as_str()?.parse().ok()
}

fn millis(shown: &Value) -> Option<Timestamp> {
    Timestamp::from_millisecond(whole(shown)?).ok()
}

/// Completes collected, and how fielding goes, from `GET /surveys/{id}/performance`: money is text with two decimals. With
/// nothing fielded the vendor shows the stated rate and length as the current ones (vendor wiki 2502819845), which then say
/// nothing.
pub(super) fn performance(document: &Value, kept: &Kept) -> Decoded<(u64, Performance)> {
    let shown: wire::Performance = typed(document, "")?;
    let CountOrText(fielded) = needed(shown.completes_fielded, "/completes_fielded", "a whole number")?;
    let number = |field: &Field<ExactOrText>| field.value().map(|number| number.0);
    let money = |field: &Field<AmountOrText>| field.value().map(|amount| Money::new(amount.0, CURRENCY));
    let count = |field: &Field<CountOrText>| field.value().map(|count| Decimal::from(count.0));
    let (dropped, poor) = (
        count(&shown.drop_off_count),
        count(&shown.quality_termination_count),
    );
    // Everybody who began; unknown where one of the counters is missing.
    let others = [
        count(&shown.over_quota_count),
        count(&shown.termination_count),
        dropped,
        poor,
    ];
    let began = others.into_iter().sum::<Option<Decimal>>();
    let began = began.and_then(|others| others.checked_add(Decimal::from(fielded)));
    let share = |part: Option<Decimal>| part?.checked_mul(Decimal::ONE_HUNDRED)?.checked_div(began?);
    let performance = Performance {
        incidence_rate: number(&shown.current_overall_incidence).filter(|_| fielded > 0),
        length_of_interview: number(&shown.current_overall_loi).filter(|_| fielded > 0),
        drop_off: share(dropped),
        quality_terminations: share(poor),
        cost: money(&shown.current_cost),
        projected_cost: money(&shown.projected_total_cost),
        price: money(&shown.current_cpi),
        started: millis(&kept.launch_date).filter(|launched| launched.as_millisecond() > 0),
        last_complete: time(&kept.project_last_complete_date),
        ..Performance::default()
    };
    Ok((fielded, performance))
}

/// Completes collected per quota, with the ids that it may be known by: `ps_quota_id` and `buyer_quota_id`, from
/// `GET /surveys/{id}/quotas/performance` (vendor wiki 33551187).
pub(super) fn quota_progress(document: &Value) -> Decoded<Vec<([Option<String>; 2], u64)>> {
    let rows = read::<Vec<Object<wire::QuotaProgress>>>(document, "")?;
    let row = |(index, Object(row)): (usize, Object<wire::QuotaProgress>)| {
        let place = format!("/{index}/completes_fielded");
        let CountOrText(fielded) = needed(row.completes_fielded, &place, "a whole number")?;
        let ids = [row.ps_quota_id, row.buyer_quota_id];
        Ok((ids.map(|id| id.value().map(|code| code.0.clone())), fielded))
    };
    rows.into_iter().enumerate().map(row).collect()
}

/// Templates from `GET /templates?UI=0`: folders of templates.
pub(super) fn templates(document: &Value) -> Decoded<Vec<LiveTemplate>> {
    let mut all = Vec::new();
    for (f, folder) in read::<Vec<Object<wire::Folder>>>(document, "")?
        .into_iter()
        .enumerate()
    {
        for (t, shown) in items(&folder.templates).enumerate() {
            let (id, name) = named(shown, &format!("/{f}/templates/{t}"), "a template id")?;
            // Surveys made from it begin with the title.
            let title = shown
                .title
                .as_str()
                .filter(|title| !title.is_empty() && *title != name);
            let folder = folder.folder.as_str().filter(|folder| !folder.is_empty());
            let about = [
                title.map(|title| format!("title \"{title}\"")),
                folder.map(|folder| format!("in {folder}")),
            ];
            let about: Vec<String> = about.into_iter().flatten().collect();
            all.push(LiveTemplate {
                id,
                name,
                about: about.join(", "),
            });
        }
    }
    all.sort_by_key(|template| template.id);
    all.dedup_by_key(|template| template.id);
    Ok(all)
}

pub(super) fn named(shown: &wire::Named, place: &str, expected: &str) -> Decoded<(u64, String)> {
    let id = needed(shown.id.as_ref(), &format!("{place}/id"), expected)?;
    Ok((id.0, shown.name.value().cloned().unwrap_or_default()))
}

/// What is estimated (vendor wiki 109740064).
pub(super) fn feasibility(document: &Value) -> Decoded<Estimate> {
    let shown: wire::Feasibility = typed(document, "")?;
    let total = needed(
        shown.total_feasibility,
        "/total_feasibility",
        "a number of completes",
    )?;
    let price = shown
        .recommended_cpi
        .value()
        .map(|price| Money::new(price.0, CURRENCY));
    Ok(Estimate {
        total: Some(total.0),
        price,
        hard_quotas: items(&shown.difficult_quotas)
            .map(|code| code.0.clone())
            .collect(),
        ..Estimate::default()
    })
}

/// Whether completes have to name their quotas (QLC), from a survey that may stand in an envelope; `None` where it does not
/// show the setting.
pub(super) fn allocates_by_quota(document: &Value) -> Decoded<Option<bool>> {
    let shown: wire::Allocating = typed(document, "")?;
    let switch = match &shown.survey {
        Field::Set(inner) => inner.qlc.value(),
        Field::Absent | Field::Null => shown.qlc.value(),
    };
    Ok(switch.and_then(|switch| switch.enable.value()).map(|on| on.0))
}

/// An exclusion group; the shape of the answer is assumed to be that of the request.
pub(super) fn group(id: &str, document: &Value) -> Decoded<LiveGroup> {
    let shown: wire::Group = typed(document, "")?;
    // An answer that names none of its parts says nothing about them.
    if shown.buyer_surveygroup_ref.is_absent() && shown.name.is_absent() && shown.surveys_in_group.is_absent()
    {
        let problem = "the group has neither a reference nor a name nor surveys";
        return Err(Mismatch::new("/buyer_surveygroup_ref", problem));
    }
    Ok(LiveGroup {
        id: id.to_owned(),
        reference: shown.buyer_surveygroup_ref,
        title: shown.name,
        members: shown.surveys_in_group.map(|members| {
            let mut ids: Vec<_> = members.into_iter().map(|id| id.0.into()).collect();
            ids.sort_unstable();
            ids
        }),
        exclusion_days: shown.exclusion_period.map(|n| n.0),
    })
}

#[cfg(test)]
mod tests;
