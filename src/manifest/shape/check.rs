//! Does a document have the shape of its kind? All errors at once, each on the exact key or value.

use super::derive::types;
use super::fields::HELP;
use super::schema::Checker;
use crate::diag::code;
use crate::diag::suggest;
use crate::diag::text::short;
use crate::manifest::expand::scope::{Scope, path};
use crate::manifest::read::kind::Kind;
use crate::model::VendorId;
use crate::text::pointer::{below, key_of};
use jsonschema::error::ValidationErrorKind as Fault;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;

/// Keys whose values are never repeated in a message.
const SECRET_KEYS: [&str; 3] = ["token", "client_id", "client_secret"];

/// What a schema refused.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    /// Pointers to the values.
    pub(crate) pointers: Vec<String>,
    /// Fields that were probably meant by unknown names.
    pub(crate) meant: Vec<String>,
}

/// Reports everything about a document that its schema refuses, and says where.
pub(crate) fn check(scope: &mut Scope<'_>, kind: Kind, value: &Value) -> Refused {
    let checker = Checker::of(kind);
    let faults: Vec<_> = checker
        .validator()
        .iter_errors(value)
        .map(|error| {
            let pointer = error.instance_path().as_str().to_owned();
            let place = error.schema_path().as_str();
            let field = place.rsplit_once('/').map_or("", |(parent, _)| parent);
            let schema = checker.schema().pointer(field).unwrap_or(&Value::Null).clone();
            (pointer, schema, error)
        })
        .collect();
    // A value of another type breaks bounds and patterns too; only the type is worth saying.
    let mistyped: BTreeSet<String> = faults
        .iter()
        .filter(|(_, _, error)| matches!(error.kind(), Fault::Type { .. }))
        .map(|(pointer, _, _)| pointer.clone())
        .collect();
    let mut refused = Refused::default();
    for (pointer, schema, error) in faults {
        if mistyped.contains(&pointer) && !matches!(error.kind(), Fault::Type { .. }) {
            continue;
        }
        report(scope, value, &pointer, &schema, error.kind());
        match error.kind() {
            Fault::AdditionalProperties { unexpected } => {
                let known = known_keys(&schema);
                for key in unexpected {
                    refused.pointers.push(below(&pointer, key));
                    refused
                        .meant
                        .extend(suggest::nearest(key, known.iter().copied()).map(str::to_owned));
                }
            }
            _ => refused.pointers.push(pointer),
        }
    }
    refused
}

/// The document without what was refused, so that the rest can still be checked for meaning, and the names of the
/// fields that are gone. Items of lists are never taken out one by one: the places of the others would shift.
/// `None` where too much is wrong.
pub(crate) fn prune(document: &Value, refused: Refused) -> Option<(Value, Vec<String>)> {
    let mut value = document.clone();
    let mut gone = refused.meant;
    for pointer in &refused.pointers {
        let tokens: Vec<&str> = pointer.split('/').skip(1).collect();
        let known = |depth: usize| {
            VendorId::all()
                .iter()
                .any(|vendor| tokens.get(depth) == Some(&vendor.key()))
        };
        let depth = match tokens.len() {
            0 => return None,
            1 => 1,
            _ if known(0) => 2,
            _ => 1,
        };
        let field = key_of(tokens[depth - 1]).into_owned();
        let parent = if depth == 2 {
            value.get_mut(tokens[0])
        } else {
            Some(&mut value)
        };
        if let Some(map) = parent.and_then(Value::as_object_mut) {
            map.shift_remove(&field);
        }
        gone.push(field);
    }
    Some((value, gone))
}

/// The typed form of a value that its schema accepts.
pub(crate) fn typed<T: for<'de> Deserialize<'de>>(scope: &mut Scope<'_>, value: &Value) -> Option<T> {
    match T::deserialize(value) {
        Ok(typed) => Some(typed),
        Err(error) => {
            // The error's text may repeat a value, and a value may be a secret.
            let line = error.line();
            scope
                .error(code::INTERNAL)
                .says(format!("this fits its schema but not its type (at {line})"))
                .head("this document")
                .help("this is a bug of infield; please report it with the document, without secrets");
            None
        }
    }
}

fn report(scope: &mut Scope<'_>, document: &Value, pointer: &str, schema: &Value, fault: &Fault) {
    let found = document.pointer(pointer).unwrap_or(&Value::Null);
    let place = scope.value(pointer);
    let name = if pointer.is_empty() {
        "a manifest".to_owned()
    } else {
        format!("`{}`", path(pointer))
    };
    match fault {
        Fault::AdditionalProperties { unexpected } => {
            for key in unexpected {
                unknown_key(scope, pointer, schema, key);
            }
        }
        Fault::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            let span = if pointer.is_empty() {
                scope.head()
            } else {
                scope.key(pointer)
            };
            let example = schema.pointer(&format!("{}/examples/0", below("/properties", key)));
            scope
                .error(code::SHAPE_MISSING_KEY)
                .says(format!("{name} needs `{key}`"))
                .at(span, format!("`{key}` is missing"))
                .maybe_help(example.map(|e| format!("add `{key}: {}`", plain(e))));
        }
        Fault::Type { .. } => {
            let wanted = wanted(schema);
            let (message, label, help) = if found.is_null() {
                let label = format!("expected {wanted}");
                (format!("{name} cannot be empty"), label, Some(empty_help(schema)))
            } else {
                let label = format!("this is {}", kind_of(found, scope.written(place)));
                let help = type_help(scope, pointer, schema, found);
                (format!("{name} must be {wanted}"), label, help)
            };
            let told = scope.error(code::SHAPE_TYPE).says(message);
            told.at(place, label).maybe_help(help);
        }
        _ => {
            let last = pointer.rsplit('/').next().unwrap_or_default();
            let shown = if SECRET_KEYS.contains(&last) {
                "this".to_owned()
            } else {
                format!("`{}`", short(&plain(found)))
            };
            let (message, label) = value_fault(&name, &shown, fault);
            let help = value_help(schema, found, fault);
            scope
                .error(code::SHAPE_VALUE)
                .says(message)
                .at(place, label)
                .maybe_help(help.or_else(|| example(schema)));
        }
    }
}

/// The names of the fields that a schema knows.
fn known_keys(schema: &Value) -> Vec<&str> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .map(|(key, _)| key.as_str())
        .collect()
}

fn unknown_key(scope: &mut Scope<'_>, parent: &str, schema: &Value, key: &str) {
    let span = scope.key(&below(parent, key));
    let known = known_keys(schema);
    let place = if parent.is_empty() {
        String::new()
    } else {
        format!(" in `{}`", path(parent))
    };
    scope
        .error(code::SHAPE_UNKNOWN_KEY)
        .says(format!("there is no field `{}`{place}", short(key)))
        .at(span, "unknown")
        .help(match suggest::nearest(key, known.iter().copied()) {
            _ if belongs_to_environments(schema, key) => format!(
                "it is one of an environment: write `environments: {{production: {{{}: ...}}}}`",
                short(key)
            ),
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "remove it; nothing can stand here".to_owned(),
            None => format!("known here: {}", suggest::list(known)),
        });
}

/// Whether what is no field of a project is one of its environments.
fn belongs_to_environments(schema: &Value, key: &str) -> bool {
    let inside = schema.pointer("/properties/environments/additionalProperties/properties");
    inside.is_some_and(|fields| fields.get(key).is_some())
}

/// What is wrong with a value, in a sentence and in two words.
fn value_fault(name: &str, shown: &str, fault: &Fault) -> (String, &'static str) {
    match fault {
        Fault::Enum { .. } => (
            format!("{name} cannot be {shown}"),
            "not one of the possible values",
        ),
        Fault::Minimum { limit } => (format!("{name} must be at least {limit}"), "too small"),
        Fault::Maximum { limit } => (format!("{name} must be at most {limit}"), "too big"),
        Fault::MinLength { .. } => (format!("{name} must not be empty"), "empty"),
        Fault::MaxLength { limit } => (format!("{name} has more than {limit} characters"), "too long"),
        Fault::MinItems { .. } | Fault::MinProperties { .. } => {
            (format!("{name} must not be empty"), "nothing is in here")
        }
        Fault::UniqueItems => (format!("{name} says the same twice"), "has a repetition"),
        Fault::PropertyNames { .. } => (format!("a name in {name} is not valid"), "has an invalid name"),
        Fault::Pattern { .. } => (format!("{shown} is not valid for {name}"), "not of this form"),
        other => (
            format!("{name} does not fit `{}`", other.keyword()),
            "does not fit",
        ),
    }
}

/// What to write instead, where more is known than an example.
fn value_help(schema: &Value, found: &Value, fault: &Fault) -> Option<String> {
    let words = |list: &Value| -> Vec<String> {
        let texts = list.as_array().into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    match fault {
        Fault::Enum { options } => {
            let names = words(options);
            let names = || names.iter().map(String::as_str);
            let typed = found.as_str().unwrap_or_default();
            Some(suggest::help(typed, names(), || {
                format!("write {}", suggest::list(names()))
            }))
        }
        Fault::PropertyNames { .. } => {
            let places = ["/propertyNames/not/enum", "/not/enum", "/enum"];
            let taken = places
                .iter()
                .find_map(|pointer| schema.pointer(pointer))
                .map(words);
            Some(match taken {
                Some(taken) => format!(
                    "{} cannot stand here: infield writes them",
                    suggest::list(taken.iter().map(String::as_str))
                ),
                None => "use lower-case letters, digits and dashes, at most 64".to_owned(),
            })
        }
        Fault::Pattern { .. } => schema.get(HELP).and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

/// The types a schema takes, in words.
fn wanted(schema: &Value) -> String {
    let words = types(schema).into_iter().filter_map(|name| match name {
        "string" => Some("a text"),
        "integer" => Some("a whole number"),
        "boolean" => Some("`true` or `false`"),
        "array" => Some("a list"),
        "object" => Some("a mapping"),
        "null" => None,
        "number" => Some("a number"),
        _ => Some("a value"),
    });
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        None => "something else".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

fn kind_of(value: &Value, written: &str) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() && written.contains(['.', 'e', 'E']) => {
            "a number with a fraction"
        }
        Value::Number(number) if number.is_f64() => "a number beyond 64 bits",
        Value::Number(_) => "a whole number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}

fn takes(schema: &Value, name: &str) -> bool {
    types(schema).contains(&name)
}

fn empty_help(schema: &Value) -> String {
    let example = example(schema)
        .map(|text| format!("; {text}"))
        .unwrap_or_default();
    let clear = if takes(schema, "array") {
        "; `[]` is the empty list"
    } else if takes(schema, "object") {
        "; `{}` is the empty mapping"
    } else {
        ""
    };
    format!("remove the key to leave the field unmanaged{clear}{example}")
}

fn type_help(scope: &Scope<'_>, pointer: &str, schema: &Value, found: &Value) -> Option<String> {
    let key = pointer.rsplit('/').next().unwrap_or_default();
    if SECRET_KEYS.contains(&key) {
        return Some("write a reference such as `${VARIABLE}`".to_owned());
    }
    if let Some(help) = found.as_str().and_then(|text| number_with_unit(schema, text)) {
        return Some(help);
    }
    let written = short(scope.written(scope.value(pointer)));
    match found {
        Value::Number(_) if ["cpi", "max_cpi", "max_increase", "max_total"].contains(&key) => {
            Some(format!("name the currency: `{written} USD`"))
        }
        Value::Number(_) | Value::Bool(_) if takes(schema, "string") => {
            Some(format!("quote it: `\"{written}\"`"))
        }
        Value::String(text) if takes(schema, "boolean") => match text.to_ascii_lowercase().as_str() {
            "yes" | "on" | "y" => Some("write `true`".to_owned()),
            "no" | "off" | "n" => Some("write `false`".to_owned()),
            _ => example(schema),
        },
        Value::String(text) if takes(schema, "integer") => {
            let digits: String = text
                .chars()
                .filter(|c| !matches!(c, '_' | ',' | ' ' | '\''))
                .collect();
            let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
            if plain {
                Some(format!("write `{digits}`, without quotes and separators"))
            } else {
                example(schema)
            }
        }
        _ => example(schema),
    }
}

/// `50%` or `5 min` where only the number is wanted; what it counts is the field's own.
fn number_with_unit(schema: &Value, text: &str) -> Option<String> {
    let bare = text.trim();
    let unit = bare.find(|letter: char| letter == '%' || letter.is_alphabetic())?;
    let number = bare[..unit].trim_end();
    let whole = takes(schema, "integer");
    let digits = |letter: u8| letter.is_ascii_digit() || (letter == b'.' && !whole);
    let fits = (whole || takes(schema, "number"))
        && !takes(schema, "string")
        && number.bytes().all(digits)
        && number.parse::<f64>().is_ok();
    fits.then(|| format!("write `{number}`, the number alone"))
}

fn example(schema: &Value) -> Option<String> {
    schema
        .pointer("/examples/0")
        .map(|example| format!("for example `{}`", plain(example)))
}

/// A JSON value as short text, without quotes around texts.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
