//! What a marketplace charges is no more than a plan showed: with people who take part while a plan is reviewed and carried
//! out, also where they complete what is full or paused by then, and with completes that were taken back before it was made.

use crate::purespectrum::subject::{PureSpectrum, SODA};
use crate::subject::{SUBJECTS, Subject};
use crate::world::{World, desired, on_every_core};
use infield::plan::Plan;
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// The manifest with every number of completes times a factor.
fn scaled(manifest: &str, times: u64, of: u64) -> String {
    let mut parts = manifest.split("completes: ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let number: u64 = part[..part.len() - rest.len()].parse().unwrap();
        out.push_str(&format!("completes: {}{rest}", number * times / of));
    }
    out
}

/// The most that a plan shows: what can be spent after it, and what people under way may add.
fn shown(plan: &Plan) -> Decimal {
    let amounts = |one: &infield::plan::Exposure| {
        one.after.amount + one.under_way.map_or(Decimal::ZERO, |more| more.amount)
    };
    plan.exposure.iter().map(amounts).sum()
}

/// A manifest that was carried out and has people in it, and then another one: what is charged from its plan on, and what
/// the plan showed.
async fn charged_and_shown(subject: &dyn Subject, first: &str, next: &str) -> (Decimal, Decimal) {
    let world = World::open(subject, &Value::Null).await;
    world.converge(first).await;
    for what in [
        json!({"starts": 500}),
        json!({"finishes": 30}),
        json!({"reversals": 7}),
        json!({"starts": 2000}),
    ] {
        subject.people(&world, &what).await;
    }
    let plan = world.plan(&desired(next)).await;
    world.apply(&plan).await;
    let mut charged = Decimal::ZERO;
    for _ in 0..12 {
        for what in [json!({"finishes": 150}), json!({"starts": 150})] {
            charged += subject.people(&world, &what).await;
        }
    }
    charged += subject.people(&world, &json!({"finishes": 5000})).await;
    (charged, shown(&plan))
}

#[test]
fn nobody_is_charged_more_than_the_plan_showed() {
    on_every_core(SUBJECTS, async |subject| {
        let vendor = subject.vendor();
        let manifest = subject.manifest();
        let paused = manifest.replace("status: live", "status: paused");
        for first in [
            manifest,
            &manifest.replace("throttling: true", "throttling: false"),
        ] {
            for next in [
                first,
                &scaled(first, 1, 2),
                &scaled(first, 2, 1),
                &paused,
                &subject.edited(),
            ] {
                let (charged, shown) = charged_and_shown(subject, first, next).await;
                assert!(
                    charged <= shown,
                    "{vendor}: {charged} are charged, {shown} were shown for {next}"
                );
                let nobody = next == paused && charged.is_zero();
                assert!(
                    charged > Decimal::ZERO || nobody,
                    "{vendor}: nobody came for {next}"
                );
            }
        }
    });
}

#[tokio::test(start_paused = true)]
async fn who_takes_part_when_it_is_paused_is_shown_and_paid_where_nothing_throttles() {
    let paused = SODA.replace("status: live", "status: paused");
    for (throttled, most) in [(true, "1500.00"), (false, "3000.00")] {
        let setting = format!("quota_throttling: {throttled}");
        let first = SODA.replace("quota_throttling: true", &setting);
        let next = paused.replace("quota_throttling: true", &setting);
        let (charged, shown) = charged_and_shown(&PureSpectrum, &first, &next).await;
        assert!(charged > Decimal::ZERO && charged <= shown, "{charged} {shown}");
        assert!(shown <= most.parse().unwrap(), "{shown} of {most}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_suppliers_get_beyond_the_offer_counts() {
    let world = World::open(&PureSpectrum, &Value::Null).await;
    world.converge(SODA).await;
    let own = world.stored("survey").await;
    let id = own.iter().find(|survey| survey["account"] == 1).unwrap()["id"].to_string();
    let path = format!("/purespectrum/buyers/v2/surveys/{id}/suppliers");
    let dear = json!([{"cpi": 6.5, "completes_goal": 400, "suppliers": [1]}]);
    let (status, answer) = world.call("PUT", &path, &dear).await;
    assert_eq!(status, 200, "{answer}");
    let plan = world.plan(&desired(SODA)).await;
    assert_eq!(plan.exposure[0].before.to_string(), "2600.00 USD");
    // An edit of the offer leaves their prices alone, and so does one of a quota.
    let ramp = SODA
        .replace("cpi: 3.75 USD", "cpi: 3.00 USD")
        .replace("men, completes: 200", "men, completes: 250");
    let plan = world.plan(&desired(&ramp)).await;
    assert_eq!(plan.exposure[0].after.to_string(), "2600.00 USD");
    world.converge(&ramp).await;
    let charged = PureSpectrum.people(&world, &json!({"completes": 10})).await;
    assert_eq!(charged, "65".parse().unwrap());
}
