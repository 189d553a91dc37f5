//! Where a name is defined: surveys that groups list, and files with lists.

use super::place;
use super::project::Projects;
use super::shape;
use crate::manifest::schema::SURVEY_MARK;
use crate::model::Address;
use crate::yaml;
use lsp_types::{GotoDefinitionResponse, Location, Position, Range, Uri};

/// Whether a survey is named at a place.
fn survey(spot: &place::Spot<'_, '_>, path: &[String]) -> bool {
    let shape = place::kind(spot.root).and_then(|kind| shape::at(kind, path));
    shape.is_some_and(|shape| shape.is(SURVEY_MARK))
}

/// The definition of what stands at a position.
pub(super) fn at(projects: &Projects, uri: &Uri, position: Position) -> Option<GotoDefinitionResponse> {
    let view = projects.view(uri)?;
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options::default());
    let (spot, path) = place::find(&tree, view.text.offset(position))?;
    if spot.on_key {
        return None;
    }
    let written = view.text.as_str()[spot.span.range()].trim_matches(['"', '\'']);
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let place = match parts.as_slice() {
        _ if survey(&spot, &path) => {
            let (place, _) = view.editing.locate(&Address::survey(written), "/name")?;
            projects.place(view.base, view.editing, &place.file, place.value)?
        }
        [.., "file"] => {
            let path = view.path.parent()?.join(written).canonicalize().ok()?;
            // Its first character.
            Location::new(projects.uri(&path)?, Range::default())
        }
        _ => return None,
    };
    Some(GotoDefinitionResponse::Scalar(place))
}
