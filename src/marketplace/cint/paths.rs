//! Paths of the Demand API below its base URL.

use crate::model::call::encode_segment;

/// Everything of an account.
pub(super) fn account(account: u64) -> String {
    format!("/demand/accounts/{account}")
}

/// All projects.
pub(super) fn projects(account: u64) -> String {
    format!("/demand/accounts/{account}/projects")
}

/// A project; `project` is encoded, or a placeholder.
pub(super) fn project(account: u64, project: &str) -> String {
    format!("/demand/accounts/{account}/projects/{project}")
}

/// All target groups of a project.
pub(super) fn groups(account: u64, project: &str) -> String {
    format!("/demand/accounts/{account}/projects/{project}/target-groups")
}

/// A target group; both are encoded, or placeholders.
pub(super) fn group(account: u64, project: &str, group: &str) -> String {
    format!("/demand/accounts/{account}/projects/{project}/target-groups/{group}")
}

/// A target group by the vendor's ids.
pub(super) fn known_group(account: u64, project: &str, id: &str) -> String {
    group(account, &encode_segment(project), &encode_segment(id))
}

/// A query with its keys and values, encoded; keys may repeat.
pub(super) fn query(pairs: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(key, value)| format!("{}={}", encode_segment(key), encode_segment(value)))
        .collect();
    pairs.join("&")
}
