//! Exclusion groups: members by name, references at the vendor.

use crate::diag::suggest;
use crate::diag::{Code, Diagnostic, Span, code};
use crate::model::{Address, DesiredGroup, GroupMember, VendorId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A group whose members are not resolved yet.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) file: Arc<str>,
    pub(crate) name: String,
    pub(crate) name_span: Span,
    pub(crate) title: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) reference_span: Span,
    pub(crate) members: Vec<(Value, Span)>,
    pub(crate) exclusion_days: Option<u64>,
    /// Where it is made.
    pub(crate) vendor: Option<VendorId>,
}

impl Group {
    /// A problem of its file.
    fn error(&self, code: Code, message: impl Into<String>, place: Span, label: &str) -> Diagnostic {
        Diagnostic::error(code, message)
            .in_file(&self.file)
            .at(place, label)
    }
}

/// The surveys that a group may list.
pub(crate) trait Names {
    /// Whether it is the name of a survey, also of one with mistakes.
    fn is_survey(&self, name: &str) -> bool;
    /// All such names, in order.
    fn surveys(&self) -> Vec<&str>;
    /// Addresses of a survey without mistakes, and where each is fielded; none of its groups.
    fn fielded(&self, name: &str) -> Vec<(Address, VendorId)>;
}

/// Resolves all groups once every survey's name is known.
pub(crate) fn lower(
    groups: &[&Group],
    names: &dyn Names,
    project: Option<&str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<Address, DesiredGroup> {
    let mut out = BTreeMap::new();
    let mut membership: BTreeMap<GroupMember, usize> = BTreeMap::new();
    let mut references: BTreeMap<String, usize> = BTreeMap::new();
    for (index, group) in groups.iter().enumerate() {
        // Without a marketplace that has such groups there is no schema that lets one in.
        let Some(vendor) = group.vendor else { continue };
        let members = members(group, vendor, names, diagnostics);
        for (member, place) in &members {
            if let Some(first) = membership.get(member) {
                let other = &groups[*first];
                let message = format!("{} stands in two groups", show(member));
                let problem = Diagnostic::warning(code::GROUP_SHARED_MEMBER, message)
                    .in_file(&group.file)
                    .at(*place, "also in this group")
                    .also_in(&other.file, other.name_span, format!("first in `{}`", other.name))
                    .help("keep it in one group, unless both exclusions are meant");
                diagnostics.push(problem);
            } else {
                membership.insert(member.clone(), index);
            }
        }
        let Some(reference) = reference(group, project, diagnostics) else {
            continue;
        };
        if let Some(first) = references.get(&reference) {
            let other = &groups[*first];
            let (message, place) = (
                format!("two groups have the reference `{reference}`"),
                group.reference_span,
            );
            let problem = group.error(code::GROUP_DUPLICATE_REFERENCE, message, place, "again");
            let problem = problem.also_in(&other.file, other.reference_span, "first");
            diagnostics.push(problem.help("give one of them another `ref`"));
            continue;
        }
        references.insert(reference.clone(), index);
        let members: BTreeSet<GroupMember> = members.into_keys().collect();
        out.insert(
            Address::survey(&group.name),
            DesiredGroup {
                vendor,
                reference,
                title: group.title.clone().unwrap_or_else(|| group.name.clone()),
                members: members.into_iter().collect(),
                exclusion_days: group.exclusion_days,
            },
        );
    }
    out
}

fn members(
    group: &Group,
    vendor: VendorId,
    names: &dyn Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<GroupMember, Span> {
    let mut out = BTreeMap::new();
    for (value, place) in &group.members {
        let member = if let Some(id) = value.as_u64() {
            GroupMember::VendorId(id)
        } else {
            let name = value.as_str().unwrap_or_default();
            if !names.is_survey(name) {
                let otherwise = if name.bytes().all(|b| b.is_ascii_digit()) {
                    "write an id of the vendor without quotes"
                } else {
                    "write the `name` of a survey, or the vendor's id of one made elsewhere as a number"
                };
                let help = suggest::help(name, names.surveys(), || otherwise.to_owned());
                let message = format!("there is no survey `{}`", crate::diag::text::short(name));
                let problem = group.error(code::GROUP_UNKNOWN_SURVEY, message, *place, "unknown survey");
                diagnostics.push(problem.help(help));
                continue;
            }
            let fielded = names.fielded(name);
            let ours = fielded.iter().find(|(_, fielded)| *fielded == vendor);
            if let (None, Some((_, other))) = (ours, fielded.first()) {
                let message = format!(
                    "`{name}` is fielded at {}, which has no exclusion groups",
                    other.name()
                );
                let problem = group.error(
                    code::GROUP_OTHER_VENDOR,
                    message,
                    *place,
                    "at another marketplace",
                );
                diagnostics.push(problem.help(format!("list surveys of {} only", vendor.name())));
                continue;
            }
            GroupMember::Survey(ours.map_or_else(|| Address::survey(name), |(address, _)| address.clone()))
        };
        if let Some(first) = out.get(&member) {
            let message = format!("{} is listed twice", show(&member));
            let problem = group.error(code::GROUP_REPEATED_MEMBER, message, *place, "again");
            diagnostics.push(problem.also(*first, "first").help("remove one of them"));
        } else {
            out.insert(member, *place);
        }
    }
    out
}

fn reference(group: &Group, project: Option<&str>, diagnostics: &mut Vec<Diagnostic>) -> Option<String> {
    if let Some(reference) = &group.reference {
        return Some(reference.clone());
    }
    let Some(project) = project else {
        let message = "the group needs a `ref`, because no project gives it a prefix";
        let problem = group.error(code::GROUP_NO_REFERENCE, message, group.name_span, "this group");
        let help = "add `ref: <your company>-...`, or an `infield.yaml` with the project's name";
        diagnostics.push(problem.help(help));
        return None;
    };
    Some(format!("{project}-{}", group.name))
}

fn show(member: &GroupMember) -> String {
    match member {
        GroupMember::Survey(address) => format!("the survey `{address}`"),
        GroupMember::VendorId(id) => format!("the vendor's survey {id}"),
    }
}
