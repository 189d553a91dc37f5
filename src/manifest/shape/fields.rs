//! Schemas of fields that no type of Rust says by itself: unions, names, criteria, accounts.
//!
//! Unions are written as lists of types with keywords that apply to one of them each, never as `anyOf`: a wrong value
//! then gives one exact error instead of a pile of branches. The only exception is [`rich_criteria`], which is for
//! editors and never used for checking.

use super::derive::{generate, title};
use crate::manifest::lints::Lint;
use crate::marketplace::registry;
use crate::model::Alarms;
use crate::model::codebook::{Codebook, Kind, Question};
use crate::model::guard::{Guard, MANY, Reached, Rule};
use crate::model::marketplace::SignIn;
use crate::model::notify::{Shape, Topic};
use crate::model::{Quota, VendorId};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// Marks a place where editors get [`rich_criteria`] instead.
pub(crate) const CRITERIA_MARK: &str = "x-infield-criteria";

/// Marks a place where the name of a survey of the project can stand. Only checking and the language server have it.
pub(crate) const SURVEY_MARK: &str = "x-infield-survey";

/// What to write where a text has not the form that its pattern asks for. Only checking has it.
pub(crate) const HELP: &str = "x-infield-help";

/// Most completes of a survey; beyond lies a typing error.
pub(crate) const MAX_COMPLETES: u64 = 10_000_000;

/// The form of names in a project.
const NAME: &str = "^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$";

/// The form of a share of completes.
const SHARE: &str = "^[0-9]{1,3}(\\.[0-9]{1,6})? ?%$";

/// The form of days with their hours.
const OPENING: &str = "^[a-z]{3,9}(-[a-z]{3,9})? +[0-9]{2}:[0-9]{2}-[0-9]{2}:[0-9]{2}$";

const SHARE_HELP: &str = "write a number such as `200`, or a share such as `49%`";

/// Types that are nothing but a schema, for `with` in the types of manifests.
macro_rules! shapes {
    ($($(#[$meta:meta])* $name:ident = $schema:expr;)*) => {
        $(
            $(#[$meta])*
            pub(crate) struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    Schema::try_from($schema).expect("an object is a schema")
                }
            }
        )*
    };
}

pub(super) use shapes;

shapes! {
    /// A name in a project.
    Name = json!({
        "type": "string", "pattern": NAME, "examples": ["soda-tracker-w3"],
        HELP: "use lower-case letters, digits and dashes between them, at most 64 characters",
    });
    /// The oldest version of infield.
    Requires = json!({
        "type": "string", "pattern": "^>=[0-9]{1,9}[.][0-9]{1,9}([.][0-9]{1,9})?$", "examples": [">=0.1"],
        HELP: "write `>=` and a version, such as `>=0.1`",
    });
    /// A name that something had before, or an address with one.
    OldName = json!({
        "type": "string", "maxLength": 200,
        "pattern": "^[a-z0-9]([a-z0-9-]*[a-z0-9])?(@[a-z0-9]+)?(/[a-z0-9]([a-z0-9-]*[a-z0-9])?)?$",
        HELP: "write the name it had before, such as `soda-w2`, or `none` for what is new",
    });
    /// The key that a quota had before, or an address with one.
    OldQuota = json!({
        "type": "string", "minLength": 1, "maxLength": 700,
        HELP: "write the name or `id` it had before, such as `males`, or `none` for what is new",
    });
    /// The name of a quota.
    QuotaName = json!({
        "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$",
        HELP: "use letters, digits, dots, underscores and dashes, at most 64 characters; what the vendor calls it otherwise goes \
            into `id`",
    });
    /// The key of a quota, in lists that separate keys by commas.
    CountedQuota = json!({
        "type": "string", "pattern": "^[^,]{1,500}$",
        HELP: "write the `id` of a quota, or else its name; no commas, because the vendor separates keys by them",
    });
    /// A key of a quota that the vendor or others chose.
    QuotaId = json!({
        "type": "string", "minLength": 1, "maxLength": Quota::LONGEST_KEY,
        HELP: "write the vendor's key as it is, between quotes",
    });
    /// A key that the vendor keeps.
    Key = json!({
        "type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$",
        HELP: "use letters, digits, dots, underscores and dashes, at most 64 characters; no blanks, no commas",
    });
    /// The name of a survey, or the vendor's number of one.
    SurveyRef = json!({
        SURVEY_MARK: true,
        "type": ["string", "integer"], "minimum": 1, "minLength": 1, "examples": ["soda-tracker-w3", 383_244],
    });
    /// Completes, or a share of them.
    CountOrShare = json!({
        "type": ["integer", "string"], "minimum": 0, "maximum": MAX_COMPLETES, "pattern": SHARE, HELP: SHARE_HELP,
    });
    /// Days with their hours.
    OpeningText = json!({
        "type": "string", "pattern": OPENING, "examples": ["mon-fri 08:00-22:00"],
        HELP: "write days and hours, such as `mon-fri 08:00-22:00`",
    });
    /// Figures with their bounds.
    Checks = {
        let check = |title: &str, description: &str| json!({
            "title": title, "description": description, "type": "string",
            "pattern": "^(>=|<=) ?[0-9]{1,4}([.][0-9]{1,4})? ?%?$", "examples": [">= 30"],
            HELP: "write `>=` or `<=` and a number, such as `>= 30`",
        });
        json!({"type": "object", "minProperties": 1, "additionalProperties": false, "properties": {
            "incidence_rate": check("Incidence rate", "Respondents who qualify, percent."),
            "length_of_interview": check("Length of interview", "Length of the interview, minutes."),
            "drop_off": check("Drop-off", "Respondents who leave in the middle, percent of those who began."),
            "quality_terminations": check(
                "Quality terminations",
                "Respondents who are sent away for their quality, percent of those who began.",
            ),
        }})
    };
    /// How long something lasts: minutes, hours or days.
    Lasting = json!({
        "type": "string", "pattern": "^[0-9]{1,6}[mhd]$", HELP: "write a number of minutes, hours or days, such as `24h`",
    });
    /// Percent of respondents, in whole numbers or finer.
    Percent = json!({"type": "number", "minimum": 0.01, "maximum": 100});
    /// Minutes, in whole numbers or finer.
    Minutes = json!({"type": "number", "minimum": 0.1, "maximum": 1440});
    /// The key of a marketplace.
    Vendor = {
        let keys: Vec<&str> = VendorId::all().iter().map(|vendor| vendor.key()).collect();
        json!({"type": "string", "enum": keys, "examples": [keys[0]]})
    };
    /// Values that one document is written out for.
    Matrix = json!({
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
    });
    /// Criteria of the whole survey.
    Qualifications = criteria(0);
    /// Criteria of a quota, of which there is one at least.
    CriteriaOfQuota = criteria(1);
    /// What becomes of warnings.
    Lints = json!({
        "type": "object",
        "propertyNames": {"pattern": "^(infield::)?[a-z][a-z-]*::[a-z][a-z-]*$"},
        "additionalProperties": {"type": "string", "enum": Lint::WORDS, "examples": ["deny"]},
        "examples": [{"quota::gap": "deny", "survey::unknown-locale": "allow"}],
    });
    /// The environments of a project.
    Environments = environments();
}

/// The share of one of several marketplaces.
pub(crate) fn share_of_marketplace() -> Value {
    json!({
        "title": "Share",
        "description": "This marketplace's share of the survey's completes and quotas, where several field it. Shares sum to \
            100%; one block may leave it out and gets the rest.",
        "type": "string", "pattern": SHARE, HELP: SHARE_HELP, "examples": ["60%"],
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
pub(crate) fn rich_criteria(codebook: &Codebook, min: u64) -> Value {
    let mut properties = Map::new();
    for question in codebook
        .questions
        .iter()
        .filter(|question| !question.name.is_empty())
    {
        properties.insert(question.name.to_owned(), rich_question(question));
    }
    for grouping in codebook.groupings {
        let names: Vec<_> = grouping.sets.iter().map(|set| set.name).collect();
        let one = json!({"enum": names});
        let all = json!({
            "description": format!("{}: stands for its answers to the vendor's question {}.", grouping.label, grouping.question),
            "anyOf": [one, {"type": "array", "items": one, "minItems": 1}],
            "examples": [names.first()],
        });
        properties.insert(grouping.name.to_owned(), all);
    }
    json!({
        "title": "Criteria",
        "description": "Questions with the answers that let a respondent in. All questions must hold; answers of one are alternatives.",
        "type": "object",
        "minProperties": min,
        "properties": properties,
        // The vendor's own codes, numbers or keys of a library in capitals; and the project's own names, which no schema knows.
        "patternProperties": {
            "^[0-9]{1,9}$": answers(), "^[A-Z][A-Z0-9_]{0,99}$": answers(), "^[a-z][a-z0-9_-]{0,63}$": answers(),
        },
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
            let also = question.answers.iter().flat_map(|answer| answer.also);
            let also: Vec<_> = also.map(|word| word.replace('.', "[.]")).collect();
            let mut ways = vec![json!({"enum": names}), open];
            let other = || json!({"type": "string", "pattern": format!("^({})$", also.join("|"))});
            ways.extend((!also.is_empty()).then(other));
            (json!({"anyOf": ways}), json!(names.first()))
        }
        Kind::Number { unit_name, .. } => {
            description =
                format!("{description} Whole numbers or ranges, {unit_name}; both ends belong to a range.");
            let one = json!({"type": ["string", "integer"], "minimum": 0, "pattern": "^[0-9]{1,9} ?- ?[0-9]{1,9}$|^[0-9]{1,9} ?[+]?$"});
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

/// The key under which an account corrects what nobody documents.
const ASSUMPTIONS: &str = "assumptions";

/// How to reach a marketplace: what every account may say.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct AccessManifest {
    /// Where the API is; the vendor's production host if left out.
    #[schemars(title = "URL", with = "String", example = BASE_URL)]
    pub(crate) base_url: Option<String>,
    /// Where tokens are issued; the vendor's own if left out.
    #[schemars(title = "URL", with = "String", example = BASE_URL)]
    pub(crate) auth_url: Option<String>,
    /// What people call the account; `infield apply` names it before it asks.
    #[schemars(with = "String", length(min = 1, max = 100), example = &"acme-prod")]
    pub(crate) account: Option<String>,
    /// Most requests sent in a second.
    #[schemars(with = "u32", range(min = 1, max = 10_000), example = 5)]
    pub(crate) requests_per_second: Option<u32>,
    /// Most requests under way at the same time.
    #[schemars(with = "u32", range(min = 1, max = 1000), example = 2)]
    pub(crate) concurrency: Option<u32>,
}

const BASE_URL: &str = "http://127.0.0.1:4700/purespectrum/buyers/v2";

/// The schema of an account at a marketplace.
fn access(vendor: VendorId) -> Value {
    let neutral = generate::<AccessManifest>();
    let mut own = registry::of(vendor).settings_schema();
    let assumptions = own.shift_remove(ASSUMPTIONS);
    let secret = |key: &str| {
        let variable = format!("{}_{key}", vendor.key()).to_ascii_uppercase();
        json!({
            "title": title(key),
            "description": format!("A reference: `${{VARIABLE}}`, with a name that begins with {}, or `{{file: PATH}}`. Never the secret itself, except for a loopback URL.", vendor.facts().variables.join(" or ")),
            "type": ["string", "object"], "minLength": 1,
            "required": ["file"], "additionalProperties": false,
            "properties": {"file": {"type": "string", "minLength": 1, "description": "Path, relative to this file."}},
            "examples": [format!("${{{variable}}}"), {"file": "/run/secrets/token"}],
        })
    };
    let keys: &[&str] = match vendor.facts().sign_in {
        SignIn::Token => &["base_url", "token"],
        SignIn::Client => &["client_id", "client_secret", "base_url", "auth_url"],
    };
    for key in keys
        .iter()
        .chain(&["account", "requests_per_second", "concurrency"])
    {
        let schema = neutral["properties"].get(key).cloned();
        own.insert((*key).to_owned(), schema.unwrap_or_else(|| secret(key)));
    }
    own.extend(assumptions.map(|assumptions| (ASSUMPTIONS.to_owned(), assumptions)));
    json!({
        "description": "How to reach the vendor in this environment.",
        "type": "object", "additionalProperties": false, "properties": own,
    })
}

/// A part of a sentence as a sentence.
fn sentence(part: &str) -> String {
    format!("{}.", title(part))
}

/// A percentage, none and all included.
const SHARE_OF_PROMISED: &str = r"^[0-9]{1,3}(\.[0-9]{1,2})?%$";
const SHARE_OF_SURVEYS: &str = r"^(100|[0-9]{1,2}(\.[0-9]{1,2})?)%$";

/// The map of environments.
fn environments() -> Value {
    let accounts = VendorId::all().iter();
    let mut settings: Map<String, Value> = accounts
        .map(|vendor| (vendor.key().to_owned(), access(*vendor)))
        .collect();
    let money = |text: &str| {
        json!({
            "description": format!("{text} One amount with its currency, or one for each currency. Where there is a limit, \
                currencies without one are refused."),
            "type": ["string", "object"], "minProperties": 1,
            "additionalProperties": {"type": ["number", "string"], "description": "The limit in this currency.", "examples": [2500]},
            "examples": ["2500 USD", {"USD": 2500, "EUR": 2300}],
        })
    };
    let mut guards: Map<String, Value> = Guard::with_rules()
        .map(|guard| {
            let words = Rule::ALL.map(Rule::word);
            let rule = json!({"description": sentence(guard.stands_before()), "type": "string", "enum": words, "examples": ["ask"]});
            (guard.key().to_owned(), rule)
        })
        .collect();
    let exposure = json!({
        "title": "Exposure", "description": "Limits of completes still wanted, times their price.",
        "type": "object", "additionalProperties": false,
        "properties": {
            "max_increase": money("Most that one apply may add."),
            "max_total": money("Most that all surveys together may come to."),
        },
    });
    guards.insert(Guard::Exposure.key().to_owned(), exposure);
    let shares = Reached::ALL.into_iter().map(|reached| {
        let usual = reached.usual().map_or_else(
            || "no limit if left out".to_owned(),
            |usual| format!("{usual}% if left out, once there are {MANY} surveys"),
        );
        let share = json!({
            "description": format!("Share of the surveys in the state, those that are over aside, that {} in one plan \
                without an approval; {usual}.", reached.happens()),
            "type": "string", "pattern": SHARE_OF_SURVEYS, HELP: "write a percentage such as `10%`, at most 100%",
            "examples": ["10%"],
        });
        (reached.key().to_owned(), share)
    });
    let changes = json!({
        "title": "Changes", "description": "How many of the surveys one plan may reach before it has to be approved.",
        "type": "object", "additionalProperties": false, "properties": shares.collect::<Map<String, Value>>(),
    });
    guards.insert(Guard::Changes.key().to_owned(), changes);
    guards.insert("max_cpi".to_owned(), money("Highest price per complete."));
    let of_tag = json!({
        "description": "Budgets by the value of this tag: `acme` of `client-acme`, or of the client in `billing`.",
        "type": "object", "minProperties": 1,
        "additionalProperties": money("Most that the surveys with this value may still cost together."),
        "examples": [{"acme": "5000 USD"}],
    });
    let budgets = json!({
        "title": "Budgets", "description": "Limits on what surveys with a tag may still cost together; nothing lifts them.",
        "type": "object", "additionalProperties": of_tag, "examples": [{"client": {"acme": "5000 USD"}}],
    });
    guards.insert("budgets".to_owned(), budgets);
    let usual = Alarms::default();
    let alarms = Alarms::KEYS.map(|(key, about)| {
        let usual = usual
            .share(key)
            .map_or_else(String::new, |share| format!("; {share}% if left out"));
        let limit = json!({
            "description": format!("{about}{usual}."), "type": "string", "pattern": SHARE_OF_PROMISED,
            HELP: "write a percentage such as `90%`", "examples": ["90%"],
        });
        (key.to_owned(), limit)
    });
    let alarms: Map<String, Value> = alarms.into_iter().collect();
    let hook = json!({
        "title": "Webhook", "type": "object", "additionalProperties": false, "required": ["url"],
        "properties": {
            "url": {
                "description": "The variable that holds the whole address, which is a secret; its name begins with INFIELD_NOTIFY_.",
                "type": "string", "minLength": 1, "examples": ["${INFIELD_NOTIFY_OPS}"],
            },
            "format": {
                "description": "The form of the messages: infield.notification/1 if left out, or what Slack takes.",
                "type": "string", "enum": Shape::ALL.map(Shape::word), "default": Shape::default().word(), "examples": ["slack"],
            },
            "on": {
                "description": "What it is told; everything if left out.",
                "type": "array", "minItems": 1, "uniqueItems": true,
                "items": {"type": "string", "enum": Topic::ALL.map(Topic::word)}, "examples": [["verdicts"]],
            },
        },
    });
    let neutral = json!({
        "notify": {
            "title": "Notify", "description": "Webhooks that `infield apply` and `infield status --notify` tell of changes of verdict, applies and guards.",
            "type": "array", "minItems": 1, "maxItems": 20, "items": hook,
            "examples": [[{"url": "${INFIELD_NOTIFY_OPS}", "format": "slack", "on": ["verdicts", "guards"]}]],
        },
        "alarms": {
            "title": "Alarms", "description": "How far figures of surveys in field may be from what was promised before `infield status` raises an alarm.",
            "type": "object", "additionalProperties": false, "properties": alarms,
        },
        "replays": {
            "title": "Replays", "description": "Of how many runs the history keeps the plans, for `infield log --replay`; 100 where nothing is said.",
            "type": "integer", "minimum": 0, "maximum": 10_000, "examples": [100],
        },
        "state": {
            "title": "State", "description": "Where state is kept: a URL that all machines share, `local` for this machine alone, or a path relative to this file.",
            "type": "string", "minLength": 1, "examples": ["s3://acme-infield/production", "local"],
        },
        "guards": {
            "title": "Guards", "description": "What may be done here without asking, after asking, or not at all.",
            "type": "object", "additionalProperties": false, "properties": guards,
        },
    });
    settings.extend(neutral.as_object().cloned().unwrap_or_default());
    json!({
        "type": "object",
        "propertyNames": {"pattern": NAME},
        "additionalProperties": {"type": "object", "additionalProperties": false, "properties": settings},
        "examples": [{"production": {"purespectrum": {"token": "${PURESPECTRUM_TOKEN}"}, "guards": {"launch": "ask"}}}],
    })
}
