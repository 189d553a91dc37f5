//! What a survey means, checked: one small function per rule, all in [`CHECKS`].
//!
//! Promises: every check looks at all of the survey and reports all it finds; none of them changes anything. Checks
//! over quotas run only if every question and answer was understood, so that one mistake is not reported as five.

use super::draft::Draft;
use super::draft::Resolved;
use super::draft::show;
use crate::diag::text::short;
use crate::diag::{Diagnostic, Span, code};
use crate::manifest::expand::scope::Scope;
use crate::marketplace::registry;
use crate::marketplace::shelf::rules::{Breach, Place};
use crate::model::codebook::Kind;
use crate::model::targeting::Range;
use crate::model::{Answers, Criteria, Criterion, Field, Quota, Status, VendorId};
use std::collections::BTreeMap;

/// Most pairs of quotas that are compared with each other; beyond, a note would not be worth the time.
const MAX_PAIRS: usize = 250_000;

struct View<'a> {
    draft: &'a Draft,
    quotas: &'a [Quota],
}

type Check = fn(&mut Scope<'_>, &View<'_>);

/// Checks over quotas, in the order in which they run.
const CHECKS: &[Check] = &[
    names_are_unique,
    criteria_are_unique,
    quotas_lie_inside_qualifications,
    quotas_fit_into_completes,
    quotas_let_somebody_in,
    dimensions_sum_to_completes,
    ranges_leave_no_gaps,
    nested_quotas_can_fill,
];

/// Runs every check on a survey.
pub(crate) fn run(scope: &mut Scope<'_>, draft: &Draft) {
    vendor_rules(scope, draft);
    times_are_taken(scope, draft);
    let quotas = draft.spec.quotas.value().map_or(&[] as &[Quota], |quotas| quotas);
    let view = View { draft, quotas };
    if draft.resolved {
        for check in CHECKS {
            check(scope, &view);
        }
    } else {
        names_are_unique(scope, &view);
    }
}

/// The questions of a quota: quotas over the same questions form a dimension.
pub(crate) fn dimension(criteria: &[Resolved]) -> Vec<String> {
    let mut questions: Vec<_> = criteria.iter().map(|c| c.criterion.question.clone()).collect();
    questions.sort_unstable();
    questions
}

fn vendor_rules(scope: &mut Scope<'_>, draft: &Draft) {
    for breach in registry::of(draft.vendor).breaches(draft.level, &draft.spec) {
        // A field that was given but refused is not missing.
        if breach
            .missing
            .iter()
            .any(|field| draft.refused.iter().any(|refused| refused == field))
        {
            continue;
        }
        push(scope, breach, |scope, part| place(scope, draft, part));
    }
}

fn times_are_taken(scope: &mut Scope<'_>, draft: &Draft) {
    let given = !draft.spec.start.is_absent() || !draft.spec.end.is_absent();
    if let Some(rule) = registry::of(draft.vendor).takes_no_times().filter(|_| given) {
        scope
            .warning(code::VENDOR_UNSUPPORTED)
            .says(format!("{} takes no times in `field`", draft.vendor.name()))
            .key("/field", "not sent")
            .rule(rule)
            .help("write `field_days` where the vendor takes it");
    }
}

/// Reports a rule that is broken by something without questions and answers.
pub(crate) fn report(scope: &mut Scope<'_>, vendor: VendorId, breach: Breach) {
    push(scope, breach, |scope, part| match part {
        Place::Field(name) => scope.value(&format!("/{name}")),
        Place::Attribute(path) => scope.value(&format!("/{}/{path}", vendor.key())),
        Place::Whole | Place::Qualification(_) | Place::QuotaCriterion(..) => scope.head(),
    });
}

fn push(scope: &mut Scope<'_>, breach: Breach, place: impl Fn(&Scope<'_>, &Place) -> Span) {
    let mut problem = Diagnostic::new(breach.severity, breach.code, breach.message)
        .at(place(scope, &breach.place), breach.label)
        .help(breach.help)
        .rule(breach.rule);
    if let Some((also, text)) = &breach.also {
        problem = problem.also(place(scope, also), text.clone());
    }
    scope.push(problem);
}

/// Where a part of the survey stands in the file.
fn place(scope: &Scope<'_>, draft: &Draft, place: &Place) -> Span {
    let of = |list: Option<&Vec<Resolved>>, question: &str| {
        list.into_iter()
            .flatten()
            .find(|c| c.criterion.question == question)
            .map(|c| scope.value(&c.pointer))
    };
    match place {
        Place::Whole => scope.head(),
        Place::Field(name) => scope.value(&format!("/{name}")),
        Place::Attribute(path) => scope.value(&format!("/{}/{path}", draft.vendor.key())),
        Place::Qualification(question) => {
            of(Some(&draft.qualifications), question).unwrap_or_else(|| scope.key("/qualifications"))
        }
        Place::QuotaCriterion(index, question) => of(draft.quotas.get(*index), question)
            .unwrap_or_else(|| scope.key(&format!("/quotas/{index}/where"))),
    }
}

/// Pairs of quotas that are alike in something: the first one of its kind, and a later one.
fn alike<'q, K: Ord>(view: &View<'q>, by: impl Fn(&'q Quota) -> K) -> Vec<(usize, usize)> {
    let mut seen = BTreeMap::new();
    let pair = |(index, quota)| {
        let first = *seen.entry(by(quota)).or_insert(index);
        (first != index).then_some((first, index))
    };
    view.quotas.iter().enumerate().filter_map(pair).collect()
}

fn names_are_unique(scope: &mut Scope<'_>, view: &View<'_>) {
    for (first, index) in alike(view, |quota| &quota.name) {
        let place = |index: usize| {
            let id = format!("/quotas/{index}/id");
            if scope.has(&id) {
                id
            } else {
                format!("/quotas/{index}/name")
            }
        };
        let (again, first) = (place(index), place(first));
        scope
            .error(code::QUOTA_DUPLICATE_NAME)
            .says(format!(
                "there are two quotas `{}`",
                short(&view.quotas[index].name)
            ))
            .value(&again, "again")
            .also_value(&first, "first")
            .help("give each quota its own name, and its own `id` where it has one");
    }
}

fn criteria_are_unique(scope: &mut Scope<'_>, view: &View<'_>) {
    for (first, index) in alike(view, |quota| &quota.criteria) {
        scope
            .error(code::QUOTA_DUPLICATE_CRITERIA)
            .says(format!(
                "the quotas `{}` and `{}` count the same respondents",
                view.quotas[first].name, view.quotas[index].name
            ))
            .value(&format!("/quotas/{index}/where"), "the same criteria")
            .also_value(&format!("/quotas/{first}/where"), "as here")
            .help("change the criteria of one of them, or remove it");
    }
}

fn quotas_lie_inside_qualifications(scope: &mut Scope<'_>, view: &View<'_>) {
    for criteria in &view.draft.quotas {
        for quota in criteria {
            let Some(outer) = view
                .draft
                .qualifications
                .iter()
                .find(|q| q.criterion.question == quota.criterion.question)
            else {
                continue;
            };
            let vague = |answers| is_vague(view.draft, &quota.criterion.question, answers);
            if vague(&quota.criterion.answers) || vague(&outer.criterion.answers) {
                continue;
            }
            let Some((any, false)) = among(&quota.criterion.answers, &outer.criterion.answers) else {
                continue;
            };
            let told = if any {
                let told = scope.warning(code::QUOTA_PARTLY_OUTSIDE).says(format!(
                    "some answers of this quota's `{}` are not let in by the survey",
                    quota.key
                ));
                told.value(&quota.pointer, "partly outside")
            } else {
                let told = scope.error(code::QUOTA_UNREACHABLE).says(format!(
                    "this quota can never fill: the survey lets in none of its `{}`",
                    quota.key
                ));
                told.value(&quota.pointer, "outside")
            };
            told.also_value(&outer.pointer, "let in by the survey")
                .help("widen the qualification, or narrow the quota");
        }
    }
}

/// Whether there are answers of which only the vendor's library tells which they are, once a plan is made: until then two
/// spellings may be one answer.
fn is_vague(draft: &Draft, question: &str, answers: &Answers) -> bool {
    let known = draft.codebook.question(question);
    match answers {
        Answers::Codes(codes) if draft.vendor.has_library() => codes.iter().any(|code| {
            let mut named = known.iter().flat_map(|question| question.answers);
            named.all(|answer| answer.code != code)
        }),
        Answers::Codes(_) | Answers::Ranges(_) => false,
    }
}

/// Whether any, and whether all, of some answers to a question are among others; nothing where one list is of codes and the
/// other of ranges: the codebook decides which of the two a question has, so they never differ.
fn among(inner: &Answers, outer: &Answers) -> Option<(bool, bool)> {
    match (inner, outer) {
        (Answers::Codes(inner), Answers::Codes(outer)) => {
            Some((!inner.is_disjoint(outer), inner.is_subset(outer)))
        }
        (Answers::Ranges(inner), Answers::Ranges(outer)) => {
            let meets = |range: &Range| outer.iter().any(|other| range.overlaps(other));
            Some((
                inner.iter().any(meets),
                inner.iter().all(|range| covers(outer, *range)),
            ))
        }
        (Answers::Codes(_), Answers::Ranges(_)) | (Answers::Ranges(_), Answers::Codes(_)) => None,
    }
}

/// Whether sorted ranges cover every value of another range.
fn covers(ranges: &[Range], wanted: Range) -> bool {
    let mut next = wanted.from;
    for range in ranges {
        if range.from <= next && next <= range.to {
            if range.to >= wanted.to {
                return true;
            }
            next = range.to + 1;
        }
    }
    false
}

fn quotas_fit_into_completes(scope: &mut Scope<'_>, view: &View<'_>) {
    let Field::Set(completes) = view.draft.spec.completes else {
        return;
    };
    for (index, quota) in view.quotas.iter().enumerate() {
        if quota.completes > completes {
            scope
                .warning(code::QUOTA_EXCEEDS_COMPLETES)
                .says(format!("the quota `{}` wants more than the survey", quota.name))
                .value(
                    &format!("/quotas/{index}/completes"),
                    format!("{} completes", quota.completes),
                )
                .also_value("/completes", format!("of {completes}"))
                .help("lower the quota, or raise the survey's `completes`");
        }
    }
}

fn quotas_let_somebody_in(scope: &mut Scope<'_>, view: &View<'_>) {
    let live = view.draft.spec.status == Field::Set(Status::Live);
    let none = !view.quotas.is_empty() && view.quotas.iter().all(|quota| quota.completes == 0);
    if live && none {
        scope
            .error(code::QUOTA_NONE_OPEN)
            .says("every quota wants 0 completes, and the survey is wanted in field")
            .value("/quotas", "nobody is let in")
            .also_value("/status", "wanted in field")
            .help("give one of them completes, or write `status: paused` to stop the survey");
    }
}

fn dimensions_sum_to_completes(scope: &mut Scope<'_>, view: &View<'_>) {
    let Field::Set(completes) = view.draft.spec.completes else {
        return;
    };
    let rules = registry::of(view.draft.vendor).quota_rules();
    for (questions, members) in dimensions(view) {
        let sum = members.iter().fold(0_u64, |sum, index| {
            sum.saturating_add(view.quotas[*index].completes)
        });
        let names = questions
            .iter()
            .map(|q| view.draft.codebook.question_name(q))
            .collect::<Vec<_>>()
            .join(" and ");
        let (code, rule, help) = if sum < completes && view.draft.spec.template.is_absent() {
            let help = format!(
                "if no soft launch is meant, add {} completes to quotas over {names}",
                completes - sum
            );
            (code::QUOTA_SUM_BELOW_COMPLETES, rules.below, help)
        } else if sum > completes {
            let help = format!(
                "if no flexibility is meant, take {} completes from them",
                sum - completes
            );
            (code::QUOTA_SUM_EXCEEDS_COMPLETES, rules.above, help)
        } else {
            continue;
        };
        let Some(first) = members.first() else {
            continue;
        };
        scope
            .note(code)
            .says(format!(
                "the quotas over {names} sum to {sum} of {completes} completes"
            ))
            .value(&format!("/quotas/{first}/completes"), "from here on")
            .also_value("/completes", "wanted by the survey")
            .help(help)
            .rule(rule);
    }
}

/// Quotas by the questions they are over.
fn dimensions(view: &View<'_>) -> BTreeMap<Vec<String>, Vec<usize>> {
    let mut out: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (index, criteria) in view.draft.quotas.iter().enumerate() {
        out.entry(dimension(criteria)).or_default().push(index);
    }
    out
}

fn ranges_leave_no_gaps(scope: &mut Scope<'_>, view: &View<'_>) {
    // Quotas that differ in the answers to one numeric question only are meant to follow each other.
    type Row = (String, Criteria);
    let mut rows: BTreeMap<Row, Vec<(Range, String)>> = BTreeMap::new();
    for criteria in &view.draft.quotas {
        for one in criteria {
            let Answers::Ranges(ranges) = &one.criterion.answers else {
                continue;
            };
            let rest = criteria
                .iter()
                .filter(|c| c.pointer != one.pointer)
                .map(|c| c.criterion.clone());
            let key = (
                one.criterion.question.clone(),
                crate::model::targeting::canonical(rest.collect()),
            );
            rows.entry(key)
                .or_default()
                .extend(ranges.iter().map(|range| (*range, one.pointer.clone())));
        }
    }
    for ((question, _), mut ranges) in rows {
        ranges.sort_unstable();
        let outer = view
            .draft
            .qualifications
            .iter()
            .find(|q| q.criterion.question == question);
        for pair in ranges.windows(2) {
            let [(before, before_at), (after, after_at)] = pair else {
                continue;
            };
            if before_at == after_at || after.from <= before.to.saturating_add(1) {
                continue;
            }
            let gap = Range {
                from: before.to + 1,
                to: after.from - 1,
            };
            if let Some(Answers::Ranges(outer)) = outer.map(|outer| &outer.criterion.answers)
                && !outer.iter().any(|range| range.overlaps(&gap))
            {
                continue;
            }
            let codebook = view.draft.codebook;
            let name = codebook.question_name(&question);
            let unit = match codebook.question(&question).map(|q| q.kind) {
                Some(Kind::Number { unit_name, .. }) => format!(" {unit_name}"),
                _ => String::new(),
            };
            scope
                .note(code::QUOTA_GAP)
                .says(format!(
                    "respondents of {name} {}{unit} belong to none of these quotas",
                    show(&gap)
                ))
                .value(after_at, "gap before this")
                .also_value(before_at, "and after this")
                .help("close the gap if nobody is meant to fall into it");
        }
    }
}

fn nested_quotas_can_fill(scope: &mut Scope<'_>, view: &View<'_>) {
    let dimensions = dimensions(view);
    let mut pairs = 0_usize;
    for (inner_questions, inner) in &dimensions {
        for (outer_questions, outer) in &dimensions {
            let nested = outer_questions.len() < inner_questions.len()
                && outer_questions
                    .iter()
                    .all(|question| inner_questions.contains(question));
            if !nested {
                continue;
            }
            pairs = pairs.saturating_add(inner.len() * outer.len());
            if pairs > MAX_PAIRS {
                return;
            }
            for small in inner {
                for wide in outer {
                    if view.quotas[*small].completes > view.quotas[*wide].completes
                        && is_within(&view.quotas[*small].criteria, &view.quotas[*wide].criteria)
                    {
                        report_capped(scope, view, *small, *wide);
                    }
                }
            }
        }
    }
}

/// Whether everybody who meets the one list of criteria meets the other too.
fn is_within(inner: &[Criterion], outer: &[Criterion]) -> bool {
    outer.iter().all(|wide| {
        inner
            .iter()
            .filter(|small| small.question == wide.question)
            .any(|small| among(&small.answers, &wide.answers).is_some_and(|(_, all)| all))
    })
}

fn report_capped(scope: &mut Scope<'_>, view: &View<'_>, small: usize, wide: usize) {
    let (inner, outer) = (&view.quotas[small], &view.quotas[wide]);
    scope
        .warning(code::QUOTA_CAPPED)
        .says(format!(
            "the quota `{}` can never fill: all who count for it also count for `{}`, which is smaller",
            inner.name, outer.name
        ))
        .value(
            &format!("/quotas/{small}/completes"),
            format!("{} completes", inner.completes),
        )
        .also_value(
            &format!("/quotas/{wide}/completes"),
            format!("{} completes", outer.completes),
        )
        .help(format!(
            "raise `{}` to at least {}, or lower `{}`",
            outer.name, inner.completes, inner.name
        ))
        .rule(registry::of(view.draft.vendor).quota_rules().any_full_ends);
}
