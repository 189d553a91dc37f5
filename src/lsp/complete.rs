//! What can be typed: what the shape of manifests says (`keys`, `values`), and what it cannot know: questions and answers of
//! the survey's own marketplace, and files with lists.

use super::client::Client;
use super::keys;
use super::offer::Offer;
use super::project::{Projects, View};
use super::remembered::Remembered;
use super::shape;
use super::snippets;
use super::typing::{Typing, typing};
use super::values;
use crate::marketplace::shelf::lists::{Choice, Entry, List};
use crate::model::VendorId;
use crate::model::codebook::{Kind, Question, example_range};
use lsp_types::{CompletionItemKind, CompletionResponse, Position, Range, Uri};
use std::path::Path;

/// Keys below which questions stand.
const CRITERIA: [&str; 2] = ["qualifications", "where"];
/// Most questions or answers of lists that are offered.
const MAX_LOOKED_UP: usize = 2_000;
/// Endings of files with lists.
const LISTS: [&str; 3] = ["txt", "csv", "list"];
/// Most files that are offered.
const MAX_FILES: usize = 200;

/// What can be typed at a position.
pub(super) fn at(
    projects: &Projects,
    client: Client,
    remembered: &dyn Remembered,
    uri: &Uri,
    position: Position,
) -> Option<CompletionResponse> {
    let view = projects.view(uri)?;
    let offset = view.text.offset(position);
    let typing = typing(view.text.as_str(), offset)?;
    let lists = || remembered.lists(view.base, view.editing.project());
    let range = Range::new(
        view.text.position(offset.saturating_sub(typing.typed.len())),
        view.text.position(offset + typing.behind),
    );
    let offers = offers(&view, &typing, client, &lists).into_iter().enumerate();
    let items = offers.map(|(place, offer)| offer.item(range, place, &typing, client));
    Some(CompletionResponse::Array(items.collect()))
}

fn offers(
    view: &View<'_>,
    typing: &Typing,
    client: Client,
    lists: &dyn Fn() -> Vec<(VendorId, List)>,
) -> Vec<Offer> {
    let path: Vec<&str> = typing.path.iter().map(String::as_str).collect();
    let in_criteria = path.iter().any(|key| CRITERIA.contains(key));
    match path.as_slice() {
        [.., "qualifications" | "where"] if !typing.value => {
            let mut offers = questions(view, &vendors(typing), path.last() == Some(&"where"));
            add(&mut offers, looked_up_questions(&vendors(typing), lists()));
            offers.retain(|offer| !typing.siblings.contains(&offer.label));
            offers
        }
        [.., "qualifications" | "where", question] | [.., "qualifications" | "where", question, "-"]
            if typing.value || path.last() == Some(&"-") =>
        {
            let mut offers = answers(view, &vendors(typing), question);
            add(
                &mut offers,
                looked_up_answers(&vendors(typing), question, lists()),
            );
            offers
        }
        [.., "file"] if typing.value && (in_criteria || path == ["file"]) => files(view),
        _ => other(view, typing, client, lists),
    }
}

/// What the shape of manifests says.
fn other(
    view: &View<'_>,
    typing: &Typing,
    client: Client,
    lists: &dyn Fn() -> Vec<(VendorId, List)>,
) -> Vec<Offer> {
    let kind = shape::kind(&typing.document, view.path);
    let says_kind = typing.siblings.iter().any(|key| key == "kind");
    let mut offers = Vec::new();
    if typing.path.is_empty() && !typing.value && !says_kind && typing.column == 0 {
        if typing.siblings.is_empty() && !typing.colon {
            offers.extend(snippets::offers(view.path, client));
        }
        if kind.is_none() {
            offers.extend(keys::kinds(view.path, true));
        }
    }
    let Some(kind) = kind else {
        if typing.path == ["kind"] {
            offers.extend(keys::kinds(view.path, false));
        }
        return offers;
    };
    if !typing.value {
        offers.extend(keys::offers(kind, typing, client));
    }
    let is_item = typing.path.last().is_some_and(|last| last == "-");
    if typing.value || is_item || offers.is_empty() {
        offers.extend(values::offers(view, kind, typing, lists));
    }
    offers
}

/// Adds what is not offered already.
fn add(offers: &mut Vec<Offer>, more: Vec<Offer>) {
    for offer in more {
        if offers.iter().all(|known| known.label != offer.label) {
            offers.push(offer);
        }
    }
}

fn looked_up_questions(vendors: &[VendorId], lists: Vec<(VendorId, List)>) -> Vec<Offer> {
    let lists = lists.into_iter().filter(|(vendor, _)| vendors.contains(vendor));
    let entries = lists.flat_map(|(vendor, list)| list.entries.into_iter().map(move |entry| (vendor, entry)));
    let offer = |(vendor, entry): (VendorId, Entry)| {
        // Only a question stands before a list of answers.
        let (key, _) = entry.write.as_deref()?.split_once(": [")?;
        let label = key.trim_matches('"').to_owned();
        let detail = format!("{} ({})", entry.text, vendor.name());
        let offer = Offer::new(CompletionItemKind::PROPERTY, label, detail);
        Some(offer.putting(format!("{key}: ")))
    };
    entries.filter_map(offer).take(MAX_LOOKED_UP).collect()
}

fn looked_up_answers(vendors: &[VendorId], question: &str, lists: Vec<(VendorId, List)>) -> Vec<Offer> {
    let lists = lists.into_iter().filter(|(vendor, _)| vendors.contains(vendor));
    let entries = lists.flat_map(|(_, list)| list.entries);
    let begins = [format!("{question}: ["), format!("\"{question}\": [")];
    let of_question = |entry: &Entry| {
        let line = entry.write.as_deref().unwrap_or_default();
        begins.iter().any(|begin| line.starts_with(begin))
    };
    let answers = entries.filter(of_question).flat_map(|entry| entry.answers);
    let offer = |answer: Choice| {
        let label = answer.write.trim_matches('"').to_owned();
        Offer::new(CompletionItemKind::ENUM_MEMBER, label, answer.text).putting(answer.write)
    };
    answers.map(offer).take(MAX_LOOKED_UP).collect()
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
