//! How long a plan takes: counted in calls, with those that read back.

use super::support::{create, in_field, plan, step, titled, write};
use crate::apply::{Limit, Takes, takes};
use crate::marketplace::{CINT, INNOVATEMR, PURESPECTRUM};
use crate::model::call::{Followup, Until};
use crate::model::{Call, Method, Pace, VendorId};
use crate::plan::{Action, Plan, Record, Step};

/// So many surveys that are made and put in field.
fn launched(count: usize, vendor: VendorId) -> Vec<Step> {
    let both = |number: usize| {
        let name = format!("{}-{number}", vendor.key());
        let made = Step {
            vendor,
            calls: vec![create()],
            ..step(&name, Action::Create)
        };
        let launch = Step {
            vendor,
            calls: vec![write(Method::Patch, "/launch")],
            depends_on: vec![made.id.clone()],
            record: in_field(titled("New")),
            ..step(&name, Action::Launch)
        };
        [made, launch]
    };
    (0..count).flat_map(both).collect()
}

fn at(rate: Option<u32>, concurrency: usize) -> impl Fn(VendorId) -> Option<Pace> {
    move |_| {
        Some(Pace {
            requests_per_second: rate,
            concurrency,
        })
    }
}

/// The calls that are counted for a plan.
fn calls(plan: &Plan) -> usize {
    // One a second, so that seconds are calls; with so many more that it is worth a word.
    let mut longer = plan.clone();
    longer.steps.push(Step {
        calls: vec![write(Method::Patch, "/x"); 1000],
        record: Record::Forgotten,
        vendor: plan.steps[0].vendor,
        ..step("longer", Action::Update)
    });
    let found = takes(&longer, at(Some(1), 10)).unwrap();
    assert_eq!(found.seconds, found.calls as u64);
    found.calls - 1000
}

#[test]
fn what_is_sent_is_counted_with_what_reads_it_back() {
    // Twenty are read one by one, after the create and after the launch; from 21 read-backs on it is pages.
    assert_eq!(calls(&plan(launched(10, PURESPECTRUM))), 20 + 20);
    assert_eq!(calls(&plan(launched(1000, PURESPECTRUM))), 2000 + 20 + 1);
    assert_eq!(calls(&plan(launched(10, CINT))), 20 + 20 * 4);
    assert_eq!(calls(&plan(launched(10, INNOVATEMR))), 20 + 20 * 2);
}

#[test]
fn what_is_waited_for_and_what_is_looked_at_twice_is_counted() {
    let one = |step: Step| calls(&plan([step]));
    let job = Call {
        then: Some(Followup {
            path: "/jobs/1".to_owned(),
            until: Until::Finished,
        }),
        ..write(Method::Post, "/launch")
    };
    let update = || step("soda", Action::Update);
    assert_eq!(
        one(Step {
            calls: vec![job],
            ..update()
        }),
        1 + 2 + 1
    );
    let paused = Step {
        calls: vec![write(Method::Patch, "/pause"), write(Method::Put, "/s")],
        resumes: vec![write(Method::Patch, "/resume")],
        ..update()
    };
    assert_eq!(one(paused), 3 + 2);
    let of = |record| Step {
        calls: vec![write(Method::Patch, "/s")],
        record,
        ..update()
    };
    let former = Record::FormerClosed {
        id: "5".to_owned(),
        collected: Default::default(),
    };
    assert_eq!(one(of(former)), 2);
    assert_eq!(one(of(Record::Forgotten)), 1);
}

#[test]
fn the_time_is_that_of_the_slowest_vendor_and_of_what_holds_it_back() {
    let both = [launched(100, PURESPECTRUM), launched(100, CINT)].concat();
    let both = plan(both);
    let slowest = |rate, concurrency| takes(&both, at(rate, concurrency)).unwrap();
    let expected = Takes {
        vendor: CINT,
        calls: 1000,
        seconds: 200,
        limit: Limit::ASecond(5),
    };
    assert_eq!(slowest(Some(5), 4), expected);
    assert_eq!(slowest(Some(16), 4).limit, Limit::ASecond(16));
    let by_places = Takes {
        seconds: 63,
        limit: Limit::AtOnce(4),
        ..expected
    };
    for rate in [Some(17), Some(0), None] {
        assert_eq!(slowest(rate, 4), by_places, "{rate:?}");
    }
    assert_eq!(slowest(None, 0).limit, Limit::AtOnce(1));
    let known = |vendor| at(Some(5), 4)(vendor).filter(|_| vendor == PURESPECTRUM);
    assert_eq!(takes(&both, known).unwrap().calls, 203);
    assert_eq!(takes(&both, |_| None), None);
}

#[test]
fn nine_seconds_are_not_worth_a_word() {
    let so_many = |calls: usize| {
        let step = Step {
            calls: vec![write(Method::Patch, "/x"); calls],
            record: Record::Forgotten,
            ..step("soda", Action::Update)
        };
        takes(&plan([step]), at(Some(5), 4)).map(|takes| takes.seconds)
    };
    assert_eq!(
        [so_many(45), so_many(46), so_many(51)],
        [None, Some(10), Some(11)]
    );
    assert_eq!(takes(&plan([]), at(Some(5), 4)), None);
}
