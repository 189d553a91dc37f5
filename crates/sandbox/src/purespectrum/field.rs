//! The survey's plain fields: which the vendor accepts, keeps and shows.
//!
//! One table says what a field may be and when it may be written (vendor wiki 237502474, docs
//! update-survey). What the table does not name is dropped without a word, as the vendor does with
//! input-only keys.

use std::str::FromStr as _;

use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

use super::envelope::{envelope, invalid};
use crate::Failure;

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

/// When a field may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Written {
    Always,
    OnCreate,
}

struct Field {
    name: &'static str,
    kind: Kind,
    written: Written,
    required: bool,
}

/// No limit worth mentioning; keeps what the sandbox multiplies within reach of a decimal.
const ANY: i64 = 2_147_483_647;
/// The highest price accepted, in USD.
const MAX_PRICE: u64 = 1_000_000;

const fn field(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        written: Written::Always,
        required: false,
    }
}

const fn required(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        written: Written::Always,
        required: true,
    }
}

const fn on_create(name: &'static str, kind: Kind) -> Field {
    Field {
        name,
        kind,
        written: Written::OnCreate,
        required: false,
    }
}

const fn whole(min: i64, max: i64) -> Kind {
    Kind::Whole { min, max }
}

/// Required is what create-survey marks so, but for `live_url`: drafts without it were seen.
const FIELDS: &[Field] = &[
    required("survey_title", Kind::Text),
    required("survey_category_code", whole(0, ANY)),
    required("survey_localization", Kind::Localization),
    required("completes_required", whole(1, ANY)),
    required("expected_ir", whole(1, 100)),
    required("expected_loi", whole(1, ANY)),
    required("field_time", whole(1, ANY)),
    field("live_url", Kind::TextOrNull),
    field("test_url", Kind::TextOrNull),
    field("offer_price", Kind::Price),
    on_create("incl_excl", whole(0, 1)),
    field("click_balancing", whole(0, 1)),
    on_create("estimated_clicks", whole(0, ANY)),
    field("quota_throttling", Kind::Flag),
    field("buyer_message", Kind::TextOrNull),
    field("billing_id", Kind::TextOrNull),
    field("external_project_id", Kind::TextOrNull),
    field("mc_unique_id", Kind::TextOrNull),
    field("subscriber_emails", Kind::Texts),
    field("qlc", Kind::Object),
    field("qbp", Kind::Object),
    field("is_feot_enabled", Kind::Flag),
    field("feot", Kind::Object),
    field("feasibility_exclusions", Kind::Object),
    field("global_flexibility", whole(0, ANY)),
    field("blend_id", Kind::TextOrNull),
    field("buyer_surveygroup_ref", Kind::TextOrNull),
    field("buyer_surveygroup_refs", Kind::Texts),
];

/// Reads the plain fields of a new survey. With a template nothing is required.
pub(super) fn for_create(
    body: &Map<String, Value>,
    has_template: bool,
) -> Result<Map<String, Value>, Failure> {
    let fields = accept(body, |_| true)?;
    if !has_template {
        for known in FIELDS.iter().filter(|known| known.required) {
            if !fields.contains_key(known.name) {
                return Err(invalid(format!("{} is required", known.name)));
            }
        }
    }
    Ok(fields)
}

/// Reads the plain fields of an edit of a survey whose fields are `current`.
pub(super) fn for_update(
    body: &Map<String, Value>,
    current: &Map<String, Value>,
) -> Result<Map<String, Value>, Failure> {
    // Vendor wiki 107839551: recontact or not is decided by the draft's creation.
    if let Some(wanted) = body.get("incl_excl")
        && !wanted.is_null()
        && *wanted != current.get("incl_excl").cloned().unwrap_or(Value::from(0))
    {
        return Err(invalid("incl_excl cannot be changed after creation"));
    }
    let fields = accept(body, |known| known.written == Written::Always)?;
    for known in FIELDS.iter().filter(|known| known.required) {
        if body.get(known.name).is_some_and(Value::is_null) {
            return Err(invalid(format!("{} cannot be empty", known.name)));
        }
    }
    Ok(fields)
}

/// Checks one plain field by its name.
pub(super) fn check(name: &str, value: &Value) -> Result<(), Failure> {
    match FIELDS.iter().find(|known| known.name == name) {
        Some(known) => known.check(value).map_err(invalid),
        None => Err(invalid(format!("{name} is not a field"))),
    }
}

fn accept(
    body: &Map<String, Value>,
    may_write: impl Fn(&Field) -> bool,
) -> Result<Map<String, Value>, Failure> {
    let mut fields = Map::new();
    for known in FIELDS {
        let Some(value) = body.get(known.name) else {
            continue;
        };
        if !may_write(known) || (value.is_null() && !known.may_be_null()) {
            continue;
        }
        known.check(value).map_err(invalid)?;
        fields.insert(known.name.to_owned(), value.clone());
    }
    check_qlc(&fields)?;
    check_feot(&fields)?;
    Ok(fields)
}

impl Field {
    fn may_be_null(&self) -> bool {
        matches!(self.kind, Kind::TextOrNull | Kind::Price)
    }

    fn check(&self, value: &Value) -> Result<(), String> {
        let name = self.name;
        match self.kind {
            Kind::Text => match value.as_str() {
                Some(text) if !text.is_empty() => Ok(()),
                _ => Err(format!("{name} must be a string that is not empty")),
            },
            Kind::TextOrNull if value.is_string() || value.is_null() => Ok(()),
            Kind::TextOrNull => Err(format!("{name} must be a string or null")),
            Kind::Whole { min, max } => match value.as_i64() {
                Some(number) if (min..=max).contains(&number) => Ok(()),
                _ if max == ANY => Err(format!("{name} must be a whole number, {min} or more")),
                _ => Err(format!("{name} must be a whole number from {min} to {max}")),
            },
            Kind::Flag if value.is_boolean() => Ok(()),
            Kind::Flag => Err(format!("{name} must be true or false")),
            Kind::Price => match value {
                Value::Null => Ok(()),
                _ if is_price(value) => Ok(()),
                _ => Err(format!("{name} must be a number from 0 to {MAX_PRICE}, or null")),
            },
            Kind::Localization if value.as_str().is_some_and(is_localization) => Ok(()),
            Kind::Localization => Err(format!("{name} must look like en_US")),
            Kind::Texts => match value.as_array() {
                Some(items) if items.iter().all(Value::is_string) => Ok(()),
                _ => Err(format!("{name} must be an array of strings")),
            },
            Kind::Object if value.is_object() => Ok(()),
            Kind::Object => Err(format!("{name} must be an object")),
        }
    }
}

/// Returns whether `value` is an amount in USD that can be a price.
pub(super) fn is_price(value: &Value) -> bool {
    let Value::Number(number) = value else {
        return false;
    };
    let text = number.to_string();
    let amount = Decimal::from_str(&text).or_else(|_| Decimal::from_scientific(&text));
    amount.is_ok_and(|amount| !amount.is_sign_negative() && amount <= Decimal::from(MAX_PRICE))
}

/// Returns whether `text` has the form `ll_CC`.
pub(super) fn is_localization(text: &str) -> bool {
    text.split_once('_').is_some_and(|(language, country)| {
        matches!(language.len(), 2 | 3)
            && country.len() == 2
            && language.bytes().all(|byte| byte.is_ascii_lowercase())
            && country.bytes().all(|byte| byte.is_ascii_uppercase())
    })
}

/// Vendor wiki 849707035: what may be switched on together.
fn check_qlc(fields: &Map<String, Value>) -> Result<(), Failure> {
    let Some(qlc) = fields.get("qlc") else {
        return Ok(());
    };
    let is_on = |value: Option<&Value>| value.and_then(Value::as_bool) == Some(true);
    let multiple = qlc.get("multiple_quotas");
    if is_on(qlc.get("enable")) && !is_on(multiple.and_then(|multiple| multiple.get("enable"))) {
        return Err(invalid(
            "qlc.multiple_quotas.enable must be true when qlc.enable is",
        ));
    }
    for name in ["count_by_quota", "compensate_by_quota"] {
        if is_on(multiple.and_then(|multiple| multiple.get(name))) {
            return Err(invalid(format!("qlc.multiple_quotas.{name} must be false")));
        }
    }
    Ok(())
}

/// Vendor wiki 2749038627.
fn check_feot(fields: &Map<String, Value>) -> Result<(), Failure> {
    let Some(feot) = fields.get("feot") else {
        return Ok(());
    };
    let pacing = feot.get("pacing").and_then(Value::as_str);
    if !matches!(pacing, None | Some("hours" | "days" | "weeks")) {
        return Err(invalid("feot.pacing must be hours, days or weeks"));
    }
    Ok(())
}

/// Reads a body that must be a JSON object.
pub(super) fn object(body: &[u8]) -> Result<Map<String, Value>, Failure> {
    match json(body)? {
        Value::Object(map) => Ok(map),
        _ => Err(invalid("the body must be an object")),
    }
}

/// Reads a body that must be JSON.
pub(super) fn json(body: &[u8]) -> Result<Value, Failure> {
    serde_json::from_slice(body).map_err(|_| super::envelope::syntax_error())
}

/// One `replace` of a JSON-patch body.
pub(super) struct Replacement {
    /// The field's name, without the slash.
    pub(super) field: String,
    /// The new value.
    pub(super) value: Value,
}

/// Reads a JSON-patch body; only `replace` of a top-level field is documented
/// (docs update-survey PATCH).
pub(super) fn replacements(body: &[u8]) -> Result<Vec<Replacement>, Failure> {
    let Value::Array(operations) = json(body)? else {
        return Err(invalid("the body must be an array of operations"));
    };
    operations
        .into_iter()
        .map(|operation| {
            if operation.get("op").and_then(Value::as_str) != Some("replace") {
                return Err(invalid("op must be replace"));
            }
            let path = operation.get("path").and_then(Value::as_str);
            let field = path
                .and_then(|path| path.strip_prefix('/'))
                .filter(|field| !field.is_empty() && !field.contains('/'))
                .ok_or_else(|| invalid("path must name a field, such as /offer_price"))?
                .to_owned();
            let value = operation.get("value").cloned();
            let value = value.ok_or_else(|| invalid(format!("value of /{field} is missing")))?;
            Ok(Replacement { field, value })
        })
        .collect()
}

/// Refuses an edit of a closed survey.
pub(super) fn closed() -> Failure {
    envelope(StatusCode::BAD_REQUEST, 9999, "Survey is closed").into()
}
