//! What there is: surveys with their groups, quotas and stages in a text, and names in the whole project.

use super::project::Projects;
use super::text::Text;
use crate::diag::Span;
use crate::manifest::Editing;
use crate::manifest::schema::Kind;
use crate::model::Address;
use crate::yaml::{self, Node};
use lsp_types::{DocumentSymbol, DocumentSymbolResponse, Location, SymbolInformation, SymbolKind, Uri};
use std::path::Path;

/// Most names of a project that are answered at once.
const MOST: usize = 200;

/// Lists whose items have names, with what they are.
const LISTS: [(&str, SymbolKind); 3] = [
    ("groups", SymbolKind::CLASS),
    ("quotas", SymbolKind::FIELD),
    ("stages", SymbolKind::EVENT),
];

/// The symbols of a text.
pub(super) fn of(projects: &Projects, uri: &Uri) -> Option<DocumentSymbolResponse> {
    let view = projects.view(uri)?;
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options::default());
    let documents = tree.documents().filter_map(|root| document(view.text, root));
    Some(DocumentSymbolResponse::Nested(documents.collect()))
}

fn document(text: &Text, root: Node<'_, '_>) -> Option<DocumentSymbol> {
    let word = root.get("kind")?.1.scalar()?.text.to_string();
    let kind = Kind::from_word(&word)?;
    let named = root.get("name").map(|(_, node)| node);
    let (name, span) = match named.and_then(|node| Some((node.scalar()?.text.to_string(), node.span()))) {
        Some((name, span)) if !name.is_empty() => (name, span),
        _ => (word.clone(), root.get("kind")?.0),
    };
    let symbol = symbol(text, name, symbol_kind(kind), root.span(), span);
    let environments = root.get("environments").map(|(_, node)| node);
    let environments = environments.into_iter().flat_map(|node| {
        node.entries().iter().map(move |entry| {
            let whole = Span::new(entry.key_span.range().start, node.of(entry).span().range().end);
            (entry.key.to_string(), whole, entry.key_span)
        })
    });
    let mut children = parts(text, root);
    children.extend(
        environments.map(|(name, whole, key)| self::symbol(text, name, SymbolKind::NAMESPACE, whole, key)),
    );
    Some(DocumentSymbol {
        detail: Some(word),
        children: Some(children),
        ..symbol
    })
}

fn symbol_kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::Survey => SymbolKind::MODULE,
        Kind::SurveyGroup => SymbolKind::PACKAGE,
        Kind::Project => SymbolKind::NAMESPACE,
        Kind::Reconciliation => SymbolKind::FILE,
        Kind::Defaults => SymbolKind::INTERFACE,
        Kind::Test => SymbolKind::METHOD,
    }
}

fn parts(text: &Text, node: Node<'_, '_>) -> Vec<DocumentSymbol> {
    let lists = LISTS
        .into_iter()
        .filter_map(|(key, kind)| Some((node.get(key)?.1, kind)));
    let items = lists.flat_map(|(list, kind)| list.items().map(move |item| (item, kind)));
    let part = |(item, kind): (Node<'_, '_>, SymbolKind)| {
        let named = item.get("name")?.1;
        let name = named.scalar()?.text.to_string();
        let completes = item.get("completes").and_then(|(_, node)| node.scalar());
        (!name.is_empty() && !item.is_alias()).then(|| DocumentSymbol {
            detail: completes.map(|completes| completes.text.to_string()),
            children: Some(parts(text, item)),
            ..symbol(text, name, kind, item.span(), named.span())
        })
    };
    items.filter_map(part).collect()
}

#[expect(
    deprecated,
    reason = "the protocol's type has a field that it wants nobody to use"
)]
fn symbol(text: &Text, name: String, kind: SymbolKind, whole: Span, own: Span) -> DocumentSymbol {
    // What an alias or a merge key brings stands elsewhere.
    let within = whole.start <= own.start && own.end <= whole.end;
    DocumentSymbol {
        name,
        detail: None,
        kind,
        tags: None,
        deprecated: None,
        range: text.range(whole),
        selection_range: text.range(if within { own } else { whole }),
        children: None,
    }
}

/// The names in all projects that a text finds: its letters in their order.
#[expect(
    deprecated,
    reason = "the protocol's type has a field that it wants nobody to use"
)]
pub(super) fn everywhere(projects: &Projects, query: &str) -> Vec<SymbolInformation> {
    let mut found = Vec::new();
    for (base, editing) in projects.all() {
        let documents = editing.named().filter(|named| fits(named.name, query)).take(MOST);
        for named in documents {
            let location = projects.place(base, editing, named.file, named.span);
            found.extend(location.map(|location| (named.name.to_owned(), symbol_kind(named.kind), location)));
        }
        let groups = editing.groups().filter(|address| fits(address.as_str(), query));
        for address in groups.take(MOST) {
            let location = group(projects, base, editing, &address);
            found.extend(location.map(|location| (address.to_string(), SymbolKind::CLASS, location)));
        }
    }
    found.truncate(MOST);
    let symbol = |(name, kind, location)| SymbolInformation {
        name,
        kind,
        tags: None,
        deprecated: None,
        location,
        container_name: None,
    };
    found.into_iter().map(symbol).collect()
}

fn group(projects: &Projects, base: &Path, editing: &Editing, address: &Address) -> Option<Location> {
    let (place, _) = editing.locate(address, "/name")?;
    projects.place(base, editing, &place.file, place.value)
}

/// Whether the letters of a query come in a name, in their order.
fn fits(name: &str, query: &str) -> bool {
    let mut letters = name.chars();
    query
        .chars()
        .all(|wanted| letters.any(|letter| letter.eq_ignore_ascii_case(&wanted)))
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn letters_are_found_in_their_order() {
        assert!(fits("soda-tracker-w3", "stw3") && fits("a", "") && fits("soda", "SO"));
        assert!(!fits("soda", "os") && !fits("a", "aa"));
    }
}
