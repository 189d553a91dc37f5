//! From a survey manifest to the model's survey.
//!
//! Promises: what the manifest leaves out is absent, `null` is null; a value that is wrong is reported and never
//! reaches the model as another value.

use super::answers::Context;
use super::billing;
use super::criteria;
use super::money::money;
use super::windows;
use super::{respondents, stages, suppliers, times};
use crate::diag::code;
use crate::diag::text::short;
use crate::manifest::check::draft::{Draft, Resolved};
use crate::manifest::check::survey;
use crate::manifest::expand::scope::Scope;
use crate::manifest::expand::shares::{self, NoShare};
use crate::manifest::renames;
use crate::manifest::shape::types::{QuotaManifest, SurveyManifest};
use crate::marketplace::registry;
use crate::marketplace::shelf::blocks::Block;
use crate::model::apportion::apportion;
use crate::model::desired::{MovedQuotas, Policy};
use crate::model::fields::{Form, ROWS, Row};
use crate::model::targeting::canonical;
use crate::model::{Criteria, DesiredSurvey, Field, FieldName, Ladder, Level, Quota, SurveySpec, VendorId};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;
use std::collections::BTreeMap;
use url::Url;

/// A survey of a manifest, or one of its groups.
pub(crate) type Lowered = (Option<String>, DesiredSurvey);

/// What is lowered: a survey, or a group with the survey's fields laid under it.
pub(crate) struct Part {
    pub(crate) vendor: VendorId,
    pub(crate) level: Level,
    pub(crate) block: Block,
}

/// Lowers what is fielded: a survey, or a group that was laid over its survey.
pub(crate) fn lower_part(
    scope: &mut Scope<'_>,
    manifest: &SurveyManifest,
    document: &Value,
    part: Part,
    mut refused: Vec<String>,
) -> DesiredSurvey {
    let Part { vendor, level, block } = part;
    let policy = policy(scope, manifest, vendor, &block);
    let mut spec = fields(scope, document, vendor, &mut refused);
    lists_enough(scope, &spec);
    if let (Field::Set(suppliers), Some(terms)) = (&spec.suppliers, vendor.facts().suppliers) {
        let (completes, offer) = (spec.completes.value().copied(), spec.cpi.value().copied());
        spec.suppliers = Field::Set(suppliers.clone().on(terms, completes, offer));
    }

    let before = scope.errors();
    let books = scope.books.clone();
    let codebook = books
        .of(vendor)
        .unwrap_or_else(|| registry::of(vendor).codebook());
    let context = |in_quota| Context {
        vendor: vendor.name(),
        key: vendor.key(),
        codebook,
        books: &books,
        library: vendor.has_library(),
        locale: spec.locale.value().map(String::as_str),
        in_quota,
    };
    let mut qualifications = Vec::new();
    let mut qualified = Field::Absent;
    if let Field::Set(map) = &manifest.qualifications {
        qualifications = criteria::resolve(scope, &context(false), map, "/qualifications");
        qualified = Field::Set(in_order(&qualifications));
    }
    let mut quotas = Vec::new();
    let mut counted = Field::Absent;
    let mut moved_quotas = MovedQuotas::new();
    if let Field::Set(list) = &manifest.quotas {
        moved_quotas = renames::quotas(scope, list);
        for (index, quota) in list.iter().enumerate() {
            let place = format!("/quotas/{index}/where");
            quotas.push(criteria::resolve(scope, &context(true), &quota.criteria, &place));
        }
        let whole = spec.completes.value().copied();
        let counts = completes(scope, list, &quotas, whole, &refused);
        let each = list.iter().zip(&quotas).zip(counts);
        let quota = |((quota, criteria), completes): ((&QuotaManifest, &Vec<Resolved>), u64)| Quota {
            name: quota.key().to_owned(),
            completes,
            criteria: in_order(criteria),
        };
        counted = Field::Set(each.map(quota).collect());
    }
    let resolved = scope.errors() == before;
    if let Field::Set(list) = &manifest.quotas {
        names_are_unique(scope, list);
    }
    spec.template = Field::mentioned(block.template);
    spec.qualifications = qualified;
    spec.quotas = counted;
    spec.attributes = block.attributes;
    registry::of(vendor).imply(&mut spec);
    let mut draft = Draft {
        vendor,
        codebook,
        level,
        spec,
        qualifications,
        quotas,
        resolved,
        refused,
    };
    survey::run(scope, &draft);
    let stages = manifest.stages.as_deref();
    let mut ladder =
        stages.and_then(|stages| stages::lower(scope, stages, vendor, &draft.spec, &draft.refused));
    if let Some(windows) = &manifest.windows {
        let hours = windows::lower(scope, windows, &draft.spec, &draft.refused);
        // Wrong stages are no reason to be in field at once with everything.
        if hours.is_some() && manifest.stages.is_none() {
            ladder = Some(Ladder::flat(&draft.spec));
        }
        if let Some(ladder) = &mut ladder {
            ladder.hours = hours;
        }
    }
    if let Some(pace) = &manifest.pace {
        let timezone = ladder.as_ref().and_then(|ladder| ladder.hours.as_ref());
        let timezone = timezone.map_or("UTC", |hours| &hours.timezone).to_owned();
        let pace = windows::pace(scope, pace, timezone, &draft.spec, &draft.refused);
        if pace.is_some() && manifest.stages.is_none() {
            ladder.get_or_insert_with(|| Ladder::flat(&draft.spec));
        }
        if let Some(ladder) = &mut ladder {
            ladder.pace = pace;
        }
    }
    if registry::of(vendor).takes_no_times().is_some() {
        draft.spec.start = Field::Absent;
        draft.spec.end = Field::Absent;
    }
    if !vendor.facts().takes_days {
        draft.spec.field_days = Field::Absent;
    }
    DesiredSurvey {
        vendor,
        spec: draft.spec,
        policy,
        moved_quotas,
        ladder,
    }
}

/// Warns where a survey asks for more completes than it invites respondents.
fn lists_enough(scope: &mut Scope<'_>, spec: &SurveySpec) {
    if let (Some(list), Some(completes)) = (spec.recontact.value(), spec.completes.value())
        && list.count() < *completes
    {
        let (count, completes) = (list.count(), *completes);
        scope
            .warning(code::RESPONDENTS_FEWER)
            .says(format!(
                "{completes} completes are wanted of {count} listed respondents"
            ))
            .value("/completes", "more than are listed")
            .also_value("/recontact/file", "this list")
            .help(format!(
                "write `completes: {count}` or less: not everybody who is asked again takes part"
            ));
    }
}

pub(crate) fn policy(
    scope: &mut Scope<'_>,
    manifest: &SurveyManifest,
    vendor: VendorId,
    block: &Block,
) -> Policy {
    let in_block = block.on_template_change;
    if let (Some(one), Some(other)) = (manifest.on_template_change, in_block)
        && one != other
    {
        scope
            .error(code::SURVEY_CONFLICTING_POLICY)
            .says("`on_template_change` is given twice, and differently")
            .value(&format!("/{vendor}/on_template_change"), "says another")
            .also_value("/on_template_change", "than this")
            .help("remove one of them");
    }
    billing::check(scope, manifest, vendor, block);
    Policy {
        on_template_change: manifest.on_template_change.or(in_block).unwrap_or_default(),
        on_fixed_change: manifest.on_fixed_change.unwrap_or_default(),
        on_external_pause: manifest.on_external_pause.unwrap_or_default(),
        on_remove: manifest.on_remove.unwrap_or_default(),
        protect: manifest.protect.unwrap_or_default(),
        tags: billing::tags(manifest),
        budget: billing::budget(scope, manifest),
    }
}

/// Criteria in canonical order.
fn in_order(criteria: &[Resolved]) -> Criteria {
    canonical(criteria.iter().map(|one| one.criterion.clone()).collect())
}

/// The fields of the table that stand in a manifest as one value, and the status. Those that mean nothing are reported,
/// named as `refused` and left out.
fn fields(
    scope: &mut Scope<'_>,
    document: &Value,
    vendor: VendorId,
    refused: &mut Vec<String>,
) -> SurveySpec {
    let mut spec = SurveySpec::default();
    let clock = times::clock(scope, document);
    for row in ROWS {
        let Some(written) = document.pointer(row.path) else {
            continue;
        };
        let text = written.as_str().unwrap_or_default();
        let value = match row.form {
            Form::Template | Form::Criteria | Form::Quotas => continue,
            Form::Respondents if !written.is_null() => {
                match respondents::read(scope, written, row.path, vendor.key()) {
                    Some(list) => spec.list(&row.name, list),
                    None => refused.push(row.last_key().to_owned()),
                }
                continue;
            }
            Form::Time if written.is_null() => continue,
            _ if written.is_null() => Some(Value::Null),
            Form::Text | Form::Count | Form::Status | Form::Respondents => Some(written.clone()),
            Form::Number => Some(Value::from(written.to_string())),
            Form::Locale => locale(scope, row, text),
            Form::Time => times::read(scope, row, text, clock.as_ref()),
            Form::Price if row.name == FieldName::Cpi && text == "market" => Some(Value::Null),
            Form::Price => price(scope, row, text),
            Form::Suppliers => suppliers::read(scope, written),
            Form::Url => url(scope, row, text),
        };
        if value.is_none_or(|value| spec.read(row, value).is_err()) {
            refused.push(row.last_key().to_owned());
        }
    }
    if let (Field::Set(first), Field::Set(last)) = (&spec.start, &spec.end)
        && first >= last
    {
        scope
            .error(code::SURVEY_FIELD)
            .says("the time in field ends before it starts")
            .value("/field/end", "not after the start")
            .also_value("/field/start", "the start")
            .help("write a later end, or an earlier start");
    }
    spec
}

fn locale(scope: &mut Scope<'_>, row: &Row, text: &str) -> Option<Value> {
    let mut parts = text.split('-');
    let language = parts.next().unwrap_or_default();
    let letters = |part: &str, cased: fn(&u8) -> bool| part.bytes().all(|b| cased(&b));
    let valid = (2..=3).contains(&language.len())
        && letters(language, u8::is_ascii_lowercase)
        && parts.clone().count() > 0
        && parts.all(|part| match part.len() {
            2 => letters(part, u8::is_ascii_uppercase),
            3 => letters(part, u8::is_ascii_digit),
            4 => {
                part.starts_with(|c: char| c.is_ascii_uppercase())
                    && letters(&part[1..], u8::is_ascii_lowercase)
            }
            _ => false,
        });
    if valid {
        return Some(Value::from(text));
    }
    let pieces: Vec<_> = text.split(['-', '_']).collect();
    scope
        .error(code::SURVEY_LOCALE)
        .says(format!("`{}` is not a locale", short(text)))
        .value(row.path, "not a BCP 47 tag")
        .help(match pieces.as_slice() {
            [language, region] if language.len() == 2 && region.len() == 2 && text.is_ascii() => {
                format!(
                    "write `{}-{}`",
                    language.to_ascii_lowercase(),
                    region.to_ascii_uppercase()
                )
            }
            _ => "write language and region, such as `en-US`".to_owned(),
        });
    None
}

fn price(scope: &mut Scope<'_>, row: &Row, text: &str) -> Option<Value> {
    let price = money(scope, Some(text), row.path)?;
    if !price.amount.is_zero() {
        return Some(Value::from(price.to_string()));
    }
    scope
        .error(code::MONEY_ZERO)
        .says("a price of zero buys no interviews")
        .value(row.path, "nothing")
        .help(match row.name {
            FieldName::Cpi => "write a price, or `market` for the vendor's market price",
            _ => "write a price",
        });
    None
}

/// Checks a URL with the vendor's placeholders in it. The text itself is kept: placeholders such as `[%%token%%]` and
/// `%ID%` are no valid URL syntax, so the check reads a copy in which they are harmless.
fn url(scope: &mut Scope<'_>, row: &Row, text: &str) -> Option<Value> {
    let fault = if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
        Some("has blanks in it")
    } else {
        match Url::parse(&text.replace("[%%", "").replace("%%]", "")) {
            Err(_) => Some("is not an absolute URL"),
            Ok(url) if !["http", "https"].contains(&url.scheme()) => Some("is neither http nor https"),
            Ok(url) if !url.username().is_empty() || url.password().is_some() => Some("carries credentials"),
            Ok(_) => None,
        }
    };
    let Some(fault) = fault else {
        return Some(Value::from(text));
    };
    scope
        .error(code::SURVEY_URL)
        .says(format!("`{}` {fault}", row.last_key()))
        .value(row.path, "not an entry URL")
        .help("write an absolute URL such as `https://survey.example.com/s/1?tk=[%%token%%]`");
    None
}

/// Names beside which another `id` stands; names that are keys are compared with all other keys.
fn names_are_unique(scope: &mut Scope<'_>, list: &[QuotaManifest]) {
    let mut names: BTreeMap<&str, usize> = BTreeMap::new();
    for (index, quota) in list.iter().enumerate() {
        let first = *names.entry(&quota.name).or_insert(index);
        if first != index && list[first].key() != quota.key() {
            scope
                .error(code::QUOTA_DUPLICATE_NAME)
                .says(format!("there are two quotas `{}`", short(&quota.name)))
                .value(&format!("/quotas/{index}/name"), "again")
                .also_value(&format!("/quotas/{first}/name"), "first")
                .help("give each quota its own name, and its own `id` where it has one");
        }
    }
}

/// The completes of every quota: counts as written, shares apportioned among the quotas over the same questions.
fn completes(
    scope: &mut Scope<'_>,
    list: &[QuotaManifest],
    quotas: &[Vec<Resolved>],
    whole: Option<u64>,
    refused: &[String],
) -> Vec<u64> {
    let mut counts = vec![0; list.len()];
    let mut dimensions: BTreeMap<Vec<String>, Vec<(usize, Decimal)>> = BTreeMap::new();
    for (index, quota) in list.iter().enumerate() {
        if let Some(count) = quota.completes.as_u64() {
            counts[index] = count;
            continue;
        }
        let pointer = format!("/quotas/{index}/completes");
        let share = match shares::read(&quota.completes) {
            Ok(share) => share,
            Err(NoShare { why, help }) => {
                let written = quota
                    .completes
                    .as_str()
                    .map_or_else(|| quota.completes.to_string(), str::to_owned);
                scope
                    .error(code::QUOTA_SHARE)
                    .says(format!("`{}` {why}", short(&written)))
                    .value(&pointer, "not such a share")
                    .help(format!("{help}, or a number of completes"));
                continue;
            }
        };
        if whole.is_none() && refused.iter().any(|field| field == "completes") {
            continue;
        }
        if whole.is_none() {
            scope
                .error(code::QUOTA_SHARE)
                .says("a share needs the survey's `completes` in this manifest")
                .value(&pointer, "a share of what?")
                .help("add `completes: ...` to the survey, or write a number here");
            continue;
        }
        let dimension = survey::dimension(&quotas[index]);
        dimensions.entry(dimension).or_default().push((index, share));
    }
    let Some(whole) = whole else { return counts };
    for members in dimensions.into_values() {
        let written: Vec<_> = members.iter().map(|(_, share)| *share).collect();
        let shares = shares::whole(&written).unwrap_or(written);
        let sum: Decimal = shares.iter().sum();
        if sum.round_dp(6) > Decimal::ONE_HUNDRED {
            let (first, last) = (members[0].0, members[members.len() - 1].0);
            let told = scope
                .error(code::QUOTA_SHARES_EXCEED)
                .says(format!("these shares sum to {}%", sum.normalize()))
                .value(&format!("/quotas/{last}/completes"), "with this share")
                .help("shares over the same questions may sum to 100% at most; write numbers for more");
            if first != last {
                told.also_value(&format!("/quotas/{first}/completes"), "from here on");
            }
        }
        for ((index, _), count) in members.iter().zip(apportion(whole, &shares)) {
            counts[*index] = count;
            if count == 0 {
                let least = Decimal::ONE_HUNDRED / Decimal::from(whole.max(1));
                // Up, to what can be written.
                let least = least
                    .round_dp_with_strategy(4, RoundingStrategy::AwayFromZero)
                    .normalize();
                scope
                    .error(code::QUOTA_SHARE_ROUNDS_TO_ZERO)
                    .says(format!("this share of {whole} completes comes to none"))
                    .value(&format!("/quotas/{index}/completes"), "no complete")
                    .help(format!(
                        "{least}% is the smallest share that comes to one; or write a number"
                    ));
            }
        }
    }
    counts
}
