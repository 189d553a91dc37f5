//! Schemas of single fields: types, bounds, texts for editors.
//!
//! Unions are written as lists of types with keywords that apply to one of them each, never as `anyOf`: a wrong value
//! then gives one exact error instead of a pile of branches. The only exception is [`rich_criteria`], which is for
//! editors and never used for checking.

use super::vendors;
use crate::model::VendorId;
use crate::model::codebook::{Codebook, Kind, Question};
use crate::model::marketplace::SignIn;
use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

/// Marks a place where editors get [`rich_criteria`] instead.
pub(super) const CRITERIA_MARK: &str = "x-infield-criteria";

/// Most completes of a survey; beyond lies a typing error.
pub(super) const MAX_COMPLETES: u64 = 10_000_000;

macro_rules! shape {
    ($($(#[$meta:meta])* $name:ident = $schema:tt;)*) => {
        $($(#[$meta])* pub(super) fn $name(_: &mut SchemaGenerator) -> Schema { json_schema!($schema) })*
    };
}

shape! {
    kind_survey = {"type": "string", "const": "Survey"};
    kind_group = {"type": "string", "const": "SurveyGroup"};
    kind_project = {"type": "string", "const": "Project"};
    kind_reconciliation = {"type": "string", "const": "Reconciliation"};
    survey_ref = {"type": ["string", "integer"], "minimum": 1, "minLength": 1, "examples": ["soda-tracker-w3", 383244]};
    outcome_file = {"type": "string", "minLength": 1, "examples": ["rejects.csv"]};
    outcome = {
        "type": "string",
        "enum": ["complete", "reject", "over_quota", "termination", "quality_termination", "dedupe"],
        "examples": ["reject"],
    };
    reason = {"type": "string", "minLength": 1, "maxLength": 500, "examples": ["Suspected Fraud"]};
    quota_ids = {
        "type": "array", "items": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"}, "examples": [["men"]],
    };
    transactions = {
        "type": "array", "minItems": 1,
        "items": {
            "type": "object",
            "title": "Transaction",
            "description": "One respondent's way through the survey, and how it should have ended.",
            "additionalProperties": false,
            "required": ["transaction_id"],
            "properties": {
                "transaction_id": {
                    "title": "Transaction", "description": "The vendor's id of the transaction.",
                    "type": "string", "minLength": 1, "examples": ["7lNK5AGrSL3bk5tV4gw0Tr"],
                },
                "outcome": {
                    "title": "Outcome", "description": "How it should have ended.", "type": "string",
                    "enum": ["complete", "reject", "over_quota", "termination", "quality_termination", "dedupe"],
                    "examples": ["reject"],
                },
                "reason": {
                    "title": "Reason", "description": "Why, in words that are passed on to the vendor.",
                    "type": "string", "minLength": 1, "maxLength": 500, "examples": ["Suspected Fraud"],
                },
                "quota_ids": {
                    "title": "Quota ids",
                    "description": "The quotas a complete counts for, where the survey allocates completes to quotas.",
                    "type": "array", "items": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
                    "examples": [["men"]],
                },
            },
        },
        "examples": [[{"transaction_id": "7lNK5AGrSL3bk5tV4gw0Tr", "outcome": "reject", "reason": "Suspected Fraud"}]],
    };
    name = {
        "type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$",
        "examples": ["soda-tracker-w3"],
    };
    title = {"type": "string", "minLength": 1, "maxLength": 500, "examples": ["Soda tracker, wave 3"]};
    locale = {"type": "string", "examples": ["en-US", "es-US", "en-CA", "en-GB", "en-AU"]};
    completes = {"type": "integer", "minimum": 1, "maximum": MAX_COMPLETES, "examples": [400]};
    incidence_rate = {"type": "integer", "minimum": 1, "maximum": 100, "examples": [50]};
    length_of_interview = {"type": "integer", "minimum": 1, "maximum": 1440, "examples": [5]};
    field_days = {"type": "integer", "minimum": 1, "maximum": 3650, "examples": [10]};
    field = {
        "type": "object", "additionalProperties": false,
        "properties": {
            "start": {"title": "Start", "description": "When it goes in field, UTC; when it is launched, if left out.",
                "type": "string", "examples": ["2026-12-01T09:00:00Z"]},
            "end": {"title": "End", "description": "When it goes out of field, UTC.",
                "type": "string", "examples": ["2026-12-15T18:00:00Z"]},
        },
        "examples": [{"start": "2026-12-01T09:00:00Z", "end": "2026-12-15T18:00:00Z"}],
    };
    cpi = {"type": ["string", "null"], "examples": ["3.75 USD", "market"]};
    max_cpi = {"type": ["string", "null"], "examples": ["3.75 USD"]};
    live_url = {"type": ["string", "null"], "examples": ["https://survey.example.com/s/soda?tk=[%%token%%]"]};
    test_url = {"type": ["string", "null"], "examples": ["https://survey.example.com/s/soda?test=1"]};
    status = {"type": "string", "enum": ["draft", "live", "paused", "closed"], "examples": ["live"]};
    on_template_change = {"type": "string", "enum": ["refuse", "replace"], "default": "refuse", "examples": ["replace"]};
    on_fixed_change = {"type": "string", "enum": ["refuse", "replace"], "default": "refuse", "examples": ["replace"]};
    on_external_pause = {"type": "string", "enum": ["report", "resume"], "default": "report", "examples": ["resume"]};
    on_remove = {"type": "string", "enum": ["forget", "pause", "close"], "default": "pause", "examples": ["close"]};
    reference = {
        "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$",
        "examples": ["acme-trackers-soda-waves"],
    };
    members = {
        "type": "array", "minItems": 1,
        "items": {"type": ["string", "integer"], "minimum": 1, "minLength": 1, "examples": ["soda-tracker-w3", 383244]},
        "examples": [["soda-tracker-w2", "soda-tracker-w3", 383_244]],
    };
    exclusion_days = {"type": "integer", "minimum": 1, "maximum": 3650, "examples": [90]};
}

/// The share of one of several marketplaces.
pub(super) fn share_of_marketplace() -> Value {
    json!({
        "title": "Share",
        "description": "This marketplace's share of the survey's completes and quotas, where several field it. Shares sum to \
            100%; one block may leave it out and gets the rest.",
        "type": "string", "pattern": "^[0-9]{1,3}(\\.[0-9]{1,6})? ?%$", "examples": ["60%"],
    })
}

/// Values that one document is written out for.
pub(super) fn matrix(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
        "properties": {
            "exclude": {
                "title": "Exclude",
                "description": "Combinations to leave out: each entry names values of dimensions.",
                "type": "array",
                "items": {"type": "object", "minProperties": 1, "additionalProperties": {"type": ["string", "integer"]}},
                "examples": [[{"market": "us", "wave": 2}]],
            },
        },
        "additionalProperties": {
            "type": "array", "minItems": 1,
            "items": {"type": ["string", "integer", "object"], "required": ["name"]},
        },
        "examples": [{"market": ["us", "de"], "wave": [1, 2]}, {"market": [{"name": "us", "locale": "en-US"}]}],
    })
}

/// Criteria of the whole survey.
pub(super) fn qualifications(_: &mut SchemaGenerator) -> Schema {
    Schema::try_from(criteria(0)).expect("an object is a schema")
}

/// The list of quotas.
pub(super) fn quotas(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "array",
        "items": {
            "type": "object",
            "title": "Quota",
            "description": "A counter of completes for respondents who meet all its criteria.",
            "additionalProperties": false,
            "required": ["name", "completes", "where"],
            "properties": {
                "name": {
                    "title": "Name",
                    "description": "Unique in the survey, and the vendor's key of the quota: letters, digits, dots, \
                        underscores and dashes. No commas: the vendor separates keys by commas.",
                    "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$", "examples": ["men"],
                },
                "completes": {
                    "title": "Completes",
                    "description": "Completes wanted, or a share of the survey's completes. Shares are apportioned so \
                        that their sum is exact.",
                    "type": ["integer", "string"], "minimum": 0, "maximum": MAX_COMPLETES,
                    "pattern": "^[0-9]{1,3}(\\.[0-9]{1,6})? ?%$", "examples": [200, "49%"],
                },
                "where": criteria(1),
            },
        },
        "examples": [[{"name": "men", "completes": 200, "where": {"gender": "male"}}]],
    })
}

/// A mapping from questions to answers, loosely: names are checked later, where they can be explained.
fn criteria(min: u64) -> Value {
    json!({
        CRITERIA_MARK: true,
        "title": "Criteria",
        "description": "Questions with the answers that let a respondent in. All questions must hold; answers of one are alternatives.",
        "type": "object",
        "minProperties": min,
        "additionalProperties": answers(),
        "examples": [{"gender": "female", "age": "18-34"}],
    })
}

fn answers() -> Value {
    json!({
        "type": ["string", "integer", "array", "object"],
        "items": {"type": ["string", "integer"]},
        "required": ["file"],
        "additionalProperties": false,
        "properties": {"file": {"type": "string", "minLength": 1, "examples": ["lists/bay-area.txt"]}},
    })
}

/// The same mapping for editors: known questions with their answers, raw codes as keys of digits.
pub(super) fn rich_criteria(codebook: &Codebook, min: u64) -> Value {
    let mut properties = Map::new();
    for question in codebook
        .questions
        .iter()
        .filter(|question| !question.name.is_empty())
    {
        properties.insert(question.name.to_owned(), rich_question(question));
    }
    json!({
        "title": "Criteria",
        "description": "Questions with the answers that let a respondent in. All questions must hold; answers of one are alternatives.",
        "type": "object",
        "minProperties": min,
        "properties": properties,
        // The vendor's own codes: numbers, or keys of a library in capitals.
        "patternProperties": {"^[0-9]{1,9}$": answers(), "^[A-Z][A-Z0-9_]{0,99}$": answers()},
        "additionalProperties": false,
        "examples": [{"gender": "female", "age": "18-34"}],
    })
}

fn rich_question(question: &Question) -> Value {
    let mut description = format!("The vendor's question {}.", question.code);
    if !question.note.is_empty() {
        description = format!("{description} Mind: {}.", question.note);
    }
    let (one, example) = match question.kind {
        Kind::Choice => {
            let named: Vec<_> = question
                .answers
                .iter()
                .filter(|answer| !answer.name.is_empty())
                .collect();
            let names: Vec<_> = named.iter().map(|answer| answer.name).collect();
            let codes: Vec<_> = question.answers.iter().map(|answer| answer.code).collect();
            let open = if question.complete {
                json!({"enum": codes})
            } else {
                json!({"type": "string", "pattern": format!("^[0-9]{{1,{}}}$", question.raw.max_digits)})
            };
            (json!({"anyOf": [{"enum": names}, open]}), json!(names.first()))
        }
        Kind::Number { unit_name, .. } => {
            description =
                format!("{description} Whole numbers or ranges, {unit_name}; both ends belong to a range.");
            let one = json!({"type": ["string", "integer"], "minimum": 0, "pattern": "^[0-9]{1,9} ?- ?[0-9]{1,9}$|^[0-9]{1,9}$"});
            (one, json!("18-64"))
        }
        Kind::Open { shape, .. } => {
            description = format!("{description} Quoted codes ({shape}), or a file with one code a line.");
            (
                json!({"type": "string", "minLength": 1}),
                json!(["94105", "94110"]),
            )
        }
    };
    let file = json!({
        "type": "object", "required": ["file"], "additionalProperties": false,
        "properties": {"file": {"type": "string", "minLength": 1}},
    });
    json!({
        "title": question.label,
        "description": description,
        "anyOf": [one, {"type": "array", "items": one, "minItems": 1}, file],
        "examples": [example],
    })
}

/// The key of a marketplace.
pub(super) fn vendor(_: &mut SchemaGenerator) -> Schema {
    let keys: Vec<&str> = VendorId::all().iter().map(|vendor| vendor.key()).collect();
    json_schema!({"type": "string", "enum": keys, "examples": [keys[0]]})
}

/// The key under which an account corrects what nobody documents.
const ASSUMPTIONS: &str = "assumptions";

/// The map of environments.
pub(super) fn environments(_: &mut SchemaGenerator) -> Schema {
    let access = |properties: Value| {
        json!({
            "description": "How to reach the vendor in this environment.",
            "type": "object", "additionalProperties": false, "properties": properties,
        })
    };
    let base_url = |text: &str| json!({"title": "URL", "description": text, "type": "string", "examples": ["http://127.0.0.1:4700/purespectrum/buyers/v2"]});
    let secret = |title: &str, variable: &str| {
        json!({
            "title": title,
            "description": "A reference: `${VARIABLE}` or `{file: PATH}`. Never the secret itself, except for a loopback URL.",
            "type": ["string", "object"], "minLength": 1,
            "required": ["file"], "additionalProperties": false,
            "properties": {"file": {"type": "string", "minLength": 1, "description": "Path, relative to this file."}},
            "examples": [format!("${{{variable}}}"), {"file": "/run/secrets/token"}],
        })
    };
    let rate = || {
        json!({
            "title": "Requests per second", "description": "Most requests sent in a second.",
            "type": "integer", "minimum": 1, "maximum": 10_000, "examples": [5],
        })
    };
    let concurrency = || {
        json!({
            "title": "Concurrency", "description": "Most requests under way at the same time.",
            "type": "integer", "minimum": 1, "maximum": 1000, "examples": [2],
        })
    };
    let of = |vendor: VendorId| {
        let variable = |what: &str| format!("{}_{what}", vendor.key().to_ascii_uppercase());
        let mut own = vendors::settings_schema(vendor);
        let assumptions = own.shift_remove(ASSUMPTIONS);
        let base = base_url("Where the API is; the vendor's production host if left out.");
        let mut fields: Vec<(&str, Value)> = match vendor.facts().sign_in {
            SignIn::Token => vec![("base_url", base), ("token", secret("Token", &variable("TOKEN")))],
            SignIn::Client => vec![
                ("client_id", secret("Client id", &variable("CLIENT_ID"))),
                (
                    "client_secret",
                    secret("Client secret", &variable("CLIENT_SECRET")),
                ),
                ("base_url", base),
                (
                    "auth_url",
                    base_url("Where tokens are issued; the vendor's own if left out."),
                ),
            ],
        };
        fields.extend([("requests_per_second", rate()), ("concurrency", concurrency())]);
        fields.extend(assumptions.map(|assumptions| (ASSUMPTIONS, assumptions)));
        own.extend(fields.into_iter().map(|(key, schema)| (key.to_owned(), schema)));
        access(Value::Object(own))
    };
    let mut settings: Map<String, Value> = VendorId::all()
        .iter()
        .map(|vendor| (vendor.key().to_owned(), of(*vendor)))
        .collect();
    let rule = |text: &str| json!({"description": text, "type": "string", "enum": ["allow", "ask", "deny"], "examples": ["ask"]});
    let money = |text: &str| json!({"description": text, "type": "string", "examples": ["2500 USD"]});
    let neutral = json!({
        "state": {
            "title": "State", "description": "Where state is kept: a path relative to this file, or a URL.",
            "type": "string", "minLength": 1, "examples": ["s3://acme-infield/production"],
        },
        "guards": {
            "title": "Guards", "description": "What may be done here without asking, after asking, or not at all.",
            "type": "object", "additionalProperties": false,
            "properties": {
                "launch": rule("Going into field."),
                "close": rule("Closing for good."),
                "replace": rule("Replacing a survey by a new one."),
                "edit-live-targeting": rule("Changing who is asked while respondents are asked."),
                "reconcile": rule("Changing outcomes of interviews."),
                "accept-list": rule("Rejecting every complete of a survey that a list does not name."),
                "exposure": {
                    "title": "Exposure", "description": "Limits of completes still wanted, times their price.",
                    "type": "object", "additionalProperties": false,
                    "properties": {
                        "max_increase": money("Most that one apply may add."),
                        "max_total": money("Most that all surveys together may come to."),
                    },
                },
                "max_cpi": money("Highest price per complete."),
            },
        },
    });
    settings.extend(neutral.as_object().cloned().unwrap_or_default());
    json_schema!({
        "type": "object",
        "propertyNames": {"pattern": "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$"},
        "additionalProperties": {
            "type": "object",
            "additionalProperties": false,
            "properties": settings,
        },
        "examples": [{"production": {"purespectrum": {"token": "${PURESPECTRUM_TOKEN}"}, "guards": {"launch": "ask"}}}],
    })
}
