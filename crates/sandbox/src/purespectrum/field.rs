//! The survey's plain fields: which the vendor accepts, keeps and shows.
//!
//! One table says what a field may be and when it may be written (vendor wiki 237502474, docs
//! update-survey). What the table does not name is dropped without a word, as the vendor does with
//! input-only keys.

use super::envelope::SYNTAX_ERROR;
use super::prelude::*;
use std::ops::Range;

/// When a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    /// In every new survey, and in edits.
    Required,
    Always,
    OnCreate,
}

use Written::{Always, OnCreate, Required};

struct Field(&'static str, Shape, Written);

/// What a price may be, in USD.
pub(super) const PRICE: Shape = Shape::NumberOrNull(0, 1_000_000);
const LOCALIZATION: Shape = Shape::Like(is_localization, "like en_US");

/// Required is what create-survey marks so, but for `live_url`: drafts without it were seen.
const FIELDS: &[Field] = &[
    Field("survey_title", Shape::Text, Required),
    Field("survey_category_code", Shape::Whole(0, ANY), Required),
    Field("survey_localization", LOCALIZATION, Required),
    Field("completes_required", Shape::Whole(1, ANY), Required),
    Field("expected_ir", Shape::Whole(1, 100), Required),
    Field("expected_loi", Shape::Whole(1, ANY), Required),
    Field("field_time", Shape::Whole(1, ANY), Required),
    Field("live_url", Shape::TextOrNull, Always),
    Field("test_url", Shape::TextOrNull, Always),
    Field("offer_price", PRICE, Always),
    Field("incl_excl", Shape::Whole(0, 1), OnCreate),
    Field("click_balancing", Shape::Whole(0, 1), Always),
    Field("estimated_clicks", Shape::Whole(0, ANY), OnCreate),
    Field("quota_throttling", Shape::Flag, Always),
    Field("buyer_message", Shape::TextOrNull, Always),
    Field("billing_id", Shape::TextOrNull, Always),
    Field("external_project_id", Shape::TextOrNull, Always),
    Field("mc_unique_id", Shape::TextOrNull, Always),
    Field("subscriber_emails", Shape::Texts, Always),
    Field("qlc", Shape::Object, Always),
    Field("qbp", Shape::Object, Always),
    Field("is_feot_enabled", Shape::Flag, Always),
    Field("feot", Shape::Object, Always),
    Field("feasibility_exclusions", Shape::Object, Always),
    Field("global_flexibility", Shape::Whole(0, ANY), Always),
    Field("blend_id", Shape::TextOrNull, Always),
    Field("buyer_surveygroup_ref", Shape::TextOrNull, Always),
    Field("buyer_surveygroup_refs", Shape::Texts, Always),
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
        Some(known) => known.1.check(name, value).map_err(invalid),
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
            .filter(|value| !value.is_null() || known.1.may_be_null());
        if let Some(value) = value {
            known.1.check(known.0, value).map_err(invalid)?;
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
    for name in ["count_by_quota", "compensate_by_quota"] {
        if multiple[name] == true {
            return Err(invalid(format!("qlc.multiple_quotas.{name} must be false")));
        }
    }
    Ok(())
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
