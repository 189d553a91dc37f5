//! What can be typed where a schema cannot know it: questions and answers of the survey's own marketplace, surveys of
//! the project, files with lists.

use super::place::{self, Typing};
use super::project::{Projects, View};
use crate::model::VendorId;
use crate::model::codebook::{Kind, Question, example_range};
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionResponse, CompletionTextEdit, Position, Range, TextEdit,
    Uri,
};
use std::path::Path;

/// Endings of files with lists.
const LISTS: [&str; 3] = ["txt", "csv", "list"];
/// Most files that are offered.
const MAX_FILES: usize = 200;

/// What can be typed at a position.
pub(super) fn at(projects: &Projects, uri: &Uri, position: Position) -> Option<CompletionResponse> {
    let view = projects.view(uri)?;
    let offset = view.text.offset(position);
    let typing = place::typing(view.text.as_str(), offset)?;
    let start = view.text.position(offset - typing.typed.len());
    let items = offers(&view, &typing).into_iter().map(|offer| CompletionItem {
        text_edit: Some(CompletionTextEdit::Edit(TextEdit::new(
            Range::new(start, position),
            offer.put.unwrap_or_else(|| offer.label.clone()),
        ))),
        label: offer.label,
        detail: Some(offer.detail),
        kind: Some(offer.kind),
        ..CompletionItem::default()
    });
    Some(CompletionResponse::Array(items.collect()))
}

struct Offer {
    label: String,
    detail: String,
    kind: CompletionItemKind,
    /// What is typed, where it is not the label.
    put: Option<String>,
}

impl Offer {
    fn new(kind: CompletionItemKind, label: impl Into<String>, detail: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            detail: detail.into(),
            kind,
            put: None,
        }
    }

    fn putting(self, put: impl Into<String>) -> Self {
        Self {
            put: Some(put.into()),
            ..self
        }
    }
}

fn offers(view: &View<'_>, typing: &Typing) -> Vec<Offer> {
    let path: Vec<&str> = typing.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        [.., "qualifications" | "where"] if !typing.value => {
            questions(view, &vendors(typing), path.last() == Some(&"where"))
        }
        [.., "qualifications" | "where", question] if typing.value => {
            answers(view, &vendors(typing), question)
        }
        [.., "qualifications" | "where", question, "-"] => answers(view, &vendors(typing), question),
        [.., _, "file"] if typing.value => files(view),
        ["surveys", "-"] => surveys(view),
        _ => Vec::new(),
    }
}

/// The marketplaces that the document names; all, while it names none.
fn vendors(typing: &Typing) -> Vec<VendorId> {
    let names = |vendor: &VendorId| {
        let key = format!("{}:", vendor.key());
        typing.document.lines().any(|line| line.starts_with(&key))
    };
    let named: Vec<VendorId> = VendorId::all().iter().copied().filter(names).collect();
    if named.is_empty() {
        VendorId::all().to_vec()
    } else {
        named
    }
}

fn questions(view: &View<'_>, vendors: &[VendorId], in_quota: bool) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for vendor in vendors {
        for question in view.editing.codebook(*vendor).questions {
            let usable = !question.name.is_empty() && (in_quota || !question.quota_only);
            if usable && !offers.iter().any(|offer| offer.label == question.name) {
                let detail = format!("{}: {} `{}`", question.label, vendor.name(), question.code);
                let offer = Offer::new(CompletionItemKind::PROPERTY, question.name, detail);
                offers.push(offer.putting(format!("{}: ", question.name)));
            }
        }
        for grouping in view.editing.codebook(*vendor).groupings {
            let detail = format!("{}: {} `{}`", grouping.label, vendor.name(), grouping.question);
            let offer = Offer::new(CompletionItemKind::PROPERTY, grouping.name, detail);
            offers.push(offer.putting(format!("{}: ", grouping.name)));
        }
    }
    offers
}

fn answers(view: &View<'_>, vendors: &[VendorId], question: &str) -> Vec<Offer> {
    let mut offers: Vec<Offer> = Vec::new();
    for vendor in vendors {
        let grouping = view.editing.codebook(*vendor).grouping(question).into_iter();
        let sets = grouping.flat_map(|grouping| grouping.sets);
        offers.extend(sets.map(|set| Offer::new(CompletionItemKind::ENUM_MEMBER, set.name, set.label)));
    }
    let known = vendors
        .iter()
        .filter_map(|vendor| Some((vendor, view.editing.codebook(*vendor).question(question)?)));
    for (vendor, question) in known {
        match question.kind {
            Kind::Choice => offers.extend(choices(*vendor, question)),
            Kind::Number { unit_name, .. } => {
                let range = example_range(unit_name);
                let detail = format!("a range, {unit_name}, both ends included");
                offers.push(Offer::new(CompletionItemKind::VALUE, range, detail));
            }
            Kind::Open { shape, .. } => {
                let detail = format!("a file with one code a line ({shape})");
                let offer = Offer::new(CompletionItemKind::FILE, "{file: ...}", detail);
                offers.push(offer.putting("{file: }"));
            }
        }
    }
    offers
}

fn choices(vendor: VendorId, question: &Question) -> impl Iterator<Item = Offer> {
    let named = question.answers.iter().filter(|answer| !answer.name.is_empty());
    named.map(move |answer| {
        let detail = format!("{}: {} `{}`", answer.label, vendor.name(), answer.code);
        Offer::new(CompletionItemKind::ENUM_MEMBER, answer.name, detail)
    })
}

fn surveys(view: &View<'_>) -> Vec<Offer> {
    let all = view.editing.surveys().into_iter();
    all.map(|(address, file)| Offer::new(CompletionItemKind::REFERENCE, address.to_string(), &*file))
        .collect()
}

/// Files with lists below the manifest's folder.
fn files(view: &View<'_>) -> Vec<Offer> {
    let Some(folder) = view.path.parent() else {
        return Vec::new();
    };
    let list = |path: &Path| {
        path.extension()
            .is_some_and(|end| LISTS.iter().any(|list| end == *list))
    };
    let mut found: Vec<String> = ignore::WalkBuilder::new(folder)
        .max_depth(Some(4))
        .require_git(false)
        .build()
        .filter_map(Result::ok)
        .filter(|entry| list(entry.path()) && entry.path().is_file())
        .filter_map(|entry| {
            let below = entry.path().strip_prefix(folder).ok()?;
            Some(below.to_string_lossy().replace('\\', "/"))
        })
        .take(MAX_FILES)
        .collect();
    found.sort();
    found
        .into_iter()
        .map(|label| Offer::new(CompletionItemKind::FILE, label, "a list, one code a line"))
        .collect()
}
