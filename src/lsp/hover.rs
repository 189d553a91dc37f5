//! What a name means: the vendor's codes behind questions and answers, the money behind a survey, and what each key is for.

use super::place::{self, Spot};
use super::project::{Projects, View};
use super::shape;
use crate::manifest::schema::Kind;
use crate::marketplace::registry;
use crate::model::codebook::{Answer, Kind as Answered, Question};
use crate::model::money::Purse;
use crate::model::{Address, DesiredSurvey, Level, VendorId};
use crate::plan::exposure;
use crate::plan::stake::Stake;
use crate::yaml;
use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position, Uri};
use std::collections::BTreeSet;

/// Fields of a survey over which its exposure is told.
const MONEY_FIELDS: [&str; 5] = ["name", "completes", "cpi", "max_cpi", "status"];

/// The hover at a position.
pub(super) fn at(projects: &Projects, uri: &Uri, position: Position) -> Option<Hover> {
    let view = projects.view(uri)?;
    let (tree, _) = yaml::parse(view.text.as_str(), yaml::Options::default());
    let (spot, path) = place::find(&tree, view.text.offset(position))?;
    let value = match (text(&view, spot, &path), field(&view, spot, &path)) {
        (Some(own), Some(field)) => format!("{own}\n\n---\n\n{field}"),
        (own, field) => own.or(field)?,
    };
    Some(Hover {
        contents: HoverContents::Markup(MarkupContent {
            kind: MarkupKind::Markdown,
            value,
        }),
        range: Some(view.text.range(spot.span)),
    })
}

/// What a key means, or the key of a value, by the shape of manifests.
fn field(view: &View<'_>, spot: Spot<'_, '_>, path: &[String]) -> Option<String> {
    let word = spot.root.get("kind").and_then(|(_, node)| node.scalar());
    let kind = match word {
        Some(word) => Kind::from_word(&word.text)?,
        None => shape::kind_of_file(view.path)?,
    };
    let (key, above) = path.split_last()?;
    let around = shape::at(kind, above)?;
    let told = around.below(key)?;
    told.says()?;
    Some(told.about(key, around.requires(key)))
}

fn text(view: &View<'_>, spot: Spot<'_, '_>, path: &[String]) -> Option<String> {
    let kind = spot.root.get("kind")?.1.scalar()?.text.to_string();
    let name = spot
        .root
        .get("name")
        .and_then(|(_, node)| Some(node.scalar()?.text.to_string()));
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    match (kind.as_str(), parts.as_slice()) {
        ("SurveyGroup", ["surveys", _]) => {
            let member = &view.text.as_str()[spot.span.range()];
            member_text(view, member.trim_matches(['"', '\'']))
        }
        ("Survey", [.., "qualifications" | "where", question]) if spot.on_key => {
            let vendor = place::vendor(spot.root)?;
            Some(question_text(view, vendor, question))
        }
        (
            "Survey",
            [.., "qualifications" | "where", question] | [.., "qualifications" | "where", question, _],
        ) => {
            let vendor = place::vendor(spot.root)?;
            let written = &view.text.as_str()[spot.span.range()];
            answer_text(view, vendor, question, written.trim_matches(['"', '\'']))
        }
        ("Survey", ["groups", index, field]) if MONEY_FIELDS.contains(field) => {
            let (_, group) = spot.root.get("groups")?;
            let group = group.items().nth(index.parse().ok()?)?;
            let group = group.get("name")?.1.scalar()?.text.to_string();
            survey_text(view, &Address::group(&name?, &group))
        }
        ("Survey", [field]) if MONEY_FIELDS.contains(field) => survey_text(view, &Address::survey(name?)),
        _ => None,
    }
}

/// A question with its answers.
fn question_text(view: &View<'_>, vendor: VendorId, written: &str) -> String {
    let Some(question) = view.editing.codebook(vendor).question(written) else {
        let what = if vendor.has_library() {
            "is looked up in the vendor's library when a plan is made"
        } else {
            "is not in infield's codebook and is sent as it is"
        };
        return format!("**{written}** {what} ({}).", vendor.name());
    };
    let mut lines = vec![format!("**{}**: {}", shown(question), question.label)];
    let code = if vendor.has_library() {
        "question with the key"
    } else {
        "question"
    };
    lines.push(format!("{} {code} `{}`", vendor.name(), question.code));
    match question.kind {
        Answered::Choice => {
            let answer = |answer: &Answer| match answer.name {
                "" => format!("`{}` {}", answer.code, answer.label),
                name => format!("{name} `{}`", answer.code),
            };
            let answers: Vec<String> = question.answers.iter().map(answer).collect();
            if !answers.is_empty() {
                let open = if question.complete {
                    ""
                } else {
                    "; others by the vendor's code, quoted"
                };
                lines.push(format!("Answers: {}{open}", answers.join(", ")));
            }
        }
        Answered::Number { unit, unit_name } => {
            let unit = if unit.is_empty() {
                String::new()
            } else {
                format!(", unit `{unit}`")
            };
            lines.push(format!(
                "Answers: numbers and ranges with both ends, {unit_name}{unit}"
            ));
        }
        Answered::Open { shape, .. } => {
            lines.push(format!("Answers: quoted codes, {shape}; or `{{file: PATH}}`"));
        }
    }
    if question.quota_only {
        lines.push("In quotas only.".to_owned());
    }
    if !question.note.is_empty() {
        lines.push(format!("Mind: {}.", question.note));
    }
    lines.push(format!("*Source: {}*", question.source));
    lines.join("\n\n")
}

fn shown(question: &Question) -> &'static str {
    if question.name.is_empty() {
        question.code
    } else {
        question.name
    }
}

/// What of an answer is sent.
fn answer_text(view: &View<'_>, vendor: VendorId, question: &str, written: &str) -> Option<String> {
    let question = view.editing.codebook(vendor).question(question)?;
    let of = format!(
        "of the {} question `{}` ({})",
        vendor.name(),
        question.code,
        shown(question)
    );
    Some(match question.kind {
        Answered::Number { unit, unit_name } => {
            let unit = if unit.is_empty() {
                String::new()
            } else {
                format!(", sent with the unit `{unit}`")
            };
            format!("**{written}** {unit_name}, both ends included, {of}{unit}")
        }
        Answered::Open { .. } => return None,
        Answered::Choice => {
            let answer = question.answers.iter().find(|answer| {
                answer.code == written || (!answer.name.is_empty() && answer.name == written)
            })?;
            let missing = match answer.not_in {
                [] => String::new(),
                locales => format!("\n\nNot in {}", locales.join(", ")),
            };
            let sent = if vendor.has_library() {
                "is the text that is looked up in the vendor's library"
            } else {
                "is the code that is sent"
            };
            format!(
                "**{written}**: `{}` {sent}, {:?}, {of}{missing}",
                answer.code, answer.label
            )
        }
    })
}

/// A survey that another document names.
fn member_text(view: &View<'_>, name: &str) -> Option<String> {
    let address = Address::survey(name);
    view.editing.file(&address)?;
    survey_text(view, &address)
}

/// The money that a survey, or all of its groups, can still cost.
fn survey_text(view: &View<'_>, address: &Address) -> Option<String> {
    let file = view.editing.file(address)?;
    let wanted = view.editing.wanted(address);
    let groups: Vec<(&Address, &DesiredSurvey)> = wanted
        .iter()
        .filter(|(other, survey)| is_part(other, survey, address))
        .collect();
    if groups.is_empty() {
        return Some(match wanted.get(address) {
            Some(survey) => format!(
                "**{address}** at {}\n\n{}",
                survey.vendor.name(),
                stake_text(survey)
            ),
            None => format!("**{address}**\n\nIts exposure is not known while {file} has errors."),
        });
    }
    let vendors: BTreeSet<&str> = groups.iter().map(|(_, survey)| survey.vendor.name()).collect();
    let of = match groups.len() {
        1 => "1 group".to_owned(),
        _ if vendors.len() > 1 => "which share it".to_owned(),
        many => format!("{many} groups"),
    };
    let vendors = vendors.into_iter().collect::<Vec<_>>().join(", ");
    let mut lines = vec![format!("**{address}** at {vendors}, {of}")];
    let mut sum = Purse::default();
    for (group, survey) in groups {
        lines.push(format!("* {group}: {}", stake_text(survey)));
        if let Some(stake) = exposure::wanted(registry::of(survey.vendor), &survey.spec) {
            sum.add(stake.most);
        }
    }
    lines.extend(sum.sums().map(|sum| format!("Together up to **{sum}**")));
    Some(lines.join("\n\n"))
}

/// Whether something is fielded for a survey: a group of it, or the survey at one of several marketplaces.
fn is_part(other: &Address, survey: &DesiredSurvey, address: &Address) -> bool {
    let shared = other.vendor().is_some() && other.manifest() == address.as_str();
    let holds_groups = Level::of(survey.vendor, other) == Level::Container;
    other.parent().as_ref() == Some(address) || (shared && !holds_groups)
}

fn stake_text(survey: &DesiredSurvey) -> String {
    let spec = &survey.spec;
    let field = if spec.max_cpi.value().is_some() {
        "max_cpi"
    } else {
        "cpi"
    };
    let status = survey
        .status()
        .map_or_else(|| "draft".to_owned(), |status| status.to_string());
    match exposure::wanted(registry::of(survey.vendor), spec) {
        Some(Stake {
            completes,
            price: Some(price),
            most,
            ..
        }) => format!(
            "exposure {completes} completes × {price} (`{field}`) = **{most}** in field, less what is collected; \
             wanted: `{status}`"
        ),
        _ => {
            format!("exposure not known: `completes` or the price is the vendor's to say; wanted: `{status}`")
        }
    }
}
