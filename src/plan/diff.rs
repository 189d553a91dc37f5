//! What differs between wanted and live, field by field, without deciding what to do about it.
//!
//! Promises: a field the manifest does not mention never differs; a field the vendor does not show is compared with
//! what was last applied; lists are compared as sets by name or code; counters of completes never differ.

use crate::model::desired::MovedQuotas;
use crate::model::{
    Criteria, Criterion, Field, KnownSurvey, LiveQuota, LiveSurvey, Quota, Quotas, Status, SurveySpec,
    VendorId, Words,
};
use crate::text::pointer::below;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub use crate::model::FieldName;

/// A single value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldEdit {
    /// Which.
    pub field: FieldName,
    /// Live, or last applied where the vendor does not show it.
    pub before: Value,
    /// Wanted.
    pub after: Value,
    /// Somebody else moved it since the last apply.
    pub drift: bool,
}

/// A qualification that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QualificationEdit {
    /// The vendor's code of the question.
    pub question: String,
    /// Live; `None` when it is new, or not known.
    pub before: Option<Criterion>,
    /// Wanted; `None` when it goes.
    pub after: Option<Criterion>,
    /// Whether it may or may not be at the vendor, because an earlier write of it was interrupted and cannot be seen.
    pub unsure: bool,
    /// Somebody else moved it since the last apply.
    pub drift: bool,
}

/// A quota that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuotaEdit {
    /// Not there yet.
    Add(Quota),
    /// Another number of completes, other criteria, or both.
    Change {
        /// As read.
        before: LiveQuota,
        /// Wanted.
        after: Quota,
        /// Somebody else moved it since the last apply.
        drift: bool,
    },
    /// Ours and no longer wanted, or in the way of what is.
    Stop {
        /// As read.
        before: LiveQuota,
    },
}

impl QuotaEdit {
    /// The quota's name.
    pub fn name(&self) -> &str {
        match self {
            Self::Add(quota) => &quota.name,
            Self::Change { after, .. } => &after.name,
            Self::Stop { before } => before.name.as_deref().unwrap_or(&before.id),
        }
    }

    /// Whether it changes who is counted, rather than how many.
    pub fn changes_criteria(&self) -> bool {
        match self {
            Self::Add(_) | Self::Stop { .. } => true,
            Self::Change { before, after, .. } => before.criteria != after.criteria,
        }
    }

    /// The name that the quota has at the vendor and does not keep; `None` where the vendor keeps no names.
    pub fn renames(&self) -> Option<&str> {
        match self {
            Self::Change { before, after, .. } if !before.nameless => {
                before.name.as_deref().filter(|name| *name != after.name)
            }
            _ => None,
        }
    }
}

/// All differences of one survey except its status and template.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SurveyDiff {
    /// Single values, in the order of the manifest's fields.
    pub fields: Vec<FieldEdit>,
    /// Qualifications by question code.
    pub qualifications: Vec<QualificationEdit>,
    /// Quotas: wanted order, then the ones that go.
    pub quotas: Vec<QuotaEdit>,
    /// Live quotas nobody here manages.
    pub unmanaged_quotas: Vec<LiveQuota>,
    /// Live qualifications nobody here manages, by question code.
    pub unmanaged_qualifications: Vec<String>,
}

impl SurveyDiff {
    /// Whether nothing managed differs.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.qualifications.is_empty() && self.quotas.is_empty()
    }

    /// Whether somebody else moved any of it since the last apply.
    pub fn drifted(&self) -> bool {
        let quota = |edit: &QuotaEdit| matches!(edit, QuotaEdit::Change { drift: true, .. });
        self.fields.iter().any(|edit| edit.drift)
            || self.qualifications.iter().any(|edit| edit.drift)
            || self.quotas.iter().any(quota)
    }

    /// Whether one of the fields differs.
    pub fn has(&self, field: &FieldName) -> bool {
        self.fields.iter().any(|edit| edit.field == *field)
    }

    /// Whether it may change how many completes can come.
    pub fn aims(&self) -> bool {
        self.has(&FieldName::Completes) || !self.qualifications.is_empty() || !self.quotas.is_empty()
    }

    /// The same with further edits behind its own.
    pub fn extend(&mut self, other: Self) {
        self.fields.extend(other.fields);
        self.qualifications.extend(other.qualifications);
        self.quotas.extend(other.quotas);
    }
}

/// One field that is compared as one value, where it differs.
fn compared(
    field: FieldName,
    wanted: &SurveySpec,
    memory: Memory<'_>,
    live: &SurveySpec,
) -> Option<FieldEdit> {
    let want = wanted.get(&field);
    let (applied, live) = (memory.applied.get(&field), live.get(&field));
    let shown = !live.is_absent();
    let seen = if shown { &live } else { &applied };
    // What was being written when an apply was interrupted, and is not shown, is not known.
    let unsure = !shown && memory.unsure.contains(&field.path(memory.vendor));
    // A vendor that does not show a field and never got it from us: clearing it is nothing to do.
    let nothing_to_clear = matches!((&want, seen), (Field::Null, Field::Absent));
    if want.is_absent() || (!unsure && (nothing_to_clear || want.is_like(seen, &field))) {
        return None;
    }
    Some(FieldEdit {
        before: if unsure { Value::Null } else { seen.json() },
        after: want.json(),
        drift: shown && !applied.is_absent() && !live.is_like(&applied, &field),
        field,
    })
}

/// The path under which a qualification is remembered as not known for sure.
pub fn qualification_path(question: &str) -> String {
    format!("/qualifications/{question}")
}

/// The part of what infield remembers of a survey that a comparison needs.
#[derive(Debug, Clone, Copy)]
pub struct Memory<'a> {
    /// Where the survey is.
    pub vendor: VendorId,
    /// What was applied last; it decides which quotas and qualifications are ours.
    pub applied: &'a SurveySpec,
    /// Paths of fields that an interrupted step may or may not have written.
    pub unsure: &'a BTreeSet<String>,
    /// What the manifest says of old names of quotas.
    pub moved: &'a MovedQuotas,
}

static NOTHING: BTreeSet<String> = BTreeSet::new();
static NO_MOVES: MovedQuotas = MovedQuotas::new();

impl<'a> Memory<'a> {
    /// What is remembered, with what is not known for certain.
    pub fn unsure(vendor: VendorId, known: &'a KnownSurvey) -> Self {
        Self {
            vendor,
            applied: &known.applied,
            unsure: &known.unsure,
            moved: &NO_MOVES,
        }
    }

    /// What is remembered for certain.
    pub fn of(vendor: VendorId, applied: &'a SurveySpec) -> Self {
        Self {
            vendor,
            applied,
            unsure: &NOTHING,
            moved: &NO_MOVES,
        }
    }

    /// The same with what the manifest says of old names of quotas.
    #[must_use]
    pub fn moving(self, moved: &'a MovedQuotas) -> Self {
        Self { moved, ..self }
    }
}

/// Compares what a manifest wants with what the vendor shows.
pub fn diff(wanted: &SurveySpec, memory: Memory<'_>, live: &LiveSurvey) -> SurveyDiff {
    let single = wanted.mentioned().filter(FieldName::is_one_value);
    let fields = single.filter_map(|field| compared(field, wanted, memory, &live.spec));
    let (qualifications, unmanaged_qualifications) =
        diff_qualifications(&wanted.qualifications, memory, &live.qualifications);
    let (quotas, unmanaged_quotas) = diff_quotas(&wanted.quotas, memory, &live.quotas);
    let mut found = SurveyDiff {
        fields: fields.collect(),
        qualifications,
        quotas,
        unmanaged_quotas,
        unmanaged_qualifications,
    };
    if memory.vendor.facts().targets_at_once {
        found.replace_along(wanted, memory.applied, live);
    }
    found
}

impl SurveyDiff {
    /// Where all targeting is written at once, a question is asked in one way: a quota of nobody's that asks a managed one
    /// goes when the targeting is written, and that is no longer left alone.
    fn replace_along(&mut self, wanted: &SurveySpec, applied: &SurveySpec, live: &LiveSurvey) {
        let goal = self.fields.iter().any(|edit| edit.field == FieldName::Completes);
        let of_nothing = goal && live.quotas.iter().any(|quota| quota.completes == 0);
        let whole = of_nothing || live.status == Some(Status::Draft);
        let anew = |edit: &QuotaEdit| {
            let to_nothing = matches!(edit, QuotaEdit::Change { after, .. } if after.completes == 0);
            whole || to_nothing || edit.changes_criteria()
        };
        if self.qualifications.is_empty() && !self.quotas.iter().any(anew) {
            return;
        }
        let counted = wanted.quotas.value().into_iter().flatten();
        let managed = written_questions(wanted, applied, counted);
        let goes = |quota: &mut LiveQuota| {
            let mut asks = quota.criteria.iter();
            asks.any(|criterion| managed.contains(criterion.question.as_str()))
        };
        let gone = self.unmanaged_quotas.extract_if(.., goes);
        self.quotas.extend(gone.map(|before| QuotaEdit::Stop { before }));
    }
}

fn by_question(field: &Field<Criteria>) -> BTreeMap<&str, &Criterion> {
    let criteria = field.value().into_iter().flatten();
    criteria.map(|c| (c.question.as_str(), c)).collect()
}

fn by_name(field: &Field<Quotas>) -> BTreeMap<&str, &Quota> {
    let quotas = field.value().into_iter().flatten();
    quotas.map(|q| (q.name.as_str(), q)).collect()
}

fn diff_qualifications(
    wanted: &Field<Criteria>,
    memory: Memory<'_>,
    live: &Field<Criteria>,
) -> (Vec<QualificationEdit>, Vec<String>) {
    let want = by_question(wanted);
    let ours = by_question(&memory.applied.qualifications);
    let shown = !live.is_absent();
    let seen = if shown { by_question(live) } else { ours.clone() };
    let prefix = qualification_path("");
    let unsure: BTreeSet<&str> = memory
        .unsure
        .iter()
        .filter(|_| !shown)
        .filter_map(|path| path.strip_prefix(&prefix))
        .collect();
    let mut edits = Vec::new();
    if !wanted.is_absent() {
        let questions: BTreeSet<&str> = want.keys().chain(ours.keys()).chain(&unsure).copied().collect();
        for question in questions {
            let unsure = unsure.contains(question);
            let before = seen.get(question).filter(|_| !unsure);
            let after = want.get(question);
            if unsure || before != after {
                edits.push(QualificationEdit {
                    question: question.to_owned(),
                    before: before.map(|c| (*c).clone()),
                    after: after.map(|c| (*c).clone()),
                    unsure,
                    drift: shown && ours.get(question).is_some_and(|applied| before != Some(applied)),
                });
            }
        }
    }
    let unmanaged = seen
        .keys()
        .filter(|q| shown && !want.contains_key(*q) && !ours.contains_key(*q))
        .map(|q| (*q).to_owned())
        .collect();
    (edits, unmanaged)
}

/// Whether a quota counts what a statement says.
fn is(live: &LiveQuota, quota: &Quota) -> bool {
    live.completes == quota.completes && live.criteria == quota.criteria
}

/// A way to find the live quota of a wanted one, in view of those that are found.
type Way<'w, 'l> = &'w dyn Fn(&Quota, &[Option<&LiveQuota>]) -> Option<&'l LiveQuota>;

/// Which live quota each wanted one is: the one that its manifest says had another name, the one of its name, or else one
/// that asks for the same respondents and has a name that nobody wants any more.
pub fn matched<'l>(
    wanted: &Field<Quotas>,
    memory: Memory<'_>,
    live: &'l [LiveQuota],
) -> Vec<Option<&'l LiveQuota>> {
    let (ours, want) = (by_name(&memory.applied.quotas), by_name(wanted));
    let seen = |name: &str| live.iter().find(|quota| quota.name.as_deref() == Some(name));
    let said = |quota: &Quota| memory.moved.get(&quota.name).and_then(Option::as_deref);
    let asks = |live: &LiveQuota, quota: &Quota| !live.hidden && live.criteria == quota.criteria;
    // Quotas that change names with each other do so once: afterwards each asks for what its own name asks for.
    let swapped = |quota: &Quota| {
        let own = seen(&quota.name).is_some_and(|live| asks(live, quota));
        said(quota).and_then(seen).filter(|old| !own && asks(old, quota))
    };
    let list: Vec<&Quota> = wanted.value().into_iter().flatten().collect();
    let mut found: Vec<Option<&LiveQuota>> = list.iter().map(|quota| swapped(quota)).collect();
    let taken = |found: &[Option<&LiveQuota>], live: &LiveQuota| {
        found.iter().flatten().any(|other| std::ptr::eq(*other, live))
    };
    let free = |live: &&LiveQuota| live.name.as_deref().is_none_or(|name| !want.contains_key(name));
    let by_own_name = |quota: &Quota, _: &[Option<&LiveQuota>]| seen(&quota.name);
    let by_old_name = |quota: &Quota, _: &[Option<&LiveQuota>]| said(quota).and_then(seen).filter(free);
    // One that was renamed where it is remembered is known by what it was applied with.
    let by_criteria = |quota: &Quota, found: &[Option<&LiveQuota>]| {
        if memory.moved.get(&quota.name) == Some(&None) {
            return None;
        }
        // One whose write was interrupted may never have been made, so nothing else is taken for it.
        let applied = ours.get(quota.name.as_str());
        let made = applied.filter(|own| !memory.unsure.contains(&quota_path(&own.name)));
        let own = |live: &&LiveQuota| {
            let name = live.name.as_deref().unwrap_or_default();
            ours.contains_key(name) || made.is_some_and(|own| asks(live, own))
        };
        let mut same = live
            .iter()
            .filter(|live| asks(live, quota))
            .filter(free)
            .filter(own);
        same.find(|live| !taken(found, live))
    };
    let ways: [Way<'_, 'l>; 3] = [&by_own_name, &by_old_name, &by_criteria];
    for way in ways {
        for (index, quota) in list.iter().enumerate() {
            if found[index].is_none()
                && let Some(live) = way(quota, &found)
                && !taken(&found, live)
            {
                found[index] = Some(live);
            }
        }
    }
    found
}

fn diff_quotas(
    wanted: &Field<Quotas>,
    memory: Memory<'_>,
    live: &[LiveQuota],
) -> (Vec<QuotaEdit>, Vec<LiveQuota>) {
    let (ours, want) = (by_name(&memory.applied.quotas), by_name(wanted));
    let live = &filled(live, wanted, memory);
    let found = matched(wanted, memory, live);
    let is_found = |live: &LiveQuota| found.iter().flatten().any(|other| std::ptr::eq(*other, live));
    let mut edits = Vec::new();
    for (quota, before) in wanted.value().into_iter().flatten().zip(&found) {
        let Some(before) = before else {
            edits.push(QuotaEdit::Add(quota.clone()));
            continue;
        };
        let name = before.name.as_deref().unwrap_or(&quota.name);
        let named = before.nameless || name == quota.name;
        if before.hidden || !named || !is(before, quota) {
            edits.push(QuotaEdit::Change {
                before: (*before).clone(),
                after: quota.clone(),
                drift: !before.hidden && ours.get(name).is_some_and(|applied| !is(before, applied)),
            });
        }
    }
    if !wanted.is_absent() {
        let gone = ours.keys().filter(|name| !want.contains_key(*name));
        for name in gone {
            let seen = live.iter().find(|quota| quota.name.as_deref() == Some(name));
            // A quota at zero is stopped already: that is how a vendor that cannot delete keeps it.
            if let Some(before) = seen.filter(|q| !is_found(q) && (q.hidden || q.completes > 0)) {
                edits.push(QuotaEdit::Stop {
                    before: before.clone(),
                });
            }
        }
    }
    let unmanaged = live
        .iter()
        .filter(|q| !is_found(q) && (q.hidden || q.completes > 0))
        .filter(|q| {
            q.name
                .as_deref()
                .is_none_or(|name| !want.contains_key(name) && !ours.contains_key(name))
        })
        .cloned()
        .collect();
    (edits, unmanaged)
}

/// The questions that are written with a targeting: those of its qualifications, before and after, and of these quotas.
pub fn written_questions<'a>(
    wanted: &'a SurveySpec,
    applied: &'a SurveySpec,
    quotas: impl IntoIterator<Item = &'a Quota>,
) -> BTreeSet<&'a str> {
    let asked = [&wanted.qualifications, &applied.qualifications];
    let asked = asked.into_iter().filter_map(Field::value).flatten();
    let counted = quotas.into_iter().flat_map(|quota| &quota.criteria);
    let all = asked.chain(counted);
    all.map(|criterion| criterion.question.as_str()).collect()
}

/// The path of a quota in plans, and under which it is remembered as not known for sure.
pub fn quota_path(name: &str) -> String {
    below("/quotas", name)
}

/// Live quotas, with values that the vendor hides taken from what was applied last. A quota that stays hidden is not
/// known: nobody applied it, or the last write of it was interrupted.
///
/// Where the vendor keeps no names, a quota has the name under which its criteria were applied, or else are wanted.
pub fn filled(live: &[LiveQuota], wanted: &Field<Quotas>, memory: Memory<'_>) -> Vec<LiveQuota> {
    let applied = memory.applied.quotas.value().into_iter().flatten();
    let ours = by_name(&memory.applied.quotas);
    let want = by_name(wanted);
    let named = |live: &LiveQuota| {
        let asks = |quota: &&Quota| quota.criteria == live.criteria;
        let ours = applied.clone().find(asks);
        // A name that nobody wants any more is no reason to tell it from one that asks for the same.
        let kept = ours.filter(|quota| want.contains_key(quota.name.as_str()));
        kept.or_else(|| want.values().copied().find(asks)).or(ours)
    };
    live.iter()
        .map(|quota| {
            if quota.nameless {
                return LiveQuota {
                    name: named(quota).map(|known| known.name.clone()),
                    ..quota.clone()
                };
            }
            let name = quota.name.as_deref().filter(|_| quota.hidden);
            let sure = name.filter(|name| !memory.unsure.contains(&quota_path(name)));
            match sure.and_then(|name| ours.get(name)) {
                Some(applied) => LiveQuota {
                    completes: applied.completes,
                    criteria: applied.criteria.clone(),
                    hidden: false,
                    ..quota.clone()
                },
                None => quota.clone(),
            }
        })
        .collect()
}

/// Criteria as a manifest would write them, for changes and messages.
pub fn criteria_json(book: &Words<'_>, criteria: &[Criterion]) -> Value {
    let mut map = serde_json::Map::new();
    for criterion in criteria {
        let (name, answers) = book.describe(criterion);
        map.insert(name.to_owned(), Value::from(answers));
    }
    Value::Object(map)
}
