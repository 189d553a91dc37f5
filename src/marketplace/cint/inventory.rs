//! What an account has at Cint: its projects, and the target groups of one.

use super::client::{all, read};
use super::{Cint, decode, paths};
use crate::marketplace::VendorError;
use crate::marketplace::http::session::Session;
use crate::marketplace::shelf::inventory::Listed;
use crate::model::call::encode_segment;
use crate::model::{Level, LiveKey};
use serde_json::{Value, json};

/// Every project of the account.
pub(crate) async fn projects(session: &Session, cint: &Cint) -> Result<Vec<Listed>, VendorError> {
    let items = all(session, &paths::projects(cint.account), &[], "projects").await?;
    let listed = items.iter().map(|item| {
        let project = read(item, decode::project)?;
        Ok(Listed {
            key: LiveKey {
                level: Level::Container,
                id: project.id,
                parent: None,
                job: None,
            },
            title: project.spec.title.value().cloned(),
            status: None,
            made: None,
        })
    });
    listed.collect()
}

/// Every target group of a project.
pub(crate) async fn groups(
    session: &Session,
    cint: &Cint,
    project: &str,
) -> Result<Vec<Listed>, VendorError> {
    let path = paths::groups(cint.account, &encode_segment(project));
    let items = all(session, &path, &[], "target_groups").await?;
    let listed = items.iter().map(|item| {
        let group = read(item, decode::entry)?;
        Ok(Listed {
            key: LiveKey {
                level: Level::Group,
                id: group.id,
                parent: Some(project.to_owned()),
                job: None,
            },
            title: group.spec.title.value().cloned(),
            status: group.status,
            made: None,
        })
    });
    listed.collect()
}

/// Whether a setting is as a target group has it that does not say (OpenAPI, the defaults of a draft).
pub(crate) fn is_default(key: &str, value: &Value) -> bool {
    match key {
        "allocations" => *value == json!({"exchange": {"min": 0, "max": 100}}),
        "filling_strategy" => *value == json!("automated"),
        "industry_lockout" => *value == json!("no_lock_out"),
        _ => false,
    }
}
