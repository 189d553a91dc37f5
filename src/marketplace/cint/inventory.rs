//! What an account has at Cint: its projects, and the target groups of one.

use super::client::Reader;
use super::encode::attribute;
use super::{decode, paths};
use crate::marketplace::VendorError;
use crate::marketplace::http::json::{Decoded, Mismatch};
use crate::marketplace::shelf::inventory::{Entries, Listed, Unread};
use crate::model::call::encode_segment;
use crate::model::{Level, LiveKey, LiveSurvey};
use serde_json::{Value, json};

/// The entries of a list, each guarded.
pub(super) fn entries(
    items: &[Value],
    place: &str,
    decode: impl Fn(&Value) -> Decoded<LiveSurvey>,
) -> Entries<LiveSurvey> {
    let read = |(index, item): (usize, &Value)| {
        decode(item).map_err(|mismatch| {
            let path = format!("{place}/{index}{}", mismatch.path);
            Unread::of(item, ["id", "name"], &Mismatch { path, ..mismatch })
        })
    };
    items.iter().enumerate().map(read).collect()
}

/// Every project of the account, or every target group of a project.
pub(super) async fn list(reader: &Reader, project: Option<&str>) -> Result<Entries<Listed>, VendorError> {
    let account = reader.cint.account;
    let (level, found) = match project {
        Some(project) => {
            let path = paths::groups(account, &encode_segment(project));
            let items = reader.all(&path, &[], "target_groups").await?;
            (Level::Group, entries(&items, "/target_groups", decode::entry))
        }
        None => {
            let items = reader.all(&paths::projects(account), &[], "projects").await?;
            (Level::Container, entries(&items, "/projects", decode::project))
        }
    };
    let listed = |live: LiveSurvey| {
        let key = LiveKey {
            level,
            parent: project.map(str::to_owned),
            ..LiveKey::survey(live.id.clone())
        };
        let own = if project.is_some() {
            "reference"
        } else {
            "project_reference"
        };
        let reference = attribute(&live.spec, own)
            .and_then(Value::as_str)
            .map(str::to_owned);
        let listed = Listed::of(key, &live, None);
        Listed {
            // A project has none of its own.
            status: listed.status.filter(|_| project.is_some()),
            reference,
            ..listed
        }
    };
    Ok(found.into_iter().map(|entry| entry.map(listed)).collect())
}

/// Whether a setting is as a target group has it that does not say (OpenAPI, the defaults of a draft).
pub(super) fn is_default(key: &str, value: &Value) -> bool {
    match key {
        "allocations" => *value == json!({"exchange": {"min": 0, "max": 100}}),
        "filling_strategy" => *value == json!("automated"),
        "industry_lockout" => *value == json!("no_lock_out"),
        _ => false,
    }
}
