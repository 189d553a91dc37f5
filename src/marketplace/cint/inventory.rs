//! What an account has at Cint: its projects, and the target groups of one.

use super::client::read;
use super::read::Reader;
use super::{decode, paths};
use crate::marketplace::VendorError;
use crate::marketplace::shelf::inventory::Listed;
use crate::model::call::encode_segment;
use crate::model::{Level, LiveKey};
use serde_json::{Value, json};

/// Every project of the account, or every target group of a project.
pub(super) async fn list(reader: &Reader, project: Option<&str>) -> Result<Vec<Listed>, VendorError> {
    let account = reader.cint.account;
    let items = match project {
        Some(project) => {
            let path = paths::groups(account, &encode_segment(project));
            reader.all(&path, &[], "target_groups").await?
        }
        None => reader.all(&paths::projects(account), &[], "projects").await?,
    };
    let listed = items.iter().map(|item| {
        let level = if project.is_some() {
            Level::Group
        } else {
            Level::Container
        };
        let live = match level {
            Level::Group => read(item, decode::entry)?,
            Level::Container | Level::Survey => read(item, decode::project)?,
        };
        Ok(Listed {
            key: LiveKey {
                level,
                id: live.id,
                parent: project.map(str::to_owned),
                job: None,
            },
            title: live.spec.title.value().cloned(),
            // A project has none of its own.
            status: live.status.filter(|_| project.is_some()),
            made: None,
        })
    });
    listed.collect()
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
