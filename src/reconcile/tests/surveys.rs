//! Which survey of which vendor a list means.

use super::super::prepare::{Problem, Target, resolve};
use super::world::{list, row};
use crate::model::{
    Address, DesiredGroup, Known, Outcome, Reconciliation, Resource, ResourceKind, SurveyRef, VendorId,
};

/// What the state knows: a survey of PureSpectrum, one of Cint, one at both, and a group of surveys.
fn known() -> Known {
    let survey = |vendor, id: &str| Resource {
        vendor,
        kind: ResourceKind::Survey(Box::default()),
        id: id.to_owned(),
    };
    let mut known = Known::default();
    known.resources.extend([
        (
            Address::survey("soda"),
            survey(crate::marketplace::PURESPECTRUM, "71"),
        ),
        (Address::survey("tea"), survey(crate::marketplace::CINT, "P1")),
        (
            Address::at("both", crate::marketplace::PURESPECTRUM),
            survey(crate::marketplace::PURESPECTRUM, "72"),
        ),
        (
            Address::at("both", crate::marketplace::CINT),
            survey(crate::marketplace::CINT, "P2"),
        ),
        (
            Address::survey("pair"),
            Resource {
                vendor: crate::marketplace::PURESPECTRUM,
                kind: ResourceKind::Group(DesiredGroup {
                    vendor: crate::marketplace::PURESPECTRUM,
                    reference: "pair".to_owned(),
                    title: String::new(),
                    members: Vec::new(),
                    exclusion_days: None,
                }),
                id: "g".to_owned(),
            },
        ),
    ]);
    known
}

/// A list for these surveys: numbers are ids of the vendor, everything else is a name.
fn wanted(vendor: Option<VendorId>, surveys: &[&str]) -> Reconciliation {
    let mut list = list(crate::marketplace::PURESPECTRUM, vec![row("a", Outcome::Reject)]);
    list.vendor = vendor;
    let named = list.surveys.remove(0);
    for survey in surveys {
        let mut named = named.clone();
        named.survey = if survey.starts_with(|c: char| c.is_ascii_digit()) {
            SurveyRef::Id((*survey).to_owned())
        } else {
            SurveyRef::Name(Address::survey(*survey))
        };
        list.surveys.push(named);
    }
    list
}

/// Numbers of surveys, each with what is wrong with it and what to do.
type Problems = Vec<(u32, String)>;

/// Vendor and ids, or the problems with the number of their survey.
fn found(
    vendor: Option<VendorId>,
    surveys: &[&str],
    default: Option<VendorId>,
) -> Result<(VendorId, Vec<String>), Problems> {
    match resolve(&wanted(vendor, surveys), &known(), default) {
        Ok((vendor, targets)) => Ok((vendor, targets.into_iter().map(|target| target.id).collect())),
        Err(problems) => Err(problems
            .into_iter()
            .map(|problem| match problem {
                Problem::Survey {
                    survey,
                    message,
                    help,
                } => (survey, format!("{message}; {help}")),
                Problem::OtherSurvey { .. } => panic!("nothing was read yet"),
            })
            .collect()),
    }
}

#[test]
fn surveys_are_found_by_name_or_taken_by_id() {
    let ps = crate::marketplace::PURESPECTRUM;
    let ids = |vendor, ids: &[&str]| Ok((vendor, ids.iter().map(ToString::to_string).collect()));
    assert_eq!(found(None, &["soda"], None), ids(ps, &["71"]));
    assert_eq!(
        found(None, &["tea"], None),
        ids(crate::marketplace::CINT, &["P1"])
    );
    assert_eq!(found(None, &["soda", "5"], None), ids(ps, &["71", "5"]));
    assert_eq!(found(Some(ps), &["5", "soda"], None), ids(ps, &["5", "71"]));
    assert_eq!(
        found(None, &["5"], Some(crate::marketplace::CINT)),
        ids(crate::marketplace::CINT, &["5"])
    );
    let (_, targets) = resolve(&wanted(None, &["soda"]), &known(), None).unwrap();
    let target = Target {
        label: "soda".to_owned(),
        id: "71".to_owned(),
    };
    assert_eq!(targets, [target], "it keeps the name that the list has");
}

#[test]
fn of_a_survey_at_several_marketplaces_the_list_says_which() {
    assert_eq!(
        found(Some(crate::marketplace::CINT), &["both"], None),
        Ok((crate::marketplace::CINT, vec!["P2".to_owned()]))
    );
    // A survey before it says so as well.
    assert_eq!(
        found(None, &["soda", "both"], None),
        Ok((
            crate::marketplace::PURESPECTRUM,
            vec!["71".to_owned(), "72".to_owned()]
        ))
    );
    let problems = found(None, &["both"], None).unwrap_err();
    assert!(
        problems[0].1.contains("the state knows no survey `both`"),
        "{problems:?}"
    );
}

#[test]
fn what_is_wrong_with_surveys_is_told_for_each_of_them() {
    let problems = found(None, &["5", "pair", "nothing", "soda", "tea"], None).unwrap_err();
    let says = [
        (0, "at which vendor the survey 5 is"),
        (1, "`pair` is a group of surveys"),
        (2, "the state knows no survey `nothing`"),
        (4, "tea is at Cint, and others of this list are at PureSpectrum"),
    ];
    assert_eq!(problems.len(), says.len(), "{problems:?}");
    for ((survey, text), (expected, part)) in problems.iter().zip(says) {
        assert_eq!(*survey, expected, "{text}");
        assert!(text.contains(part), "{text}");
    }
    assert_eq!(
        found(Some(crate::marketplace::CINT), &["soda"], None)
            .unwrap_err()
            .len(),
        1
    );
    assert_eq!(found(None, &[], None), Err(Vec::new()));
}
