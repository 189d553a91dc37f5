//! From what moved at a vendor to what a manifest has to say.

use crate::import::private;
use crate::manifest;
use crate::manifest::edit::{Asks, QuotaBecomes, What, Wish};
use crate::model::fields::Form;
use crate::model::{Address, VendorId};
use crate::plan::diff::FieldName;
use crate::plan::drift::{Asked, Move, Moved};
use crate::yaml::flow;
use serde_json::Value;

/// What the manifest of a survey has to say to have what moved.
pub(super) fn of(address: &Address, vendor: VendorId, moved: &Move) -> Wish {
    let what = match &moved.what {
        Moved::Status(status) => What::Value {
            pointer: "/status".to_owned(),
            value: Value::from(status.to_string()),
        },
        Moved::Field { field, found } => What::Value {
            pointer: field.path(vendor),
            value: as_written(field, found),
        },
        Moved::Qualification { asked, .. } => What::Qualification(asks(asked)),
        Moved::Quota { name, found, asks } => What::Quota {
            name: name.clone(),
            becomes: match found {
                None => QuotaBecomes::Gone,
                Some(found) => QuotaBecomes::Changed {
                    completes: completes_moved(moved).then_some(found.completes),
                    asks: asks.as_ref().map(|asked| asked.iter().map(self::asks).collect()),
                },
            },
        },
    };
    Wish {
        address: address.clone(),
        what,
    }
}

fn completes_moved(moved: &Move) -> bool {
    moved
        .changes
        .iter()
        .any(|change| change.path.ends_with("/completes"))
}

fn asks(asked: &Asked) -> Asks {
    Asks {
        names: vec![asked.name.clone(), asked.code.clone()],
        answers: asked.answers.clone(),
        same: asked.same,
    }
}

/// A value as manifests have it: percents and minutes are numbers there, and no price is the market's.
fn as_written(field: &FieldName, found: &Value) -> Value {
    match (field.form(), found) {
        (Some(Form::Number), Value::String(text)) => {
            serde_json::from_str(text).unwrap_or_else(|_| found.clone())
        }
        _ if *field == FieldName::Cpi && found.is_null() => Value::from("market"),
        _ => found.clone(),
    }
}

/// Whether what moved is nothing for a manifest: it may hold a secret, or tell who somebody is.
pub(super) fn is_private(moved: &Move) -> bool {
    let Moved::Field { field, found } = &moved.what else {
        return false;
    };
    match (field.form(), found) {
        (Some(Form::Url), Value::String(url)) => private::carries_secret(url),
        (None, value) => private::names_somebody(value),
        _ => false,
    }
}

/// Why no manifest may say what moved: a text with what nobody sees in it.
pub(super) fn unfit(vendor: VendorId, moved: &Move) -> Option<String> {
    match &moved.what {
        Moved::Field {
            field,
            found: Value::String(text),
        } if matches!(field.form(), None | Some(Form::Text)) => manifest::unfit(text, &field.path(vendor)),
        _ => None,
    }
}

/// What somebody types who does it by hand.
pub(super) fn by_hand(moved: &Move) -> String {
    let Some(change) = moved.changes.first() else {
        return "the vendor's value".to_owned();
    };
    let key = change.path.rsplit('/').next().unwrap_or_default();
    match (&moved.what, change.after.value()) {
        (Moved::Qualification { .. } | Moved::Quota { .. }, Value::Null) => {
            let name = change.path.split('/').nth(2).unwrap_or_default();
            format!("taking `{name}` out")
        }
        (Moved::Field { field, found }, _) => format!("`{key}: {}`", flow(&as_written(field, found), false)),
        (_, other) => format!("`{key}: {}`", flow(&other, false)),
    }
}
