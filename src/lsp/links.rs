//! What can be opened: files that a manifest names, and addresses on the web.

use super::place;
use super::project::{Projects, View};
use crate::manifest::schema::Kind;
use crate::yaml::{self, Node};
use lsp_types::{DocumentLink, Uri};
use std::str::FromStr as _;

/// The links of a text.
pub(super) fn of(projects: &Projects, uri: &Uri) -> Option<Vec<DocumentLink>> {
    let view = projects.view(uri)?;
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options::default());
    let mut links = Vec::new();
    for root in tree.documents() {
        // The files of a project hold secrets, which nobody should put on a screen by a click.
        let is_project = place::kind(root) == Some(Kind::Project);
        inside(projects, &view, root, is_project, &mut links);
    }
    Some(links)
}

fn inside(
    projects: &Projects,
    view: &View<'_>,
    node: Node<'_, '_>,
    is_project: bool,
    links: &mut Vec<DocumentLink>,
) {
    if node.is_alias() {
        return;
    }
    for entry in node.entries() {
        let value = node.of(entry);
        if let Some(scalar) = value.scalar().filter(|_| !value.is_alias()) {
            let target = match &*entry.key {
                "file" if is_project => None,
                "file" => file(projects, view, &scalar.text),
                _ => web(&scalar.text),
            };
            links.extend(target.map(|target| DocumentLink {
                range: view.text.range(value.span()),
                target: Some(target),
                tooltip: None,
                data: None,
            }));
        }
        inside(projects, view, value, is_project, links);
    }
    for item in node.items() {
        inside(projects, view, item, is_project, links);
    }
}

/// A file beside the manifest, where it is there.
fn file(projects: &Projects, view: &View<'_>, written: &str) -> Option<Uri> {
    let path = view.path.parent()?.join(written).canonicalize().ok()?;
    projects.uri(&path).filter(|_| path.is_file())
}

/// An address on the web that nothing has to be filled into.
fn web(written: &str) -> Option<Uri> {
    let is_address = written.starts_with("https://") || written.starts_with("http://");
    let is_whole = !written.contains(['[', '{', '<', '%', '$', ' ']);
    (is_address && is_whole)
        .then(|| Uri::from_str(written).ok())
        .flatten()
}
