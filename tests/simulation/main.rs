//! The fault simulation: random projects under random faults, judged by a checker that shares no code with what it
//! judges.
//!
//! `cargo test --test simulation` runs two thousand worlds. For more (`--profile sim` takes a third of the time), for those behind
//! a seed, and for one of them with its whole trace:
//!
//! ```text
//! SIM_SEEDS=100000 cargo test --test simulation many_seeds -- --nocapture
//! SIM_FROM=100000 SIM_SEEDS=1000 cargo test --test simulation many_seeds -- --nocapture
//! SIM_SEED=12345 cargo test --test simulation one_seed -- --nocapture
//! SIM_FROM=0 SIM_SEEDS=10000 cargo test --test simulation many_seeds_with_stages -- --nocapture
//! SIM_STAGED_SEED=12345 cargo test --test simulation one_seed_with_stages -- --nocapture
//! SIM_SABOTAGE=NoLook cargo test --test simulation sabotage_is_caught -- --nocapture
//! ```

#![allow(clippy::print_stdout, reason = "--nocapture shows what a run has counted")]

mod check;
mod cint;
mod freeze;
mod innovatemr;
mod market;
mod network;
mod objects;
mod purespectrum;
mod random;
mod rest;
mod review;
mod sim;
mod store;
mod world;

use sim::{Sabotage, lock};
use std::sync::Mutex;
use std::time::Instant;
use world::Count;
use world::ladders::Astray;

/// Lines of the trace that a report shows.
const KEEP: usize = 60;
/// Broken worlds after which a run gives up.
const ENOUGH: usize = 25;
/// Worlds of the test that counts what they met.
const WORLDS: u64 = 1_000;

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Does something with each of many, on every core until there is nothing left to do. Worlds share nothing, and a test
/// function that ran them one after the other would end alone.
fn on_every_core<T: Send>(all: impl Iterator<Item = T> + Send, work: impl Fn(T) + Sync) {
    let all = Mutex::new(all);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let Some(next) = lock(&all).next() else { break };
                    work(next);
                }
            });
        }
    });
}

fn run_all(seeds: std::ops::Range<u64>) -> Count {
    run_all_with(seeds, |seed| world::run(seed, None, KEEP).0)
}

fn run_all_with(
    seeds: std::ops::Range<u64>,
    run: impl Fn(u64) -> Result<Count, Box<sim::Violation>> + Sync,
) -> Count {
    let began = Instant::now();
    let total = Mutex::new(Count::default());
    let broken = Mutex::new(Vec::new());
    let worlds = seeds.end - seeds.start;
    let enough = variable("SIM_STOP").map_or(ENOUGH, |stop| stop as usize);
    on_every_core(
        seeds.take_while(|_| lock(&broken).len() < enough),
        |seed| match run(seed) {
            Ok(count) => *lock(&total) += count,
            Err(violation) => lock(&broken).push(violation),
        },
    );
    let total = *lock(&total);
    let mut broken = std::mem::take(&mut *lock(&broken));
    broken.sort_by_key(|violation| violation.seed);
    println!(
        "{worlds} worlds in {:.1} s: {total:?}",
        began.elapsed().as_secs_f32()
    );
    if let Some(first) = broken.first() {
        let list: Vec<String> = broken
            .iter()
            .map(|violation| format!("seed {}: {}", violation.seed, violation.what))
            .collect();
        panic!(
            "{first}\n\n{} worlds broke a promise:\n{}",
            broken.len(),
            list.join("\n")
        );
    }
    total
}

#[test]
fn many_seeds() {
    let first = variable("SIM_FROM").unwrap_or(0);
    let seeds = variable("SIM_SEEDS").unwrap_or(WORLDS);
    let count = run_all(first..first + seeds);
    assert!(
        count.crashes > 0 && count.adopted > 0 && count.not_made > 0,
        "{count:?}"
    );
    assert!(
        count.carried_out_by_name > 0 && count.went_on > 0 && count.take_overs > 0,
        "{count:?}"
    );
    assert!(
        count.finished > 0 && count.renames > 0 && count.freezes > 0 && count.thawed > 0,
        "{count:?}"
    );
    assert!(
        count.second_clones > 0 && count.lost_states > 0 && count.torn_states > 0 && count.older_states > 0,
        "{count:?}"
    );
    assert!(
        count.late_objects > 0 && count.doubled_objects > 0 && count.spoiled_logs > 0,
        "{count:?}"
    );
    assert!(
        count.unseen_manifests > 0
            && count.removed_manifests > 0
            && count.repeated_ids > 0
            && count.moved_pages > 0,
        "{count:?}"
    );
}

#[test]
fn many_more_seeds() {
    run_all(1_000_000..1_000_000 + WORLDS);
}

/// Worlds with stages have chance of their own: those of the other tests stay as they are.
const STAGED: u64 = 200;

#[test]
fn many_seeds_with_stages() {
    let first = variable("SIM_FROM").unwrap_or(5_000_000);
    let seeds = variable("SIM_SEEDS").unwrap_or(STAGED);
    let count = run_all_with(first..first + seeds, |seed| {
        let (outcome, _) = world::ladders::run(seed, None, KEEP);
        outcome.inspect_err(|_| println!("SIM_STAGED_SEED={seed} shows one_seed_with_stages"))
    });
    assert!(
        count.crashes > 0 && count.climbed > 0 && count.climbed_alone > 0,
        "{count:?}"
    );
}

#[test]
fn one_seed_with_stages() {
    let Some(seed) = variable("SIM_STAGED_SEED") else {
        return;
    };
    let (outcome, trace) = world::ladders::run(seed, None, usize::MAX);
    trace.iter().for_each(|line| println!("{line}"));
    if let Err(violation) = outcome {
        panic!(
            "seed {}, round {}: {}",
            violation.seed, violation.round, violation.what
        );
    }
}

#[test]
fn drivers_that_go_astray_on_a_ladder_are_caught() {
    let vendors = market::MARKETS.len() as u64;
    let all = Astray::ALL
        .into_iter()
        .flat_map(|astray| (0..vendors).map(move |vendor| (astray, vendor)))
        .filter(|(astray, vendor)| astray.applies(market::market(*vendor).id()));
    on_every_core(all, |(astray, vendor)| {
        let found = (0..200).find_map(|world| {
            let (outcome, _) = world::ladders::run(world * vendors + vendor, Some(astray), KEEP);
            Some((world, outcome.err()?.what))
        });
        let id = market::market(vendor).id();
        let (world, what) = found.unwrap_or_else(|| panic!("{astray:?} goes unnoticed at {id}"));
        println!("{astray:?} at {id}: caught in world {world}: {what}");
    });
}

#[test]
fn one_seed() {
    let Some(seed) = variable("SIM_SEED") else {
        return;
    };
    let (outcome, trace) = world::run(seed, None, usize::MAX);
    for line in trace {
        println!("{line}");
    }
    if let Err(violation) = outcome {
        panic!(
            "seed {}, round {}: {}",
            violation.seed, violation.round, violation.what
        );
    }
}

/// How many worlds of a vendor it takes until a broken driver is caught, and for what.
fn worlds_until_caught(sabotage: Sabotage, vendor: u64) -> (u64, String) {
    let vendors = market::MARKETS.len() as u64;
    (0..600)
        .find_map(|world| {
            let (outcome, _) = world::run(world * vendors + vendor, Some(sabotage), KEEP);
            Some((world, outcome.err()?.what))
        })
        .unwrap_or_else(|| panic!("{sabotage:?} goes unnoticed at {}", market::market(vendor).id()))
}

#[test]
fn sabotage_is_caught() {
    let vendors = 0..market::MARKETS.len() as u64;
    let only = std::env::var("SIM_SABOTAGE").ok();
    let all = Sabotage::ALL
        .into_iter()
        .filter(|sabotage| only.as_ref().is_none_or(|only| format!("{sabotage:?}") == *only))
        .flat_map(|sabotage| vendors.clone().map(move |vendor| (sabotage, vendor)))
        .filter(|(sabotage, vendor)| sabotage.applies(market::market(*vendor)));
    on_every_core(all, |(sabotage, vendor)| {
        let (worlds, what) = worlds_until_caught(sabotage, vendor);
        let id = market::market(vendor).id();
        println!("{sabotage:?} at {id}: caught in world {worlds}: {what}");
    });
}
