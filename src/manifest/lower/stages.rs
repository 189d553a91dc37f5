//! Stages of fieldwork: from their list to a ladder.
//!
//! Promises: stages rise, the last one is all that the survey wants, and every quota that wants somebody has a complete at the
//! first; a list in which that is not so is reported and makes no ladder.

use crate::diag::code;
use crate::diag::text::short;
use crate::manifest::expand::scope::{Scope, Told};
use crate::manifest::expand::shares::{self, NoShare};
use crate::manifest::shape::types::StageManifest;
use crate::model::apportion::apportion;
use crate::model::figures::{Check, Figure};
use crate::model::ladder::{Ladder, Then, crowded, minutes};
use crate::model::study::{Collected, Portion};
use crate::model::{DesiredSurvey, Study, SurveySpec, VendorId};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The ladder of a survey, where its stages are right. `refused` are fields that were given and are wrong.
pub(super) fn lower(
    scope: &mut Scope<'_>,
    stages: &[StageManifest],
    vendor: VendorId,
    spec: &SurveySpec,
    refused: &[String],
) -> Option<Ladder> {
    let Some(whole) = spec.completes.value().copied() else {
        if !refused.iter().any(|field| field == "completes") {
            wrong(
                scope,
                "/stages",
                "stages need the survey's `completes` in this manifest",
            )
            .help("add `completes: ...` to the survey");
        }
        return None;
    };
    let before = scope.errors();
    let mut rungs: Vec<(String, u64, Then)> = Vec::new();
    let mut gates: Vec<(Vec<Check>, Option<u64>)> = Vec::new();
    for (index, stage) in stages.iter().enumerate() {
        let last = index + 1 == stages.len();
        let at = |key: &str| format!("/stages/{index}/{key}");
        let then = stage.then.unwrap_or_default();
        if rungs.iter().any(|(name, ..)| *name == stage.name) {
            wrong(
                scope,
                &at("name"),
                format!("there are two stages `{}`", stage.name),
            )
            .help("give each stage its own name");
        }
        if last && then == Then::Hold {
            wrong(
                scope,
                &at("then"),
                "nothing comes after the last stage, and it has nothing to hold",
            )
            .help("remove `then` here");
        }
        let checks = checked(scope, stage, vendor, last, &at("when"));
        gates.push((checks, lasts(scope, stage, last, &at("for"))));
        let Some(completes) = completes(scope, stage, whole, last, &at("completes")) else {
            continue;
        };
        let place = if stage.completes.is_some() {
            at("completes")
        } else {
            at("name")
        };
        if let Some((below, had, _)) = rungs.last().filter(|(_, had, _)| completes <= *had) {
            let message = format!(
                "the stage `{}` has {completes} completes, and `{below}` before it {had}",
                stage.name
            );
            wrong(scope, &place, message).help("give each stage more completes than the one before");
        } else if last && completes != whole {
            let message = format!("the last stage has {completes} completes, and the survey wants {whole}");
            wrong(scope, &place, message)
                .help("leave `completes` out of the last stage: it is all that the survey wants");
        } else if let Some(quotas) = crowded(spec, completes) {
            let message =
                format!("{quotas} quotas over the same questions cannot share the completes of this stage");
            wrong(scope, &place, message).help("give the stage more completes, so that every quota gets one");
        }
        rungs.push((stage.name.clone(), completes, then));
    }
    let mut ladder = (scope.errors() == before).then(|| Ladder::over(spec, rungs))?;
    for (rung, gate) in ladder.rungs.iter_mut().zip(gates) {
        (rung.when, rung.minutes) = gate;
    }
    Some(ladder)
}

/// How many minutes a stage lasts at most, where that is right.
fn lasts(scope: &mut Scope<'_>, stage: &StageManifest, last: bool, place: &str) -> Option<u64> {
    let text = stage.lasts.as_deref()?;
    let minutes = minutes(text);
    let (why, help) = if last {
        let why = "nothing comes after the last stage, however long it lasts".to_owned();
        (why, "remove `for` here")
    } else if stage.then == Some(Then::Hold) {
        let why = "a stage that holds waits for somebody, however long it lasts".to_owned();
        (why, "remove `then: hold`, or remove `for`")
    } else if minutes.is_none() {
        let why = format!("`{}` is no time that a stage can last", short(text));
        (
            why,
            "write a number of minutes, hours or days, from `1m` to `365d`",
        )
    } else {
        return minutes;
    };
    wrong(scope, place, why).help(help);
    None
}

/// What has to hold before a stage is left.
fn checked(
    scope: &mut Scope<'_>,
    stage: &StageManifest,
    vendor: VendorId,
    last: bool,
    place: &str,
) -> Vec<Check> {
    let mut checks = Vec::new();
    let Some(when) = &stage.when else { return checks };
    if last {
        wrong(
            scope,
            place,
            "nothing comes after the last stage, and nothing has to hold for it",
        )
        .help("remove `when` here");
    } else if stage.then == Some(Then::Hold) {
        wrong(
            scope,
            place,
            "a stage that holds waits for somebody, whatever its checks say",
        )
        .help("remove `then: hold`, or remove `when`");
    }
    for (key, text) in when {
        let place = format!("{place}/{key}");
        let Some(figure) = Figure::from_key(key) else {
            continue;
        };
        // Of several marketplaces those hold to it that tell it.
        let fielding = match scope.together.as_slice() {
            [] => vec![vendor],
            together => together.to_vec(),
        };
        let told: BTreeSet<Figure> = fielding
            .iter()
            .flat_map(|vendor| vendor.facts().figures)
            .copied()
            .collect();
        if !told.contains(&figure) {
            let told: Vec<String> = told.iter().map(Figure::to_string).collect();
            let names: Vec<&str> = fielding.iter().map(|vendor| vendor.name()).collect();
            let several = names.len() > 1;
            let does = if several { "do" } else { "does" };
            let help = match told.is_empty() {
                true => "use `then: hold`: somebody looks, and goes on with --advance".to_owned(),
                false => format!(
                    "{} {}",
                    if several { "they tell" } else { "it tells" },
                    told.join(", ")
                ),
            };
            scope
                .error(code::STAGES_FIGURE)
                .says(format!("{} {does} not tell `{figure}`", names.join(" and ")))
                .key(&place, "not told")
                .help(help);
            continue;
        }
        match Check::read(figure, text) {
            Some(check) if check.is_possible() => checks.push(check),
            Some(_) => {
                wrong(
                    scope,
                    &place,
                    format!("`{figure}` can never be `{}`", short(text)),
                )
                .help("write a bound that it can keep, or remove it");
            }
            None => {
                wrong(
                    scope,
                    &place,
                    format!("`{}` is no bound of `{figure}`", short(text)),
                )
                .help("write `>=` or `<=` and a number, such as `>= 30`");
            }
        }
    }
    checks
}

/// Gives the part of a marketplace its share of every stage, and says where nothing is left of a stage for it.
pub(super) fn divide(scope: &mut Scope<'_>, study: &Study, lot: &str, survey: &mut DesiredSurvey) {
    let (Some(whole), Some(ladder)) = (study.lots.get(lot), study.ladders.get(lot)) else {
        return;
    };
    let vendor = survey.vendor;
    let own = study.own_quotas.contains(&vendor);
    let portion = |at: usize| {
        let parts = whole
            .at(ladder, at)
            .divide(&study.shares, &BTreeMap::new(), &Collected::default());
        parts.get(&vendor).cloned().unwrap_or_default()
    };
    let portions: Vec<Portion> = (0..ladder.rungs.len()).map(portion).collect();
    let completes = |portion: &Portion| portion.completes.unwrap_or_default();
    let wants = |name: &str| portions.last().is_some_and(|all| all.quotas.get(name) > Some(&0));
    for (index, (rung, portion)) in ladder.rungs.iter().zip(&portions).enumerate() {
        let stopped = portion
            .quotas
            .iter()
            .find(|(name, count)| **count == 0 && wants(name));
        let what = match stopped.filter(|_| !own) {
            _ if completes(portion) == 0 => format!("share of the stage `{}` comes", rung.name),
            Some((quota, _)) => format!("share of the quota {quota} at the stage `{}` comes", rung.name),
            None => continue,
        };
        wrong(
            scope,
            &format!("/stages/{index}/name"),
            format!("{}'s {what} to no complete", vendor.name()),
        )
        .help("give the stage more completes, or the marketplace a larger share");
        return;
    }
    let named = ladder.rungs.iter().zip(&portions);
    let named = named.map(|(rung, portion)| (rung.name.clone(), completes(portion), rung.then));
    let alone = Ladder::over(&survey.spec, named);
    let counts = portions.iter().zip(alone.rungs).map(|(portion, alone)| {
        let quotas = if own { alone.quotas } else { portion.quotas.clone() };
        (completes(portion), quotas)
    });
    survey.ladder = Some(ladder.part(counts));
}

/// The completes of a stage, where they are right.
fn completes(
    scope: &mut Scope<'_>,
    stage: &StageManifest,
    whole: u64,
    last: bool,
    place: &str,
) -> Option<u64> {
    let count = match &stage.completes {
        None if last => Some(whole),
        None => {
            let name = place.replace("/completes", "/name");
            wrong(scope, &name, format!("the stage `{}` does not say how far it goes", stage.name))
                .help("add `completes: ...`, a number or a share such as `10%`; only the last stage may leave it out");
            return None;
        }
        Some(Value::Number(number)) => number.as_u64(),
        Some(share) => match shares::read(share) {
            Ok(share) => apportion(whole, &[share]).first().copied(),
            Err(NoShare { why, help }) => {
                let written = share.as_str().map_or_else(|| share.to_string(), str::to_owned);
                wrong(scope, place, format!("`{}` {why}", short(&written)))
                    .help(format!("{help}, or a number of completes"));
                return None;
            }
        },
    };
    if count == Some(0) {
        wrong(
            scope,
            place,
            format!("the stage `{}` comes to no complete", stage.name),
        )
        .help("write a larger share, or a number");
        return None;
    }
    count
}

/// A problem of a ladder.
fn wrong<'s, 'a>(scope: &'s mut Scope<'a>, place: &str, message: impl Into<String>) -> Told<'s, 'a> {
    let told = scope.error(code::STAGES_LADDER).says(message);
    match place {
        "/stages" => told.key(place, "these stages"),
        place => told.value(place, "here"),
    }
}
