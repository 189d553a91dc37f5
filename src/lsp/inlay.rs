//! What shares come to, behind them: `49%` of 400 completes is `= 196`.

use super::project::Projects;
use crate::manifest::Meant;
use crate::model::{Ladder, Level, Study, VendorId};
use crate::yaml::{self, Node};
use lsp_types::{InlayHint, InlayHintKind, InlayHintLabel, Range, Uri};
use std::collections::{BTreeMap, BTreeSet};

/// What shares of one survey or group come to, by where they stand below it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Counts {
    quotas: BTreeMap<String, u64>,
    stages: BTreeMap<String, u64>,
    marketplaces: BTreeMap<VendorId, u64>,
}

/// The hints of a part of a text.
pub(super) fn of(projects: &Projects, uri: &Uri, range: Range) -> Option<Vec<InlayHint>> {
    let view = projects.view(uri)?;
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options::default());
    let mut all: BTreeMap<usize, Vec<BTreeMap<String, Counts>>> = BTreeMap::new();
    for meant in view.editing.meant(view.path) {
        if !meant.parts.is_empty() {
            all.entry(meant.document).or_default().push(counts(&meant));
        }
    }
    let mut shares = Vec::new();
    for (document, root) in tree.documents().enumerate() {
        // Surveys of a matrix may differ in what a share comes to.
        let several = all.remove(&document).unwrap_or_default();
        if let [first, others @ ..] = several.as_slice() {
            for (place, counts) in first
                .iter()
                .filter(|(place, counts)| others.iter().all(|other| other.get(*place) == Some(*counts)))
            {
                let (located, _) = root.locate(place);
                let node = find(root, place).filter(|_| located.value.end > 0);
                shares.extend(node.into_iter().flat_map(|node| in_part(node, counts)));
            }
        }
    }
    let mut seen = BTreeSet::new();
    let hints = shares.into_iter().filter_map(|(end, count)| {
        let position = view.text.position(end);
        let inside = range.start <= position && position <= range.end;
        (inside && seen.insert(end)).then(|| InlayHint {
            position,
            label: InlayHintLabel::String(format!("= {count}")),
            kind: Some(InlayHintKind::TYPE),
            text_edits: None,
            tooltip: None,
            padding_left: Some(true),
            padding_right: None,
            data: None,
        })
    });
    Some(hints.collect())
}

/// What everything of a survey comes to, by the places of its groups; the survey's own is empty.
fn counts(meant: &Meant) -> BTreeMap<String, Counts> {
    let mut all: BTreeMap<String, Counts> = BTreeMap::new();
    for part in &meant.parts {
        let survey = &part.survey;
        if Level::of(survey.vendor, &part.address) == Level::Container {
            continue;
        }
        let counts = all.entry(part.place.clone()).or_default();
        let share = survey.ladder.as_ref().map(Ladder::whole);
        let wanted = share.or(survey.spec.completes.value().copied());
        if let Some(wanted) = wanted {
            *counts.marketplaces.entry(survey.vendor).or_default() += wanted;
        }
        let lot = part.address.group_name().unwrap_or(Study::ONLY);
        let study = meant
            .study
            .as_ref()
            .and_then(|study| Some((study, study.lots.get(lot)?)));
        match study {
            Some((study, lot_of)) => {
                let quotas = lot_of.quotas.iter();
                counts
                    .quotas
                    .extend(quotas.map(|quota| (quota.name.clone(), quota.completes)));
                let rungs = study
                    .ladders
                    .get(lot)
                    .into_iter()
                    .flat_map(|ladder| &ladder.rungs);
                counts
                    .stages
                    .extend(rungs.map(|rung| (rung.name.clone(), rung.completes)));
            }
            None => {
                let quotas = survey.spec.quotas.value().into_iter().flatten();
                counts
                    .quotas
                    .extend(quotas.map(|quota| (quota.name.clone(), quota.completes)));
                let rungs = survey.ladder.iter().flat_map(|ladder| &ladder.rungs);
                counts
                    .stages
                    .extend(rungs.map(|rung| (rung.name.clone(), rung.completes)));
            }
        }
    }
    all
}

fn find<'t, 's>(root: Node<'t, 's>, place: &str) -> Option<Node<'t, 's>> {
    let mut node = root;
    for key in place.split('/').skip(1) {
        node = match key.parse::<usize>() {
            Ok(index) if node.is_sequence() => node.items().nth(index)?,
            _ => node.get(key)?.1,
        };
    }
    Some(node)
}

/// The ends of the shares in a survey or group, with what they come to.
fn in_part(node: Node<'_, '_>, counts: &Counts) -> Vec<(usize, u64)> {
    let mut found = Vec::new();
    let share = |node: Node<'_, '_>, key: &str| {
        let value = node.get(key)?.1;
        let text = value.scalar().filter(|_| !value.is_alias())?;
        text.text
            .trim_end()
            .ends_with('%')
            .then(|| value.span().range().end)
    };
    let name = |node: Node<'_, '_>, key: &str| Some(node.get(key)?.1.scalar()?.text.to_string());
    for quota in node.get("quotas").into_iter().flat_map(|(_, list)| list.items()) {
        let key = name(quota, "id").or_else(|| name(quota, "name"));
        let count = key.and_then(|key| counts.quotas.get(&key));
        found.extend(share(quota, "completes").zip(count.copied()));
    }
    for stage in node.get("stages").into_iter().flat_map(|(_, list)| list.items()) {
        let count = name(stage, "name").and_then(|name| counts.stages.get(&name).copied());
        found.extend(share(stage, "completes").zip(count));
    }
    for (vendor, count) in &counts.marketplaces {
        let block = node.get(vendor.key()).map(|(_, block)| block);
        let share = block.and_then(|block| share(block, "share"));
        found.extend(share.map(|end| (end, *count)));
    }
    found
}
