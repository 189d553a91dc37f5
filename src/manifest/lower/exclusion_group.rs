//! Exclusion groups: members by name, pattern or tag, references at the vendor.

use crate::diag::suggest;
use crate::diag::{Code, Diagnostic, Span, code};
use crate::manifest::vendors;
use crate::model::{Address, DesiredGroup, GroupMember, MemberId, Pattern, VendorId};
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
    pub(crate) days_span: Span,
    /// Where it is made, where its block says that.
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
    /// What is meant of what is fielded, and where each is: groups of surveys where those are what is fielded.
    fn meant(&self, pattern: &Pattern) -> Vec<(Address, VendorId)>;
}

/// What one entry of a list of members says.
enum Entry {
    /// The vendor's id of something made elsewhere.
    Id(MemberId),
    /// A name, a pattern or a tag, and what it means.
    Named(Pattern, Vec<(Address, VendorId)>),
}

impl Entry {
    fn read(value: &Value, names: &dyn Names) -> Self {
        if let Some(id) = value.as_u64() {
            return Self::Id(MemberId::Number(id));
        }
        let text = value.as_str().unwrap_or_default();
        let is_id = |vendor: VendorId| {
            let ids = vendor.facts().exclusion_groups.and_then(|groups| groups.text_ids);
            ids.is_some_and(|is_id| is_id(text))
        };
        if vendors::with_exclusion_groups().any(is_id) {
            return Self::Id(MemberId::Text(text.to_owned()));
        }
        let pattern = Pattern::new(text);
        let meant = names.meant(&pattern);
        Self::Named(pattern, meant)
    }

    /// Whether it can be a member of a group that is made there.
    fn fits(&self, vendor: VendorId) -> bool {
        match self {
            Self::Id(id) => fits(id, vendor),
            Self::Named(_, meant) => meant.iter().any(|(_, fielded)| *fielded == vendor),
        }
    }
}

/// Whether it can be an id of the vendor's.
fn fits(id: &MemberId, vendor: VendorId) -> bool {
    let ids = vendor.facts().exclusion_groups.and_then(|groups| groups.text_ids);
    match (id, ids) {
        (MemberId::Number(_), ids) => ids.is_none(),
        (MemberId::Text(text), Some(is_id)) => is_id(text),
        (MemberId::Text(_), None) => false,
    }
}

/// Where a group is made: where its block says, or else where most of its members are fielded. Of several it is the first.
fn place(group: &Group, entries: &[(Entry, Span)]) -> Option<VendorId> {
    let fitting = |vendor: &VendorId| entries.iter().filter(|(entry, _)| entry.fits(*vendor)).count();
    let mut all = vendors::with_exclusion_groups();
    let first = all.next()?;
    let better = |best: VendorId, other: VendorId| match fitting(&other) > fitting(&best) {
        true => other,
        false => best,
    };
    Some(group.vendor.unwrap_or_else(|| all.fold(first, better)))
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
        let entries = group.members.iter();
        let entries: Vec<_> = entries
            .map(|(value, span)| (Entry::read(value, names), *span))
            .collect();
        // Without a marketplace that has such groups there is no schema that lets one in.
        let Some(vendor) = place(group, &entries) else {
            continue;
        };
        let members = members(group, vendor, entries, names, diagnostics);
        limits(group, vendor, members.len(), diagnostics);
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
    entries: Vec<(Entry, Span)>,
    names: &dyn Names,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<GroupMember, Span> {
    // Whether a member is there by a name or id of its own, and not only by a pattern that means several.
    let mut out: BTreeMap<GroupMember, (Span, bool)> = BTreeMap::new();
    let mut add = |member: GroupMember, place: Span, own: bool, diagnostics: &mut Vec<Diagnostic>| {
        let first = out.get(&member).copied();
        if let Some((first, true)) = first.filter(|_| own) {
            let message = format!("{} is listed twice", show(&member));
            let problem = group.error(code::GROUP_REPEATED_MEMBER, message, place, "again");
            diagnostics.push(problem.also(first, "first").help("remove one of them"));
        } else if own || first.is_none() {
            out.insert(member, (place, own));
        }
    };
    for (entry, span) in entries {
        match entry {
            Entry::Id(id) if fits(&id, vendor) => add(GroupMember::VendorId(id), span, true, diagnostics),
            Entry::Id(id) => {
                let message = format!("`{}` is no id of what {} fields", id.text(), vendor.name());
                let problem = group.error(code::GROUP_OTHER_VENDOR, message, span, "of another marketplace");
                diagnostics.push(problem.help(format!("list what {} fields only", vendor.name())));
            }
            Entry::Named(pattern, meant) => {
                let here = || meant.iter().filter(|(_, fielded)| *fielded == vendor);
                let other = meant.first().filter(|_| here().next().is_none());
                if let Some(problem) = unfit(vendor, &pattern, other, names) {
                    diagnostics.push(problem.in_file(&group.file).at(span, label(other)));
                }
                let own = !pattern.is_open();
                for (address, _) in here() {
                    add(GroupMember::Survey(address.clone()), span, own, diagnostics);
                }
            }
        }
    }
    out.into_iter()
        .map(|(member, (place, _))| (member, place))
        .collect()
}

fn label(other: Option<&(Address, VendorId)>) -> &'static str {
    match other {
        Some(_) => "at another marketplace",
        None => "unknown survey",
    }
}

/// Why a name means nothing that the group can hold. `other` is what it means elsewhere.
fn unfit(
    vendor: VendorId,
    pattern: &Pattern,
    other: Option<&(Address, VendorId)>,
    names: &dyn Names,
) -> Option<Diagnostic> {
    let name = pattern.as_str();
    if let Some((_, other)) = other {
        let is = if pattern.is_open() { "means what is" } else { "is" };
        let message = match other.facts().exclusion_groups {
            None => format!(
                "`{name}` {is} fielded at {}, which has no exclusion groups",
                other.name()
            ),
            Some(_) => format!(
                "`{name}` {is} fielded at {}, and the group is made at {}",
                other.name(),
                vendor.name()
            ),
        };
        let problem = Diagnostic::error(code::GROUP_OTHER_VENDOR, message);
        return Some(problem.help(format!("list surveys of {} only", vendor.name())));
    }
    // Of a survey with mistakes it is not known what it fields.
    let whole = Pattern::new(Address::survey(name).manifest());
    if !names.meant(pattern).is_empty() || names.is_survey(whole.as_str()) && names.meant(&whole).is_empty() {
        return None;
    }
    let message = format!("there is no survey `{}`", crate::diag::text::short(name));
    let problem = Diagnostic::error(code::GROUP_UNKNOWN_SURVEY, message);
    let otherwise = if name.bytes().all(|b| b.is_ascii_digit()) {
        "write an id of the vendor without quotes"
    } else if pattern.is_open() {
        "write a pattern or a tag that some survey has"
    } else {
        "write the `name` of a survey, or the vendor's id of one made elsewhere"
    };
    Some(problem.help(match pattern.is_open() {
        true => otherwise.to_owned(),
        false => suggest::help(name, names.surveys(), || otherwise.to_owned()),
    }))
}

/// What a vendor's groups cannot be.
fn limits(group: &Group, vendor: VendorId, members: usize, diagnostics: &mut Vec<Diagnostic>) {
    let Some(groups) = vendor.facts().exclusion_groups else {
        return;
    };
    if let (Some(rule), Some(_)) = (groups.fixed_days, group.exclusion_days) {
        let message = format!("{} takes no `exclusion_days`", vendor.name());
        let problem = group.error(code::VENDOR_UNSUPPORTED, message, group.days_span, "not sent");
        diagnostics.push(problem.help(format!("remove it: {rule}")));
    }
    if let Some((most, rule)) = groups.most.filter(|(most, _)| members > *most) {
        let message = format!("the group would have {members} members, and {most} are the most");
        let problem = group.error(code::VENDOR_LIMIT, message, group.name_span, "too many");
        diagnostics.push(problem.help(format!("divide it into several groups: {rule}")));
    }
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
    Some(vendors::reference(&format!("{project}-{}", group.name)))
}

fn show(member: &GroupMember) -> String {
    match member {
        GroupMember::Survey(address) if address.is_group() => format!("the group `{address}`"),
        GroupMember::Survey(address) => format!("the survey `{address}`"),
        GroupMember::VendorId(id) => format!("the vendor's survey {}", id.text()),
    }
}
