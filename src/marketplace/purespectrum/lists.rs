//! What can be looked up here: questions in infield's codebook, templates and suppliers at the vendor.

use super::client;
use super::codebook::CODEBOOK;
use super::encode::localization;
use crate::marketplace::http::json::{Decoded, count, list as items, mismatch};
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::lists::{self, Entry, List, Source, Topic};
use crate::model::Reading;
use crate::model::call::encode_segment;
use serde_json::Value;

/// What needs no call.
pub(crate) fn without_asking(topic: Topic, locale: Option<&str>) -> Option<Reading<List>> {
    let none = |proof: &str| {
        Some(Reading::Absent {
            proof: proof.to_owned(),
        })
    };
    match topic {
        Topic::Questions | Topic::Answers => Some(Reading::Present(lists::codebook(&CODEBOOK, locale))),
        Topic::Templates | Topic::Suppliers => None,
        Topic::Categories => none(
            "PureSpectrum's table of survey categories is not public; your account manager has the numbers for `category`",
        ),
        Topic::Locales => none("PureSpectrum has no call that lists locales"),
        Topic::BusinessUnits => none("PureSpectrum has no business units"),
        Topic::StudyTypes => none("PureSpectrum has no study types"),
        Topic::Industries => none("PureSpectrum has no industries"),
        Topic::Lockouts => none("PureSpectrum has no industry lockouts"),
        Topic::Clients => none("PureSpectrum has no clients"),
        Topic::Users => none("PureSpectrum has no call that lists users"),
    }
}

/// What does.
pub(crate) async fn list(session: &Session, topic: Topic, locale: &str) -> Reading<List> {
    if topic == Topic::Templates {
        return match client::templates(session).await {
            Reading::Absent { proof } => Reading::Absent { proof },
            Reading::Unknown { why } => Reading::Unknown { why },
            Reading::Present(templates) => {
                let entries = templates.into_iter().map(|template| Entry {
                    id: template.id.to_string(),
                    write: Some(format!("template_id: {}", template.id)),
                    name: template.name,
                    ..Entry::default()
                });
                Reading::Present(List {
                    source: Source::Vendor,
                    under: "`purespectrum`".into(),
                    entries: entries.collect(),
                })
            }
        };
    }
    let path = format!("/suppliers?locale={}", encode_segment(&localization(locale)));
    match client::get(session, &path, suppliers).await {
        Ok(entries) => Reading::Present(List {
            source: Source::Vendor,
            under: "".into(),
            entries,
        }),
        Err(error) => Reading::Unknown {
            why: error.to_string(),
        },
    }
}

/// The suppliers of a locale (vendor wiki 855703610). Manifests do not name them here.
fn suppliers(document: &Value) -> Decoded<Vec<Entry>> {
    let read = |(at, item): (usize, &Value)| {
        let id = item.get("id").unwrap_or(&Value::Null);
        let Some(id) = count(id) else {
            return mismatch(&format!("/{at}/id"), "a supplier's number", id);
        };
        let name = item.get("name").and_then(Value::as_str).unwrap_or_default();
        Ok(Entry {
            id: id.to_string(),
            name: name.to_owned(),
            ..Entry::default()
        })
    };
    items(document, "")?.iter().enumerate().map(read).collect()
}
