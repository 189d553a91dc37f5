//! The survey's plain fields: which the vendor accepts, keeps and shows.
//!
//! One table says what a field may be and when it may be written (vendor wiki 237502474, docs
//! update-survey). What the table does not name is dropped without a word, as the vendor does with
//! input-only keys.

use super::envelope::SYNTAX_ERROR;
use super::prelude::*;
use std::ops::Range;

/// What a field may hold.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    TextOrNull,
    Whole { min: i64, max: i64 },
    Flag,
    Price,
    Localization,
    Texts,
    Object,
}

/// When a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// In every new survey, and in edits.
    Required,
    Always,
    OnCreate,
}

use Written::{Always, OnCreate, Required};

struct Field(&'static str, Kind, Written);

/// No limit worth mentioning; keeps what the sandbox multiplies within reach of a decimal.
const ANY: i64 = 2_147_483_647;
/// The highest price accepted, in USD.
const MAX_PRICE: u64 = 1_000_000;

const fn whole(min: i64, max: i64) -> Kind {
    Kind::Whole { min, max }
}

/// Required is what create-survey marks so, but for `live_url`: drafts without it were seen.
const FIELDS: &[Field] = &[
    Field("survey_title", Kind::Text, Required),
    Field("survey_category_code", whole(0, ANY), Required),
    Field("survey_localization", Kind::Localization, Required),
    Field("completes_required", whole(1, ANY), Required),
    Field("expected_ir", whole(1, 100), Required),
    Field("expected_loi", whole(1, ANY), Required),
    Field("field_time", whole(1, ANY), Required),
    Field("live_url", Kind::TextOrNull, Always),
    Field("test_url", Kind::TextOrNull, Always),
    Field("offer_price", Kind::Price, Always),
    Field("incl_excl", whole(0, 1), OnCreate),
    Field("click_balancing", whole(0, 1), Always),
    Field("estimated_clicks", whole(0, ANY), OnCreate),
    Field("quota_throttling", Kind::Flag, Always),
    Field("buyer_message", Kind::TextOrNull, Always),
    Field("billing_id", Kind::TextOrNull, Always),
    Field("external_project_id", Kind::TextOrNull, Always),
    Field("mc_unique_id", Kind::TextOrNull, Always),
    Field("subscriber_emails", Kind::Texts, Always),
    Field("qlc", Kind::Object, Always),
    Field("qbp", Kind::Object, Always),
    Field("is_feot_enabled", Kind::Flag, Always),
    Field("feot", Kind::Object, Always),
    Field("feasibility_exclusions", Kind::Object, Always),
    Field("global_flexibility", whole(0, ANY), Always),
    Field("blend_id", Kind::TextOrNull, Always),
    Field("buyer_surveygroup_ref", Kind::TextOrNull, Always),
    Field("buyer_surveygroup_refs", Kind::Texts, Always),
];

fn required() -> impl Iterator<Item = &'static str> {
    let required = FIELDS.iter().filter(|known| known.2 == Required);
    required.map(|known| known.0)
}

/// Reads the plain fields of a new survey. With a template nothing is required.
pub(super) fn for_create(
    body: &Map<String, Value>,
    has_template: bool,
) -> Result<Map<String, Value>, Failure> {
    let fields = accept(body, |_| true)?;
    match required().find(|name| !has_template && !fields.contains_key(*name)) {
        Some(name) => Err(invalid(format!("{name} is required"))),
        None => Ok(fields),
    }
}

/// Reads the plain fields of an edit of a survey whose fields are `current`.
pub(super) fn for_update(
    body: &Map<String, Value>,
    current: &Map<String, Value>,
) -> Result<Map<String, Value>, Failure> {
    // Vendor wiki 107839551: recontact or not is decided by the draft's creation.
    let before = current.get("incl_excl").unwrap_or(&Value::from(0)).clone();
    if body.field("incl_excl").is_some_and(|wanted| *wanted != before) {
        return Err(invalid("incl_excl cannot be changed after creation"));
    }
    let fields = accept(body, |known| known.2 != OnCreate)?;
    match required().find(|name| body.get(*name).is_some_and(Value::is_null)) {
        Some(name) => Err(invalid(format!("{name} cannot be empty"))),
        None => Ok(fields),
    }
}

/// Checks one plain field by its name.
pub(super) fn check(name: &str, value: &Value) -> Result<(), Failure> {
    match FIELDS.iter().find(|known| known.0 == name) {
        Some(known) => known.check(value),
        None => Err(invalid(format!("{name} is not a field"))),
    }
}

fn accept(
    body: &Map<String, Value>,
    may_write: impl Fn(&Field) -> bool,
) -> Result<Map<String, Value>, Failure> {
    let mut fields = Map::new();
    for known in FIELDS.iter().filter(|known| may_write(known)) {
        let value = body
            .get(known.0)
            .filter(|value| !value.is_null() || known.may_be_null());
        if let Some(value) = value {
            known.check(value)?;
            fields.insert(known.0.to_owned(), value.clone());
        }
    }
    check_qlc(&fields)?;
    // Vendor wiki 2749038627.
    let pacing = fields.field("feot").and_then(|feot| feot.text("pacing"));
    if !matches!(pacing, None | Some("hours" | "days" | "weeks")) {
        return Err(invalid("feot.pacing must be hours, days or weeks"));
    }
    Ok(fields)
}

impl Field {
    fn may_be_null(&self) -> bool {
        matches!(self.1, Kind::TextOrNull | Kind::Price)
    }

    fn check(&self, value: &Value) -> Result<(), Failure> {
        let (fits, rule) = match self.1 {
            Kind::Text => (
                value.as_str().is_some_and(|text| !text.is_empty()),
                "a string that is not empty".to_owned(),
            ),
            Kind::TextOrNull => (
                value.is_string() || value.is_null(),
                "a string or null".to_owned(),
            ),
            Kind::Whole { min, max } => (
                value.as_i64().is_some_and(|number| (min..=max).contains(&number)),
                match max {
                    ANY => format!("a whole number, {min} or more"),
                    _ => format!("a whole number from {min} to {max}"),
                },
            ),
            Kind::Flag => (value.is_boolean(), "true or false".to_owned()),
            Kind::Price => (
                value.is_null() || is_price(value),
                format!("a number from 0 to {MAX_PRICE}, or null"),
            ),
            Kind::Localization if value.as_str().is_some_and(is_localization) => return Ok(()),
            Kind::Localization => return Err(invalid(format!("{} must look like en_US", self.0))),
            Kind::Texts => (texts(value).is_some(), "an array of strings".to_owned()),
            Kind::Object => (value.is_object(), "an object".to_owned()),
        };
        if fits {
            return Ok(());
        }
        Err(invalid(format!("{} must be {rule}", self.0)))
    }
}

/// Returns whether `value` is an amount in USD that can be a price.
pub(super) fn is_price(value: &Value) -> bool {
    let in_range = |amount: Decimal| !amount.is_sign_negative() && amount <= Decimal::from(MAX_PRICE);
    decimal(value).is_some_and(in_range)
}

/// Returns whether `text` has the form `ll_CC`.
fn is_localization(text: &str) -> bool {
    text.split_once('_').is_some_and(|(language, country)| {
        matches!(language.len(), 2 | 3)
            && country.len() == 2
            && language.bytes().all(|byte| byte.is_ascii_lowercase())
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}

/// Vendor wiki 849707035: what may be switched on together.
fn check_qlc(fields: &Map<String, Value>) -> Result<(), Failure> {
    let qlc = fields.copy("qlc");
    let multiple = qlc.copy("multiple_quotas");
    if qlc["enable"] == true && multiple["enable"] != true {
        return Err(invalid(
            "qlc.multiple_quotas.enable must be true when qlc.enable is",
        ));
    }
    let on = ["count_by_quota", "compensate_by_quota"]
        .into_iter()
        .find(|name| multiple[name] == true);
    on.map_or(Ok(()), |name| {
        Err(invalid(format!("qlc.multiple_quotas.{name} must be false")))
    })
}

/// Reads a body.
pub(super) fn body<T: DeserializeOwned>(call: &Call) -> Result<T, Failure> {
    let sent: Value = serde_json::from_slice(&call.body).map_err(|_| SYNTAX_ERROR)?;
    typed(&sent).map_err(invalid)
}

/// Reads a body that must be a JSON object.
pub(super) fn object(call: &Call) -> Result<Map<String, Value>, Failure> {
    body(call)
}

/// Reads what a field of a body holds, if it is there.
pub(super) fn sent<T: DeserializeOwned>(body: &Map<String, Value>, name: &str) -> Result<Option<T>, Failure> {
    let read = |sent| typed(sent).map_err(|error| invalid(format!("{name}: {error}")));
    body.field(name).map(read).transpose()
}

/// Reads a parameter that must be a whole number, 1 or more.
pub(super) fn positive(call: &Call, name: &str) -> Result<Option<usize>, Failure> {
    let read = |text: &str| {
        let number = text.parse().ok().filter(|number| *number >= 1);
        number.ok_or_else(|| invalid(format!("{name} must be a whole number, 1 or more")))
    };
    call.parameter(name).map(read).transpose()
}

/// Reads which positions of a list a call asks for, in pages from 1 that have at most `most`.
pub(super) fn page(call: &Call, default: usize, most: usize) -> Result<Range<usize>, Failure> {
    let limit = positive(call, "limit")?.unwrap_or(default).min(most);
    let skip = limit.saturating_mul(positive(call, "page")?.unwrap_or(1) - 1);
    Ok(skip..skip.saturating_add(limit))
}

/// One operation of a JSON patch.
#[derive(Deserialize)]
struct Operation {
    op: String,
    path: String,
    value: Value,
}

/// Reads a JSON-patch body into names of fields and their new values; only `replace` of a top-level field is documented
/// (docs update-survey PATCH).
pub(super) fn replacements(call: &Call) -> Result<Vec<(String, Value)>, Failure> {
    let read = |one: Operation| match one.path.strip_prefix('/') {
        _ if one.op != "replace" => Err(invalid("op must be replace")),
        Some(field) if !field.is_empty() && !field.contains('/') => Ok((field.to_owned(), one.value)),
        _ => Err(invalid("path must name a field, such as /offer_price")),
    };
    let operations: Vec<Operation> = body(call)?;
    operations.into_iter().map(read).collect()
}
